"""The directive ``{queue}``: what to verify next, from the ledger, the sources and ``data/to_settle.csv``.

``:part:`` is one of ``claims`` (unsettled, with what would settle each), ``origins`` (verdicts that hang on one
origin), ``pages`` (cited sources by the verdicts that hang on them) and ``reposts`` (copies whose original nobody
has seen). All pages were read as passages, so all of them are in the queue; the order says where to begin.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives

from recount.site.directive import RECEIPTS, LedgerDirective, link
from recount.site.page_labels import PAGE_LABELS
from recount.site.roles import read_beside
from recount.site.sources import kind_word
from recount.site.tables import muted, table
from recount.verdicts import SETTLED

PARTS = ("claims", "origins", "pages", "reposts")
UNSETTLED = ("open", "doubtful", "plausible")  # farthest from settled first
Claims = list[tuple[str, Mapping[str, Any]]]


def resting(ledger: Mapping[str, Any]) -> dict[str, list[str]]:
    """For each cited source, the claims whose verdict hangs on a row of it, in the order of the list."""
    found: dict[str, list[str]] = {name: [] for name in ledger["sources"]}
    for name, claim in in_order(ledger):
        for value in claim.get("decided_by", ()):
            for row in ledger["values"][value]["rests_on"]["rows"]:
                source = ledger["rows"][row]["source"]
                if name not in found[source]:
                    found[source].append(name)
    return found


def in_order(ledger: Mapping[str, Any]) -> Claims:
    return sorted(ledger["claims"].items(), key=lambda pair: (pair[1]["line"], pair[0]))


def one_origin(ledger: Mapping[str, Any]) -> Claims:
    """Claims whose verdict would go if a single origin were wrong."""
    return [(name, claim) for name, claim in in_order(ledger)
            if len({origin["name"] for origin in claim.get("voices", ())}) == 1]


class Queue(LedgerDirective):
    """One part of the queue."""

    option_spec: ClassVar = {"part": lambda text: directives.choice(text, PARTS)}

    def build(self) -> list[nodes.Node]:
        self.own = PAGE_LABELS[self.lang]
        return getattr(self, self.options["part"])()

    def claims(self) -> list[nodes.Node]:
        """Unsettled claims by verdict, each with what would settle it."""
        self.settle = read_beside(self.env, "to_settle.json")
        fields = next((each["fields"] for each in read_beside(self.env, "package.json")["tables"]
                       if each["name"] == "to_settle"), [])
        self.searches = next((each["words"] for each in fields if each["name"] == "searched_again"), {})
        out: list[nodes.Node] = []
        for verdict in UNSETTLED:
            every = [pair for pair in in_order(self.ledger) if pair[1]["verdict"] == verdict]
            if every:
                title = self.own["queue_titles"][verdict].format(len(every))
                listing = nodes.definition_list("", *[self.claim(*pair) for pair in every], classes=RECEIPTS)
                out.append(self.section(f"queue-{verdict}", title, listing))
        return out

    def claim(self, name: str, claim: Mapping[str, Any]) -> nodes.definition_list_item:
        needs = self.settle.get(name, {})
        kinds = self.words["comma"].join(kind_word(kind, self.lang) for kind in needs.get("kinds", "").split())
        again = self.searches.get(needs.get("searched_again", ""), ["", ""])[self.lang == "en"]
        facts = self.facts(
            [
                (self.own["would_settle"], self.text(needs.get(f"what_{self.lang}"))),
                (self.own["from_kinds"], self.text(kinds)),
                # Of an open claim there is nothing to tell: that is why it is open.
                (self.own["so_far"], self.text((claim.get("strength") or {}).get(self.lang))
                 if claim["verdict"] != "open" else []),
                (self.own["second_search"], self.text(again)),
            ]
        )
        return self.item(f"q-{name}", [self.verdict(claim), nodes.Text(" "), *self.named(name)], facts)

    def named(self, name: str) -> list[nodes.Node]:
        """A claim by what it is about, since tokens such as “4” say little by themselves; the token beside it."""
        claim = self.ledger["claims"][name]
        return [link(claim["label"][self.lang], f"09_ledger.html#c-{name}"), nodes.Text(" "),
                muted(claim["shown"][self.lang]["full"])]

    def origins(self) -> list[nodes.Node]:
        """Verdicts that rest on the word of one origin, settled ones first: there most is at stake."""
        found = sorted(one_origin(self.ledger), key=lambda pair: pair[1]["verdict"] not in SETTLED)
        if not found:
            return [nodes.paragraph("", self.own["none_here"])]
        rows = []
        for name, claim in found:
            origin = claim["voices"][0]
            called = (origin["name_en"] if self.lang == "en" else origin["name"]) or origin["name"]
            if origin["kind"] == "unknown":
                called = self.own["unknown_origin"]
            rows.append([[self.verdict(claim)], self.named(name),
                         [nodes.Text(called), nodes.Text(" "), muted(kind_word(origin["kind"], self.lang))]])
        return [table([self.words["verdict"], self.words["claim"], self.words["origin"]], rows, widths=[16, 48, 36],
                      name="recount-queue")]

    def pages(self) -> list[nodes.Node]:
        """Sources on which some verdict hangs, the most loaded first; the others in one sentence."""
        found = resting(self.ledger)
        loaded = sorted(((name, claims) for name, claims in found.items() if claims), key=lambda pair: (-len(pair[1]), pair[0]))
        rest = self.own["no_verdict_rests"].format(len(found) - len(loaded))
        return [self.listed(loaded), nodes.paragraph("", rest)]

    def reposts(self) -> list[nodes.Node]:
        """Cited copies of pages that were not seen themselves, the most loaded first."""
        found = [(name, claims) for name, claims in resting(self.ledger).items()
                 if self.ledger["sources"][name]["kind"] == "repost"]
        return [self.listed(sorted(found, key=lambda pair: (-len(pair[1]), pair[0])), original=True)]

    def listed(self, sources: list[tuple[str, list[str]]], *, original: bool = False) -> nodes.Node:
        if not sources:
            return nodes.paragraph("", self.own["none_here"])
        rows = []
        for name, claims in sources:
            source = self.ledger["sources"][name]
            unknown = source["origin"] == "unknown"
            beside = (self.own["unknown_origin"] if unknown else source["origin" if self.lang == "zh" else "origin_en"]
                      ) if original else kind_word(source["kind"], self.lang)
            rows.append([[link(source["title"], f"sources.html#s-{name}")], [nodes.Text(beside)],
                         self.join(nodes.inline("", "", *self.named(claim)) for claim in claims) or [nodes.Text("–")]])
        heads = [self.words["source"], self.own["original" if original else "kind_of_page"], self.own["verdicts_on_it"]]
        return table(heads, rows, widths=[42, 18, 40], name="recount-queue")
