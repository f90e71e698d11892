"""The directives ``{corrections}`` and ``{contact}``: the log of corrections and replies, and where to write."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from docutils import nodes

from recount.periods import spell
from recount.site.directive import RECEIPTS, LedgerDirective, link, row_address
from recount.site.page_labels import PAGE_LABELS
from recount.site.roles import read_beside
from recount.words import receipt_address


def entry_anchor(name: str) -> str:
    return f"e-{name}"


class Corrections(LedgerDirective):
    """Every entry of the log, newest first, each with its anchor; an empty log says that it is empty."""

    def build(self) -> list[nodes.Node]:
        self.own = PAGE_LABELS[self.lang]
        entries = read_beside(self.env, "corrections.json")["entries"]
        if not entries:
            return [nodes.paragraph("", self.own["no_corrections"])]
        return [nodes.definition_list("", *[self.entry(each) for each in entries], classes=RECEIPTS)]

    def entry(self, each: Mapping[str, Any]) -> nodes.definition_list_item:
        sender = each[f"from_{self.lang}"] or self.own["ourselves"]
        facts = self.facts(
            [
                (self.own["from"], self.text(sender)),
                (self.own["received"], self.text(spell(each["received"], self.lang) if each["received"] else "")),
                (self.own["concerns"], self.join(self.concerned(name) for name in each["concerns"])),
                (self.own["said"], self.text(each[f"said_{self.lang}"])),
                (self.own["done"], self.text(each[f"done_{self.lang}"])),
            ]
        )
        head = f"{spell(each['published'], self.lang)}{self.words['comma']}{self.own['entry_kinds'][each['kind']]}"
        return self.item(entry_anchor(each["entry_id"]), [nodes.Text(head)], facts)

    def concerned(self, name: str) -> nodes.Node:
        """A link to what an entry is about, as far as this edition prints it; else its id."""
        ledger = self.ledger
        if name in ledger["claims"]:
            return self.claim_link(name)
        if name in ledger["values"]:
            return self.value_link(name)
        if name in ledger["predicates"]:
            return link(name, receipt_address("p", name, ledger["predicates"][name]))
        if name in ledger["rows"]:
            return link(ledger["rows"][name]["title"][self.lang], row_address(name))
        source = name.removeprefix("sources/")
        if source in ledger["sources"] or source in read_beside(self.env, "sources.json"):
            return self.source_link(source)
        return self.chapter(name) if name in self.config.recount_titles else nodes.literal("", name)


class Contact(LedgerDirective):
    """The address that a reader can write to, or the plain statement that this copy has none."""

    def build(self) -> list[nodes.Node]:
        own = PAGE_LABELS[self.lang]
        address = self.config.recount_switch.get("contact", "")
        if not address:
            return [nodes.paragraph("", own["no_contact"])]
        shown = address.removeprefix("mailto:")
        return [nodes.paragraph("", "", nodes.Text(own["write_to"]), link_to(address, shown))]


def link_to(address: str, shown: str) -> nodes.reference:
    """A link out of the book: a letter or a page of the publisher."""
    return nodes.reference("", "", nodes.inline("", shown), refuri=address, internal=False)
