"""Every page as two checkers read it: the Nu HTML checker its markup, the types of schema.org its structured data."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from checkers import check_html, check_types
from synthetic_site import ledger

from recount.site.address import Address
from recount.site.claim_review import claim_reviews
from recount.site.head import Page
from recount.site.structured import BookFacts, Describer

pytestmark = [pytest.mark.checkers, pytest.mark.slow]

# What the checker may say, by how it begins, with the reason. That the pages work under their policy, from disk and
# over http and without one message, is seen in a real browser (test_offline.py, test_quality.py).
ALLOWED = {
    "Resource violates Content Security Policy": "it takes no file beside the page for the page's own",
    "This document appears to be written in": "it guesses by letters, and the rows of a Chinese page are half ids and names",
    "Inline script violates Content Security Policy": "it takes data (JSON-LD, specifications) for scripts that run",
}


def pages(site: Path) -> list[Path]:
    return sorted(path for path in site.rglob("*.html") if "_static" not in path.parts)


def test_every_page_is_valid_html_without_a_warning(built) -> None:
    listed = pages(built.site)
    assert len(listed) >= 77
    said = [message for message in check_html(listed) if not message.text.startswith(tuple(ALLOWED))]
    assert [f"{each.page.relative_to(built.site)}: {each.kind}: {each.text} … {each.extract.strip()}" for each in said] == []


def test_the_checker_sees_a_fault(tmp_path) -> None:
    (tmp_path / "bad.html").write_text('<!DOCTYPE html><html lang="en"><title>x</title><p id="a"><p id="a">', "utf-8")
    assert {message.kind for message in check_html([tmp_path / "bad.html"])} >= {"error"}


def things(page: Path) -> list[dict]:
    (text,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page.read_text("utf-8"), flags=re.DOTALL)
    said = json.loads(text)
    assert said.pop("@context") == "https://schema.org"
    return said.get("@graph", [said])


def module(said: list[dict]) -> str:
    """A module in which every thing must have the type that it names, and no property that type does not have."""
    kinds = sorted({each["@type"] for each in said})
    lines = [f"import {{{', '.join(kinds)}}} from 'schema-dts';"]
    lines += [f"export const t{number}: {each['@type']} = {json.dumps(each, ensure_ascii=False)};"
              for number, each in enumerate(said)]
    return "\n".join(lines) + "\n"


def test_structured_data_of_every_page_is_of_the_types_it_names(built) -> None:
    said = [thing for path in pages(built.site) if "embed" not in path.parts for thing in things(path)]
    assert {each["@type"] for each in said} >= {"NewsArticle", "Book", "WebSite", "WebPage", "DataCatalog"}
    assert check_types(module(said)) == []


def test_reviews_of_claims_are_of_the_type_they_name_and_a_misspelt_property_is_seen() -> None:
    facts = BookFacts(lang="en", name="print", title="Synthetic book", author="Synthetic", edition="On the day of print",
                      day="2022-02-24", titles={}, chapters=(), package={"tables": [], "licences": []},
                      feature={"title": "合成报道", "origin": "合成报", "origin_en": "Synthetic paper", "published": "2022-02-24"})
    page = Page(path="en/print/09_ledger.html", lang="en", title="x", description="x", book="x", day="2022-02-24", front="print",
                feeds=())
    made = claim_reviews(ledger(), facts=facts, address=Address(), author=Describer(page, facts, Address()).author())
    assert len(made) == 1, "an unexamined claim has no review"
    assert check_types(module(made)) == []
    assert check_types(module([{**made[0], "claimsReviewed": "x"}])) != []
