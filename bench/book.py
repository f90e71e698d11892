"""What a book of ten notebooks costs: cold, with nothing changed, and after one edit.

    .venv/bin/python bench/book.py [--rounds 3] [--notebooks 10]

Ours is the part of `recount check` that executes (its own process, template started and ended in it, two
workers), alone and with pages that `jupyter-book build` makes of what it executed: by `recount build`'s bindery, which
starts with the first notebook, and not at all where no page has changed. Against `papermill` in a loop,
nbmake and ploomber with two workers each, and `jupyter-book build` with `force` and with `cache`. The floor is the
code of all notebooks as one script: no pages, no notebooks written.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from measure import environment_with, rounds, told
from synthetic import CELLS, as_script, write_notebook

NBMAKE, PLOOMBER = "nbmake==1.5.5", "ploomber==0.23.3"

# What a ploomber notebook must declare beside its own parameters.
PLOOMBERS = "\nupstream = None\nproduct = None"

RUN = """
import sys
import recount.lean
from pathlib import Path
from recount.project import Project
from recount.runner import Job, run
from recount.site.bindery import Bindery
project, stale, pages = Project(Path(sys.argv[1])), int(sys.argv[2]), sys.argv[3:]
jobs = [Job(notebook=path, edition="synthetic", lang="zh") for path in project.notebook_paths()]
with Bindery() as bindery:
    outcomes = run(project, jobs, progress=lambda job, state, detail: bindery.start() if pages and state == "started" else None)
    assert not any(outcome.failures for outcome in outcomes)
    assert sum(not outcome.fresh for outcome in outcomes) == stale, [outcome.why for outcome in outcomes]
    if pages:
        import tempfile
        import nbformat
        changed = not Path(pages[0], "_build", "html").is_dir()
        for outcome in outcomes:
            path, text = Path(pages[0], "notebooks", outcome.job.notebook.name), nbformat.writes(outcome.notebook)
            if not path.is_file() or path.read_text("utf-8") != text:
                path.write_text(text, "utf-8")
                changed = True
        if changed:
            with tempfile.TemporaryDirectory() as home:
                done = bindery.bind(["build", "-q", pages[0]], home=Path(home))
            assert done.returncode == 0, done.stdout + done.stderr
"""


class Book:
    """One copy of the synthetic book, and one tool that executes it."""

    def __init__(self, folder: Path, tool: str, notebooks: int) -> None:
        self.folder, self.tool, self.count, self.edits = folder, tool, notebooks, 0
        for name in ("data", "notebooks"):
            (folder / name).mkdir(parents=True)
        for number in range(notebooks):
            write_notebook(self.path(number), number=number, parameters=PLOOMBERS if tool == "ploomber" else "")
        if tool == "recount-pages":
            self.pages = folder / "pages"
            (self.pages / "notebooks").mkdir(parents=True)
            self.contents(self.pages, "off")
        if tool == "ploomber":
            tasks = [f"- source: notebooks/{self.path(number).name}\n  product: {{nb: out/{self.path(number).name}}}\n" for number in range(notebooks)]
            (folder / "pipeline.yaml").write_text("executor: {dotted_path: ploomber.executors.Parallel, processes: 2}\ntasks:\n" + "".join(tasks))
        self.contents(folder, tool)

    def contents(self, folder: Path, tool: str) -> None:
        (folder / "_config.yml").write_text(f"title: synthetic\nexecute:\n  execute_notebooks: '{tool}'\n  timeout: 600\nonly_build_toc_files: true\n"
                                            if tool in ("force", "cache", "off") else "title: synthetic\n")  # fmt: skip
        chapters = "".join(f"- file: notebooks/{self.path(number).stem}\n" for number in range(1, self.count))
        (folder / "_toc.yml").write_text(f"format: jb-book\nroot: notebooks/{self.path(0).stem}\nchapters:\n{chapters}")

    def path(self, number: int) -> Path:
        return self.folder / "notebooks" / f"{number + 1:02}_synthetic.ipynb"

    def cold(self) -> None:
        for name in ("_build", "out", "pages/_build"):
            shutil.rmtree(self.folder / name, ignore_errors=True)
        self.run(self.count)

    def nothing(self) -> None:
        self.run(0)

    def edit(self) -> None:
        self.edits += 1
        write_notebook(self.path(1), number=1, cells=[*CELLS[:-1], f"print({self.edits})"],
                       parameters=PLOOMBERS if self.tool == "ploomber" else "")  # fmt: skip
        self.run(1)

    def run(self, stale: int) -> None:
        if self.tool == "recount":
            self.command(sys.executable, "-c", RUN, str(self.folder), str(stale))
        elif self.tool == "recount-pages":
            self.command(sys.executable, "-c", RUN, str(self.folder), str(stale), str(self.pages))
        elif self.tool == "nbmake":
            python = environment_with("nbmake", NBMAKE) / "python"
            self.command(str(python), "-m", "pytest", "-q", "-p", "no:cacheprovider", "-n", "2", "--nbmake", str(self.folder / "notebooks"))
        elif self.tool == "ploomber":
            self.command(str(environment_with("ploomber", PLOOMBER) / "ploomber"), "build", cwd=self.folder)
        elif self.tool == "floor":
            script = "\n".join(as_script().replace("seed: int = 1", f"seed: int = {number + 1}") for number in range(self.count))
            self.command(sys.executable, "-c", script)
        elif self.tool == "papermill":  # it knows of nothing that it might leave out
            (self.folder / "out").mkdir(exist_ok=True)
            for number in range(self.count):
                self.command(str(Path(sys.executable).with_name("papermill")), str(self.path(number)), str(self.folder / "out" / self.path(number).name))
        else:
            self.command(str(Path(sys.executable).with_name("jupyter-book")), "build", "-q", str(self.folder))

    def command(self, *words: str, cwd: Path | None = None) -> None:
        done = subprocess.run(words, capture_output=True, text=True, env={**os.environ, "MPLBACKEND": "agg"}, cwd=cwd)
        if done.returncode:
            raise SystemExit(f"{words[0]}: {done.stdout[-2000:]}{done.stderr[-2000:]}")


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    words.add_argument("--rounds", type=int, default=3)
    words.add_argument("--notebooks", type=int, default=10)
    asked = words.parse_args()
    tools = {"force": "jupyter-book, force", "cache": "jupyter-book, cache", "papermill": "papermill in a loop",
             "nbmake": "nbmake, 2 workers", "ploomber": "ploomber, 2 workers", "recount": "recount, notebooks alone",
             "recount-pages": "recount, and jupyter-book's pages", "floor": "one script"}  # fmt: skip
    for name, package in (("nbmake", NBMAKE), ("ploomber", PLOOMBER)):
        try:
            environment_with(name, package)
        except subprocess.CalledProcessError:
            print(f"{name} cannot be had here", file=sys.stderr)
            del tools[name]
    with tempfile.TemporaryDirectory(prefix="bench-") as place:
        books = {tool: Book(Path(place, tool), tool, asked.notebooks) for tool in tools}
        for kind, words_of in (("cold", "Cold"), ("nothing", "Nothing changed"), ("edit", "One notebook edited")):
            # These do the same work whatever has changed: measured once.
            taking_part = [tool for tool in tools if kind == "cold" or tool not in ("papermill", "nbmake", "floor")]
            found = rounds({tools[tool]: getattr(books[tool], kind) for tool in taking_part}, count=asked.rounds, warm=False)
            told(found, name=f"book-{kind}", against=tools["cache" if kind == "nothing" else "force"],
                 floor=tools["floor"] if kind == "cold" else "", note=f"{words_of}: {asked.notebooks} synthetic notebooks.")


if __name__ == "__main__":
    main()
