"""Markup made valid: what the theme and its extensions write that a checker of HTML refuses or warns of."""

from __future__ import annotations

import re
from urllib.parse import quote

SAFE = "!#$%&'()*+,/:;=?@[]~"
_VOID = re.compile(r"<(area|base|br|col|embed|hr|img|input|link|meta|source|track|wbr)\b([^<>]*?)\s*/>")
_FOLD = re.compile(r'<summary>\s*<p class="(collapsed|expanded)">(.*?)</p>\s*(?:<p class="(collapsed|expanded)">(.*?)</p>\s*)?</summary>',
                   re.DOTALL)

# The title, below the kicker where a chapter has one.
_TITLED = re.compile(r"""<section([^>]*)>(\s*(?:<span[^>]*></span>\s*)*(?:<p class="recount-kicker">[^<]*</p>\s*)?<h1)""")
_UNSAFE = re.compile(r'(<a\b[^>]*?\bhref=")([^"]*[{}|\\^`<> ][^"]*)"')


def make_valid(page: str) -> str:
    """One page with the same meaning and valid markup.

    >>> make_valid('<meta charset="utf-8" />')
    '<meta charset="utf-8">'
    """
    page = _VOID.sub(r"<\1\2>", page)
    # A summary holds words, not paragraphs; book.css shows one of the two.
    page = _FOLD.sub(_fold, page)
    page = _open_title(page)
    # Addresses are printed as they were found; a browser would encode these characters itself.
    page = _UNSAFE.sub(lambda match: f'{match[1]}{quote(match[2], safe=SAFE)}"', page)
    # The element says it itself.
    return re.sub(r'(<main\b[^>]*?) role="main"', r"\1", page)


def _open_title(page: str) -> str:
    """The article's title taken out of its section: it is the title of the article, which has no other heading."""
    start = page.find('<article class="bd-article">')
    end = page.find("</article>", start)
    last = page.rfind("</section>", start, end)
    if start < 0 or last < 0:
        return page
    body, found = _TITLED.subn(r"<div\1>\2", page[start:last], count=1)
    return page[:start] + body + "</div>" + page[last + len("</section>"):] if found else page


def _fold(match: re.Match[str]) -> str:
    spans = [f'<span class="{kind}">{words}</span>' for kind, words in (match.group(1, 2), match.group(3, 4)) if kind]
    return f"<summary>{''.join(spans)}</summary>"
