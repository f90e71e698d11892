"""The directives ``{receipts}`` and ``{rows}``: every number's receipt, and every row that one of them cites.

``{receipts} 06_projects`` lists the receipts of one chapter, each at its permanent address; without an argument
the chapters that have any.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives

from recount.site.directive import RECEIPTS, LedgerDirective, link, row_anchor
from recount.site.receipt import ReceiptPieces
from recount.site.roles import read_beside
from recount.words import receipts_page


class Receipts(LedgerDirective, ReceiptPieces):
    """Every value and comparison of a chapter, each with its anchor; or the list of chapters."""

    optional_arguments = 1

    def build(self) -> list[nodes.Node]:
        values, predicates = self.ledger["values"], self.ledger["predicates"]
        if not self.arguments:
            return [self.chapters([*values.values(), *predicates.values()])]
        stem = self.arguments[0]
        self.open(read_beside(self.env, "cells.json"))
        listing = nodes.definition_list(classes=RECEIPTS)
        for anchor, kind, things in (("v", self.value, values), ("p", self.predicate, predicates)):
            for name in sorted(name for name, thing in things.items() if thing["notebook"] == stem):
                receipt = kind(name)
                listing += self.item(f"{anchor}-{name}", self.title(receipt), receipt.facts)
        return [nodes.paragraph("", "", link(self.titles[stem], f"{stem}.html")), listing]

    def chapters(self, things: list[Mapping[str, Any]]) -> nodes.bullet_list:
        listing = nodes.bullet_list()
        for stem in sorted({thing["notebook"] for thing in things} & set(self.titles)):
            counted = sum(thing["notebook"] == stem for thing in things)
            listing += nodes.list_item("", nodes.paragraph(
                "", "", link(self.titles[stem], f"{receipts_page(stem)}.html"), nodes.Text(" "),
                nodes.inline("", self.words["receipt_count"].format(counted), classes=["recount-muted"])))
        return listing


class Rows(LedgerDirective):
    """Every row of the data that the edition cites, by table, each with its anchor."""

    option_spec: ClassVar = {"table": directives.unchanged}

    def build(self) -> list[nodes.Node]:
        tables: dict[str, list[tuple[str, Mapping[str, Any]]]] = {}
        for name, row in sorted(self.ledger["rows"].items()):
            tables.setdefault(row["table"], []).append((name, row))
        out: list[nodes.Node] = []
        for table, rows in tables.items():
            listing = nodes.definition_list(classes=RECEIPTS)
            listing += [self.row(name, row) for name, row in rows]
            title = self.config.recount_tables.get(table, table)
            out.append(self.section(f"rows-{table}", title, *self.described(table), listing))
        return out

    def described(self, table: str) -> list[nodes.Node]:
        """The way to what a table's columns mean, and to the file, where the data page has it."""
        if all(each["name"] != table for each in read_beside(self.env, "package.json")["tables"]):
            return []
        return [nodes.paragraph("", "", link(self.words["columns"], f"data.html#t-{table}"))]

    def row(self, name: str, row: Mapping[str, Any]) -> nodes.definition_list_item:
        head, text = (0, 2) if self.lang == "zh" else (1, 3)
        facts = self.facts([
            *[(cell[head], self.text(cell[text])) for cell in row["cells"]],
            (self.words["beside"], self.text((row.get("note") or {}).get(self.lang))),
            (self.words["confidence"], self.text(self.words.get(row.get("confidence") or "", ""))),
            (self.words["source"], [self.source_link(row["source"])] if row.get("source") else []),
            (self.words["id"], self.code(name)),
        ])  # fmt: skip
        return self.item(row_anchor(name), [nodes.Text(row["title"][self.lang])], facts)
