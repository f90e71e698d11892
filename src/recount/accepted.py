"""Accepted ledgers: what an editor has agreed to print, and how today's ledger differs from it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from recount.errors import Finding, WrongUse
from recount.ledger_file import canonical, read_json, write_json
from recount.package import Package, blank
from recount.project import Project

WARNINGS = "warnings"
GROUPS = ("values", "predicates", "claims", "rows")
_VALUE = ("kind", "unit", "comparator", "value", "high", "text", "shown")


@dataclass(frozen=True, kw_only=True)
class Change:
    """One entry that differs from the accepted ledger. ``before`` or ``after`` is None for new or gone."""

    edition: str
    group: str
    id: str
    before: Any
    after: Any

    def text(self, side: str, lang: str = "en") -> str:
        """The entry in words: a value as printed, a predicate as true or false, a claim as its verdict."""
        entry = self.before if side == "before" else self.after
        if entry is None:
            return "(none)"
        if self.group == "values":
            return entry["shown"][lang]["full"]
        if self.group == "claims":
            verdicts = " / ".join(f"{aspect}: {word}" for aspect, word in entry["verdicts"].items())
            printed = f"“{entry['shown'][lang]['full']}” " if "shown" in entry else ""
            return printed + (f"{verdicts} ({entry['rule']})" if verdicts else "unexamined")
        if self.group == "predicates":
            return {True: "true", False: "false", None: "not known"}[entry["holds"]]
        return json.dumps(entry, ensure_ascii=False)


def slim(ledger: dict[str, Any], package: Package) -> dict[str, Any]:
    """What of a ledger is accepted: values as printed, predicates, verdicts, and the cells they rest on."""
    return {
        "edition": ledger["edition"],
        "values": {name: {key: entry[key] for key in _VALUE} for name, entry in ledger["values"].items()},
        "predicates": {name: {"holds": entry["holds"]} for name, entry in ledger["predicates"].items()},
        "claims": {name: {"verdicts": {aspect: each["verdict"] for aspect, each in entry["aspects"].items()},
                          "verdict": entry["verdict"], "rule": entry["rule"], "shown": entry["shown"]}
                   for name, entry in ledger["claims"].items()},
        # Only rows that a value rests on: a row that is still to become public changes nothing.
        "rows": {ref: _cells(ref, package)
                 for ref in sorted({ref for entry in ledger["values"].values() for ref in entry["rows"]})},
    }


def _cells(ref: str, package: Package) -> dict[str, Any]:
    """The figures and dates of one cited row: what a verdict can turn on. Wording is left out."""
    table, _, key = ref.partition("/")
    resource = package.resource(table)
    row = package.frame(table).loc[key]
    wanted = resource.of_type("number", "integer") | {"unit", "comparator", "inv_comparator", "date", "period",
                                                     "source_id"}
    cells = {column: row[column] for column in resource.columns if column in wanted}
    return {column: (cell.item() if hasattr(cell, "item") else cell) for column, cell in cells.items()
            if not blank(cell)}


def as_printed(accepted: dict[str, Any], current: dict[str, Any]) -> dict[str, Any]:
    """The accepted ledger in the shape of a full one, so that a sentence can be shown as it was.

    Labels and wording that are not accepted come from today's ledger; only figures and verdicts are as agreed.
    """
    claims = {}
    for name, entry in current["claims"].items():
        agreed = accepted["claims"].get(name, {})
        claims[name] = {**entry, **{key: agreed[key] for key in ("verdict", "shown") if key in agreed}}
    return {**current, "values": accepted["values"], "predicates": accepted["predicates"], "claims": claims}


def accepted_path(project: Project, edition: str) -> Path:
    return project.accepted / f"{edition}.json"


def read_accepted(project: Project, edition: str) -> dict[str, Any]:
    """The accepted ledger of an edition; an empty one before the first accept."""
    path = accepted_path(project, edition)
    if not path.is_file():
        return {"edition": {"name": edition}, **{group: {} for group in GROUPS}}
    return read_json(path, name=project.short(path))


def changes(accepted: dict[str, Any], current: dict[str, Any]) -> list[Change]:
    """Every entry that differs, in the order values, predicates, claims, rows and by id."""
    found = []
    for group in GROUPS:
        before, after = accepted.get(group, {}), current[group]
        for name in sorted(set(before) | set(after)):
            if before.get(name) != after.get(name):
                found.append(Change(edition=current["edition"]["name"], group=group, id=name,
                                    before=before.get(name), after=after.get(name)))
    return found


def record(project: Project, currents: dict[str, dict[str, Any]], ids: tuple[str, ...] = (),
           warnings: tuple[Finding, ...] = ()) -> list[Change]:
    """Accept today's ledgers, all of them or only some ids, and let some warnings stand.

    Keeps the files as they were, for `undo`. Returns what was accepted.
    """
    taken: list[Change] = []
    fresh: dict[str, dict[str, Any]] = {}
    for name, current in currents.items():
        accepted = read_accepted(project, name)
        for change in changes(accepted, current):
            if ids and change.id not in ids:
                continue
            taken.append(change)
            if change.after is None:
                del accepted[change.group][change.id]
            else:
                accepted[change.group][change.id] = change.after
        fresh[name] = {**accepted, "edition": current["edition"]}
    if warnings:
        fresh[WARNINGS] = read_warnings(project) | {finding.where: finding.found for finding in warnings}
    paths = {name: accepted_path(project, name) for name in fresh}
    kept = {name: path.read_text("utf-8") if path.is_file() else None for name, path in paths.items()}
    for name, accepted in fresh.items():
        write_json(paths[name], accepted)
    write_json(_next_undo(project), {"before": kept, "after": {name: canonical(each) for name, each in fresh.items()}})
    return taken


def read_warnings(project: Project) -> dict[str, str]:
    """Warnings that an editor has looked at and let stand, as long as what they found stays the same."""
    path = accepted_path(project, WARNINGS)
    return read_json(path, name=project.short(path)) if path.is_file() else {}


def undo(project: Project) -> list[str]:
    """Take back the last accept; the names of the files restored: editions, and ``warnings``.

    Raises WrongUse when there is none, or when the accepted ledgers were changed since by other means.
    """
    kept = sorted(_undo_folder(project).glob("*.json"))
    if not kept:
        raise WrongUse(Finding(code="accept.nothing-to-undo", where="recount accept --undo",
                               expected="an earlier accept on this machine", found="none",
                               next="git log -p book/ledger shows older ones"))
    last = read_json(kept[-1], name=project.short(kept[-1]))
    for name, text in last["after"].items():
        path = accepted_path(project, name)
        if not path.is_file() or path.read_text("utf-8") != text:
            raise WrongUse(Finding(code="accept.changed-since", where=project.short(path),
                                   expected="the ledger as the last accept left it", found="changed since",
                                   done="nothing was undone", next="use git to restore the version you want"))
    for name, text in last["before"].items():
        path = accepted_path(project, name)
        if text is None:
            path.unlink()
        else:
            path.write_text(text, "utf-8")
    kept[-1].unlink()
    return sorted(last["before"])


def _undo_folder(project: Project) -> Path:
    return project.build / "accepts"


def _next_undo(project: Project) -> Path:
    folder = _undo_folder(project)
    folder.mkdir(parents=True, exist_ok=True)
    numbers = [int(path.stem) for path in folder.glob("*.json")]
    return folder / f"{max(numbers, default=0) + 1:04d}.json"
