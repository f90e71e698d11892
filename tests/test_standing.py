"""When all stands as the last success left it nothing is done; whatever may matter and is not the same leads to work."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time

import pytest
from conftest import recount
from synthetic_run import make_notebook, make_project

from recount import freshness, keys, standing

TOLD = {"counts": "1 claims", "runs": 2}


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A synthetic book after a success: inputs, one recorded run and what was made."""
    monkeypatch.setattr(standing, "_site_packages", lambda: [str(tmp_path / "machine" / "site-packages")])
    package = tmp_path / "machine" / "recount"
    (package / "site").mkdir(parents=True)
    for name in ("__init__.py", "site/book.css"):
        (package / name).write_text("1", "utf-8")
    monkeypatch.setattr(standing.recount, "__file__", str(package / "__init__.py"))
    installed = tmp_path / "machine" / "site-packages" / "pandas-3.0.dist-info"
    installed.mkdir(parents=True)
    (installed / "RECORD").write_text("pandas,sha256=1", "utf-8")
    made = make_project(tmp_path / "book")
    make_notebook(made, "01_a.ipynb", "print(1)")
    (made.root / "extra" / "listed").mkdir(parents=True)
    for name in ("_config.yml", "_toc.yml", "requirements.lock", "book/page.md", "extra/read.csv", "extra/listed/a.csv",
                 "_build/site/index.html", "_build/site/zh/a.html", "_build/ledger/print.json", "_build/sweep/print.json",
                 "_build/fonts/current", "_build/fonts/1/regular.otf", "_build/validated.json"):  # fmt: skip
        (made.root / name).parent.mkdir(parents=True, exist_ok=True)
        (made.root / name).write_text(f"{name} 1", "utf-8")
    run(made, "print")
    age(made)
    return made


def run(project, edition, *, untraceable=(), stem="01_a", **more):
    folder = project.runs / edition / "zh" / stem
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "executed.ipynb").write_text("{}", "utf-8")
    record = {"key": {}, "files": {"extra/read.csv": keys.file_digest(project.root / "extra/read.csv"), "extra/later.csv": None},
              "tables": {"data/prices.csv": "x"}, "asked": [], "untraceable": list(untraceable),
              "listings": {"extra/listed": freshness._listing_digest(project.root / "extra/listed")}} | more  # fmt: skip
    (folder / "record.json").write_text(json.dumps(record), "utf-8")


def age(project):
    """Let the clock that files have go on, so that marks can be trusted."""
    time.sleep(standing.TICK + 0.05)


def succeed(project, kind="build"):
    assert standing.finish(project, standing.begin(project), kind=kind, told=TOLD) == ""


@pytest.mark.parametrize("kind", ["check", "build"])
def test_nothing_changed_and_what_was_told_is_told_again(project, kind):
    assert standing.told(project, kind) is None  # never yet
    succeed(project, kind)
    assert standing.told(project, kind) == TOLD


def keeping_time(path, text):
    before = path.stat()
    path.write_text(text, "utf-8")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert (path.stat().st_size, path.stat().st_mtime_ns) == (before.st_size, before.st_mtime_ns)


def replaced(path, text):
    before = path.stat()
    path.with_name("new").write_text(text, "utf-8")
    os.utime(path.with_name("new"), ns=(before.st_atime_ns, before.st_mtime_ns))
    os.replace(path.with_name("new"), path)


CHANGES = {
    "an edited table": lambda root: (root / "data/prices.csv").write_text("day,price\n1,11\n", "utf-8"),
    "an edit with size and time kept": lambda root: keeping_time(root / "data/prices.csv", "day,price\n1,10\n2,21\n"),
    "another file of the same size and time": lambda root: replaced(root / "data/prices.csv", "day,price\n1,10\n2,21\n"),
    "a new table": lambda root: (root / "data/more.csv").write_text("x", "utf-8"),
    "a new folder": lambda root: (root / "data/more").mkdir(),
    "a table that is gone": lambda root: (root / "data/prices.csv").unlink(),
    "an edited notebook": lambda root: (root / "notebooks/01_a.ipynb").write_text("{}", "utf-8"),
    "a new notebook": lambda root: (root / "notebooks/02_b.ipynb").write_text("{}", "utf-8"),
    "an edited page": lambda root: (root / "book/page.md").write_text("2", "utf-8"),
    "another setting": lambda root: (root / "_config.yml").write_text("2", "utf-8"),
    "another order": lambda root: (root / "_toc.yml").write_text("2", "utf-8"),
    "another lock": lambda root: (root / "requirements.lock").write_text("2", "utf-8"),
    "a new lock": lambda root: (root / "requirements-test.lock").write_text("2", "utf-8"),
    "a file that a run read": lambda root: (root / "extra/read.csv").write_text("2", "utf-8"),
    "a file that a run looked for": lambda root: (root / "extra/later.csv").write_text("2", "utf-8"),
    "a folder that a run listed": lambda root: (root / "extra/listed/b.csv").write_text("2", "utf-8"),
    "a listed file turned folder": lambda root: ((root / "extra/listed/a.csv").unlink(), (root / "extra/listed/a.csv").mkdir()),
    "this package": lambda root: (root.parent / "machine/recount/__init__.py").write_text("2", "utf-8"),
    "the look of pages": lambda root: (root.parent / "machine/recount/site/book.css").write_text("2", "utf-8"),
    "a new module": lambda root: (root.parent / "machine/recount/new.py").write_text("2", "utf-8"),
    "another library": lambda root: (root.parent / "machine/site-packages/pandas-3.0.dist-info").rename(
        root.parent / "machine/site-packages/pandas-3.1.dist-info"),
    "the same version of other files": lambda root: (root.parent / "machine/site-packages/pandas-3.0.dist-info/RECORD").write_text("2"),
    "one more library": lambda root: (root.parent / "machine/site-packages/pyarrow").mkdir(),
    "a font": lambda root: (root / "_build/fonts/1/regular.otf").write_text("2", "utf-8"),
    "the choice of fonts": lambda root: (root / "_build/fonts/current").write_text("2", "utf-8"),
    "a damaged page": lambda root: (root / "_build/site/zh/a.html").write_text("_build/site/zh/a.html", "utf-8"),
    "a page that is gone": lambda root: (root / "_build/site/index.html").unlink(),
    "a page too many": lambda root: (root / "_build/site/zh/b.html").write_text("2", "utf-8"),
    "a damaged ledger": lambda root: (root / "_build/ledger/print.json").write_text("2", "utf-8"),
    "a sweep that is gone": lambda root: (root / "_build/sweep/print.json").unlink(),
    "the validation's word": lambda root: (root / "_build/validated.json").unlink(),
    "damaged outputs of a run": lambda root: (root / "_build/runs/print/zh/01_a/executed.ipynb").write_text("2", "utf-8"),
    "a run's record": lambda root: (root / "_build/runs/print/zh/01_a/record.json").unlink(),
    "a damaged record of success": lambda root: (root / "_build/standing/build.json").write_text('{"schema": 1', "utf-8"),
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_what_may_matter_and_changed_leads_to_work(project, change):
    succeed(project)
    assert standing.told(project, "build") == TOLD
    CHANGES[change](project.root)
    assert standing.told(project, "build") is None


@pytest.mark.parametrize("name", ["PATH", "LD_LIBRARY_PATH", "PYTHONPATH", "RECOUNT_ROOT", "TZ", "LC_ALL", "MPLCONFIGDIR"])
def test_a_variable_that_can_reach_a_run_leads_to_work(project, monkeypatch, name):
    succeed(project)
    monkeypatch.setenv(name, "/other")
    assert standing.told(project, "build") is None


def test_another_interpreter_leads_to_work(project, monkeypatch, tmp_path):
    succeed(project)
    (tmp_path / "python").symlink_to(os.path.realpath("/bin/sh"))
    monkeypatch.setattr(standing.sys, "executable", str(tmp_path / "python"))
    assert standing.told(project, "build") is None


@pytest.mark.parametrize("change", [
    lambda root: (root / "data/prices.csv").touch(),
    lambda root: os.utime(root / "data/prices.csv", ns=(1, 1)),
    lambda root: (root / "data/prices.csv").write_bytes((root / "data/prices.csv").read_bytes()),
    lambda root: (root / "extra/unread.csv").write_text("x", "utf-8"),
    lambda root: (root / "data/__pycache__").mkdir(),
    lambda root: (root / "notebooks/.ipynb_checkpoints").mkdir(),
    lambda root: (root / "_build/cache").mkdir(),
])  # fmt: skip
def test_what_cannot_matter_leads_to_no_work(project, change):
    succeed(project)
    change(project.root)
    assert standing.told(project, "build") == TOLD


def test_a_check_does_not_ask_for_the_site_and_a_build_does(project):
    succeed(project, "check")
    succeed(project, "build")
    (project.site / "index.html").unlink()
    assert standing.told(project, "check") == TOLD and standing.told(project, "build") is None


def test_a_touched_file_is_read_once_and_then_known_again(project, monkeypatch):
    succeed(project)
    (project.data / "prices.csv").touch()
    age(project)
    assert standing.told(project, "build") == TOLD
    monkeypatch.setattr(standing, "_hash", lambda path: pytest.fail(f"read again: {path}"))
    assert standing.told(project, "build") == TOLD


def test_a_file_written_in_the_moment_of_the_record_is_not_trusted_by_its_time(project, monkeypatch):
    (project.data / "prices.csv").write_text("day,price\n1,10\n2,13\n", "utf-8")
    monkeypatch.setattr(standing, "TICK", 3600)
    succeed(project)
    monkeypatch.setattr(standing, "TICK", 0.1)
    kept = json.loads((project.build / "standing/build.json").read_text())["files"]["data/prices.csv"]
    assert kept[0] is None and kept[1]


# What is never recorded.

def test_a_run_that_cannot_be_traced_forbids_it(project):
    run(project, "print", untraceable=["uses the network"])
    assert standing.finish(project, standing.begin(project), kind="build", told=TOLD) == "01_a: uses the network"
    assert standing.told(project, "build") is None


def test_a_record_of_an_earlier_success_does_not_outlive_a_success_that_cannot_be_vouched_for(project):
    succeed(project)
    run(project, "print", untraceable=["uses the network"])
    standing.finish(project, standing.begin(project), kind="build", told=TOLD)
    run(project, "print")
    assert standing.told(project, "build") is None


def test_an_edit_while_the_work_went_on_forbids_it(project):
    before = standing.begin(project)
    (project.data / "prices.csv").write_text("day,price\n1,11\n", "utf-8")
    assert standing.finish(project, before, kind="build", told=TOLD) == "something changed while it was checked"


def test_a_file_that_is_not_what_a_run_read_forbids_it(project):
    (project.root / "extra/read.csv").write_text("2", "utf-8")
    assert "extra/read.csv" in standing.finish(project, standing.begin(project), kind="build", told=TOLD)


def test_a_folder_that_is_not_what_a_run_listed_forbids_it(project):
    (project.root / "extra/listed/b.csv").write_text("2", "utf-8")
    assert "extra/listed" in standing.finish(project, standing.begin(project), kind="build", told=TOLD)


def test_a_run_of_an_earlier_sweep_or_of_a_notebook_that_is_gone_forbids_nothing(project):
    run(project, "sweep-2022-03-31", files={"extra/read.csv": "old"}, untraceable=["x"])
    run(project, "print", stem="99_gone", files={"extra/read.csv": "old"}, untraceable=["x"])
    run(project, "sweep-2022-04-30", untraceable=["x"], key={"engine": "of another time"})
    succeed(project)


def test_a_run_of_this_sweep_that_cannot_be_traced_forbids_it(project):
    run(project, "sweep-2022-03-31", untraceable=["x"], key={"engine": keys.engine_digest()})
    assert standing.finish(project, standing.begin(project), kind="check", told=TOLD) == "01_a: x"


@pytest.mark.parametrize("plant", [
    lambda root: (root / "data/link").symlink_to(root / "extra"),
    lambda root: os.mkfifo(root / "data/pipe"),
])  # fmt: skip
def test_what_cannot_be_vouched_for_forbids_it(project, plant):
    plant(project.root)
    assert standing.begin(project) is None
    assert standing.finish(project, None, kind="build", told=TOLD)


# The command.

@pytest.mark.slow
def test_a_build_after_a_build_tells_the_same_without_a_heavy_import(built):
    first = recount("build", "--json", cwd=built.root)  # whatever ran since the fixture
    code = ("import sys\nfrom recount.cli import main\nsys.argv = ['recount', 'build', '--json']\ntry:\n    main()\nfinally:\n"
            "    print([m for m in ('pandas', 'nbformat', 'papermill', 'sphinx', 'yaml', 'recount.book') if m in sys.modules])")
    again = subprocess.run([sys.executable, "-c", code], cwd=built.root, capture_output=True, text=True)
    told, imported = again.stdout.splitlines()
    assert first.returncode == again.returncode == 0 and imported == "[]"
    before, after = json.loads(first.stdout), json.loads(told)
    assert after["built"] == [] and sorted(after["reused"]) == sorted(before["built"] + before["reused"])
    assert after["pages"] == before["pages"] and after["summary"].split(";")[0] == before["summary"].split(";")[0]
    assert recount("check", cwd=built.root).stdout.startswith("checked: ")
