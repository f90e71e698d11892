"""Books bound by a fork of the bindery are those that a program of their own would bind, and nothing outlives who asked."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pytest
import synthetic_site as synthetic

import recount.site.assemble as assemble_module
import recount.site.build as build_module
from recount.editions import Edition
from recount.errors import CheckFailed
from recount.fonts import Fonts
from recount.site import bindery
from recount.site.bindery import Bindery
from recount.site.build import build_site

pytestmark = pytest.mark.slow
forks = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="books are bound by forks on Linux only")
PRINT = Edition(name="print", as_of=date(2022, 2, 24), title_zh="见报当日", title_en="On the day of print")

# Synthetic. An extension of a book, which says where it runs and then does what its test wants.
PROBE = """
import json, os, random, signal, sys, threading, time
from pathlib import Path

def setup(app):
    state = {"environment": dict(os.environ), "cwd": os.getcwd(), "argv": sys.argv[1:], "zone": time.strftime("%Z"), "hash": hash("甲"),
             "threads": threading.active_count(), "input": os.read(0, 1).decode(), "open": sorted(os.listdir("/proc/self/fd"))[:3],
             "child": signal.getsignal(signal.SIGCHLD) == signal.SIG_DFL, "limits": sys.getrecursionlimit()}
    Path(app.srcdir, "state.json").write_text(json.dumps(state))
    Path(app.srcdir, "ids.json").write_text(json.dumps([os.getpid(), os.getppid()]))
    print("said out"), print("said err", file=sys.stderr)
    exec(Path(app.srcdir, "deed.py").read_text())
    return {}
"""


def book(folder: Path, deed: str = "") -> Path:
    """A synthetic book of one page, with the extension above."""
    folder.mkdir()
    (folder / "_config.yml").write_text("title: synthetic\nexecute: {execute_notebooks: 'off'}\nsphinx: {local_extensions: {probe: .}}\n")
    (folder / "_toc.yml").write_text("format: jb-book\nroot: index\n")
    (folder / "index.md").write_text("# Synthetic\n\n甲\n", "utf-8")
    (folder / "probe.py").write_text(PROBE)
    (folder / "deed.py").write_text(textwrap.dedent(deed))
    return folder


def bound(by: Bindery, source: Path) -> subprocess.CompletedProcess[str]:
    home = source.with_name(f"{source.name}-home")
    home.mkdir()
    return by.bind(["build", str(source), "--path-output", str(home), "-q"], home=home)


def ids(source: Path) -> tuple[int, int]:
    """Of the process that bound a book, and of its parent."""
    path = source / "ids.json"
    for _ in range(600):
        if path.is_file() and path.read_text():
            break
        time.sleep(0.05)
    own, parent = json.loads(path.read_text())
    return own, parent


def gone(*pids: int) -> bool:
    for _ in range(100):
        if not any(Path("/proc", str(pid)).exists() for pid in pids):
            return True
        time.sleep(0.05)
    return False


@pytest.fixture(scope="module")
def warm():
    with Bindery() as made:
        made.start()
        yield made


@pytest.fixture
def alone(monkeypatch):
    monkeypatch.setattr(bindery, "possible", lambda: False)
    with Bindery() as made:
        yield made


@forks
def test_a_forked_process_sees_what_a_started_one_sees_and_nothing_of_the_user(warm, alone, tmp_path, monkeypatch):
    monkeypatch.setenv("RECOUNT_SYNTHETIC", "of the user")
    states = []
    for by, name in ((warm, "warm"), (alone, "alone")):
        source = book(tmp_path / name)
        done = bound(by, source)
        assert done.returncode == 0, done.stderr
        assert "said out" in done.stdout and "said err" in done.stderr
        assert ids(source)[1] == os.getpid() if by is alone else ids(source)[1] != os.getpid()
        states.append(json.loads((source / "state.json").read_text().replace(str(source), "BOOK")))
    forked, started = states
    assert forked == started
    assert "RECOUNT_SYNTHETIC" not in forked["environment"]
    assert forked["environment"]["HOME"] == forked["cwd"] == "BOOK-home"
    assert (forked["environment"]["PYTHONHASHSEED"], forked["zone"], forked["input"]) == ("0", "UTC", "")


@forks
def test_two_books_at_once_are_forks_of_one_process_and_are_buried_by_it(warm, tmp_path):
    first, second = (book(tmp_path / name, "time.sleep(1)") for name in ("first", "second"))
    with ThreadPoolExecutor(2) as pool:
        assert [done.returncode for done in pool.map(lambda source: bound(warm, source), (first, second))] == [0, 0]
    assert ids(first)[1] == ids(second)[1] == warm._process.pid
    assert ids(first)[0] != ids(second)[0]
    assert gone(ids(first)[0], ids(second)[0])


@pytest.mark.parametrize("way", ["warm", "alone"])
def test_how_a_book_ends_is_told(way, request, tmp_path):
    by = request.getfixturevalue(way)
    assert bound(by, book(tmp_path / "killed", "os.kill(os.getpid(), signal.SIGKILL)")).returncode == -signal.SIGKILL
    raised = bound(by, book(tmp_path / "raised", "raise ValueError('synthetic')"))
    assert raised.returncode == 1 and "synthetic" in raised.stderr
    wrong = by.bind(["build", "no such book"], home=tmp_path)
    assert wrong.returncode == 2 and "no such book" in wrong.stderr


@forks
def test_where_it_cannot_fork_a_program_is_started(tmp_path, monkeypatch):
    monkeypatch.setattr(bindery, "WARM", "raise SystemExit(1)")
    with Bindery() as broken:
        source = book(tmp_path / "book")
        assert bound(broken, source).returncode == 0
        assert ids(source)[1] == os.getpid()


@forks
def test_an_engine_edited_meanwhile_is_imported_as_it_is(tmp_path, monkeypatch):
    engine = tmp_path / "engine"
    engine.mkdir()
    (engine / "part.py").write_text("")
    monkeypatch.setattr(bindery, "WARM", f"import pathlib, recount.site.bindery as b; b.PACKAGE = pathlib.Path({str(engine)!r}); b.main()")
    with Bindery() as by:
        before, after = book(tmp_path / "before"), book(tmp_path / "after")
        assert bound(by, before).returncode == 0
        (engine / "part.py").write_text("edited = True")
        assert bound(by, after).returncode == 0
        assert ids(before)[1] == by._process.pid
        assert ids(after)[1] == os.getpid()


@forks
def test_who_ends_it_ends_what_it_binds(tmp_path):
    source, said = book(tmp_path / "book", "time.sleep(600)"), []

    def ask() -> None:
        try:
            bound(by, source)
        except InterruptedError:
            said.append("interrupted")

    with Bindery() as by:
        thread = threading.Thread(target=ask)
        thread.start()
        pids = ids(source)
    thread.join(10)
    assert said == ["interrupted"]
    assert gone(*pids)


@forks
def test_when_its_owner_is_killed_nothing_is_left(tmp_path):
    source = book(tmp_path / "book", "time.sleep(600)")
    home = tmp_path / "home"
    home.mkdir()
    code = ("import pathlib, sys\nfrom recount.site.bindery import Bindery\n"
            "Bindery().bind(['build', sys.argv[1], '--path-output', sys.argv[2]], home=pathlib.Path(sys.argv[2]))")
    owner = subprocess.Popen([sys.executable, "-c", code, str(source), str(home)])
    pids = ids(source)
    assert owner.pid not in pids
    owner.kill()
    owner.wait()
    assert gone(*pids)


def digests(folder: Path) -> dict[str, str]:
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.fixture
def given(tmp_path, monkeypatch):
    """A synthetic project whose charts are drawn with a stand-in, so that only the pages take time."""
    face = tmp_path / "synthetic-font" / "regular.ttf"
    every = Fonts(face, face, frozenset(range(0x20, 0x10000)))
    monkeypatch.setattr(assemble_module, "prepare", lambda project: every)
    synthetic.undrawn(monkeypatch)

    monkeypatch.setattr(build_module, "LANGS", ("zh",))

    def build(*more, way: str, draft: bool = False):
        project = synthetic.project(tmp_path / way / "book")
        executed = {("print", lang): synthetic.executed(lang) for lang in ("zh", "en")}
        for notebooks in executed.values():
            notebooks["06_projects"].cells += more
        with monkeypatch.context() as patch:
            if way == "alone":
                patch.setattr(bindery, "possible", lambda: False)
            return build_site(project, [PRINT], {"print": synthetic.ledger()}, executed, draft=draft)

    return build


@forks
def test_pages_are_the_same_bytes_whoever_binds_them(given):
    forked, started = (digests(given(way=way, draft=True).index.parent) for way in ("warm", "alone"))
    assert forked == started and "zh/print/06_projects.html" in forked


@forks
def test_a_book_that_warns_gives_the_same_findings_whoever_binds_it(given):
    findings = []
    for way in ("warm", "alone"):
        with pytest.raises(CheckFailed) as failed:
            given(synthetic.markdown("{v}`no.such`", "zh-9", "zh"), way=way)
        findings.append([finding.as_dict() for finding in failed.value.findings])
    assert findings[0] == findings[1]
    assert [finding["code"] for finding in findings[0]] == ["recount.unknown-id"]
