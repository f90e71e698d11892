"""What an editor sees of the live draft: edits, errors and findings in the page, and nothing left behind at the end."""

from __future__ import annotations

import shutil
import signal
import sys
import time
from pathlib import Path

import pytest
import synthetic_serve as synthetic
from conftest import recount
from synthetic_serve import Reader, edit, notebook, serving, status, write

from recount.book import at_work
from recount.fonts import prepare
from recount.project import Project

pytestmark = pytest.mark.slow


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The synthetic book, its fonts cut and its notebooks run."""
    project = synthetic.make(tmp_path_factory.mktemp("serve") / "book")
    prepare(project)
    recount("check", cwd=project.root)
    return project


@pytest.fixture
def book(made: Project, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made.root, tmp_path / "book"))


def codes(state: dict) -> set[str]:
    return {finding["code"] for finding in state["findings"]}


def settled(address: str, page: str) -> dict:
    """The state once everything is done, the whole check too."""
    return Reader(address, page).wait(lambda state: state["busy"] == "" and bool(state["digest"]))


def runs(root: Path) -> dict[str, int]:
    return {path.relative_to(root).as_posix(): path.stat().st_mtime_ns for path in (root / "_build" / "runs").rglob("record.json")}


def test_an_edited_sentence_is_on_the_page_and_nothing_ran_for_it(book):
    with serving(book) as (address, _):
        settled(address, "zh/since/01_one")
        before = runs(book)
        edit(book, "01_one", "says-zh", "新写的一句，合计{v}`one.total`。")
        page = Reader(address, "zh/since/01_one").sees(lambda text: "新写的一句" in text)
        assert "亿元" in page.partition("新写的一句")[2][:400]
        settled(address, "zh/since/01_one")
        assert runs(book) == before


def test_an_edited_cell_runs_and_the_other_language_and_edition_follow(book):
    with serving(book) as (address, _):
        before = settled(address, "zh/since/01_one") and runs(book)
        edit(book, "01_one", "last", 'print("synthetic output")')
        reader = Reader(address, "zh/since/01_one")
        reader.sees(lambda text: "synthetic output" in text)
        reader.wait(lambda state: state["busy"] == "" and "output.unbound" in codes(state))
        after = runs(book)
        assert {name for name in after if before.get(name) != after[name]} == {
            f"_build/runs/{edition}/{lang}/01_one/record.json" for edition in ("print", "since") for lang in ("zh", "en")}


def test_a_failing_cell_is_told_at_the_cell_the_rest_stands_and_mending_clears_it(book):
    with serving(book) as (address, _):
        settled(address, "zh/since/01_one")
        edit(book, "01_one", "last", "1 / 0")
        reader = Reader(address, "zh/since/01_one")
        page = reader.sees(lambda text: "ZeroDivisionError" in text)
        assert "recount-finding" in page and "合计" in page and "one.total?" not in page
        state = reader.wait(lambda state: "cell.failed" in codes(state))
        told = next(finding for finding in state["findings"] if finding["code"] == "cell.failed")
        assert told["here"] and "cell last" in told["where"] and "ZeroDivisionError" in told["found"]
        edit(book, "01_one", "last", "pass")
        assert "ZeroDivisionError" not in reader.sees(lambda text: "ZeroDivisionError" not in text)
        reader.wait(lambda state: state["busy"] == "" and "cell.failed" not in codes(state))


def test_a_second_save_during_a_run_wins_and_none_is_lost(book):
    with serving(book) as (address, _):
        settled(address, "zh/since/01_one")
        reader = Reader(address, "zh/since/01_one")
        edit(book, "01_one", "last", "import time\ntime.sleep(300)")
        reader.wait(lambda state: state["busy"] == "running")
        edit(book, "01_one", "last", 'print("the second save")')
        reader.sees(lambda text: "the second save" in text)
        edit(book, "01_one", "says-zh", "同时改的一句。")
        edit(book, "02_two", "says-zh", "另一章的一句。")
        assert "the second save" in reader.sees(lambda text: "同时改的一句" in text)
        assert "另一章的一句" in reader.text("zh/since/02_two")


@pytest.mark.parametrize(("name", "broken", "family"), [
    ("notebooks/01_one.ipynb", '{"cells": [', "notebook."), ("_config.yml", "a: [b\n", "config."), ("_toc.yml", "- no\n", "config."),
    ("data/ceremonies.csv", "ceremony_id\nx\n", "data."), ("book/editions.toml", "[since\n", "edition."),
])
def test_a_broken_file_is_a_finding_and_the_page_stays_until_it_is_whole_again(book, name, broken, family):
    with serving(book) as (address, process):
        settled(address, "zh/since/01_one")
        whole = (book / name).read_text("utf-8")
        (book / name).write_text(broken, "utf-8")
        reader = Reader(address, "zh/since/01_one")
        reader.wait(lambda state: any(code.startswith(family) for code in codes(state)))
        assert "合计" in reader.text()
        (book / name).write_text(whole, "utf-8")
        reader.wait(lambda state: state["busy"] == "" and not any(code.startswith(family) for code in codes(state)))
        assert process.poll() is None


def test_a_deleted_notebook_takes_its_page_with_it_and_the_draft_goes_on(book):
    with serving(book) as (address, _):
        settled(address, "zh/since/01_one")
        (book / "notebooks" / "02_two.ipynb").unlink()
        edit(book, "01_one", "says-zh", "没有另一章了。")
        Reader(address, "zh/since/01_one").sees(lambda text: "没有另一章了" in text and "02_two.html" not in text)
        assert status(address, "zh/since/02_two.html") == 404
        write(book, "02_two", notebook("two"))
        Reader(address, "zh/since/02_two").sees(lambda text: "合计" in text)


def test_a_link_to_another_language_and_edition_is_followed(book):
    with serving(book, "--lang", "zh") as (address, _):
        assert 'lang="zh' in Reader(address, "zh/since/01_one").sees(lambda text: "合计" in text)
        assert 'lang="en' in Reader(address, "en/print/01_one").sees(lambda text: "In all" in text)


def test_the_book_is_free_for_other_commands_when_nothing_is_done(book):
    with serving(book) as (address, _):
        settled(address, "zh/since/01_one")
        with at_work(Project(book), patience=20):
            edit(book, "01_one", "last", 'print("after the other command")')
            Reader(address, "zh/since/01_one").wait(lambda state: state["busy"] == "waiting")
        Reader(address, "zh/since/01_one").sees(lambda text: "after the other command" in text)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="asks /proc for the processes")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_nothing_is_left_running_when_the_server_ends_or_is_killed(book, how):
    with serving(book) as (address, process):
        Reader(address, "zh/since/01_one").sees(lambda text: "合计" in text)
        edit(book, "01_one", "last", "import time\ntime.sleep(300)")
        Reader(address, "zh/since/01_one").wait(lambda state: state["busy"] == "running")
        started = synthetic.family(process.pid)
        assert len(started) >= 4
        process.send_signal(how)
        process.wait(60)
        end = time.monotonic() + 60
        while (left := {pid for pid in started if _lives(pid)}) and time.monotonic() < end:
            time.sleep(0.05)
        assert left == set()


def _lives(pid: int) -> bool:
    try:
        return Path("/proc", str(pid), "stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.browser
def test_a_page_in_a_browser_takes_over_an_edit_keeps_its_place_and_shows_the_panel(book, chromium_alone):
    many = notebook("one")
    many["cells"][5]["source"] += "".join(f"\n\n## 合成小节{word}\n\n" + "合成的一段。\n\n" * 12 for word in "甲乙丙丁")
    write(book, "01_one", many)
    with serving(book) as (address, _):
        settled(address, "zh/since/01_one")
        page = chromium_alone.new_page(viewport={"width": 375, "height": 800})
        faults: list[str] = []
        page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
        page.goto(f"{address}zh/since/01_one.html")
        page.evaluate("document.querySelectorAll('main h2')[2].scrollIntoView()")
        was = page.evaluate("document.querySelectorAll('main h2')[2].getBoundingClientRect().top")
        made = notebook("one")
        made["cells"][5]["source"] = "多了一段。\n\n再多一段。\n\n" + many["cells"][5]["source"] + "\n\n共123个合成项目。"
        write(book, "01_one", made)
        page.get_by_text("再多一段").wait_for(state="attached", timeout=240_000)
        page.locator("#recount-live-list").get_by_text("prose.typed-number").first.wait_for(timeout=240_000)
        assert page.get_by_role("button", name="核查发现").is_visible()
        assert page.locator("#recount-live dt", has_text="实为").first.is_visible()
        page.wait_for_timeout(400)
        assert abs(page.evaluate("document.querySelectorAll('main h2')[2].getBoundingClientRect().top") - was) < 30
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert faults == []
        page.close()


@pytest.fixture(scope="module")
def chromium_alone(made: Project, launch):
    """A browser that needs no built book, only fonts."""
    with launch(next(path for path in made.fonts.iterdir() if path.is_dir())) as opened:
        yield opened


