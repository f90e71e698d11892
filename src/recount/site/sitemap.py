"""The sitemap and ``robots.txt``: for a copy that has an address, every page with its twin in the other language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape, quoteattr

from recount.site.address import Address, alternates

# A search page has no content of its own, and an embedded chart is shown by its page.
UNLISTED = ("search.html", "genindex.html")


def listed(paths: Sequence[str]) -> list[str]:
    """The pages that a sitemap names: the root page, and the pages that lie directly in a book."""
    return [path for path in sorted(paths)
            if path == "index.html" or (path.count("/") == 2 and path.endswith(".html")
                                        and path.rpartition("/")[2] not in UNLISTED)]


def sitemap(paths: Sequence[str], *, address: Address, days: Mapping[str, str], front: str) -> str:
    """The sitemap of these pages. A page is as old as what its edition knows: `days` gives that by edition name."""
    out = ['<?xml version="1.0" encoding="utf-8"?>',
           '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:xhtml="http://www.w3.org/1999/xhtml">']
    for path in listed(paths):
        edition = front if path == "index.html" else path.split("/")[1]
        twins = "".join(f'<xhtml:link rel="alternate" hreflang="{code}" href={quoteattr(address.absolute(twin))}/>'
                        for code, twin in alternates(path, front=front).items())
        out.append(f"<url><loc>{escape(address.absolute(path))}</loc><lastmod>{days[edition]}</lastmod>{twins}</url>")
    return "\n".join([*out, "</urlset>"]) + "\n"


def robots(address: Address) -> str:
    """Everything may be read; the sitemap is named."""
    return f"User-agent: *\nAllow: /\n\nSitemap: {address.absolute('sitemap.xml')}\n"
