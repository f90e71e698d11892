"""Notes: under each page the receipts of the words it prints, for the panel on a screen and for paper.

A reader who taps a number sees its note in place (`static/receipts.js`); on paper the notes stand under the page
and each word bears the number of its note. Without a script a word is a link to the same receipt at its
permanent address. The notes are part of the page, because a page opened from a folder cannot fetch.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

from recount.site.labels import LABELS
from recount.site.receipt import ReceiptPieces
from recount.site.roles import load_beside

# A bound word as the theme writes it: a link that leads to a receipt or to the list of claims.
WORD = re.compile(r'<a class="recount-word reference internal" href="(?P<target>[^"#]*#(?P<kind>[vpc])-(?P<name>[^"]+))">')
# The notes last printed of each page: the ledger and the cells they were made from, their targets, and their HTML.
_printed: dict[str, tuple[Any, Any, list[tuple[str, str, str]], str]] = {}


class Notes(ReceiptPieces):
    """The notes of one page, in the order in which their words first stand there."""

    brief = True

    def __init__(self, page: str) -> None:
        self.page = page
        self.numbers: dict[str, int] = {}
        self.targets: list[tuple[str, str, str]] = []

    def number(self, body: str) -> str:
        """The page with the number of its note on each bound word; words that lead to this very page have none."""

        def marked(match: re.Match[str]) -> str:
            target = match["target"]
            if target.partition("#")[0] in ("", f"{self.page}.html"):
                return match[0]
            if target not in self.numbers:
                self.numbers[target] = len(self.numbers) + 1
                self.targets.append((target, match["kind"], html.unescape(match["name"])))
            return f'{match[0][:-1]} data-note="{self.numbers[target]}">'

        return WORD.sub(marked, body)

    def listing(self) -> nodes.section:
        """The notes as one numbered list."""
        title = nodes.paragraph("", self.words["notes"], classes=["recount-notes-title"])
        listing = nodes.enumerated_list(enumtype="arabic", prefix="", suffix=".")
        for number, (_, kind, name) in enumerate(self.targets, 1):
            receipt = {"v": self.value, "p": self.predicate, "c": self.claim}[kind](name)
            head = nodes.paragraph("", "", *self.title(receipt), classes=["recount-note-head"])
            listing += nodes.list_item("", head, receipt.facts, ids=[f"note-{number}"])
        return nodes.container("", title, listing, classes=["recount-notes"])


def append(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Number the bound words of a page and put their notes under it."""
    body = context.get("body")
    if doctree is None or app.builder.name != "html" or not body or "recount-word" not in body:
        return
    ledger, cells = load_beside(app.srcdir, app.config.recount_ledger), load_beside(app.srcdir, "cells.json")
    notes = Notes(pagename)
    notes.read(app.config, ledger)
    numbered = notes.number(body)
    if not notes.targets:
        return
    # Kept for who prints the page again: most edits of a draft leave its notes as they are.
    kept = _printed.get(pagename)
    if kept is None or kept[0] is not ledger or kept[1] is not cells or kept[2] != notes.targets:
        notes.open(cells)
        kept = _printed[pagename] = (ledger, cells, notes.targets, app.builder.render_partial(notes.listing())["fragment"])
    context["body"] = numbered + kept[3]
    words: Mapping[str, str] = LABELS[app.config.recount_lang]
    app.add_js_file("receipts.js", loading_method="defer", **{
        "data-close": words["close"], "data-receipt": words["receipt"], "data-permanent": words["permanent"]})
