"""Chapter heads and boxes of a synthetic book: bound as sentences are, and failing as they do."""

from __future__ import annotations

import re

import pytest
import synthetic_site as synthetic
from test_site_pages import build, given, text_of  # noqa: F401

from recount.errors import CheckFailed
from recount.site.chapter_heads import Head
from recount.site.labels import LABELS

pytestmark = [pytest.mark.slow]

BESIDE = "```{beside}\n:claim: projects.total\n```\n\n```{beside}\n:claim: hands.buses\n```"
PULL = ":::{pull}\n:value: projects.share\n\n合成的占比，{v}`projects.total`之中。\n:::"


@pytest.fixture(scope="module")
def page(given):  # noqa: F811
    more = [synthetic.markdown(BESIDE, "zh-7", "zh"), synthetic.markdown(PULL, "zh-8", "zh")]
    return text_of(build(given, more=more).index.parent, "zh/print/06_projects.html")


def words(markup: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", markup)).strip()


def test_a_chapter_has_kicker_title_deck_and_byline_in_this_order(page):
    head = page[page.index('class="recount-kicker"') : page.index('class="recount-byline"') + 600]
    assert "项目 · 见报当日" in words(head)
    assert head.index("<h1>") < head.index('<p class="recount-deck">合成总投资')
    assert "笔记本： 06_projects · 3个数值，判1条说法，引用1个网页 · 截至2022年2月24日" in words(head)
    assert 'href="receipts-06_projects.html"' in head


def test_a_byline_counts_one_as_one_and_leaves_out_what_there_is_none_of(given):  # noqa: F811
    site = build(given).index.parent
    assert re.search(r"1 claim judged, 1 page cited", words(text_of(site, "en/print/06_projects.html")))
    lone = Head("08_since")
    lone.lang, lone.words, lone.sections = "en", LABELS["en"], {}
    lone.ledger = {"edition": {"title": {"en": "Synthetic"}, "as_of": "2022-02-24"}, "values": {}, "claims": {}, "rows": {}}
    assert lone.kicker().astext() == "Synthetic", "no section, and no title said twice"
    assert lone.counted("byline_values", 0) == "0 values"
    assert lone.byline().astext().count("·") == 1


def test_only_chapters_have_a_head(given, page):  # noqa: F811
    assert "recount-kicker" not in text_of(given.site, "zh/print/method.html")


def test_a_box_sets_print_and_data_side_by_side_with_the_verdict_and_its_reason(page):
    first, second = page.split("recount-beside docutils")[1:3]
    said = words(first[: first.index("</section>")] if "</section>" in first else first)
    assert "报道所印 432.1亿元 合成说法 数据所示 432.1亿元 合成总额" in said and "属实 ：一份合成记录相符" in said
    assert "没有独立数据" in words(second), "an unexamined claim has nothing beside it"


def test_the_numbers_of_boxes_are_bound_words_with_receipts(page):
    box = page[page.index("recount-beside-number") :]
    assert re.match(r'recount-beside-number"><a class="recount-word reference internal" href="09_ledger.html#c-projects.total" data-note="\d+">', box)
    pull = page[page.index("recount-pull-number") :]
    assert "12.5%" in words(pull[:400]) and "432.1亿元" in words(pull[:900])


@pytest.mark.parametrize("source", ["```{beside}\n:claim: projects.nope\n```", ":::{pull}\n:value: projects.later\n\n合成\n:::"])
def test_a_box_that_names_nothing_known_stops_the_build(given, source):  # noqa: F811
    with pytest.raises(CheckFailed) as caught:
        build(given, more=[synthetic.markdown(source, "zh-9", "zh")])
    (finding,) = caught.value.findings
    assert finding.code in ("recount.unknown-id", "recount.unknown-value") and finding.cell == "zh-9"
