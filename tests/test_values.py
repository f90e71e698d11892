"""A value cannot be made without what a receipt must show, and is written the same wherever it came from."""

from datetime import date
from math import inf, nan

import pandas as pd
import pytest

from recount.errors import BadInput
from recount.intervals import Interval
from recount.units import UNITS
from recount.values import NOT_FOUND, NOT_YET, Value, from_record, settle

MONEY, PEOPLE, DATE, NAME = (UNITS[code] for code in ("CNY_100M", "person", "date", "name"))


def made(**fields):
    plain = {"id": "syn.total", "kind": "number", "unit": MONEY, "number": 638.7, "decimals": 2, "formula_zh": "合成",
             "formula_en": "synthetic", "rows": ("observations/R001",)}
    return Value(**(plain | fields))


@pytest.mark.parametrize(("fields", "code"), [
    ({"id": "total"}, "value.bad-id"), ({"id": "syn.Total"}, "value.bad-id"), ({"id": "syn.two-batches"}, "value.bad-id"),
    ({"kind": "guess"}, "value.bad-kind"), ({"formula_zh": ""}, "value.no-formula"), ({"formula_en": ""}, "value.no-formula"),
    ({"rows": ()}, "value.no-rows"), ({"number": None}, "value.not-a-number"), ({"number": nan}, "value.not-a-number"),
    ({"number": inf}, "value.not-a-number"), ({"kind": "interval", "number": nan, "high": 2}, "value.not-a-number"),
    ({"kind": "interval", "number": 1, "high": None}, "value.not-a-number"),
    ({"kind": "interval", "number": 1, "high": nan}, "value.not-a-number"),
    ({"kind": "interval", "number": 2, "high": 1}, "value.not-a-number"),
    ({"comparator": "around"}, "value.comparator"),
])
def test_a_value_without_what_a_receipt_must_show_is_refused_by_name(fields, code):
    with pytest.raises(BadInput) as caught:
        made(**fields)
    (finding,) = caught.value.findings
    assert finding.code == code
    assert finding.where == f"value {fields.get('id', 'syn.total')}"


@pytest.mark.parametrize("reason", [{"rows": ("a/b",)}, {"inputs": ("syn.other",)}, {"assumption": True},
                                    {"waits_for": (("a/b", "2030-01-01"),)}])
def test_rows_inputs_an_assumption_or_rows_still_to_come_each_suffice(reason):
    assert made(**({"rows": ()} | reason)).known


@pytest.mark.parametrize(("fields", "interval"), [
    ({}, Interval(low=638.7, high=638.7)),
    ({"comparator": "ge"}, Interval(low=638.7, high=inf)),
    ({"comparator": "approx", "number": 160}, Interval(low=144, high=176)),
    ({"kind": "interval", "number": 1, "high": 3}, Interval(low=1, high=3)),
    ({"kind": "unknown", "number": None}, None),
    ({"kind": "name", "unit": NAME, "number": None, "text_zh": "甲", "text_en": "A"}, None),
    ({"kind": "date", "unit": DATE, "number": None, "text_zh": "2022-01", "text_en": "2022-01"},
     Interval(low=date(2022, 1, 1).toordinal(), high=date(2022, 1, 31).toordinal())),
])
def test_a_value_says_where_the_true_number_may_lie(fields, interval):
    assert made(**fields).interval() == interval


def test_how_far_about_reaches_is_a_parameter():
    assert made(comparator="approx", number=100).interval(0.02) == Interval(low=98, high=102)


@pytest.mark.parametrize(("fields", "zh", "en"), [
    ({}, {"full": "638.7亿元", "bare": "638.7"}, {"full": "63.87 billion yuan", "bare": "638.7"}),
    ({"number": 2, "unit": PEOPLE}, {"full": "2人", "bare": "2", "words": "两"},
     {"full": "2 people", "bare": "2", "words": "two"}),
    ({"number": 21, "unit": PEOPLE}, {"full": "21人", "bare": "21"}, {"full": "21 people", "bare": "21"}),
    ({"kind": "unknown", "number": None, "waits_for": (("a/b", "2030-01-01"),)},
     *({"full": NOT_YET[lang], "bare": NOT_YET[lang]} for lang in ("zh", "en"))),
    ({"kind": "unknown", "number": None}, *({"full": NOT_FOUND[lang], "bare": NOT_FOUND[lang]} for lang in ("zh", "en"))),
    ({"kind": "date", "unit": DATE, "number": None, "text_en": "2022-01-12"}, {"full": "2022年1月12日", "bare": "2022年1月12日"},
     {"full": "12 January 2022", "bare": "12 January 2022"}),
    ({"kind": "name", "unit": NAME, "number": None, "text_zh": "甲", "text_en": "A"}, {"full": "甲", "bare": "甲"},
     {"full": "A", "bare": "A"}),
    ({"kind": "interval", "number": 1, "high": 3, "unit": PEOPLE}, {"full": "1人至3人", "bare": "1至3"},
     {"full": "1 person to 3 people", "bare": "1 to 3"}),
])
def test_a_value_is_shown_in_both_languages(fields, zh, en):
    value = made(**fields)
    assert (value.shown("zh"), value.shown("en")) == (zh, en)


@pytest.mark.parametrize("fields", [
    {}, {"comparator": "gt", "label_zh": "合计", "label_en": "total"}, {"kind": "unknown", "number": None},
    {"kind": "interval", "number": 1, "high": 3}, {"waits_for": (("observations/R003", "2030-01-01"),)},
    {"kind": "date", "unit": DATE, "number": None, "text_zh": "2022-Q1", "text_en": "2022-Q1"},
    {"kind": "name", "unit": NAME, "number": None, "text_zh": "甲", "text_en": "A", "inputs": ("claim:syn.total",)},
])
def test_a_value_comes_back_from_its_record_as_it_was(fields):
    value = made(**fields)
    assert from_record(value.record()) == value


def test_a_record_holds_what_a_receipt_shows():
    record = made(label_zh="合计", label_en="total", inputs=("syn.part",)).record()
    assert record == {
        "record": "value", "id": "syn.total", "kind": "number", "unit": "CNY_100M", "decimals": 2, "comparator": "eq",
        "value": 638.7, "high": None, "text": {"zh": "", "en": ""}, "label": {"zh": "合计", "en": "total"},
        "formula": {"zh": "合成", "en": "synthetic"}, "rows": ["observations/R001"], "inputs": ["syn.part"],
        "assumption": False, "generated": False, "waits_for": [],
        "shown": {"zh": {"full": "638.7亿元", "bare": "638.7"}, "en": {"full": "63.87 billion yuan", "bare": "638.7"}}}


@pytest.mark.parametrize(("result", "unit", "decimals", "fields"), [
    (None, MONEY, 2, {"kind": "unknown"}),
    (500.1 + 138.6, MONEY, 2, {"kind": "number", "number": 638.7}),
    (pd.Series([118, 58]).sum(), PEOPLE, 0, {"kind": "number", "number": 176}),
    ((1.005, 3.0), MONEY, 2, {"kind": "interval", "number": 1.01, "high": 3}),
    (("甲", "A"), NAME, 0, {"kind": "name", "text_zh": "甲", "text_en": "A"}),
    (date(2022, 1, 12), DATE, 0, {"kind": "date", "text_zh": "2022-01-12", "text_en": "2022-01-12"}),
    ("2022-Q1", DATE, 0, {"kind": "date", "text_zh": "2022-Q1", "text_en": "2022-Q1"}),
])
def test_what_a_rule_returns_settles_the_kind_of_the_value(result, unit, decimals, fields):
    assert settle(result, unit, decimals) == fields


@pytest.mark.parametrize("result", [nan, pd.NA, float("inf"), pd.Series([1.0, nan]).max(skipna=False)])
def test_a_missing_cell_does_not_become_a_number(result):
    with pytest.raises(BadInput) as caught:
        made(**settle(result, MONEY, 2))
    assert caught.value.findings[0].code == "value.not-a-number"


@pytest.mark.parametrize(("result", "unit"), [("2022-02-30", DATE), ("soon", DATE), ("12", MONEY), ([1], MONEY), (True, MONEY)])
def test_what_is_no_value_is_refused_with_a_code(result, unit):
    with pytest.raises(BadInput) as caught:
        settle(result, unit, 2)
    assert caught.value.findings[0].code == "value.bad-result"
