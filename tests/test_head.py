"""The head of a page: whole sentences, absolute addresses only where there is one, one card."""

import re

import pytest

from recount.site.address import Address
from recount.site.head import DESCRIBED, Page, described, metas

PAGE = Page(path="zh/print/06_projects.html", lang="zh", title='合成"题"', description="合成的话。", book="合成书", day="2022-02-24",
            front="since", feeds=(("zh", "合成：更正"),), card="zh/print/cards/06_projects.png", card_alt="合成的图", article=True)


def test_a_description_is_whole_sentences_as_far_as_they_fit():
    first, second = "第一句" * 20 + "。", "第二句" * 30 + "。"
    assert described(first + second, "zh") == first
    assert described("A short\none.", "en") == "A short one."
    assert described("At 6.5 and on " * 40, "en").endswith("…") and len(described("At 6.5 and on " * 40, "en")) <= DESCRIBED["en"]


def test_with_an_address_a_page_names_itself_its_twins_and_its_card_by_it():
    head = metas(PAGE, Address("https://example.org/b/"))
    here = "https://example.org/b/zh/print/06_projects.html"
    assert f'<link rel="canonical" href="{here}">' in head, "each edition is canonical to itself"
    assert dict(re.findall(r'<link rel="alternate" hreflang="([\w-]+)" href="([^"]+)">', head)) == {
        "zh-CN": here, "en": here.replace("/zh/", "/en/"), "x-default": here.replace("/zh/", "/en/")}
    assert f'<meta property="og:url" content="{here}">' in head
    for name in ('property="og:image"', 'name="twitter:image"'):
        assert f'<meta {name} content="https://example.org/b/zh/print/cards/06_projects.png">' in head
    assert 'href="https://example.org/b/corrections-zh.xml"' in head


def test_without_an_address_a_page_names_none():
    head = metas(PAGE, Address())
    assert "://" not in head and "canonical" not in head and "og:url" not in head
    assert '<meta property="og:image" content="cards/06_projects.png">' in head
    assert 'type="application/atom+xml" title="合成：更正" href="../../corrections-zh.xml"' in head


def test_words_of_a_page_cannot_end_an_attribute():
    assert '<meta property="og:title" content="合成&quot;题&quot;">' in metas(PAGE, Address())


@pytest.mark.parametrize("indexed", [True, False])
def test_a_page_without_content_of_its_own_is_not_listed(indexed):
    from dataclasses import replace

    assert ("noindex" in metas(replace(PAGE, indexed=indexed), Address())) is not indexed
