"""Claims: what the feature prints, read from the real claims.csv, and the ranges that would make it right."""

import re
from datetime import date
from math import inf
from pathlib import Path

import pytest
from synthetic_data import claim, make_data

from recount.claims import KINDS, Claim, claim_named, read_claims
from recount.errors import BadInput, WrongUse
from recount.intervals import Interval
from recount.package import Package
from recount.units import UNITS

DATA = Path(__file__).parents[1] / "data"


@pytest.fixture(scope="module")
def claims():
    return read_claims(Package(DATA))


@pytest.mark.parametrize(("id", "interval"), [
    ("projects.two-batches-investment", Interval(low=638.65, high=638.75, high_open=True)),
    ("projects.january-events-count", Interval(low=117.5, high=118.5, high_open=True)),
    ("targets.investment", Interval(low=98, high=inf)),
    ("factories.nylon-output-value", Interval(low=5, high=inf, low_open=True)),
    ("factories.new-products", Interval(low=90, high=100, high_open=True)),
    ("holiday.test-hours", Interval(low=-inf, high=48)),
    ("flagships.solar-output", Interval(low=144, high=176)),
    ("projects.record", Interval(low=-inf, high=638.7, high_open=True)),
    ("projects.event-date", Interval(low=date(2022, 1, 12).toordinal(), high=date(2022, 1, 12).toordinal())),
])
def test_a_claim_of_the_feature_means_a_range_by_its_comparator_and_printed_digits(claims, id, interval):
    assert claims[id].interval() == interval


def test_how_far_about_reaches_is_a_parameter_of_the_edition(claims):
    assert claims["flagships.solar-output"].interval(0.05) == Interval(low=152, high=168)


@pytest.mark.parametrize(("id", "zh", "en"), [
    ("projects.two-batches-investment", "638.7亿元", "63.87 billion yuan"),
    ("targets.investment", "98亿元以上", "at least 9.8 billion yuan"),
    ("factories.new-products", "近百款", "close to 100 products"),
    ("factories.nylon-output-value", "超5亿元", "more than 500 million yuan"),
    ("flagships.solar-jobs", "约3800人", "about 3,800 people"),
    ("flagships.optoelectronics-sets", "20万套", "200,000 sets"),
    ("holiday.triple-pay", "3倍", "3 times"),
    ("holiday.hourly-supplement", "每小时10元", "10 yuan an hour"),
    ("projects.event-date", "1月12日", "12 January 2022"),
    ("projects.record", "创历史新高", "a record high"),
    ("drive.fronts-five", "五个方面", "5"),
    ("flagships.station-capacity", "40MW", "40 MW"),
    ("targets.growth", "15%以上", "at least 15%"),
])
def test_a_claim_is_shown_as_printed_in_chinese_and_by_its_plain_equivalent_in_english(claims, id, zh, en):
    assert (claims[id].shown("zh")["full"], claims[id].shown("en")["full"]) == (zh, en)


def test_every_claim_can_be_shown_and_judged_and_has_its_label(claims):
    assert len(claims) >= 40
    for each in claims.values():
        interval = each.interval()
        assert interval.low <= interval.high
        for lang in ("zh", "en"):
            shown = each.shown(lang)
            assert shown["full"].strip() and shown["label"] == each.label(lang) and shown["label"].strip()
        assert not re.search(r"[一-鿿]", each.shown("en")["full"]), each.id


def test_every_claim_with_an_english_range_or_number_shows_its_own_value(claims):
    for each in claims.values():
        if each.value is not None and each.kind != "superlative" and each.unit.yuan == 0:
            assert f"{each.value:,.{each.decimals}f}" in each.shown("en")["full"], each.id


@pytest.mark.parametrize(("printed", "decimals"), [("638.7亿元", 1), ("118个", 0), ("3.25倍", 2), ("创新高", 0), ("近百款", 0)])
def test_the_printed_digits_after_the_point_are_the_precision(printed, decimals):
    made = Claim(id="syn.a", section="syn", line=1, printed=printed, comparator="eq", value=1, value_max=None,
                 unit=UNITS["count"], kind="fact", label_zh="合成", label_en="synthetic", note="")
    assert made.decimals == decimals


@pytest.mark.parametrize("fields", [{"kind": "guess"}, {"value": None}, {"day": "2022-01-12"}])
def test_a_claim_of_no_kind_or_with_neither_or_both_of_value_and_day_cannot_be_made(fields):
    plain = {"id": "syn.a", "section": "syn", "line": 1, "printed": "1", "comparator": "eq", "value": 1, "value_max": None,
             "unit": UNITS["count"], "kind": "fact", "label_zh": "合成", "label_en": "synthetic", "note": ""}
    with pytest.raises(ValueError, match=r"syn\.a"):
        Claim(**(plain | fields))


def test_a_range_shows_both_its_ends_in_english(tmp_path):
    folder = make_data(tmp_path, claims=[claim("projects.span", "3至5亿元", 3, value_max=5, comparator="range")])
    made = read_claims(Package(folder))["projects.span"]
    assert made.shown("en")["full"] == "300 million yuan to 500 million yuan"
    assert made.interval() == Interval(low=3, high=5)


def test_claims_stand_in_the_order_of_the_file_under_kinds_that_the_rules_know(claims):
    assert list(claims) == list(Package(DATA).frame("claims").index)
    assert {each.kind for each in claims.values()} <= set(KINDS)


def test_an_unknown_unit_names_the_row(tmp_path):
    folder = make_data(tmp_path, claims=[claim("projects.total", "100亿", 100, unit="亿")])
    with pytest.raises(BadInput) as caught:
        read_claims(Package(folder))
    (finding,) = caught.value.findings
    assert (finding.code, finding.where, finding.found) == ("unit.unknown", "data/claims.csv row projects.total", "亿")


def test_a_misspelt_claim_is_met_with_the_near_ids(claims):
    assert claim_named(claims, "projects.record").id == "projects.record"
    with pytest.raises(WrongUse) as caught:
        claim_named(claims, "projects.recrod")
    (finding,) = caught.value.findings
    assert finding.code == "claim.unknown"
    assert "projects.record" in finding.next
