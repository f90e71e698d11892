"""Corrections and replies: the log of what was said of a published page, and what was done about it.

Kept as data in ``book/corrections.csv``, so that an entry cannot point at nothing and cannot stand in one
language alone. What an entry quotes is part of the record, digits included: no value of today answers for it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from recount.datafile import cell_findings, read_sheet
from recount.errors import Finding, did_you_mean
from recount.package import Package
from recount.periods import span
from recount.project import Project

NAME = "book/corrections.csv"
KINDS = ("correction", "reply")
COLUMNS = ["entry_id", "kind", "received", "published", "concerns", "from_zh", "from_en", "said_zh", "said_en",
           "done_zh", "done_en"]
# A correction that we found ourselves was received from nobody.
MAY_BE_EMPTY = {"correction": ("received", "from_zh", "from_en"), "reply": ()}
_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One correction or reply: what it concerns, who wrote, what was said, what was done; days as ISO dates."""

    entry_id: str
    kind: str
    received: str
    published: str
    concerns: tuple[str, ...]
    from_zh: str
    from_en: str
    said_zh: str
    said_en: str
    done_zh: str
    done_en: str

    def as_dict(self) -> dict[str, Any]:
        return {**asdict(self), "concerns": list(self.concerns)}


def read_corrections(path: Path) -> tuple[tuple[Entry, ...], list[Finding]]:
    """The log, newest first, and what is wrong with its form: a row with a fault is left out."""
    sheet, findings = read_sheet(path, name=NAME, columns=COLUMNS)
    if sheet is None:
        return (), findings
    prose = {column for column in COLUMNS if column.endswith(("_zh", "_en"))}
    findings += cell_findings(sheet, numeric=set(), dates={"received", "published"}, free=prose,
                              key=lambda row: row["entry_id"])
    entries: list[Entry] = []
    seen: set[str] = set()
    for row, line in zip(sheet.rows, sheet.lines, strict=True):
        faults = [_finding(row, line, *fault) for fault in _faults(row, seen)]
        seen.add(row["entry_id"])
        findings += faults
        if not faults:
            entries.append(Entry(**{**row, "concerns": tuple(row["concerns"].split())}))
    # Entries of one day stand as the file has them, the last one first.
    return tuple(sorted(reversed(entries), key=lambda entry: entry.published, reverse=True)), findings


def correction_findings(project: Project, known: Collection[str]) -> list[Finding]:
    """What is wrong with the log as it stands: its form, and ids that nothing in the book carries."""
    entries, findings = read_corrections(project.book / "corrections.csv")
    for entry in entries:
        for name in entry.concerns:
            if name not in known:
                near = did_you_mean(name, sorted(known))
                findings.append(Finding(
                    code="correction.unknown-id", where=f"{NAME} row {entry.entry_id}, column concerns", found=name,
                    expected="a claim, value, comparison, row (table/key), source or chapter of the book",
                    done="the gate stays shut", next=near or "recount explain ID shows what an id is"))
    return findings


def known_ids(project: Project, package: Package, ledgers: Mapping[str, Mapping[str, Any]]) -> frozenset[str]:
    """Everything that an entry can concern."""
    known = {path.stem for path in project.notebook_paths()}
    for ledger in ledgers.values():
        for group in ("claims", "values", "predicates"):
            known.update(ledger[group])
    for name, resource in package.resources.items():
        rows = package.frame(name)[list(resource.key)].astype(str)
        keys = ["/".join(row) for row in rows.itertuples(index=False, name=None)]
        known.update(f"{name}/{key}" for key in keys)
        if name == "sources":
            known.update(keys)
    return frozenset(known)


def _faults(row: Mapping[str, str], seen: Collection[str]) -> list[tuple[str, str, str, str]]:
    """Code, column, what was expected and what to do, for each fault of a row."""
    found = []
    if not _ID.fullmatch(row["entry_id"]):
        found.append(("bad-id", "entry_id", "lower-case letters, digits and hyphens", "it is the entry's address"))
    elif row["entry_id"] in seen:
        found.append(("twice", "entry_id", "an id that no other entry has", "give the later entry an id of its own"))
    if row["kind"] not in KINDS:
        found.append(("unknown-kind", "kind", " or ".join(KINDS), did_you_mean(row["kind"], KINDS)))
    optional = MAY_BE_EMPTY.get(row["kind"], ())
    for column in COLUMNS[2:]:
        if not row[column] and column not in optional:
            found.append(("empty", column, "a filled cell", "an entry says everything in both languages"))
    if bool(row["from_zh"]) != bool(row["from_en"]):
        column = "from_en" if row["from_zh"] else "from_zh"
        found.append(("empty", column, "the sender in both languages", "name a firm or office; a person is a reader"))
    for column in ("received", "published"):
        if row[column] and not _is_day(row[column]):
            found.append(("bad-day", column, "a day of the calendar, as YYYY-MM-DD", "write the whole day"))
    if _is_day(row["received"]) and _is_day(row["published"]) and row["published"] < row["received"]:
        found.append(("before-received", "published", f"a day not before it was received ({row['received']})",
                      "correct the one or the other"))
    return list(dict.fromkeys(found))


def _is_day(cell: str) -> bool:
    try:
        return bool(_DAY.fullmatch(cell) and span(cell))
    except ValueError:
        return False


def _finding(row: Mapping[str, str], line: int, code: str, column: str, expected: str, todo: str) -> Finding:
    return Finding(code=f"correction.{code}", where=f"{NAME} row {row['entry_id'] or '(none)'} (line {line}), "
                   f"column {column}", expected=expected, found=row[column] or "(empty)", done="the gate stays shut",
                   next=todo)
