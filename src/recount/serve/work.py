"""The work of a session: after each save the page in view first, then the rest of the book and the whole check.

One task does it all, step by step, so that there is one order in which things happen. A save during a step ends
what it made pointless and starts the next round; what is on disk is read anew each time, so no save can be lost.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from recount.editions import LANGS, Edition, read_editions
from recount.errors import Finding, RecountError
from recount.project import Project
from recount.provisioner import Template
from recount.serve.draft import Failed
from recount.serve.residents import LONGEST_LINE, Handle, Key, Residents
from recount.serve.runs import Run, Superseded, code_of, unfit
from recount.serve.watch import Saved

CHECK = "from recount.serve.checker import main; main()"
LONG = 3.0  # seconds of a run after which the page is shown without it
CALM = 0.5  # seconds without a save before the whole check begins
ALONE = 5.0  # the same before anybody looks, for the first page comes before the check
HALF = 0.3  # seconds that a notebook is waited for which is half written


@dataclass(frozen=True)
class View:
    """A page that a reader looks at."""

    key: Key
    page: str


class Work:
    """What is known of the book in this session, and the task that keeps it so. ``told`` is called when anything of it changes."""

    def __init__(self, project: Project, residents: Residents, *, kernels: Template, told: Callable[[], None]) -> None:
        self.project, self.residents = project, residents
        self.views: list[View] = []  # the latest last
        self.checked: tuple[Finding, ...] = ()
        self.busy, self.what = "reading", ""
        self.editions: dict[str, Edition] = {}
        self._kernels, self._told = kernels, told
        self._state = 0  # of the files: one more with each save, and with each result that pages show
        self._wake = asyncio.Event()
        self._codes = {path.stem: code_of(path) for path in project.notebook_paths()}
        self._unsure: set[tuple[Key, str]] = set()  # runs that may be stale
        self._failed: dict[Key, dict[str, Failed]] = {}
        self._run: tuple[Key, Run, asyncio.Future[dict[str, Failed | None]]] | None = None
        self._check: asyncio.Task[None] | None = None
        self._check_due = True
        self._half: set[str] = set()  # notebooks that could not be read when they were saved
        self._doubt()

    # What happens

    def saved(self, saved: Saved) -> None:
        """Files changed on disk."""
        self._state += 1
        self._check_due = True
        for stem in saved.notebooks:
            self.checked = tuple(each for each in self.checked if each.notebook != stem or not unfit(each))
            if self._recoded(stem) == "":
                self._half.add(stem)
        if saved.data:
            self._doubt()
        if self._run is not None and (saved.data or any(code_of(path) != self._run[1].codes[path.stem] for path in self._run[1].paths)):
            self._run[1].cancel()
        self._stop_check()
        self._wake.set()

    def viewed(self, view: View) -> None:
        """A reader came to a page. Each comes and goes once: a page that reloads is there twice for a moment."""
        new = view not in self.views
        self.views.append(view)
        if new:
            self._wake.set()

    def left(self, view: View) -> None:
        """A reader of a page went."""
        with contextlib.suppress(ValueError):
            self.views.remove(view)

    async def page(self, view: View) -> Handle:
        """The resident with a page printed as things stand. Raises ConnectionError where it is gone."""
        handle = await self.residents.get(view.key)
        if handle.seen == self._state:
            await handle.ask(do="page", pages=[view.page])
        else:
            await self._refresh(handle, [view.page])
        return handle

    def findings(self, key: Key) -> tuple[Finding, ...]:
        """What is wrong, as a reader of that book is told."""
        handle = self.residents.running.get(key)
        return tuple(dict.fromkeys([*(handle.findings if handle else ()), *self.checked]))

    # What is done about it

    async def go_on(self) -> None:
        """Work until cancelled."""
        while True:
            self._read_editions()
            state = self._state
            await self._whole()
            for view in dict.fromkeys(reversed(self.views)):
                self._start_run(view)
            if self._run is not None and await self._interrupted(LONG):
                continue
            if self._superseded():
                continue
            await self._refresh_all()
            if self._state != state or self._runs_due():
                continue
            if self._run is None and self._check is None:
                if self._check_due:
                    self._check = asyncio.create_task(self._whole_check())
                else:
                    self._say("", "")  # said at no other time, so that who reads it knows that all is done
            await self._interrupted(None)

    async def _interrupted(self, longest: float | None) -> bool:
        """Wait for a save, a reader or the end of a run; whether it was a save or a reader."""
        waiting: set[asyncio.Future[Any]] = {asyncio.ensure_future(self._wake.wait())}
        if self._run is not None:
            waiting.add(self._run[2])
        await asyncio.wait(waiting, timeout=longest, return_when=asyncio.FIRST_COMPLETED)
        woken = self._wake.is_set()
        self._wake.clear()
        for future in waiting - ({self._run[2]} if self._run else set()):
            future.cancel()
        return woken and not (self._run is not None and self._run[2].done())

    async def _whole(self) -> None:
        """Give an editor that writes in place the time to finish."""
        end = asyncio.get_running_loop().time() + HALF
        while self._half and asyncio.get_running_loop().time() < end:
            await asyncio.sleep(0.02)
            self._half = {stem for stem in self._half if self._recoded(stem) == ""}
        self._half.clear()

    def _recoded(self, stem: str) -> str:
        """The code of a notebook as it stands; where it is another than before, what was run of it may be stale."""
        code = code_of(self.project.notebooks / f"{stem}.ipynb")
        if code != self._codes.get(stem):
            self._codes[stem] = code
            self._doubt(stem)
        return code

    def _runs_due(self) -> bool:
        return self._run is None and any((view.key, view.page) in self._unsure and view.key.edition in self.editions for view in self.views)

    def _doubt(self, *stems: str) -> None:
        """These notebooks, or all, may have to be run again, in every book."""
        self._read_editions()
        for stem in stems or [path.stem for path in self.project.notebook_paths()]:
            self._unsure |= {(Key(edition, lang), stem) for edition in self.editions for lang in LANGS}

    def _start_run(self, view: View) -> None:
        """Run the notebook of a page that may be stale, unless another run is on."""
        edition, path = self.editions.get(view.key.edition), self.project.notebooks / f"{view.page}.ipynb"
        if self._run is not None or edition is None or (view.key, view.page) not in self._unsure:
            return
        if not path.is_file():
            self._unsure.discard((view.key, view.page))
            self._failed.get(view.key, {}).pop(view.page, None)
            return
        loop = asyncio.get_running_loop()
        run = Run(self.project, edition, view.key.lang, [path], kernels=self._kernels,
                  say=lambda busy, what: loop.call_soon_threadsafe(self._say, busy, what) and None,
                  before=lambda: loop.call_soon_threadsafe(self._stop_check) and None)  # fmt: skip
        self._run = (view.key, run, asyncio.ensure_future(asyncio.to_thread(run)))

    def _superseded(self) -> bool:
        """Take over what a run that has ended found; whether it was ended by a later save, so that there is nothing."""
        if self._run is None or not self._run[2].done():
            return False
        key, run, future = self._run
        self._run = None
        try:
            outcomes: Mapping[str, Failed | None] = future.result()
        except Superseded:
            return True
        except Exception as error:
            stem = run.paths[0].stem
            outcomes = {stem: Failed(executed=None, findings=(Finding(
                code="serve.run-failed", where=f"notebooks/{stem}.ipynb", notebook=stem, lang=key.lang, expected="a run",
                found=f"{type(error).__name__}: {error}"[:600], next="recount check"),))}  # fmt: skip
        for stem, failed in outcomes.items():
            if self._codes.get(stem) == run.codes[stem]:
                self._unsure.discard((key, stem))
            if self._failed.setdefault(key, {}).pop(stem, None):
                self._state += 1
            if failed is not None:
                self._failed[key][stem] = failed
        if run.ran or any(outcomes.values()):
            self._state += 1
            self._check_due = True
        return False

    async def _refresh_all(self) -> None:
        """Bring every page in view up to what is known, the latest first."""
        for key in dict.fromkeys(view.key for view in reversed(self.views)):
            with contextlib.suppress(ConnectionError):
                handle = await self.residents.get(key)
                if handle.seen != self._state:
                    await self._refresh(handle, list(dict.fromkeys(view.page for view in reversed(self.views) if view.key == key)))

    async def _refresh(self, handle: Handle, pages: list[str]) -> None:
        state = self._state
        gone = [stem for stem in self._failed.get(handle.key, {}) if not (self.project.notebooks / f"{stem}.ipynb").is_file()]
        for stem in gone:
            del self._failed[handle.key][stem]
        if self._run is None and self._check is None:
            self._say("reading", "")
        failed = {stem: {"executed": str(each.executed) if each.executed else None,
                         "findings": [finding.as_dict() for finding in each.findings]}
                  for stem, each in self._failed.get(handle.key, {}).items()}  # fmt: skip
        await handle.ask(do="refresh", pages=pages, failed=failed, checked=[each.as_dict() for each in self.checked])
        handle.seen = max(handle.seen, state)
        self._told()

    async def _whole_check(self) -> None:
        """The check of everything, in a process that is killed when a save makes it pointless."""
        await asyncio.sleep(CALM if self.views else ALONE)
        socket = await asyncio.to_thread(lambda: self._kernels.socket)
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", CHECK, str(self.project.root), str(socket or ""), stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, limit=LONGEST_LINE, start_new_session=True)  # fmt: skip
        found: list[Finding] | None = None
        complete = False
        assert process.stdout is not None and process.stderr is not None
        errors = asyncio.ensure_future(process.stderr.read())
        try:
            async for line in process.stdout:
                told = json.loads(line)
                if "findings" in told:
                    found, complete = [Finding(**each) for each in told["findings"]], told["complete"]
                else:
                    self._say("waiting" if told.get("waiting") else "checking", told.get("line", ""))
            await process.wait()
        finally:
            await _ended(process)
            said = await errors
        if found is None:
            found = [Finding(code="serve.check-died", where="the whole check", expected="an end", done="the page stands",
                             found=said.decode("utf-8", "replace").strip()[-600:] or "it was killed", next="recount check")]  # fmt: skip
        elif complete:
            self._unsure.clear()
            self._settle(found)
        self.checked = tuple(found)
        self._check, self._check_due = None, False
        self._state += 1
        self._wake.set()

    def _settle(self, found: list[Finding]) -> None:
        """A notebook that failed here and not in the check is in order by now."""
        failing = {(each.notebook, each.lang) for each in found}
        for key, failed in self._failed.items():
            for stem in [stem for stem in failed if (stem, key.lang) not in failing]:
                del failed[stem]

    def _stop_check(self) -> None:
        if self._check is not None:
            self._check.cancel()
            self._check = None

    def _read_editions(self) -> None:
        with contextlib.suppress(RecountError):
            self.editions = read_editions(self.project.book / "editions.toml")

    def _say(self, busy: str, what: str) -> None:
        if (busy, what) != (self.busy, self.what):
            self.busy, self.what = busy, what
            self._told()

    async def end(self) -> None:
        """Stop what is going on."""
        if self._check is not None:
            check, self._check = self._check, None
            check.cancel()
            await asyncio.gather(check, return_exceptions=True)
        if self._run is not None:
            self._run[1].cancel()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(asyncio.gather(self._run[2], return_exceptions=True), 5)


async def _ended(process: asyncio.subprocess.Process) -> None:
    """End the check: it takes back what it has begun, which is a matter of milliseconds, and is killed where it does not."""
    if process.returncode is not None:
        return
    process.terminate()
    try:
        await asyncio.wait_for(process.wait(), 2)
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
