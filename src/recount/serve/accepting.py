"""What differs from the accepted ledger of one edition, with the sentences that it changes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from recount import accepted, gate
from recount.accepted import Change
from recount.errors import Finding
from recount.package import Package
from recount.passages import Passage
from recount.project import Project


def differing(project: Project, edition: str, ledger: Mapping[str, Any], package: Package) -> tuple[dict[str, Any], list[Change]]:
    """The ledger that was accepted of one edition, and what is another now."""
    was = accepted.read_accepted(project, edition)
    return was, accepted.changes(was, accepted.slim(dict(ledger), package))


def accepted_findings(every: list[Passage], was: dict[str, Any], differs: list[Change], ledger: Mapping[str, Any]) -> list[Finding]:
    """The findings of the gate on one edition's changes, as ``recount check`` words them for all."""
    if not differs:
        return []
    hit = gate.sentences_affected(every, accepted.as_printed(was, dict(ledger)), ledger, {change.id for change in differs})
    return gate.accepted_findings(differs, hit)
