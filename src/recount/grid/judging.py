"""How a worker makes one edition: run what must be run, judge, and say it in rows of values and verdicts.

The same notebooks, data and rules as a check of the book, and its own copy of their inputs. A run made for one
edition stands for every other one in which its notebook would have been told the same: as of another day
(``recount.questions``), or under an assumption that it does not declare. A notebook that uses the day itself runs
for each day.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from recount.claims import read_claims
from recount.editions import Edition
from recount.errors import CheckFailed, Finding
from recount.fonts import prepare
from recount.freshness import Store, merge
from recount.grid.inputs import unpack
from recount.grid.wanted import Wanted
from recount.ledger import collect, judged
from recount.package import Package
from recount.parameters import declared_names, read_notebook
from recount.project import Project
from recount.provisioner import Template
from recount.questions import Answers
from recount.rows import Evidenced
from recount.runner import Job, Outcome, job_key, kernels_of, run, store_of
from recount.waves import calls, names_the_day, second_wave

if TYPE_CHECKING:
    from recount.site.bindery import Bindery

KEPT = 64  # runs of a notebook that are kept for other editions: two years by month, in each language, and more
Row = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Made:
    """One edition as it was made: its rows, how many notebooks ran for it, and for how many an earlier run stood."""

    rows: tuple[Row, ...]
    ran: int
    stood: int


class Bench:
    """One book at a worker: its inputs in a folder, one template of kernels, the runs that may stand for others.

    Used in a ``with`` block. Raises BadInput where the inputs are not those of the digest.
    """

    def __init__(self, folder: Path, packed: bytes, *, digest: str, where: str) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        unpack(packed, folder, digest=digest, where=where)
        self.project, self.digest = Project(folder.resolve()), digest
        self.package = Package(self.project.data)
        self.answers = Answers(self.package)
        self.claims = read_claims(self.package)
        self.evidence = Evidenced(self.package, date.min)
        paths = self.project.notebook_paths()
        self.second = [path for path in paths if second_wave(path)]
        self.chapters = [Chapter(self.project, path) for path in paths if path not in self.second]
        self._template: Template | None = None
        self._own = ExitStack()
        self._bindery: Bindery | None = None

    def __enter__(self) -> Bench:
        return self

    def __exit__(self, *_: object) -> None:
        self._own.close()
        if self._bindery is not None:
            self._bindery.__exit__()
        shutil.rmtree(self.project.root, ignore_errors=True)

    @property
    def kernels(self) -> Template:
        """The warm template; a new one where someone killed it."""
        if self._template is not None and not self._template.alive and self._template.socket:
            self._own.close()
            self._template = None
        if self._template is None:
            self._template = self._own.enter_context(kernels_of(self.project))
            _ = self._template.socket  # it starts when first asked for
        return self._template

    @property
    def bindery(self) -> Bindery:
        """What binds the pages of all its editions, where pages are wanted."""
        if self._bindery is None:
            from recount.site.bindery import Bindery

            self._bindery = Bindery()
        return self._bindery

    def make(self, wanted: Wanted) -> Made:
        """Make one edition. Raises CheckFailed with the findings of every notebook that did not run to its end."""
        if any(chapter.draws for chapter in self.chapters) or wanted.pages:
            prepare(self.project)
        records, ran = self.records(wanted)
        return Made(rows=tuple(self.rows(wanted, records)), ran=ran, stood=len(self.chapters) - ran)

    def records(self, wanted: Wanted) -> tuple[list[dict[str, Any]], int]:
        """What the notebooks of the first wave recorded, and how many of them ran."""
        due = {chapter.stem: chapter for chapter in self.chapters if chapter.standing(wanted, self.answers) is None}
        outcomes = self.run([chapter.job(wanted) for chapter in due.values()])
        for outcome in outcomes:
            if not outcome.failures:  # one that fails costs the next edition no run of the others
                due[outcome.job.stem].keep(wanted, outcome, self.answers)
        raise_failures(outcomes)
        found: list[dict[str, Any]] = []
        for chapter in self.chapters:
            found += chapter.records(wanted)
            chapter.forget()
        raise_twice(found)
        return found, len(due)

    def run(self, jobs: list[Job]) -> list[Outcome]:
        """Run notebooks one by one."""
        return run(self.project, jobs, workers=1, kernels=self.kernels) if jobs else []

    def edition(self, wanted: Wanted) -> Edition:
        """The edition as the rules of judging know one; its name is of use to a machine only."""
        day = wanted.as_of.replace("-", "_")
        return Edition(name=f"swept_{day}_{wanted.key[:8]}", as_of=date.fromisoformat(wanted.as_of), title_zh=f"截至{wanted.as_of}（未经核定）",
                       title_en=f"as of {wanted.as_of} (not accepted)", assumptions=dict(wanted.assumptions))

    def rows(self, wanted: Wanted, records: Sequence[dict[str, Any]]) -> Iterable[Row]:
        """A row for each value, then one for each claim."""
        for record in records:
            if record["record"] == "value" and not record["id"].startswith("edition."):
                yield value_row(record, wanted.lang)
        data = replace(self.evidence, as_of=date.fromisoformat(wanted.as_of))
        for name, entry in judged(list(records), edition=self.edition(wanted), claims=self.claims, data=data).items():
            yield {"kind": "verdict", "id": name, "section": entry["section"], "verdict": entry["verdict"], "rule": entry["rule"],
                   "status": "open" if entry["verdict"] in ("open", "unexamined") else "judged", "origins": entry["origins"],
                   "shown": entry["shown"][wanted.lang]["full"]}


def value_row(record: Mapping[str, Any], lang: str) -> Row:
    """A value as one row. ``text`` is the ISO text of a date or the name, ``shown`` what a page would print."""
    status = "known" if record["kind"] != "unknown" else "not yet" if record["waits_for"] else "not found"
    text = record["text"]["en"] if record["kind"] == "date" else record["text"][lang]
    return {"kind": "value", "id": record["id"], "section": record["id"].partition(".")[0], "status": status,
            "number": record["value"], "high": record["high"], "unit": record["unit"], "comparator": record["comparator"],
            "text": text or None, "shown": record["shown"][lang]["full"]}


def raise_failures(outcomes: Iterable[Outcome]) -> None:
    """Raise CheckFailed with the findings of every notebook that did not run to its end."""
    if failures := [finding for outcome in outcomes for finding in outcome.failures]:
        raise CheckFailed(list(dict.fromkeys(failures)))


def raise_twice(records: Iterable[dict[str, Any]]) -> None:
    """Raise CheckFailed for an id that two notebooks use: which of the two a row would be, nobody could say."""
    owner: dict[str, str] = {}
    for record in records:
        name = record.get("id", "")
        if name and not name.startswith("edition.") and owner.setdefault(name, record["notebook"]) != record["notebook"]:
            raise CheckFailed(Finding(code="ledger.duplicate-id", where=f"notebooks/{record['notebook']}.ipynb {name}",
                                      expected="a name used once in the book", found=f"also in {owner[name]}"))


@dataclass(frozen=True)
class _Run:
    day: str
    store: Store
    records: tuple[dict[str, Any], ...]
    fresh: bool


class Chapter:
    """One notebook of a book at a worker, and its runs that may stand for other editions."""

    def __init__(self, project: Project, path: Path) -> None:
        self.project, self.path, self.stem = project, path, path.stem
        self.source = read_notebook(path, name=project.short(path))
        self.by_the_day = names_the_day(self.source)
        self.declared = declared_names(self.source)
        self.draws = calls(path, "figure")
        self._runs: OrderedDict[tuple[str, str, bool, str], _Run] = OrderedDict()

    def job(self, wanted: Wanted) -> Job:
        """The run of this notebook for an edition, for its values and judgements alone unless pages are wanted."""
        lang, assumed, pages, day = self._place(wanted)
        extra = {name: value for name, value in wanted.assumptions.items() if name in self.declared}
        return Job(notebook=self.path, edition=f"{day}-{assumed}{'-drawn' if pages else ''}", lang=lang, charts=pages,
                   parameters={"as_of": day, "lang": lang, **extra})

    def standing(self, wanted: Wanted, answers: Answers) -> _Run | None:
        """The run that stands for an edition, once it has been looked for under its own place from then on."""
        place = self._place(wanted)
        if (own := self._runs.get(place)) is not None:
            # Where what it read cannot be known, a run stands for its own edition and for no other.
            return own if own.fresh else None
        if self.by_the_day:
            return None
        for other, found in reversed(self._runs.items()):
            if other[:3] == place[:3] and found.fresh and not answers.changed(
                    found.store.replies(), was=found.day, day=wanted.as_of):
                self._runs[place] = found
                return found
        return None

    def keep(self, wanted: Wanted, outcome: Outcome, answers: Answers) -> None:
        """Keep a run that was just made."""
        store = store_of(self.project, outcome.job)
        records, findings = collect({self.stem: {wanted.lang: outcome.notebook}})
        if findings:
            raise CheckFailed(findings)
        fresh = not store.why_stale(job_key(self.project, outcome.job, self.source), answers)
        self._runs[self._place(wanted)] = _Run(wanted.as_of, store, tuple(records), fresh)

    def records(self, wanted: Wanted) -> tuple[dict[str, Any], ...]:
        """What the run that stands for an edition recorded. Raises KeyError where none was looked for or kept."""
        place = self._place(wanted)
        self._runs.move_to_end(place)
        return self._runs[place].records

    def notebook(self, wanted: Wanted) -> Any:
        """The executed notebook that stands for an edition, with its prose."""
        return merge(self.source, self._runs[self._place(wanted)].store.load())

    def forget(self) -> None:
        """Let go of the oldest runs, so that a worker grows no larger however many editions it makes."""
        while len(self._runs) > KEPT:
            _, gone = self._runs.popitem(last=False)
            if all(gone.store.folder != run.store.folder for run in self._runs.values()):
                gone.store.forget()

    def _place(self, wanted: Wanted) -> tuple[str, str, bool, str]:
        extra = [[name, value] for name, value in sorted(wanted.assumptions.items()) if name in self.declared]
        assumed = hashlib.sha256(json.dumps(extra, ensure_ascii=False).encode("utf-8")).hexdigest()[:12]
        return wanted.lang, assumed, wanted.pages, wanted.as_of
