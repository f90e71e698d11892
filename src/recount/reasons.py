"""Why a verdict is what it is, in one or two sentences of each language."""

from __future__ import annotations

from typing import Any

from recount.claims import Claim
from recount.editions import Edition
from recount.periods import spell
from recount.verdicts import Evidence, Verdict, independent_origins

KIND_WORDS = {
    "zh": {"official": "官方", "law": "法律", "market_data": "市场数据", "company": "企业披露", "press": "媒体"},
    "en": {"official": "official", "law": "law", "market_data": "market data", "company": "company filing",
           "press": "press"},
}

_ZH = {
    "independent": "独立出处（{names}）给出{values}，与所印“{printed}”相符。",
    "list": "按报道自列的清单清点，为{values}，与所印“{printed}”相符。",
    "record-against": "官方记录（{names}）给出{values}，与所印“{printed}”不符。",
    "two-against": "两个以上独立出处（{names}）给出{values}，与所印“{printed}”不符。",
    "own-against": "报道自身的清单或数字得出{values}，与所印“{printed}”不符。",
    "disagree": "各方说法不一：一方为{values}，与所印“{printed}”相符；另一方为{against}，与之不符。",
    "mixed": "较弱的证据方向不一：与所印“{printed}”相合的是{values}，不合的是{against}。",
    "weaker-against": "较弱的证据（{names}）给出{against}，与所印“{printed}”不合，但不足以否定它。",
    "arithmetic": "仅凭报道自身的数字推算，为{values}，与所印“{printed}”相合；没有独立数据。",
    "benchmark": "可比的情形为{values}，所印“{printed}”与之相合；这是旁证，量的不是它本身。",
    "weaker-for": "较弱的证据（{names}）给出{values}，与所印“{printed}”相合，但不足以确认它。",
    "same-circle": "截至{day}，没有找到独立资料；已见的{values}出自报道一方（刊发或转载它的报纸、署名记者），不能为它作证。",
    "inconclusive": "截至{day}，已知的{values}既不能证实、也不能否定所印“{printed}”。",
    "no-data": "截至{day}，没有找到独立资料。",
}
_EN = {
    "independent": "Independent evidence ({names}) gives {values}, which bears out the printed figure ({printed}).",
    "list": "Counted in the feature's own list: {values}, as printed ({printed}).",
    "record-against": "The official record ({names}) gives {values}, which the printed figure ({printed}) does not fit.",
    "two-against": "Two or more independent origins ({names}) give {values}, against the printed figure ({printed}).",
    "own-against": "The feature's own list or figures give {values}, against the printed figure ({printed}).",
    "disagree": "Independent evidence disagrees. In line with the printed figure ({printed}): {values}. Against it: {against}.",
    "mixed": "Weaker evidence points both ways. In line with the printed figure ({printed}): {values}. Against it: {against}.",
    "weaker-against": "Weaker evidence ({names}) gives {against}, which speaks against the printed figure ({printed}) but is "
                      "not enough to contradict it.",
    "arithmetic": "Arithmetic within the feature gives {values}, in line with the printed figure ({printed}); there is no "
                  "independent data.",
    "benchmark": "Comparable cases give {values}, and the printed figure ({printed}) fits; a benchmark, not a measurement.",
    "weaker-for": "Weaker evidence ({names}) gives {values}, in line with the printed figure ({printed}) but not "
                  "enough to confirm it.",
    "same-circle": "By {day}, no independent material was found. What was found ({values}) comes from the feature's own side "
                   "(the papers that printed or reprinted it, its by-lines) and cannot speak for it.",
    "inconclusive": "All that is known by {day} ({values}) neither bears out nor refutes the printed figure "
                    "({printed}).",
    "no-data": "By {day}, no independent material was found.",
}


def reason_of(verdict: Verdict, claim: Claim, values: dict[str, Any], readings: list[dict[str, str]],
              edition: Edition, lang: str) -> str:
    """The verdict's reason: the rule that decided, with the values and origins it decided on."""
    aside = tuple(item for item in verdict.set_aside if verdict.rule != "same-circle" or item.rank == "same")
    decided = verdict.decided_by or (() if verdict.against else aside)
    facts = {
        # Those who decided; a voice that was outweighed did not give these values.
        "names": _names(verdict.decided_by or verdict.against, lang),
        "values": _values(decided, values, lang),
        "against": _values(verdict.against, values, lang),
        "printed": claim.printed if lang == "zh" else claim.shown("en")["full"],
        "day": spell(edition.as_of.isoformat(), lang),
    }
    reason = (_ZH if lang == "zh" else _EN)[verdict.rule].format(**facts)
    extra = [reading[lang] for reading in readings]
    return "".join([reason, *extra]) if lang == "zh" else " ".join([reason, *extra])


def counted(verdict: Verdict) -> tuple[int, int]:
    """Strength in two numbers: independent origins behind the verdict, and pieces of evidence that have none.

    A piece that brings an independent origin is counted by it, and not a second time as a piece.
    """
    origins = sum(len(names) for names in independent_origins(verdict).values())
    others = sum(1 for item in (*verdict.decided_by, *verdict.against)
                 if item.rank in ("weak", "own") and not any(origin.settles for origin in item.origins))
    return origins, others


def strength_of(verdict: Verdict, lang: str) -> str:
    """How many independent origins stand behind a verdict, of which kinds, and how much other evidence."""
    by_kind = independent_origins(verdict)
    count, others = counted(verdict)
    words = KIND_WORDS[lang]
    if lang == "zh":
        kinds = "、".join(f"{words[kind]}{len(names)}" for kind, names in sorted(by_kind.items()))
        parts = [f"独立出处{count}个（{kinds}）" if count else "无独立出处", f"其他证据{others}项" if others else ""]
        return "，".join(part for part in parts if part)
    kinds = ", ".join(f"{len(names)} {words[kind]}" for kind, names in sorted(by_kind.items()))
    origins = f"{count} independent {'origin' if count == 1 else 'origins'} ({kinds})"
    parts = [origins if count else "no independent origin",
             f"{others} other {'piece' if others == 1 else 'pieces'} of evidence" if others else ""]
    return ", ".join(part for part in parts if part)


def _values(items: tuple[Evidence, ...], values: dict[str, Any], lang: str) -> str:
    shown = list(dict.fromkeys(values[item.value_id].shown(lang)["full"] for item in items))
    return ("、" if lang == "zh" else ", ").join(shown)


def _names(items: tuple[Evidence, ...], lang: str) -> str:
    unknown = {"zh": "出处不明的转载", "en": "a repost of unknown origin"}[lang]
    names = list(dict.fromkeys(
        unknown if origin.kind == "unknown" else origin.name if lang == "zh" else origin.name_en or origin.name
        for item in items for origin in item.origins))
    joint = "、" if lang == "zh" else ", "
    own = {"zh": "报道自身的数字", "en": "the feature's own figures"}[lang]
    return joint.join(names) or own
