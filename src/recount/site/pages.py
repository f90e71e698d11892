"""Pages mended: what the theme gets wrong for readers who are on a phone, offline, blind, or Chinese.

Each fix answers a finding of an audit of the stock pages; the theme is locked, so an exact text is safe to
match, and `recount.site.checks` fails the build if a fix no longer takes.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

from recount.site import cards
from recount.site.labels import LABELS, THEME_ZH
from recount.site.machines import head_of, mirrors_of
from recount.site.markup import make_valid
from recount.site.mirrors import mark_mirrors
from recount.site.page_labels import PAGE_LABELS
from recount.site.policy import mend_doctools
from recount.site.search import mend_script
from recount.site.stylesheets import OneSheet, thin_theme

STATIC = Path(__file__).parent / "static"
UNPUBLISHED = (
    ".buildinfo",
    "objects.inv",
    "_static/scripts/fontawesome.js",
    "_static/scripts/fontawesome.js.LICENSE.txt",
    "_static/documentation_options.js",
    "_static/draft.css",
    "_static/epub.css",
    "_static/print.css",
    "_static/front.js",
    "_static/front.css",
    "_static/webpack-macros.html",
    "_static/sbt-webpack-macros.html",
)


def dress(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Give a page its description, its switches and its edition."""
    config = app.config
    context["recount_switch"] = config.recount_switch
    context["recount_labels"] = LABELS[config.recount_lang]
    context["recount_page_labels"] = PAGE_LABELS[config.recount_lang]
    context["recount_draft"] = config.recount_draft
    if (
        "charts.js" not in str(context.get("script_files"))
        and doctree is not None
        and any("recount-chart" in raw.astext() for raw in doctree.findall(nodes.raw))
    ):
        app.add_js_file("charts.js", loading_method="defer")
    context["metatags"] = context.get("metatags", "") + head_of(app, pagename, context.get("title", ""), doctree)


def mend(app: Sphinx, exception: Exception | None) -> None:
    """Mend the finished output: pages, stylesheet, search, and files that are not for publication."""
    if exception or app.builder.format != "html":
        return
    out, lang = Path(app.outdir), app.config.recount_lang
    thin_theme(out, own={path.name for path in STATIC.glob("*.css")})
    sheet = OneSheet(out)
    options = (out / "_static" / "documentation_options.js").read_text("utf-8")
    reposts = mirrors_of(Path(app.srcdir))
    for page in sorted(out.glob("*.html")):
        mended = mark_mirrors(mend_page(page.read_text("utf-8"), lang=lang), reposts)
        if page.name != "search.html":  # the index of the whole book is for the page that asks it
            mended = re.sub(
                r'\s*<script[^>]*src="(?:_static/searchtools|_static/language_data|searchindex)\.js"></script>',
                "",
                mended,
            )
        # Needed by the next line of the page, so that it would be waited for: it stands there itself.
        mended = re.sub(r'<script src="_static/documentation_options\.js[^>]*></script>', lambda _: f"<script>{options}</script>", mended)
        page.write_text(sheet.on(make_valid(mended)), "utf-8")
    sheet.drop_parts()
    for folder in ("charts", "embed", cards.FOLDER):  # beside the pages, as they are
        if Path(app.srcdir, folder).is_dir():
            shutil.copytree(Path(app.srcdir, folder), out / folder, dirs_exist_ok=True)
    mend_script(out / "_static" / "searchtools.js")
    mend_doctools(out / "_static" / "doctools.js")
    for name in UNPUBLISHED:
        (out / name).unlink(missing_ok=True)
    for pattern in ("*.map", "*.po", "*.mo"):
        for path in out.rglob(pattern):
            path.unlink()
    for folder in ("_static/locales", "_static/images", "_sources"):
        shutil.rmtree(out / folder, ignore_errors=True)


def mend_page(page: str, *, lang: str) -> str:
    """One page of the theme, made right.

    >>> mend_page('<summary aria-label="Toggle hidden content">', lang="en")
    '<summary>'
    """
    zh = lang == "zh"
    # 1.5 MB of script for icons that the web font already draws.
    page = re.sub(r'\s*<script[^>]*src="[^"]*fontawesome\.js[^"]*"></script>', "", page)
    # Scripts that are fetched before anything is shown, for what nobody needs before.
    page = re.sub(r'<link rel="preload" as="script"[^>]*>\s*', "", page)
    page = page.replace('<meta name="viewport" content="width=device-width, initial-scale=1"/>', "")
    page = page.replace('<summary aria-label="Toggle hidden content">', "<summary>")
    # The arrow of a part of the contents says nothing to who does not see it.
    page = page.replace('<summary><span class="toctree-toggle"',
                        f'<summary aria-label="{"展开下级各页" if zh else "Show the pages below"}"><span class="toctree-toggle"')
    # Folded code is no warning box.
    page = page.replace('<details class="admonition hide ', '<details class="hide ')
    page = re.sub(r'<p class="(collapsed|expanded) admonition-title">', r'<p class="\1">', page)
    # Names that differ from the words shown confuse whoever steers by voice.
    page = re.sub(r'(<button class="btn search-button-field[^>]*?) title="[^"]*" aria-label="[^"]*"', r"\1", page)
    page = re.sub(r'(<i class="theme-switch[^>]*?) title="[^"]*"', r'\1 aria-hidden="true"', page)
    page = re.sub(r' data-bs-title="[^"]*"', "", page)
    page = page.replace(
        '<div class="sidebar-primary-items__start sidebar-primary__section">',
        '<div class="sidebar-primary-items__start sidebar-primary__section" role="navigation" '
        f'aria-label="{"本书" if zh else "Book"}">',
    )
    # In print the theme hides the real title and shows this one, so it stays, as a paragraph.
    page = re.sub(
        r'(<div id="jb-print-docs-body" class="onlyprint">\s*)<h1>(.*?)</h1>',
        r'\1<p class="print-title">\2</p>',
        page,
        count=1,
        flags=re.DOTALL,
    )
    page = page.replace("<th></th>", "<td></td>")
    page = re.sub(
        r'<script src="((?!_static/documentation_options)[^"]+)"></script>', r'<script defer src="\1"></script>', page
    )
    # `#` as home: the theme's logo link of the front page.
    page = page.replace('<a class="navbar-brand logo" href="#">', '<a class="navbar-brand logo" href="index.html">')
    if zh:
        for english, chinese in THEME_ZH.items():
            page = page.replace(f'"{english}"', f'"{chinese}"').replace(f">{english}<", f">{chinese}<")
    return re.sub(r"[ \t]+\n", "\n", page)
