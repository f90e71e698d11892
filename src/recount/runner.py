"""Run the notebooks: papermill in a process each, two at once, and none whose inputs are unchanged."""

from __future__ import annotations

import json
import multiprocessing
import re
import shutil
import sys
import tempfile
import time
import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from recount.client import by_wire
from recount.errors import BadInput, Finding
from recount.failures import explain
from recount.freshness import Store, merge, read_trace
from recount.kernel import DECLARED, UNSEALED, Task, declared, execute
from recount.keys import key_of
from recount.outputs import normalise
from recount.package import Package
from recount.parameters import check_notebook, check_parameters, read_notebook
from recount.project import Project
from recount.provisioner import SHORT, Template
from recount.questions import Answers
from recount.whole import write_whole

__all__ = ["Job", "Outcome", "check_notebook", "run"]

TIMEOUT = 600
AHEAD = "recount.ahead"  # what the server imports that forks the processes of notebooks
DIED = frozenset({"kernel.died", "kernel.failed"})  # seldom the book's fault: memory ran out, someone killed it
Progress = Callable[["Job", str, str], None]


@dataclass(frozen=True, kw_only=True)
class Job:
    """One notebook to run for one edition and language.

    Without ``charts`` for its values and judgements alone; with ``until``, no further than the cell of that id.
    ``sealed``: once more, in a kernel that may open of the book only what the recorded run did (``seal``); the record
    stays as it is.
    """

    notebook: Path
    edition: str
    lang: str
    parameters: Mapping[str, object] = field(default_factory=dict)
    charts: bool = True
    until: str = ""
    sealed: bool = False

    def __post_init__(self) -> None:
        for word in (self.edition, self.lang):
            if not re.fullmatch(r"[\w-]+", word):  # both become folder names
                raise ValueError(f"not a name: {word!r}")

    @property
    def stem(self) -> str:
        return self.notebook.stem

    def __str__(self) -> str:
        return f"{self.stem} {self.edition} {self.lang}"


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of one job.

    ``notebook`` is the source as it stands with the outputs of the run, normalised; after a failure those up
    to the failing cell, for the draft; None when nothing ran. ``fresh``: the recorded outputs were still good
    and nothing ran; else ``why`` it ran. A cell that raised several findings at once gives several
    ``failures``.
    """

    job: Job
    notebook: NotebookNode | None
    fresh: bool
    seconds: float
    why: str = ""
    failures: tuple[Finding, ...] = ()

    @property
    def failure(self) -> Finding | None:
        return self.failures[0] if self.failures else None


def run(project: Project, jobs: Sequence[Job], *, workers: int = 2, timeout: int = TIMEOUT,
        force: bool = False, progress: Progress | None = None,
        kernels: Template | None = None) -> list[Outcome]:  # fmt: skip
    """Run what is stale, ``workers`` at once, and return the outcomes in the order of ``jobs``.

    Every notebook and parameter is checked before the first kernel starts: BadInput with all that is wrong.
    A cell that fails is an outcome, not an exception, and the other notebooks go on. A notebook whose kernel died
    is run once more, in a kernel that is not forked. ``timeout`` is seconds per cell; ``force`` runs what is fresh
    too. ``progress`` is called with the job, one of ``fresh``, ``started``, ``again``, ``done``, ``failed``, and a
    detail in words. ``kernels`` is the template to fork kernels from, for who runs more than once; otherwise it is
    this call's own.
    """
    tell = progress or (lambda job, state, detail: None)
    sources = _sources(project, jobs)
    outcomes: dict[int, Outcome] = {}
    stale: list[_Run] = []
    answers = Answers(Package(project.data))
    for number, job in enumerate(jobs):
        store, source = store_of(project, job), part_of(sources[job.notebook], job.until)
        key = job_key(project, job, source)
        why = "sealed" if job.sealed else "forced" if force else store.why_stale(key, answers)
        if why:
            if kernels is not None:
                kernels.begin()
            stale.append(_Run(number=number, job=job, source=source, store=store, key=key, why=why))
        else:
            merged = merge(source, store.load())
            outcomes[number] = Outcome(job=job, notebook=merged, fresh=True, seconds=0.0)
            kept_of(project, job).unlink(missing_ok=True)
            tell(job, "fresh", "unchanged")
    if stale:
        # The longest first, so that no long one is left to run alone at the end.
        stale.sort(key=lambda item: -item.store.seconds())
        for number, outcome in _run_all(project, stale, workers=workers, timeout=timeout, tell=tell,
                                         kernels=kernels):
            outcomes[number] = outcome
    return [outcomes[number] for number in range(len(jobs))]


def kernels_of(project: Project, *, transport: str = "zmq") -> Template:
    """The template of a book's kernels, to be used in a ``with`` block. RECOUNT_TRANSPORT goes before ``transport``."""
    return Template(declared(project.root.resolve()), imports="desk", wired=by_wire(usual=transport))


def part_of(notebook: NotebookNode, until: str) -> NotebookNode:
    """The notebook as far as the cell of an id; all of it without one. Raises ValueError for an id it does not have."""
    if not until:
        return notebook
    ids = [cell["id"] for cell in notebook.cells]
    part = nbformat.from_dict(notebook)
    part.cells = part.cells[:ids.index(until) + 1]
    return part


def store_of(project: Project, job: Job) -> Store:
    """Where the record of a job's run is kept."""
    return Store(project.runs / job.edition / job.lang / job.stem, project.root)


def kept_of(project: Project, job: Job) -> Path:
    """Where the traceback of a job's last failure lies; gone as soon as the job is in order."""
    return project.failures / f"{job.stem}.{job.edition}.{job.lang}{'.sealed' if job.sealed else ''}.txt"


def job_key(project: Project, job: Job, source: NotebookNode) -> dict[str, str]:
    """What goes into the run of a job, apart from what it reads (``keys.key_of``)."""
    key = key_of(source, parameters=job.parameters, root=project.root, declared=DECLARED)
    return {**key, "charts": "drawn" if job.charts else "none"}


@dataclass(frozen=True, kw_only=True)
class _Run:
    number: int
    job: Job
    source: NotebookNode
    store: Store
    key: Mapping[str, str]
    why: str
    again: bool = False  # its kernel died


def _sources(project: Project, jobs: Sequence[Job]) -> dict[Path, NotebookNode]:
    findings: list[Finding] = []
    sources: dict[Path, NotebookNode] = {}
    for path in dict.fromkeys(job.notebook for job in jobs):
        try:
            sources[path] = read_notebook(path, name=project.short(path))
        except BadInput as error:
            findings.extend(error.findings)
    seen: set[tuple[str, str, str]] = set()
    for job in jobs:
        place = (job.stem, job.edition, job.lang)
        if place in seen:
            raise ValueError(f"the same job twice: {job}")
        seen.add(place)
        if job.notebook in sources:
            name = project.short(job.notebook)
            findings.extend(check_parameters(sources[job.notebook], job.parameters, name=name))
    if findings:
        raise BadInput(list(dict.fromkeys(findings)))
    return sources


def _run_all(project: Project, runs: Sequence[_Run], *, workers: int, timeout: int,
             tell: Progress, kernels: Template | None) -> Iterator[tuple[int, Outcome]]:  # fmt: skip
    methods = multiprocessing.get_all_start_methods()
    context = multiprocessing.get_context("forkserver" if "forkserver" in methods else "spawn")
    if hasattr(context, "set_forkserver_preload"):
        context.set_forkserver_preload([AHEAD])  # papermill is imported once, not once a notebook
    scratch = Path(tempfile.mkdtemp(prefix="recount-", dir=SHORT))
    waiting = list(enumerate(runs))
    running: dict[int, tuple[BaseProcess, _Run, Task, float]] = {}
    own = ExitStack()
    try:
        template = kernels or own.enter_context(kernels_of(project))
        socket = template.socket
        while waiting or running:
            while waiting and len(running) < max(1, workers):
                place, item = waiting.pop(0)
                task = _task(project, item, scratch / str(place), timeout, None if item.again else socket, wired=template.wired)
                process = context.Process(target=execute, args=(task,), daemon=True)
                with _without_main():
                    process.start()
                running[process.sentinel] = (process, item, task, time.monotonic())
                tell(item.job, "started", item.why)
            for sentinel in wait(list(running)):
                process, item, task, began = running.pop(sentinel)  # type: ignore[call-overload]
                process.join()
                outcome = _finish(project, item, task, time.monotonic() - began)
                shutil.rmtree(task.work, ignore_errors=True)
                shutil.rmtree(task.scratch, ignore_errors=True)
                if not item.again and (died := next((each for each in outcome.failures if each.code in DIED), None)):
                    tell(item.job, "again", f"{died.code}: {died.found}")
                    waiting.insert(0, (len(runs) + item.number, replace(item, again=True, why="its kernel died")))
                    continue
                tell(item.job, "failed" if outcome.failures else "done", f"{outcome.seconds:.1f} s")
                yield item.number, outcome
    finally:
        for process, _, task, _ in running.values():
            process.kill()
            process.join()
            shutil.rmtree(task.work, ignore_errors=True)
        own.close()
        shutil.rmtree(scratch, ignore_errors=True)


def _task(project: Project, item: _Run, scratch: Path, timeout: int, socket: Path | None, *,
          wired: bool) -> Task:  # fmt: skip
    """Lay out the folders of one run: an empty one to work in, a private one for all that is not the book."""
    work = project.runs / item.job.edition / item.job.lang / item.job.stem / "work"
    shutil.rmtree(work, ignore_errors=True)  # of a run that was killed
    work.mkdir(parents=True)
    scratch.mkdir()
    task = Task(root=project.root.resolve(), work=work.resolve(), scratch=scratch, timeout=timeout,
                parameters=dict(item.job.parameters), edition=item.job.edition, charts=item.job.charts,
                template=socket, wired=wired, seal=_seal(project, item) if item.job.sealed else None)  # fmt: skip
    # Only the code is run: no sentence can change a run, and none is saved with its outputs.
    code = nbformat.from_dict(item.source)
    code.cells = [cell for cell in code.cells if cell.cell_type == "code"]
    for cell in code.cells:
        cell.outputs, cell.execution_count = [], None
    nbformat.write(code, task.source)
    return task


def _seal(project: Project, item: _Run) -> dict[str, object]:
    """The plan of a kernel's seal. No run reads its own record: that it may not shows that the seal holds."""
    files, folders = item.store.reads()
    return {"root": str(project.root.resolve()), "files": files, "folders": folders,
            "refused": str(item.store.record.resolve())}  # fmt: skip


def _finish(project: Project, item: _Run, task: Task, seconds: float) -> Outcome:
    job = item.job
    try:
        result = json.loads(task.result.read_text("utf-8"))
    except FileNotFoundError:
        result = {"status": "died", "message": "the process that ran the notebook was killed", "cell": ""}
    proves = result["message"] != UNSEALED  # else whatever it shows was not shown under a seal
    raw = nbformat.v4.reads(task.executed.read_text("utf-8")) if task.executed.is_file() and proves else None
    log = task.log.read_text("utf-8", errors="replace") if task.log.is_file() else ""
    kept = kept_of(project, job)
    failures, text = explain(result, raw, name=project.short(job.notebook), lang=job.lang, log=log,
                             kept=project.short(kept))  # fmt: skip
    executed = normalise(raw, [task.work, task.scratch, project.root]) if raw else None
    if failures:
        write_whole(kept, text)
    else:
        assert executed is not None
        kept.unlink(missing_ok=True)
    if executed is not None and not failures and not job.sealed:
        item.store.save(executed, key=item.key, seconds=seconds,
                        trace=read_trace(task.trace, project.root, [cell.source for cell in executed.cells]))
    merged = merge(item.source, executed) if executed else None
    return Outcome(job=job, notebook=merged, fresh=False, seconds=seconds, why=item.why, failures=failures)


@contextmanager
def _without_main() -> Iterator[None]:
    """Start a child that does not import the program that started it.

    multiprocessing would import `__main__` again in every child: half a second for a command line that the
    child has no use for, and a loop without end for a script that calls `run` at its top level.
    """
    main = sys.modules["__main__"]
    sys.modules["__main__"] = types.ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main
