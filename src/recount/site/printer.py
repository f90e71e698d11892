"""A Chromium that prints: started once, asked through a pipe, one page after another to PDF.

Starting costs more than printing a chapter, and a book is some ten prints. No port is opened: the browser's
DevTools protocol runs over two pipes, messages ended by a NUL.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import select
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from recount.browser import BrowserPath, launch_options
from recount.errors import Finding, RecountError

PATIENCE = 300.0  # seconds for one answer; a whole book takes some twenty on a slow machine
# A4 and margins come from the stylesheet; nothing of the browser's own stands in the margins.
OPTIONS = {"printBackground": True, "preferCSSPageSize": True, "displayHeaderFooter": False,
           "generateTaggedPDF": True, "generateDocumentOutline": True, "transferMode": "ReturnAsStream"}  # fmt: skip
# Chromium reads from descriptor 3 and writes to 4. Not by a shell: Debian's knows descriptors of one digit only.
ONTO_3_AND_4 = """import fcntl, os, sys
ends = [fcntl.fcntl(int(each), fcntl.F_DUPFD_CLOEXEC, 10) for each in sys.argv[1:3]]
os.dup2(ends[0], 3)
os.dup2(ends[1], 4)
os.execv(sys.argv[3], sys.argv[3:])
"""
# The reader's locale and zone must not show in a book.
QUIET_PLACE = {"LC_ALL": "C.UTF-8", "LANG": "C.UTF-8", "TZ": "UTC"}


class Printer:
    """A headless Chromium that is shown the book's fonts. Use as a context; not for two threads at once."""

    def __init__(self, browser: BrowserPath, *, fonts: Path) -> None:
        self.browser, self.fonts = browser, fonts

    def __enter__(self) -> Printer:
        self._start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._stop()

    def _start(self) -> None:
        options = launch_options(self.browser, fonts=self.fonts)
        self._home = tempfile.mkdtemp(prefix="recount-print-")
        read_end, self._to = os.pipe()
        self._from, write_end = os.pipe()
        command = [options["executable_path"], *options["args"], "--headless", "--remote-debugging-pipe",
                   f"--user-data-dir={self._home}", "about:blank"]  # type: ignore[misc]
        self._running = subprocess.Popen(
            [sys.executable, "-S", "-c", ONTO_3_AND_4, str(read_end), str(write_end), *command],
            pass_fds=(read_end, write_end), env={**options["env"], **QUIET_PLACE}, start_new_session=True,  # type: ignore[dict-item]
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        os.close(read_end)
        os.close(write_end)
        self._number, self._rest = 0, b""

    def _stop(self) -> None:
        with contextlib.suppress(RecountError):  # a browser that is gone needs no closing
            self._ask("Browser.close")
        try:
            self._running.wait(10)
        except subprocess.TimeoutExpired:
            self._running.kill()
            self._running.wait()
        os.close(self._to)
        os.close(self._from)
        shutil.rmtree(self._home, ignore_errors=True)

    def print(self, page: Path) -> bytes:
        """The PDF of one file. Raises RecountError ``format.print-failed`` where the browser will not.

        A browser that died under way, as they do when memory is short, is started once more.
        """
        try:
            return self._print(page)
        except RecountError:
            self._stop()
            self._start()
            return self._print(page)

    def _print(self, page: Path) -> bytes:
        target = self._ask("Target.createTarget", url="about:blank")["targetId"]
        session = self._ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self._ask("Page.enable", session=session)
        went = self._ask("Page.navigate", session=session, url=page.resolve().as_uri(), until="Page.loadEventFired")
        if went.get("errorText"):
            raise _failed(f"{page.name}: {went['errorText']}")
        stream = self._ask("Page.printToPDF", session=session, **OPTIONS)["stream"]
        parts, done = [], False
        while not done:
            piece = self._ask("IO.read", session=session, handle=stream, size=1 << 22)
            parts.append(base64.b64decode(piece["data"]) if piece.get("base64Encoded") else piece["data"].encode())
            done = piece["eof"]
        self._ask("IO.close", session=session, handle=stream)
        self._ask("Target.closeTarget", targetId=target)
        return b"".join(parts)

    def _ask(self, method: str, *, session: str = "", until: str = "", **parameters: object) -> dict[str, Any]:
        """Send one command and return its result, after the event `until` where one is named."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters} | (
            {"sessionId": session} if session else {})
        data = json.dumps(message).encode() + b"\0"
        try:
            while data:
                data = data[os.write(self._to, data):]
        except OSError as error:
            raise _failed(f"{method}: the browser ended ({error.strerror})") from None
        deadline = time.monotonic() + PATIENCE
        result: dict[str, Any] | None = None
        happened = not until
        while result is None or not happened:
            heard = self._hear(deadline, method)
            if heard.get("id") == self._number:
                if "error" in heard:
                    raise _failed(f"{method}: {heard['error'].get('message', '')}")
                result = heard["result"]
                happened = happened or bool(result.get("errorText"))
            happened = happened or (heard.get("method") == until and heard.get("sessionId", "") == session)
        return result

    def _hear(self, deadline: float, method: str) -> dict[str, Any]:
        while b"\0" not in self._rest:
            ready, _, _ = select.select([self._from], [], [], max(0.0, deadline - time.monotonic()))
            piece = os.read(self._from, 1 << 20) if ready else b""
            if not piece:
                raise _failed(f"{method}: " + ("the browser ended" if ready else f"no answer in {PATIENCE:.0f} s"))
            self._rest += piece
        line, _, self._rest = self._rest.partition(b"\0")
        return json.loads(line)


def _failed(found: str) -> RecountError:
    return RecountError(Finding(code="format.print-failed", where="Chromium", expected="a PDF", found=found,
                                done="nothing was published",
                                next="build again; or without PDF and EPUB: recount build --pages"))  # fmt: skip
