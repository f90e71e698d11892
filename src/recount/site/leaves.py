"""Leaves: the finished pages of a book as plain XHTML, without what only a screen with a script can use.

EPUB and PDF are made of these, so that they say what the pages say: nothing is rendered a second time.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

import yaml
from lxml import etree, html

XHTML = "http://www.w3.org/1999/xhtml"
SVG = "http://www.w3.org/2000/svg"
DRAWING = re.compile(r"<svg\b.*?</svg>", re.DOTALL)
# What acts on a screen, code (folded on the page), and what is marked as for the screen alone. Notes under a page
# repeat the receipts, which a book and a printed chapter hold whole.
SCREEN = frozenset({"script", "style", "form", "button", "input", "select", "textarea", "template", "iframe", "dialog",
                    "noscript"})
SCREEN_CLASSES = ("headerlink", "colon", "hide", "recount-screen", "recount-notes",
                  "chart-narrow", "chart-more")
# Spans that say nothing: they would be tags to read through, and a third of a receipt's.
BARE = frozenset({None, "pre", "std std-ref", "doc std std-doc"})
# What an address may hold; the rest is escaped, as a browser would before it asks.
URL = "%/:?#[]@!$&'()*+,;=~-._"
CELLS = ("dd", "td", "th", "li")
ELSEWHERE = re.compile(r"(?:[a-z][a-z0-9+.-]*:|//)", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Leaf:
    """One page of a book: its name on the site, its title, the part it belongs to, and its article."""

    name: str
    title: str
    part: str
    chapter: bool
    article: etree._Element

    def copy(self) -> etree._Element:
        """An article to change: a leaf is read once and goes into several books."""
        return deepcopy(self.article)


def read_leaves(source: Path, pages: Path) -> tuple[Leaf, ...]:
    """The leaves of a book in reading order. `source` is its assembled folder, `pages` its rendered one.

    A page that is a notebook is a chapter. Raises ValueError for a page without an article.
    """
    contents = yaml.safe_load((source / "_toc.yml").read_text("utf-8"))
    order = [(contents["root"], "")]
    order += [(each["file"], part["caption"]) for part in contents.get("parts", ()) for chapter in part["chapters"]
              for each in (chapter, *chapter.get("sections", ()))]
    return tuple(
        _leaf(pages / f"{name}.html", part=part, chapter=(source / f"{name}.ipynb").is_file()) for name, part in order
    )


def _leaf(path: Path, *, part: str, chapter: bool) -> Leaf:
    article = read_article(path.read_text("utf-8"))
    head = next(article.iter(f"{{{XHTML}}}h1"), None)
    if head is None:
        raise ValueError(f"{path.name} has no title")
    return Leaf(name=path.stem, title=text_of(head), part=part, chapter=chapter, article=article)


def read_article(page: str) -> etree._Element:
    """The article of a page as well-formed XHTML, each drawing as it was made.

    Drawings are set aside while the page is read: they are XML already, and a reader of HTML would write
    ``viewBox`` in small letters. Raises ValueError for a page without an article.
    """
    found = re.search(r'<article class="bd-article"[^>]*>(.*)</article>', page, re.DOTALL)
    if not found:
        raise ValueError("a page without an article")
    drawings: list[str] = []

    def aside(match: re.Match[str]) -> str:
        drawings.append(match[0])
        return f'<span data-drawing="{len(drawings) - 1}"></span>'

    read = html.fragment_fromstring(DRAWING.sub(aside, found[1]), create_parent="div")
    html.html_to_xhtml(read)
    # Moved below an element whose namespace has no prefix, they lose theirs.
    tree = etree.Element(f"{{{XHTML}}}div", nsmap={None: XHTML})
    tree.extend(list(read))
    for each in list(tree.iter()):
        if not isinstance(each.tag, str) or _for_screens(each):
            _drop(each)
    for place in [each for each in tree.iter() if "data-drawing" in each.attrib]:
        drawing = etree.fromstring(drawings[int(place.attrib["data-drawing"])])
        drawing.tail = place.tail
        place.getparent().replace(place, drawing)
    _drop_empty(tree)
    etree.strip_tags(tree, etree.Comment)
    for each in list(tree.iter(f"{{{XHTML}}}span", f"{{{XHTML}}}p")):
        if _says_nothing(each):
            each.tag = "bare"
    etree.strip_tags(tree, "bare")
    for each in tree.iter():
        each.attrib.pop("tabindex", None)
        if each.attrib.get("role") == "region":  # a box that scrolls; on a leaf nothing does
            each.attrib.pop("role")
            each.attrib.pop("aria-label", None)
    return tree


def relink(article: etree._Element, resolve: Callable[[str], str]) -> None:
    """Point every link where `resolve` says; where it says "" the words stay and the link goes."""
    for link in list(article.iter(f"{{{XHTML}}}a")):
        if (address := link.attrib.get("href")) is None:
            continue
        target = quote(address, safe=URL) if ELSEWHERE.match(address) else resolve(address)
        if target:
            link.attrib["href"] = target
        else:
            link.tag = f"{{{XHTML}}}span"
            for name in ("href", "hreflang", "rel", "download"):
                link.attrib.pop(name, None)


def split_address(address: str) -> tuple[str, str]:
    """The page's name and the anchor of a link within a book: ("", anchor) on the same page.

    A link out of the book's folder, or to a file that is no page, keeps its whole path.

    >>> split_address("receipts.html#v-a.b"), split_address("#c-x"), split_address("../data/a.csv")
    (('receipts', 'v-a.b'), ('', 'c-x'), ('../data/a.csv', ''))
    """
    parts = urlsplit(address)
    name = unquote(parts.path)
    return (name.removesuffix(".html") if "/" not in name else name), unquote(parts.fragment)


def ids(article: etree._Element) -> Iterator[str]:
    """Every id of an article."""
    return (each.attrib["id"] for each in article.iter() if "id" in each.attrib)


def text_of(element: etree._Element) -> str:
    """The words of an element on one line."""
    return re.sub(r"\s+", " ", "".join(element.itertext())).strip()


def _for_screens(element: etree._Element) -> bool:
    name = etree.QName(element).localname
    classes = element.attrib.get("class", "").split()
    return (name in SCREEN or "hidden" in element.attrib or "download" in element.attrib
            or any(each in SCREEN_CLASSES for each in classes))


def _says_nothing(element: etree._Element) -> bool:
    """A span without a name, or the only paragraph of a cell."""
    if set(element.attrib) - {"class"}:
        return False
    if element.tag == f"{{{XHTML}}}span":
        return element.attrib.get("class") in BARE
    parent = element.getparent()
    return "class" not in element.attrib and len(parent) == 1 and parent.tag in {f"{{{XHTML}}}{name}" for name in CELLS}


def _drop(element: etree._Element) -> None:
    """Take an element out and leave the text after it."""
    parent, before = element.getparent(), element.getprevious()
    if parent is None:
        return
    if element.tail:
        if before is not None:
            before.tail = (before.tail or "") + element.tail
        else:
            parent.text = (parent.text or "") + element.tail
    parent.remove(element)


def _drop_empty(tree: etree._Element) -> None:
    """Boxes that held nothing but what was dropped."""
    for each in reversed([each for each in tree.iter(f"{{{XHTML}}}div", f"{{{XHTML}}}p", f"{{{XHTML}}}details")]):
        if each is not tree and len(each) == 0 and not (each.text or "").strip() and "id" not in each.attrib:
            _drop(each)
