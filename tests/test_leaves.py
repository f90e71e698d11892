"""Leaves: finished pages as plain XHTML, without what only a screen can use."""

import pytest
from lxml import etree

from recount.site.leaves import XHTML, read_article, relink, split_address


def page(body: str) -> str:
    return f'<!DOCTYPE html><html><body><main><article class="bd-article">{body}</article></main></body></html>'


def written(body: str) -> str:
    return etree.tostring(read_article(page(body)), encoding="unicode").replace(f' xmlns="{XHTML}"', "", 1)


def test_a_page_becomes_well_formed_and_keeps_its_words():
    assert written("<p>甲<br>乙&nbsp;丙<td class=num>") == '<div><p>甲<br/>乙\u00a0丙</p><td class="num"/></div>'


def test_drawings_keep_their_letters_large_and_small():
    drawing = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><clipPath id="a"/></svg>'
    assert 'viewBox="0 0 1 1"><clipPath id="a"/>' in written(f"<figure>{drawing} 后文</figure>")
    assert "后文" in written(f"<figure>{drawing} 后文</figure>")


@pytest.mark.parametrize("gone", [
    '<a class="headerlink" href="#x">#</a>', "<script>1</script>", "<form><input></form>", "<button>按</button>",
    '<details class="hide"><summary>看代码</summary><pre>code</pre></details>', '<p hidden>藏</p>',
    '<p><a href="charts/a.csv" download>下载</a></p>', '<div class="chart-narrow"><svg></svg></div>',
    '<p class="recount-screen">只在屏幕上</p>', "<!-- 注 -->",
])  # fmt: skip
def test_what_only_a_screen_can_use_goes_and_the_text_after_it_stays(gone):
    assert written(f"<p>前</p>{gone}后") == "<div><p>前</p>后</div>"


def test_what_says_nothing_is_no_element_of_its_own():
    assert written("<dd><p>甲<span>乙</span></p></dd>") == "<div><dd>甲乙</dd></div>"
    assert "<p>" in written("<td><p>甲</p><p>乙</p></td>"), "two paragraphs are two"


def test_links_go_where_they_are_told_and_words_stay_where_there_is_nowhere_to_go():
    article = read_article(page('<a href="b.html#x">内</a><a href="c.csv">外</a><a href="https://a.example/{x}">远</a>'))
    relink(article, lambda address: "b.xhtml#x" if split_address(address) == ("b", "x") else "")
    hrefs = [link.attrib["href"] for link in article.iter(f"{{{XHTML}}}a")]
    assert hrefs == ["b.xhtml#x", "https://a.example/%7Bx%7D"], "what an address may not hold is escaped"
    assert "外" in "".join(article.itertext())


def test_a_page_without_an_article_is_an_error():
    with pytest.raises(ValueError, match="article"):
        read_article("<html><body></body></html>")
