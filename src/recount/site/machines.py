"""What machines are told of a book and of the site: joins head, structured data, sitemap and feeds to the build.

A draft tells them nothing, but that it is not to be listed.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

from recount.config import address_of
from recount.corrections import read_corrections
from recount.editions import LANGS, Edition
from recount.project import Project
from recount.rows import FEATURE
from recount.site import cards
from recount.site.address import Address, front_edition
from recount.site.claim_review import LIST, claim_reviews
from recount.site.feed import feed, feed_name, feed_title
from recount.site.head import Page, described, metas
from recount.site.mirrors import mirrors
from recount.site.sitemap import robots, sitemap
from recount.site.structured import BookFacts, Describer, root_site, script

NO_INDEX = '<meta name="robots" content="noindex">\n'


def told(settings: Mapping[str, Any], *, edition: Edition, lang: str, editions: Sequence[Edition]) -> dict[str, Any]:
    """The settings of one book that its pages' heads are made from, for Sphinx's `recount_machines`."""
    own = settings["recount"][lang]
    return {
        "address": address_of(settings),
        "author": own["author"],
        "book": own["title"],
        "claim_review": settings["recount"].get("claim_review") is True,
        "edition": edition.name,
        "edition_title": edition.title(lang),
        "day": edition.as_of.isoformat(),
        "front": front_edition(settings["recount"], editions).name,
    }


def head_of(app: Sphinx, pagename: str, title: str, doctree: nodes.document | None) -> str:
    """The head of a page of a book: its `meta` and `link` elements and its structured data."""
    config, source = app.config, Path(app.srcdir)
    if config.recount_draft or not config.recount_machines:
        return NO_INDEX
    given, lang = config.recount_machines, config.recount_lang
    alts = _read(source / cards.LISTED)
    stem = pagename if pagename in alts else config.root_doc
    folder = f"{lang}/{given['edition']}"
    chapters = tuple(sorted(name for name in config.recount_titles if cards.CHAPTER.match(name)))
    heading = html.unescape(re.sub(r"<[^>]+>", "", title)).strip()
    page = Page(
        path=f"{folder}/{pagename}.html",
        lang=lang,
        title=heading,
        description=described(_first_paragraph(doctree) or heading, lang),
        book=given["book"],
        day=given["day"],
        front=given["front"],
        feeds=((lang, feed_title(lang, given["book"])),),
        card=f"{folder}/{cards.FOLDER}/{stem}.png" if stem in alts else "",
        card_alt=alts.get(stem, ""),
        article=pagename in chapters,
        indexed=doctree is not None,
    )
    address = Address(given["address"])
    facts = BookFacts(
        lang=lang,
        name=given["edition"],
        title=given["book"],
        author=given["author"],
        edition=given["edition_title"],
        day=given["day"],
        titles=config.recount_titles,
        chapters=chapters,
        package=_read(source / "package.json"),
        feature=_read(source / "sources.json").get(FEATURE, {}),
    )
    ledger = _read(source / config.recount_ledger)
    describer = Describer(page, facts, address)
    things = describer.graph(pagename, ledger)
    if given["claim_review"] and pagename == LIST:
        things += claim_reviews(ledger, facts=facts, address=address, author=describer.author())
    return metas(page, address) + script(things)


def mirrors_of(source: Path) -> frozenset[str]:
    """The addresses of mirrors among the sources of a book's source folder."""
    return mirrors([*_read(source / "sources.json").values(), *_read(source / "ledger.json")["sources"].values()])


def front_head(settings: Mapping[str, Any], editions: Sequence[Edition], *, title: str) -> str:
    """The head of the root page: described in both languages, shown by the Chinese front page's card."""
    own, front = settings["recount"], front_edition(settings["recount"], editions)
    address = Address(address_of(settings))
    page = Page(
        path="index.html",
        lang="zh",
        title=title,
        description=" ".join(own[lang]["footer"] for lang in LANGS),
        book=title,
        day=front.as_of.isoformat(),
        front=front.name,
        feeds=tuple((lang, feed_title(lang, own[lang]["title"])) for lang in LANGS),
        card=f"zh/{front.name}/{cards.FOLDER}/index.png",
        card_alt=title,
    )
    books = [(f"{lang}/{each.name}/index.html", f"{own[lang]['title']} ({each.title(lang)})", lang)
             for lang in LANGS for each in editions]
    return metas(page, address) + script([root_site(books, title=title, address=address)])


def publish_machines(project: Project, site: Path, *, settings: Mapping[str, Any], editions: Sequence[Edition]) -> None:
    """Write the feeds into a site, and with an address ``sitemap.xml`` and ``robots.txt``."""
    own, front = settings["recount"], front_edition(settings["recount"], editions)
    address = Address(address_of(settings))
    log = project.book / "corrections.csv"
    entries = read_corrections(log)[0] if log.is_file() else ()
    for lang in LANGS:
        made = feed(entries, lang=lang, own=own[lang], address=address, day=front.as_of.isoformat(),
                    page=f"{lang}/{front.name}/corrections.html")
        (site / feed_name(lang)).write_text(made, "utf-8")
    if address:
        paths = [path.relative_to(site).as_posix() for path in site.rglob("*.html")]
        days = {each.name: each.as_of.isoformat() for each in editions}
        (site / "sitemap.xml").write_text(sitemap(paths, address=address, days=days, front=front.name), "utf-8")
        (site / "robots.txt").write_text(robots(address), "utf-8")


def _first_paragraph(doctree: nodes.document | None) -> str:
    """The first paragraph that says something, without the one-word lines of tables and boxes."""
    if doctree is None:
        return ""
    paragraphs = (paragraph.astext() for paragraph in doctree.findall(nodes.paragraph))
    return next((text for text in paragraphs if len(text) > 20), "")


def _read(path: Path) -> dict[str, Any]:
    return _read_once(str(path), path.stat().st_mtime_ns) if path.is_file() else {}


@lru_cache(maxsize=8)
def _read_once(path: str, mtime: int) -> dict[str, Any]:
    return json.loads(Path(path).read_text("utf-8"))


