"""Drawings on a page: an SVG made fit to stand among others in one document, and light enough to stand there.

Colours stay attributes, so that one stylesheet (static/charts.css) can turn them for a dark ground, the static
drawing and the live one alike.
"""

from __future__ import annotations

import re

# What matplotlib writes into style attributes and CSS could then not overrule.
PRESENTATION = frozenset(
    ["fill", "fill-opacity", "stroke", "stroke-width", "stroke-opacity", "stroke-dasharray", "stroke-dashoffset",
     "stroke-linecap", "stroke-linejoin", "stroke-miterlimit", "opacity", "text-anchor", "font-size", "font-weight"]
)  # fmt: skip
SIZE = re.compile(r'<svg\b[^>]*?\bwidth="([\d.]+)(pt|px|)"[^>]*?\bheight="([\d.]+)(?:pt|px|)"', flags=re.DOTALL)


def own_ids(svg: str, name: str) -> str:
    """An SVG whose ids are its own: two drawings on a page both come with a ``clip0``.

    >>> own_ids('<svg><clipPath id="clip0"/><g clip-path="url(#clip0)"/></svg>', "a.b")
    '<svg><clipPath id="a-b-clip0"/><g clip-path="url(#a-b-clip0)"/></svg>'
    """
    prefix = re.sub(r"[^A-Za-z0-9_-]", "-", name)
    svg = slim(svg)
    svg = re.sub(r'\bid="([^"]+)"', rf'id="{prefix}-\1"', svg)
    return re.sub(r'(url\(#|href="#)', rf"\1{prefix}-", svg)


def slim(svg: str) -> str:
    """An SVG without what only its maker reads: metadata, notes for each mark, styles of a whole document.

    Vega notes each mark's raw numbers for screen readers; in a drawing that is one picture with an alternative
    text nobody hears them, and they weigh as much as the drawing.
    """
    svg = re.sub(r"^.*?(?=<svg)", "", svg, count=1, flags=re.DOTALL)
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    # matplotlib styles every element of what it takes to be its own document; here that is the whole page.
    svg = re.sub(
        r'^<svg(.*?)<style type="text/css">\s*\*\s*\{([^}]*)\}\s*</style>',
        r'<svg style="\2"\1',
        svg,
        count=1,
        flags=re.DOTALL,
    )
    svg = re.sub(r' (?:aria-[a-z]+|role)="[^"]*"', "", svg)
    svg = re.sub(r' class="(?:marks|mark-|role-|background|foreground)[^"]*"', "", svg)
    svg = re.sub(r' style="([^"]*)"', _attributes, svg)
    svg = re.sub(r"<defs>\s*</defs>", "", svg)
    # Path data: matplotlib breaks lines between points.
    svg = re.sub(r' d="([^"]*)"', lambda match: f' d="{" ".join(match[1].split())}"', svg)
    return re.sub(r"\s*\n\s*", "\n", svg)


def _attributes(match: re.Match[str]) -> str:
    kept, out = [], []
    for part in match[1].split(";"):
        name, _, value = (piece.strip() for piece in part.partition(":"))
        if name == "font-family":
            out.append(f'font-family="{value.replace(chr(39), "")}, sans-serif"')
        elif name in PRESENTATION:
            out.append(f'{name}="{value}"')
        elif name:
            kept.append(f"{name}: {value}")
    return "".join(f" {each}" for each in out) + (f' style="{"; ".join(kept)}"' if kept else "")


def size(svg: str) -> tuple[float, float]:
    """Width and height of a drawing in CSS pixels.

    >>> size('<svg width="72pt" height="36pt">')
    (96.0, 48.0)
    """
    found = SIZE.search(svg)
    if not found:
        return 0.0, 0.0
    scale = 96 / 72 if found[2] == "pt" else 1.0
    return float(found[1]) * scale, float(found[3]) * scale


def written(svg: str) -> str:
    """All letters of a drawing, to be looked up in its font."""
    import html

    texts = re.findall(r"<text[^>]*>(.*?)</text>", svg, flags=re.DOTALL)
    return re.sub(r"<[^>]+>", "", "".join(html.unescape(text) for text in texts))
