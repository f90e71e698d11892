"""Structured data: what a page is, in the words of schema.org, as JSON-LD.

Only what the book knows: no publisher is named, since none is set; an edition's day stands for its pages, since
what a page can say is what was known on that day. The feature is cited by its title, paper and day, without its text.
Addresses are absolute where the copy has one and relative to the page where it has not; JSON-LD reads both.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from recount.site.address import CODES, OTHER, Address
from recount.site.dictionary import table_anchor
from recount.site.head import Page
from recount.site.machine_labels import MACHINE_LABELS

Thing = dict[str, Any]
# Pages that schema.org has a kind for; the others are plain pages.
KINDS = {"about": "AboutPage", "sources": "CollectionPage", "queue": "CollectionPage", "search": "SearchResultsPage"}


@dataclass(frozen=True, kw_only=True)
class BookFacts:
    """What the pages of one book share: its names, edition and day, its chapters and tables, and the feature.

    `titles` are the pages' titles by stem, `chapters` the stems of the chapters in order; `package` is
    ``package.json`` as `beside` writes it; `feature` is the feature's row of ``sources.csv``, empty where it is not
    listed.
    """

    lang: str
    name: str
    title: str
    author: str
    edition: str
    day: str
    titles: Mapping[str, str]
    chapters: tuple[str, ...]
    package: Mapping[str, Any]
    feature: Mapping[str, Any]

    def path(self, page: str) -> str:
        return f"{self.lang}/{self.name}/{page}"


@dataclass(frozen=True)
class Describer:
    """Makes the things that one page is about."""

    page: Page
    facts: BookFacts
    address: Address

    def graph(self, stem: str, ledger: Mapping[str, Any]) -> list[Thing]:
        """The things of a page of a book, its own first."""
        if stem in self.facts.chapters:
            return [self.article(stem, ledger)]
        if self.page.path.endswith("/index.html"):
            return [self.book(), self.site()]
        if stem == "data":
            return [self.web_page(stem), self.catalog()]
        return [self.web_page(stem)]

    def article(self, stem: str, ledger: Mapping[str, Any]) -> Thing:
        """A chapter: based on the tables that its values were computed from."""
        tables = tables_of(stem, ledger)
        return self._clean({
            "@type": "NewsArticle",
            **self._named(),
            "headline": self.page.title,
            "image": self._url(self.page.card) if self.page.card else None,
            "position": self.facts.chapters.index(stem) + 1,
            "datePublished": self.facts.day,
            "dateModified": self.facts.day,
            "author": self.author(),
            "isAccessibleForFree": True,
            "isPartOf": self._book_reference(),
            "isBasedOn": [{"@type": "Dataset", **self._table_names(each)} for each in self.facts.package["tables"]
                          if each["name"] in tables],
            "citation": self.feature(),
        })

    def book(self) -> Thing:
        """The book as a whole, with its chapters and its edition in the other language."""
        return self._clean({
            "@type": "Book",
            **self._named(),
            "name": self.facts.title,
            "headline": self.page.title,
            "image": self._url(self.page.card) if self.page.card else None,
            "bookEdition": self.facts.edition,
            "bookFormat": "https://schema.org/EBook",
            "datePublished": self.facts.day,
            "author": self.author(),
            "isAccessibleForFree": True,
            "hasPart": [{"@type": "NewsArticle", "headline": self.facts.titles[stem], "position": number,
                         "url": self._url(self.facts.path(f"{stem}.html"))}
                        for number, stem in enumerate(self.facts.chapters, 1)],
            "isBasedOn": {"@type": "DataCatalog", "name": MACHINE_LABELS[self.facts.lang]["catalog"],
                          "url": self._url(self.facts.path("data.html"))},
            "citation": self.feature(),
            "workTranslation": {"@type": "Book", "inLanguage": CODES[OTHER[self.facts.lang]],
                                "url": self._url(f"{OTHER[self.facts.lang]}/{self.facts.name}/index.html")},
        })

    def site(self) -> Thing:
        """The site that the book is on."""
        return self._clean({"@type": "WebSite", "name": self.facts.title, "url": self._url("index.html"),
                            "inLanguage": list(CODES.values())})

    def web_page(self, stem: str) -> Thing:
        """A page beside the chapters."""
        return self._clean({"@type": KINDS.get(stem, "WebPage"), **self._named(), "name": self.page.title,
                            "datePublished": self.facts.day, "isPartOf": self._book_reference()})

    def catalog(self) -> Thing:
        """The data package: a `Dataset` for each table, with licence, file and what every column holds."""
        lang, package = self.facts.lang, self.facts.package
        licences = [self._clean({"@type": "CreativeWork", "name": each["title"][lang], "url": each["path"]})
                    for each in package["licences"]]
        return self._clean({
            "@type": "DataCatalog", "name": MACHINE_LABELS[lang]["catalog"], "inLanguage": CODES[lang],
            "url": self._url(self.page.path), "dataset": [self.dataset(each, licences) for each in package["tables"]]})

    def dataset(self, table: Mapping[str, Any], licences: list[Thing]) -> Thing:
        """One table. Its description says rows and columns too: search engines take no short one."""
        lang = self.facts.lang
        comma = "、" if lang == "zh" else ", "
        measured = MACHINE_LABELS[lang]["measured"].format(
            rows=table["rows"], columns=comma.join(field["title"][lang] for field in table["fields"]))
        space = "" if lang == "zh" else " "
        return self._clean({
            "@type": "Dataset",
            **self._table_names(table),
            "description": f"{table['description'][lang]}{space}{measured}",
            "inLanguage": CODES[lang],
            "creator": self.author(),
            "isAccessibleForFree": True,
            "license": licences,
            "variableMeasured": [self._clean({"@type": "PropertyValue", "propertyID": field["name"],
                                              "name": field["title"][lang], "description": field["description"][lang]})
                                 for field in table["fields"]],
            "distribution": {"@type": "DataDownload", "encodingFormat": "text/csv", "contentSize": f"{table['bytes']} B",
                             "contentUrl": self._url(f"data/{table['path']}")},
        })

    def feature(self) -> Thing | None:
        """The feature as a work that is cited: whose it is, what it is called, when it was printed."""
        source = self.facts.feature
        if not source:
            return None
        paper = source.get("origin" if self.facts.lang == "zh" else "origin_en") or source["origin"]
        return self._clean({"@type": "NewsArticle", "headline": source["title"], "inLanguage": CODES["zh"],
                            "datePublished": source.get("published"), "publisher": {"@type": "Organization", "name": paper}})

    def _named(self) -> Thing:
        return {"@id": self._url(self.page.path), "url": self._url(self.page.path),
                "description": self.page.description, "inLanguage": CODES[self.facts.lang]}

    def author(self) -> Thing:
        return {"@type": "Organization", "name": self.facts.author,
                "correctionsPolicy": self._url(self.facts.path("corrections.html"))}

    def _book_reference(self) -> Thing:
        path = self._url(self.facts.path("index.html"))
        return {"@type": "Book", "@id": path, "name": self.facts.title, "url": path}

    def _table_names(self, table: Mapping[str, Any]) -> Thing:
        place = self._url(f"{self.facts.path('data.html')}#{table_anchor(table['name'])}")
        return {"@id": place, "name": table["title"][self.facts.lang], "url": place}

    def _url(self, path: str) -> str:
        return self.address.seen_from(self.page.path, path)

    @staticmethod
    def _clean(thing: Thing) -> Thing:
        """Without what is not known: an empty property says something else than none."""
        return {name: value for name, value in thing.items() if value not in (None, "", [], {})}


def tables_of(stem: str, ledger: Mapping[str, Any]) -> set[str]:
    """The tables with a row behind some value of a chapter, through other values too."""
    rows: set[str] = set()
    for value in ledger["values"].values():
        if value["notebook"] == stem:
            rows.update(value.get("rows") or ())
            rows.update((value.get("rests_on") or {}).get("rows") or ())
    return {row.partition("/")[0] for row in rows}


def root_site(books: Iterable[tuple[str, str, str]], *, title: str, address: Address) -> Thing:
    """The site as its root page says it: one work for each book, given by path, title and language."""
    return {"@type": "WebSite", "name": title, "url": address.seen_from("index.html", "index.html"),
            "inLanguage": list(CODES.values()),
            "hasPart": [{"@type": "Book", "name": name, "inLanguage": CODES[lang],
                         "url": address.seen_from("index.html", path)} for path, name, lang in books]}


def script(things: Iterable[Thing]) -> str:
    """The things as an element of a page. No ``<`` inside, so that no text can end the element."""
    graph = list(things)
    body = graph[0] if len(graph) == 1 else {"@graph": graph}
    text = json.dumps({"@context": "https://schema.org", **body}, ensure_ascii=False, separators=(",", ":"))
    text = text.replace("<", "\\u003c")
    return f'<script type="application/ld+json">{text}</script>\n'
