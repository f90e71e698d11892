"""The directive ``{receipts}`` behind the numbers, and what every directive shares.

Each is built from the edition's ledger, so that what a reader taps in a sentence is what the sentence printed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from recount.site.entries import tell_apart
from recount.site.labels import LABELS
from recount.site.roles import read_beside
from recount.verdicts import WORDS

Ledger = Mapping[str, Any]
OPERATORS = {"<": "<", "<=": "≤", ">": ">", ">=": "≥", "==": "=", "=": "=", "!=": "≠"}


def link(text: str, target: str, *classes: str) -> nodes.reference:
    """A link in the book, or out of it where the target is an address."""
    inner = nodes.inline(text, text, classes=list(classes))
    return nodes.reference("", "", inner, refuri=target, internal=not target.startswith("http"))


def row_anchor(row: str) -> str:
    return "r-" + row.replace("/", "-", 1)


class LedgerDirective(SphinxDirective):
    """What the directives share: the ledger, the language, and small pieces of pages."""

    has_content = False

    def run(self) -> list[nodes.Node]:
        self.lang: str = self.config.recount_lang
        self.words = LABELS[self.lang]
        self.ledger: Ledger = read_beside(self.env, self.config.recount_ledger)
        made = self.build()
        tell_apart(made)
        return made

    def build(self) -> list[nodes.Node]:
        raise NotImplementedError

    def label(self, thing: Mapping[str, Any], fallback: str) -> str:
        return ((thing.get("label") or {}).get(self.lang)) or fallback

    def chapter(self, stem: str) -> nodes.Node:
        short = self.config.recount_sections.get(stem.partition("_")[2])
        if stem not in self.config.recount_titles:
            return nodes.Text(short or stem)
        return link(short or self.config.recount_titles[stem], f"{stem}.html")

    def join(self, pieces: Iterable[nodes.Node]) -> list[nodes.Node]:
        out: list[nodes.Node] = []
        for piece in pieces:
            out += [nodes.Text(self.words["comma"]), piece] if out else [piece]
        return out

    def facts(self, pairs: Iterable[tuple[str, list[nodes.Node]]]) -> nodes.field_list:
        """A list of named facts; a fact without content is left out."""
        fields = nodes.field_list(classes=["recount-facts"])
        for name, content in pairs:
            if content:
                fields += nodes.field(
                    "", nodes.field_name("", name), nodes.field_body("", nodes.paragraph("", "", *content))
                )
        return fields

    def item(self, anchor: str, term: list[nodes.Node], *body: nodes.Node) -> nodes.definition_list_item:
        return nodes.definition_list_item("", nodes.term("", "", *term, ids=[anchor]), nodes.definition("", *body))

    def section(self, anchor: str, title: str, *body: nodes.Node) -> nodes.section:
        section = nodes.section("", nodes.title("", title), *body, ids=[anchor], names=[])
        section.source, section.line = self.get_source_info()
        return section

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
        text = f"{self.called(name, value)}{self.words['stop']}{self.shown(value)}" if value else name
        return link(text, f"receipts.html#v-{name}") if value else nodes.Text(name)

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


class Receipts(LedgerDirective):
    """Every value, comparison and cited row of the edition, each with its anchor."""

    def build(self) -> list[nodes.Node]:
        self.judged: dict[str, list[str]] = {}
        for name, claim in self.ledger["claims"].items():
            for value in claim.get("by") or ():
                self.judged.setdefault(value, []).append(name)
        values, predicates = self.ledger["values"], self.ledger["predicates"]
        out: list[nodes.Node] = []
        for stem in sorted({thing["notebook"] for thing in (*values.values(), *predicates.values())}):
            listing = nodes.definition_list(classes=["recount-receipts"])
            listing += [self.value(name, value) for name, value in sorted(values.items()) if value["notebook"] == stem]
            listing += [
                self.predicate(name, each) for name, each in sorted(predicates.items()) if each["notebook"] == stem
            ]
            title = self.config.recount_titles.get(stem, stem)
            out.append(self.section(f"receipts-{stem}", title, listing))
        tables: dict[str, list[tuple[str, Mapping[str, Any]]]] = {}
        for name, row in sorted(self.ledger["rows"].items()):
            tables.setdefault(row["table"], []).append((name, row))
        for table, rows in tables.items():
            listing = nodes.definition_list(classes=["recount-receipts"])
            listing += [self.row(name, row) for name, row in rows]
            title = f"{self.words['rows']}{self.words['stop']}{self.config.recount_tables.get(table, table)}"
            out.append(self.section(f"rows-{table}", title, *self.described(table), listing))
        return out

    def described(self, table: str) -> list[nodes.Node]:
        """The way to what a table's columns mean, where the data page has it."""
        if all(each["name"] != table for each in read_beside(self.env, "package.json")["tables"]):
            return []
        return [nodes.paragraph("", "", link(self.words["columns"], f"data.html#t-{table}"))]

    def value(self, name: str, value: Mapping[str, Any]) -> nodes.definition_list_item:
        rows = value.get("rows") or []
        known = self.ledger["rows"]
        cited = [known[row]["source"] for row in rows if row in known]
        shown = nodes.strong("", self.shown(value), classes=["recount-shown"])
        waits = [f"{each['row']} ({each['known_from']})" for each in value.get("waits_for") or ()]
        kind = [nodes.Text(self.words["assumption"])] if value.get("assumption") else []
        facts = self.facts(
            [
                (
                    self.words["formula"],
                    (self.text((value.get("formula") or {}).get(self.lang)) if value.get("label") else []) + kind,
                ),
                (self.words["inputs"], self.join(self.input(each) for each in value.get("inputs") or ())),
                (
                    self.words["rows"],
                    self.join(
                        link(known[row]["title"][self.lang] if row in known else row, f"#{row_anchor(row)}")
                        for row in rows
                    ),
                ),
                (self.words["sources"], self.join(self.source_link(each) for each in dict.fromkeys(cited))),
                (self.words["waits_for"], self.text(self.words["comma"].join(waits))),
                (
                    self.words["claims"],
                    self.join(
                        nodes.inline(
                            "",
                            "",
                            self.claim_link(each),
                            nodes.Text(self.words["stop"]),
                            self.verdict(self.ledger["claims"][each]),
                        )
                        for each in self.judged.get(name, ())
                    ),
                ),
                (self.words["id"], self.code(name)),
            ]
        )
        called = nodes.Text(self.called(name, value) + self.words["stop"])
        return self.item(f"v-{name}", [called, shown], facts)

    def input(self, name: str) -> nodes.Node:
        return self.claim_link(name[6:]) if name.startswith("claim:") else self.value_link(name)

    def predicate(self, name: str, each: Mapping[str, Any]) -> nodes.definition_list_item:
        said = {True: self.words["yes"], False: self.words["no"], None: self.words["unknown"]}[each["holds"]]
        sides = [
            self.side(each["left"]),
            nodes.Text(f" {OPERATORS.get(each['op'], each['op'])} "),
            self.side(each["right"]),
        ]
        shown = (each.get("shown") or {}).get(self.lang)
        facts = self.facts([(self.words["formula"], sides), (self.words["id"], self.code(name))])
        term = [nodes.Text((shown or name) + self.words["stop"]), nodes.strong("", said)]
        return self.item(f"p-{name}", term, facts)

    def side(self, side: object) -> nodes.Node:
        name = str(side)
        if name.startswith("claim:"):
            return self.claim_link(name[6:])
        return self.value_link(name)

    def row(self, name: str, row: Mapping[str, Any]) -> nodes.definition_list_item:
        head, text = (0, 2) if self.lang == "zh" else (1, 3)
        cells = [(cell[head], self.text(cell[text])) for cell in row["cells"]]
        facts = self.facts(
            [
                *cells,
                (self.words["beside"], self.text((row.get("note") or {}).get(self.lang))),
                (self.words["confidence"], self.text(self.words.get(row.get("confidence") or "", ""))),
                (self.words["source"], [self.source_link(row["source"])] if row.get("source") else []),
                (self.words["id"], self.code(name)),
            ]
        )
        return self.item(row_anchor(name), [nodes.Text(row["title"][self.lang])], facts)
