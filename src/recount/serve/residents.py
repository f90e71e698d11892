"""The residents of a session: started when a reader comes to their book, a few kept, ended with the session."""

from __future__ import annotations

import asyncio
import itertools
import json
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from recount.errors import Finding
from recount.project import Project
from recount.serve.draft import FOLDER
from recount.site.bindery import clean_environment

MOST = 3  # a resident takes some 200 MB
START = "from recount.serve.resident import main; main()"
LONGEST_LINE = 1 << 26  # bytes of one answer


@dataclass(frozen=True)
class Key:
    """One book: an edition in a language."""

    edition: str
    lang: str


@dataclass
class Handle:
    """A running resident as the server sees it. ``seen`` is the state of the files that it was last told to read."""

    key: Key
    process: asyncio.subprocess.Process
    log: Path
    seen: int = -1
    names: frozenset[str] = frozenset()
    digests: dict[str, str] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    waiting: dict[int, asyncio.Future[dict[str, Any]]] = field(default_factory=dict)
    listener: asyncio.Task[None] | None = None
    numbers: itertools.count[int] = field(default_factory=itertools.count)

    async def ask(self, **request: Any) -> None:
        """Send one request and take over its answer. Raises ConnectionError where the resident is gone."""
        if self.process.returncode is not None or self.process.stdin is None:
            raise ConnectionError("the resident has ended")
        number = next(self.numbers)
        answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self.waiting[number] = answer
        try:
            self.process.stdin.write(json.dumps({"id": number, **request}, ensure_ascii=False).encode() + b"\n")
            await self.process.stdin.drain()
            told = await answer
        finally:
            self.waiting.pop(number, None)
        self.findings = tuple(Finding(**finding) for finding in told["findings"])
        self.names = frozenset(told["names"])
        self.digests |= told["pages"]

    async def listen(self) -> None:
        """Hand answers to those who wait for them, until there are no more."""
        assert self.process.stdout is not None
        async for line in self.process.stdout:
            told = json.loads(line)
            waiting = self.waiting.get(told["id"])
            if waiting is not None and not waiting.done():
                waiting.set_result(told)
        await self.process.wait()
        for waiting in self.waiting.values():
            if not waiting.done():
                waiting.set_exception(ConnectionError(f"the resident has ended; see {self.log}"))


class Residents:
    """At most a few residents, the one that was not looked at for longest ended first."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.running: dict[Key, Handle] = {}  # the one looked at last is last
        self._starting = asyncio.Lock()

    async def get(self, key: Key) -> Handle:
        """The resident of a book, started where there is none."""
        async with self._starting:
            handle = self.running.pop(key, None)
            if handle is not None and handle.process.returncode is not None:
                handle = None
            if handle is None:
                handle = await self._start(key)
            self.running[key] = handle
            while len(self.running) > MOST:
                await self.end(next(iter(self.running)))
            return handle

    async def end(self, key: Key) -> None:
        """End one resident: its input closes, and it goes at once."""
        handle = self.running.pop(key, None)
        if handle is None:
            return
        if handle.process.stdin is not None:
            handle.process.stdin.close()
        try:
            await asyncio.wait_for(handle.process.wait(), 3)
        except TimeoutError:
            handle.process.kill()
            await handle.process.wait()
        if handle.listener is not None:
            await asyncio.gather(handle.listener, return_exceptions=True)

    async def end_all(self) -> None:
        """End all, when the session ends."""
        await asyncio.gather(*(self.end(key) for key in list(self.running)))

    async def _start(self, key: Key) -> Handle:
        folder = self.project.build / FOLDER / key.lang / key.edition
        folder.mkdir(parents=True, exist_ok=True)
        log = folder / "log.txt"
        with log.open("wb") as errors:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-c", START, str(self.project.root), key.edition, key.lang, stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE, stderr=errors, env=clean_environment(folder), cwd=folder, limit=LONGEST_LINE,
                start_new_session=True)  # Ctrl-C is for the server, which then ends it  # fmt: skip
        handle = Handle(key, process, log)
        handle.listener = asyncio.create_task(handle.listen())
        return handle
