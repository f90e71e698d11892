"""The head of a page as machines read it: description, language and edition twins, sharing, feeds.

What needs an absolute address (canonical, hreflang, ``og:url``) is there only where the copy has one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from recount.site.address import OTHER, Address, alternates
from recount.site.card_drawing import SIZE
from recount.site.feed import feed_name
from recount.site.figures import escape

LOCALES = {"zh": "zh_CN", "en": "en_GB"}
DESCRIBED = {"zh": 120, "en": 200}  # characters that search engines and sites show of a description
_STOPS = re.compile(r"[。！？；]|[.!?;](?=\s)")


@dataclass(frozen=True, kw_only=True)
class Page:
    """One page: where it is from the site's root, and what it is called; `article` for a chapter.

    `card` is the path of its picture, `card_alt` what that shows; `indexed` is false for a page that is no content.
    """

    path: str
    lang: str
    title: str
    description: str
    book: str
    day: str
    front: str
    feeds: tuple[tuple[str, str], ...]
    card: str = ""
    card_alt: str = ""
    article: bool = False
    indexed: bool = True


def described(paragraph: str, lang: str) -> str:
    """A paragraph as a description: whole sentences as far as they fit, else cut at a word with an ellipsis.

    >>> described("One sentence. " + "word " * 60, "en")
    'One sentence.'
    """
    text = re.sub(r"\s+", " ", paragraph).strip()
    most = DESCRIBED[lang]
    if len(text) <= most:
        return text
    ends = [match.end() for match in _STOPS.finditer(text) if match.end() <= most]
    if ends:
        return text[: ends[-1]].rstrip("；; ")
    cut = text[: most - 1]
    return (cut.rpartition(" ")[0] or cut if lang == "en" else cut).rstrip(" ,，、:：") + "…"


def metas(page: Page, address: Address) -> str:
    """The `meta` and `link` elements of a page, one a line."""
    picture = address.seen_from(page.path, page.card) if page.card else ""
    out = [_meta("name", "description", page.description)]
    if not page.indexed:
        out.append(_meta("name", "robots", "noindex"))
    if address:
        out.append(f'<link rel="canonical" href="{escape(address.absolute(page.path))}">')
        out += [f'<link rel="alternate" hreflang="{code}" href="{escape(address.absolute(path))}">'
                for code, path in alternates(page.path, front=page.front).items()]
    # Without hreflang: search engines take that for a twin of this page, whose address would have to be whole.
    out += [f'<link rel="alternate" type="application/atom+xml" title="{escape(title)}" '
            f'href="{escape(address.seen_from(page.path, feed_name(lang)))}">' for lang, title in page.feeds]
    shared = [
        ("og:type", "article" if page.article else "website"),
        ("og:site_name", page.book),
        ("og:title", page.title),
        ("og:description", page.description),
        ("og:locale", LOCALES[page.lang]),
        ("og:locale:alternate", LOCALES[OTHER[page.lang]]),
        ("og:url", address.absolute(page.path)),
    ]
    if picture:
        shared += [("og:image", picture), ("og:image:type", "image/png"), ("og:image:width", str(SIZE[0])),
                   ("og:image:height", str(SIZE[1])), ("og:image:alt", page.card_alt)]
    if page.article:
        shared += [("article:published_time", page.day), ("article:modified_time", page.day)]
    out += [_meta("property", name, content) for name, content in shared if content]
    twitter = [("twitter:card", "summary_large_image" if picture else "summary"), ("twitter:title", page.title),
               ("twitter:description", page.description), ("twitter:image", picture), ("twitter:image:alt", page.card_alt)]
    out += [_meta("name", name, content) for name, content in twitter if content]
    return "\n".join(out) + "\n"


def _meta(kind: str, name: str, content: str) -> str:
    return f'<meta {kind}="{name}" content="{escape(content)}">'
