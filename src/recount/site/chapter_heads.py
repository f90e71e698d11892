"""The head of a chapter: a kicker above its title, its first paragraph as the deck, and the notebook's by-line.

A newspaper says who wrote a story; here a notebook did, so the by-line says which, how much it computed, how
much of the feature it judges, from how many pages, and as of which day.
"""

from __future__ import annotations

import re
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

from recount.periods import spell
from recount.site.directive import Pieces, link
from recount.site.roles import load_beside
from recount.words import receipts_page

CHAPTER = re.compile(r"\d\d_\w+")
TITLE = re.compile(r"<h1>.*?</h1>", re.DOTALL)
DECK = re.compile(r"\s*<p>(?P<text>.*?)</p>", re.DOTALL)


class Head(Pieces):
    """What stands around the title of one chapter."""

    def __init__(self, stem: str) -> None:
        self.stem = stem

    def kicker(self) -> nodes.paragraph:
        """The section of the feature, where the chapter is about one, and the edition."""
        edition = self.ledger["edition"]["title"][self.lang]
        section = self.sections.get(self.stem.partition("_")[2])
        return nodes.paragraph("", f"{section} · {edition}" if section else edition, classes=["recount-kicker"])

    def byline(self) -> nodes.paragraph:
        own = [value for value in self.ledger["values"].values() if value["notebook"] == self.stem]
        claims = [claim for claim in self.ledger["claims"].values() if claim["notebook"] == self.stem]
        rows = {row for value in own for row in value.get("rows") or () if row in self.ledger["rows"]}
        pages = {self.ledger["rows"][row]["source"] for row in rows}
        counted = self.words["byline_stop"].join(
            self.counted(f"byline_{what}", len(found))
            for what, found in (("values", own), ("claims", claims), ("pages", pages)) if found)
        day = spell(str(self.ledger["edition"]["as_of"]), self.lang)
        return nodes.paragraph(
            "", "", nodes.Text(self.words["notebook"] + self.words["stop"]),
            link(self.stem, f"{receipts_page(self.stem)}.html"),
            *(nodes.Text(f" · {said}") for said in (counted, self.words["as_of"].format(day)) if said), classes=["recount-byline"])

    def counted(self, label: str, count: int) -> str:
        one, _, more = self.words[label].partition("|")
        return (more if more and count != 1 else one).format(count)


def dress(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Put kicker, deck and by-line around the title of a chapter."""
    if doctree is None or app.builder.name != "html" or not CHAPTER.fullmatch(pagename):
        return
    body = context.get("body") or ""
    title = TITLE.search(body)
    if not title:
        return
    head = Head(pagename)
    head.read(app.config, load_beside(app.srcdir, app.config.recount_ledger))
    kicker, byline = (app.builder.render_partial(part)["fragment"] for part in (head.kicker(), head.byline()))
    after = body[title.end() :]
    deck = DECK.match(after)
    lead = f'\n<p class="recount-deck">{deck["text"]}</p>' if deck else ""
    context["body"] = (f"{body[: title.start()]}{kicker}{title[0]}{lead}\n{byline}{after[deck.end() if deck else 0 :]}")
