"""A number is written by its unit and language: its digits, its comparator, its words, nothing lost."""

import json
from pathlib import Path

import pytest

from recount.errors import BadInput
from recount.units import COMPARATORS, PRINTED, UNITS, digits, rounded, unit_of, write, write_date

DATA = Path(__file__).parents[1] / "data"


def full(number, code, lang, **more):
    return write(number, UNITS[code], lang, **more)["full"]


@pytest.mark.parametrize(("number", "decimals", "expected"), [
    (500.1 + 138.6, 2, 638.7), (0.125, 2, 0.13), (2.5, 0, 3), (-2.5, 0, -3), (1.005, 2, 1.01), (2.675, 2, 2.68),
    (0.1 + 0.2, 10, 0.3), (1234.5, -2, 1200), (7.0, 2, 7), (1e-12, 2, 0),
])
def test_numbers_round_half_up_in_decimal_and_whole_ones_lose_their_point(number, decimals, expected):
    result = rounded(number, decimals)
    assert (result, type(result)) == (expected, type(expected))


@pytest.mark.parametrize(("number", "decimals", "lang", "expected"), [
    (638.7, 2, "zh", "638.7"), (15000, 0, "zh", "15000"), (15000, 0, "en", "15,000"), (1234567.5, 1, "en", "1,234,567.5"),
    (-3.2, 1, "zh", "−3.2"), (-0.04, 1, "zh", "0"), (100, 0, "en", "100"), (0, 2, "zh", "0"),
])
def test_digits_drop_trailing_zeros_keep_whole_tens_and_show_a_true_minus(number, decimals, lang, expected):
    assert digits(number, decimals, lang) == expected


@pytest.mark.parametrize(("number", "code", "zh", "en"), [
    (638.7, "CNY_100M", "638.7亿元", "63.87 billion yuan"),
    (0.5, "CNY_100M", "0.5亿元", "50 million yuan"),
    (12000, "CNY_100M", "12000亿元", "1.2 trillion yuan"),
    (500, "CNY_10K", "500万元", "5 million yuan"),
    (90, "CNY_10K", "90万元", "900,000 yuan"),
    (10, "CNY", "10元", "10 yuan"),
    (2.35, "CNY", "2.35元", "2.35 yuan"),
    (-138.6, "CNY_100M", "−138.6亿元", "−13.86 billion yuan"),
    (0.27, "CNY_1T", "0.27万亿元", "270 billion yuan"),
    (12.5, "percent", "12.5%", "12.5%"),
    (5.2, "percent_per_year", "5.2%", "5.2% a year"),
    (1, "project", "1个", "1 project"),
    (58, "project", "58个", "58 projects"),
    (0.5, "percentage_point", "0.5个百分点", "0.5 percentage points"),
    (1, "percentage_point", "1个百分点", "1 percentage point"),
    (1.5, "ratio", "1.5", "1.5"),
    (200000, "set", "20万套", "200,000 sets"),
    (12345, "set", "12345套", "12,345 sets"),
    (12300, "person", "1.23万人", "12,300 people"),
    (9999, "person", "9999人", "9,999 people"),
    (15000, "tonne", "1.5万吨", "15,000 tonnes"),
])
def test_a_number_is_written_with_its_unit_in_both_languages(number, code, zh, en):
    assert (full(number, code, "zh"), full(number, code, "en")) == (zh, en)


def test_turning_yi_into_billions_loses_no_printed_digit():
    for hundredths in range(1, 100_000, 997):
        amount = hundredths / 100
        text = full(amount, "CNY_100M", "en")
        number, word, _ = text.split(" ") if text.count(" ") == 2 else (*text.split(" ")[:1], "", "")
        size = {"trillion": 10**12, "billion": 10**9, "million": 10**6, "": 1}[word]
        assert round(float(number.replace(",", "")) * size) == hundredths * 10**6, text


@pytest.mark.parametrize(("comparator", "zh", "en"), [
    ("eq", "98亿元", "9.8 billion yuan"), ("ge", "98亿元以上", "at least 9.8 billion yuan"),
    ("gt", "超98亿元", "more than 9.8 billion yuan"), ("le", "不超过98亿元", "at most 9.8 billion yuan"),
    ("lt", "不到98亿元", "less than 9.8 billion yuan"), ("approx", "约98亿元", "about 9.8 billion yuan"),
    ("near_below", "近98亿元", "close to 9.8 billion yuan"), ("range", "98亿元", "9.8 billion yuan"),
])
def test_each_comparator_has_its_words_and_leaves_the_bare_digits_alone(comparator, zh, en):
    assert comparator in COMPARATORS
    shown = [write(98, UNITS["CNY_100M"], lang, comparator=comparator) for lang in ("zh", "en")]
    assert shown == [{"full": zh, "bare": "98"}, {"full": en, "bare": "98"}]


def test_every_comparator_but_the_plain_ones_changes_the_words():
    plain = {full(98, "CNY_100M", lang) for lang in ("zh", "en")}
    changed = {word for word in COMPARATORS if not plain & {full(98, "CNY_100M", lang, comparator=word) for lang in ("zh", "en")}}
    assert changed == set(COMPARATORS) - {"eq", "range"}


def test_an_interval_shows_both_ends():
    assert write(90, UNITS["percent"], "zh", high=99) == {"full": "90%至99%", "bare": "90至99"}
    assert write(1, UNITS["project"], "en", high=3) == {"full": "1 project to 3 projects", "bare": "1 to 3"}


def test_decimals_given_stand_in_for_those_of_the_unit():
    assert full(8.125, "GW", "zh", decimals=3) == "8.125吉瓦"
    assert full(8.125, "GW", "zh") == "8.13吉瓦"


def test_a_date_is_spelt_in_the_language_of_the_page():
    assert write_date("2022-01-12", "zh") == {"full": "2022年1月12日", "bare": "2022年1月12日"}
    assert write_date("2022-01-12", "en")["full"] == "12 January 2022"


def test_a_unit_is_found_by_its_code_and_by_the_word_the_feature_prints():
    assert unit_of("CNY_100M", where="here") is unit_of("亿元", where="here") is UNITS["CNY_100M"]


def test_an_unknown_unit_names_its_place_and_the_near_codes():
    with pytest.raises(BadInput) as caught:
        unit_of("CNY_100N", where="value projects.total")
    (finding,) = caught.value.findings
    assert (finding.code, finding.where, finding.found) == ("unit.unknown", "value projects.total", "CNY_100N")
    assert "CNY_100M" in finding.next


def test_every_printed_word_leads_to_a_unit_and_every_unit_is_filed_under_its_own_code():
    assert set(PRINTED.values()) <= set(UNITS)
    assert all(code == unit.code for code, unit in UNITS.items())


def test_every_unit_that_the_schema_allows_can_be_written():
    descriptor = json.loads((DATA / "datapackage.json").read_text("utf-8"))
    allowed = {code for table in descriptor["resources"] for field in table["schema"]["fields"]
               if field["name"].endswith("unit") for code in field.get("constraints", {}).get("enum", ())}
    assert allowed
    assert allowed <= set(UNITS)
