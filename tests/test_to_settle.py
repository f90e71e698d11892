"""What would settle a claim is said for every claim that some edition leaves unsettled, and for no other thing."""

import csv
import json
from pathlib import Path

import pytest

from recount.verdicts import SETTLED, STRONG_KINDS

REPO = Path(__file__).resolve().parents[1]
ROWS = {row["claim_id"]: row for row in csv.DictReader((REPO / "data" / "to_settle.csv").open(encoding="utf-8", newline=""))}


@pytest.mark.parametrize("edition", ["print", "since"])
def test_every_unsettled_claim_has_its_line_in_both_languages(edition):
    claims = json.loads((REPO / "book" / "ledger" / f"{edition}.json").read_text("utf-8"))["claims"]
    unsettled = {name for name, claim in claims.items() if claim["verdict"] not in SETTLED}
    assert len(unsettled) > 30
    assert unsettled <= set(ROWS)
    assert all(ROWS[name]["what_zh"] and ROWS[name]["what_en"] for name in unsettled)


def test_no_line_outlives_its_use():
    claims = [json.loads((REPO / "book" / "ledger" / f"{name}.json").read_text("utf-8"))["claims"] for name in ("print", "since")]
    settled_in_both = {name for name in ROWS if all(each[name]["verdict"] in SETTLED for each in claims)}
    assert settled_in_both == set()


def test_only_kinds_that_can_settle_a_claim_are_asked_for():
    assert {kind for row in ROWS.values() for kind in row["kinds"].split()} <= set(STRONG_KINDS)
