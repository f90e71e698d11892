"""How long it takes to see that ten thousand recorded runs still stand.

    .venv/bin/python bench/records.py [--runs 10000] [--rounds 5]

A whole process each time, from the start of Python: by the record of what stands (`recount.standing`), as
`recount check` and `recount build` do first, and run by run, as they do when that has changed.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from measure import rounds, told

from recount import standing
from recount.keys import file_digest
from recount.project import Project
from recount.whole import write_whole

STANDING = """
import sys
from pathlib import Path
from recount import standing
from recount.project import Project
assert standing.told(Project(Path(sys.argv[1])), "check")
"""
EACH = """
import sys
from pathlib import Path
import recount.lean
from recount.freshness import Store
from recount.package import Package
from recount.project import Project
from recount.questions import Answers
project = Project(Path(sys.argv[1]))
answers = Answers(Package(project.data))
found = [Store(path.parent, project.root).why_stale({"code": "1"}, answers) for path in project.runs.glob("*/*/*/record.json")]
assert len(found) == int(sys.argv[2]) and not any(found)
"""


def make(project: Project, runs: int) -> None:
    """Synthetic records: each run read three files of thirty, looked for one that is absent, listed a folder."""
    for number in range(30):
        write_whole(project.data / f"{number}.csv", f"synthetic\n{number}\n")
    from recount.freshness import _listing_digest

    digests = {f"data/{number}.csv": file_digest(project.data / f"{number}.csv") for number in range(30)}
    listing = _listing_digest(project.data)
    for number in range(runs):
        stem = f"{number % 10:02}_synthetic"
        folder = project.runs / f"edition-{number // 10}" / "zh" / stem
        folder.mkdir(parents=True)
        (folder / "executed.ipynb").write_text(f'{{"synthetic": {number}}}')
        names = [f"data/{(number + step) % 30}.csv" for step in (0, 7, 13)]
        (folder / "record.json").write_text(json.dumps({
            "key": {"code": "1"}, "files": {**{name: digests[name] for name in names}, "data/absent.csv": None}, "tables": {}, "asked": [], "exact": False,
            "listings": {"data": listing}, "untraceable": [], "executed": file_digest(folder / "executed.ipynb"), "seconds": 1.0}))  # fmt: skip
    for number in range(10):
        write_whole(project.notebooks / f"{number:02}_synthetic.ipynb", "{}")


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    words.add_argument("--runs", type=int, default=10_000)
    words.add_argument("--rounds", type=int, default=5)
    asked = words.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-") as place:
        project = Project(Path(place).resolve())
        make(project, asked.runs)
        if doubt := standing.finish(project, standing.begin(project), kind="check", told={"counts": "synthetic"}):
            raise SystemExit(doubt)

        def process(code: str) -> None:
            subprocess.run([sys.executable, "-c", code, str(project.root), str(asked.runs)], check=True)

        found = rounds({"run by run": lambda: process(EACH), "the record of what stands": lambda: process(STANDING),
                        "an empty process": lambda: process("")}, count=asked.rounds)  # fmt: skip
    told(found, name="records", against="run by run", note=f"{asked.runs} synthetic recorded runs, nothing changed.")


if __name__ == "__main__":
    main()
