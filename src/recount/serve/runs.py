"""Runs for the page in view: one book's stale notebooks, on the session's warm template, and gone when superseded."""

from __future__ import annotations

import hashlib
import itertools
import json
import multiprocessing
import threading
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path

import nbformat

from recount.book import at_work, parameters_of
from recount.editions import Edition
from recount.errors import Finding, RecountError
from recount.keys import RUN_TAGS
from recount.package import Package
from recount.parameters import read_notebook
from recount.project import Project
from recount.provisioner import Template
from recount.questions import Answers
from recount.runner import Job, job_key, run, store_of
from recount.serve.draft import FOLDER, Failed, Mark, mark_of
from recount.whole import write_whole

PATIENCE = 0.2  # seconds between two looks whether another command is still at work
LONG = 5  # looks after which it is said that another command is at work
Say = Callable[[str, str], None]  # what it is doing, and on what


class Superseded(Exception):
    """A later save made this run pointless."""


class Run:
    """Some notebooks of one edition and language, run in a thread. ``cancel`` ends it, kernels and all.

    ``before`` is called once it is known that something must run.
    """

    def __init__(self, project: Project, edition: Edition, lang: str, paths: Sequence[Path], *, kernels: Template, say: Say,
                 before: Callable[[], None]) -> None:
        self.project, self.edition, self.lang, self.paths = project, edition, lang, tuple(paths)
        self.codes = {path.stem: code_of(path) for path in paths}
        self.ran = False  # whether anything was stale
        self._kernels, self._say, self._before = kernels, say, before
        self._cancelled = threading.Event()

    def cancel(self) -> None:
        """Let it end now; ``__call__`` then raises Superseded. No other process of this one is a child of multiprocessing."""
        self._cancelled.set()
        for child in multiprocessing.active_children():
            child.kill()

    def __call__(self) -> dict[str, Failed | None]:
        """Run what is stale: for each notebook how it failed, or None where it is in order. Raises Superseded."""
        jobs: list[Job] = []
        found: dict[str, Failed | None] = {}
        for path in self.paths:
            try:
                parameters = parameters_of(path, self.edition, self.lang, self.project)
                jobs.append(Job(notebook=path, edition=self.edition.name, lang=self.lang, parameters=parameters))
            except RecountError as error:
                found[path.stem] = Failed(executed=None, findings=error.findings)
        # Asked first, for a reader who only turns pages must not end the check, nor wait for it.
        stale = [job for job in jobs if self._is_stale(job)]
        found |= {job.stem: None for job in jobs if job not in stale}
        self.ran = bool(stale)
        if stale:
            self._before()
        for turn in itertools.count():
            if not stale or self._cancelled.is_set():
                break
            try:
                with at_work(self.project, patience=PATIENCE):
                    return found | self._run(stale)
            except TimeoutError:
                if turn == LONG:
                    self._say("waiting", "")
        if self._cancelled.is_set():
            raise Superseded
        return found

    def _is_stale(self, job: Job) -> bool:
        try:
            source = read_notebook(job.notebook, name=self.project.short(job.notebook))
            return bool(store_of(self.project, job).why_stale(job_key(self.project, job, source), Answers(Package(self.project.data))))
        except RecountError:
            return True  # the run says what is wrong

    def _run(self, jobs: Sequence[Job]) -> dict[str, Failed | None]:
        try:
            outcomes = run(self.project, jobs, kernels=self._kernels, progress=self._progress)
        except RecountError as error:
            return {job.stem: Failed(executed=None, findings=tuple(finding for finding in error.findings
                                                                   if finding.notebook in ("", job.stem))) for job in jobs}  # fmt: skip
        if self._cancelled.is_set():
            raise Superseded
        found: dict[str, Failed | None] = {}
        for outcome in outcomes:
            found[outcome.job.stem] = None
            if outcome.failures:
                kept = None
                if outcome.notebook is not None:
                    kept = self.project.build / FOLDER / self.lang / self.edition.name / "failed" / f"{outcome.job.stem}.ipynb"
                    write_whole(kept, nbformat.writes(outcome.notebook, version=4))
                found[outcome.job.stem] = Failed(executed=kept, findings=outcome.failures)
        return found

    def _progress(self, job: Job, state: str, detail: str) -> None:
        if self._cancelled.is_set():
            raise Superseded
        if state == "started":
            self._say("running", job.stem)


def code_of(path: Path) -> str:
    """What of a notebook is run, as a digest; empty where it cannot be read."""
    return _code_of(path, mark_of(path))


@lru_cache(maxsize=256)
def _code_of(path: Path, _: Mark) -> str:
    try:
        cells = [["".join(cell["source"]), sorted(RUN_TAGS.intersection(cell["metadata"].get("tags", ())))]
                 for cell in json.loads(path.read_text("utf-8"))["cells"] if cell["cell_type"] == "code"]  # fmt: skip
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return ""
    return hashlib.sha256(json.dumps(cells).encode()).hexdigest()


def unfit(finding: Finding) -> bool:
    """Whether a finding of the last check may be settled by an edit of its notebook alone."""
    return finding.code.partition(".")[0] in ("prose", "binding", "tag", "output", "cell", "kernel", "notebook", "parameter", "site", "chart")
