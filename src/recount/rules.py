"""The verdict rules as a reader finds them on the method page; the rules themselves are in `verdicts`.

Kept beside the code that applies them, with the thresholds filled in from it, so that the page cannot say
one thing and the engine do another.
"""

from __future__ import annotations

from recount.intervals import APPROX_BAND, NEAR_BAND
from recount.verdicts import VERDICTS

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


def rule_rows(lang: str) -> list[tuple[str, str]]:
    """Verdict codes with what each needs, in the order of the scale."""
    return [(word, NEEDS[word][lang == "en"]) for word in VERDICTS]


def reading_rows(lang: str) -> list[tuple[str, str]]:
    """Printed forms with how each is read."""
    return [(form[lang == "en"], meaning[lang == "en"]) for form, meaning in READINGS]
