"""Changes against the accepted ledgers, in words: what `diff` and `accept` show."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from recount.accepted import Change
from recount.book import Checked
from recount.errors import Finding, WrongUse, did_you_mean


def wanted(checked: Checked, ids: tuple[str, ...]) -> tuple[list[Change], tuple[Finding, ...]]:
    """The changes and the open warnings that some ids name; all of them where no id is given.

    An id brings the rows that it rests on: who agrees to a figure agrees to its data. Raises WrongUse for an id that has not changed.
    """
    questions = {_warning_id(finding): finding for finding in checked.questions if finding.code == "data.scale"}
    if not ids:
        return list(checked.changes), tuple(questions.values())
    known = {change.id for change in checked.changes} | set(questions)
    for name in ids:
        if name not in known:
            raise WrongUse(Finding(code="accept.unchanged", where=f"accept {name}", expected="an id that changed",
                                   found=name, next=did_you_mean(name, sorted(known)) or "recount diff"))
    brought = {ref for ledger in checked.ledgers.values() for name in ids for ref in _rows_behind(name, ledger)}
    return ([change for change in checked.changes if change.id in brought.union(ids)],
            tuple(finding for name, finding in questions.items() if name in ids))


def _rows_behind(name: str, ledger: Mapping[str, Any]) -> list[str]:
    """The rows under a value, a predicate's two sides, or the values set beside a claim."""
    predicate, claim = ledger["predicates"].get(name, {}), ledger["claims"].get(name, {})
    values = [name, predicate.get("left"), predicate.get("right"), *claim.get("by", ())]
    return [ref for value in values if value in ledger["values"] for ref in ledger["values"][value]["rests_on"]["rows"]]


def _warning_id(finding: Finding) -> str:
    return finding.next.rsplit(" ", 1)[-1]


def as_text(changes: Iterable[Change], affected: Mapping[str, list[str]], *, machine: bool) -> str:
    """The changes for people, grouped by edition; for machines, as JSON."""
    changes = list(changes)
    if machine:
        return json.dumps({"changes": [{"edition": change.edition, "group": change.group, "id": change.id,
                                        "before": change.before, "after": change.after,
                                        "sentences": affected.get(change.id, [])} for change in changes]},
                          ensure_ascii=False, indent=1)
    if not changes:
        return "nothing changed against the accepted ledgers"
    lines = []
    for edition in dict.fromkeys(change.edition for change in changes):
        lines.append(f"{edition} edition")
        # A row newly cited, or cited no longer, is news of the value that cites it.
        told = (each for each in changes if each.edition == edition
                and not (each.group == "rows" and None in (each.before, each.after)))
        for change in told:
            lines.append(f"  {change.group[:-1]} {change.id}: {change.text('before')} → {change.text('after')}")
    sentences = [text for change in changes for text in affected.get(change.id, ())]
    if sentences:
        lines.append("sentences")
        lines += ["  " + sentence.replace("\n", "\n  ") for sentence in dict.fromkeys(sentences)]
    return "\n".join(lines)
