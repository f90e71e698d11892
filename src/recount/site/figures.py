"""Figures: a chart record becomes a static SVG, the data a reader can take away, and the interactive spec.

The static twin is what loads, prints and works without a script; the rest comes when a reader asks for it.
"""

from __future__ import annotations

import html
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from recount.errors import CheckFailed, Finding
from recount.fonts import FAMILY, Fonts
from recount.periods import spell
from recount.site.chart_labels import CHART_LABELS
from recount.site.drawer import VEGA_LITE, Drawer
from recount.site.embed import EMBEDS, Place, embed_page, snippet
from recount.site.labels import LABELS
from recount.site.live import as_script, live_spec
from recount.site.narrow import WIDE, fitted, is_open_in_width, narrowed
from recount.site.picture import picture
from recount.site.plotted import as_csv, table
from recount.site.svg import own_ids, written

__all__ = ["VEGA_LITE", "Drawer", "Figure", "Place", "escape", "figure", "is_open_in_width", "own_ids"]

CHARTS = "charts"  # the folder beside the pages that holds the files of the charts


@dataclass(frozen=True)
class Figure:
    """A chart as the page takes it: HTML, and the files that stand beside the page, by path.

    ``pictures`` are the SVG of PNG files that are still to be drawn, which takes longer than all the rest.
    """

    id: str
    html: str
    csv: str
    files: Mapping[str, bytes] = field(default_factory=dict)
    pictures: Mapping[str, str] = field(default_factory=dict)

    @property
    def csv_path(self) -> str:
        return f"{CHARTS}/{self.id}.csv"


def figure(record: Mapping[str, Any], *, drawer: Drawer, place: Place | None = None) -> Figure:
    """The figure of a chart record: title first, then drawing, source line, data, files and the snippet to embed.

    A plate, a chart in the place of one of the page's photographs, says so above its title. Without a `place`
    the figure stands on no page of a book: it has its data, but no picture and no page of its own.

    Raises CheckFailed ``chart.missing-glyph`` where a letter of the drawing has no glyph: it would be a box.
    """
    name, lang = record["id"], record["lang"]
    drawings, specs = _drawings(record, drawer)
    _check_glyphs(record, [svg for _, svg in drawings], drawer.fonts)
    pictures = "".join(f'<div class="{kind}">{own_ids(svg, f"{name}-{kind}")}</div>' for kind, svg in drawings)
    words = CHART_LABELS[lang]
    files = {f"{CHARTS}/{name}.csv": as_csv(record["data"]).encode("utf-8")}
    images: dict[str, str] = {}
    source = _source(record)
    if place:
        svg = _picture(record, drawings[0][1], drawer=drawer, place=place)
        files[f"{CHARTS}/{name}.svg"], images[f"{CHARTS}/{name}.png"] = svg.encode("utf-8"), svg
        files[f"{EMBEDS}/{name}.html"] = embed_page(
            {**record, "title": _curled(record["title"])}, drawings, source=source, place=place).encode("utf-8")  # fmt: skip
    plate = record.get("plate")
    kind = "recount-chart recount-plate" if plate else "recount-chart"
    markup = (
        f'<figure class="{kind}" id="chart-{escape(name)}">'
        f"<figcaption>{_plate_label(plate, lang) if plate else ''}{escape(_curled(record['title']))}</figcaption>"
        f'<div class="chart-stage chart-art"{_spoken(words) if specs else ""}>'
        f'<div class="chart-plot" role="img" aria-label="{escape(record["alt"])}">{pictures}</div></div>'
        f'<p class="chart-source">{source}</p><div class="chart-foot">'
        f'<details class="chart-data"><summary>{words["data"]}</summary>'
        f'<div class="chart-table" tabindex="0" role="region" aria-label="{words["data"]}{LABELS[lang]["stop"]}'
        f'{escape(record["title"])}">{table(record["data"], lang)}</div></details>'
        f"{_more(record, drawings, [*files, *images], place=place)}</div>"
        f"{''.join(as_script(live_spec(spec), each) for each, spec in specs)}</figure>"
    )
    # A blank line would end the block of HTML where Markdown reads it.
    return Figure(name, re.sub(r"\n\s*\n", "\n", markup), as_csv(record["data"]), files, images)


def _drawings(record: Mapping[str, Any], drawer: Drawer) -> tuple[list[tuple[str, str]], list[tuple[str, dict[str, Any]]]]:
    """The drawings by class, wide and narrow or one for any width, and the specs that come alive in their places."""
    spec, narrow = record.get("spec"), record.get("narrow")
    if spec is None:
        if narrow:
            return [("chart-wide", record["svg"]), ("chart-narrow", narrow)], []
        return [("chart-any", record["svg"])], []
    wide = fitted(spec, WIDE) if is_open_in_width(spec) else dict(spec)
    small = narrowed(narrow or spec, draw=drawer.draw)
    if small == wide:
        return [("chart-any", drawer.draw(wide, None))], [("chart-any", wide)]
    specs = [("chart-wide", wide), ("chart-narrow", small)]
    return [(kind, drawer.draw(each, None)) for kind, each in specs], specs


def _picture(record: Mapping[str, Any], drawing: str, *, drawer: Drawer, place: Place) -> str:
    """The chart as it is taken away: with its title, source and what it was known by."""
    name, lang = record["id"], record["lang"]
    words = CHART_LABELS[lang]
    first = record["source"] + (f"{words['gap']}{_unit(record)}" if record.get("unit") else "")
    known = words["known"].format(edition=place.edition, day=spell(place.as_of, lang))
    return picture(drawing, name=name, title=_curled(record["title"]), lang=lang, measure=drawer.width,
                   notes=[_curled(first), f"{place.book}{words['gap']}{known}"])  # fmt: skip


def _more(record: Mapping[str, Any], drawings: list[tuple[str, str]], files: Collection[str], *,
          place: Place | None) -> str:  # fmt: skip
    """What can be taken away, in one fold: the files, and the code that shows the chart elsewhere."""
    name, words = escape(record["id"]), CHART_LABELS[record["lang"]]
    links = "".join(
        f'<a href="{CHARTS}/{name}.{kind}" download="">{words[kind]}</a>'
        for kind in ("csv", "svg", "png") if f"{CHARTS}/{record['id']}.{kind}" in files
    )  # fmt: skip
    embed = ""
    if place:
        code = escape(snippet({**record, "title": _curled(record["title"])}, drawings, place=place))
        embed = (
            f'<label class="recount-screen" for="embed-{name}">{words["snippet"]}</label><div class="chart-embed">'
            f'<input id="embed-{name}" type="text" readonly="" value="{code}" data-copy="{words["copy"]}" '
            f'data-copied="{words["copied"]}"/></div>'
            f'<p><a href="{EMBEDS}/{name}.html">{words["page"]}</a></p>'
        )
    stop = LABELS[record["lang"]]["stop"]
    return (
        f'<details class="chart-more"><summary>{words["more"] if place else words["files"]}</summary>'
        f'<p class="chart-files">{words["files"]}{stop}{links}</p>{embed}</details>'
    )


def _spoken(words: Mapping[str, str]) -> str:
    """What the script says to who reads the chart by keyboard, in the page's language."""
    return "".join(f' data-{key}="{escape(words[key])}"' for key in ("role", "keys", "point", "left"))


def _unit(record: Mapping[str, Any]) -> str:
    words = LABELS[record["lang"]]
    return f"{words['unit']}{words['stop']}{record['unit']}"


def _source(record: Mapping[str, Any]) -> str:
    """The source line, with the unit."""
    unit = f'<span class="chart-unit">{escape(_unit(record))}</span>' if record.get("unit") else ""
    return escape(_curled(record["source"])) + unit


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


def _curled(text: str) -> str:
    """Typed apostrophes as the sentences around a figure have them."""
    return re.sub(r"(?<=\w)'(?=\w)|(?<=s)'(?=\s)", "’", text)


def escape(text: object) -> str:
    return html.escape(str(text), quote=True)


def _check_glyphs(record: Mapping[str, Any], drawings: list[str], fonts: Fonts) -> None:
    missing = fonts.missing_glyphs("".join(written(svg) for svg in drawings))
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
