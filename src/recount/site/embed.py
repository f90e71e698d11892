"""Embeds: a chart on a page of its own, in one file, and the snippet that puts it into somebody else's page.

The page holds everything it shows: no script, no other file. It stands beside the book's pages, in ``embed/``.
"""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from recount.periods import spell
from recount.site.chart_labels import CHART_LABELS
from recount.site.colours import page_style
from recount.site.svg import own_ids, size

EMBEDS = "embed"
AROUND = 190  # pixels that title, source and link take in a frame of a column's width
# Nothing runs and nothing loads: whoever frames the page lets in a picture.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
STYLE = """
:root { --text: #1c1c1c; --muted: #55595f; --link: #1d4f7c; color-scheme: light dark; }
@media screen and (prefers-color-scheme: dark) { :root { --text: #e6e9ec; --muted: #aeb4bc; --link: #8ec5f0; } }
body { margin: 0; padding: 14px 16px; background: var(--chart-ground); color: var(--text); font: 15px/1.5 system-ui, -apple-system, "Segoe UI", "Noto Sans SC", "PingFang SC", "Microsoft YaHei", sans-serif; }
main { max-width: 720px; margin: 0 auto; }
h1 { font-size: 1.12rem; line-height: 1.4; margin: 0 0 .6rem; }
svg text { text-rendering: geometricPrecision; }
svg { display: block; max-width: 100%; height: auto; margin: 0 auto; }
p { font-size: .84rem; line-height: 1.5; color: var(--muted); margin: .5rem 0 0; overflow-wrap: anywhere; }
a { color: var(--link); }
.chart-unit { margin-inline-start: 1em; }
.chart-narrow { display: none; }
@media (max-width: 600px) { .chart-wide { display: none; } .chart-narrow { display: block; } }
"""


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a chart stands: the page, the edition and its day, the book, and the address it is published at.

    ``address`` is ``recount: address:`` of `_config.yml` with the folder of this book, or empty.
    """

    page: str
    edition: str
    as_of: str
    book: str
    address: str = ""


def embed_page(record: Mapping[str, Any], drawings: Sequence[tuple[str, str]], *, source: str, place: Place) -> str:
    """The page of one chart. `drawings` are pairs of class and SVG, `source` the source line as HTML."""
    lang = record["lang"]
    words = CHART_LABELS[lang]
    name, title = record["id"], html.escape(record["title"])
    pictures = "".join(f'<div class="{kind}">{own_ids(svg, f"{name}-{kind}")}</div>' for kind, svg in drawings)
    day = spell(place.as_of, lang)
    return (
        f'<!DOCTYPE html>\n<html lang="{"zh-CN" if lang == "zh" else "en"}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n<meta name="robots" content="noindex">\n'
        f"<title>{title}</title>\n<style>\n{page_style()}{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n"
        f'<div class="chart-art" role="img" aria-label="{html.escape(record["alt"])}">{pictures}</div>\n'
        f'<p>{source}</p>\n<p><a href="../{place.page}#chart-{html.escape(name)}" target="_top">'
        f"{words['full'].format(html.escape(place.book))}</a>{words['gap']}"
        f"{words['known'].format(edition=html.escape(place.edition), day=day)}</p>\n</main>\n</body>\n</html>\n"
    )


def snippet(record: Mapping[str, Any], drawings: Sequence[tuple[str, str]], *, place: Place) -> str:
    """The iframe that shows the page of a chart elsewhere: absolute where the book's address is known."""
    height = max((round(size(svg)[1]) for _, svg in drawings), default=0) + AROUND
    return (
        f'<iframe src="{html.escape(place.address)}{EMBEDS}/{html.escape(record["id"])}.html" '
        f'title="{html.escape(record["title"])}" width="100%" height="{height}" style="border:0" loading="lazy"></iframe>'
    )
