"""Links to mirrors: pages that repeat another's text lead a reader to it and lend it no weight with search engines."""

from __future__ import annotations

import html
import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any

REL = "nofollow noopener"
_LINK = re.compile(r"<a\b[^>]*>")
_HREF = re.compile(r'\bhref="([^"]*)"')


def is_mirror(source: Mapping[str, Any]) -> bool:
    """Whether a source is a repost, or says itself that another published it first."""
    original = source.get("original_publisher") or ""
    return source.get("kind") == "repost" or bool(original and original != source.get("publisher"))


def mirrors(sources: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    """The addresses of the sources that are mirrors."""
    return frozenset(str(source["url"]) for source in sources if source.get("url") and is_mirror(source))


def mark_mirrors(page: str, addresses: Collection[str]) -> str:
    """A page whose links to these addresses say that they are no recommendation; other links stay as they are.

    >>> mark_mirrors('<a href="http://a/?b&amp;c">x</a>', {"http://a/?b&c"})
    '<a rel="nofollow noopener" href="http://a/?b&amp;c">x</a>'
    """

    def marked(match: re.Match[str]) -> str:
        tag = match[0]
        href = _HREF.search(tag)
        if href is None or html.unescape(href[1]) not in addresses:
            return tag
        tag = re.sub(r'\s+rel="[^"]*"', "", tag)
        return f'<a rel="{REL}"{tag[2:]}'

    return _LINK.sub(marked, page)
