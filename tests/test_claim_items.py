"""Every claim of the feature, in each edition, is a test item of its own: judged, explained, and as accepted."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from recount.verdicts import COLOURS

ROOT = Path(__file__).resolve().parents[1]
CLAIMS = list(csv.DictReader((ROOT / "data" / "claims.csv").open(encoding="utf-8", newline="")))
CHAPTERS = {path.stem[3:] for path in (ROOT / "notebooks").glob("*.ipynb")}

pytestmark = [pytest.mark.slow]


@pytest.mark.parametrize("edition", ["print", "since"])
@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim["claim_id"])
def test_claim(claim: dict[str, str], edition: str, ledgers: dict[str, dict]) -> None:
    entry = ledgers[edition]["claims"][claim["claim_id"]]
    accepted = json.loads((ROOT / "book" / "ledger" / f"{edition}.json").read_text("utf-8"))
    assert entry["printed"] == claim["printed"]
    assert accepted["claims"][claim["claim_id"]]["verdict"] == entry["verdict"]
    assert entry["colour"] == COLOURS[entry["verdict"]]
    assert entry["reason"]["zh"] and entry["reason"]["en"]
    if claim["section"] in CHAPTERS:
        assert entry["verdict"] != "unexamined", "its chapter is written, so the claim must be judged or open"
        assert entry["notebook"] and entry["by"]
    else:
        assert entry["verdict"] == "unexamined"


def test_the_two_editions_judge_some_claims_differently(ledgers: dict[str, dict]) -> None:
    differ = {name for name, entry in ledgers["print"]["claims"].items()
              if entry["verdict"] != ledgers["since"]["claims"][name]["verdict"]}
    assert "projects.two-batches-investment" in differ
