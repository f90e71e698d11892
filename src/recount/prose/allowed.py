"""The allow-list: names and fixed phrases that hold a number without stating one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from recount.datafile import read_sheet
from recount.errors import BadInput, Finding
from recount.numerals import BOUND, NAMED, NUMERALS, plain_digits

COLUMNS = ["token", "lang", "reason"]
_LANGS = ("zh", "en", "any")


@dataclass(frozen=True)
class Name:
    """One entry: the token as printed, the language it is allowed in (or ``any``), and why."""

    token: str
    lang: str
    reason: str

    def __post_init__(self) -> None:
        if not self.token.strip() or self.token != self.token.strip():
            raise ValueError(f"a token without blanks around it, not {self.token!r}")
        if self.lang not in _LANGS:
            raise ValueError(f"lang is zh, en or any, not {self.lang!r}")
        if len(self.reason.strip()) < 2:
            raise ValueError(f"{self.token}: a reason for a reader, not {self.reason!r}")


@dataclass(frozen=True)
class Allowed:
    """The names of one book. An empty one allows nothing.

    >>> Allowed((Name("尼龙66", "zh", "a polymer"),)).hide("尼龙66产66吨", lang="zh").count("66")
    1
    """

    names: tuple[Name, ...] = ()

    def hide(self, text: str, *, lang: str) -> str:
        """The text with each allowed name blanked out, character for character.

        A name counts only as a whole: 5G is not found in 15G, nor 尼龙66 in 尼龙66.5 or 尼龙66万.
        """
        pattern = _pattern(tuple(name.token for name in self.names if name.lang in (lang, "any")))
        return pattern.sub(lambda match: NAMED * len(match[0]), plain_digits(text)) if pattern else text


@lru_cache(maxsize=16)
def _pattern(tokens: tuple[str, ...]) -> re.Pattern[str] | None:
    if not tokens:
        return None
    parts = [_whole(plain_digits(token)) for token in sorted(tokens, key=len, reverse=True)]
    return re.compile("|".join(parts), re.IGNORECASE)


def _whole(token: str) -> str:
    first, last = token[0], token[-1]
    before = after = ""
    if first.isascii() and first.isalnum():
        before = r"(?<![0-9A-Za-z])(?<![0-9][.,])"
    elif first in NUMERALS:
        before = f"(?<![{NUMERALS}{BOUND}])"
    if last.isascii() and last.isdigit():
        after = r"(?![0-9A-Za-z%‰十百千万亿])(?![.,][0-9])"
    elif last.isascii() and last.isalnum():
        after = r"(?![0-9A-Za-z])"
    elif last in NUMERALS:
        after = f"(?![{NUMERALS}])"
    return before + r"\s+".join(re.escape(part) for part in token.split()) + after


def read_allowed(path: Path, *, name: str = "book/allowed_numbers.csv") -> Allowed:
    """Read the list: UTF-8 CSV with the columns ``token,lang,reason``, every cell filled, no token twice.

    Raises BadInput with every faulty row.
    """
    sheet, findings = read_sheet(path, name=name, columns=COLUMNS)
    names: list[Name] = []
    seen: set[tuple[str, str]] = set()
    for row, line in zip(sheet.rows, sheet.lines, strict=True) if sheet else ():
        try:
            entry = Name(**row)
            if (entry.token, entry.lang) in seen:
                raise ValueError(f"{entry.token} ({entry.lang}) stands twice")
            seen.add((entry.token, entry.lang))
            names.append(entry)
        except ValueError as error:
            findings.append(Finding(
                code="prose.bad-allowed", where=f"{name} line {line}", found=str(error),
                expected="token,lang,reason, each once",
                next="mend the row: lang is zh, en or any; the reason is printed"))
    if findings:
        raise BadInput(findings)
    return Allowed(tuple(names))
