"""The sweep: what the verdicts were as of each month, from the day of print to an edition's own day.

Each month is judged as an edition of that day would be, by the same notebooks, data and rules. But a notebook
runs again only where a month changes something it asks of the data: a run made for one day stands for every
other day as of which it would have been told the same (``recount.questions``). A notebook that uses the day
itself runs for each.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from recount.claims import read_claims
from recount.editions import Edition
from recount.errors import BadInput, CheckFailed, Finding, WrongUse
from recount.freshness import Store
from recount.keys import digest_of, engine_digest, file_digest, parameters_digest
from recount.ledger import collect, judged
from recount.ledger_file import read_json, swept_path, write_json
from recount.package import Package
from recount.parameters import declared_names, read_notebook
from recount.periods import span
from recount.project import Project
from recount.provisioner import Template
from recount.questions import Answers, Reply
from recount.rows import FEATURE, Evidenced
from recount.runner import Job, job_key, kernels_of, part_of, run, store_of
from recount.verdicts import VERDICTS
from recount.waves import calls, code_cells, names_the_day, second_wave
from recount.whole import write_whole

FILL = 4  # runs at a time of a notebook for days that are known to need one each
LANG = "zh"  # verdicts have no language; the gate holds the two against each other
Tell = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Sweep:
    """The verdict on every claim as of every day that was swept, and how many runs it took.

    ``rows`` are in the order of days, then of claims: ``as_of``, ``claim``, ``section``, ``verdict``, ``rule``.
    """

    edition: str
    days: tuple[str, ...]
    rows: tuple[dict[str, str], ...]
    ran: int
    stood: int
    csv: Path


def days_between(first: date, last: date) -> tuple[date, ...]:
    """The first day, the last day of each month after it, and the last day. Raises WrongUse where they are the wrong way round.

    >>> [str(day) for day in days_between(date(2022, 2, 24), date(2022, 4, 2))]
    ['2022-02-24', '2022-02-28', '2022-03-31', '2022-04-02']
    """
    if first > last:
        raise WrongUse(Finding(code="sweep.backwards", where="--as-of", expected="a first day that is not after the last",
                               found=f"{first} .. {last}"))
    days, month = [first], first
    while (end := span(f"{month:%Y-%m}")[1]) < last:
        if end > first:
            days.append(end)
        month = end + timedelta(days=1)
    return (*days, last) if last > first else (first,)


def days_of(project: Project, edition: Edition, period: str) -> tuple[date, ...]:
    """The days of a period in words, ``2022-03..2022-12``: days or months, of a month its last day.

    A side that is left out is the day of print, or the edition's own. Raises WrongUse where it is no such thing.
    """
    first, dots, last = period.partition("..")
    try:
        if not dots:
            raise ValueError
        days = [span(text)[1] if text else default for text, default in (
            (first, day_of_print(Package(project.data))), (last, edition.as_of))]
    except ValueError:
        raise WrongUse(Finding(code="sweep.period", where="--as-of", expected="FROM..TO, each YYYY-MM-DD or YYYY-MM",
                               found=period)) from None
    return days_between(*days)


def day_of_print(package: Package) -> date:
    """The day on which the feature itself was public: the first as of which there is anything to judge."""
    return date.fromisoformat(package.loaded("sources").loc[FEATURE, "known_from"])


def sweep(project: Project, edition: Edition, *, days: Sequence[date] | None = None, workers: int = 2,
          tell: Tell = lambda line: None, kernels: Template | None = None) -> Sweep:
    """Judge every claim as of each day (by default the months from print to the edition's day), and keep it.

    The edition lends its assumptions. Kept under ``_build/sweep``, as JSON for notebooks and as CSV. Raises
    CheckFailed with every finding where a notebook does not run for some day; nothing is kept then. Raises
    BadInput where data or notebooks cannot be used at all.
    """
    whole = days_between(min(day_of_print(Package(project.data)), edition.as_of), edition.as_of)
    swept = tuple(days or whole)
    chapters = [_Chapter(project, path, edition) for path in project.notebook_paths()
                if calls(path, "judge") and not second_wave(path)]
    with ExitStack() as own:
        ran = _execute(project, chapters, swept, workers=workers, tell=tell,
                       kernels=kernels or own.enter_context(kernels_of(project)))
    runs = [[day.isoformat(), chapter.stem, chapter.stores[day].digest()] for day in swept for chapter in chapters]
    name = edition.name if swept == whole else f"{edition.name}-{swept[0]}-{swept[-1]}"
    path = swept_path(project, name)
    kept = _kept(path)
    while kept.get("digest") != (digest := _digest(project, runs)):
        # Again, if someone edits the data meanwhile: what is kept must be what its digest says.
        kept = {"digest": digest, "days": [day.isoformat() for day in swept],
                "rows": list(_judge(chapters, swept, edition, Package(project.data)))}
        write_json(path, kept)
    write_whole(path.with_suffix(".csv"), _csv(kept["rows"]))
    return Sweep(edition=edition.name, days=tuple(kept["days"]), rows=tuple(kept["rows"]), ran=ran,
                 stood=len(swept) * len(chapters) - ran, csv=path.with_suffix(".csv"))


def differing(made: Sweep, ledger: Mapping[str, Any]) -> list[Finding]:
    """Claims on which the last day of a sweep and the edition of that day do not agree; there should be none.

    A notebook whose judgements stand in a helper that a later cell calls would make them differ.
    """
    last = {row["claim"]: row["verdict"] for row in made.rows if row["as_of"] == made.days[-1]}
    return [Finding(code="sweep.differs", where=f"claim {name}", expected=f"{entry['verdict']}, as the edition {made.edition} judges",
                    found=f"{last.get(name)} by the sweep", done="nothing was published",
                    next="call desk.judge in a cell of its own, not in a helper that a later cell calls")
            for name, entry in ledger["claims"].items() if last.get(name) != entry["verdict"]]


def as_text(made: Sweep) -> str:
    """One line a day on which a verdict changed: the counts, then what changed."""
    lines, before = [], {}
    for day in made.days:
        now = {row["claim"]: row["verdict"] for row in made.rows if row["as_of"] == day}
        if now != before:
            counts = ", ".join(f"{count} {word}" for word in VERDICTS if (count := list(now.values()).count(word)))
            lines.append(f"{day}  {counts}")
            lines += [f"            {claim}: {before[claim]} → {word}" for claim, word in now.items()
                      if claim in before and before[claim] != word]
        before = now
    return "\n".join(lines)


class _Chapter:
    """One notebook on its way through the days: which run stands for which day."""

    def __init__(self, project: Project, path: Path, edition: Edition) -> None:
        self.project, self.path, self.edition, self.stem = project, path, edition, path.stem
        whole = read_notebook(path, name=project.short(path))
        # Verdicts are all that is wanted: what follows the last of the judgements is for the page.
        self.until = [cell["id"] for cell in code_cells(whole) if ".judge(" in cell.source][-1]
        self.source = part_of(whole, self.until)
        self.by_the_day = names_the_day(self.source)
        names = declared_names(self.source)
        self.extra = {name: number for name, number in edition.assumptions.items() if name in names}
        self.stores: dict[date, Store] = {}
        self._runs: dict[date, tuple[Store, tuple[Reply, ...]]] = {}  # that are fresh, by the day they were made for
        self._stale: dict[date, tuple[Reply, ...]] = {}  # what runs of this code asked that are no longer fresh

    def job(self, day: date) -> Job:
        # With a hyphen, which no edition's name has: a run without charts is never taken for an edition's. What an
        # edition assumes is its own; otherwise a day is the same for all.
        whose = self.edition.name if self.extra else "sweep"
        return Job(notebook=self.path, edition=f"{whose}-{day}", lang=LANG, charts=False, until=self.until,
                   parameters={"as_of": day.isoformat(), "lang": LANG, **self.extra})

    def look(self, days: Sequence[date], answers: Answers) -> None:
        """Find the recorded runs of these days that are fresh."""
        if not days:
            return
        common = job_key(self.project, self.job(days[0]), self.source)  # all but the day is the same, and takes its time
        for day in days:
            job = self.job(day)
            store, key = store_of(self.project, job), {**common, "parameters": parameters_digest(job.parameters)}
            if day in self._runs or not store.record.is_file():
                continue
            if not store.why_stale(key, answers):
                self._runs[day] = store, store.replies()
            elif store.of_code(key):
                self._stale[day] = store.replies()

    def settle(self, days: Sequence[date], answers: Answers) -> list[date]:
        """Give each day the run that stands for it; return the days to run for next.

        Those are all days that are left where the day itself is used. Otherwise the first, for its run may stand for more,
        and with it days of which it is known beforehand that no run can stand for two of them.
        """
        for day in days:
            if day in self.stores:
                continue
            if day in self._runs:
                self.stores[day], _ = self._runs[day]
            elif not self.by_the_day:
                for was, (store, replies) in self._runs.items():
                    if not answers.changed(replies, was=was.isoformat(), day=day.isoformat()):
                        self.stores[day] = store
                        break
        left = [day for day in days if day not in self.stores]
        if self.by_the_day:
            return left
        due: list[date] = []
        for day in left:
            if len(due) < FILL and all(self._apart(day, other, answers) for other in due):
                due.append(day)
        return due

    def _apart(self, one: date, other: date, answers: Answers) -> bool:
        return any(answers.parts(self._stale[was], was=was.isoformat(), one=one.isoformat(), other=other.isoformat())
                   for was in (one, other) if was in self._stale)


def _execute(project: Project, chapters: Sequence[_Chapter], days: Sequence[date], *, workers: int, tell: Tell,
             kernels: Template) -> int:
    """Run what must be run until a run stands for each day; return how many ran."""
    answers = Answers(Package(project.data))
    for chapter in chapters:
        chapter.look(days, answers)
    ran = 0
    while True:
        left = {chapter.stem: chapter.settle(days, answers) for chapter in chapters}
        # Who uses the day itself has all its days to run for, the others one or a few: it fills what they leave.
        waits = any(left[chapter.stem] for chapter in chapters if not chapter.by_the_day)
        due = [(chapter, day) for chapter in chapters for day in left[chapter.stem][:FILL if waits else None]]
        if not due:
            return ran
        outcomes = run(project, [chapter.job(day) for chapter, day in due], workers=workers, kernels=kernels,
                       progress=lambda job, state, detail: tell(f"sweep: {job} {state} ({detail})"))
        if failures := [replace(finding, where=f"{finding.where}, as of {outcome.job.parameters['as_of']}", lang="")
                        for outcome in outcomes for finding in outcome.failures]:
            raise CheckFailed(failures)
        ran += sum(not outcome.fresh for outcome in outcomes)
        for chapter, day in due:
            # Its own day's in any case. Where what it read cannot be known it is not fresh, and stands for no other.
            chapter.stores[day] = store_of(project, chapter.job(day))
            chapter.look([day], answers)


def _judge(chapters: Sequence[_Chapter], days: Sequence[date], edition: Edition, package: Package) -> Iterable[dict[str, str]]:
    claims = read_claims(package)
    loaded: dict[Path, list[dict[str, Any]]] = {}
    data = Evidenced(package, edition.as_of)
    for day in days:
        records: list[dict[str, Any]] = []
        for chapter in chapters:
            store = chapter.stores[day]
            if store.folder not in loaded:
                loaded[store.folder], _ = collect({chapter.stem: {LANG: store.load()}})
            records += loaded[store.folder]
        of_day = replace(edition, as_of=day)
        for claim, entry in judged(records, edition=of_day, claims=claims, data=replace(data, as_of=day)).items():
            yield {"as_of": day.isoformat(), "claim": claim, "section": claims[claim].section, "verdict": entry["verdict"],
                   "rule": entry["rule"]}


def _kept(path: Path) -> dict[str, Any]:
    """What an earlier sweep kept; nothing where it is not there or damaged, since it can be made again."""
    try:
        kept = read_json(path, name=path.name)
    except BadInput:
        return {}
    return kept if isinstance(kept, dict) and {"digest", "days", "rows"} <= set(kept) else {}


def _csv(rows: Iterable[Mapping[str, str]]) -> str:
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, ["as_of", "claim", "section", "verdict", "rule"], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return buffer.getvalue()


def _digest(project: Project, runs: list[list[str]]) -> str:
    """What the kept verdicts rest on: the runs that stood, all tables (evidence has its weight there), the rules."""
    tables = [[path.name, file_digest(path)] for path in sorted(project.data.iterdir()) if path.is_file()]
    return digest_of([runs, tables, engine_digest()])
