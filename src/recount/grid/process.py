"""A worker as its owner sees it: a process to start, to ask for editions, to notice the loss of, and to end."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from recount.grid.wanted import Wanted
from recount.provisioner import SHORT

LINGERS = 5.0  # seconds that what a worker had started is given to be gone


class Lost(Exception):
    """A worker ended in the midst of an edition. Says how, with the last that it printed."""


def remove(folder: Path) -> None:
    """Remove a worker's folder. What a lost worker had started may write in it for a moment still."""
    end = time.monotonic() + LINGERS
    shutil.rmtree(folder, ignore_errors=True)
    while folder.exists() and time.monotonic() < end:
        time.sleep(0.05)
        shutil.rmtree(folder, ignore_errors=True)


class WorkerProcess:
    """One worker's program (``recount.grid.worker``), started when first asked and again after it was lost.

    Used by one thread at a time. ``environment`` replaces this process's own.
    """

    def __init__(self, store: str, *, environment: Mapping[str, str] | None = None) -> None:
        self.store = store
        self.environment = environment
        self.process: subprocess.Popen[str] | None = None
        self.folder: Path | None = None

    @property
    def pid(self) -> int:
        """Of the program that runs now; 0 where none does."""
        return self.process.pid if self.process is not None else 0

    def make(self, wanted: Wanted) -> dict[str, Any]:
        """Have an edition made; what became of it (``Worker.make``). Raises Lost, after which it can be asked again."""
        process = self._running()
        assert process.stdin is not None and process.stdout is not None
        try:
            process.stdin.write(json.dumps(wanted.as_dict(), ensure_ascii=False) + "\n")
            process.stdin.flush()
            answer = process.stdout.readline()
        except (BrokenPipeError, OSError):
            answer = ""
        if not answer.endswith("\n"):
            raise Lost(self._ended())
        return dict(json.loads(answer))

    def close(self) -> None:
        """End it and what it left behind."""
        if self.process is not None and self.process.stdin is not None:
            self.process.stdin.close()
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self._clear()

    def _running(self) -> subprocess.Popen[str]:
        if self.process is not None and self.process.poll() is not None:
            self._clear()  # it ended between two editions, and nothing was lost
        if self.process is None:
            self.folder = Path(tempfile.mkdtemp(prefix="recount-grid-", dir=SHORT))
            with (self.folder / "log").open("w") as log:
                # In a session of its own: Ctrl-C is for its owner, and would make its kernels fail.
                self.process = subprocess.Popen([sys.executable, "-m", "recount.grid.worker"], stdin=subprocess.PIPE, start_new_session=True,
                                                stdout=subprocess.PIPE, stderr=log, text=True, encoding="utf-8",
                                                env=None if self.environment is None else dict(self.environment))  # fmt: skip
            assert self.process.stdin is not None
            self.process.stdin.write(json.dumps({"store": self.store, "folder": str(self.folder)}) + "\n")
        return self.process

    def _ended(self) -> str:
        assert self.process is not None and self.folder is not None
        self.process.kill()  # half an answer is none
        code = self.process.wait()
        try:
            log = (self.folder / "log").read_text("utf-8", errors="replace").strip()[-600:]
        except OSError:
            log = ""
        self._clear()
        return f"it ended with {code}" + (f": {log}" if log else "")

    def _clear(self) -> None:
        if self.process is not None:
            for pipe in (self.process.stdin, self.process.stdout):
                if pipe is not None:
                    try:
                        pipe.close()
                    except OSError:  # what was not sent went with the process
                        continue
        if self.folder is not None:
            remove(self.folder)
        self.process = self.folder = None
