"""The words of the pages: the same keys in both languages, and every rule, kind and code of the engine in words."""

import json
from pathlib import Path

import pytest

from recount.reasons import _ZH, KIND_WORDS
from recount.rules import KINDS, NEEDS, STEPS, WEIGHTS, kind_rows
from recount.site.labels import LABELS
from recount.site.page_labels import PAGE_LABELS
from recount.units import UNITS
from recount.verdicts import RECORD_KINDS, STRONG_KINDS, VERDICTS

DESCRIPTOR = json.loads((Path(__file__).resolve().parents[1] / "data" / "datapackage.json").read_text("utf-8"))


def keys(words):
    return {name: keys(each) if isinstance(each, dict) else None for name, each in words.items()}


@pytest.mark.parametrize("labels", [LABELS, PAGE_LABELS])
def test_both_languages_have_the_same_labels(labels):
    assert keys(dict(labels["zh"])) == keys(dict(labels["en"]))


def test_every_rule_that_can_decide_is_explained_on_the_method_page():
    explained = [code for codes, _, _ in STEPS for code in codes]
    assert sorted(explained) == sorted(_ZH)
    assert {verdict for _, verdict, _ in STEPS} == set(VERDICTS) - {"unexamined"}


def test_every_verdict_and_kind_is_explained_and_what_one_origin_can_do_follows_from_the_rules():
    assert set(NEEDS) == set(PAGE_LABELS["en"]["colours"]) == set(VERDICTS)
    assert set(KINDS) == {*STRONG_KINDS, "unknown"} == {*KIND_WORDS["en"], "unknown"}
    can = {code: (settles, refutes) for code, _, _, settles, refutes in kind_rows("en")}
    assert can == {kind: (kind in STRONG_KINDS, kind in RECORD_KINDS) for kind in KINDS}
    assert list(WEIGHTS) == ["own", "strong", "weak", "same"]


def test_every_table_column_and_code_of_the_package_is_described_in_both_languages():
    for table in DESCRIPTOR["resources"]:
        assert table["description"] and table["description_zh"], table["name"]
        for field in table["schema"]["fields"]:
            place = (table["name"], field["name"])
            assert field.get("description") and field.get("description_zh"), place
            for code in field.get("constraints", {}).get("enum", ()):
                words = field.get("words", {}).get(code) or (UNITS[code].zh, UNITS[code].en or UNITS[code].zh)
                assert len(words) == 2 and (all(words) or code == "count" or code == "ratio"), (*place, code)
            assert set(field.get("words", {})) <= set(field.get("constraints", {}).get("enum", STRONG_KINDS)), place
    assert DESCRIPTOR["description"] and DESCRIPTOR["description_zh"]
    assert all(licence["title"] and licence["title_zh"] for licence in DESCRIPTOR["licenses"])
