"""The theme's stylesheets and icons, thinned: nothing that a page can match is lost."""

import re

import pytest
import tinycss2
from fontTools.ttLib import TTFont

from recount.site.stylesheets import OneSheet, thin


@pytest.mark.parametrize(("css", "left"), [
    (".a{x:1}.b{x:2}", ".a{x:1}"),
    (".a.b,.a>.c,.a p{x:1}", ".a p{x:1}"),
    ("#a{x:1}#b{x:2}", "#a{x:1}"),
    ("p:not(.b),:is(.b,p){x:1}", "p:not(.b),:is(.b,p){x:1}"),
    ('[data-b=".c"]{content:".c"}', '[data-b=".c"]{content:".c"}'),
    ("@media print{.a{x:1}.b{x:2}}@media screen{.b{x:2}}", "@media print{.a{x:1}}"),
    (r".a\:b{x:1}", r".a\:b{x:1}"),
    ("@keyframes b{from{x:1}}@font-face{font-family:b}", "@keyframes b{from{x:1}}@font-face{font-family:b}"),
])
def test_a_rule_goes_only_where_it_asks_for_a_name_that_nothing_has(css, left):
    assert thin(css, {"a"}) == left


def test_a_page_names_one_sheet_made_of_all_its_own_in_their_order(tmp_path):
    (tmp_path / "_static" / "styles").mkdir(parents=True)
    (tmp_path / "_static" / "styles" / "a.css").write_text('@charset "utf-8";@import "../i.css";a{x:url(../b.svg);y:url("#c");z:url(data:d)}', "utf-8")
    (tmp_path / "_static" / "i.css").write_text("i{x:url(j.png)}", "utf-8")
    (tmp_path / "_static" / "b.css").write_text("b{x:url('c/d.png')}", "utf-8")
    links = ('<link href="_static/styles/a.css?digest=1" rel="stylesheet" />\n<link rel="icon" href="_static/i.svg">\n'
             '<link rel="stylesheet" type="text/css" href="_static/b.css" />\n')
    sheet = OneSheet(tmp_path)
    page = sheet.on(f"<head>{links}</head>")
    name = re.search(r'_static/sheet-\w{8}\.css', page)[0]
    assert page == f'<head><link rel="stylesheet" href="{name}"><link rel="icon" href="_static/i.svg">\n</head>'
    assert (tmp_path / name).read_text("utf-8") == 'i{x:url(j.png)}a{x:url(b.svg);y:url("#c");z:url(data:d)}\nb{x:url(\'c/d.png\')}'
    assert sheet.on(f"<head>{links}</head>") == page
    sheet.drop_parts()
    assert [path.name for path in (tmp_path / "_static").rglob("*.css")] == [name.removeprefix("_static/")]


def test_a_page_with_one_sheet_and_a_sheet_for_print_are_left_alone(tmp_path):
    for page in ('<link rel="stylesheet" href="_static/a.css">',
                 '<link rel="stylesheet" href="_static/a.css"><link rel="stylesheet" media="print" href="_static/b.css">'):
        assert OneSheet(tmp_path).on(page) == page


@pytest.mark.slow
def test_the_icon_font_draws_every_icon_that_a_stylesheet_names_and_no_other(built):
    static = built.site / "zh" / "since" / "_static"
    (font,) = (static / "vendor" / "fontawesome" / "webfonts").iterdir()
    named = {char for path in static.rglob("*.css") for char in path.read_text("utf-8") if "\ue000" <= char <= "\uf8ff"}
    with TTFont(font) as opened:
        drawn = {chr(code) for code in opened.getBestCmap()}
    # A sheet may name icons of trade marks; they are in another font, which no page of the book uses.
    brands = {"\uf09b", "\uf296"}
    assert drawn == named - brands and len(drawn) > 5
    assert not [path for path in static.parent.glob("*.html") if "fa-brands" in path.read_text("utf-8")]
    assert font.stat().st_size < 6_000


@pytest.mark.slow
def test_thinned_sheets_are_sheets_and_hold_every_class_that_the_pages_share_with_the_theme(built):
    book = built.site / "zh" / "since"
    (path,) = (book / "_static").rglob("*.css")
    sheet = path.read_text("utf-8")
    assert not [rule for rule in tinycss2.parse_stylesheet(sheet) if rule.type == "error"]
    for name in (".bd-article", ".bd-sidebar-primary", ".search-button", ".theme-switch", ".show", ".admonition", ".fa-bars"):
        assert name in sheet, name
    assert len(sheet) < 220_000
