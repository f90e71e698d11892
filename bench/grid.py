"""Many editions of a synthetic book: rate, CPU and memory as their number grows, here and on Dask, against papermill.

    .venv/bin/python bench/grid.py [--editions 60] [--papermill 20] [--only WORDS] [--drawing]

Each edition is one run of one notebook (it declares the assumption that differs), traced, judged and kept. It is a
light one, or with ``--drawing`` one that draws as well: a figure and a chart. By ZMQ and by a wire. Stock
papermill runs the same notebook with the same parameters in a pool of the same size, as a script of a few lines
would; it neither traces nor judges nor keeps a result that another machine could find. Variants run one after the other in
one call. CPU is that of everything a variant started, also the scheduler and workers of Dask. Start-up (imports,
template, matplotlib's list of fonts) is within "wall" and "CPU", and left out of the rate, which counts from the
first edition that is finished to the last.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from measure import ROOT, cpu_of_tree, write

sys.path.insert(0, str(ROOT / "tests"))

from synthetic_data import make_book
from synthetic_grid import children_of
from synthetic_run import make_notebook

from recount.client import TRANSPORT

PARAMETERS = 'as_of: str = "2022-02-24"\nlang: str = "zh"\nnumber: int = 0  # synthetic'
CELLS = (
    "import pandas as pd\nfrom recount import Desk\ndesk = Desk(as_of=as_of, lang=lang)",
    'money = desk.one(place="合成县", indicator="synthetic_money", period="2021")\ndesk.value("projects.total", of=money)',
    'desk.assume("projects.number", number, unit="count", label=("合成", "synthetic"))\ndesk.judge("projects.total", by="projects.total")',
    'table = pd.DataFrame({"n": range(1000)})\ntable["m"] = table["n"] % 12\ntable.groupby("m")["n"].sum()',
)
DRAWING = (
    "%matplotlib inline\nimport altair as alt\nimport matplotlib.pyplot as plt",
    'fig, ax = plt.subplots(figsize=(4, 3))\nax.plot(table["n"], table["m"])\nplt.show()',
    'alt.Chart(table.head(100)).mark_bar().encode(x="n:Q", y="m:Q")',
)
POOL = """
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from papermill import execute_notebook
def one(number):
    execute_notebook(sys.argv[1], f"{sys.argv[2]}/{number}.ipynb", {"as_of": "2022-03-31", "lang": "zh", "number": number}, cwd=sys.argv[3],
                     kernel_name="python3", language="python", progress_bar=False)
if __name__ == "__main__":
    with ProcessPoolExecutor(int(sys.argv[5]), mp_context=get_context("forkserver")) as pool:
        list(pool.map(one, range(1, int(sys.argv[4]) + 1)))
"""


SUBREAPER = 36  # of prctl: what a lost parent leaves behind becomes a child of this process


class Watch:
    """Samples a variant while it runs: editions finished, CPU so far, memory of the command and of its workers."""

    def __init__(self, count: Callable[[], int], commands: Callable[[], dict[str, list[int]]]) -> None:
        self.count, self.commands = count, commands
        self.samples: list[dict[str, float]] = []
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.watch, daemon=True)

    def watch(self) -> None:
        began, cpu = time.perf_counter(), cpu_of_tree()
        while not self.over.wait(0.5):
            memory = {name: max((rss(pid) for pid in pids), default=0.0) for name, pids in self.commands().items()}
            self.samples.append({"wall": time.perf_counter() - began, "cpu": cpu_of_tree() - cpu, "done": self.count(), **memory})


def rss(pid: int) -> float:
    """Megabytes that a process holds, what it shares with others included."""
    try:
        return next((int(line.split()[1]) / 1024 for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmRSS")), 0.0)
    except OSError:
        return 0.0


def measured(words: list[str], *, count: Callable[[], int], editions: int, cwd: Path, transport: str = "zmq") -> dict[str, object]:
    """Run one command to its end and say what it took."""
    wall, cpu = time.perf_counter(), cpu_of_tree()
    errors = tempfile.TemporaryFile("w+")  # noqa: SIM115
    process = subprocess.Popen(words, cwd=cwd, stdout=subprocess.PIPE, stderr=errors, text=True,
                               env={**os.environ, TRANSPORT: transport})
    watch = Watch(count, lambda: {"command": [process.pid], "worker": children_of(os.getpid(), "recount.grid.worker"),
                                  "template": children_of(os.getpid(), "recount.template")})
    watch.thread.start()
    out, _ = process.communicate()
    wall, cpu = time.perf_counter() - wall, cpu_of_tree() - cpu
    watch.over.set()
    watch.thread.join()
    if process.returncode or count() != editions:
        errors.seek(0)
        raise SystemExit(f"{words[:6]} ended with {process.returncode}, {count()} of {editions}\n{out[-2000:]}{errors.read()[-2000:]}")
    some = [sample for sample in watch.samples if sample["done"] >= 1]
    half = next(sample for sample in some if sample["done"] >= (some[0]["done"] + some[-1]["done"]) / 2)

    def per_edition(first: dict[str, float], last: dict[str, float], what: str) -> float:
        return (last[what] - first[what]) / max(1, last["done"] - first["done"])

    done = next(sample for sample in some if sample["done"] == some[-1]["done"])

    def memory(name: str, until: dict[str, float]) -> int:
        return round(next((sample[name] for sample in reversed(some[:some.index(until) + 1]) if sample[name]), 0))

    return {"editions": editions, "wall": round(wall, 1), "cpu": round(cpu, 1), "rate": round(1 / per_edition(some[0], done, "wall"), 2),
            "cpu_each": round(cpu / editions, 3), "cpu_first_half": round(per_edition(some[0], half, "cpu"), 3),
            "cpu_second_half": round(per_edition(half, done, "cpu"), 3),
            **{f"{name}_{when}": memory(name, sample) for name in ("command", "worker", "template") for when, sample in (("half", half), ("end", done))},
            "samples": watch.samples[:: max(1, len(watch.samples) // 200)]}  # fmt: skip


def sweep_words(editions: int, out: Path, *more: str) -> list[str]:
    numbers = ",".join(str(number) for number in range(1, editions + 1))
    return [sys.executable, "-m", "recount.cli", "sweep", "--as-of", "2022-03..2022-03", "--set", f"number={numbers}", "--out", str(out), "--json", *more]


def dask(book: Path, place: Path, editions: int) -> dict[str, object]:
    """Two Dask workers of one thread each on this machine, with no nanny, started before and ended after."""
    started = [subprocess.Popen([sys.executable, "-m", "dask", "scheduler", "--host", "127.0.0.1", "--port", "18787", "--no-dashboard"],
                                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)]
    time.sleep(3)
    started += [subprocess.Popen([sys.executable, "-m", "dask", "worker", "tcp://127.0.0.1:18787", "--nthreads", "1", "--no-nanny", "--no-dashboard",
                                  "--local-directory", str(place)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) for _ in range(2)]
    try:
        time.sleep(5)
        out = place / "dask"
        return measured(sweep_words(editions, out, "--scheduler", "tcp://127.0.0.1:18787"), count=lambda: len(list(out.glob("editions/*.json"))),
                        editions=editions, cwd=book)
    finally:
        for process in reversed(started):
            process.terminate()
            process.wait()


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    words.add_argument("--editions", type=int, default=60)
    words.add_argument("--papermill", type=int, default=20, help="editions that stock papermill makes, in each pool")
    words.add_argument("--only", default="", help="variants whose name has these letters in it")
    words.add_argument("--drawing", action="store_true", help="a notebook that draws a figure and a chart as well")
    asked = words.parse_args()
    # A worker's template ends after it: whose child it becomes then, there its CPU is counted.
    ctypes.CDLL(None).prctl(SUBREAPER, 1)
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        place = Path(folder)
        (place / "county").mkdir()
        book = make_book(place / "county")
        notebook = make_notebook(book, "01_synthetic.ipynb", *CELLS, *(DRAWING if asked.drawing else ()), parameters=PARAMETERS)
        (place / "pool.py").write_text(POOL)

        def ours(workers: int, transport: str = "zmq") -> Callable[[], dict[str, object]]:
            out = place / f"out-{workers}-{transport}"
            return lambda: measured(sweep_words(asked.editions, out, "--workers", str(workers)), editions=asked.editions, cwd=book.root,
                                    transport=transport, count=lambda: len(list(out.glob("editions/*.json"))))

        def stock(workers: int) -> Callable[[], dict[str, object]]:
            out = place / f"papermill{workers}"
            out.mkdir()
            return lambda: measured([sys.executable, str(place / "pool.py"), str(notebook), str(out), str(book.root), str(asked.papermill), str(workers)],
                                    editions=asked.papermill, cwd=book.root, count=lambda: _whole(out))

        variants = {"papermill, pool of 2": stock(2), "recount, 1 worker": ours(1), "recount, 2 workers": ours(2),
                    "recount, 2 workers, wire": ours(2, "wire"),
                    "recount, Dask, 2 workers": lambda: dask(book.root, place, asked.editions)}
        found = {}
        for name, act in variants.items():
            if asked.only in name:
                found[name] = act()
                print(f"  {name}: {found[name]['wall']} s, {found[name]['rate']} a second", file=sys.stderr, flush=True)
    columns = ("editions", "wall", "rate", "cpu_each", "cpu_first_half", "cpu_second_half", "command_half", "command_end", "worker_half", "worker_end",
               "template_half", "template_end")
    print(f"\n{'':26}" + "".join(f"{column.replace('_', ' '):>17}" for column in columns))
    for name, row in found.items():
        print(f"{name:26}" + "".join(f"{row[column]:>17}" for column in columns))
    print("\nwall in seconds; rate in editions a second; CPU in seconds an edition; memory in MB, of the largest process of its kind")
    write("grid-drawing" if asked.drawing else "grid", {"rows": found})


def _whole(folder: Path) -> int:
    """Notebooks that papermill has finished: it writes each after every cell, so a name alone says nothing."""
    done = 0
    for path in folder.glob("*.ipynb"):
        try:
            done += json.loads(path.read_text("utf-8"))["metadata"]["papermill"]["end_time"] is not None
        except (ValueError, KeyError, OSError):
            continue
    return done


if __name__ == "__main__":
    main()
