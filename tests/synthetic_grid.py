"""Synthetic books for the tests of the grid: two tiny notebooks that write down each time that they run."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from synthetic_data import make_book
from synthetic_run import make_notebook

from recount.project import Project

PARAMETERS = 'as_of: str = "2022-02-24"\nlang: str = "zh"'
HEAD = "from recount import Desk\ndesk = Desk(as_of=as_of, lang=lang)"
MONEY = """money = desk.one(place="合成县", indicator="synthetic_money", period="2021")
desk.value("projects.total", of=money)
desk.judge("projects.total", by="projects.total")"""
PEOPLE = """people = desk.one(place="合成县", indicator="synthetic_people", period="2021-Q4")
desk.value("projects.people", of=people)
desk.judge("projects.many", by="projects.people")"""


def grid_book(root: Path, log: Path, *, seconds: float = 0, extra: str = "", unlogged: bool = False) -> Project:
    """A synthetic book ``root``. Its first notebook uses the day and an assumption and logs both, so it runs for each
    edition; its second asks for a row that is public from 2022-02-01, and logs its language alone."""
    root.mkdir(parents=True, exist_ok=True)
    project = make_book(root)
    # Written in one go, so that two workers' lines never mix; the trace does not mind what a notebook writes.
    say = "" if unlogged else f"with open({str(log)!r}, 'a') as log:\n    log.write(WORDS + '\\n')"
    first = say.replace("WORDS", "f'money {as_of} {lang} {base_low} {root}'") if say else "as_of"
    make_notebook(project, "01_money.ipynb", HEAD, f"import os\nroot = os.environ['RECOUNT_ROOT']\n{first}",
                  f"import time\ntime.sleep({seconds})\n{extra}", MONEY,
                  'desk.assume("projects.base", base_low, unit="percent", label=("下限", "lower bound"))',
                  parameters=f'{PARAMETERS}\nbase_low: float = 80.0  # a synthetic assumption')  # fmt: skip
    make_notebook(project, "02_people.ipynb", HEAD, say.replace("WORDS", "f'people {lang}'") or "1", PEOPLE, parameters=PARAMETERS)
    return project


def scratch(log: Path) -> set[Path]:
    """The folders of all workers that an edition ran in, whether they are still there or not."""
    return {Path(line.split()[-1]).parent for line in log.read_text("utf-8").splitlines() if line.startswith("money")}


def executions(log: Path, what: str = "money") -> Counter[str]:
    """How often each edition's notebook ran to where it logs: its day, language and assumption."""
    lines = log.read_text("utf-8").splitlines() if log.is_file() else []
    return Counter(" ".join(line.split()[1:4]) for line in lines if line.startswith(what))


def sweeping(*words: str, cwd: Path, env: dict[str, str] | None = None) -> subprocess.Popen[str]:
    """Start ``recount sweep`` as a user would, in a process group of its own.

    It hears Ctrl-C though these tests may not: what a shell starts in the background ignores it, and so what that starts.
    """
    return subprocess.Popen([sys.executable, "-m", "recount.cli", "sweep", *words], cwd=cwd, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, text=True, start_new_session=True, env={**os.environ, **(env or {})},
                            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))


def wait_for(what: Callable[[], Any], *, seconds: float = 120) -> Any:
    """What a function says as soon as it is true; fails after some time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := what():
            return found
        time.sleep(0.05)
    raise AssertionError(f"waited for {seconds} s in vain")


def finished(out: Path) -> list[str]:
    """The keys of finished editions in a folder of results."""
    return sorted(path.stem for path in (out / "editions").glob("*.json"))


def table(out: Path, query: str = "SELECT * FROM t") -> list[tuple[Any, ...]]:
    """The rows of the table in a folder, or what a query of ``t`` answers."""
    import duckdb

    with duckdb.connect() as base:
        base.execute(f"CREATE VIEW t AS SELECT * FROM read_parquet('{out / 'table.parquet'}')")
        return base.execute(query).fetchall()


def told(process: subprocess.Popen[str]) -> dict[str, Any]:
    """What a sweep with ``--json`` printed, once it is over."""
    stdout, stderr = process.communicate(timeout=600)
    assert stdout.strip(), stderr
    return json.loads(stdout.strip().splitlines()[-1])


def children_of(pid: int, word: str) -> list[int]:
    """The processes below one, of any depth, whose command line has a word in it. Linux."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            parents.setdefault(int(fields[1]), []).append(int(entry.name))
    found, due = [], [pid]
    while due:
        for child in parents.get(due.pop(), []):
            due.append(child)
            try:
                if word in Path(f"/proc/{child}/cmdline").read_bytes().replace(b"\0", b" ").decode():
                    found.append(child)
            except OSError:
                continue
    return found
