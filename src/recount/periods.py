"""Dates as sources print them: a day, a month, a quarter, a year, or a span of those."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date

_PART = re.compile(r"(\d{4})(?:-(?:Q([1-4])|H([12])|(0[1-9]|1[0-2])(?:-(0[1-9]|[12]\d|3[01]))?))?", re.ASCII)
_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
           "December")


def span(text: str) -> tuple[date, date]:
    """First and last day that a partial ISO date covers.

    >>> span("2022-Q1")
    (datetime.date(2022, 1, 1), datetime.date(2022, 3, 31))

    Raises ValueError for a text that is no date, or for a day the calendar does not have (2022-02-30).
    """
    first, slash, last = text.partition("/")
    start = _single(first)
    end = _single(last) if slash else start
    if end[1] < start[0]:
        raise ValueError(f"{text!r} ends before it begins")
    return start[0], end[1]


def _single(text: str) -> tuple[date, date]:
    match = _PART.fullmatch(text)
    if not match:
        raise ValueError(f"{text!r} is no date (YYYY, YYYY-MM, YYYY-MM-DD, YYYY-Q1, YYYY-H1)")
    year, quarter, half, month, day = (int(part) if part else 0 for part in match.groups())
    if day:
        return (whole := date(year, month, day)), whole
    if month:
        return date(year, month, 1), date(year, month, monthrange(year, month)[1])
    first, months = (3 * quarter - 2, 3) if quarter else (6 * half - 5, 6) if half else (1, 12)
    last = first + months - 1
    return date(year, first, 1), date(year, last, monthrange(year, last)[1])


def spell(text: str, lang: str) -> str:
    """A date as a newspaper of that language prints it.

    >>> spell("2022-01-12", "zh"), spell("2022-01-12", "en"), spell("2022-Q1", "en")
    ('2022年1月12日', '12 January 2022', 'the first quarter of 2022')
    """
    first, _, last = text.partition("/")
    if last:
        if lang == "zh":
            return f"{spell(first, lang)}至{spell(last, lang)}"
        return f"{spell(first, lang)} to {spell(last, lang)}"
    match = _PART.fullmatch(text)
    if not match:
        raise ValueError(f"{text!r} is no date")
    year, quarter, half, month, day = match.groups()
    if lang == "zh":
        if quarter:
            return f"{year}年{'一二三四'[int(quarter) - 1]}季度"
        if half:
            return f"{year}年{'上下'[int(half) - 1]}半年"
        return f"{year}年" + (f"{int(month)}月" if month else "") + (f"{int(day)}日" if day else "")
    if quarter:
        return f"the {('first', 'second', 'third', 'fourth')[int(quarter) - 1]} quarter of {year}"
    if half:
        return f"the {('first', 'second')[int(half) - 1]} half of {year}"
    name = _MONTHS[int(month) - 1] if month else ""
    return " ".join(part for part in (str(int(day)) if day else "", name, year) if part)
