"""The feed of corrections and replies: one Atom file for each language, at the root of the site.

Its days are those of the log and of the editions, never the clock's, so that an unchanged book has an unchanged
feed. A reader's program needs ids that never change: with an address they are made from it; without one there is
no name to make them of that is ours, and they are ``urn:uuid:`` made from the entry's own id.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any
from xml.etree import ElementTree

from recount.corrections import Entry
from recount.site.address import CODES, OTHER, Address
from recount.site.corrections import entry_anchor
from recount.site.labels import LABELS
from recount.site.machine_labels import MACHINE_LABELS
from recount.site.page_labels import PAGE_LABELS

ATOM = "http://www.w3.org/2005/Atom"
XML = "http://www.w3.org/XML/1998/namespace"
NAMESPACE = uuid.uuid5(uuid.NAMESPACE_OID, "recount:corrections")


def feed_name(lang: str) -> str:
    """The feed's path from the root of the site."""
    return f"corrections-{lang}.xml"


def feed_title(lang: str, book: str) -> str:
    return MACHINE_LABELS[lang]["feed"].format(book=book)


def feed(entries: Sequence[Entry], *, lang: str, own: Mapping[str, Any], address: Address, page: str, day: str) -> str:
    """The Atom document of a log (newest first) in a language; valid where the log is empty.

    `own` holds the book's title and author in the language, `page` is the path of the page that prints the log,
    `day` the newest edition's: when nothing was ever entered, the feed is as old as the book.
    """
    ElementTree.register_namespace("", ATOM)
    root = ElementTree.Element(_atom("feed"), {f"{{{XML}}}lang": CODES[lang]})
    _add(root, "id", _id(address, feed_name(lang)))
    _add(root, "title", feed_title(lang, own["title"]))
    _add(root, "subtitle", MACHINE_LABELS[lang]["feed_about"])
    _add(root, "updated", _time(entries[0].published if entries else day))
    _add(_add(root, "author"), "name", own["author"])
    if address:
        _link(root, "self", address.absolute(feed_name(lang)), CODES[lang], "application/atom+xml")
    _link(root, "alternate", address.seen_from(feed_name(lang), page), CODES[lang], "text/html")
    other = feed_name(OTHER[lang])
    _link(root, "related", address.seen_from(feed_name(lang), other), CODES[OTHER[lang]], "application/atom+xml")
    for entry in entries:
        item = _add(root, "entry")
        _add(item, "id", _id(address, f"{feed_name(lang)}#{entry_anchor(entry.entry_id)}"))
        kind = PAGE_LABELS[lang]["entry_kinds"][entry.kind]
        _add(item, "title", f"{kind}{LABELS[lang]['stop']}{getattr(entry, f'said_{lang}')}")
        _add(item, "updated", _time(entry.published))
        _add(item, "published", _time(entry.published))
        item.append(ElementTree.Element(_atom("category"), {"term": entry.kind, "label": kind}))
        _link(item, "alternate", address.seen_from(feed_name(lang), f"{page}#{entry_anchor(entry.entry_id)}"),
              CODES[lang], "text/html")
        _add(item, "content", _said(entry, lang)).set("type", "text")
    ElementTree.indent(root, " ")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ElementTree.tostring(root, encoding="unicode")}\n'


def _said(entry: Entry, lang: str) -> str:
    """An entry in words, a fact a line, as the page has them."""
    own, stop = PAGE_LABELS[lang], LABELS[lang]["stop"]
    facts = [(own["from"], getattr(entry, f"from_{lang}") or own["ourselves"]), (own["received"], entry.received),
             (own["concerns"], LABELS[lang]["comma"].join(entry.concerns)), (own["said"], getattr(entry, f"said_{lang}")),
             (own["done"], getattr(entry, f"done_{lang}"))]
    return "\n".join(f"{name}{stop}{text}" for name, text in facts if text)


def _id(address: Address, name: str) -> str:
    return address.absolute(name) or uuid.uuid5(NAMESPACE, name).urn


def _time(day: str) -> str:
    return f"{day}T00:00:00Z"


def _atom(name: str) -> str:
    return f"{{{ATOM}}}{name}"


def _add(parent: ElementTree.Element, name: str, text: str | None = None) -> ElementTree.Element:
    made = ElementTree.SubElement(parent, _atom(name))
    made.text = text
    return made


def _link(parent: ElementTree.Element, rel: str, href: str, code: str, kind: str) -> None:
    parent.append(ElementTree.Element(_atom("link"), {"rel": rel, "href": href, "hreflang": code, "type": kind}))
