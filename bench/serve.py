"""From saving to seeing: how long until the page of ``recount serve`` shows what was saved.

``python bench/serve.py [--rounds N]`` serves a copy of the book and edits a sentence, and a line of code, of the
smallest and the largest notebook. The clock starts when the file is renamed into its place, as editors do, and
stops when the server has told the page that there is a new one and that page, fetched, holds the new text. That is
what a reader waits for, but for the browser's own drawing. Each round waits until the whole check is done before
it saves, except ``while checking``: there the save comes in the middle of one.

CPU seconds are of the whole tree of processes until then, so they count what goes on beside as well.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from measure import ROOT, cpu_of_tree, write

COPIED = ("_config.yml", "_toc.yml", "requirements.lock", "LICENSE-DATA", "data", "notebooks", "book")
BROUGHT = ("runs", "fonts", "svg", "ledger", "sweep", "cache")
AIM = 2.0  # seconds
PATIENCE = 300.0


class Reader:
    """A page that is open: what the server tells it, and what it gets when it asks."""

    def __init__(self, address: str, page: str) -> None:
        self.address, self.page = address, page
        self._events = urllib.request.urlopen(f"{address}_recount/events?page={page}", timeout=PATIENCE)

    def states(self) -> Iterator[dict]:
        for line in self._events:
            if line.startswith(b"data: "):
                yield json.loads(line[6:])

    def wait(self, met: Callable[[dict], bool]) -> dict:
        end = time.monotonic() + PATIENCE
        for state in self.states():
            if met(state):
                return state
            if time.monotonic() > end:
                break
        raise RuntimeError(f"{self.page}: what was waited for did not come")

    def text(self) -> str:
        with urllib.request.urlopen(f"{self.address}{self.page}.html", timeout=PATIENCE) as answer:
            return answer.read().decode("utf-8")

    def sees(self, text: str) -> None:
        """Wait until the page, as the server announces it, holds a text."""
        digest = None
        for state in self.states():
            if state["digest"] != digest:
                digest = state["digest"]
                if text in self.text():
                    return


def save(path: Path, notebook: dict) -> None:
    """Another file first, then its name: as editors do."""
    fresh = path.with_name(f".{path.name}.new")
    fresh.write_text(json.dumps(notebook, ensure_ascii=False, indent=1) + "\n", "utf-8")
    os.replace(fresh, path)


def edited(notebook: dict, *, code: bool, mark: str) -> dict:
    """The notebook with a mark that its Chinese page shows: at the end of a paragraph, or printed by its last code cell.

    In the code it stands in two halves, so that only the output holds it, and not the listing.
    """
    made = json.loads(json.dumps(notebook))
    if code:
        cell = [each for each in made["cells"] if each["cell_type"] == "code" and "parameters" not in each["metadata"].get("tags", [])][-1]
        cell["source"] = "".join(cell["source"]) + f"\nprint({mark[:2]!r} {mark[2:]!r})"
    else:
        cell = [each for each in made["cells"] if each["cell_type"] == "markdown" and each["metadata"].get("tags") == ["zh"]][-1]
        cell["source"] = "".join(cell["source"]) + f"\n\n{mark}。"
    return made


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address of the draft of a book while it is served."""
    command = [sys.executable, "-m", "recount.cli", "serve", "--no-open", "--port", "0"]
    with (folder / "serve.log").open("w") as errors:
        serving = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=errors, text=True)
        assert serving.stdout is not None
        try:
            yield serving.stdout.readline().strip()
        finally:
            serving.terminate()
            serving.wait(20)


def turn(reader: Reader, path: Path, *, code: bool, mark: str) -> tuple[float, float]:
    """One edit of the notebook as the last one left it: a sentence that took back a line of code would be an edit of code."""
    made = edited(json.loads(path.read_text("utf-8")), code=code, mark=mark)
    cpu, began = cpu_of_tree(), time.perf_counter()
    save(path, made)
    reader.sees(mark)
    return time.perf_counter() - began, cpu_of_tree() - cpu


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    found: dict[str, list[tuple[float, float]]] = {}
    with tempfile.TemporaryDirectory(prefix="recount-serve-") as made:
        folder = Path(made)
        for name in COPIED:
            source = ROOT / name
            (shutil.copytree if source.is_dir() else shutil.copy2)(source, folder / name)
        for name in BROUGHT:
            if (ROOT / "_build" / name).is_dir():
                shutil.copytree(ROOT / "_build" / name, folder / "_build" / name)
        paths = sorted((folder / "notebooks").glob("[0-9]*.ipynb"), key=lambda path: path.stat().st_size)
        began = time.perf_counter()
        with served(folder) as address:
            for size, path in (("smallest", paths[0]), ("largest", paths[-1])):
                notebook = json.loads(path.read_text("utf-8"))
                reader = Reader(address, f"zh/since/{path.stem}")
                reader.wait(lambda state: bool(state["digest"]))
                if "first" not in found:
                    found["first"] = [(time.perf_counter() - began, cpu_of_tree())]
                    print(f"  first page: {found['first'][0][0]:.2f} s", file=sys.stderr, flush=True)
                for number in range(-1, rounds):
                    for kind, code, calm in (("prose", False, True), ("code", True, True), ("code, while checking", True, False)):
                        if calm:
                            Reader(address, reader.page).wait(lambda state: state["busy"] == "")
                        wall, cpu = turn(reader, path, code=code, mark=f"改{size}{kind}第{number + 1}次".replace(", ", ""))
                        name = f"{kind}, {size} notebook ({path.stem})"
                        if number >= 0:
                            found.setdefault(name, []).append((wall, cpu))
                        print(f"  {'warm-up' if number < 0 else f'round {number + 1}'}  {name}: {wall:.2f} s, CPU {cpu:.2f} s",
                              file=sys.stderr, flush=True)
                save(path, notebook)
    rows = {name: {"wall": round(statistics.median(wall for wall, _ in turns), 3), "cpu": round(statistics.median(cpu for _, cpu in turns), 3),
                   "slowest": round(max(wall for wall, _ in turns), 3), "turns": turns} for name, turns in found.items()}  # fmt: skip
    width = max(map(len, rows))
    print(f"\nfrom saving to the new text in the served page; the aim is {AIM} s\n\n{'':{width}}  wall s  slowest   CPU s")
    for name, row in rows.items():
        print(f"{name:{width}}  {row['wall']:6.2f}  {row['slowest']:7.2f}  {row['cpu']:6.2f}")
    write("serve", {"aim": AIM, "rounds": rounds, "rows": rows})


if __name__ == "__main__":
    try:
        main()
    except urllib.error.URLError as error:
        sys.exit(f"the server does not answer: {error}")
