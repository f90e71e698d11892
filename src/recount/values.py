"""Values: what a notebook computes, with everything a receipt must show."""

from __future__ import annotations

import math
import operator
import re
from dataclasses import dataclass
from datetime import date
from typing import Any

from recount.errors import BadInput, Finding
from recount.intervals import APPROX_BAND, Interval, meant
from recount.numerals import words
from recount.periods import span
from recount.units import COMPARATORS, UNITS, Unit, rounded, write, write_date

VALUE_ID = re.compile(r"[a-z][a-z0-9]*\.[a-z0-9_]+")
OPERATORS = {">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le, "==": operator.eq, "!=": operator.ne}
KINDS = ("number", "interval", "date", "name", "unknown")
NOT_YET = {"zh": "当时尚不可知", "en": "not known by then"}
NOT_FOUND = {"zh": "没有找到", "en": "not found"}


@dataclass(frozen=True, kw_only=True)
class Value:
    """One computed value. Making one without unit, formula, or rows, inputs or an assumption raises.

    ``number`` (and ``high`` of an interval) are rounded to ``decimals``, so that a ledger holds the same
    digits on every platform. ``waits_for`` names the rows that were not public by the edition's day;
    ``generated`` says that the formula was put together from a row, not typed by an author.
    """

    id: str
    kind: str
    unit: Unit
    formula_zh: str
    formula_en: str
    label_zh: str = ""
    label_en: str = ""
    number: float | int | None = None
    high: float | int | None = None
    text_zh: str = ""
    text_en: str = ""
    comparator: str = "eq"
    decimals: int = 0
    rows: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()
    waits_for: tuple[tuple[str, str], ...] = ()
    assumption: bool = False
    generated: bool = False

    def __post_init__(self) -> None:
        def refuse(code: str, expected: str, found: str) -> None:
            raise BadInput(Finding(code=code, where=f"value {self.id}", expected=expected, found=found))

        if not VALUE_ID.fullmatch(self.id):
            refuse("value.bad-id", "section.name_with_underscores", self.id)
        if self.kind not in KINDS:
            refuse("value.bad-kind", ", ".join(KINDS), self.kind)
        if not (self.formula_zh and self.formula_en):
            refuse("value.no-formula", "a formula in words, (zh, en)", f"({self.formula_zh!r}, {self.formula_en!r})")
        if not (self.rows or self.inputs or self.assumption or self.waits_for):
            refuse("value.no-rows", "rows (of=), other values (inputs=) or an assumption", "none")
        if self.comparator not in COMPARATORS or self.comparator == "range":
            refuse("value.comparator", ", ".join(word for word in COMPARATORS if word != "range"), self.comparator)
        if self.decimals < 0:
            refuse("value.decimals", "no digits after the point, or some", str(self.decimals))
        ends = {"number": (self.number,), "interval": (self.number, self.high)}.get(self.kind, ())
        if any(end is None or not math.isfinite(end) for end in ends) or list(ends) != sorted(ends):
            refuse("value.not-a-number", "finite numbers, the lower first", " and ".join(str(end) for end in ends))

    @property
    def known(self) -> bool:
        return self.kind != "unknown"

    def _ipython_display_(self) -> None:
        """Nothing: the Desk has already shown the record, and a repr has no place on a page."""

    def interval(self, band: float = APPROX_BAND) -> Interval | None:
        """Where the true number may lie; None while unknown or where the value is a name."""
        if self.kind == "interval":
            return Interval(low=self.number, high=self.high)
        if self.kind == "date":
            first, last = span(self.text_en)
            return Interval(low=first.toordinal(), high=last.toordinal())
        if self.kind != "number":
            return None
        if self.comparator == "eq":
            return Interval(low=self.number, high=self.number)
        return meant(self.comparator, self.number, band=band)

    def shown(self, lang: str) -> dict[str, str]:
        """How a page prints the value in that language: ``full``, ``bare``, and ``words`` for small counts."""
        if self.kind == "unknown":
            # What waits for rows of a later day is one thing, what nobody has found another.
            said = (NOT_YET if self.waits_for else NOT_FOUND)[lang]
            return {"full": said, "bare": said}
        if self.kind == "date":
            return write_date(self.text_en, lang)
        if self.kind == "name":
            text = self.text_zh if lang == "zh" else self.text_en
            return {"full": text, "bare": text}
        shown = write(self.number, self.unit, lang, comparator=self.comparator, decimals=self.decimals, high=self.high)
        if self.kind == "number" and self.number == int(self.number) and 0 <= self.number <= 20:
            shown["words"] = words(int(self.number), lang)
        return shown

    def record(self) -> dict[str, Any]:
        """The value as plain data, for the executed notebook and the ledger."""
        label = {"zh": self.label_zh, "en": self.label_en} if self.label_zh or self.label_en else None
        return {
            "record": "value", "id": self.id, "kind": self.kind, "unit": self.unit.code, "decimals": self.decimals,
            "comparator": self.comparator, "value": self.number, "high": self.high,
            "text": {"zh": self.text_zh, "en": self.text_en}, "label": label,
            "formula": {"zh": self.formula_zh, "en": self.formula_en}, "rows": list(self.rows),
            "inputs": list(self.inputs), "assumption": self.assumption, "generated": self.generated,
            "waits_for": [{"row": row, "known_from": day} for row, day in self.waits_for],
            "shown": {lang: self.shown(lang) for lang in ("zh", "en")},
        }


def from_record(record: dict[str, Any]) -> Value:
    """The value that a record describes; the inverse of ``Value.record``."""
    label = record["label"] or {"zh": "", "en": ""}
    return Value(
        id=record["id"], kind=record["kind"], unit=UNITS[record["unit"]], number=record["value"], high=record["high"],
        text_zh=record["text"]["zh"], text_en=record["text"]["en"], comparator=record["comparator"],
        decimals=record["decimals"], formula_zh=record["formula"]["zh"], formula_en=record["formula"]["en"],
        label_zh=label["zh"], label_en=label["en"], rows=tuple(record["rows"]), inputs=tuple(record["inputs"]),
        waits_for=tuple((item["row"], item["known_from"]) for item in record["waits_for"]),
        assumption=record["assumption"], generated=record["generated"])


def settle(result: Any, unit: Unit, decimals: int) -> dict[str, Any]:
    """Turn what ``by`` returned into the fields of a Value: number, interval, date, name or unknown.

    A pair of numbers is an interval, a pair of texts a name in (zh, en); with unit ``date`` a text is an ISO
    date. None means unknown. NaN is refused by Value: a missing cell must not become a number. Raises BadInput
    (``value.bad-result``) for anything else: a text or a truth value is no number.
    """
    if result is None:
        return {"kind": "unknown"}
    if unit.code == "date":
        text = result.isoformat() if isinstance(result, date) else str(result)
        try:
            span(text)
        except ValueError as error:
            raise _bad_result("a date: YYYY-MM-DD, YYYY-MM, YYYY-Q1 ...", str(error)) from None
        return {"kind": "date", "text_zh": text, "text_en": text}
    if isinstance(result, tuple) and len(result) == 2:
        if all(isinstance(part, str) for part in result):
            return {"kind": "name", "text_zh": result[0], "text_en": result[1]}
        low, high = (_finite(part, decimals) for part in result)
        return {"kind": "interval", "number": low, "high": high}
    return {"kind": "number", "number": _finite(result, decimals)}


def _finite(number: Any, decimals: int) -> float | int:
    if str(number) == "<NA>":
        return math.nan
    if isinstance(number, str) or type(number).__name__ in ("bool", "bool_") or not hasattr(number, "__float__"):
        raise _bad_result("a number, a pair (low, high), a pair of texts (zh, en) or None", repr(number)[:80])
    number = float(number)
    return rounded(number, decimals) if math.isfinite(number) else number


def _bad_result(expected: str, found: str) -> BadInput:
    return BadInput(Finding(code="value.bad-result", where="what by= returned", expected=expected, found=found))


def compare(left: tuple[Any, Any], op: str, right: tuple[Any, Any]) -> bool:
    """Compare two ranges, each (low, high): one is above the other only when all of it is."""
    if op in (">", ">="):
        return bool(OPERATORS[op](left[0], right[1]))
    if op in ("<", "<="):
        return bool(OPERATORS[op](left[1], right[0]))
    return bool(OPERATORS[op](left, right))
