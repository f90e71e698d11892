"""What a book of ten notebooks costs: cold, with nothing changed, and after one edit.

    .venv/bin/python bench/book.py [--rounds 3] [--notebooks 10]

Ours is the part of `recount check` that executes (its own process, template started and ended in it, two
workers), against `papermill` in a loop and `jupyter-book build` with `force` and with `cache`. jupyter-book makes
pages, too: what those cost alone is a line of its own.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from measure import rounds, told
from synthetic import CELLS, write_notebook

RUN = """
import sys
import recount.lean
from pathlib import Path
from recount.project import Project
from recount.runner import Job, run
project = Project(Path(sys.argv[1]))
jobs = [Job(notebook=path, edition="synthetic", lang="zh") for path in project.notebook_paths()]
outcomes = run(project, jobs)
assert not any(outcome.failures for outcome in outcomes)
assert sum(not outcome.fresh for outcome in outcomes) == int(sys.argv[2]), [outcome.why for outcome in outcomes]
"""


class Book:
    """One copy of the synthetic book, and one tool that executes it."""

    def __init__(self, folder: Path, tool: str, notebooks: int) -> None:
        self.folder, self.tool, self.count, self.edits = folder, tool, notebooks, 0
        for name in ("data", "notebooks"):
            (folder / name).mkdir(parents=True)
        for number in range(notebooks):
            write_notebook(self.path(number), number=number)
        (folder / "_config.yml").write_text(f"title: synthetic\nexecute:\n  execute_notebooks: '{tool}'\n  timeout: 600\nonly_build_toc_files: true\n"
                                            if tool in ("force", "cache", "off") else "title: synthetic\n")  # fmt: skip
        chapters = "".join(f"- file: notebooks/{self.path(number).stem}\n" for number in range(1, notebooks))
        (folder / "_toc.yml").write_text(f"format: jb-book\nroot: notebooks/{self.path(0).stem}\nchapters:\n{chapters}")

    def path(self, number: int) -> Path:
        return self.folder / "notebooks" / f"{number + 1:02}_synthetic.ipynb"

    def cold(self) -> None:
        for name in ("_build", "out"):
            shutil.rmtree(self.folder / name, ignore_errors=True)
        self.run(self.count)

    def nothing(self) -> None:
        self.run(0)

    def edit(self) -> None:
        self.edits += 1
        write_notebook(self.path(1), number=1, cells=[*CELLS[:-1], f"print({self.edits})"])
        self.run(1)

    def run(self, stale: int) -> None:
        if self.tool == "recount":
            self.command(sys.executable, "-c", RUN, str(self.folder), str(stale))
        elif self.tool == "papermill":  # it knows of nothing that it might leave out
            (self.folder / "out").mkdir(exist_ok=True)
            for number in range(self.count):
                self.command(str(Path(sys.executable).with_name("papermill")), str(self.path(number)), str(self.folder / "out" / self.path(number).name))
        else:
            self.command(str(Path(sys.executable).with_name("jupyter-book")), "build", "-q", str(self.folder))

    def command(self, *words: str) -> None:
        done = subprocess.run(words, capture_output=True, text=True, env={**os.environ, "MPLBACKEND": "agg"})
        if done.returncode:
            raise SystemExit(f"{words[0]}: {done.stdout[-2000:]}{done.stderr[-2000:]}")


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    words.add_argument("--rounds", type=int, default=3)
    words.add_argument("--notebooks", type=int, default=10)
    asked = words.parse_args()
    tools = {"papermill": "papermill in a loop", "force": "jupyter-book, force", "cache": "jupyter-book, cache", "off": "jupyter-book, pages alone",
             "recount": "recount, notebooks alone"}  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="bench-") as place:
        books = {tool: Book(Path(place, tool), tool, asked.notebooks) for tool in tools}
        for kind, words_of in (("cold", "Cold"), ("nothing", "Nothing changed"), ("edit", "One notebook edited")):
            # papermill does the same work whatever has changed: measured once.
            taking_part = [tool for tool in tools if kind == "cold" or tool != "papermill"]
            found = rounds({tools[tool]: getattr(books[tool], kind) for tool in taking_part}, count=asked.rounds, warm=False)
            told(found, name=f"book-{kind}", against=tools[taking_part[0]], note=f"{words_of}: {asked.notebooks} synthetic notebooks.")


if __name__ == "__main__":
    main()
