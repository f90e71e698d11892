"""Sealed runs: a proof that the records of what runs read miss nothing.

A run is skipped by its record, so a file that the record misses is a change that nobody notices. Each recorded run
is made once more in a kernel that may open of the book only what its record names (``recount.seal``). Where it
fails, or shows other outputs, the record is thrown away. Where it does not, nothing is changed.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from nbformat import NotebookNode

from recount import seal
from recount.book import at_work, jobs_of
from recount.editions import read_editions
from recount.errors import Finding, WrongUse
from recount.freshness import merge
from recount.kernel import UNSEALED
from recount.package import Package
from recount.parameters import read_notebook
from recount.project import Project
from recount.provisioner import Template
from recount.questions import Answers
from recount.runner import TIMEOUT, Job, Outcome, job_key, kept_of, part_of, run, store_of

Tell = Callable[[str], None]
REFUSED = re.compile(r"[Pp]ermission denied")
QUOTED = re.compile(r"denied: b?(['\"])(.+?)\1")
SHOWN = 80  # characters of an output


@dataclass(frozen=True, kw_only=True)
class Sealed:
    """What came of the sealed runs: how many ran, and why each of the others was left out."""

    findings: tuple[Finding, ...]
    ran: int
    left: Mapping[str, str]

    @property
    def summary(self) -> str:
        """One line on how many runs were sealed, and those that were not."""
        left = [f"{job} ({why})" for job, why in self.left.items()]
        return f"{self.ran} runs once more, able to open only what their records name; {len(left)} not sealed" + (
            f": {', '.join(left)}" if left else "")


def require() -> None:
    """Raise WrongUse where no kernel can be sealed: to run them unsealed would prove nothing."""
    if found := seal.why_not():
        raise WrongUse(Finding(code="sealed.no-landlock", where="--sealed", expected="Linux 5.13 or newer, with Landlock",
                               found=found, done="nothing was run", next="run it on such a machine, or leave --sealed out"))


def prove(project: Project, *, workers: int = 2, tell: Tell = lambda line: None) -> Sealed:
    """Seal the runs of every notebook, edition and language that are recorded as they stand."""
    with at_work(project):
        editions = tuple(read_editions(project.book / "editions.toml").values())
        return run_sealed(project, jobs_of(project, editions, project.notebook_paths()), workers=workers, tell=tell)


def run_sealed(project: Project, jobs: Sequence[Job], *, workers: int = 2, timeout: int = TIMEOUT,
               tell: Tell = lambda line: None, kernels: Template | None = None) -> Sealed:  # fmt: skip
    """Make those of the jobs' runs once more, sealed, that would be skipped by their record. The others need no proof.

    Raises WrongUse where the machine has no Landlock.
    """
    require()
    answers = Answers(Package(project.data))
    stale = {str(job): _why_stale(project, job, answers) for job in jobs}
    left = {job: why for job, why in stale.items() if why}
    outcomes = run(project, [replace(job, sealed=True) for job in jobs if str(job) not in left], workers=workers,
                   timeout=timeout, kernels=kernels,
                   progress=lambda job, state, detail: tell(f"sealed: {job} {state} ({detail})"))  # fmt: skip
    findings: list[Finding] = []
    for outcome in outcomes:
        if not (found := _found(project, outcome)):
            continue
        # Saved by an editor meanwhile: then it is no fault of the record.
        if why := _why_stale(project, outcome.job, Answers(Package(project.data))):
            left[str(outcome.job)] = f"{why} meanwhile"
            continue
        findings.append(found)
        if found.code != "sealed.not-sealed":
            store_of(project, outcome.job).forget()
    return Sealed(findings=tuple(findings), ran=len(jobs) - len(left), left=left)


def _why_stale(project: Project, job: Job, answers: Answers) -> str:
    source = part_of(read_notebook(job.notebook, name=project.short(job.notebook)), job.until)
    return store_of(project, job).why_stale(job_key(project, job, source), answers)


def _found(project: Project, outcome: Outcome) -> Finding | None:
    """What a sealed run shows of its record; None where the record misses nothing."""
    job, failure = outcome.job, outcome.failure
    name = f"edition {job.edition} in {job.lang}"
    common = {"notebook": job.stem, "lang": job.lang, "expected": "a run that opens of the book only what its record names",
              "done": "its record was thrown away, so that it runs anew"}  # fmt: skip
    if failure is None:
        assert outcome.notebook is not None
        differs = _difference(merge(outcome.notebook, store_of(project, job).load()), outcome.notebook)
        if differs is None:
            return None
        cell, was, now = differs
        return Finding(**{**common, "expected": f"the outputs of its record: {was}"}, code="sealed.differs", cell=cell,
                       where=f"{project.short(job.notebook)} cell {cell}, {name}", found=now,
                       next="see whether the cell goes on where it cannot open a file, or shows chance; "
                            "let it open in Python whatever it reads")  # fmt: skip
    kept = kept_of(project, job)
    common |= {"cell": failure.cell, "done": f"{common['done']}; the traceback is in {project.short(kept)}"}
    where = f"{failure.where}, {name}"
    if failure.found == UNSEALED:
        return Finding(**{**common, "done": "its record stands, unproved"}, code="sealed.not-sealed", where=where,
                       found=UNSEALED, next="report it as a fault of recount")  # fmt: skip
    if denied := refused_to(kept.read_text("utf-8"), project.root):
        return Finding(**common, code="sealed.denied", where=where, found=f"it opens {', '.join(denied)}",
                       next="report it as a fault of recount: a change of that file is not noticed. Until it is mended, "
                            "let the notebook open the file in Python as well")  # fmt: skip
    return Finding(**common, code="sealed.failed", where=where,
                   found=f"{failure.found}\nnot known of which file: what is opened in C has no name here",
                   next="let the notebook open in Python what the cell reads in C, and report it")  # fmt: skip


def refused_to(text: str, root: Path) -> list[str]:
    """The files that a traceback says were refused, as messages print them; none where no error names one."""
    found: dict[str, None] = {}
    inside = re.compile(re.escape(str(root)) + r"[^'\":\n]*")
    for line in filter(REFUSED.search, text.splitlines()):
        quoted = [match[2] for match in QUOTED.finditer(line)]
        for path in quoted or inside.findall(line):
            found[os.path.relpath(path, root) if inside.fullmatch(path) else path] = None
    return list(found)


def _difference(was: NotebookNode, now: NotebookNode) -> tuple[str, str, str] | None:
    """The first cell whose outputs differ, by its id, and the first of them before and after in short."""
    for before, after in zip(was.cells, now.cells, strict=True):
        old, new = before.get("outputs", []), after.get("outputs", [])
        if old != new:
            place = next((number for number, pair in enumerate(zip(old, new, strict=False)) if pair[0] != pair[1]),
                         min(len(old), len(new)))
            return after.id, _short(old[place:]), _short(new[place:])
    return None


def _short(outputs: Sequence[NotebookNode]) -> str:
    if not outputs:
        return "nothing"
    data = outputs[0].get("data", {})
    text = str(outputs[0].get("text") or data.get("text/plain") or next(iter(data.values()), "")).strip()
    return text if len(text) <= SHOWN else f"{text[:SHOWN]} …"
