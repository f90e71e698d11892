"""The Sphinx extension of the book: roles, directives, Chinese line breaks, search and the mending of pages.

Named in `_config.yml` as ``recount.site.extension``; the other modules of this package hold the parts.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.search import languages

from recount.site import chapter_heads, claims_list, highlighting, notes, pages, search
from recount.site.boxes import Beside, Pull
from recount.site.corrections import Contact, Corrections
from recount.site.dictionary import Dictionary
from recount.site.downloads import Downloads
from recount.site.frontpage import Chapters, Editions, Score
from recount.site.method import Kinds, Rounding, Rules
from recount.site.queue import Queue
from recount.site.ranked import Ranked
from recount.site.receipts import Receipts, Rows
from recount.site.roles import BoundRole, CellAnchors, JoinHan
from recount.site.search import ChineseByPairs, EnglishWithNumbers
from recount.site.sources import SourceKinds, Sources

HERE = Path(__file__).parent
DIRECTIVES = {
    "beside": Beside, "pull": Pull,
    "receipts": Receipts, "rows": Rows, "ranked": Ranked, "sources": Sources, "source-kinds": SourceKinds, "rules": Rules,
    "kinds": Kinds, "rounding": Rounding, "dictionary": Dictionary, "queue": Queue, "corrections": Corrections,
    "contact": Contact, "score": Score, "editions": Editions, "chapters": Chapters,
    "downloads": Downloads,
}  # fmt: skip


def add_own_files(app: Sphinx, config: Config) -> None:
    """Give Sphinx the package's templates and stylesheet.

    Not through `_config.yml`: Jupyter Book would load every script under a static path on every page, and an
    absolute path there would make the build depend on where it runs.
    """
    if config.recount_draft:
        app.add_css_file("draft.css")
    config.html_static_path.append(str(HERE / "static"))
    config.templates_path.append(str(HERE / "templates"))
    config.html_favicon = str(HERE / "static" / "favicon.svg")


def setup(app: Sphinx) -> dict[str, Any]:
    app.add_config_value("recount_ledger", "ledger.json", "env", str)
    app.add_config_value("recount_lang", "zh", "env", str)
    app.add_config_value("recount_draft", False, "env", bool)
    app.add_config_value("recount_titles", {}, "env", dict)
    app.add_config_value("recount_sections", {}, "env", dict)
    app.add_config_value("recount_tables", {}, "env", dict)
    app.add_config_value("recount_switch", {}, "env", dict)
    app.add_config_value("recount_machines", {}, "env", dict)
    # Jupyter Book sets this for an extension that the book does not load; unknown, it would be a warning.
    app.add_config_value("comments_config", {}, "", dict)
    for role in ("v", "claim", "holds"):
        app.add_role(role, BoundRole())
    for name, directive in DIRECTIVES.items():
        app.add_directive(name, directive)
    claims_list.setup(app)
    highlighting.setup(app)
    app.add_transform(CellAnchors)
    app.add_transform(JoinHan)
    languages["zh"], languages["en"] = ChineseByPairs, EnglishWithNumbers
    app.add_css_file("book.css")
    app.add_css_file("press.css")
    app.add_css_file("receipts.css")
    app.add_css_file("charts.css")
    app.add_js_file("folds.js", loading_method="defer")
    app.connect("config-inited", add_own_files)
    # Before the theme, which renders each template once and drops those that come out empty.
    app.connect("html-page-context", pages.dress, priority=100)
    app.connect("html-page-context", chapter_heads.dress, priority=105)
    app.connect("html-page-context", notes.append, priority=110)
    app.connect("html-page-context", search.keep_text)
    app.connect("build-finished", search.write_texts)
    app.connect("build-finished", pages.mend, priority=900)  # after the theme, which writes a sheet of its own then
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
