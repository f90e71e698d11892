"""The parts of the live draft that need neither Sphinx nor a kernel."""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import pytest
import synthetic_serve as synthetic
from click.testing import CliRunner
from synthetic_serve import edit, notebook
from tornado.httpserver import HTTPServer

from recount import keys
from recount.cli import main
from recount.errors import Finding
from recount.project import Project
from recount.serve import pages, web
from recount.serve.draft import Draft
from recount.serve.residents import Key
from recount.serve.runs import code_of
from recount.serve.same import Same
from recount.serve.watch import Saved, saves, sorted_out
from recount.serve.words import WORDS
from recount.serve.work import View, Work
from recount.site.changed import write_changed

KEY = Key("since", "zh")


def in_a_loop(coroutine):
    """Run it in a thread of its own: the browser of other tests has a loop of its own in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, coroutine).result()


@pytest.fixture
def book(tmp_path: Path) -> Project:
    return synthetic.make(tmp_path / "book")


def test_a_port_that_is_taken_is_a_finding_and_nothing_is_started(book, monkeypatch):
    monkeypatch.chdir(book.root)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        shown = CliRunner().invoke(main, ["serve", "--no-open", "--port", str(port)])
    assert shown.exit_code == 2
    assert f"[serve.port-taken] 127.0.0.1:{port}" in shown.output + shown.stderr
    assert not book.build.exists()


def test_an_edition_that_is_not_there_is_a_finding_with_the_near_names(book, monkeypatch):
    monkeypatch.chdir(book.root)
    shown = CliRunner().invoke(main, ["serve", "--no-open", "--edition", "sinse"])
    assert shown.exit_code == 2
    assert "[edition.unknown]" in shown.output + shown.stderr and "did you mean since?" in shown.output + shown.stderr


def test_what_cannot_change_a_number_makes_no_run_stale(tmp_path, monkeypatch):
    package = tmp_path / "recount"
    for name in ("__init__.py", "desk.py", "serve/work.py", "site/build.py", "grid/plan.py"):
        (package / name).parent.mkdir(parents=True, exist_ok=True)
        (package / name).write_text("one = 1\n", "utf-8")
    monkeypatch.setattr(keys.recount, "__file__", str(package / "__init__.py"))
    before = keys.engine_digest()
    for name in keys.APART:
        next((package / name).glob("*.py")).write_text("two = 2222\n", "utf-8")
    assert keys.engine_digest() == before
    (package / "desk.py").write_text("two = 2222\n", "utf-8")
    assert keys.engine_digest() != before


@pytest.mark.parametrize(("name", "saved"), [
    ("notebooks/01_one.ipynb", Saved(frozenset({"01_one"}))), ("data/ceremonies.csv", Saved(data=True)),
    ("data/datapackage.json", Saved(data=True)), ("book/zh/index.md", Saved(other=True)), ("_toc.yml", Saved(other=True)),
    ("book/editions.toml", Saved(data=True, other=True)),
    ("notebooks/.01_one.ipynb.new", Saved()), ("notebooks/.ipynb_checkpoints/01_one-checkpoint.ipynb", Saved()),
    ("notebooks/4913", Saved()), ("book/zh/index.md~", Saved()), ("book/zh/.index.md.swp", Saved()), ("_build/lock", Saved()),
    ("README.md", Saved()), ("notebooks/scratch.ipynb", Saved()),
])
def test_only_what_the_book_reads_counts_as_saved(tmp_path, name, saved):
    assert sorted_out(Project(tmp_path), [tmp_path / name]) == saved


def test_a_save_by_rename_is_noticed_in_every_folder_and_at_the_root(book):
    async def look() -> list[Saved]:
        found, watching = [], saves(book)
        first = asyncio.ensure_future(anext(watching))
        await asyncio.sleep(1)  # until the folders are watched
        edit(book.root, "01_one", "last", "1")
        found.append(await asyncio.wait_for(first, 60))
        for name in ("_toc.yml", "data/ceremonies.csv", "book/zh/index.md"):
            fresh = book.root / f".{Path(name).name}.new"
            fresh.write_text("x\n", "utf-8")
            fresh.rename(book.root / name)
            found.append(await asyncio.wait_for(anext(watching), 60))
        await watching.aclose()
        return found

    assert in_a_loop(look()) == [Saved(frozenset({"01_one"})), Saved(other=True), Saved(data=True), Saved(other=True)]


def test_an_edit_of_prose_leaves_the_code_of_a_notebook_the_same(book):
    path = book.notebooks / "01_one.ipynb"
    before = code_of(path)
    edit(book.root, "01_one", "says-zh", "别的话")
    assert code_of(path) == before
    edit(book.root, "01_one", "last", "2")
    assert code_of(path) not in (before, "")
    path.write_text('{"cells": [', "utf-8")
    assert code_of(path) == ""


def test_a_mark_of_a_thing_is_no_mark_of_its_equal(book):
    one, two = [1], [1]
    assert Same(one) == Same(one) and Same(one) != Same(two)
    assert (Same(one), "x") == (Same(one), "x") and Same(one) != one


def test_a_save_while_the_draft_is_read_is_seen_by_the_next_look(book, monkeypatch):
    """The file is replaced between two looks at it within one reading; previously the page kept the old sentence for good."""
    import recount.serve.draft as module

    ran = book.runs / "since" / "zh" / "01_one" / "executed.ipynb"
    ran.parent.mkdir(parents=True)
    ran.write_text(json.dumps(notebook("one")), "utf-8")
    draft = Draft(book, edition="since", lang="zh")
    read, turns = module.nbformat.v4.reads, []

    def late(*given, **more):
        if not turns:
            turns.append(edit(book.root, "01_one", "says-zh", "正在读时存的一句"))
        return read(*given, **more)

    monkeypatch.setattr(module.nbformat.v4, "reads", late)
    draft._shown({}, [])
    node = draft._shown({}, [])["01_one"]
    assert "正在读时存的一句" in [cell.source for cell in node.cells]


def test_what_stands_beside_the_pages_is_written_once_though_a_page_has_the_name_of_it(book, monkeypatch):
    """A page called ``data`` was taken for the tables, so that each look wrote both anew."""
    import recount.serve.assembly as module

    page = book.book / "zh" / "method.md"
    page.with_name("data.md").write_text(page.read_text("utf-8"), "utf-8")
    contents = book.root / "_toc.yml"
    contents.write_text(contents.read_text("utf-8").replace("method", "data"), "utf-8")
    written: list[Path] = []
    monkeypatch.setattr(module, "write_beside", lambda project, folder: written.append(folder))
    draft = Draft(book, edition="since", lang="zh")
    for _ in range(3):
        draft.refresh(failed={}, checked=[])
    assert (draft.source / "data.md").is_file() and written == [draft.source]


def test_a_file_that_says_the_same_is_left_with_its_time(tmp_path):
    path = tmp_path / "folder" / "a.txt"
    assert write_changed(path, "x")
    before = path.stat().st_mtime_ns
    assert not write_changed(path, "x") and path.stat().st_mtime_ns == before
    assert write_changed(path, b"y") and path.read_text("utf-8") == "y"


def test_a_served_page_has_the_script_in_its_head_and_a_policy_under_which_it_runs():
    page = '<html><head><meta charset="utf-8"><script>x=1</script></head><body>a</head></body></html>'
    made = pages.alive(page, key=KEY, name="01_one", digest="abc")
    head, _, body = made.partition("</head>")
    assert '<script src="/_recount/live.js"' in head and 'data-page="zh/since/01_one"' in head and 'data-digest="abc"' in head
    assert body == "<body>a</head></body></html>"
    policy = pages.policy(made)
    assert "script-src 'self' 'sha256-HyBrEcI+KMwlDe1/wAmNOCOoRnpUNA8axOU1y4VEST8='" in policy and "frame-ancestors 'none'" in policy


def test_findings_say_whether_they_are_of_this_page_and_where_they_lead():
    def finding(**more):
        return Finding(code="a.b", where="somewhere", **more)

    told = pages.told((finding(notebook="02_two", cell="c", lang="en"), finding(notebook="01_one", cell="c", lang="zh"), finding()),
                      key=KEY, name="01_one", names=frozenset({"01_one", "02_two"}), busy="", what="", digest="d")
    assert [(each["here"], each["page"]) for each in told["findings"]] == [
        (True, "/zh/since/01_one.html#cell-c"), (True, ""), (False, "/en/since/02_two.html#cell-c")]


def test_the_words_of_the_panel_are_there_in_both_languages():
    assert set(WORDS["zh"]) == set(WORDS["en"]) and all(WORDS[lang][name] for lang in WORDS for name in WORDS[lang])
    script = (web.STATIC / "live.js").read_text("utf-8")
    assert "innerHTML" not in script and "eval(" not in script


@pytest.fixture
def ask(book: Project):
    """Ask the web server, with no work behind it, for one address; status, headers and body."""
    html = book.build / "serve" / "zh" / "since" / "html"
    (html / "_static").mkdir(parents=True)
    (html / "_static" / "a.css").write_text("a{}", "utf-8")
    (html / "01_one.html").write_text("<html><head></head><body>page</body></html>", "utf-8")
    (html / "_static" / "out").symlink_to(book.root)

    async def page(view):
        return SimpleNamespace(digests={"01_one": "abc"}, names=frozenset({"01_one"}))

    work = SimpleNamespace(editions={"since": None}, page=page)

    async def fetch(path: str, host: str) -> tuple[int, str]:
        server = HTTPServer(web.application(web.Draft(book, work, first=KEY)))
        listener = socket.create_server(("127.0.0.1", 0))
        listener.setblocking(False)
        server.add_socket(listener)
        reader, writer = await asyncio.open_connection(*listener.getsockname())
        writer.write(f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        text = (await reader.read()).decode("utf-8")
        writer.close()
        server.stop()
        return int(text.split()[1]), text

    return lambda path, host="127.0.0.1:1": in_a_loop(fetch(path, host))


@pytest.mark.parametrize(("host", "status"), [
    ("127.0.0.1:8622", 200), ("localhost:1", 200), ("localhost", 200), ("[::1]:1", 200), ("evil.example", 403), ("127.0.0.1.evil.example:8622", 403),
    ("0.0.0.0", 403), ("evil.example:localhost", 403),
])
def test_only_this_machines_own_names_are_answered(ask, host, status):
    assert ask("/zh/since/01_one.html", host)[0] == status


def test_a_page_is_served_with_its_policy_and_never_kept(ask):
    status, text = ask("/zh/since/01_one.html")
    assert status == 200 and "Content-Security-Policy: default-src 'none'" in text and "Cache-Control: no-store" in text
    assert "live.js" in text and "page" in text


@pytest.mark.parametrize("path", [
    "/zh/since/_static/../../../../../_config.yml", "/zh/since/_static/..%2f..%2f01_one.html", "/zh/since/_static/out/_config.yml", "/_config.yml",
    "/data/../_config.yml", "/data/..%2f_config.yml", "/data/secret.csv", "/_recount/../web.py", "/fr/since/01_one.html", "/zh/never/01_one.html",
    "/zh/since/02_two.html", "/.git/config", "/zh/since/source/ledger.json", "/zh/since/_static/%00",
])
def test_nothing_but_the_draft_is_served(ask, book, path):
    (book.data / "secret.csv").write_text("x", "utf-8")
    assert ask(path)[0] in (400, 404)


def test_what_belongs_to_the_draft_is_served(ask):
    assert {ask(path)[0] for path in ("/zh/since/_static/a.css", "/data/ceremonies.csv", "/data/datapackage.json", "/_recount/live.js",
                                      "/_recount/live.css")} == {200}
    assert "Location: /zh/since/index.html" in ask("/")[1]


def test_a_program_on_a_lifeline_ends_when_its_owner_is_gone():
    start = "import sys; sys.argv[1:] = [sys.executable, '-c', 'import time; print(1, flush=True); time.sleep(600)']\n"
    start += "from recount.serve.lifeline import main; main()"
    owned = subprocess.Popen([sys.executable, "-c", start], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert owned.stdout.readline()  # it runs
    owned.stdin.close()
    assert owned.stdout.read() == b""  # and its end of the pipe is closed
    assert owned.wait(60) != 0


def test_a_page_is_in_view_until_its_last_reader_goes(book):
    """A page that reloads opens its new stream before the old one is found closed; previously saves then went unseen."""
    async def views() -> list[int]:
        work, view = Work(book, None, kernels=None, told=lambda: None), View(KEY, "01_one")
        counts = []
        for act in (work.viewed, work.viewed, work.left, work.left, work.left):
            act(view)
            counts.append(len(work.views))
        return counts

    assert in_a_loop(views()) == [1, 2, 1, 0, 0]
