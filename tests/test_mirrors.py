"""Links to reposts carry no recommendation; links to whoever published first are plain."""

import pytest

from recount.site.mirrors import is_mirror, mark_mirrors, mirrors


@pytest.mark.parametrize(("source", "mirror"), [
    ({"kind": "repost", "publisher": "a", "original_publisher": ""}, True),
    ({"kind": "press", "publisher": "a", "original_publisher": "b"}, True),
    ({"kind": "press", "publisher": "a", "original_publisher": "a"}, False),
    ({"kind": "official", "publisher": "a", "original_publisher": ""}, False),
])
def test_a_mirror_is_what_its_row_says_it_is(source, mirror):
    assert is_mirror(source) is mirror


def test_only_links_to_mirrors_are_marked_whatever_else_the_link_carries():
    listed = mirrors([{"kind": "repost", "url": "https://mirror.example/?a=1&b=2"}, {"kind": "repost", "url": ""},
                      {"kind": "press", "url": "https://paper.example/"}])
    page = ('<a class="reference external" href="https://mirror.example/?a=1&amp;b=2" rel="author">x</a>'
            '<a href="https://paper.example/">y</a><a href="sources.html">z</a><abbr>n</abbr>')
    assert mark_mirrors(page, listed) == (
        '<a rel="nofollow noopener" class="reference external" href="https://mirror.example/?a=1&amp;b=2">x</a>'
        '<a href="https://paper.example/">y</a><a href="sources.html">z</a><abbr>n</abbr>')
