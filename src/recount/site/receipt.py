"""A receipt: what a reader finds behind one number, printed claim or word of comparison.

The same pieces stand on the receipts page, where each has its permanent address, and in the notes of the page
that prints the number (`recount.site.notes`), where the lists of rows and sources are cut short.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from docutils import nodes

from recount.periods import spell
from recount.site.directive import Content, Pieces, link, row_address
from recount.site.page_labels import PAGE_LABELS
from recount.site.sources import kind_word

OPERATORS = {"<": "<", "<=": "≤", ">": ">", ">=": "≥", "==": "=", "=": "=", "!=": "≠"}
AT_MOST = 4  # rows, sources or inputs that a note names before it leads to the whole list


@dataclass(frozen=True)
class Receipt:
    """The head and the facts of one receipt; `said` is the answer in it that is set in bold.

    `head` is empty for a value that has no name beside its formula.
    """

    head: str
    said: str
    facts: nodes.field_list


class ReceiptPieces(Pieces):
    """Receipts of values, comparisons and claims.

    `anchors` are the cells that can be linked to, by notebook. `brief` cuts lists short.
    """

    anchors: Mapping[str, Sequence[str]]
    brief = False

    def open(self, anchors: Mapping[str, Sequence[str]]) -> None:
        """Take stock of what is judged by what, once for all receipts."""
        self.anchors = anchors
        self.judged: dict[str, list[str]] = {}
        for name, claim in self.ledger["claims"].items():
            for value in claim.get("by") or ():
                self.judged.setdefault(value, []).append(name)

    def title(self, receipt: Receipt) -> list[nodes.Node]:
        """The head of a receipt with its answer in bold."""
        named = self.text(f"{receipt.head}{self.words['stop']}" if receipt.head else "")
        return [*named, nodes.strong("", receipt.said, classes=["recount-shown"])]

    def value(self, name: str) -> Receipt:
        value = self.ledger["values"][name]
        rows = [row for row in value.get("rows") or () if row in self.ledger["rows"]]
        formula = (value.get("formula") or {}).get(self.lang)
        made: Content = self.text(formula)
        if value.get("assumption"):
            made += [nodes.Text((self.words["comma"] if made else "") + self.words["assumption"])]
        waits = [f"{each['row']} ({each['known_from']})" for each in value.get("waits_for") or ()]
        return Receipt(self.label(value, ""), self.shown(value), self.facts([
            (self.words["formula"], made),
            (self.words["inputs"], self.cut([self.side(each) for each in value.get("inputs") or ()])),
            (self.words["rows"], self.cut([self.row_link(row) for row in rows])),
            (self.words["sources"], self.sources(rows)),
            (self.words["waits_for"], self.text(self.words["comma"].join(waits))),
            (self.words["claims"], [self.judgement(each) for each in self.judged.get(name, ())]),
            *self.whereabouts(name, value),
        ]))  # fmt: skip

    def predicate(self, name: str) -> Receipt:
        each = self.ledger["predicates"][name]
        said = {True: self.words["yes"], False: self.words["no"], None: self.words["unknown"]}[each["holds"]]
        sides = [self.side(each["left"]), nodes.Text(f" {OPERATORS.get(each['op'], each['op'])} "),
                 self.side(each["right"])]
        return Receipt((each.get("shown") or {}).get(self.lang) or name, said, self.facts([
            (self.words["formula"], sides),
            *self.whereabouts(name, each),
        ]))  # fmt: skip

    def claim(self, name: str) -> Receipt:
        claim = self.ledger["claims"][name]
        known = self.ledger["values"]
        by = [each for each in claim.get("by") or () if each in known and known[each]["kind"] != "unknown"]
        rows = [row for each in by for row in known[each].get("rows") or () if row in self.ledger["rows"]]
        judged = nodes.paragraph("", "", self.verdict(claim), nodes.Text(self.words["stop"]),
                                 nodes.Text(claim["reason"][self.lang]))
        return Receipt(claim["label"][self.lang], claim["printed"], self.facts([
            (self.words["means"], self.text(claim["shown"][self.lang]["full"])
             if claim["shown"][self.lang]["full"] != claim["printed"] else []),
            (self.words["verdict"], [judged]),
            (self.words["strength"], self.text((claim.get("strength") or {}).get(self.lang))),
            (self.words["evidence"], self.cut([self.value_link(each) for each in by])),
            (self.words["sources"], self.sources(rows)),
            *self.whereabouts(name, claim),
        ]))  # fmt: skip

    def whereabouts(self, name: str, thing: Mapping[str, Any]) -> list[tuple[str, Content]]:
        """Edition, notebook cell and id: the same for all."""
        edition = self.ledger["edition"]
        stem, cell = thing.get("notebook") or "", thing.get("cell") or ""
        place: Content = []
        if stem in self.titles:
            there = cell in self.anchors.get(stem, ())
            text = f"{self.chapter_name(stem)}{self.words['stop']}{cell}" if cell else self.chapter_name(stem)
            place = [link(text, f"{stem}.html#cell-{cell}" if there else f"{stem}.html")]
        said = PAGE_LABELS[self.lang]["bracketed"].format(
            edition["title"][self.lang], spell(str(edition["as_of"]), self.lang))
        return [(self.words["edition"].lower(), self.text(said)), (self.words["cell"], place), (self.words["id"], self.code(name))]

    def judgement(self, name: str) -> nodes.paragraph:
        claim = self.ledger["claims"][name]
        return nodes.paragraph("", "", self.claim_link(name), nodes.Text(self.words["stop"]), self.verdict(claim),
                               nodes.Text(self.words["stop"] + claim["reason"][self.lang]))

    def side(self, side: object) -> nodes.Node:
        name = str(side)
        return self.claim_link(name[6:]) if name.startswith("claim:") else self.value_link(name)

    def row_link(self, row: str) -> nodes.Node:
        return link(self.ledger["rows"][row]["title"][self.lang] or row, row_address(row))

    def sources(self, rows: Iterable[str]) -> Content:
        """Each source behind some rows, with its kind, its date and the way to the page itself."""
        named = list(dict.fromkeys(self.ledger["rows"][row]["source"] for row in rows))
        out: Content = []
        for name in named[: AT_MOST if self.brief else None]:
            source = self.ledger["sources"].get(name) or {}
            beside = [kind_word(str(source.get("kind") or ""), self.lang)]
            if source.get("published"):
                beside.append(spell(str(source["published"]), self.lang))
            pieces = [self.source_link(name), nodes.Text(" "),
                      nodes.inline("", self.words["comma"].join(beside), classes=["recount-muted"])]
            if source.get("url"):
                pieces += [nodes.Text(" "), link(self.words["page"], source["url"], "recount-outside")]
            out.append(nodes.paragraph("", "", *pieces))
        if self.brief and len(named) > AT_MOST:
            out.append(nodes.paragraph("", self.words["in_all"].format(len(named))))
        return out

    def cut(self, pieces: list[nodes.Node]) -> Content:
        """Some pieces in a row; a brief receipt says how many there are when it does not name all."""
        if not self.brief or len(pieces) <= AT_MOST + 1:
            return self.join(pieces)
        return [*self.join(pieces[:AT_MOST]), nodes.Text(self.words["more"].format(len(pieces)))]
