"""What the books share: the root page that leads to the reader's language, and the chart library."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

from recount.editions import LANGS, Edition
from recount.site.address import CODES, front_edition
from recount.site.figures import VEGA_LITE, escape
from recount.site.machines import NO_INDEX, front_head
from recount.site.page_labels import PAGE_LABELS
from recount.whole import write_whole

HERE = Path(__file__).parent

def write_front(site: Path, *, settings: Mapping[str, Any], editions: Sequence[Edition], cache: Path,
                draft: bool = False) -> None:
    """Write ``index.html`` and ``assets/`` into a site.

    The page works without a script and from a folder: its links are plain. A script of a few lines sends a
    reader on to the language of the browser.
    """
    assets = site / "assets"
    assets.mkdir(parents=True)
    for name in ("front.js", "front.css", "favicon.svg"):
        shutil.copyfile(HERE / "static" / name, assets / name)
    shutil.copyfile(chart_library(cache), assets / "vega.js")
    default = front_edition(settings["recount"], editions)
    blocks = []
    for lang in LANGS:
        own = settings["recount"][lang]
        links = "".join(
            f'<li><a href="{lang}/{each.name}/index.html"{" data-front" if each == default else ""}>'
            f'{escape(each.title(lang))}</a> <time datetime="{each.as_of}">{each.as_of}</time></li>'
            for each in editions
        )
        # The address itself, or that there is none, stands on that page.
        letters = (
            f'<p><a href="{lang}/{default.name}/corrections.html">{escape(PAGE_LABELS[lang]["corrections"])}</a></p>'
        )
        blocks.append(
            f'<section lang="{CODES[lang]}"><h2>{escape(own["title"])}</h2><ul>{links}</ul>{letters}</section>'
        )
    title = " · ".join(settings["recount"][lang]["title"] for lang in LANGS)
    (site / "index.html").write_text(
        '<!DOCTYPE html>\n<html lang="zh-CN">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n"
        f"{NO_INDEX if draft else front_head(settings, editions, title=title)}"
        '<link rel="icon" href="assets/favicon.svg" type="image/svg+xml">\n'
        '<link rel="stylesheet" href="assets/front.css">\n<script src="assets/front.js" defer></script>\n'
        f"</head>\n<body>\n<main>\n<h1>{escape(title)}</h1>\n" + "\n".join(blocks) + "\n</main>\n</body>\n</html>\n",
        "utf-8",
    )


def chart_library(cache: Path) -> Path:
    """Vega, Vega-Lite and Vega-Embed as one script, made from the locked package: no address is asked.

    In a function of its own, because bare it leaves names as short as `n` on the page; not a module, because
    those do not load from a folder.
    """
    path = cache / f"vega-{VEGA_LITE}-{metadata.version('vl-convert-python')}.js"
    if not path.is_file():
        import vl_convert

        bundle = vl_convert.javascript_bundle("window.vegaEmbed=vegaEmbed;", vl_version=VEGA_LITE)
        write_whole(path, "(()=>{" + bundle + "})();\n")
    return path
