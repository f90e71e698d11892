"""What every directive of the book shares: the ledger, the language, and the small pieces that pages are made of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from docutils import nodes
from sphinx.config import Config
from sphinx.util.docutils import SphinxDirective

from recount.site.entries import tell_apart
from recount.site.labels import LABELS
from recount.site.roles import read_beside
from recount.verdicts import WORDS
from recount.words import receipt_address

Ledger = Mapping[str, Any]
Content = list[nodes.Node]  # inline nodes, or paragraphs
# Of every list of entries. Without "simple", which docutils gives only where no entry is long, the theme takes a list
# for the signature of a function and indents and shades what is in it.
RECEIPTS = ["recount-receipts", "simple"]


def link(text: str, target: str, *classes: str) -> nodes.reference:
    """A link in the book, or out of it where the target is an address."""
    inner = nodes.inline(text, text, classes=list(classes))
    return nodes.reference("", "", inner, refuri=target, internal=not target.startswith("http"))


def row_anchor(row: str) -> str:
    return "r-" + row.replace("/", "-", 1)


def row_address(row: str) -> str:
    return f"rows.html#{row_anchor(row)}"


class Pieces:
    """Pieces of pages, from a ledger and the settings of the book; the same for directives and for notes."""

    def read(self, config: Config, ledger: Ledger) -> None:
        self.lang: str = config.recount_lang
        self.words = LABELS[self.lang]
        self.titles: Mapping[str, str] = config.recount_titles
        self.sections: Mapping[str, str] = config.recount_sections
        self.ledger = ledger

    def label(self, thing: Mapping[str, Any], fallback: str) -> str:
        return ((thing.get("label") or {}).get(self.lang)) or fallback

    def chapter_name(self, stem: str) -> str:
        return self.sections.get(stem.partition("_")[2]) or self.titles.get(stem, stem)

    def chapter(self, stem: str) -> nodes.Node:
        name = self.chapter_name(stem)
        return link(name, f"{stem}.html") if stem in self.titles else nodes.Text(name)

    def join(self, pieces: Iterable[nodes.Node]) -> list[nodes.Node]:
        out: list[nodes.Node] = []
        for piece in pieces:
            out += [nodes.Text(self.words["comma"]), piece] if out else [piece]
        return out

    def facts(self, pairs: Iterable[tuple[str, Content]]) -> nodes.field_list:
        """A list of named facts; a fact without content is left out."""
        fields = nodes.field_list(classes=["recount-facts"])
        for name, content in pairs:
            if content:
                body = content if isinstance(content[0], nodes.paragraph) else [nodes.paragraph("", "", *content)]
                fields += nodes.field("", nodes.field_name("", name), nodes.field_body("", *body))
        return fields

    def item(self, anchor: str, term: list[nodes.Node], *body: nodes.Node) -> nodes.definition_list_item:
        ids = [anchor] if anchor else []
        return nodes.definition_list_item("", nodes.term("", "", *term, ids=ids), nodes.definition("", *body))

    def verdict(self, claim: Mapping[str, Any]) -> nodes.inline:
        word = WORDS[self.lang][claim["verdict"]]
        return nodes.inline(word, word, classes=["recount-verdict", f"verdict-{claim['verdict']}"])

    def claim_link(self, name: str) -> nodes.Node:
        claim = self.ledger["claims"].get(name)
        text = claim["shown"][self.lang]["full"] if claim else name
        return link(text, f"09_ledger.html#c-{name}", "recount-claim")

    def called(self, name: str, value: Mapping[str, Any]) -> str:
        """What a value is called: its label, else how it is made, else its id."""
        return self.label(value, (value.get("formula") or {}).get(self.lang) or name)

    def value_link(self, name: str) -> nodes.Node:
        value = self.ledger["values"].get(name)
        if not value:
            return nodes.Text(name)
        return link(f"{self.called(name, value)}{self.words['stop']}{self.shown(value)}",
                    receipt_address("v", name, value))

    def shown(self, value: Mapping[str, Any]) -> str:
        if value["kind"] == "unknown":
            return self.words["unknown"]
        return value["shown"][self.lang]["full"]

    def source_link(self, name: str) -> nodes.Node:
        source = self.ledger["sources"].get(name)
        return link(source["title"] if source else name, f"sources.html#s-{name}")

    def code(self, name: str) -> list[nodes.Node]:
        return [nodes.literal(name, name)]

    def text(self, words: str | None) -> list[nodes.Node]:
        return [nodes.Text(words)] if words else []


class LedgerDirective(SphinxDirective, Pieces):
    """A directive that prints something of the edition's ledger."""

    has_content = False

    def run(self) -> list[nodes.Node]:
        self.read(self.config, read_beside(self.env, self.config.recount_ledger))
        made = self.build()
        tell_apart(made)
        return made

    def build(self) -> list[nodes.Node]:
        raise NotImplementedError

    def section(self, anchor: str, title: str, *body: nodes.Node) -> nodes.section:
        section = nodes.section("", nodes.title("", title), *body, ids=[anchor], names=[])
        section.source, section.line = self.get_source_info()
        return section
