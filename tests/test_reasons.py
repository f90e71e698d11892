"""Every verdict says why, in both languages, with the values and origins that decided it."""

from datetime import date

import pytest

from recount import reasons
from recount.claims import Claim
from recount.editions import Edition
from recount.intervals import Interval
from recount.reasons import reason_of, strength_of
from recount.units import UNITS
from recount.values import Value
from recount.verdicts import Evidence, Origin, judge

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


# One mixture of evidence for each rule, with what a reader is told.
TOLD = {
    "independent": ([piece(100, BUREAU)], "独立来源（合成统计局）给出100亿元，与所印“100亿元”相符。",
                    "Independent sources (合成统计局) give 10 billion yuan, which bears out the printed 10 billion yuan."),
    "list": ([piece(100, lists=True)], "按报道自列的清单清点，为100亿元，与所印“100亿元”相符。",
             "Counted in the feature's own list: 10 billion yuan, as printed (10 billion yuan)."),
    "record-against": ([piece(120, BUREAU)], "官方记录（合成统计局）给出120亿元，与所印“100亿元”不符。",
                       "An official record (合成统计局) gives 12 billion yuan, which the printed 10 billion yuan cannot be "
                       "squared with."),
    "two-against": ([piece(120, PAPER), piece(120, FIRM)],
                    "两个以上独立来源（合成晨报、合成公司）给出120亿元，与所印“100亿元”不符。",
                    "Two or more independent origins (合成晨报, 合成公司) give 12 billion yuan, against the printed "
                    "10 billion yuan."),
    "own-against": ([piece(120, claims=True)], "报道自身的清单或数字得出120亿元，与所印“100亿元”不符。",
                    "The feature's own list or figures give 12 billion yuan, against the printed 10 billion yuan."),
    "disagree": ([piece(100, PAPER), piece(120, BUREAU)],
                 "各方说法不一：一方给出100亿元，与所印“100亿元”相符；另一方给出120亿元，与之不符。",
                 "Sources disagree: 10 billion yuan bears out the printed 10 billion yuan, 12 billion yuan does not."),
    "mixed": ([piece(100, REPOST), piece(120, REPOST)],
              "较弱的证据方向不一：100亿元指向所印“100亿元”，120亿元指向相反。",
              "Weaker evidence points both ways: 10 billion yuan towards the printed 10 billion yuan, 12 billion yuan away "
              "from it."),
    "weaker-against": ([piece(120, REPOST, OTHER_REPOST)],
                       "较弱的证据（来源不明的转载）给出120亿元，与所印“100亿元”方向相反，尚不足以否定。",
                       "Weaker evidence (a repost of unknown origin) gives 12 billion yuan, away from the printed 10 billion "
                       "yuan; not enough to contradict it."),
    "arithmetic": ([piece(100, claims=True)], "仅凭报道自身的数字推算，为100亿元，与所印“100亿元”相合；没有独立数据。",
                   "Arithmetic within the feature gives 10 billion yuan, in line with the printed 10 billion yuan; no "
                   "independent data."),
    "benchmark": ([piece(120, BUREAU, bearing="benchmark", loose=True)],
                  "可比的范围是120亿元，所印“100亿元”与之相合；这是旁证，不是对它本身的度量。",
                  "The comparable range is 12 billion yuan, and the printed 10 billion yuan fits it; a benchmark, not a "
                  "measurement."),
    "weaker-for": ([piece(100, assumed=True)],
                   "较弱的证据（报道自身的数字）给出100亿元，与所印“100亿元”相合，尚不足以确认。",
                   "Weaker evidence (the feature's own figures) gives 10 billion yuan, in line with the printed 10 billion "
                   "yuan; not enough to confirm it."),
    "same-circle": ([piece(100, CIRCLE)],
                    "截至2022年2月24日，没有独立资料；100亿元出自报道自身的圈子（本报、署名记者或其转载），不作证据。",
                    "Up to 24 February 2022 there is no independent material; 10 billion yuan comes from the feature's own "
                    "circle (its newspapers, its by-lines, their reposts) and is no evidence."),
    "inconclusive": ([piece(120, BUREAU, loose=True)],
                     "截至2022年2月24日，已知的120亿元既不能证实、也不能否定所印“100亿元”。",
                     "Up to 24 February 2022, 12 billion yuan is all that is known; it neither bears out nor refutes the "
                     "printed 10 billion yuan."),
    "no-data": ([], "截至2022年2月24日，没有找到独立资料。", "Up to 24 February 2022, no independent material was found."),
}


@pytest.mark.parametrize("rule", TOLD)
def test_each_rule_tells_its_reason_in_both_languages(rule):
    evidence, zh, en = TOLD[rule]
    verdict = judge(CLAIM.interval(), evidence)
    assert verdict.rule == rule
    told = [reason_of(verdict, CLAIM, VALUES, [], EDITION, lang) for lang in ("zh", "en")]
    assert told == [zh, en]


def test_no_rule_is_without_a_test_or_a_reason():
    assert set(reasons._ZH) == set(reasons._EN) == set(TOLD)


def test_an_origin_goes_by_its_english_name_on_an_english_page():
    bureau = Origin(name="合成统计局", name_en="Synthetic Bureau", kind="official", independent="yes")
    verdict = judge(CLAIM.interval(), [piece(100, bureau)])
    assert "（合成统计局）" in reason_of(verdict, CLAIM, VALUES, [], EDITION, "zh")
    assert "(Synthetic Bureau)" in reason_of(verdict, CLAIM, VALUES, [], EDITION, "en")


def test_a_reading_follows_the_reason():
    verdict = judge(CLAIM.interval(), [])
    readings = [{"zh": "按合成口径。", "en": "On the synthetic base."}]
    assert reason_of(verdict, CLAIM, VALUES, readings, EDITION, "zh").endswith("没有找到独立资料。按合成口径。")
    assert reason_of(verdict, CLAIM, VALUES, readings, EDITION, "en").endswith("was found. On the synthetic base.")


@pytest.mark.parametrize(("evidence", "zh", "en"), [
    ([], "无独立来源", "no independent origin"),
    ([piece(100, BUREAU)], "独立来源1个（官方1）", "1 independent origin (1 official)"),
    ([piece(100, BUREAU), piece(100, PAPER), piece(120, REPOST)], "独立来源2个（官方1、报刊1），旁证1项",
     "2 independent origins (1 official, 1 press), 1 weaker piece of evidence"),
    ([piece(100, claims=True), piece(100, assumed=True)], "无独立来源，旁证2项",
     "no independent origin, 2 weaker pieces of evidence"),
])
def test_strength_says_how_many_origins_of_which_kind_and_how_much_besides(evidence, zh, en):
    verdict = judge(CLAIM.interval(), evidence)
    assert (strength_of(verdict, "zh"), strength_of(verdict, "en")) == (zh, en)


def test_a_contradicted_claim_counts_each_piece_of_evidence_once():
    verdict = judge(CLAIM.interval(), [piece(120, lists=True)])
    assert strength_of(verdict, "en") == "no independent origin, 1 weaker piece of evidence"
    assert verdict.word == "contradicted"
