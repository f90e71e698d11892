"""What must hold of the book's own ledgers, in every edition."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
pytestmark = [pytest.mark.slow]


def test_every_value_rests_on_rows_inputs_an_assumption_or_waits_for_rows(ledgers) -> None:
    for ledger in ledgers.values():
        for name, value in ledger["values"].items():
            assert value["rows"] or value["inputs"] or value["assumption"] or value["waits_for"], name
            assert value["formula"]["zh"] and value["formula"]["en"], name


def test_no_value_rests_on_a_source_that_was_not_public_by_the_editions_day(ledgers) -> None:
    for ledger in ledgers.values():
        for name, value in ledger["values"].items():
            for ref in value["rows"]:
                source = ledger["sources"][ledger["rows"][ref]["source"]]
                assert source["known_from"] <= ledger["edition"]["as_of"], (name, ref)


def test_the_print_edition_says_less_than_the_later_one(ledgers) -> None:
    unknown = {name: sum(value["kind"] == "unknown" for value in ledger["values"].values())
               for name, ledger in ledgers.items()}
    assert unknown["print"] > unknown["since"]


def test_the_values_are_the_same_ids_in_both_editions(ledgers) -> None:
    assert set(ledgers["print"]["values"]) == set(ledgers["since"]["values"])
    assert set(ledgers["print"]["predicates"]) == set(ledgers["since"]["predicates"])


def test_no_person_is_named_in_the_data() -> None:
    names = json.loads((ROOT / "tests" / "names_digests.json").read_text("utf-8"))
    import hashlib

    text = "".join(path.read_text("utf-8") for path in sorted((ROOT / "data").glob("*.csv")))
    runs = {run[start:start + length] for run in re.findall(r"[\u4e00-\u9fff]+", text)
            for length in (2, 3) for start in range(len(run) - length + 1)}
    assert not {hashlib.sha256(run.encode()).hexdigest() for run in runs} & set(names)
