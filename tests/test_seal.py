"""What a sealed process can open, and what not. Each case is a process of its own: a seal cannot be taken off."""

from __future__ import annotations

import errno
import json
import os
import py_compile
import subprocess
import sys
from pathlib import Path

import pytest
from synthetic_run import make_project

from recount import seal

# Never by what `why_not` says: a seal that finds no Landlock where there is some would skip its own tests.
pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Landlock is part of Linux")


@pytest.fixture
def sealed(tmp_path):
    """Run code under the seal of a synthetic book, whose record names one file and one folder; returns what it prints."""
    project = make_project(tmp_path / "book")
    scratch, work = tmp_path / "scratch", project.runs / "print" / "zh" / "01_a" / "work"
    for folder in (scratch, work, project.data / "listed", project.data / "other"):
        folder.mkdir(parents=True)
    (project.data / "secret.csv").write_text("secret\n", "utf-8")
    (work.parent / "record.json").touch()
    plan = scratch / "seal.json"
    plan.write_text(json.dumps({"root": str(project.root), "files": ["data/prices.csv", "data/later.csv", "data", "lib/rates.py"],
                                "folders": ["data/listed", "lib"], "refused": str(work.parent / "record.json")}))

    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}

    def run(code: str) -> str:
        head = (f"import ctypes, os, shutil, subprocess, sys, threading\nfrom pathlib import Path\nROOT = Path({str(project.root)!r})\n"
                f"import recount.seal; recount.seal.start({str(plan)!r})\n"
                "def refused(do):\n    try: do()\n    except PermissionError: print('refused')\n    else: print('opened')\n")
        done = subprocess.run([sys.executable, "-c", head + code], cwd=work, capture_output=True, text=True, env=environment)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    run.project, run.scratch = project, scratch
    return run


def test_what_the_record_names_can_be_opened_and_the_rest_of_the_book_cannot(sealed):
    assert sealed("print((ROOT / 'data/prices.csv').read_text()[:3])") == "day"
    assert sealed("refused((ROOT / 'data/secret.csv').read_text)") == "refused"
    assert (sealed.scratch / seal.SEALED).is_file()


def test_a_folder_is_listed_only_where_the_record_says_so(sealed):
    assert sealed("print(os.listdir(ROOT / 'data/listed'))") == "[]"
    for folder in ("data", "data/other", "."):
        assert sealed(f"refused(lambda: os.listdir(ROOT / {folder!r}))") == "refused"


def test_a_file_of_a_folder_that_was_listed_is_not_opened_by_that(sealed):
    (sealed.project.data / "listed" / "a.csv").touch()
    assert sealed("refused((ROOT / 'data/listed/a.csv').read_text)") == "refused"


def test_a_file_that_is_not_there_is_not_there(sealed):
    assert sealed("try: (ROOT / 'data/later.csv').read_text()\nexcept FileNotFoundError: print('absent')") == "absent"


def test_c_child_processes_and_threads_are_under_the_same_seal(sealed):
    assert sealed("print(ctypes.CDLL(None).fopen(bytes(ROOT / 'data/secret.csv'), b'r'))") == "0"
    assert sealed("print(subprocess.run(['cat', ROOT / 'data/secret.csv'], capture_output=True).returncode)") == "1"
    assert sealed("print(subprocess.run(['cat', ROOT / 'data/prices.csv'], capture_output=True).stdout[:3])") == "b'day'"
    assert sealed("t = threading.Thread(target=refused, args=((ROOT / 'data/secret.csv').read_text,)); t.start(); t.join()") == "refused"


def test_the_run_works_in_its_own_folders_as_ever(sealed):
    assert sealed("open('a', 'w').write('x'); os.mkdir('d'); os.replace('a', 'd/b'); print(open('d/b').read(), os.listdir('.'))") == "x ['d']"
    assert sealed(f"p = Path({str(sealed.scratch)!r}, 'c'); p.write_text('y'); print(p.read_text())") == "y"
    assert sealed("import sqlite3, zoneinfo, pandas; print(zoneinfo.ZoneInfo('Asia/Shanghai'), pandas.DataFrame({'a': [1]}).a.sum())"
                  ) == "Asia/Shanghai 1"


@pytest.mark.parametrize("way", ["os.replace", "os.link"])
def test_a_file_cannot_be_brought_out_of_the_seal(sealed, way):
    code = f"try: {way}(ROOT / 'data/secret.csv', 'mine')\nexcept OSError: print('refused')"
    assert sealed(code) == "refused"


def test_the_runs_of_other_notebooks_are_closed_though_the_trace_passes_over_them(sealed):
    other = sealed.project.runs / "print" / "zh" / "02_b" / "executed.ipynb"
    other.parent.mkdir()
    other.touch()
    assert sealed(f"refused(lambda: open({str(other)!r}))") == "refused"


def test_a_module_is_read_from_its_source_and_its_cache_left_as_it_was(sealed):
    module = sealed.project.root / "lib" / "rates.py"
    module.parent.mkdir()
    code = "sys.path.insert(0, str(ROOT / 'lib')); import rates; print(rates.VAT)"
    module.write_text("VAT = 17\n", "utf-8")
    assert sealed(code) == "17" and not (module.parent / "__pycache__").exists()
    cache = Path(py_compile.compile(str(module)))
    before, found = cache.read_bytes(), module.stat()
    module.write_text("VAT = 13\n", "utf-8")
    os.utime(module, ns=(found.st_atime_ns, found.st_mtime_ns))  # to Python, the cache is of this source
    assert sealed(code) == "13" and cache.read_bytes() == before


def test_a_seal_that_holds_nothing_is_not_told_to_hold(sealed):
    plan = sealed.scratch / "seal.json"
    told = json.loads(plan.read_text())
    plan.write_text(json.dumps({**told, "refused": str(sealed.project.data / "prices.csv")}))
    sealed("")
    assert not (sealed.scratch / seal.SEALED).exists()


def test_a_book_inside_a_tree_of_the_machine_is_not_opened_with_it(tmp_path):
    for name in ("opt/book/data", "opt/tools/bin", "lib"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "opt" / "around").symlink_to(tmp_path / "opt" / "book")
    parts = seal._without(str(tmp_path), str(tmp_path / "opt" / "book"))
    assert {str(Path(part).relative_to(tmp_path)) for part in parts} == {"opt/tools", "lib"}
    assert list(seal._without(str(tmp_path / "lib"), str(tmp_path / "opt" / "book"))) == [str(tmp_path / "lib")]
    assert list(seal._without(str(tmp_path / "opt/book/data"), str(tmp_path / "opt" / "book"))) == []


@pytest.mark.parametrize("code, says", [(errno.ENOSYS, "a kernel without it"), (errno.EOPNOTSUPP, "switched off"),
                                        (errno.EPERM, "refuses it: Operation not permitted")])  # fmt: skip
def test_a_kernel_without_landlock_is_known_and_told_from_one_that_forbids_it(monkeypatch, code, says):
    def refuse(*_):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(seal, "_call", refuse)
    assert says in seal.why_not()


def test_another_system_is_not_asked_for_landlock(monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    assert seal.why_not() == "darwin, where there is none"
