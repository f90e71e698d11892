"""What the theme writes, made valid without a change of meaning."""

import pytest
from docutils import nodes

from recount.site.entries import tell_apart
from recount.site.markup import make_valid


@pytest.mark.parametrize(("given", "valid"), [
    ('<link rel="icon" href="a.svg"/><br />', '<link rel="icon" href="a.svg"><br>'),
    ('<svg><path d="M0 0"/></svg>', '<svg><path d="M0 0"/></svg>'),
    ('<main id="main-content" class="bd-main" role="main">', '<main id="main-content" class="bd-main">'),
    ('<summary>\n<p class="collapsed">看</p>\n<p class="expanded">收</p>\n</summary>',
     '<summary><span class="collapsed">看</span><span class="expanded">收</span></summary>'),
    ('<a class="x" href="http://a/{{href}}?b=c#d&amp;e=%20">', '<a class="x" href="http://a/%7B%7Bhref%7D%7D?b=c#d&amp;e=%20">'),
])
def test_markup_is_made_valid(given, valid):
    assert make_valid(given) == valid


def test_the_title_of_a_page_is_the_title_of_its_article():
    page = ('<section>x</section><article class="bd-article">\n<section id="a">\n<span id="b"></span><h1>T</h1><section id="c"><h2>U</h2>'
            "</section></section></article><section>y</section>")
    assert make_valid(page) == page.replace('<section id="a">', '<div id="a">').replace("</section></section></article>",
                                                                                       "</section></div></article>")
    untitled = '<article class="bd-article"><section id="a"><h2>U</h2></section></article>'
    assert make_valid(untitled) == untitled


def test_entries_that_read_alike_are_told_apart_by_their_ids():
    def item(name, text):
        return nodes.definition_list_item("", nodes.term("", "", nodes.Text(text), ids=[name]), nodes.definition())

    listing = nodes.definition_list("", item("v-a.b", "date: unknown"), item("v-a.c", "date: unknown"), item("v-a.d", "date: 2022"))
    tell_apart([nodes.section("", listing)])
    assert [each[0].astext() for each in listing] == ["date: unknown a.b", "date: unknown a.c", "date: 2022"]
