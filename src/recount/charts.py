"""Charts: what makes a picture publishable (a finding, alt text, data, source, glyphs) and one look for all.

Notebooks emit specifications; static twins are drawn at assembly by one warm process.
"""

from __future__ import annotations

import io
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from recount import fonts
from recount.bound import BoundText
from recount.errors import BadInput, Finding, WrongUse
from recount.package import blank
from recount.tooltips import Written, write_tooltips

if TYPE_CHECKING:
    import pandas as pd

    from recount.project import Project

# Okabe and Ito's colours, distinguishable with colour-blind eyes; grey carries, one accent speaks.
GREY, ACCENT, BLUE, GREEN, ORANGE = "#8a8f98", "#d55e00", "#0072b2", "#009e73", "#e69f00"
INK, RULE = "#3c4043", "#d9dce0"
FAMILY = "Noto Sans SC"
# A matplotlib figure wider than this, in inches, is laid out once more for a phone's column.
PHONE = 3.55

ALTAIR_CONFIG: dict[str, Any] = {
    "font": f"{FAMILY}, sans-serif",
    "background": "transparent",
    "view": {"stroke": None},
    "axis": {"labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": "normal", "gridColor": RULE,
             "domainColor": GREY, "tickColor": GREY, "labelColor": INK, "titleColor": INK, "labelLimit": 260},
    "axisX": {"labelAngle": 0},
    "legend": {"labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": "normal", "orient": "top",
               "labelColor": INK, "titleColor": INK},
    "header": {"labelFontSize": 12, "labelColor": INK},
    "text": {"fontSize": 12, "color": INK},
    "bar": {"color": GREY},
    "point": {"color": GREY, "filled": True, "size": 70},
    "range": {"category": [GREY, ACCENT, BLUE, GREEN, ORANGE]},
}

PLATE_NAME = re.compile(r"[a-z]+(-[a-z]+)*")


@dataclass(frozen=True)
class Plate:
    """The place on the newspaper page that a chart takes: there, a photograph stood.

    ``name`` becomes the anchor ``plate-NAME``; ``showed`` says, in our words, what the photograph is of; it
    follows a colon. Raises WrongUse for a name that is no anchor, or a text that is not bound.
    """

    name: str
    showed: BoundText

    def __post_init__(self) -> None:
        if not PLATE_NAME.fullmatch(self.name):
            raise WrongUse(Finding(code="plate.bad-name", where=f"plate {self.name!r}", expected="lower-case words: buses",
                                   found=self.name))
        if not isinstance(self.showed, BoundText) or not (self.showed.zh.strip() and self.showed.en.strip()):
            raise WrongUse(Finding(code="plate.no-text", where=f"plate {self.name}", expected="showed=desk.text(zh, en)",
                                   found=repr(self.showed)[:60]))


@lru_cache(maxsize=1)
def _prepared(project: Project) -> fonts.Fonts:
    return fonts.current(project)


def new_figure(project: Project, *, width: float, height: float) -> tuple[Any, Any]:
    """A matplotlib figure in the book's type; missing glyphs are errors from here on."""
    import matplotlib

    fonts.for_matplotlib(_prepared(project))
    matplotlib.rcParams.update({
        "axes.spines.top": False, "axes.spines.right": False, "axes.edgecolor": GREY, "axes.labelcolor": INK,
        "xtick.color": INK, "ytick.color": INK, "text.color": INK, "font.size": 9.5, "axes.grid": False,
        "svg.fonttype": "none", "figure.dpi": 100, "legend.frameon": False,
    })
    from matplotlib.figure import Figure

    # Not pyplot: no global state, nothing for the inline backend to draw a second time.
    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, figure.subplots()


def chart_record(id: str, chart: Any, *, data: pd.DataFrame, title: BoundText, alt: BoundText, unit: tuple[str, str],
                 lang: str, sources: list[str], project: Project, plate: Plate | None = None, narrow: Any = None,
                 written: Mapping[str, Written] | None = None) -> dict[str, Any]:
    """Everything the book needs of one chart, as plain data.

    ``narrow`` is the chart as a phone gets it, where its layout there cannot be derived: a matplotlib figure is
    laid out again by itself, and an Altair chart drawn again at assembly. ``written`` names the units of the
    fields that tooltips show (see `recount.tooltips`).

    The text of a ``plate`` is carried in both languages: it names a place on the paper's page, and the record of
    either language can list it.

    Raises BadInput: no title or alt (``chart.no-title``, ``chart.no-alt``), no plotted rows, no source, a
    character that the book's font cannot draw (``glyph.missing``), or a narrow chart of another kind.
    """
    def refuse(code: str, expected: str, found: str) -> None:
        raise BadInput(Finding(code=code, where=f"chart {id}", expected=expected, found=found))

    for what, text in (("title", title), ("alt", alt)):
        if not isinstance(text, BoundText) or not text.in_lang(lang).strip():
            refuse(f"chart.no-{what}", f"{what}=desk.text(zh, en)", repr(text)[:60])
    if data is None or not len(data):
        refuse("chart.no-data", "data= the plotted rows", "none")
    if not sources:
        refuse("chart.no-source", "of= the rows behind the chart", "no row with a source")
    is_figure = hasattr(chart, "savefig")
    if not is_figure and not hasattr(chart, "to_dict"):
        refuse("chart.no-chart", "an Altair chart or a matplotlib figure", repr(chart)[:60])
    if narrow is not None and not hasattr(narrow, "savefig" if is_figure else "to_dict"):
        refuse("chart.narrow", "narrow= a chart of the same kind", repr(narrow)[:60])
    said = unit[0] if lang == "zh" else unit[1]
    specs = [] if is_figure else [
        write_tooltips(_spec(each), written=written or {}, unit=said, lang=lang, where=f"chart {id}")
        for each in (chart, narrow) if each is not None]
    figures = [each for each in (chart, narrow) if each is not None] if is_figure else []
    drawn = [text for spec in specs for text in _strings(spec)] + [
        text.get_text() for figure in figures for text in figure.findobj(_is_text)]
    missing = _prepared(project).missing_glyphs("".join([*drawn, title.in_lang(lang)]))
    if local := list(dict.fromkeys(field for spec in specs for field in _local_times(spec))):
        refuse("chart.local-time", "dates in UTC: scale=alt.Scale(type='utc'), and :N in tooltips", ", ".join(local))
    if missing:
        refuse("glyph.missing", f"characters of {FAMILY}", " ".join(missing))
    try:
        svgs = [_svg(figure, f"{id}-narrow" if place else id) for place, figure in enumerate(figures)]
        if len(svgs) == 1:
            svgs += _narrowed(chart, f"{id}-narrow")
    except UserWarning as warning:  # a text that only drawing makes: a tick label of a formatter
        if "missing from font" not in str(warning):
            raise
        refuse("glyph.missing", f"characters of {FAMILY}", str(warning))
    spec, svg = specs[0] if specs else None, svgs[0] if svgs else None
    other = (specs or svgs)[1:]
    joint = "、" if lang == "zh" else ", "
    shown = joint.join(sources[:4]) + ({"zh": f"等{len(sources)}个来源", "en": f" and {len(sources) - 4} more"}[lang]
                                       if len(sources) > 4 else "")
    return {
        "record": "chart", "id": id, "lang": lang, "engine": "matplotlib" if is_figure else "altair",
        "title": title.in_lang(lang), "alt": alt.in_lang(lang), "unit": said,
        "source": f"来源：{shown}" if lang == "zh" else f"Source: {shown}", "spec": spec, "svg": svg,
        "data": {"columns": [str(column) for column in data.columns],
                 "rows": [[_cell(cell) for cell in row] for row in data.itertuples(index=False)]},
        "used": list(dict.fromkeys([*title.ids, *alt.ids, *(plate.showed.ids if plate else ())])),
        "typed": {"title": title.template(lang), "alt": alt.template(lang),
                  "labels": [label for figure in figures for label in _labels(figure)], **({"plate": plate.showed.template(lang)} if plate else {})},
        **({"narrow": other[0]} if other else {}),
        **({"plate": {"name": plate.name, "zh": plate.showed.zh, "en": plate.showed.en}} if plate else {}),
    }


def picture(record: dict[str, Any], project: Project) -> str:
    """The chart as an editor sees it in JupyterLab, drawn as the page's static twin is.

    Empty for an Altair chart in a run of the book: there one warm process draws them all at assembly.
    """
    if record["svg"] or os.environ.get("RECOUNT_RUN"):
        return record["svg"] or ""
    import vl_convert

    vl_convert.register_font_directory(str(_prepared(project).regular.parent))
    spec = record["spec"]
    return vl_convert.vegalite_to_svg({**spec, "width": 640} if spec.get("width") == "container" else spec)


def _spec(chart: Any) -> dict[str, Any]:
    spec = chart.to_dict()
    # The title is the figure's caption, in the page's type, where search and screen readers find it.
    spec.pop("title", None)
    config = {**ALTAIR_CONFIG, **{key: value for key, value in spec.get("config", {}).items() if key != "view"}}
    return {**spec, "config": config}


def _local_times(node: Any) -> list[str]:
    """Fields drawn in the reader's time zone: west of Greenwich, a date would show as the day before."""
    if isinstance(node, list):
        return [field for child in node for field in _local_times(child)]
    if not isinstance(node, dict):
        return []
    found = [field for key, child in node.items() if key not in ("datasets", "data") for field in _local_times(child)]
    if node.get("type") == "temporal":
        scale = node.get("scale") or {}
        if scale.get("type") != "utc" and not str(node.get("timeUnit", "")).startswith("utc"):
            found.append(str(node.get("field")))
    return found


def _narrowed(figure: Any, id: str) -> list[str]:
    """A wide figure laid out again for a phone: the same height and letters, in half the width."""
    width, height = figure.get_size_inches()
    if width <= PHONE:
        return []
    figure.set_size_inches(PHONE, height)
    try:
        return [_svg(figure, id)]
    finally:
        figure.set_size_inches(width, height)


def _svg(figure: Any, id: str) -> str:
    import matplotlib

    buffer = io.StringIO()
    # One salt per chart: two inlined figures with one salt would share ids and clip each other. Letters stay
    # letters: as outlines a chart weighs ten times as much, and nobody can select or search it.
    with matplotlib.rc_context({"svg.hashsalt": id, "svg.fonttype": "none"}):
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None}, transparent=True)
    text = buffer.getvalue()
    # The id salt covers clip paths and markers; the ids of groups are numbers, equal in every figure.
    prefix = re.sub(r"[^a-z0-9]+", "-", id)
    text = re.sub(r'id="([^"]+)"', rf'id="{prefix}-\1"', text)
    text = re.sub(r'(xlink:href="#|href="#|url\(#)', rf"\1{prefix}-", text)
    return text[text.index("<svg"):]


def _is_text(artist: Any) -> bool:
    from matplotlib.text import Text

    return isinstance(artist, Text)


def _strings(node: Any) -> list[str]:
    """Every string in a specification, data included: what might be drawn."""
    if isinstance(node, str):
        return [node]
    if isinstance(node, dict):
        return [text for key, child in node.items() if key not in ("$schema", "config") for text in _strings(child)]
    if isinstance(node, list):
        return [text for child in node for text in _strings(child)]
    return []


def _labels(figure: Any) -> list[str]:
    """The axis labels and titles that an author typed; tick labels come from the data."""
    found = []
    for axes in figure.axes:
        found += [axes.get_xlabel(), axes.get_ylabel(), axes.get_title()]
        legend = axes.get_legend()
        found += [legend.get_title().get_text()] if legend else []
    return [text for text in found if text]


def _cell(cell: Any) -> Any:
    if blank(cell):
        return None
    if hasattr(cell, "item"):
        cell = cell.item()
    return cell if isinstance(cell, bool | int | float | str) else str(cell)
