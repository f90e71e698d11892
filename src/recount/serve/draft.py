"""The draft of one book as it stands on disk: what its notebooks showed, its ledger, its pages' sources, its findings.

Everything is read again only where its file changed, so that a look after every save costs what the save changed.
What cannot be read is a finding, and the last that could be read stays in its place.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import nbformat
from nbformat import NotebookNode

from recount import gate
from recount.claims import read_claims
from recount.config import read_config, read_contents
from recount.editions import Edition, edition_named, read_editions
from recount.errors import BadInput, Finding, RecountError
from recount.freshness import merge
from recount.ledger import collect, make_ledger
from recount.package import Package
from recount.parameters import read_notebook
from recount.passages import Passage, passages
from recount.project import Project
from recount.prose import read_allowed
from recount.rows import Evidenced
from recount.runner import Job, store_of
from recount.serve.accepting import accepted_findings, differing
from recount.serve.assembly import Assembly
from recount.serve.same import Same

Kept = TypeVar("Kept")
Mark = tuple[int, ...] | None
FOLDER = "serve"  # under `_build`


@dataclass(frozen=True, kw_only=True)
class Failed:
    """A run that failed: the notebook as far as it came, and why."""

    executed: Path | None
    findings: tuple[Finding, ...]


class Draft:
    """One edition in one language, kept under ``_build/serve/<lang>/<edition>/source`` for Sphinx to read."""

    def __init__(self, project: Project, *, edition: str, lang: str) -> None:
        self.project, self.edition, self.lang = project, edition, lang
        self.folder = project.build / FOLDER / lang / edition
        self.source = self.folder / "source"
        self._kept: dict[str, tuple[Any, Any]] = {}
        self._last: dict[str, Any] = {}
        self._assembly = Assembly(project, self.source, lang=lang)

    def refresh(self, *, failed: Mapping[str, Failed], checked: Sequence[Finding]) -> tuple[Finding, ...]:
        """Bring the source folder up to what is on disk, and return all findings: those found here and those ``checked``.

        ``failed`` are runs of this edition and language that did not come to their end, by notebook. Raises
        BadInput and WrongUse only where nothing can be shown yet: later the last good state stays, with findings.
        """
        found: list[Finding] = [finding for each in failed.values() for finding in each.findings]
        settings = self._or_last("settings", self._settings, found)
        editions = self._or_last("editions", self._editions, found)
        edition = edition_named(dict(editions), self.edition)
        shown = self._shown(failed, found)
        package = self._or_last("data", self._data, found)
        ledger = self._or_last("ledger", lambda: self._ledger(edition, shown, failed, package), found)
        found += self._or_last("gate", lambda: self._gate(ledger, shown, failed, package), found)
        findings = tuple(dict.fromkeys([*found, *checked]))
        mine = [finding for finding in findings if finding.lang in ("", self.lang)]
        more: list[Finding] = []
        more += self._or_last("pages", lambda: self._assembly.write(
            settings=settings, edition=edition, editions=tuple(editions.values()), ledger=ledger, shown=shown,
            findings=mine, data=package), more)  # fmt: skip
        return tuple(dict.fromkeys([*findings, *more]))

    def _or_last(self, name: str, make: Callable[[], Kept], found: list[Finding]) -> Kept:
        """What ``make`` makes; where that fails, what it made last, with findings. Raises what it raises the first time."""
        try:
            self._last[name] = make()
        except RecountError as error:
            found += error.findings
            if name not in self._last:
                raise
        except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
            # A file that goes while it is read, or half of one: the next look will tell.
            found.append(Finding(code="serve.unreadable", where=f"{name} of {self.lang}/{self.edition}",
                                 expected="files that can be read", found=f"{type(error).__name__}: {error}"[:300],
                                 done="the page shows what was there before", next="save again, or recount check"))
            if name not in self._last:
                raise BadInput(found[-1]) from error
        return self._last[name]

    def _once(self, name: str, mark: Any, make: Callable[[], Kept]) -> Kept:
        """What ``make`` makes of something with this mark; the same again while the mark is the same."""
        if name not in self._kept or self._kept[name][0] != mark:
            self._kept[name] = (mark, make())
        return self._kept[name][1]

    def _settings(self) -> dict[str, Any]:
        marks = tuple(mark_of(self.project.root / name) for name in ("_config.yml", "_toc.yml"))

        def make() -> dict[str, Any]:
            read_contents(self.project)  # whoever reads it next may rely on it
            return read_config(self.project)

        return self._once("settings", marks, make)

    def _editions(self) -> dict[str, Edition]:
        path = self.project.book / "editions.toml"
        return self._once("editions", mark_of(path), lambda: read_editions(path))

    def _shown(self, failed: Mapping[str, Failed], found: list[Finding]) -> dict[str, NotebookNode]:
        """Each notebook as it stands, with what its last run showed."""
        shown: dict[str, NotebookNode] = {}
        for path in self.project.notebook_paths():
            stem = path.stem
            try:
                source = self._once(f"source {stem}", mark_of(path), lambda path=path: read_notebook(path, name=self.project.short(path)))
            except BadInput as error:
                found += error.findings
                if (kept := self._kept.get(f"shown {stem}")) is not None:
                    shown[stem] = kept[1]
                continue
            job = Job(notebook=path, edition=self.edition, lang=self.lang)
            executed = (failed[stem].executed if stem in failed else None) or store_of(self.project, job).executed
            try:
                ran = self._once(f"ran {stem}", mark_of(executed), lambda executed=executed: nbformat.v4.reads(executed.read_text("utf-8")))
                shown[stem] = self._once(f"shown {stem}", (Same(source), Same(ran)),
                                         lambda source=source, ran=ran: with_outputs(source, ran))  # fmt: skip
            except (OSError, ValueError, KeyError):  # never run, or being written
                continue
        return shown

    def _data(self) -> Package:
        """The data package, read again where one of its files changed."""
        marks = tuple((path.name, mark_of(path)) for path in sorted(self.project.data.iterdir()))
        return self._once("data", marks, lambda: Package(self.project.data))

    def _records(self, stem: str, node: NotebookNode) -> list[dict[str, Any]]:
        """The records of one notebook, the same list as before where an edit left them as they were."""
        kept = self._kept.get(f"records {stem}")

        def make() -> list[dict[str, Any]]:
            made, _ = collect({stem: {self.lang: node}})
            return kept[1] if kept and kept[1] == made else made

        return self._once(f"records {stem}", Same(node), make)

    def _ledger(self, edition: Edition, shown: Mapping[str, NotebookNode], failed: Mapping[str, Failed],
                package: Package) -> dict[str, Any]:
        records = {stem: self._records(stem, node) for stem, node in sorted(shown.items())}

        def made(stems: Iterable[str]) -> dict[str, Any]:
            claims = self._once("claims", Same(package), lambda: read_claims(package))
            data = self._once("rows", (Same(package), edition.as_of), lambda: Evidenced(package, edition.as_of))
            return make_ledger([each for stem in stems for each in records[stem]], edition=edition, claims=claims, data=data)

        def make() -> dict[str, Any]:
            try:
                return made(records)
            except (KeyError, ValueError):
                if not failed:
                    raise
                # A value that a run did not reach may be asked for by what it did reach.
                return made(stem for stem in records if stem not in failed)

        return self._once("ledger", (edition, Same(package), tuple((stem, Same(each)) for stem, each in records.items())), make)

    def _gate(self, ledger: Mapping[str, Any], shown: Mapping[str, NotebookNode], failed: Mapping[str, Failed],
              package: Package) -> list[Finding]:
        """What the gate would say of this book; the whole check says the same, and more, a little later."""
        path = self.project.book / "allowed_numbers.csv"
        allowed = self._once("allowed", mark_of(path), lambda: read_allowed(path))
        every = passages(self.project)
        found: list[Finding] = []
        by_notebook: dict[str, list[Passage]] = {}
        for passage in every:
            by_notebook.setdefault(passage.notebook, []).append(passage)
        # Values that are missing for want of a run are no news beside that.
        complete = not failed and all(each.stem in shown for each in self.project.notebook_paths())
        for stem, own in by_notebook.items():
            found += self._once(f"prose {stem}", (own, Same(allowed)), lambda own=own: gate.prose_findings(own, allowed))
            if complete:
                found += self._once(f"bound {stem}", (own, Same(ledger)), lambda own=own: gate.binding_findings(own, ledger))
            if stem in shown:
                found += self._once(f"output {stem}", (Same(shown[stem]), Same(allowed)), lambda stem=stem: gate.output_findings(
                    {stem: {self.lang: shown[stem]}}, allowed))  # fmt: skip
        if complete:
            was, differs = self._once("differs", (Same(ledger), Same(package), mark_of(self.project.accepted / f"{self.edition}.json")),
                                      lambda: differing(self.project, self.edition, ledger, package))  # fmt: skip
            found += accepted_findings(every, was, differs, ledger)
        return [finding for finding in found if finding.lang in ("", self.lang)]


def mark_of(path: Path) -> Mark:
    """What tells a file from what it was before, without reading it; None where there is none."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return (found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)


def with_outputs(source: NotebookNode, executed: NotebookNode) -> NotebookNode:
    """The notebook as it stands with the outputs of its run; while an edit of its code has not been run, those of
    the cells of the same id."""
    try:
        return merge(source, executed)
    except ValueError:
        merged = nbformat.from_dict(source)
        done = {cell.get("id"): cell for cell in executed.cells if cell.cell_type == "code"}
        for cell in merged.cells:
            if cell.cell_type == "code":
                cell.outputs = done[cell["id"]].outputs if cell["id"] in done else []
                cell.execution_count = None
        return merged
