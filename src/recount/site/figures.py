"""Figures: a chart record becomes a static SVG, the data a reader can take away, and the interactive spec.

The static twin is what loads, prints and works without a script; it is drawn here, at assembly, in one warm
process, because the first drawing of a process costs half a second.
"""

from __future__ import annotations

import csv
import hashlib
import html
import json
import re
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from functools import lru_cache
from importlib import metadata
from io import StringIO
from pathlib import Path
from typing import Any

from recount.errors import CheckFailed, Finding
from recount.fonts import FAMILY, Fonts
from recount.site.labels import LABELS

VEGA_LITE = "6.4"
# A chart that leaves its width open is drawn twice: a column's width, and a phone's, where the first would
# shrink to letters that nobody can read.
WIDE, NARROW = 680, 335
CHARTS = "charts"  # the folder beside the pages that holds the data of the charts


@dataclass(frozen=True)
class Figure:
    """A chart as the page takes it: HTML, and the CSV file that stands beside the page."""

    id: str
    html: str
    csv: str

    @property
    def csv_path(self) -> str:
        return f"{CHARTS}/{self.id}.csv"


class Drawer:
    """Draws specs with the book's fonts, and remembers every drawing under ``_build/svg``."""

    def __init__(self, fonts: Fonts, cache: Path) -> None:
        self.fonts = fonts
        self.cache = cache

    def draw(self, spec: Mapping[str, Any], width: int | None) -> str:
        """The SVG of a spec, `width` pixels wide over all where the spec leaves its width open."""
        fixed = deepcopy(dict(spec))
        config = fixed.setdefault("config", {})
        config["font"] = f"{FAMILY}, sans-serif"
        if width:
            fixed["width"] = width
            fixed.setdefault("autosize", {"type": "fit-x", "contains": "padding"})
        text = json.dumps(fixed, ensure_ascii=False, sort_keys=True)
        key = f"{VEGA_LITE} {metadata.version('vl-convert-python')} {self.fonts.regular.parent.name} {text}"
        path = self.cache / f"{hashlib.sha256(key.encode()).hexdigest()[:32]}.svg"
        if not path.is_file():
            vlc = _vl_convert(str(self.fonts.regular.parent))
            path.parent.mkdir(parents=True, exist_ok=True)
            fresh = path.with_suffix(".new")
            fresh.write_text(vlc.vegalite_to_svg(fixed, vl_version=VEGA_LITE), "utf-8")
            fresh.replace(path)
        return path.read_text("utf-8")


@lru_cache(maxsize=1)
def _vl_convert(fonts: str) -> Any:
    import vl_convert

    vl_convert.register_font_directory(fonts)
    return vl_convert


def is_open_in_width(spec: Mapping[str, Any]) -> bool:
    """Whether a spec can be drawn at any width: one view, with no width of its own or the page's."""
    one_view = not {"facet", "concat", "hconcat", "vconcat", "repeat"} & set(spec)
    encoded = spec.get("encoding") or {}
    return one_view and not {"row", "column", "facet"} & set(encoded) and spec.get("width", "container") == "container"


def figure(record: Mapping[str, Any], *, drawer: Drawer) -> Figure:
    """The figure of a chart record: title first, then drawing, source line and data.

    A plate, a chart in the place of one of the page's photographs, says so above its title.

    Raises CheckFailed ``chart.missing-glyph`` where a letter of the drawing has no glyph: it would be a box.
    """
    name, lang, spec = record["id"], record["lang"], record.get("spec")
    words = LABELS[lang]
    if spec is None:
        drawings = [("chart-any", record["svg"])]
    elif is_open_in_width(spec):
        spec = {**spec, "width": "container"}
        spec.setdefault("autosize", {"type": "fit-x", "contains": "padding"})
        drawings = [("chart-wide", drawer.draw(spec, WIDE)), ("chart-narrow", drawer.draw(spec, NARROW))]
    else:
        drawings = [("chart-any", drawer.draw(spec, None))]
    _check_glyphs(record, [svg for _, svg in drawings], drawer.fonts)
    pictures = "".join(f'<div class="{kind}">{own_ids(svg, f"{name}-{kind}")}</div>' for kind, svg in drawings)
    source = escape(_curled(record["source"]))
    unit = record.get("unit")
    if unit:
        source += f'<span class="chart-unit">{words["unit"]}{words["stop"]}{escape(unit)}</span>'
    live = ""
    if spec is not None:
        text = json.dumps(
            {**spec, "config": {**spec.get("config", {}), "font": f"{FAMILY}, sans-serif"}},
            ensure_ascii=False,
            sort_keys=True,
            separators=(",", ":"),
        )
        text = text.replace("</", "<\\/")
        live = f'<script type="application/json" class="chart-spec">{text}</script>'
    data = record["data"]
    plate = record.get("plate")
    kind = "recount-chart recount-plate" if plate else "recount-chart"
    markup = (
        f'<figure class="{kind}" id="chart-{escape(name)}">'
        f"<figcaption>{_plate_label(plate, lang) if plate else ''}{escape(_curled(record['title']))}</figcaption>"
        f'<div class="chart-plot" role="img" aria-label="{escape(record["alt"])}">{pictures}</div>'
        f'<p class="chart-source">{source}</p>'
        f'<details class="chart-data"><summary>{words["data"]}</summary>'
        f'<div class="chart-table" tabindex="0" role="region" aria-label="{words["data"]}{words["stop"]}'
        f'{escape(record["title"])}">{_table(data)}</div>'
        f'<p><a href="{CHARTS}/{escape(name)}.csv" download>{words["csv"]}</a></p></details>{live}</figure>'
    )
    # A blank line would end the block of HTML where Markdown reads it.
    return Figure(name, re.sub(r"\n\s*\n", "\n", markup), _csv(data))


def _plate_label(plate: Mapping[str, str], lang: str) -> str:
    """What stood on the paper's page in the place of this chart.

    It opens the caption, so that a screen reader says it with the figure's name; its id is where a list of the
    plates leads.
    """
    words = LABELS[lang]
    showed = escape(_curled(words["plate_showed"].format(plate[lang])))
    return (
        f'<span class="plate-label" id="plate-{escape(plate["name"])}"><b class="plate-word">{words["plate"]}</b>'
        f'<span class="plate-stop">{words["stop"]}</span>{showed}</span>'
    )


def own_ids(svg: str, name: str) -> str:
    """An SVG whose ids are its own: two drawings on a page both come with a ``clip0``.

    >>> own_ids('<svg><clipPath id="clip0"/><g clip-path="url(#clip0)"/></svg>', "a.b")
    '<svg><clipPath id="a-b-clip0"/><g clip-path="url(#a-b-clip0)"/></svg>'
    """
    prefix = re.sub(r"[^A-Za-z0-9_-]", "-", name)
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
    svg = re.sub(r'(\s)id="', rf'\1id="{prefix}-', svg)
    svg = re.sub(r"url\(#", f"url(#{prefix}-", svg)
    svg = re.sub(r'((?:xlink:)?href)="#', rf'\1="#{prefix}-', svg)
    # The figure has one name, its alt text; the marks' own would be read out one by one.
    return re.sub(r' (?:role|aria-[a-z]+)="[^"]*"', "", svg).strip()


def _curled(text: str) -> str:
    """Typed apostrophes as the sentences around a figure have them."""
    return re.sub(r"(?<=\w)'(?=\w)|(?<=s)'(?=\s)", "’", text)


def escape(text: object) -> str:
    return html.escape(str(text), quote=True)


def _check_glyphs(record: Mapping[str, Any], drawings: list[str], fonts: Fonts) -> None:
    written = "".join(html.unescape(text) for svg in drawings for text in re.findall(r"<text[^>]*>(.*?)</text>", svg))
    missing = fonts.missing_glyphs(re.sub(r"<[^>]+>", "", written))
    if missing:
        raise CheckFailed(
            Finding(
                code="chart.missing-glyph",
                where=f"chart {record['id']} ({record['lang']})",
                expected=f"glyphs of {FAMILY}",
                found=" ".join(missing),
                done="nothing was published",
                lang=record["lang"],
            )
        )


def _shown(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)


def _table(data: Mapping[str, Any]) -> str:
    head = "".join(f'<th scope="col">{escape(column)}</th>' for column in data["columns"])
    rows = []
    for row in data["rows"]:
        cells = "".join(
            f"<td{' class=num' if isinstance(cell, int | float) else ''}>{escape(_shown(cell))}</td>" for cell in row
        )
        rows.append(f"<tr>{cells}</tr>")
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def _csv(data: Mapping[str, Any]) -> str:
    """The plotted data, with a byte order mark: without it Excel reads Chinese as noise."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(data["columns"])
    writer.writerows([_shown(cell) for cell in row] for row in data["rows"])
    return "\ufeff" + out.getvalue()
