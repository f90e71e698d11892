"""Synthetic books and notebooks for the tests of fonts, runner and browser. Nothing here is real data."""

from __future__ import annotations

import os
from pathlib import Path

import nbformat
import nbformat.v4 as v4

from recount.fonts import Fonts, prepare
from recount.project import Project

PARAMETERS = 'as_of: str = "2022-02-24"\nlang: str = "zh"\nrate: float = 0.13\nhours: int | None = None'
HEAD = "import os\nfrom pathlib import Path\nDATA = Path(os.environ['RECOUNT_ROOT']) / 'data'\n"


def make_project(folder: Path) -> Project:
    """An empty book with one small data file."""
    for name in ("data", "notebooks", "book"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / "data" / "prices.csv").write_text("day,price\n1,10\n2,12\n", "utf-8")
    return Project(folder.resolve())


def make_notebook(project: Project, name: str, *cells: str, parameters: str | None = PARAMETERS,
                  prose: str = "一句话") -> Path:  # fmt: skip
    """A notebook with a parameters cell, a Markdown cell before each code cell, and ids c0, c1, ..."""
    notebook = v4.new_notebook()
    if parameters is not None:
        tags = {"tags": ["parameters"]}
        notebook.cells.append(v4.new_code_cell(parameters, id="parameters", metadata=tags))
    for number, source in enumerate(cells):
        notebook.cells.append(v4.new_markdown_cell(prose, id=f"m{number}", metadata={"tags": ["zh"]}))
        notebook.cells.append(v4.new_code_cell(source, id=f"c{number}"))
    path = project.notebooks / name
    nbformat.write(notebook, path)
    return path


def cut_once(tmp_path_factory) -> tuple[Project, Fonts]:
    """The cut fonts, made once for all workers of a test run: cutting takes seconds."""
    base = tmp_path_factory.getbasetemp()
    if os.environ.get("PYTEST_XDIST_WORKER"):
        base = base.parent
    project = make_project(base / "fonts-of-this-run")
    return project, prepare(project)
