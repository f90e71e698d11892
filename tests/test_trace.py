"""What a kernel's audit hook writes down. Each case is a process of its own: a hook cannot be taken off."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from synthetic_run import make_project

import recount.trace
from recount.freshness import read_trace


@pytest.fixture
def traced(tmp_path):
    """Run code under the hook in a synthetic book; returns the trace, and the project it was in."""
    project = make_project(tmp_path / "book")
    work = project.runs / "print" / "zh" / "01_a" / "work"
    work.mkdir(parents=True)
    target = tmp_path / "scratch" / "trace.jsonl"
    target.parent.mkdir()

    def run(code: str, *, expect: int = 0):
        head = "import recount.trace; recount.trace.start()\nfrom pathlib import Path\nimport os\n"
        head += f"ROOT = Path({str(project.root)!r})\n"
        done = subprocess.run(
            [sys.executable, "-c", head + code], cwd=work, capture_output=True, text=True,
            env={**os.environ, "RECOUNT_TRACE": str(target), "RECOUNT_ROOT": str(project.root)},
        )  # fmt: skip
        assert done.returncode == expect, done.stderr
        return read_trace(target, project.root)

    run.project = project
    return run


READS = {
    "open": "open(ROOT / 'data/prices.csv').read()",
    "pathlib": "(ROOT / 'data/prices.csv').read_bytes()",
    "os.open": "os.open(str(ROOT / 'data/prices.csv'), os.O_RDONLY)",
    "bytes path": "open(os.fsencode(ROOT / 'data/prices.csv')).read()",
    "relative path": "os.chdir(ROOT / 'data'); open('prices.csv').read()",
    "read and write": "open(ROOT / 'data/prices.csv', 'r+').read()",
    "pandas": "import pandas; pandas.read_csv(ROOT / 'data/prices.csv')",
    "thread": "import threading\nt = threading.Thread(target=lambda: open(ROOT / 'data/prices.csv').read())\n"
              "t.start(); t.join()",
    "sqlite": "import sqlite3\nsqlite3.connect(ROOT / 'data/prices.csv')",
    "sqlite uri": "import sqlite3\nsqlite3.connect(f'file:{ROOT}/data/prices.csv?mode=ro', uri=True)",
    "copy": "import shutil; shutil.copy(ROOT / 'data/prices.csv', 'mine.csv')",
}  # fmt: skip


@pytest.mark.parametrize("code", READS.values(), ids=READS.keys())
def test_a_file_that_is_read_is_recorded_with_its_hash(traced, code):
    trace = traced(code)
    assert list(trace.files) == ["data/prices.csv"]
    assert len(trace.files["data/prices.csv"]) == 64
    assert trace.untraceable == ()


def test_a_file_that_is_written_is_not_read(traced):
    trace = traced("(ROOT / 'data/new.csv').write_text('x')\nopen('here.txt', 'w').write('y')")
    assert (trace.files, trace.untraceable) == ({}, ())


def test_an_absent_file_that_is_probed_is_recorded_as_absent(traced):
    trace = traced("try: open(ROOT / 'data/later.csv')\nexcept OSError: pass")
    assert trace.files == {"data/later.csv": None}


@pytest.mark.parametrize("code", ["os.listdir(ROOT / 'data')", "list((ROOT / 'data').glob('*.csv'))",
                                  "list(os.scandir(str(ROOT / 'data')))"])  # fmt: skip
def test_a_folder_that_is_listed_is_recorded(traced, code):
    assert list(traced(code).listings) == ["data"]


def test_the_book_itself_can_be_listed(traced):
    assert list(traced("os.listdir(ROOT)").listings) == ["."]


def test_a_module_of_the_book_is_recorded_by_its_source_even_when_python_reads_its_cache(traced):
    module = traced.project.root / "rates.py"
    module.write_text("VAT = 0.13\n", "utf-8")
    code = "import sys; sys.path.insert(0, str(ROOT))\nimport rates"
    assert "rates.py" in traced(code).files  # compiles
    (traced.project.build / "x").mkdir(parents=True)
    assert "rates.py" in traced(code).files  # reads rates.cpython-*.pyc only


def test_the_own_folder_and_the_libraries_are_not_recorded(traced):
    code = "open('mine.txt', 'w').write('x'); open('mine.txt').read(); os.listdir('.')\n"
    trace = traced(code + "import json.tool, zoneinfo, pandas\nopen('/etc/hostname').read()")
    assert (trace.files, trace.listings, trace.untraceable) == ({}, {}, ())


PROBES = {
    "exists": "(ROOT / '{}').exists()",
    "os.path": "os.path.isfile(str(ROOT / '{}'))",
    "is_dir": "(ROOT / '{}').is_dir()",
    "bytes": "os.path.exists(os.fsencode(ROOT / '{}'))",
    "access": "os.access(ROOT / '{}', os.R_OK)",
    "stat": "try: os.stat(ROOT / '{}')\nexcept OSError: pass",
}


@pytest.mark.parametrize("code", PROBES.values(), ids=PROBES.keys())
def test_what_is_only_asked_for_is_recorded_whether_it_is_there_or_not(traced, code):
    assert traced(code.format("data/later.csv")).files == {"data/later.csv": None}
    assert len(traced(code.format("data/prices.csv")).files["data/prices.csv"]) == 64
    assert traced(code.format("data")).files["data"] == "folder"


def test_what_the_engine_asks_is_its_own_affair_and_a_library_asks_for_its_user(traced):
    for name in ("_config.yml", "data/datapackage.json"):
        (traced.project.root / name).touch()
    assert traced("from recount.project import Project\nassert Project.find(ROOT).root == ROOT").files == {}
    assert "data/prices.csv" in traced("import shutil; shutil.which('prices.csv', path=str(ROOT / 'data'))").files


def test_asking_goes_on_as_without_the_record(traced):
    traced("import shutil\nopen('a', 'w').close()\nshutil.copystat('a', 'a', follow_symlinks=False)\n"
           "assert os.stat in os.supports_fd and os.stat.__name__ == 'stat'\n"
           "assert os.stat(0) and os.stat('a', follow_symlinks=False) == os.lstat('a')\n"
           "for wrong in (None, 'a\\0b'):\n"
           "    try: os.stat(wrong)\n"
           "    except (TypeError, ValueError): pass\n"
           "    else: raise AssertionError(wrong)")


@pytest.mark.parametrize("code, looks", [
    ("", False),
    ("import sys; sys.path.insert(0, str(ROOT))\nimport rates", True),
])
def test_a_module_of_the_book_that_looks_at_the_clock_is_flagged_where_it_is_used(traced, code, looks):
    (traced.project.root / "rates.py").write_text("from datetime import date\nTODAY = date.today()\n", "utf-8")
    assert traced(code).untraceable == (("looks at the clock (date.today)",) if looks else ())


UNTRACEABLE = {
    "subprocess": ("import subprocess; subprocess.run(['true'])", "starts a process"),
    "os.system": ("os.system('true')", "starts a process"),
    "fork": ("pid = os.fork()\nif not pid: os._exit(0)\nos.waitpid(pid, 0)", "starts a process"),
    "spawn": ("import multiprocessing.popen_spawn_posix", "imports multiprocessing.popen_spawn_posix"),
    "network": ("import socket\ntry: socket.create_connection(('192.0.2.1', 80), timeout=0.01)\n"
                "except OSError: pass", "uses the network"),
    "name lookup": ("import socket\ntry: socket.getaddrinfo('example.invalid', 80)\nexcept OSError: pass",
                    "uses the network"),
    "compiled": ("import _elementtree, sys, types\nimport importlib.util as u\n"
                 "import shutil; name = shutil.copy(_elementtree.__file__, 'unheard_of.so')\n"
                 "spec = u.spec_from_file_location('unheard_of', os.path.abspath(name))\n"
                 "try: u.module_from_spec(spec)\nexcept ImportError: pass", "imports unheard_of"),
    "compiled before": ("import types, recount.trace as t\nimport sys\nm = types.ModuleType('early')\n"
                        "m.__file__ = '/opt/early.so'\nsys.modules['early'] = m\nt.start()", "imports early"),
    "database": ("import importlib.util\ntry: import _gdbm\nexcept ImportError:\n    import sys; sys.audit('import', '_gdbm', None)",
                 "imports _gdbm"),
    "C itself": ("import ctypes; ctypes.CDLL(None).fopen", "calls fopen in C"),
    "C by Python": ("import ctypes; ctypes.pythonapi.Py_GetVersion", "calls Py_GetVersion in C"),
    "elsewhere": ("open(ROOT.parent / 'other.csv', 'w').write('x'); open(ROOT.parent / 'other.csv').read()",
                  "outside the book"),
}  # fmt: skip


@pytest.mark.parametrize("code, reason", UNTRACEABLE.values(), ids=UNTRACEABLE.keys())
def test_what_the_hook_cannot_follow_is_flagged(traced, code, reason):
    assert reason in "; ".join(traced(code).untraceable)


def test_talking_to_oneself_is_not_the_network(traced):
    code = "import socket, asyncio\na, b = socket.socketpair()\ns = socket.create_server(('127.0.0.1', 0))\n"
    code += "socket.create_connection(s.getsockname()).close()\nasyncio.run(asyncio.sleep(0))"
    assert traced(code).untraceable == ()


def test_a_process_that_is_killed_loses_nothing_it_recorded(traced):
    trace = traced("open(ROOT / 'data/prices.csv').read()\nos._exit(9)", expect=9)
    assert list(trace.files) == ["data/prices.csv"]


def test_a_file_that_changed_after_it_was_read_is_not_vouched_for(traced):
    code = "p = ROOT / 'data/prices.csv'\np.read_text()\np.write_text('other\\n')"
    assert traced(code).untraceable == ("data/prices.csv changed during the run",)


def test_a_file_that_appeared_after_it_was_probed_is_not_vouched_for(traced):
    code = "p = ROOT / 'data/later.csv'\ntry: p.read_text()\nexcept OSError: pass\np.write_text('x')"
    assert traced(code).untraceable == ("data/later.csv changed during the run",)


def test_no_record_at_all_is_not_an_empty_record(tmp_path):
    assert read_trace(tmp_path / "none.jsonl", tmp_path).untraceable == ("the kernel recorded nothing",)


def test_a_damaged_record_is_not_believed(tmp_path):
    path = tmp_path / "trace.jsonl"
    path.write_text(json.dumps(["list", "."]) + '\n["read", "da', "utf-8")
    assert read_trace(path, tmp_path).untraceable == ("the record is damaged",)


def test_the_folder_that_the_engine_lies_in_is_no_listing_of_the_book(traced, tmp_path):
    """In the repository the package lies inside the book; a copy of the book has no such folder and ran all again."""
    root = traced.project.root
    (root / "src").mkdir()
    engine = os.path.dirname(recount.trace.__file__)
    os.symlink(engine, root / "src" / "recount")
    code = f"import recount.trace as t\nr = t._Recorder(os.environ['RECOUNT_TRACE'], {str(root)!r}, os.getcwd())\n"
    code += f"r.engine = {str(root / 'src' / 'recount') + os.sep!r}\n"
    code += f"r.on_list('', ({str(root / 'src')!r},)); r.on_list('', ({str(root / 'data')!r},))"
    done = subprocess.run([sys.executable, "-c", f"import os\n{code}"], cwd=root / "_build" / "runs", capture_output=True,
                          text=True, env={**os.environ, "RECOUNT_TRACE": str(tmp_path / "scratch" / "t.jsonl")})  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert list(read_trace(tmp_path / "scratch" / "t.jsonl", root).listings) == ["data"]


def test_a_program_started_with_a_pseudo_terminal_runs_as_it_does_untraced(traced):
    """It closes every descriptor before its exec, the trace's among them; `!command` in a cell does this."""
    trace = traced("import pexpect\nassert pexpect.run('echo there') == b'there\\r\\n'")
    assert any("starts a process" in reason for reason in trace.untraceable)


def test_a_table_read_outside_a_desk_is_a_file_like_any_other(traced):
    (traced.project.data / "datapackage.json").write_text(
        '{"resources": [{"name": "prices", "title": "", "path": "prices.csv", "schema": {"primaryKey": ["day"], "fields": ['
        '{"name": "day", "type": "string"}, {"name": "price", "type": "number"}]}}]}', "utf-8")
    package = "from recount.package import Package\npackage = Package(ROOT / 'data'{})\npackage.{}('prices')"
    assert "data/prices.csv" in traced(package.format("", "loaded")).files
