"""From a value to the evidence it is: which rows, whose word, with how much of the feature in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from recount.claims import Claim
from recount.intervals import APPROX_BAND
from recount.rows import Evidenced
from recount.values import Value, from_record
from recount.verdicts import Evidence

CLAIM = "claim:"


@dataclass(frozen=True)
class Support:
    """Everything that a value rests on, through all its inputs."""

    rows: tuple[str, ...]
    claims: tuple[str, ...]
    assumed: bool


def support(value_id: str, values: dict[str, Value]) -> Support:
    """Follow a value's inputs down to rows, claims and assumptions."""
    rows: dict[str, None] = {}
    claims: dict[str, None] = {}
    assumed, seen, queue = False, set(), [value_id]
    while queue:
        current = queue.pop(0)
        if current.startswith(CLAIM):
            claims[current.removeprefix(CLAIM)] = None
        elif current not in seen and current in values:
            seen.add(current)
            value = values[current]
            rows.update(dict.fromkeys(value.rows))
            assumed = assumed or value.assumption
            queue.extend(value.inputs)
    return Support(tuple(rows), tuple(claims), assumed)


def evidence_of(judgement: dict[str, Any], values: dict[str, Value], data: Evidenced,
                band: float = APPROX_BAND) -> Evidence:
    """The evidence that one recorded judgement brings: its value, bearing and aspect, and whose word it is."""
    value = values[judgement["by"]]
    rests = support(value.id, values)
    lists = bool(rests.rows) and all(ref.startswith("claim_lists/") for ref in rests.rows)
    return Evidence(value_id=value.id, interval=value.interval(band), bearing=judgement["bearing"],
                    aspect=judgement["aspect"], origins=data.origins(rests.rows), claims=bool(rests.claims),
                    lists=lists, assumed=rests.assumed)


def values_from(records: list[dict[str, Any]]) -> dict[str, Value]:
    """The values among some records, by id."""
    return {record["id"]: from_record(record) for record in records if record["record"] == "value"}


def claim_input(claim: Claim) -> str:
    """How a value names a claim among its inputs."""
    return CLAIM + claim.id
