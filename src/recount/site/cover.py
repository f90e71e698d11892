"""The cover of an EPUB: title, edition, and how the claims were judged, drawn from the ledger."""

from __future__ import annotations

import html
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from recount.fonts import FAMILY
from recount.site.format_labels import FORMAT_LABELS
from recount.site.imprint import Imprint
from recount.verdicts import VERDICTS, WORDS

WIDTH, HEIGHT = 1200, 1600
MARGIN = 110
# As book.css has them in the light.
COLOURS = {"confirmed": "#00674f", "plausible": "#8a5a00", "doubtful": "#8a5a00", "contradicted": "#b03a00",
           "open": "#5c5c5c", "unexamined": "#5c5c5c"}  # fmt: skip


def draw_cover(imprint: Imprint, ledger: Mapping[str, Any]) -> str:
    """The cover as SVG. Its only numbers are counts of the ledger's verdicts; colour never stands alone."""
    counts = Counter(claim["verdict"] for claim in ledger["claims"].values())
    found = [word for word in VERDICTS if counts[word]]
    parts = [
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        f'<rect x="{MARGIN}" y="200" width="{WIDTH - 2 * MARGIN}" height="16" fill="#1c1c1c"/>',
        _text(imprint.title, 200 + 230, 190, bold=True),
        _text(imprint.edition_title, 200 + 340, 66),
        f'<rect x="{MARGIN}" y="{200 + 390}" width="{WIDTH - 2 * MARGIN}" height="3" fill="#1c1c1c"/>',
    ]
    left, room, top = float(MARGIN), WIDTH - 2 * MARGIN, 800
    parts.append(_text(FORMAT_LABELS[imprint.lang]["judged"], top - 40, 46, colour="#5c5c5c"))
    total = sum(counts[word] for word in found) or 1
    for number, word in enumerate(found):
        width = room * counts[word] / total
        parts.append(f'<rect x="{left:.1f}" y="{top}" width="{max(width - 6, 2):.1f}" height="44" fill="{COLOURS[word]}"/>')
        left += width
        line = top + 150 + number * 92
        parts.append(_text(str(counts[word]), line, 64, bold=True, colour=COLOURS[word], right=MARGIN + 120))
        parts.append(_text(WORDS[imprint.lang][word], line, 54, colour=COLOURS[word], left=MARGIN + 160))
    parts.append(_text(imprint.day, HEIGHT - 130, 46, colour="#5c5c5c"))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'font-family="{FAMILY}">{"".join(parts)}</svg>'
    )


def paint_cover(svg: str, fonts: Path) -> bytes:
    """The cover as PNG: shelves of readers show no SVG."""
    import vl_convert

    vl_convert.register_font_directory(str(fonts))
    return vl_convert.svg_to_png(svg, scale=1.0)


def _text(words: str, y: float, size: int, *, bold: bool = False, colour: str = "#1c1c1c", left: int = MARGIN,
          right: int = 0) -> str:
    place = f'x="{right}" text-anchor="end"' if right else f'x="{left}"'
    weight = ' font-weight="700"' if bold else ""
    return f'<text {place} y="{y}" font-size="{size}"{weight} fill="{colour}">{html.escape(words)}</text>'
