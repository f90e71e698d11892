"""How a social card is drawn: SVG in the book's font, made a PNG by the same library as the charts.

Nothing is cut: sizes are taken from a scale until the words fit, measured by the font's own advances.
"""

from __future__ import annotations

import hashlib
import math
from functools import lru_cache
from importlib import metadata
from io import BytesIO
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

from recount.fonts import FAMILY, Fonts
from recount.site.figures import escape
from recount.site.typesetting import Face
from recount.verdicts import WORDS
from recount.whole import write_whole

if TYPE_CHECKING:
    from recount.site.cards import Card

SIZE = WIDTH, HEIGHT = 1200, 630  # what sites that show cards ask for
MARGIN = 64
INNER = WIDTH - 2 * MARGIN
# As on the pages in the light; each at least 4.5:1 on the ground.
GROUND, INK, QUIET, RULE, ACCENT = "#fffdf8", "#1c1c1c", "#5c5c5c", "#cfcac0", "#1d4f7c"
COLOURS = {"confirmed": "#00674f", "plausible": "#8a5a00", "doubtful": "#8a5a00", "contradicted": "#b03a00",
           "open": "#5c5c5c", "unexamined": "#5c5c5c"}
TITLE_SIZES, FIGURE_SIZES = (62, 56, 50, 46, 42), (118, 104, 90, 78, 66, 56)
LABEL_SIZES, TALLY_SIZES = (32, 29, 26), (28, 25, 22, 20)
TITLE_LEADING, FIGURE_LEADING, FIGURE_LEAST = 1.24, 1.36, 78
RECIPE = "2"  # part of the key: raise it when a drawing becomes a picture in another way
TOP, BOTTOM = 150, 532  # of the room between the head and the foot


class TooLong(Exception):
    """Words that fit at no size."""


def draw(card: Card, *, fonts: Fonts) -> str:
    """The SVG of a card, 1200 by 630. Raises TooLong."""
    bold, regular = Face(fonts.bold), Face(fonts.regular)
    out = [f'<rect width="{WIDTH}" height="{HEIGHT}" fill="{GROUND}"/>',
           f'<rect x="{MARGIN}" y="48" width="{INNER}" height="7" fill="{INK}"/>',
           _text(card.book, MARGIN, 102, 32, weight=700),
           _text(f"{card.edition} · {card.as_of}", WIDTH - MARGIN, 102, 26, fill=QUIET, anchor="end"),
           f'<rect x="{MARGIN}" y="124" width="{INNER}" height="1.5" fill="{RULE}"/>']
    out += _middle(card, bold, regular)
    out += _tally(card, regular)
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}" '
            f'font-family="{FAMILY}">{"".join(out)}</svg>')


def _middle(card: Card, bold: Face, regular: Face) -> list[str]:
    """Title and number between the head and the foot: the largest title that leaves the number room to be one."""
    for least in (FIGURE_LEAST, 0):
        for title_size in TITLE_SIZES:
            size, lines = _fit(bold, card.title, (title_size, *TITLE_SIZES[-1:]), INNER, most=3)
            end = TOP + size * TITLE_LEADING * len(lines)
            figure = _figure(card, bold, regular, top=end, least=least) if card.figure else []
            if figure is not None:
                title = [_text(line, MARGIN, TOP + size * (0.92 + TITLE_LEADING * number), size, weight=700)
                         for number, line in enumerate(lines)]
                return title + figure
    raise TooLong(card.figure.label)


def _figure(card: Card, bold: Face, regular: Face, *, top: float, least: int) -> list[str] | None:
    """The number with its verdict beside it and its label below, in the middle of the room that the title leaves.

    None where the number would be smaller than `least`, or would stand on the title.
    """
    figure = card.figure
    word = WORDS[card.lang][figure.verdict] if figure.verdict else ""
    beside = bold.width(word, 38) + 38 + 14 + 44 if word else 0
    label_size, labels = _fit(regular, figure.label, LABEL_SIZES, INNER, most=2) if figure.label else (0, [])
    below = label_size * 1.35 * len(labels)
    room = BOTTOM - top - below
    sizes = [size for size in FIGURE_SIZES if least <= size <= room / FIGURE_LEADING]
    fitted = bold.fit(figure.shown, sizes=sizes, width=(INNER - beside) * 0.99, most=1)
    if fitted is None:
        return None
    size, (shown,) = fitted
    base = top + (room - size * FIGURE_LEADING) / 2 + size * 1.02
    out = [_text(shown, MARGIN, base, size, weight=700, fill=ACCENT)]
    if word:
        left = MARGIN + bold.width(shown, size) + 44
        out += [mark(figure.verdict, left + 17, base - 14, 17), _text(word, left + 48, base, 38, weight=700,
                                                                      fill=COLOURS[figure.verdict])]
    first = base + size * (FIGURE_LEADING - 1.02) + label_size * 0.9
    out += [_text(line, MARGIN, first + label_size * 1.35 * number, label_size, fill=QUIET)
            for number, line in enumerate(labels)]
    return out


def _tally(card: Card, regular: Face) -> list[str]:
    """The line at the foot: how many claims have which verdict, each with mark, word and count."""
    out = [f'<rect x="{MARGIN}" y="548" width="{INNER}" height="1.5" fill="{RULE}"/>']
    parts = [(word, f"{WORDS[card.lang][word]} {count}") for word, count in card.tally]
    # Where every verdict occurs, the words before them go first: the marks say what they are.
    for said, size in product((card.tally_of, ""), TALLY_SIZES):
        mark_room, gap = size * 1.15, size * 1.1
        widths = [mark_room + regular.width(text, size) for _, text in parts]
        lead = regular.width(said, size) + gap if said else 0
        if lead + sum(widths) + gap * (len(parts) - 1) <= INNER:
            break
    else:
        raise TooLong(" ".join(text for _, text in parts))
    if said:
        out.append(_text(said, MARGIN, 594, size, fill=QUIET))
    left = MARGIN + lead
    for (word, text), width in zip(parts, widths, strict=True):
        out += [mark(word, left + size * 0.42, 594 - size * 0.36, size * 0.4),
                _text(text, left + mark_room, 594, size, fill=COLOURS[word])]
        left += width + gap
    return out


def mark(verdict: str, x: float, y: float, radius: float) -> str:
    """The shape of a verdict: full, three quarters, a quarter, a cross, a ring, a dash; told apart without colour."""
    colour, stroke = COLOURS[verdict], radius * 0.24
    ring = f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius - stroke / 2:.1f}" fill="none" stroke="{colour}" stroke-width="{stroke:.1f}"/>'
    if verdict == "confirmed":
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" fill="{colour}"/>'
    if verdict in ("plausible", "doubtful"):
        turn = 2 * math.pi * (0.75 if verdict == "plausible" else 0.25)
        far = f"{x + radius * math.sin(turn):.1f} {y - radius * math.cos(turn):.1f}"
        large = int(turn > math.pi)
        return ring + f'<path d="M{x:.1f} {y:.1f}V{y - radius:.1f}A{radius:.1f} {radius:.1f} 0 {large} 1 {far}Z" fill="{colour}"/>'
    if verdict == "contradicted":
        arm = radius * 0.8
        return (f'<path d="M{x - arm:.1f} {y - arm:.1f}L{x + arm:.1f} {y + arm:.1f}M{x + arm:.1f} {y - arm:.1f}'
                f'L{x - arm:.1f} {y + arm:.1f}" stroke="{colour}" stroke-width="{radius * 0.42:.1f}"/>')
    if verdict == "open":
        return ring
    return f'<path d="M{x - radius * .8:.1f} {y:.1f}h{radius * 1.6:.1f}" stroke="{colour}" stroke-width="{stroke:.1f}"/>'


def picture(svg: str, *, fonts: Fonts, cache: Path) -> bytes:
    """The PNG of a card; remembered by what it is made from, so that it is drawn once."""
    key = f"card {RECIPE} {metadata.version('vl-convert-python')} {metadata.version('pillow')} {fonts.regular.parent.name} {svg}"
    path = cache / f"{hashlib.sha256(key.encode()).hexdigest()[:32]}.png"
    if not path.is_file():
        made = _few_colours(_vl_convert(str(fonts.regular.parent)).svg_to_png(svg, scale=1, ppi=72))
        write_whole(path, made)
    return path.read_bytes()


def _few_colours(png: bytes) -> bytes:
    """The same picture with a palette: the card's colours and the steps from each to the ground. A fifth of the size.

    Pillow's own reduction looks colours up coarsely and would tint the ground, so each is matched here.
    """
    import numpy as np
    from PIL import Image

    ground = np.array(_rgb(GROUND))
    colours = np.array([_rgb(each) for each in dict.fromkeys((INK, QUIET, RULE, ACCENT, *COLOURS.values()))])
    steps = np.arange(1, 25)[None, :, None] / 24
    palette = np.vstack([ground, np.rint(ground + (colours[:, None] - ground) * steps).reshape(-1, 3)]).astype(np.int64)
    pixels = np.asarray(Image.open(BytesIO(png)).convert("RGB")).astype(np.int64)
    whole = pixels @ (65536, 256, 1)  # a number for each colour: rows of three take ten times as long to sort
    seen, places = np.unique(whole, return_inverse=True)
    parts = np.stack([seen >> 16, seen >> 8 & 255, seen & 255], axis=1)
    nearest = ((parts[:, None] - palette) ** 2).sum(axis=2).argmin(axis=1).astype(np.uint8)
    drawn = Image.fromarray(nearest[places].reshape(pixels.shape[:2]))
    drawn.putpalette(palette.astype(np.uint8).tobytes())
    out = BytesIO()
    drawn.save(out, "PNG", optimize=True)
    return out.getvalue()


def _rgb(colour: str) -> tuple[int, ...]:
    return tuple(bytes.fromhex(colour[1:]))


@lru_cache(maxsize=1)
def _vl_convert(folder: str) -> Any:
    import vl_convert

    vl_convert.register_font_directory(folder)
    return vl_convert


def _fit(face: Face, text: str, sizes: Any, width: float, *, most: int) -> tuple[int, list[str]]:
    # A little less than the room: the drawing rounds positions that the sum of advances does not.
    fitted = face.fit(text, sizes=list(sizes), width=width * 0.99, most=most)
    if fitted is None:
        raise TooLong(text)
    return fitted


def _text(text: str, x: float, y: float, size: float, *, weight: int = 400, fill: str = INK, anchor: str = "start") -> str:
    return (f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" font-weight="{weight}" fill="{fill}" '
            f'text-anchor="{anchor}">{escape(text)}</text>')
