"""Lines of text for drawings: how wide a text is in the book's font, and where Chinese and English may break."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

# What stays together: a number with its sign, point, unit or measure word; a Latin word; a single other character.
_PIECES = re.compile(
    r"[+\-−±≥≤<>约]?\d[\d.,]*(?:%|[万亿千百]*(?:元|条|项|个|盏|吨|人|家|天|年|月|日|米|倍|兆瓦|百分点)?(?:/\S)?)"
    r"|[A-Za-zÀ-ɏ0-9'’.,;:!?%()“”\"/&+–-]+|\s+|."
)
# Chinese typography: these open no line, and those close none.
_NO_START = frozenset("，。、；：？！）》」』】〕”’…—·％%℃/")
_NO_END = frozenset("（《「『【〔“‘")
_PAUSES = frozenset("，。、；：？！,.;:?!")


@dataclass(frozen=True)
class Face:
    """One weight of the book's font as numbers: the advance of every character, in units of the size."""

    path: Path

    def width(self, text: str, size: float) -> float:
        """The width of a text in pixels. Kerning only narrows, and is left out."""
        advances, units = _advances(str(self.path))
        return sum(advances.get(ord(char), units) for char in text) * size / units

    def lines(self, text: str, *, size: float, width: float) -> list[str]:
        """A text broken into lines not wider than `width`, as few as possible; of those breaks, the best to read.

        Best are lines of one length that end where the sentence pauses; between two Han characters a break costs
        most, since a word may go through. A piece wider than a line stays whole; `fit` takes a smaller size then.
        """
        parts = pieces(text)
        least = len(self._fill(parts, size=size, width=width))
        even = self.width(text, size) / least
        # best[lines][end]: cost and the ends of the lines before, of the first `end` pieces in so many lines.
        best: list[dict[int, tuple[float, tuple[int, ...]]]] = [{0: (0.0, ())}]
        for _ in range(least):
            row: dict[int, tuple[float, tuple[int, ...]]] = {}
            for start, (cost, ends) in best[-1].items():
                for end in range(start + 1, len(parts) + 1):
                    line = "".join(parts[start:end]).rstrip()
                    wide = self.width(line, size)
                    if wide > width and end > start + 1:
                        break
                    total = cost + ((wide - even) / width) ** 2 + (0 if end == len(parts) else _break_cost(parts[end - 1]))
                    if end not in row or total < row[end][0]:
                        row[end] = (total, (*ends, end))
            best.append(row)
        ends = best[-1][len(parts)][1]
        return ["".join(parts[start:end]).strip() for start, end in zip((0, *ends), ends, strict=False)]

    def fit(self, text: str, *, sizes: Sequence[int], width: float, most: int) -> tuple[int, list[str]] | None:
        """The largest of `sizes` (largest first) at which a text stands in at most `most` lines; None where none does."""
        for size in sizes:
            lines = self.lines(text, size=size, width=width)
            if len(lines) <= most and all(self.width(line, size) <= width for line in lines):
                return size, lines
        return None

    def _fill(self, parts: Sequence[str], *, size: float, width: float) -> list[str]:
        lines = [""]
        for piece in parts:
            if lines[-1] and self.width((lines[-1] + piece).rstrip(), size) > width:
                lines.append("")
            lines[-1] += piece
        return lines


def _break_cost(last: str) -> float:
    """What it costs to end a line after this piece."""
    if last.rstrip()[-1:] in _PAUSES:
        return 0.0
    return 0.01 if last.endswith(" ") else 0.1


def pieces(text: str) -> list[str]:
    """What a line may not break, in order; a space belongs to the piece before it.

    >>> pieces("新高：638.7亿元")
    ['新', '高：', '638.7亿元']
    """
    found: list[str] = []
    for piece in _PIECES.findall(text):
        if found and (piece[0] in _NO_START or piece.isspace() or found[-1][-1] in _NO_END):
            found[-1] += piece
        else:
            found.append(piece)
    return found


@lru_cache(maxsize=4)
def _advances(path: str) -> tuple[dict[int, int], int]:
    from fontTools.ttLib import TTFont

    with TTFont(path, lazy=True) as font:
        metrics, cmap = font["hmtx"].metrics, font.getBestCmap()
        return {code: metrics[name][0] for code, name in cmap.items()}, font["head"].unitsPerEm
