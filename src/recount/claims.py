"""Claims: the checkable quantities that the feature prints."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from recount.errors import Finding, WrongUse, did_you_mean
from recount.intervals import APPROX_BAND, Interval, meant
from recount.package import Package
from recount.units import UNITS, Unit, unit_of, write, write_date

KINDS = ("fact", "plan", "forecast", "count_of_list", "rule", "superlative")


@dataclass(frozen=True, kw_only=True)
class Claim:
    """One quantity as printed: token, line, comparator, value and unit.

    ``value`` is None for a claim that is a date; then ``day`` holds the ISO date.
    """

    id: str
    section: str
    line: int
    printed: str
    comparator: str
    value: float | None
    value_max: float | None
    unit: Unit
    kind: str
    label_zh: str
    label_en: str
    note: str
    day: str = ""

    def __post_init__(self) -> None:
        if self.kind not in KINDS or (self.value is None) == (self.day == ""):
            raise ValueError(f"claim {self.id}: a known kind, and either a value or a day")

    @property
    def decimals(self) -> int:
        """How many decimals the feature printed."""
        match = re.search(r"\d\.(\d+)", self.printed)
        return len(match[1]) if match else 0

    def label(self, lang: str) -> str:
        return self.label_zh if lang == "zh" else self.label_en

    def interval(self, band: float = APPROX_BAND) -> Interval:
        """The true values that would make the claim right.

        A superlative is right while the best earlier figure lies below the printed one, so its interval is
        where that figure may lie.
        """
        if self.day:
            ordinal = date.fromisoformat(self.day).toordinal()
            return Interval(low=ordinal, high=ordinal)
        if self.kind == "superlative":
            return meant("lt", self.value)
        return meant(self.comparator, self.value, upper=self.value_max, decimals=self.decimals, band=band)

    def shown(self, lang: str) -> dict[str, str]:
        """How a page prints the claim: the token itself in Chinese, its plain equivalent in English."""
        if lang == "zh":
            return {"full": self.printed, "bare": self.printed, "label": self.label_zh}
        if self.day:
            return {**write_date(self.day, "en"), "label": self.label_en}
        if self.kind == "superlative":
            return {"full": "a record high", "bare": "a record high", "label": self.label_en}
        comparator = "eq" if self.comparator == "range" else self.comparator
        # "eight items" says less in English than "8": a bare count has no measure word.
        unit = UNITS["ratio"] if self.unit.code in ("count", "item") else self.unit
        shown = write(self.value, unit, "en", comparator=comparator, decimals=self.decimals, high=self.value_max)
        return {**shown, "label": self.label_en}


def read_claims(package: Package) -> dict[str, Claim]:
    """Every claim of ``claims.csv`` by id, in the order of the file."""
    claims = {}
    for row in package.frame("claims").to_dict("records"):
        day = re.search(r"date=(\S+)", row["note"])
        is_date = row["unit"] == "日期"
        claims[row["claim_id"]] = Claim(
            id=row["claim_id"], section=row["section"], line=int(row["line"]), printed=row["printed"],
            comparator=row["comparator"], value=None if is_date else float(row["value"]),
            value_max=None if row["value_max"] != row["value_max"] else float(row["value_max"]),
            unit=UNITS["date"] if is_date else unit_of(row["unit"], where=f"data/claims.csv row {row['claim_id']}"),
            kind=row["kind"], label_zh=row["label_zh"], label_en=row["label_en"], note=row["note"],
            day=day[1] if is_date and day else "")
    return claims


def claim_named(claims: dict[str, Claim], claim_id: str) -> Claim:
    """The claim of that id; WrongUse with the near ids where there is none."""
    if claim_id not in claims:
        raise WrongUse(Finding(code="claim.unknown", where=f"claim {claim_id}", expected="an id of data/claims.csv",
                               found=claim_id, next=did_you_mean(claim_id, list(claims))))
    return claims[claim_id]
