"""A sweep of the grid from first to last: what is asked for, checked; what is not finished, made; all of it, told."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from recount.editions import edition_named, read_editions
from recount.errors import BadInput, Finding, RecountError, WrongUse
from recount.grid.axes import Feature, editions_of, read_settings
from recount.grid.cluster import make_there
from recount.grid.extra import extra
from recount.grid.inputs import EDITIONS, Inputs, read_inputs
from recount.grid.local import make_here
from recount.grid.place import Place, place_of
from recount.grid.results import Results
from recount.grid.table import NAME, columns_of, rows_of, write_table
from recount.grid.wanted import Wanted, maker_of
from recount.parameters import Parameter, check_notebook, declared_parameters, read_notebook
from recount.project import Project
from recount.sweep import days_of
from recount.validation import GATE, validate
from recount.waves import second_wave

Tell = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Grid:
    """All that is asked for, checked: the editions in order, the inputs of their books, the values of each assumption."""

    editions: tuple[Wanted, ...]
    inputs: tuple[Inputs, ...]
    settings: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Swept:
    """What became of a sweep: how many editions were asked for, were there already, were made, failed; and the table.

    ``failures`` has the findings of each edition that failed, in the order of the grid.
    """

    editions: int
    there: int
    made: int
    ran: int
    stood: int
    failures: Mapping[str, tuple[Finding, ...]]
    rows: int
    table: str
    seconds: float

    @property
    def findings(self) -> list[Finding]:
        """The failures, one for each fault: what failed the same in many editions is said once, with their number."""
        editions: dict[tuple[str, str, str, str], list[str]] = {}
        faults: dict[tuple[str, str, str, str], Finding] = {}
        for edition, findings in self.failures.items():
            for finding in findings:
                place = finding.where.replace(f" {edition}", "")
                same = finding.code, place, finding.expected, finding.found
                faults.setdefault(same, finding)
                editions.setdefault(same, []).append(edition)
        return [replace(fault, where=f"{fault.where}, {named[0]}" + (f" and {len(named) - 1} more editions" if len(named) > 1 else ""),
                        done="the edition was left out of the table; the others are in it", lang="",
                        next=fault.next or "mend it and sweep again: what is finished is not run again")
                for same, fault in faults.items() for named in [list(dict.fromkeys(editions[same]))]]


def grid_of(books: Sequence[Place], *, period: str, langs: Sequence[str], settings: Sequence[str], edition: str,
            pages: bool) -> Grid:
    """Read and check everything that a sweep rests on. Raises RecountError with all that is wrong; nothing ran then."""
    findings: list[Finding] = []
    features: list[Feature] = []
    inputs: list[Inputs] = []
    names = [place.name for place in books]
    findings += [Finding(code="sweep.same-book", where=f"--book {place}", expected="books of different names", found=place.name,
                         done="nothing was run", next="the name is that of the folder: rename one")
                 for number, place in enumerate(books) if place.name in names[:number]]
    for place in books:
        try:
            brought = read_inputs(place, pages=pages)
            features.append(_feature(brought, period=period, edition=edition))
            inputs.append(brought)
        except RecountError as error:
            findings += [replace(finding, where=f"{place.name}: {finding.where}") if len(books) > 1 else finding
                         for finding in error.findings]
    if findings:
        raise BadInput(list(dict.fromkeys(findings)))
    chosen = read_settings(settings, features)
    return Grid(editions=tuple(editions_of(features, langs=langs, settings=chosen, pages=pages, maker=maker_of(pages=pages))),
                inputs=tuple(inputs), settings=chosen)


def sweep_grid(grid: Grid, out: Place, *, workers: int = 2, scheduler: str = "", tell: Tell = lambda line: None) -> Swept:
    """Make every edition of a grid that is not finished in ``out``, then write the table of all that are.

    By worker processes of this machine, or by the workers of a Dask ``scheduler``. An edition that fails is told
    of in the end and stops no other. Raises WrongUse where store or scheduler cannot be reached.
    """
    began = time.monotonic()
    extra("duckdb", wanted_for="the table of results")
    results = Results(out)
    tell("sweep: looking for what is finished")
    finished = results.finished([wanted.key for wanted in grid.editions])
    due = [wanted for wanted in grid.editions if wanted.key not in finished]
    progress = _Progress(total=len(due), tell=tell)
    if due:
        results.bring(grid.inputs)
        if scheduler:
            make_there(due, results, scheduler=scheduler, told=progress)
        else:
            make_here(due, results, workers=max(1, min(workers, len(due))), told=progress)
    tell("sweep: writing the table")
    rows = write_table(rows_of(results, grid.editions, grid.settings), columns_of(dict(grid.settings)), out)
    return Swept(editions=len(grid.editions), there=len(finished), made=len(due) - len(progress.failures), ran=progress.ran,
                 stood=progress.stood, rows=rows, table=f"{out}/{NAME}", seconds=time.monotonic() - began,
                 failures={str(wanted): progress.failures[wanted.key] for wanted in due if wanted.key in progress.failures})


class _Progress:
    """Told of each edition as it is done; tells how far the sweep is and how long the rest will take."""

    def __init__(self, *, total: int, tell: Tell) -> None:
        self.total, self.tell, self.began = total, tell, time.monotonic()
        self.done = self.ran = self.stood = 0
        self.failures: dict[str, tuple[Finding, ...]] = {}

    def __call__(self, wanted: Wanted, made: Mapping[str, Any]) -> None:
        self.done += 1
        self.ran += made.get("ran", 0)
        self.stood += made.get("stood", 0)
        how = f"{made.get('ran', 0)} runs, {made.get('stood', 0)} stood, {made.get('seconds', 0):.1f} s"
        if made["state"] == "failed":
            self.failures[wanted.key] = tuple(Finding(**finding) for finding in made["findings"])
            how = f"failed: {made['findings'][0]['code']}"
        elif made["state"] == "found":
            how = "finished before"
        seconds = time.monotonic() - self.began
        left = (self.total - self.done) * seconds / self.done
        failed = f", {len(self.failures)} failed" if self.failures else ""
        self.tell(f"sweep: {self.done} of {self.total}{failed}; {60 * self.done / max(seconds, 0.001):.0f} a minute, "
                  f"{left / 60:.0f} min left; {wanted} ({how})")


def _feature(brought: Inputs, *, period: str, edition: str) -> Feature:
    """What the grid must know of a book, from a copy of the very inputs that workers will see."""
    with tempfile.TemporaryDirectory(prefix="recount-grid-") as folder:
        for name, content in {**brought.files, EDITIONS: brought.editions}.items():
            path = Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        if not brought.editions:
            Path(folder, EDITIONS).unlink()
        project = Project(Path(folder).resolve())
        if faults := [finding for finding in validate(project.data) if finding.code not in GATE]:
            raise BadInput(faults)
        paths = project.notebook_paths()
        if broken := [finding for path in paths for finding in check_notebook(path, name=project.short(path))]:
            raise BadInput(broken)
        used = [path for path in paths if brought.pages or not second_wave(path)]
        if not used:
            raise BadInput(Finding(code="sweep.no-notebooks", where=f"{brought.book}/notebooks", expected="a notebook, NN_name.ipynb",
                                   found="none", done="nothing was run"))
        declared: dict[str, tuple[Parameter, ...]] = {}
        for path in used:
            for name, parameter in declared_parameters(read_notebook(path, name=project.short(path))).items():
                declared[name] = (*declared.get(name, ()), parameter)
        chosen = edition_named(read_editions(project.book / "editions.toml"), edition)
        return Feature(book=brought.book, inputs=brought.digest, days=days_of(project, chosen, period), edition=chosen, declared=declared)


def place_to_write(text: str) -> Place:
    """The place for results. Raises WrongUse (``sweep.store``) where it cannot be written to."""
    place = place_of(text)
    try:
        place.write("sweep.txt", b"Results of recount sweep: editions/ one file each, inputs/ of the books, failed/ reports.\n")
    except OSError as error:
        raise WrongUse(Finding(code="sweep.store", where=f"--out {text}", expected="a folder or a URL that can be written to",
                               found=f"{type(error).__name__}: {error}"[:300], done="nothing was run")) from None
    return place
