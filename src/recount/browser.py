"""The browser of the tests and of page pictures: found on the machine or installed, never skipped in silence.

``python -m recount.browser --install`` is what ``make test`` calls before pytest.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from recount.whole import write_whole

if TYPE_CHECKING:
    from playwright.sync_api import Browser

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
LEAVE_OUT = "make test PYTEST_ARGS=\"-m 'not browser'\""
# Nothing but the page under test may reach the network: a test of "no third-party request" counts requests.
QUIET = ("--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync",
         "--no-first-run", "--disable-quic")  # fmt: skip
FONTS_CONF = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
{folders}
  <cachedir>{cache}</cachedir>
  <alias binding="strong"><family>sans-serif</family><prefer><family>Noto Sans SC</family></prefer></alias>
  <alias binding="strong"><family>system-ui</family><prefer><family>Noto Sans SC</family></prefer></alias>
  <alias binding="strong"><family>serif</family><prefer><family>Noto Sans SC</family></prefer></alias>
</fontconfig>
"""


@dataclass(frozen=True)
class BrowserPath:
    """A Chromium that can be started, and where it comes from (``path`` or ``playwright``)."""

    path: Path
    origin: str


def find() -> BrowserPath | None:
    """Chromium on the PATH, else the one that Playwright downloaded, else None."""
    for name in (*NAMES, *PLACES):
        if path := shutil.which(name):
            return BrowserPath(Path(path), "path")
    if (own := _playwrights()) is not None and own.is_file():
        return BrowserPath(own, "playwright")
    return None


def launch_options(browser: BrowserPath, *, fonts: Path | None = None) -> dict[str, object]:
    """Keyword arguments for Playwright's ``chromium.launch``.

    ``fonts`` is a folder with fonts (``_build/fonts/...``): the browser is shown it through fontconfig, so
    that Chinese is drawn on a machine that has no Chinese font.
    """
    # Chromium refuses its sandbox to root, which is who runs it in a container.
    root = ("--no-sandbox",) if hasattr(os, "geteuid") and os.geteuid() == 0 else ()
    options: dict[str, object] = {"executable_path": str(browser.path), "args": [*QUIET, *root]}
    if fonts is not None:
        options["env"] = {**os.environ, "FONTCONFIG_FILE": str(_fonts_conf(fonts))}
    return options


@contextmanager
def opened(*, fonts: Path | None = None) -> Iterator[Browser]:
    """A running Chromium, closed afterwards. Raises RuntimeError, with what to do, where there is none."""
    from playwright.sync_api import sync_playwright

    browser = find()
    if browser is None:
        raise RuntimeError(_advice("no Chromium found"))
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(**launch_options(browser, fonts=fonts))  # type: ignore[arg-type]
        try:
            yield running
        finally:
            running.close()


def install(*, say=print) -> int:  # type: ignore[no-untyped-def]
    """Make sure that there is a browser which starts; 0 when there is, 2 when there cannot be.

    Tries what is there, then Playwright's download, then Debian's package where the user is root. Does
    nothing when ``PYTEST_ARGS`` leaves the browser tests out by name.
    """
    if "not browser" in os.environ.get("PYTEST_ARGS", ""):
        say("browser tests are left out by name: no browser is looked for")
        return 0
    tried: list[str] = []
    for step in (_found, _download, _debian):
        problem = step(say)
        if not problem:
            return 0
        tried.append(problem)
    print(_advice("; ".join(tried)), file=sys.stderr)
    return 2


def _found(say) -> str:  # type: ignore[no-untyped-def]
    browser = find()
    if browser is None:
        return "no Chromium on the PATH"
    if problem := _start_problem(browser):
        return f"{browser.path} does not start: {problem}"
    say(f"browser: {browser.path}")
    return ""


def _download(say) -> str:  # type: ignore[no-untyped-def]
    say("no browser yet: playwright install chromium")
    command = [sys.executable, "-m", "playwright", "install", "chromium"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=900)
    except subprocess.TimeoutExpired:
        return "playwright install chromium: no end after 900 s"
    if done.returncode:
        return "playwright install chromium: " + _message(done.stderr or done.stdout)
    return _found(say)


def _debian(say) -> str:  # type: ignore[no-untyped-def]
    if not shutil.which("apt-get"):
        return "not a Debian: no apt-get"
    if os.geteuid() != 0:
        return "apt-get needs root"
    say("installing Debian's chromium (some 300 MB, once)")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["apt-get", "update"],
                    ["apt-get", "install", "-y", "--no-install-recommends", "chromium"]):  # fmt: skip
        done = subprocess.run(command, env=environment, capture_output=True, text=True)
        if done.returncode:
            return f"{' '.join(command)}: {_message(done.stderr or done.stdout)}"
    return _found(say)


def _start_problem(browser: BrowserPath) -> str:
    """Why a browser cannot be used; "" when it draws a page. A path that exists may lack its libraries."""
    from playwright.sync_api import Error, sync_playwright

    try:
        with sync_playwright() as playwright:
            running = playwright.chromium.launch(**launch_options(browser))  # type: ignore[arg-type]
            page = running.new_page()
            page.set_content("<title>recount</title>")
            title = page.title()
            running.close()
    except Error as error:
        return _message(error.message.split("Call log")[0])
    return "" if title == "recount" else f"a blank page is titled {title!r}"


def _playwrights() -> Path | None:
    """Where Playwright keeps, or would keep, its own Chromium. Asked in a process of its own: the synchronous
    interface refuses to start inside a test that already uses it."""
    code = "from playwright.sync_api import sync_playwright\n"
    code += "with sync_playwright() as p: print(p.chromium.executable_path)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    return Path(done.stdout.strip()) if done.returncode == 0 and done.stdout.strip() else None


def _fonts_conf(folder: Path) -> Path:
    """Write ``fonts.conf`` beside the fonts: those first, then the machine's."""
    path = folder / "fonts.conf"
    places = [folder.resolve(), Path("/usr/share/fonts"), Path("/usr/local/share/fonts")]
    text = FONTS_CONF.format(
        folders="\n".join(f"  <dir>{place}</dir>" for place in places),
        cache=folder.resolve() / "cache",
    )
    if not path.is_file() or path.read_text("utf-8") != text:
        write_whole(path, text)
    return path


def _message(text: str) -> str:
    """The line of a tool's output that says what is wrong: the first that says so, else the last."""
    lines = [line for line in (line.strip(" ║╔╚═╗╝") for line in text.splitlines()) if line]
    telling = (line for line in lines if line.startswith(("E: ", "Error")) or "Failed" in line)
    return next(telling, lines[-1] if lines else "no message")[:300]


def _advice(problem: str) -> str:
    return (
        f"[setup.no-browser] {problem}\n"
        "  expected   Chromium, for the tests that look at pages\n"
        "  next       install it (Debian: sudo apt-get install chromium; macOS: brew install chromium),\n"
        f"             or leave these tests out by name: {LEAVE_OUT}"
    )


if __name__ == "__main__":
    if sys.argv[1:] == ["--install"]:
        sys.exit(install())
    found = find()
    print(found.path if found else _advice("no Chromium found"))
    sys.exit(0 if found else 2)
