"""Sheets: leaves of a book as one XHTML document to print, links leading inside it, ids used once.

The page's own stylesheet is kept and `print.css` laid over it, so that a mark or a table looks on paper as it
does on the page.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from copy import deepcopy
from pathlib import Path

from lxml import etree

from recount.site.format_labels import FORMAT_LABELS
from recount.site.imprint import Imprint
from recount.site.leaves import XHTML, Leaf, ids, relink, split_address

STATIC = Path(__file__).parent / "static"
# In the order of the page; what does not exist (yet) is passed over.
STYLES = ("book.css", "press.css", "charts.css", "print.css")


def whole_book(leaves: Sequence[Leaf], imprint: Imprint, *, faces: str = "") -> str:
    """A whole book: title page, contents, every leaf. `faces` are ``@font-face`` rules for the head."""
    names = frozenset(leaf.name for leaf in leaves)
    body = [_title_page(imprint), _contents(leaves, imprint)]
    body += [_section(leaf, imprint, names=names, number=number) for number, leaf in enumerate(leaves)]
    return _document(imprint.full_title, imprint, leaves, body=body, faces=faces)


def one_chapter(leaf: Leaf, leaves: Sequence[Leaf], imprint: Imprint, *, faces: str = "") -> str:
    """One chapter, and at its end the receipts of what it prints: a chapter travels alone."""
    enclosed = _enclosed(leaf, leaves, imprint)
    names = frozenset(each.name for each in (leaf, *enclosed))
    body = [_section(each, imprint, names=names, number=number) for number, each in enumerate((leaf, *enclosed))]
    return _document(leaf.title, imprint, (leaf, *enclosed), body=body, faces=faces)


def _document(title: str, imprint: Imprint, leaves: Sequence[Leaf], *, body: Iterable[str], faces: str) -> str:
    styles = faces + "\n".join((STATIC / name).read_text("utf-8") for name in STYLES if (STATIC / name).is_file())
    foot = f"{imprint.full_title} · {imprint.as_of}"
    heads = "\n".join(
        f"@page leaf{number} {{ @top-left {{ content: {_quoted(leaf.title)} }} "
        f"@bottom-left {{ content: {_quoted(foot)} }} @bottom-right {{ content: counter(page) }} }}"
        for number, leaf in enumerate(leaves)
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        f'<html xmlns="{XHTML}" lang="{imprint.code}" xml:lang="{imprint.code}"><head><meta charset="utf-8"/>'
        f"<title>{html.escape(title)}</title><style>{html.escape(f'{styles}{heads}', quote=False)}</style></head>"
        f'<body>{"".join(body)}</body></html>\n'
    )


def _section(leaf: Leaf, imprint: Imprint, *, names: frozenset[str], number: int) -> str:
    """A leaf with ids of its own, its links pointed into the document or, where an address is set, to the site."""
    article = leaf.copy()
    known = frozenset(ids(article))

    def resolve(address: str) -> str:
        page, anchor = split_address(address)
        if not page:
            return f"#{leaf.name}--{anchor}" if anchor in known else ""
        if page in names:
            return f"#{page}--{anchor}" if anchor else f"#{page}"
        return f"{imprint.home}{address}" if imprint.home else ""

    relink(article, resolve)
    for each in article.iter():
        # Drawings have ids of their own already, and refer to them.
        if "id" in each.attrib and each.tag.startswith(f"{{{XHTML}}}"):
            each.attrib["id"] = f"{leaf.name}--{each.attrib['id']}"
        # A figure would be tagged as a second picture around the drawing, and without words.
        if each.tag == f"{{{XHTML}}}figure":
            each.tag = f"{{{XHTML}}}div"
            each.attrib["class"] = f"figure {each.attrib.get('class', '')}".strip()
        # Chromium leaves an empty cell out of the tags, and the row is then too short to read.
        elif each.tag in (f"{{{XHTML}}}td", f"{{{XHTML}}}th") and len(each) == 0 and not (each.text or "").strip():
            each.text = "\N{NO-BREAK SPACE}"
        elif each.tag == f"{{{XHTML}}}figcaption":
            each.tag = f"{{{XHTML}}}p"
            each.attrib["class"] = "figcaption"
    article.attrib.update({"id": leaf.name, "class": "bd-article leaf", "style": f"page: leaf{number}"})
    return etree.tostring(article, encoding="unicode")


def _enclosed(leaf: Leaf, leaves: Sequence[Leaf], imprint: Imprint) -> tuple[Leaf, ...]:
    """The receipts that a chapter links to, and the rows that these link to, as a leaf of their own."""
    receipts = next((each for each in leaves if each.name == "receipts" and each is not leaf), None)
    if receipts is None:
        return ()
    entries = {each.attrib["id"]: each for each in receipts.article.iter(f"{{{XHTML}}}dt") if "id" in each.attrib}
    wanted = list(dict.fromkeys(anchor for anchor in _anchors(leaf.article, "receipts") if anchor in entries))
    rows = [anchor for name in wanted for anchor in _anchors(entries[name].getnext(), "receipts", "")
            if anchor in entries and anchor.startswith("r-")]
    wanted += [anchor for anchor in dict.fromkeys(rows) if anchor not in wanted]
    if not wanted:
        return ()
    words = FORMAT_LABELS[imprint.lang]["chapter_receipts"]
    article = etree.Element(f"{{{XHTML}}}div", nsmap={None: XHTML})
    etree.SubElement(article, f"{{{XHTML}}}h1").text = words
    listing = etree.SubElement(article, f"{{{XHTML}}}dl", {"class": "recount-receipts"})
    kept = frozenset(wanted)
    for name, each in entries.items():
        if name in kept:
            listing.extend((deepcopy(each), deepcopy(each.getnext())))
    return (Leaf(name="receipts", title=words, part="", chapter=False, article=article),)


def _anchors(element: etree._Element, *pages: str) -> Iterable[str]:
    for link in element.iter(f"{{{XHTML}}}a"):
        page, anchor = split_address(link.attrib.get("href", ""))
        if page in pages and anchor:
            yield anchor


def _title_page(imprint: Imprint) -> str:
    words = FORMAT_LABELS[imprint.lang]
    known = words["known"].format(day=imprint.day)
    site = f"<p>{html.escape(words['site'])}<a href=\"{html.escape(imprint.home)}\">{html.escape(imprint.home)}</a></p>"
    return (
        f'<div class="title-page"><p class="book-title">{html.escape(imprint.title)}</p>'
        f'<p class="book-edition">{html.escape(imprint.edition_title)}</p>'
        f"<p>{html.escape(known)}</p><p>{html.escape(imprint.footer)}</p>{site if imprint.home else ''}</div>"
    )


def _contents(leaves: Sequence[Leaf], imprint: Imprint) -> str:
    parts: dict[str, list[Leaf]] = {}
    for leaf in leaves:
        parts.setdefault(leaf.part, []).append(leaf)
    out = [f'<div class="contents" role="navigation"><h1>{html.escape(FORMAT_LABELS[imprint.lang]["contents"])}</h1>']
    for part, own in parts.items():
        out.append(f"<p class=\"part\">{html.escape(part)}</p>" if part else "")
        out.append("<ul>" + "".join(
            f'<li><a href="#{leaf.name}">{html.escape(leaf.title)}</a></li>' for leaf in own) + "</ul>")
    return "".join(out) + "</div>"


def _quoted(text: str) -> str:
    """A text as a string of CSS."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ") + '"'
