"""The verdict rules, all of them and nothing else.

A verdict follows from the evidence, never from an author: what the values say, whose they are, and how many
say so. The method page prints these rules; the words below are the ones it uses.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from recount.intervals import Interval

VERDICTS = ("confirmed", "plausible", "doubtful", "contradicted", "open", "unexamined")
COLOURS = {"confirmed": "green", "plausible": "yellow", "doubtful": "yellow", "contradicted": "red", "open": "grey",
           "unexamined": "none"}
SETTLED = ("confirmed", "contradicted")  # struck off the list
WORDS = {
    "zh": {"confirmed": "属实", "plausible": "可信", "doubtful": "存疑", "contradicted": "不符", "open": "待证",
           "unexamined": "未核"},
    "en": {"confirmed": "confirmed", "plausible": "plausible", "doubtful": "doubtful",
           "contradicted": "contradicted", "open": "open", "unexamined": "unexamined"},
}
# The kinds of origin that can settle a claim alone.
STRONG_KINDS = ("official", "law", "market_data", "company", "press")
# One record of these kinds is enough against a claim; of the others it takes two origins.
RECORD_KINDS = ("official", "law")

BEARINGS = ("direct", "benchmark")
ASPECTS = ("met", "stated")


@dataclass(frozen=True, kw_only=True, order=True)
class Origin:
    """Who first said something: name, kind of origin, and whether independent of the feature."""

    name: str
    kind: str
    independent: str
    name_en: str = ""

    @property
    def settles(self) -> bool:
        return self.independent == "yes" and self.kind in STRONG_KINDS


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """One computed value set beside a claim.

    ``interval`` is None when the value was not known by the edition's day. ``origins`` are those of the
    rows behind the value; ``claims`` is true when figures of the feature itself went into it, ``lists`` when
    its rows are the feature's own list, ``assumed`` when an assumption of ours did.
    """

    value_id: str
    interval: Interval | None
    bearing: str = "direct"
    aspect: str = "met"
    origins: tuple[Origin, ...] = ()
    claims: bool = False
    lists: bool = False
    assumed: bool = False

    def __post_init__(self) -> None:
        if self.bearing not in BEARINGS or self.aspect not in ASPECTS:
            raise ValueError(f"evidence {self.value_id}: bearing {self.bearing!r}, aspect {self.aspect!r}")

    @property
    def rank(self) -> str:
        """How much weight the value carries, by its weakest part.

        ``own`` is the feature's own list or a sum of its own figures; ``strong`` rests on independent origins
        alone; ``same`` on the feature's side alone (its newspapers, its by-lines, their reposts); all
        else, benchmarks and assumptions included, is ``weak``.
        """
        if self.lists and not self.origins:
            return "own"
        if self.claims and not self.origins:
            return "weak" if self.assumed else "own"
        if self.origins and not self.claims and all(origin.independent == "no" for origin in self.origins):
            return "same"
        if self.bearing == "direct" and not self.claims and not self.assumed and self.origins and all(
                origin.settles for origin in self.origins):
            return "strong"
        return "weak"

    def direction(self, claimed: Interval) -> str:
        """``for`` the claim, ``against`` it, or ``neither``.

        A measured value must lie within what the claim means; a benchmark is a range that the claim should
        touch.
        """
        if self.interval is None:
            return "neither"
        if self.interval.apart(claimed):
            return "against"
        if self.interval.within(claimed) or self.bearing == "benchmark":
            return "for"
        return "neither"


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What the evidence says, by which rule, and the evidence that decided."""

    word: str
    rule: str
    decided_by: tuple[Evidence, ...] = ()
    set_aside: tuple[Evidence, ...] = ()
    against: tuple[Evidence, ...] = field(default=())

    def __post_init__(self) -> None:
        if self.word not in VERDICTS:
            raise ValueError(f"no verdict {self.word!r}")

    @property
    def colour(self) -> str:
        return COLOURS[self.word]


def judge(claimed: Interval, evidence: list[Evidence]) -> Verdict:
    """The verdict on one claim (or on one aspect of a plan).

    In order: (1) an official record or law, two independent origins, or the feature's own list or sum
    against it contradicts; (2) one independent origin, or the feature's own list for a count, confirms;
    strong evidence on both sides leaves it doubtful; (3) any other evidence against makes it doubtful;
    (4) weaker evidence for it, arithmetic within the feature included, makes it plausible; (5) otherwise
    it is open. Evidence from the feature's own side never speaks for it.
    """
    known = [item for item in evidence if item.interval is not None]
    sides = {"for": [], "against": [], "neither": []}
    for item in known:
        sides[item.direction(claimed)].append(item)
    same = tuple(item for item in sides["for"] if item.rank == "same")
    aside = same + tuple(sides["neither"])

    strong_for = tuple(item for item in sides["for"] if item.rank == "strong" or (item.rank == "own" and item.lists))
    weak_for = tuple(item for item in sides["for"] if item.rank == "weak" or (item.rank == "own" and not item.lists))
    against = tuple(sides["against"])
    strong_against = tuple(item for item in against if item.rank == "strong")
    own_against = tuple(item for item in against if item.rank == "own")
    records = tuple(item for item in strong_against if all(origin.kind in RECORD_KINDS for origin in item.origins))
    origins = {origin.name for item in strong_against for origin in item.origins}

    decisive = own_against or records or (strong_against if len(origins) >= 2 else ())
    if decisive and strong_for:
        return Verdict(word="doubtful", rule="disagree", decided_by=strong_for, against=decisive, set_aside=aside)
    if decisive:
        rule = "own-against" if own_against else "record-against" if records else "two-against"
        return Verdict(word="contradicted", rule=rule, decided_by=decisive, set_aside=aside)
    if strong_for and strong_against:
        return Verdict(word="doubtful", rule="disagree", decided_by=strong_for, against=strong_against, set_aside=aside)
    if strong_for:
        rule = "list" if all(item.lists for item in strong_for) else "independent"
        return Verdict(word="confirmed", rule=rule, decided_by=strong_for, against=against, set_aside=aside)
    if against:
        rule = "mixed" if weak_for else "weaker-against"
        return Verdict(word="doubtful", rule=rule, decided_by=weak_for, against=against, set_aside=aside)
    if weak_for:
        rule = ("arithmetic" if all(item.rank == "own" for item in weak_for)
                else "benchmark" if all(item.bearing == "benchmark" for item in weak_for) else "weaker-for")
        return Verdict(word="plausible", rule=rule, decided_by=weak_for, set_aside=aside)
    return Verdict(word="open", rule="same-circle" if same else "inconclusive" if sides["neither"] else "no-data",
                   set_aside=aside)


def independent_origins(verdict: Verdict) -> dict[str, set[str]]:
    """Strength: the independent origins behind a verdict, by kind. It measures what we found, nothing else."""
    by_kind: dict[str, set[str]] = {}
    for item in (*verdict.decided_by, *verdict.against):
        for origin in item.origins:
            if origin.settles:
                by_kind.setdefault(origin.kind, set()).add(origin.name)
    return by_kind
