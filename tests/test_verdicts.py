"""The verdict rules: what the evidence says, by whose word it is, and nothing an author could wish."""

from itertools import combinations_with_replacement, permutations, product
from math import inf

import pytest

from recount.intervals import Interval, meant
from recount.verdicts import (
    ASPECTS,
    BEARINGS,
    COLOURS,
    VERDICTS,
    WORDS,
    Evidence,
    Origin,
    Verdict,
    independent_origins,
    judge,
)

CLAIMED = meant("eq", 100)  # 99.5 up to 100.5
FITS, OFF = (Interval(low=n, high=n) for n in (100, 120))
LOOSE = Interval(low=90, high=inf)  # a floor below: says nothing either way

BUREAU = Origin(name="合成统计局", kind="official", independent="yes")
LAW = Origin(name="合成法", kind="law", independent="yes")
PAPER = Origin(name="合成晨报", kind="press", independent="yes")
OTHER_PAPER = Origin(name="合成晚报", kind="press", independent="yes")
FIRM = Origin(name="合成公司", kind="company", independent="yes")
MARKET = Origin(name="合成行情", kind="market_data", independent="yes")
REPOST = Origin(name="unknown (合成网)", kind="unknown", independent="unknown")
ODD_KIND = Origin(name="合成博客", kind="unknown", independent="yes")
CIRCLE = Origin(name="合成本报", kind="press", independent="no")


def piece(interval, *origins, id="syn.value", **more):
    return Evidence(value_id=id, interval=interval, origins=origins, **more)


def verdict(*evidence, claimed=CLAIMED):
    return judge(claimed, list(evidence))


def word_and_rule(*evidence, claimed=CLAIMED):
    made = verdict(*evidence, claimed=claimed)
    return made.word, made.rule


# --- How much weight a value carries --------------------------------------------------------------------


@pytest.mark.parametrize("origin", [BUREAU, LAW, PAPER, FIRM, MARKET])
def test_an_independent_origin_of_each_strong_kind_settles(origin):
    assert origin.settles
    assert piece(FITS, origin).rank == "strong"


@pytest.mark.parametrize("origin", [REPOST, ODD_KIND, CIRCLE,
                                    Origin(name="x", kind="official", independent="unknown"),
                                    Origin(name="x", kind="official", independent="no")])
def test_an_origin_that_is_not_independent_or_of_unknown_kind_does_not_settle(origin):
    assert not origin.settles
    assert piece(FITS, origin).rank != "strong"


@pytest.mark.parametrize(("evidence", "rank"), [
    (piece(FITS, lists=True), "own"),
    (piece(FITS, claims=True), "own"),
    (piece(FITS, claims=True, assumed=True), "weak"),
    (piece(FITS, CIRCLE), "same"),
    (piece(FITS, CIRCLE, CIRCLE), "same"),
    (piece(FITS, CIRCLE, claims=True), "weak"),
    (piece(FITS, BUREAU), "strong"),
    (piece(FITS, BUREAU, PAPER), "strong"),
    (piece(FITS, BUREAU, REPOST), "weak"),
    (piece(FITS, BUREAU, CIRCLE), "weak"),
    (piece(FITS, BUREAU, claims=True), "weak"),
    (piece(FITS, BUREAU, assumed=True), "weak"),
    (piece(FITS, BUREAU, bearing="benchmark"), "weak"),
    (piece(FITS, REPOST), "weak"),
    (piece(FITS), "weak"),
    (piece(FITS, assumed=True), "weak"),
    (piece(FITS, BUREAU, lists=True), "strong"),
])
def test_a_value_weighs_as_much_as_its_weakest_part(evidence, rank):
    assert evidence.rank == rank


# --- Which way it points --------------------------------------------------------------------------------


@pytest.mark.parametrize(("interval", "bearing", "direction"), [
    (None, "direct", "neither"), (None, "benchmark", "neither"),
    (FITS, "direct", "for"), (OFF, "direct", "against"), (LOOSE, "direct", "neither"),
    (LOOSE, "benchmark", "for"), (OFF, "benchmark", "against"),
    (Interval(low=99, high=120), "direct", "neither"), (Interval(low=99, high=120), "benchmark", "for"),
    (Interval(low=100.5, high=100.5), "direct", "against"), (Interval(low=99.5, high=99.5), "direct", "for"),
])
def test_a_measured_value_must_lie_within_the_claim_and_a_benchmark_must_touch_it(interval, bearing, direction):
    assert piece(interval, BUREAU, bearing=bearing).direction(CLAIMED) == direction


def test_a_floor_does_not_confirm_an_exact_claim():
    floor = piece(meant("ge", 95), BUREAU)
    assert word_and_rule(floor) == ("open", "inconclusive")


def test_a_floor_above_an_exact_claim_contradicts_it():
    assert word_and_rule(piece(meant("gt", 100.5), BUREAU)) == ("contradicted", "record-against")


def test_a_floor_confirms_a_claimed_floor_that_is_no_higher():
    assert word_and_rule(piece(meant("ge", 98), BUREAU), claimed=meant("ge", 98)) == ("confirmed", "independent")
    assert word_and_rule(piece(meant("ge", 97), BUREAU), claimed=meant("ge", 98)) == ("open", "inconclusive")


def test_near_a_hundred_is_borne_out_from_ninety_up_to_but_not_at_a_hundred():
    words = {number: verdict(piece(Interval(low=number, high=number), BUREAU), claimed=meant("near_below", 100)).word
             for number in (89, 90, 99, 100)}
    assert words == {89: "contradicted", 90: "confirmed", 99: "confirmed", 100: "contradicted"}


def test_the_printed_precision_decides_between_right_and_wrong():
    words = {number: verdict(piece(Interval(low=number, high=number), BUREAU), claimed=meant("eq", 638.7, decimals=1)).word
             for number in (638.64, 638.65, 638.7, 638.74, 638.75)}
    assert words == {638.64: "contradicted", 638.65: "confirmed", 638.7: "confirmed", 638.74: "confirmed",
                     638.75: "contradicted"}


# --- Each rule of the verdict ---------------------------------------------------------------------------


def test_one_independent_origin_confirms():
    made = verdict(good := piece(FITS, BUREAU), late := piece(None, PAPER))
    assert made == Verdict(word="confirmed", rule="independent", decided_by=(good,))
    assert late not in made.set_aside


def test_the_features_own_list_confirms_a_count_of_it():
    assert verdict(own := piece(FITS, lists=True)) == Verdict(word="confirmed", rule="list", decided_by=(own,))


def test_a_list_beside_an_independent_origin_is_confirmed_as_independent():
    assert word_and_rule(piece(FITS, lists=True), piece(FITS, PAPER)) == ("confirmed", "independent")


@pytest.mark.parametrize("origin", [BUREAU, LAW])
def test_one_official_record_or_law_contradicts(origin):
    made = verdict(record := piece(OFF, origin))
    assert (made.word, made.rule, made.decided_by) == ("contradicted", "record-against", (record,))


@pytest.mark.parametrize("origin", [PAPER, FIRM, MARKET])
def test_one_independent_origin_that_is_no_record_only_makes_doubtful(origin):
    made = verdict(alone := piece(OFF, origin))
    assert (made.word, made.rule, made.decided_by, made.against) == ("doubtful", "weaker-against", (), (alone,))


def test_a_record_mixed_with_a_newspaper_in_one_value_is_two_origins():
    assert word_and_rule(piece(OFF, BUREAU, PAPER)) == ("contradicted", "two-against")


def test_two_independent_origins_contradict():
    made = verdict(one := piece(OFF, PAPER), two := piece(OFF, FIRM))
    assert (made.word, made.rule, made.decided_by) == ("contradicted", "two-against", (one, two))


def test_two_values_of_one_origin_are_one_origin():
    assert word_and_rule(piece(OFF, PAPER, id="syn.a"), piece(OFF, PAPER, id="syn.b")) == ("doubtful", "weaker-against")


@pytest.mark.parametrize("own", [piece(OFF, lists=True), piece(OFF, claims=True)])
def test_the_features_own_list_or_sum_contradicts_it(own):
    made = verdict(own)
    assert (made.word, made.rule, made.decided_by) == ("contradicted", "own-against", (own,))


def test_arithmetic_that_needs_an_assumption_of_ours_only_makes_doubtful():
    assert word_and_rule(piece(OFF, claims=True, assumed=True)) == ("doubtful", "weaker-against")


@pytest.mark.parametrize("against", [
    (piece(OFF, BUREAU),), (piece(OFF, lists=True),), (piece(OFF, FIRM), piece(OFF, OTHER_PAPER)), (piece(OFF, FIRM),),
])
def test_strong_evidence_on_both_sides_leaves_doubt(against):
    good = piece(FITS, PAPER)
    made = verdict(good, *against)
    assert (made.word, made.rule, made.decided_by, made.against) == ("doubtful", "disagree", (good,), against)


def test_a_weak_voice_against_does_not_unsettle_a_confirmed_claim_but_is_kept():
    made = verdict(good := piece(FITS, BUREAU), weak := piece(OFF, REPOST))
    assert made == Verdict(word="confirmed", rule="independent", decided_by=(good,), against=(weak,))


def test_weak_evidence_against_makes_doubtful():
    made = verdict(weak := piece(OFF, REPOST))
    assert made == Verdict(word="doubtful", rule="weaker-against", against=(weak,))


def test_weak_evidence_both_ways_is_mixed():
    made = verdict(good := piece(FITS, REPOST), bad := piece(OFF, REPOST))
    assert made == Verdict(word="doubtful", rule="mixed", decided_by=(good,), against=(bad,))


@pytest.mark.parametrize(("evidence", "rule"), [
    ([piece(FITS, claims=True)], "arithmetic"),
    ([piece(LOOSE, BUREAU, bearing="benchmark")], "benchmark"),
    ([piece(FITS, REPOST)], "weaker-for"),
    ([piece(FITS, claims=True), piece(LOOSE, BUREAU, bearing="benchmark")], "weaker-for"),
])
def test_weaker_evidence_for_a_claim_makes_it_plausible_and_says_of_which_sort(evidence, rule):
    assert verdict(*evidence) == Verdict(word="plausible", rule=rule, decided_by=tuple(evidence))


def test_the_features_circle_never_speaks_for_it():
    made = verdict(same := piece(FITS, CIRCLE))
    assert made == Verdict(word="open", rule="same-circle", set_aside=(same,))


def test_the_features_circle_may_speak_against_it():
    assert word_and_rule(piece(OFF, CIRCLE)) == ("doubtful", "weaker-against")


def test_nothing_known_is_open():
    assert verdict() == verdict(piece(None, BUREAU)) == Verdict(word="open", rule="no-data")


def test_what_says_neither_is_set_aside():
    made = verdict(vague := piece(LOOSE, BUREAU))
    assert made == Verdict(word="open", rule="inconclusive", set_aside=(vague,))


# --- What holds of every mixture ------------------------------------------------------------------------

SORTS = [piece(interval, *origins, **more)
         for interval in (FITS, OFF, LOOSE)
         for origins, more in [((BUREAU,), {}), ((PAPER,), {}), ((FIRM,), {}), ((REPOST,), {}), ((CIRCLE,), {}),
                               ((), {"lists": True}), ((), {"claims": True}), ((BUREAU,), {"bearing": "benchmark"})]]
MIXTURES = [list(mixture) for size in range(4) for mixture in combinations_with_replacement(SORTS, size)]


def test_the_order_of_the_evidence_changes_nothing():
    for mixture in MIXTURES[::5]:
        results = {(made.word, made.rule) for order in permutations(mixture) for made in [judge(CLAIMED, list(order))]}
        assert len(results) == 1, mixture


def test_adding_a_voice_of_the_circle_for_the_claim_never_changes_the_verdict():
    for mixture in MIXTURES:
        assert judge(CLAIMED, [*mixture, piece(FITS, CIRCLE)]).word == judge(CLAIMED, mixture).word, mixture


def test_an_unknown_value_never_changes_anything():
    for mixture in MIXTURES:
        assert judge(CLAIMED, [*mixture, piece(None, BUREAU)]) == judge(CLAIMED, mixture)


def test_no_mixture_is_confirmed_or_contradicted_without_what_the_rules_ask():
    for mixture in MIXTURES:
        made = judge(CLAIMED, mixture)
        pointing = [(item, item.direction(CLAIMED)) for item in mixture]
        proof = [item for item, way in pointing if way == "for" and (item.rank == "strong" or item.lists)]
        strong = [item for item, way in pointing if way == "against" and item.rank == "strong"]
        own = [item for item, way in pointing if way == "against" and item.rank == "own"]
        enough = (own or any(item.origins[0].kind == "official" for item in strong)
                  or len({item.origins for item in strong}) > 1)
        assert (made.word == "confirmed") == bool(proof and not strong and not own), mixture
        assert (made.word == "contradicted") == bool(enough and not proof), mixture
        assert (made.word == "open") == (not any(way == "against" or (way == "for" and item.rank != "same")
                                                 for item, way in pointing)), mixture


# --- The words ------------------------------------------------------------------------------------------


def test_strength_counts_independent_origins_by_kind_once_each():
    made = verdict(piece(FITS, BUREAU, id="syn.a"), piece(FITS, BUREAU, PAPER, id="syn.b"), piece(OFF, REPOST))
    assert independent_origins(made) == {"official": {"合成统计局"}, "press": {"合成晨报"}}
    assert independent_origins(verdict(piece(FITS, REPOST))) == {}


def test_every_verdict_has_a_colour_and_a_word_in_each_language():
    assert set(COLOURS) == set(WORDS["zh"]) == set(WORDS["en"]) == set(VERDICTS)
    assert [Verdict(word=word, rule="x").colour for word in VERDICTS] == [
        "green", "yellow", "yellow", "red", "grey", "none"]


def test_words_outside_the_rules_are_refused():
    with pytest.raises(ValueError, match="no verdict"):
        Verdict(word="true", rule="x")
    for bearing, aspect in product((*BEARINGS, "vague"), (*ASPECTS, "hoped")):
        if bearing == "vague" or aspect == "hoped":
            with pytest.raises(ValueError, match="bearing"):
                piece(FITS, BUREAU, bearing=bearing, aspect=aspect)
