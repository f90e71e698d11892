"""The book's pipeline: data, notebooks, ledgers, gate, site. One direction, each stage plain data."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from recount import accepted, gate, validation
from recount.claims import read_claims
from recount.config import address_findings, contact_findings, unlisted
from recount.corrections import correction_findings, known_ids
from recount.editions import LANGS, Edition, read_editions
from recount.errors import BadInput, CheckFailed, Finding, did_you_mean
from recount.fonts import prepare
from recount.ledger import collect, make_ledger
from recount.ledger_file import judged_path, read_json, write_json
from recount.package import Package
from recount.parameters import declared_names, read_notebook
from recount.passages import passages
from recount.project import Project
from recount.prose import read_allowed
from recount.provisioner import Template
from recount.rows import Evidenced
from recount.runner import Job, Outcome, kernels_of, run
from recount.sweep import differing, sweep
from recount.waves import calls, second_wave

Tell = Callable[[str], None]
# Parameters that the edition itself sets. An assumption of that name would date half the book otherwise.
RESERVED = frozenset({"as_of", "lang"})


@dataclass(frozen=True, kw_only=True)
class Checked:
    """What a check found, and what it made on the way.

    ``executed`` is keyed by (edition, language), then by notebook; ``ledgers`` by edition; ``changes`` are
    against the accepted ledgers. The gate is open when there are no ``findings``.
    ``failures`` are those of notebooks that did not run to their end; then nothing is compared.
    """

    findings: tuple[Finding, ...]
    ledgers: dict[str, dict[str, Any]]
    executed: dict[tuple[str, str], dict[str, Any]]
    changes: tuple[accepted.Change, ...]
    affected: dict[str, list[str]]
    editions: tuple[Edition, ...]
    ran: int
    fresh: int
    seconds: float
    questions: tuple[Finding, ...] = ()
    failures: tuple[Finding, ...] = ()

    @property
    def summary(self) -> str:
        """One line on what was checked and what it took."""
        return f"{self.counts}; {self.ran} runs, {self.fresh} unchanged; {self.seconds:.1f} s"

    @property
    def counts(self) -> str:
        """What was checked, in numbers."""
        first = next(iter(self.ledgers.values()), {"claims": {}, "values": {}, "charts": {}})
        judged = sum(1 for ledger in self.ledgers.values() for claim in ledger["claims"].values()
                     if claim["verdict"] != "unexamined")
        return (f"{len(first['claims'])} claims, {sum(len(each['values']) for each in self.ledgers.values())} values, "
                f"{judged} verdicts, {len(first['charts'])} charts in {len(self.ledgers)} editions")


@contextmanager
def at_work(project: Project, *, patience: float = -1) -> Iterator[None]:
    """Hold the book's ``_build`` for one command at a time; a second one waits for the first.

    Without end, or for ``patience`` seconds: then raises TimeoutError, for who has other things to do meanwhile.
    """
    project.build.mkdir(parents=True, exist_ok=True)
    lock = FileLock(project.build / "lock", timeout=patience)
    try:
        lock.acquire()
    except Timeout:
        raise TimeoutError("another command is at work on the book") from None
    try:
        yield
    finally:
        lock.release()


def check(project: Project, *, tell: Tell = lambda line: None, workers: int = 2,
          kernels: Template | None = None, stale: Callable[[], None] = lambda: None) -> Checked:  # fmt: skip
    """Validate the data, execute what is stale, judge, and hold the result against everything accepted.

    ``kernels`` is the template to fork kernels from, for who checks more than once; otherwise it is this call's own.
    ``stale`` is called whenever a notebook begins to run.

    Raises BadInput where data, notebooks or parameters cannot be used at all. A failing cell, a changed
    value and a typed number are findings, all of them reported together.
    """
    start = time.monotonic()
    tell("data: validating")
    faults = _validated(project)
    questions = [finding for finding in faults if finding.code in validation.GATE]
    if len(questions) < len(faults):
        raise BadInput([finding for finding in faults if finding.code not in validation.GATE])
    allowed = read_allowed(project.book / "allowed_numbers.csv")
    editions = tuple(read_editions(project.book / "editions.toml").values())
    if broken := [finding for path in project.notebook_paths() for finding in _broken(path, project)]:
        raise BadInput(broken)
    tell("fonts: preparing")
    prepare(project)
    package = Package(project.data)
    with nullcontext(kernels) if kernels else kernels_of(project) as template:
        outcomes, findings, ledgers = _execute(project, editions, package, tell=tell, workers=workers, kernels=template,
                                                stale=stale)
    executed = _by_edition(outcomes, editions)
    every = passages(project)
    findings += _unaccepted(project, questions)
    findings += gate.prose_findings(every, allowed)
    findings += unlisted(project, project.notebook_paths())
    findings += contact_findings(project)
    findings += address_findings(project)
    changes: list[accepted.Change] = []
    affected: dict[str, list[str]] = {}
    failures = tuple(dict.fromkeys(finding for outcome in outcomes for finding in outcome.failures))
    for edition in editions:
        ledger = ledgers[edition.name]
        of_edition = {stem: {lang: executed[edition.name, lang][stem] for lang in LANGS
                             if stem in executed[edition.name, lang]}
                      for lang in LANGS for stem in executed[edition.name, lang]}
        findings += gate.output_findings(of_edition, allowed)
        # A cell that failed leaves values out; they are no news beside the failure itself.
        if not failures:
            findings += gate.binding_findings(every, ledger)
            was = accepted.read_accepted(project, edition.name)
            differs = accepted.changes(was, accepted.slim(ledger, package))
            hit = gate.sentences_affected(every, accepted.as_printed(was, ledger), ledger,
                                          {change.id for change in differs})
            changes += differs
            for name, lines in hit.items():
                affected.setdefault(name, []).extend(line for line in lines if line not in affected.get(name, ()))
    findings += gate.accepted_findings(changes, affected)
    # A notebook that failed leaves values out; an entry that names one of them is not wrong.
    if not failures:
        findings += correction_findings(project, known_ids(project, package, ledgers))
    fresh = sum(outcome.fresh for outcome in outcomes)
    return Checked(findings=tuple(dict.fromkeys(findings)), ledgers=ledgers, executed=executed,
                   changes=tuple(changes), affected=affected, editions=editions, ran=len(outcomes) - fresh,
                   fresh=fresh, seconds=time.monotonic() - start, questions=tuple(questions),
                   failures=failures)


def _validated(project: Project) -> list[Finding]:
    """The findings on the data as it stands; looked up when neither it nor this code has changed since."""
    digest = hashlib.sha256()
    # The whole engine: the checks stand in several modules, and units and dates are theirs too.
    for path in (*sorted(Path(validation.__file__).parent.glob("*.py")), *sorted(project.data.iterdir())):
        if path.is_file():
            digest.update(f"{path.name}\0{path.stat().st_size}\0".encode() + path.read_bytes())
    kept = project.build / "validated.json"
    known = read_json(kept, name=project.short(kept)) if kept.is_file() else {}
    if known.get("digest") == digest.hexdigest():
        return [Finding(**finding) for finding in known["findings"]]
    findings = validation.validate(project.data)
    write_json(kept, {"digest": digest.hexdigest(), "findings": [finding.as_dict() for finding in findings]})
    return findings


def _execute(project: Project, editions: tuple[Edition, ...], package: Package, *, tell: Tell,
             workers: int, kernels: Template, stale: Callable[[], None]) -> tuple[list[Outcome], list[Finding], dict[str, dict[str, Any]]]:
    """Run the notebooks in two waves: those that read the judged ledger after all the others are judged."""
    paths = project.notebook_paths()
    _check_assumptions(paths, editions, project)
    second = [path for path in paths if second_wave(path)]
    claims = read_claims(package)
    outcomes: list[Outcome] = []
    findings: list[Finding] = []
    ledgers: dict[str, dict[str, Any]] = {}

    def progress(job: Job, state: str, detail: str) -> None:
        if state != "fresh":
            tell(f"notebook: {job} {state} ({detail})")
        if state == "started":
            stale()

    for wave in ([path for path in paths if path not in second], second):
        outcomes += run(project, jobs_of(project, editions, wave), workers=workers, kernels=kernels, progress=progress)
        findings += [finding for outcome in outcomes for finding in outcome.failures]
        executed = _by_edition(outcomes, editions)
        for edition in editions:
            by_stem: dict[str, dict[str, Any]] = {}
            for lang in LANGS:
                for stem, notebook in executed[edition.name, lang].items():
                    by_stem.setdefault(stem, {})[lang] = notebook
            failed = {outcome.job.stem for outcome in outcomes if outcome.failures}
            records, differ = collect({stem: by_stem[stem] for stem in sorted(by_stem) if stem not in failed})
            findings += differ
            ledger = make_ledger(records, edition=edition, claims=claims, data=Evidenced(package, edition.as_of))
            ledgers[edition.name] = ledger
            if wave is not second:
                write_json(judged_path(project, edition.name), ledger)
        # A month that fails is a finding like any other; what reads the sweep then fails beside it.
        if wave is not second and not findings and any(calls(path, "sweep") for path in second):
            for edition in editions:
                try:
                    made = sweep(project, edition, workers=workers, tell=tell, kernels=kernels)
                    findings += differing(made, ledgers[edition.name])
                except CheckFailed as failed:
                    findings += failed.findings
    for name, ledger in ledgers.items():
        write_json(project.ledgers / f"{name}.json", ledger)
    return outcomes, list(dict.fromkeys(findings)), ledgers


def _broken(path: Any, project: Project) -> list[Finding]:
    try:
        read_notebook(path, name=project.short(path))
    except BadInput as error:
        return list(error.findings)
    return []


def jobs_of(project: Project, editions: Sequence[Edition], paths: Sequence[Path]) -> list[Job]:
    """A run of each notebook for each edition and language."""
    return [Job(notebook=path, edition=edition.name, lang=lang, parameters=parameters_of(path, edition, lang, project))
            for edition in editions for path in paths for lang in LANGS]


def parameters_of(path: Any, edition: Edition, lang: str, project: Project) -> dict[str, object]:
    """What an edition passes to a notebook: the day, the language, and those of its assumptions that it declares."""
    names = declared_names(read_notebook(path, name=project.short(path)))
    extra = {name: number for name, number in edition.assumptions.items() if name in names}
    return {"as_of": edition.as_of.isoformat(), "lang": lang, **extra}


def _check_assumptions(paths: list[Any], editions: tuple[Edition, ...], project: Project) -> None:
    """An assumption that no notebook declares is a misspelling, not a setting without effect."""
    declared = {name for path in paths for name in declared_names(read_notebook(path, name=project.short(path)))}
    taken = [Finding(code="parameter.reserved", where=f"book/editions.toml [{edition.name}.assumptions] {name}",
                     expected="an assumption of a chapter", found=name, done="nothing was run",
                     next="the edition sets it: as_of stands under the edition's own name")
             for edition in editions for name in edition.assumptions if name in RESERVED]
    unknown = [Finding(code="parameter.unknown", where=f"book/editions.toml [{edition.name}.assumptions] {name}",
                       expected="a parameter that some notebook declares", found=name, done="nothing was run",
                       next=did_you_mean(name, sorted(declared)))
               for edition in editions for name in edition.assumptions if name not in declared | RESERVED]
    if unknown or taken:
        raise BadInput([*taken, *unknown])


def _by_edition(outcomes: list[Outcome], editions: tuple[Edition, ...]) -> dict[tuple[str, str], dict[str, Any]]:
    found: dict[tuple[str, str], dict[str, Any]] = {(edition.name, lang): {} for edition in editions for lang in LANGS}
    for outcome in outcomes:
        if outcome.notebook is not None:
            found[outcome.job.edition, outcome.job.lang][outcome.job.stem] = outcome.notebook
    return found


def _unaccepted(project: Project, questions: list[Finding]) -> list[Finding]:
    """Sums that do not close, and warnings that no editor has accepted as they stand."""
    taken = accepted.read_warnings(project)
    return [finding for finding in questions if taken.get(finding.where) != finding.found]


def require_open(checked: Checked) -> None:
    """Raise CheckFailed with every finding where the gate is shut."""
    if checked.findings:
        raise CheckFailed(checked.findings)
