"""Pages mended, and one synthetic book rendered by Jupyter Book from end to end."""

import html
import re
from datetime import date

import pytest
import synthetic_site as synthetic

import recount.site.assemble as assemble_module
from recount.editions import Edition
from recount.errors import CheckFailed
from recount.fonts import Fonts
from recount.site.build import Book, build_site, read_warnings
from recount.site.pages import mend_page

PRINT = Edition(name="print", as_of=date(2022, 2, 24), title_zh="见报当日", title_en="On the day of print")


def test_the_second_title_becomes_a_paragraph_and_not_nothing():
    page = '<div id="jb-print-docs-body" class="onlyprint">\n<h1>甲</h1></div>'
    assert '<p class="print-title">甲</p>' in mend_page(page, lang="zh")


def test_a_chinese_page_says_nothing_in_english_that_the_theme_left():
    assert mend_page('<a title="Link to this heading">#</a>', lang="zh") == '<a title="本节链接">#</a>'
    assert mend_page('<a title="Link to this heading">#</a>', lang="en") == '<a title="Link to this heading">#</a>'


def test_warnings_of_sphinx_become_findings_at_the_line(tmp_path):
    book = Book("print", "zh", tmp_path, tmp_path / "out", False)
    log = f"{tmp_path}/method.md:7: WARNING: no value is called x.y [recount.unknown-id]\nbuild succeeded\n" * 2
    (finding,) = read_warnings(log, book)
    assert (finding.code, finding.where, finding.found, finding.lang) == (
        "recount.unknown-id",
        "book/zh/method.md:7",
        "no value is called x.y",
        "zh",
    )


@pytest.fixture(scope="module")
def given(tmp_path_factory):
    """A synthetic project whose charts are drawn with a stand-in, so that only the pages take time."""
    root = tmp_path_factory.mktemp("site")
    with pytest.MonkeyPatch.context() as patch:
        face = root / "synthetic-font" / "regular.ttf"
        every = Fonts(face, face, frozenset(range(0x20, 0x10000)))
        patch.setattr(assemble_module, "prepare", lambda project: every)
        synthetic.undrawn(patch)
        yield synthetic.project(root / "synthetic")


def build(project, **changes):
    executed = {("print", lang): synthetic.executed(lang) for lang in ("zh", "en")}
    for notebooks in executed.values():
        notebooks["06_projects"].cells += changes.pop("more", [])
    return build_site(project, [PRINT], {"print": synthetic.ledger()}, executed, **changes)


@pytest.fixture(scope="module")
def site(given):
    return build(given).index.parent


def text_of(site, name):
    return (site / name).read_text("utf-8")


@pytest.mark.slow
def test_bound_words_stand_in_headings_sentences_tables_and_the_sidebar(site):
    page = text_of(site, "zh/print/06_projects.html")
    word = (
        '<a class="recount-word reference internal" href="receipts-06_projects.html#v-projects.total" data-note="1">'
        '<span class="recount-v">432.1亿元</span></a>'
    )
    assert f"<h1>合成的项目：{word}" in page
    assert f"合成总投资{word}，比一百" in page, "a break of the source is no space between Chinese"
    assert '<span class="recount-v">432.1</span></a></p></td>' in re.sub(r"\s+", " ", page)
    sidebar = page[page.index("pst-primary-sidebar") : page.index("<article")]
    assert "合成的项目：" in sidebar and "432.1亿元" in sidebar


@pytest.mark.slow
def test_every_value_claim_and_row_has_its_receipt(site):
    receipts, ledger = text_of(site, "en/print/receipts-06_projects.html"), text_of(site, "en/print/09_ledger.html")
    for anchor in ("v-projects.total", "v-projects.later", "p-projects.below"):
        assert f'id="{anchor}"' in receipts
    assert 'id="r-ceremonies-synthetic-1"' in text_of(site, "en/print/rows.html")
    assert re.search(r'<tr data-kind="fact" [^>]*data-verdict="unexamined none unsettled" id="c-hands.buses">', ledger)
    assert 'class="recount-verdict verdict-confirmed">confirmed</span>' in ledger, "a colour never stands alone"
    assert 'id="s-synthetic-source"' in text_of(site, "en/print/sources.html")


@pytest.mark.slow
def test_the_list_has_a_head_for_each_section_its_controls_hidden_and_its_files_beside_it(site):
    page = text_of(site, "zh/print/09_ledger.html")
    heads = re.findall(r'<tr class="recount-group" id="section-(\w+)"><th colspan="3" scope="rowgroup">([^<]+)</th>', page)
    assert heads == [("hands", "用工"), ("projects", "项目")]
    assert re.search(r'<form class="recount-filters"[^>]* hidden>', page)
    assert '<option value="unexamined">未核</option>' in page and 'value="doubtful"' not in page, "only what the list holds"
    for path in re.findall(r'<a href="(downloads/[^"]+)" download>', page):
        assert (site / "zh/print" / path).stat().st_size > 100
    assert 'src="_static/claims.js' in page and "claims.js" not in text_of(site, "zh/print/06_projects.html")


@pytest.mark.slow
def test_a_ranked_table_stands_in_the_order_of_its_first_column_equals_as_they_came(site):
    page = text_of(site, "en/print/09_ledger.html")
    table = page[page.index("recount-ranked"):]
    assert re.findall(r"<p>([A-Z])</p>", table[: table.index("</table>")]) == ["A", "B", "C", "Z"]


@pytest.mark.slow
def test_every_page_leads_to_itself_in_the_other_language(site):
    for name in ("index", "06_projects", "receipts", "method"):
        assert f'href="../../en/print/{name}.html"' in text_of(site, f"zh/print/{name}.html")


@pytest.mark.slow
def test_the_root_page_leads_to_both_languages_without_a_script(site):
    assert re.findall(r'<a href="([^"]+)"', text_of(site, "index.html")) == [
        "zh/print/index.html",
        "zh/print/corrections.html",
        "en/print/index.html",
        "en/print/corrections.html",
    ]


@pytest.mark.slow
def test_a_page_loads_no_script_that_it_does_not_need(site):
    assert "charts.js" in text_of(site, "zh/print/06_projects.html")
    assert "charts.js" not in text_of(site, "zh/print/method.html")
    assert "searchindex.js" not in text_of(site, "zh/print/method.html")
    assert not list(site.rglob("*.map"))


@pytest.mark.slow
def test_nothing_changed_means_nothing_rendered_again(given, site):
    report = build(given)
    assert (report.built, report.reused) == ((), ("zh/print", "en/print"))


@pytest.mark.slow
def test_a_word_that_does_not_resolve_publishes_nothing_and_names_the_cell(given, site):
    before = text_of(site, "zh/print/06_projects.html")
    bad = synthetic.markdown("坏 {v}`projects.nope`，{holds}`低于 <projects.below>`", "zh-9", "zh")
    with pytest.raises(CheckFailed) as caught:
        build(given, more=[bad])
    assert [(finding.code, finding.cell) for finding in caught.value.findings] == [
        ("recount.unknown-id", "zh-9"),
        ("recount.false-predicate", "zh-9"),
    ]
    assert text_of(site, "zh/print/06_projects.html") == before


@pytest.mark.slow
def test_a_draft_shows_what_the_gate_would_stop(given):
    bad = synthetic.markdown("坏 {v}`projects.nope`", "zh-9", "zh")
    index = build(given, more=[bad], draft=True).index
    page = html.unescape(text_of(index.parent, "zh/print/06_projects.html"))
    assert index.parent == given.draft
    assert "⟦projects.nope?⟧" in page and "recount-draft" in page
