"""Every verdict says why, in both languages, with the values and origins that decided it."""

import re
from datetime import date

import pytest

from recount import reasons
from recount.claims import Claim
from recount.editions import Edition
from recount.intervals import Interval
from recount.reasons import counted, reason_of, strength_of
from recount.units import UNITS
from recount.values import Value
from recount.verdicts import STRONG_KINDS, Evidence, Origin, judge

EDITION = Edition(name="print", as_of=date(2022, 2, 24), title_zh="合成", title_en="synthetic")
CLAIM = Claim(id="syn.total", section="syn", line=1, printed="100亿元", comparator="eq", value=100, value_max=None,
              unit=UNITS["CNY_100M"], kind="fact", label_zh="合成", label_en="synthetic", note="")
BUREAU = Origin(name="合成统计局", kind="official", independent="yes")
PAPER = Origin(name="合成晨报", kind="press", independent="yes")
FIRM = Origin(name="合成公司", kind="company", independent="yes")
REPOST = Origin(name="unknown (合成网)", kind="unknown", independent="unknown")
OTHER_REPOST = Origin(name="unknown (另一合成网)", kind="unknown", independent="unknown")
CIRCLE = Origin(name="合成本报", kind="press", independent="no")
VALUES = {f"syn.v{n}": Value(id=f"syn.v{n}", kind="number", unit=UNITS["CNY_100M"], number=n, decimals=2, formula_zh="合成",
                             formula_en="synthetic", rows=("a/b",)) for n in (100, 120)}


def piece(number, *origins, **more):
    interval = Interval(low=90, high=200) if more.pop("loose", False) else Interval(low=number, high=number)
    return Evidence(value_id=f"syn.v{number}", interval=interval, origins=origins, **more)


HUNDRED, TWELVE = ("100亿元", "10 billion yuan"), ("120亿元", "12 billion yuan")
# The wording is the writers'; that these have one, and stand where they must, is tested.
OWN, UNKNOWN = (tuple(reasons._names(items, lang) for lang in ("zh", "en")) for items in ((), (piece(100, REPOST),)))
NAMED = {each.name: (each.name, each.name) for each in (BUREAU, PAPER, FIRM)}
DAY = ("2022年2月24日", "24 February 2022")

# One mixture of evidence for each rule, with the facts that its reason must tell: values, names, the day.
RULES = {
    "independent": ([piece(100, BUREAU)], [HUNDRED, NAMED["合成统计局"]]),
    "list": ([piece(100, lists=True)], [HUNDRED]),
    "record-against": ([piece(120, BUREAU)], [TWELVE, NAMED["合成统计局"]]),
    "two-against": ([piece(120, PAPER), piece(120, FIRM)], [TWELVE, NAMED["合成晨报"], NAMED["合成公司"]]),
    "own-against": ([piece(120, claims=True)], [TWELVE]),
    "disagree": ([piece(100, PAPER), piece(120, BUREAU)], [HUNDRED, TWELVE]),
    "mixed": ([piece(100, REPOST), piece(120, REPOST)], [HUNDRED, TWELVE]),
    "weaker-against": ([piece(120, REPOST, OTHER_REPOST)], [TWELVE, UNKNOWN]),
    "arithmetic": ([piece(100, claims=True)], [HUNDRED]),
    "benchmark": ([piece(120, BUREAU, bearing="benchmark", loose=True)], [TWELVE]),
    "weaker-for": ([piece(100, assumed=True)], [HUNDRED, OWN]),
    "same-circle": ([piece(100, CIRCLE)], [HUNDRED, DAY]),
    "inconclusive": ([piece(120, BUREAU, loose=True)], [TWELVE, DAY]),
    "no-data": ([], [DAY]),
}


@pytest.mark.parametrize("rule", RULES)
def test_each_rule_tells_the_facts_it_decided_on_in_both_languages(rule):
    evidence, facts = RULES[rule]
    verdict = judge(CLAIM.interval(), evidence)
    assert verdict.rule == rule
    for position, lang in enumerate(("zh", "en")):
        told = reason_of(verdict, CLAIM, VALUES, [], EDITION, lang)
        assert all(fact[position] in told for fact in facts), told
        assert told[-1] == "。."[position] and "{" not in told
        # Beside the printed figure no other figure than those it decided on.
        assert (TWELVE[position] in told) == (TWELVE in facts)
        assert told.count(fact := UNKNOWN[position]) == (UNKNOWN in facts), fact


def test_pages_of_unknown_origin_are_called_so_and_not_by_their_publishers():
    for name in (*OWN, *UNKNOWN):
        assert name and "合成网" not in name
    assert len({*OWN, *UNKNOWN}) == 4


def test_every_reason_about_a_figure_says_what_was_printed():
    for rule, (evidence, _) in RULES.items():
        verdict = judge(CLAIM.interval(), evidence)
        if rule not in ("no-data", "same-circle"):
            assert "“100亿元”" in reason_of(verdict, CLAIM, VALUES, [], EDITION, "zh"), rule
            assert "10 billion yuan" in reason_of(verdict, CLAIM, VALUES, [], EDITION, "en"), rule


def test_no_two_rules_tell_the_same_and_none_is_without_a_reason():
    assert set(reasons._ZH) == set(reasons._EN) == set(RULES)
    assert len(set(reasons._ZH.values())) == len(set(reasons._EN.values())) == len(RULES)


def test_a_voice_that_was_outweighed_is_not_named_for_what_it_did_not_say():
    verdict = judge(CLAIM.interval(), [piece(100, BUREAU), piece(120, REPOST)])
    assert verdict.rule == "independent" and verdict.against
    told = reason_of(verdict, CLAIM, VALUES, [], EDITION, "zh")
    assert "（合成统计局）" in told and UNKNOWN[0] not in told


def test_several_names_are_joined_in_the_manner_of_the_language():
    verdict = judge(CLAIM.interval(), RULES["two-against"][0])
    assert "合成晨报、合成公司" in reason_of(verdict, CLAIM, VALUES, [], EDITION, "zh")
    assert "合成晨报, 合成公司" in reason_of(verdict, CLAIM, VALUES, [], EDITION, "en")


def test_several_values_are_listed_once_each_in_the_manner_of_the_language():
    loose = [piece(number, BUREAU, loose=True) for number in (100, 120, 100)]
    verdict = judge(CLAIM.interval(), loose)
    assert "100亿元、120亿元" in reason_of(verdict, CLAIM, VALUES, [], EDITION, "zh")
    assert "10 billion yuan, 12 billion yuan" in reason_of(verdict, CLAIM, VALUES, [], EDITION, "en")


def test_an_origin_goes_by_its_english_name_on_an_english_page():
    bureau = Origin(name="合成统计局", name_en="Synthetic Bureau", kind="official", independent="yes")
    verdict = judge(CLAIM.interval(), [piece(100, bureau)])
    assert "（合成统计局）" in reason_of(verdict, CLAIM, VALUES, [], EDITION, "zh")
    assert "(Synthetic Bureau)" in reason_of(verdict, CLAIM, VALUES, [], EDITION, "en")


def test_a_reading_follows_the_reason():
    verdict = judge(CLAIM.interval(), [])
    readings = [{"zh": "按合成口径。", "en": "On the synthetic base."}]
    for lang, joint in (("zh", ""), ("en", " ")):
        plain = reason_of(verdict, CLAIM, VALUES, [], EDITION, lang)
        assert reason_of(verdict, CLAIM, VALUES, readings, EDITION, lang) == plain + joint + readings[0][lang]


@pytest.mark.parametrize(("evidence", "numbers", "kinds"), [
    ([], [], []), ([piece(100, BUREAU)], [1, 1], ["official"]),
    ([piece(100, BUREAU), piece(100, PAPER), piece(120, REPOST)], [2, 1, 1, 1], ["official", "press"]),
    ([piece(100, BUREAU), piece(100, BUREAU, PAPER)], [2, 1, 1], ["official", "press"]),
    ([piece(100, claims=True), piece(100, assumed=True)], [2], []), ([piece(120, lists=True)], [1], []),
])
def test_strength_says_how_many_origins_of_which_kind_and_how_many_other_pieces(evidence, numbers, kinds):
    verdict = judge(CLAIM.interval(), evidence)
    for lang in ("zh", "en"):
        told = strength_of(verdict, lang)
        assert [int(number) for number in re.findall(r"\d+", told)] == numbers, told
        assert [kind for kind, word in sorted(reasons.KIND_WORDS[lang].items()) if word in told] == kinds, told


def test_what_brings_an_independent_origin_is_not_counted_again_as_other_evidence():
    comparable = piece(120, BUREAU, bearing="benchmark", loose=True)
    assert counted(judge(CLAIM.interval(), [comparable])) == (1, 0)
    assert counted(judge(CLAIM.interval(), [comparable, piece(100, REPOST)])) == (1, 1)
    assert counted(judge(CLAIM.interval(), [piece(100, lists=True)])) == (0, 1)
    assert counted(judge(CLAIM.interval(), [])) == (0, 0)


def test_one_is_singular_and_two_are_plural():
    one, two = (strength_of(judge(CLAIM.interval(), [piece(100, *origins), piece(120, REPOST), *more]), "en")
                for origins, more in (((BUREAU,), ()), ((BUREAU, PAPER), (piece(120, OTHER_REPOST),))))
    assert "1 independent origin (" in one and "piece of" in one
    assert "2 independent origins (" in two and "pieces of" in two


def test_every_kind_that_settles_has_a_word_in_each_language():
    assert set(reasons.KIND_WORDS["zh"]) == set(reasons.KIND_WORDS["en"]) == set(STRONG_KINDS)


def test_what_is_no_evidence_because_of_whose_word_it_is_is_told_apart_from_what_is_too_vague():
    verdict = judge(CLAIM.interval(), [piece(100, CIRCLE), piece(120, BUREAU, loose=True)])
    told = reason_of(verdict, CLAIM, VALUES, [], EDITION, "zh")
    assert verdict.rule == "same-circle" and HUNDRED[0] in told and TWELVE[0] not in told
