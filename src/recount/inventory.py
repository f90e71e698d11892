"""The number tokens of the feature, and the proof that each one is accounted for.

Every number that the paper prints is either a claim that the book examines
(``data/claims.csv``) or a name, a date, an ordinal or an idiom, listed with the
reason why it is none (``data/not_claims.csv``). The full inventory of tokens
is committed (``data/feature_numbers.csv``), the text itself is not: so the
proof runs without the text, and where the text is present the inventory is
checked against it.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

__all__ = [
    "FEATURE_SHA256",
    "INVENTORY_COLUMNS",
    "NumberToken",
    "number_tokens",
    "read_inventory",
    "render_inventory",
    "uncovered",
]

FEATURE_SHA256 = "c65f1b01f708b8f70055a9d66658f94c312af03d6a94ef612a269c2479862ee8"
"""SHA-256 of the bytes of the text that the inventory was made from."""

INVENTORY_COLUMNS = ("line", "offset", "token")

_CHINESE = "零〇一二两三四五六七八九十百千万亿半双几数"
_DIGIT = "0-9０-９"
_TOKEN = re.compile(
    rf"[{_DIGIT}]+(?:[.．][{_DIGIT}]+)?(?:[%％]|[万亿]+)?"  # 15%  500.1亿  20万
    rf"|[{_CHINESE}]+"  # 十五  百亿  一 (in 统一, too)
)
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, order=True, slots=True)
class NumberToken:
    """One number as it stands in a text.

    ``line`` counts from 1, ``offset`` is the number of characters before the
    token in its line, ``token`` is the number as printed.
    """

    line: int
    offset: int
    token: str


def number_tokens(text: str) -> list[NumberToken]:
    """Find every number token of a text, in reading order.

    What: a token is a run of ASCII or full-width digits with an optional
    decimal part, keeping a ``%`` or 万 and 亿 that directly follow; or a run of
    Chinese numerals, single ones and those inside words included (一 in 统一).

    Why: catching too much costs one line in the list of non-claims, catching
    too little hides a claim; so words that merely hold a numeral are caught.
    A number that the print wraps over two lines gives one token in each.

    Raises: nothing; a text without numbers gives an empty list.
    """
    return [
        NumberToken(number, match.start(), match.group())
        for number, line in enumerate(text.split("\n"), start=1)
        for match in _TOKEN.finditer(line)
    ]


def uncovered(
    tokens: Iterable[NumberToken],
    claims: Iterable[Mapping[str, object]],
    not_claims: Iterable[Mapping[str, object]],
) -> list[NumberToken]:
    """Return the tokens that neither a claim nor a reason accounts for.

    What: a row of ``not_claims`` (``line``, ``offset``, ``token``) covers
    exactly its own token. A claim (``line``, ``printed``) covers a token of its
    line when the token is one of the numbers of its printed form, read without
    spaces; a claim covers no more tokens than its printed form holds.

    Why: an unexplained number is a claim that nobody has examined. Numbers are
    compared whole, so that 118 does not hide a stray 18, and counted, so that
    one 千 does not hide another in the same line.

    Raises: KeyError when a row lacks one of the fields named above, ValueError
    when its ``line`` or ``offset`` is no whole number.
    """
    reasons = {
        NumberToken(int(str(row["line"])), int(str(row["offset"])), str(row["token"]))
        for row in not_claims
    }
    printed = Counter(
        (int(str(row["line"])), token.token)
        for row in claims
        for token in number_tokens(_SPACE.sub("", str(row["printed"])))
    )
    missing = []
    for token in sorted(tokens):
        key = (token.line, token.token)
        if token in reasons:
            continue
        if printed[key]:
            printed[key] -= 1
        else:
            missing.append(token)
    return missing


def render_inventory(tokens: Iterable[NumberToken]) -> str:
    """Write tokens as the CSV text that :func:`read_inventory` reads.

    Why: the committed inventory has one form only (UTF-8, LF, reading order),
    so that a changed token shows as one changed line.

    Raises: nothing.
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(INVENTORY_COLUMNS)
    writer.writerows((t.line, t.offset, t.token) for t in sorted(tokens))
    return buffer.getvalue()


def read_inventory(path: str | Path) -> list[NumberToken]:
    """Read a committed inventory of number tokens, in reading order.

    Why: it stands for the feature where the text is not present, so a row that
    could not have come from a text is refused rather than skipped.

    Raises: FileNotFoundError when there is no such file; UnicodeDecodeError
    when it is not UTF-8; ValueError, with file and row, when the header is
    another one, a cell is missing, a position is no position, a token is no
    number token, or a row repeats or precedes the one before it.
    """
    with open(path, encoding="utf-8", newline="") as handle:
        rows = list(csv.reader(handle, strict=True))
    if not rows or tuple(rows[0]) != INVENTORY_COLUMNS:
        found = ",".join(rows[0]) if rows else "an empty file"
        raise ValueError(f"{path} row 1: expected {','.join(INVENTORY_COLUMNS)}, found {found}")
    tokens: list[NumberToken] = []
    for number, row in enumerate(rows[1:], start=2):
        where = f"{path} row {number}"
        if len(row) != len(INVENTORY_COLUMNS):
            raise ValueError(f"{where}: expected {len(INVENTORY_COLUMNS)} cells, found {len(row)}")
        line, offset, text = row
        if not re.fullmatch(r"[1-9][0-9]*", line) or not re.fullmatch(r"0|[1-9][0-9]*", offset):
            raise ValueError(f"{where}: expected a line from 1 and an offset from 0, "
                             f"found {line!r} and {offset!r}")
        if not _TOKEN.fullmatch(text):
            raise ValueError(f"{where}, column token: expected a number token, found {text!r}")
        token = NumberToken(int(line), int(offset), text)
        if tokens and token <= tokens[-1]:
            raise ValueError(f"{where}: expected a token after {tokens[-1]}, found {token}")
        tokens.append(token)
    return tokens
