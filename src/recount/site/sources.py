"""The directives ``{sources}`` and ``{source-kinds}``: every page that facts came from, and what sorts there are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from docutils import nodes

from recount.reasons import KIND_WORDS
from recount.site.directive import RECEIPTS, LedgerDirective, link
from recount.site.page_labels import PAGE_LABELS
from recount.site.roles import read_beside
from recount.site.tables import table

INDEPENDENT = ("yes", "no", "unknown")


def kind_word(kind: str, lang: str) -> str:
    """A kind of page or of origin in words."""
    return KIND_WORDS[lang].get(kind) or PAGE_LABELS[lang]["kinds"].get(kind, kind)


class Sources(LedgerDirective):
    """All sources: those the edition cites, then the others of the data package."""

    def build(self) -> list[nodes.Node]:
        cited = self.ledger["sources"]
        others = {name: source for name, source in read_beside(self.env, "sources.json").items() if name not in cited}
        out: list[nodes.Node] = [self.listing(cited)]
        if others:
            out.append(self.section("other-sources", self.words["other_sources"], self.listing(others)))
        return out

    def named(self, source: Mapping[str, Any], what: str) -> str:
        """The publisher or origin under its name in the page's language."""
        named = str(source.get(what if self.lang == "zh" else f"{what}_en") or source.get(what) or "")
        return self.words["unknown"] if named == "unknown" else named

    def listing(self, sources: Mapping[str, Mapping[str, Any]]) -> nodes.definition_list:
        return nodes.definition_list(
            "",
            *[self.source(*pair) for pair in sorted(sources.items())],
            classes=[*RECEIPTS, "recount-sources"],
        )

    def source(self, name: str, source: Mapping[str, Any]) -> nodes.definition_list_item:
        own = PAGE_LABELS[self.lang]
        independent = str(source.get("independent") or "unknown")
        reason = (source.get("independent_reason") or {}).get(self.lang)
        said = self.words.get(independent, independent) + (f"{self.words['stop']}{reason}" if reason else "")
        day, why = source.get("known_from") or "", (source.get("known_from_reason") or {}).get(self.lang)
        url = source.get("url")
        origin, kind = self.named(source, "origin"), kind_word(str(source.get("origin_kind") or ""), self.lang)
        facts = self.facts(
            [
                (self.words["publisher"], self.text(self.named(source, "publisher"))),
                (own["kind_of_page"], self.text(kind_word(str(source.get("kind") or ""), self.lang))),
                (self.words["origin"], self.text(origin if origin == kind or not kind
                                                 else own["bracketed"].format(origin, kind))),
                (self.words["published"], self.text(source.get("published"))),
                (self.words["known_from"], self.text(own["bracketed"].format(day, why) if day and why else day)),
                (self.words["independent"], self.text(said)),
                (own["caution"], self.text((source.get("note") or {}).get(self.lang))),
                (self.words["id"], self.code(name)),
            ]
        )
        title = source.get("title") or name
        return self.item(f"s-{name}", [link(title, url) if url else nodes.Text(title)], facts)


class SourceKinds(LedgerDirective):
    """How many pages of which kind, whose word they are, and how surely their rows were read."""

    def build(self) -> list[nodes.Node]:
        self.own = PAGE_LABELS[self.lang]
        sources = {**read_beside(self.env, "sources.json"), **self.ledger["sources"]}
        cited = set(self.ledger["sources"])
        said = self.own["source_count"].format(all=len(sources), cited=len(cited),
                                               cautioned=sum(bool(each["note"][self.lang]) for each in sources.values()))
        out: list[nodes.Node] = [nodes.paragraph("", said), self.counted(sources, "kind", self.own["kind_of_page"]),
                                 self.counted(sources, "origin_kind", self.own["kind_of_origin"])]
        rows = [[self.text(each["title"][self.lang]), *[self.text(str(each["confidence"].get(level, 0)))
                                                       for level in ("high", "medium", "low")]]
                for each in read_beside(self.env, "package.json")["tables"] if each["confidence"]]
        if rows:
            heads = [self.own["table"], *[self.words[level] for level in ("high", "medium", "low")]]
            out += [nodes.paragraph("", self.own["how_surely"]),
                    table(heads, rows, widths=[40, 20, 20, 20], name="recount-counts")]
        return out

    def counted(self, sources: Mapping[str, Mapping[str, Any]], what: str, head: str) -> nodes.table:
        """Sources by kind and by independence, most frequent first, with their sum."""
        by_kind: dict[str, list[str]] = {}
        for source in sources.values():
            by_kind.setdefault(str(source[what]), []).append(str(source["independent"]))
        rows = [
            [self.text(kind_word(kind, self.lang)), *[self.text(str(each.count(word))) for word in INDEPENDENT],
             self.text(str(len(each)))]
            for kind, each in sorted(by_kind.items(), key=lambda pair: (-len(pair[1]), pair[0]))
        ]
        heads = [head, *[self.own["independence"][word] for word in INDEPENDENT], self.own["all"]]
        return table(heads, rows, widths=[32, 17, 17, 17, 17], name="recount-counts")
