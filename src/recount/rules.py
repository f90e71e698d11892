"""The verdict rules as a reader finds them on the method page; the rules themselves are in `verdicts`.

Kept beside the code that applies them, with the thresholds filled in from it, so that the page cannot say
one thing and the engine do another.
"""

from __future__ import annotations

from recount.intervals import APPROX_BAND, NEAR_BAND
from recount.reasons import KIND_WORDS
from recount.verdicts import RECORD_KINDS, STRONG_KINDS, VERDICTS

Pair = tuple[str, str]


def _percent(share: float) -> str:
    return f"{share * 100:g}%"


# For each verdict, what it needs.
NEEDS: dict[str, Pair] = {
    "confirmed": (
        "至少一个独立出处（官方、法律、市场数据、企业披露或媒体原发），其数值在所印的精度之内与所印的数相符；"
        "对“共几项”一类的说法，报道自列的清单即可；对规定，以规定原文为准。",
        "At least one independent origin (official, law, market data, company filing or original press) whose value "
        "agrees with the printed number to the precision printed; for a count of a list, the feature's own list; "
        "for a rule, the rule's text.",
    ),
    "plausible": (
        "证据指向所印的数，但较弱：报道自身数字的推算、出处不明的转载、可比情形的范围，或者用到了我们的假定。",
        "The evidence points the claim's way but is weaker: arithmetic within the feature, a repost of unknown origin, "
        "a range of comparable cases, or anything that rests on an assumption of ours.",
    ),
    "doubtful": (
        "同样较弱的证据与之不合；或者只有一个独立出处与之不符，又不是官方记录或法律；或者各个独立出处说法不一。",
        "Evidence of the same weaker sorts points the other way, or a single independent origin that is neither an "
        "official record nor the law does, or independent origins disagree.",
    ),
    "contradicted": (
        "官方记录或法律与之不符；或者两个以上独立出处与之不符；或者报道自己的清单、自己的数字相加与之不符。",
        "An official record or the law is against it, or two or more independent origins are, or the feature's own list "
        "or sum is.",
    ),
    "open": (
        "截至本版日期，没有独立资料。出自报道一方的数字（刊发和转载它的报纸、署名记者、其转载）不能为它作证。",
        "No independent material by the edition's day. Figures from the feature's own side (the papers that printed or "
        "reprinted it, its by-lines, their reposts) never speak for it.",
    ),
    "unexamined": (
        "所在的章节还没有写成。",
        "Its chapter has not been written yet.",
    ),
}

# How a printed number is read.
READINGS: list[tuple[Pair, Pair]] = [
    (("没有修饰词的数", "a plain number"),
     ("精确到最后一位印出的数字，上下各半个单位。", "Exact to its last printed digit, half a unit either way.")),
    (("以上、超、不超过、不到", "at least, more than, at most, less than"),
     ("从这个数起，或到这个数止。", "From that number on, or up to it.")),
    (("约", "about"),
     (f"上下各{_percent(APPROX_BAND)}；这是我们的假定，可在笔记本参数中更改。",
      f"Within {_percent(APPROX_BAND)} either way; an assumption of ours, a parameter of the notebook.")),
    (("近", "close to"),
     (f"不到这个数，但至少有它的{_percent(1 - NEAR_BAND)}。", f"Below the number, and at least {_percent(1 - NEAR_BAND)} of it.")),
    (("创新高", "a record"),
     ("此前最高的一次低于所印的数。", "The highest earlier figure lies below the printed one.")),
    (("计划与预计", "a plan or a forecast"),
     ("判两次：别处有没有同样的说法；是否合理或已经实现。颜色取后一项；后一项待证时取前一项。",
      "Judged for two things: is it stated elsewhere, and was it plausible or met. The second gives the colour; where "
      "it is open, the first does.")),
]

# What sort of body first said something. Whether one of it is enough follows from the rules themselves.
KINDS: dict[str, Pair] = {
    "official": ("政府、部门、统计机构自己发布的，或转载时写明由它们发布的。",
                 "Published by a government, its offices or its statisticians, or stated by a repost to be theirs."),
    "law": ("法律、法规和国务院文件的条文。", "The text of laws, regulations and notices of the State Council."),
    "market_data": ("报价机构和数据机构的价格与行情。", "Prices and quotations of those whose trade is to collect them."),
    "company": ("企业的公告、年报和自己发布的稿件。", "Notices, reports and releases of a company."),
    "press": ("有自己编辑部的媒体首发的报道。", "Reports first published by a newsroom of its own."),
    "unknown": ("转载没有写明原出处，网上也没有查到。", "A repost that names no original, and none was found."),
}

# How much weight a value carries, by the weakest of what went into it.
WEIGHTS: dict[str, tuple[Pair, Pair]] = {
    "own": (("报道自身", "the feature itself"),
            ("报道自列的清单，或者它自己印出的数相加减。", "A list that the feature prints, or arithmetic on its own figures.")),
    "strong": (("强", "strong"),
               ("直接量的就是这件事，每个出处都独立，没有用到报道的数和我们的假定。",
                "Measures the very thing, every origin is independent, and neither the feature's figures nor an "
                "assumption of ours went in.")),
    "weak": (("弱", "weak"),
             ("其余的：旁证、出处不明的转载、用到假定的推算。",
              "All else: benchmarks, reposts of unknown origin, computations that rest on an assumption.")),
    "same": (("报道一方", "the feature's own side"),
             ("只有刊发或转载它的报纸、署名记者说过；不能作证，但与之不合时照样计入。",
              "Said only by the papers that printed or reprinted it, or its by-lines: it cannot speak for a claim, and it "
              "counts as weaker evidence where it speaks against one.")),
}

# The order in which the rules are tried; the first that fits decides. Codes are those of `verdicts.judge`.
STEPS: list[tuple[tuple[str, ...], str, Pair]] = [
    (("own-against", "record-against", "two-against"), "contradicted",
     ("报道自己的清单或数字、官方记录或法律、或者两个以上独立出处与之不符，又没有强证据支持它。",
      "The feature's own list or figures, an official record or the law, or two independent origins are against it, and "
      "no strong evidence is for it.")),
    (("disagree",), "doubtful",
     ("两边都有强证据。", "There is strong evidence on both sides.")),
    (("independent", "list"), "confirmed",
     ("独立出处支持它，或者按报道自列的清单清点相符。", "An independent origin is for it, or a count of the feature's own list.")),
    (("weaker-against", "mixed"), "doubtful",
     ("其他证据与之不合；同时有较弱的证据支持它，也是这一档。",
      "Any other evidence is against it, whether or not weaker evidence is for it.")),
    (("arithmetic", "benchmark", "weaker-for"), "plausible",
     ("只有较弱的证据，都支持它。", "There is weaker evidence only, and all of it is for it.")),
    (("no-data", "same-circle", "inconclusive"), "open",
     ("没有资料，只有报道一方的说法，或者已知的资料两头都说不上。",
      "There is no material, or only the word of the feature's own side, or what is known decides nothing.")),
]


def rule_rows(lang: str) -> list[tuple[str, str]]:
    """Verdict codes with what each needs, in the order of the scale."""
    return [(word, NEEDS[word][lang == "en"]) for word in VERDICTS]


def kind_rows(lang: str) -> list[tuple[str, str, str, bool, bool]]:
    """Kinds of origin: code, word, what it is, whether one alone can confirm, whether one alone can contradict."""
    unknown = {"zh": "不明", "en": "unknown"}[lang]
    return [(kind, KIND_WORDS[lang].get(kind, unknown), what[lang == "en"], kind in STRONG_KINDS, kind in RECORD_KINDS)
            for kind, what in KINDS.items()]


def weight_rows(lang: str) -> list[tuple[str, str]]:
    """Ranks of evidence with what gives each."""
    return [(name[lang == "en"], what[lang == "en"]) for name, what in WEIGHTS.values()]


def step_rows(lang: str) -> list[tuple[str, str]]:
    """Verdict codes in the order in which the rules are tried, each with what it takes."""
    return [(verdict, what[lang == "en"]) for _, verdict, what in STEPS]


def reading_rows(lang: str) -> list[tuple[str, str]]:
    """Printed forms with how each is read."""
    return [(form[lang == "en"], meaning[lang == "en"]) for form, meaning in READINGS]
