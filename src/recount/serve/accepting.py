"""What differs from the accepted ledger of one edition, with the sentences that it changes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from recount import accepted, gate
from recount.errors import Finding
from recount.package import Package
from recount.passages import Passage
from recount.project import Project


def accepted_findings(project: Project, edition: str, every: list[Passage], ledger: Mapping[str, Any],
                      package: Package) -> list[Finding]:  # fmt: skip
    """The findings of the gate on one edition's changes, as ``recount check`` words them for all."""
    was = accepted.read_accepted(project, edition)
    differs = accepted.changes(was, accepted.slim(dict(ledger), package))
    if not differs:
        return []
    hit = gate.sentences_affected(every, accepted.as_printed(was, dict(ledger)), ledger, {change.id for change in differs})
    return gate.accepted_findings(differs, hit)
