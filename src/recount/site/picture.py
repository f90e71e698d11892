"""Pictures: a chart as a file that stands alone, with its title, unit and source in it, on white paper.

What is downloaded is shown elsewhere, without the page around it: a picture that does not say what it shows, in
which unit and from whom, will be shown so.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable, Sequence

from recount.site.colours import picture_style
from recount.site.svg import own_ids, size

MARGIN, TITLE, SMALL = 20, 19, 12.5  # pixels
LEADING = 1.4
# Chinese breaks between any two characters, but not before these, nor after those.
NOT_FIRST = frozenset("，。、；：？！）》”’」』…—％%,.;:?!)]}")
NOT_LAST = frozenset("（《“‘「『([{")


def picture(drawing: str, *, name: str, title: str, notes: Sequence[str], lang: str,
            measure: Callable[..., float]) -> str:
    """An SVG of its own: title, drawing, and a line for each of the `notes` (source and unit, the book, the day).

    ``measure(text, size, bold=)`` gives a line's width in pixels; lines are broken to the drawing's.
    """
    wide, high = size(drawing)
    wide = max(wide, 320.0)
    head = wrap(title, wide, lambda text: measure(text, TITLE, bold=True))
    foot = [line for note in notes for line in wrap(note, wide, lambda text: measure(text, SMALL))]
    top = MARGIN + len(head) * TITLE * LEADING + 8
    bottom = top + high + 10
    width, height = round(wide + 2 * MARGIN), round(bottom + len(foot) * SMALL * LEADING + MARGIN)
    lines = [_line(text, MARGIN + (at + 0.8) * TITLE * LEADING, TITLE, "#111111", bold=True) for at, text in enumerate(head)]
    lines += [_line(text, bottom + (at + 0.8) * SMALL * LEADING, SMALL, "#55595f") for at, text in enumerate(foot)]
    inner = own_ids(drawing, name)
    inner = re.sub(r"^<svg\b", f'<svg class="chart-art" x="{MARGIN}" y="{top:g}"', inner)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" xml:lang="{"zh-CN" if lang == "zh" else "en"}">'
        f"<title>{html.escape(title)}</title><style>{html.escape(picture_style(), quote=False)}</style>"
        f'<rect width="{width}" height="{height}" fill="#fff"/>{"".join(lines)}{inner}</svg>\n'
    )


def wrap(text: str, width: float, measure: Callable[[str], float]) -> list[str]:
    """A text in lines no wider than `width`: between words, between Han characters, never before a full stop.

    >>> wrap("one two three", 8, len)
    ['one two', 'three']
    >>> wrap("单场不及，一年前", 4, len)
    ['单场不', '及，一年', '前']
    """
    lines: list[str] = []
    line = ""
    for piece in _pieces(text):
        if line and measure((line + piece).rstrip()) > width:
            lines.append(line.strip())
            line = piece.lstrip()
        else:
            line += piece
    return [*lines, line.strip()] if line.strip() else lines


def _pieces(text: str) -> list[str]:
    """What a line may not be broken inside of, spaces at the end."""
    pieces: list[str] = []
    for char in text:
        before = pieces[-1] if pieces else ""
        joined = (
            not before
            or char in NOT_FIRST
            or char == " "
            or before[-1] in NOT_LAST
            or not (before[-1] == " " or _is_han(char) or _is_han(before[-1]))
        )
        if joined and pieces:
            pieces[-1] += char
        else:
            pieces.append(char)
    return pieces


def _is_han(char: str) -> bool:
    return unicodedata.east_asian_width(char) in "WF"


def _line(text: str, y: float, size: float, colour: str, *, bold: bool = False) -> str:
    weight = ' font-weight="bold"' if bold else ""
    return (
        f'<text x="{MARGIN}" y="{y:.1f}" font-family="Noto Sans SC, sans-serif" font-size="{size:g}"{weight} '
        f'fill="{colour}">{html.escape(text)}</text>'
    )
