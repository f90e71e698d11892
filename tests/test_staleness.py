"""What makes a notebook run again and what does not: no run too few, none too many.

Each kind of change is one that some tool for notebooks gets wrong.
"""

from __future__ import annotations

import os
import shutil

import pytest
from synthetic_run import make_notebook, make_project

from recount import keys
from recount.freshness import Store
from recount.package import Package
from recount.parameters import read_notebook
from recount.questions import Answers
from recount.runner import Job, job_key, kernels_of, run, store_of

pytestmark = pytest.mark.slow

HEAD = "import os, sys\nfrom pathlib import Path\nROOT = Path(os.environ['RECOUNT_ROOT'])\nDATA = ROOT / 'data'"
CODE = [
    "sys.path.insert(0, str(ROOT / 'lib'))\nimport rates\nprint((DATA / 'prices.csv').read_text(), rates.VAT)",
    "print((DATA / 'late.csv').exists(), (DATA / 'more').is_dir())",
    "print(sorted(path.name for path in (DATA / 'listed').iterdir()))",
]


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    """A synthetic book whose one notebook has run, and whose record is good. It is changed bit by bit, with one template."""
    project = make_project(tmp_path_factory.mktemp("staleness") / "book")
    for name, text in {"lib/rates.py": "VAT = 0.13\n", "data/listed/a.csv": "a\n", "data/unread.csv": "u\n",
                       "requirements.lock": "pandas==3.1.1\nnumpy==2.0.0\n"}.items():  # fmt: skip
        path = project.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    make_notebook(project, "01_a.ipynb", HEAD, *CODE)
    with kernels_of(project) as kernels:
        KERNELS[project.root] = kernels
        assert why(project) == "never run"
        shutil.copytree(project.root, project.root.with_name("first"))
        yield project


KERNELS: dict = {}


@pytest.fixture
def book(recorded, tmp_path):
    """A copy to change of the book as it was at first, with its record; the times of its files are kept."""
    shutil.copytree(recorded.root.with_name("first"), tmp_path / "book")
    return type(recorded)((tmp_path / "book").resolve())


def why(project, **changed) -> str:
    given = {"notebook": project.notebooks / "01_a.ipynb", "edition": "print", "lang": "zh",
             "parameters": {"lang": "zh", "as_of": "2022-02-24"}}  # fmt: skip
    (outcome,) = run(project, [Job(**{**given, **changed})], kernels=KERNELS.get(project.root))
    assert outcome.failure is None, outcome.failure
    assert outcome.fresh == (not outcome.why)
    return outcome.why


def stale(project) -> str:
    """Why the notebook would run, without running it."""
    job = Job(notebook=project.notebooks / "01_a.ipynb", edition="print", lang="zh",
              parameters={"lang": "zh", "as_of": "2022-02-24"})  # fmt: skip
    source = read_notebook(job.notebook, name="synthetic")
    return store_of(project, job).why_stale(job_key(project, job, source), Answers(Package(project.data)))


def edit(project, *cells, **more):
    make_notebook(project, "01_a.ipynb", *(cells or (HEAD, *CODE)), **more)


def same_size_and_time(project):
    path = project.data / "prices.csv"
    before = path.stat()
    path.write_bytes(path.read_bytes().swapcase())
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


NO_RUN = {
    "data touched": lambda book: os.utime(book.data / "prices.csv"),
    "data written anew as it was": lambda book: (book.data / "prices.csv").write_bytes((book.data / "prices.csv").read_bytes()),
    "a sentence": lambda book: edit(book, prose="另一句话"),
    "a comment": lambda book: edit(book, HEAD, f"# what it is\n{CODE[0]}  # here", *CODE[1:]),
    "layout": lambda book: edit(book, HEAD, *CODE[:2], "print(\n    sorted(path.name\n    for path in (DATA / \"listed\").iterdir()))"),
    "a tag of the look": lambda book: tag(book, "hide-input"),
    "outputs kept in the source": lambda book: keep_outputs(book),
    "a file nobody read": lambda book: (book.data / "unread.csv").write_text("other\n"),
    "a file beside those read": lambda book: (book.data / "new.csv").write_text("new\n"),
    "what a listed file holds": lambda book: (book.data / "listed" / "a.csv").write_text("other\n"),
    "settings of the book": lambda book: (book.root / "_config.yml").write_text("title: x\n"),
    "the page's other notebook": lambda book: make_notebook(book, "02_b.ipynb", "print(1)"),
}
RUN = {
    "data": (lambda book: (book.data / "prices.csv").write_text("day,price\n1,1\n"), "data/prices.csv changed"),
    "data of the same size and time": (same_size_and_time, "data/prices.csv changed"),
    "data gone and put back as another": (lambda book: replace(book.data / "prices.csv", "day,price\n1,9\n"), "data/prices.csv changed"),
    "a module": (lambda book: (book.root / "lib" / "rates.py").write_text("VAT = 0.15\n"), "lib/rates.py changed"),
    "a module that may stand before another": (lambda book: (book.root / "lib" / "json.py").touch(), "the files in lib changed"),
    "an absent file appears": (lambda book: (book.data / "late.csv").write_text("x\n"), "data/late.csv appeared"),
    "an absent folder appears": (lambda book: (book.data / "more").mkdir(), "data/more appeared"),
    "a listed folder": (lambda book: (book.data / "listed" / "b.csv").write_text("b\n"), "the files in data/listed changed"),
    "code": (lambda book: edit(book, HEAD, *CODE[:2], "print(1)"), "code changed"),
    "a cell that shows its value no more": (lambda book: edit(book, HEAD, *CODE[:2], f"{CODE[2]};"), "code changed"),
    "the order of cells": (lambda book: edit(book, HEAD, CODE[1], CODE[0], CODE[2]), "code changed"),
    "a tag of the run": (lambda book: tag(book, "raises-exception"), "code changed"),
    "the lock": (lambda book: (book.root / "requirements.lock").write_text("pandas==3.1.1\n"), "lock changed"),
}  # fmt: skip


def tag(project, name):
    import nbformat

    path = project.notebooks / "01_a.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[-1].metadata["tags"] = [name]
    nbformat.write(notebook, path)


def keep_outputs(project):
    import nbformat
    import nbformat.v4 as v4

    path = project.notebooks / "01_a.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[-1].outputs, notebook.cells[-1].execution_count = [v4.new_output("stream", text="stored\n")], 7
    nbformat.write(notebook, path)


def replace(path, text):
    path.unlink()
    path.write_text(text)


@pytest.mark.parametrize("change", NO_RUN.values(), ids=NO_RUN.keys())
def test_nothing_runs_for(book, change):
    change(book)
    assert stale(book) == ""


@pytest.mark.parametrize("change, reason", RUN.values(), ids=RUN.keys())
def test_it_runs_again_for(recorded, change, reason):
    change(recorded)
    assert why(recorded) == reason
    assert why(recorded) == "", "and then stands again"


@pytest.mark.parametrize("changed, reason", [
    ({"parameters": {"lang": "zh", "as_of": "2022-02-25"}}, "parameters changed"),
    ({"parameters": {"lang": "zh", "as_of": "2022-02-24", "rate": 1.0}}, "parameters changed"),
    ({"lang": "en"}, "never run"),
    ({"edition": "since"}, "never run"),
    ({"charts": False}, "charts changed"),
])
def test_each_edition_language_and_parameter_has_its_own_run(recorded, changed, reason):
    assert why(recorded, **changed) == reason
    assert why(recorded, **changed) == ""
    if reason != "never run":
        assert why(recorded) == reason, "one record each for an edition and a language"


def test_an_installed_version_that_the_lock_names_counts_and_another_does_not(book, tmp_path, monkeypatch):
    held = tmp_path / "site-packages"
    held.mkdir()
    monkeypatch.syspath_prepend(str(held))
    assert stale(book) == ""
    (held / "unlocked-1.0.dist-info").mkdir()
    assert stale(book) == ""
    (held / "numpy-9.9.dist-info").mkdir()
    assert stale(book) == "packages changed"


@pytest.mark.parametrize("code, reason", [
    ("import subprocess; subprocess.run(['true'])", "starts a process"),
    ("from datetime import date; print(date.today())", "looks at the clock"),
    ("import ctypes; ctypes.CDLL(None).fopen", "in C"),
    ("import socket\ntry: socket.create_connection(('192.0.2.1', 9), timeout=.01)\nexcept OSError: pass", "uses the network"),
])
def test_what_cannot_be_followed_runs_every_time(recorded, code, reason):
    edit(recorded, HEAD, *CODE, code)
    assert why(recorded) == "code changed"
    assert reason in why(recorded)
    assert reason in why(recorded)


@pytest.mark.parametrize("code", ["import sys; print('late', file=sys.stderr)", "import inspect; print(inspect.stack()[0].lineno)"])
def test_a_run_that_can_show_its_own_lines_runs_for_a_comment_too(recorded, code):
    edit(recorded, HEAD, *CODE, code)
    assert why(recorded) == "code changed"
    edit(recorded, HEAD, *CODE, f"# one line down\n{code}")
    assert why(recorded) == "source changed"


def test_a_comment_is_shown_though_nothing_ran(book):
    edit(book, HEAD, f"# what it is\n{CODE[0]}", *CODE[1:])
    job = Job(notebook=book.notebooks / "01_a.ipynb", edition="print", lang="zh", parameters={"lang": "zh", "as_of": "2022-02-24"})
    (outcome,) = run(book, [job])
    cell = next(cell for cell in outcome.notebook.cells if cell.id == "c1")
    assert outcome.fresh and cell.source.startswith("# what it is") and "0.13" in cell.outputs[0].text


def test_a_half_written_record_is_none(book):
    store = Store(book.runs / "print" / "zh" / "01_a", book.root)
    whole = store.record.read_text()
    store.record.write_text(whole[:-40])
    assert stale(book) == "never run"
    store.record.write_text(whole)
    assert stale(book) == ""
    store.executed.write_text(store.executed.read_text() + " ")
    assert stale(book) == "stored outputs changed"


def test_every_part_of_a_key_is_a_reason_of_its_own(book, monkeypatch):
    monkeypatch.setattr(keys, "engine_digest", lambda: "another engine")
    assert stale(book) == "engine changed"
