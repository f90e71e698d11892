"""The browser is found or installed, draws Chinese with the book's font, and is never missed in silence."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from synthetic_run import cut_once

from recount import browser
from recount.browser import BrowserPath, find, install, launch_options, opened


@pytest.fixture
def steps(monkeypatch):
    """Replace the three steps of an installation by ones that note their turn; set what each answers."""
    answers = {"_found": "not on the PATH", "_download": "no network", "_debian": "apt-get needs root"}
    turns: list[str] = []
    for name in answers:
        monkeypatch.setattr(browser, name, lambda say, name=name: turns.append(name) or answers[name])
    monkeypatch.delenv("PYTEST_ARGS", raising=False)
    return answers, turns


def quiet(*_):
    pass


def test_a_browser_on_the_path_comes_first(tmp_path, monkeypatch):
    program = tmp_path / "chromium"
    program.write_text("#!/bin/sh\n", "utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(browser, "_playwrights", lambda: pytest.fail("asked without need"))
    assert find() == BrowserPath(program, "path")


def test_playwrights_own_comes_second_and_only_when_it_is_really_there(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(browser, "PLACES", ())
    own = tmp_path / "ms-playwright" / "chrome"
    monkeypatch.setattr(browser, "_playwrights", lambda: own)
    assert find() is None
    own.parent.mkdir()
    own.write_text("", "utf-8")
    assert find() == BrowserPath(own, "playwright")


def test_playwright_itself_says_where_its_browser_would_be():
    assert "chrom" in str(browser._playwrights()).lower()


@pytest.mark.parametrize("works, expected", [
    ("_found", ["_found"]),
    ("_download", ["_found", "_download"]),
    ("_debian", ["_found", "_download", "_debian"]),
])  # fmt: skip
def test_an_installation_stops_at_the_first_step_that_works(steps, works, expected):
    answers, turns = steps
    answers[works] = ""
    assert install(say=quiet) == 0
    assert turns == expected


def test_no_browser_at_all_says_what_was_tried_and_both_ways_out(steps, capsys):
    assert install(say=quiet) == 2
    said = capsys.readouterr().err
    assert "[setup.no-browser] not on the PATH; no network; apt-get needs root" in said
    assert "apt-get install chromium" in said
    assert "make test PYTEST_ARGS=\"-m 'not browser'\"" in said


def test_browser_tests_left_out_by_name_need_no_browser(steps, monkeypatch):
    monkeypatch.setenv("PYTEST_ARGS", "-m 'not browser'")
    assert install(say=quiet) == 0
    assert steps[1] == []


def test_other_pytest_arguments_do_not_leave_the_browser_out(steps, monkeypatch):
    monkeypatch.setenv("PYTEST_ARGS", "-k browser")
    assert install(say=quiet) == 2


def test_a_program_that_does_not_start_is_no_browser(tmp_path, monkeypatch):
    program = tmp_path / "chromium"
    program.write_text("#!/bin/sh\necho 'error while loading shared libraries' >&2\nexit 127\n", "utf-8")
    program.chmod(0o755)
    monkeypatch.setattr(browser, "find", lambda: BrowserPath(program, "path"))
    assert "does not start" in browser._found(quiet)


def test_debians_package_is_left_alone_without_root(monkeypatch):
    monkeypatch.setattr(browser.os, "geteuid", lambda: 1000)
    monkeypatch.setattr(browser.shutil, "which", lambda name: "/usr/bin/apt-get")
    monkeypatch.setattr(browser.subprocess, "run", lambda *a, **k: pytest.fail("ran without root"))
    assert browser._debian(quiet) == "apt-get needs root"


def test_the_line_that_says_what_is_wrong_is_picked_from_a_tools_output():
    text = "Downloading\nError: getaddrinfo ENOTFOUND cdn\n    at node:12\n  code: 'ENOTFOUND'\n}\n"
    assert browser._message(text) == "Error: getaddrinfo ENOTFOUND cdn"
    assert browser._message("Reading lists\nE: Unable to locate package chromium\n").startswith("E: Unable")
    assert browser._message("") == "no message"


def test_only_root_goes_without_the_sandbox(monkeypatch):
    for user, expected in ((0, True), (1000, False)):
        monkeypatch.setattr(browser.os, "geteuid", lambda user=user: user)
        options = launch_options(BrowserPath(Path("/x/chromium"), "path"))
        assert ("--no-sandbox" in options["args"]) is expected
        assert options["executable_path"] == "/x/chromium" and "env" not in options


@pytest.mark.browser
def test_the_installation_is_content_with_the_browser_it_finds():
    command = [sys.executable, "-m", "recount.browser", "--install"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stdout.startswith("browser: ")) == (0, True), done.stderr


@pytest.mark.browser
def test_chinese_is_drawn_with_the_books_font_in_both_weights(tmp_path_factory):
    _, fonts = cut_once(tmp_path_factory)
    with opened(fonts=fonts.regular.parent) as running:
        page = running.new_page()
        page.set_content('<p id="a" style="font-family:sans-serif">瑞安<b>开门红</b></p>')
        session = page.context.new_cdp_session(page)
        for command in ("DOM.enable", "CSS.enable"):
            session.send(command)
        top = session.send("DOM.getDocument")["root"]["nodeId"]
        drawn = {}
        for selector in ("#a", "#a b"):
            node = session.send("DOM.querySelector", {"nodeId": top, "selector": selector})["nodeId"]
            used = session.send("CSS.getPlatformFontsForNode", {"nodeId": node})["fonts"]
            drawn[selector] = {(font["familyName"], font["postScriptName"]) for font in used}
    assert drawn == {
        "#a": {("Noto Sans SC", "NotoSansSC-Regular"), ("Noto Sans SC", "NotoSansSC-Bold")},
        "#a b": {("Noto Sans SC", "NotoSansSC-Bold")},
    }
