"""The EPUB of one book: its leaves as chapters, charts as drawings, receipts a link away, no scripts.

Written with the standard library: the one library there is for EPUB is under the AGPL, which a book under MIT
cannot ask of its readers' copies, and the format is a zip with three small files of its own.
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lxml import etree

from recount.site.archive import pack
from recount.site.format_labels import FORMAT_LABELS
from recount.site.imprint import Imprint
from recount.site.leaves import SVG, XHTML, Leaf, ids, relink, split_address, text_of

STYLE = Path(__file__).parent / "static" / "epub.css"
# Reading devices are slow with long files; a leaf longer than this is cut at its sections.
LONG = 300_000  # characters
FEATURES = ("structuralNavigation", "tableOfContents", "alternativeText", "readingOrder")


@dataclass(frozen=True)
class Piece:
    """One file of the book, and the sections in it that the contents list."""

    file: str
    leaf: Leaf
    article: etree._Element


def make_epub(leaves: Sequence[Leaf], imprint: Imprint, *, cover: bytes) -> bytes:
    """The EPUB as bytes, the same for the same leaves. `cover` is a PNG."""
    pieces = [piece for leaf in leaves for piece in cut(leaf)]
    where: dict[tuple[str, str], str] = {}
    for piece in pieces:
        where.setdefault((piece.leaf.name, ""), piece.file)
        where |= {(piece.leaf.name, anchor): f"{piece.file}#{anchor}" for anchor in ids(piece.article)}
    for piece in pieces:
        _point(piece, where, imprint)
    entries = [
        ("META-INF/container.xml", CONTAINER),
        ("EPUB/package.opf", _package(pieces, imprint)),
        ("EPUB/nav.xhtml", _nav(leaves, pieces, where, imprint)),
        ("EPUB/cover.xhtml", _page(imprint, imprint.full_title, f'<div class="cover"><img src="cover.png" alt='
                                   f'"{html.escape(imprint.full_title)}"/></div>')),
        ("EPUB/book.css", STYLE.read_text("utf-8")),
        *((f"EPUB/{piece.file}", _page(imprint, piece.leaf.title, etree.tostring(piece.article, encoding="unicode")))
          for piece in pieces),
    ]
    return pack([*((name, text.encode()) for name, text in entries), ("EPUB/cover.png", cover)],
                first=("mimetype", b"application/epub+zip"))


def cut(leaf: Leaf) -> list[Piece]:
    """A leaf as one file, or, where it is long, one for its head and one for each section."""
    article = leaf.copy()
    outer = next(iter(article), None)
    sections = [] if outer is None else [each for each in outer if each.tag == f"{{{XHTML}}}section"]
    if len(etree.tostring(article, encoding="unicode")) <= LONG or len(sections) < 2:
        return [Piece(f"{leaf.name}.xhtml", leaf, article)]
    pieces = [Piece(f"{leaf.name}.xhtml", leaf, article)]
    for number, section in enumerate(sections, 1):
        box = etree.Element(f"{{{XHTML}}}div", nsmap={None: XHTML})
        section.tail = None
        box.append(section)
        pieces.append(Piece(f"{leaf.name}-{number:02d}.xhtml", leaf, box))
    return pieces


def _point(piece: Piece, where: dict[tuple[str, str], str], imprint: Imprint) -> None:
    def resolve(address: str) -> str:
        name, anchor = split_address(address)
        inside = where.get((name or piece.leaf.name, anchor), "")
        return inside or (f"{imprint.home}{address}" if imprint.home and name else "")

    relink(piece.article, resolve)


def _page(imprint: Imprint, title: str, body: str) -> str:
    return (
        f'<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE html>\n<html xmlns="{XHTML}" '
        f'xmlns:epub="http://www.idpf.org/2007/ops" lang="{imprint.code}" xml:lang="{imprint.code}"><head>'
        f'<meta charset="utf-8"/><title>{html.escape(title)}</title>'
        f'<link rel="stylesheet" type="text/css" href="book.css"/></head><body>{body}</body></html>\n'
    )


def _nav(leaves: Sequence[Leaf], pieces: Sequence[Piece], where: dict[tuple[str, str], str], imprint: Imprint) -> str:
    """Parts, leaves, and the sections of each leaf, in the order of reading."""
    words = FORMAT_LABELS[imprint.lang]
    parts: dict[str, list[str]] = {}
    for leaf in leaves:
        inner = "".join(
            f'<li><a href="{piece.file}#{html.escape(section.attrib["id"])}">{html.escape(text_of(head))}</a></li>'
            for piece in pieces if piece.leaf is leaf
            for section in piece.article.iter(f"{{{XHTML}}}section") if "id" in section.attrib
            for head in section if head.tag == f"{{{XHTML}}}h2")
        parts.setdefault(leaf.part, []).append(
            f'<li><a href="{where[leaf.name, ""]}">{html.escape(leaf.title)}</a>{f"<ol>{inner}</ol>" if inner else ""}</li>')
    listing = "".join(
        "".join(items) if not part else f"<li><span>{html.escape(part)}</span><ol>{''.join(items)}</ol></li>"
        for part, items in parts.items())
    body = (
        f'<nav epub:type="toc" role="doc-toc" id="toc"><h1>{words["contents"]}</h1><ol>{listing}</ol></nav>'
        f'<nav epub:type="landmarks" hidden="hidden"><ol><li><a epub:type="cover" href="cover.xhtml">{words["cover"]}'
        f'</a></li><li><a epub:type="toc" href="#toc">{words["contents"]}</a></li><li><a epub:type="bodymatter" '
        f'href="{pieces[0].file}">{words["start"]}</a></li></ol></nav>'
    )
    return _page(imprint, words["contents"], body)


def _package(pieces: Sequence[Piece], imprint: Imprint) -> str:
    items, spine = [], []
    for number, piece in enumerate(pieces):
        drawn = ' properties="svg"' if next(piece.article.iter(f"{{{SVG}}}svg"), None) is not None else ""
        items.append(f'<item id="p{number}" href="{piece.file}" media-type="application/xhtml+xml"{drawn}/>')
        spine.append(f'<itemref idref="p{number}"/>')
    meta = "".join(f'<meta property="schema:{name}">{value}</meta>' for name, value in (
        ("accessMode", "textual"), ("accessMode", "visual"), ("accessModeSufficient", "textual"),
        *(("accessibilityFeature", each) for each in FEATURES), ("accessibilityHazard", "none")))
    moment = imprint.moment.strftime("%Y-%m-%dT%H:%M:%SZ")
    text = html.escape
    rights = f"<dc:rights>{text(imprint.copyright)} {text(imprint.author)}</dc:rights>" if imprint.copyright else ""
    source = f"<dc:source>{text(imprint.home)}</dc:source>" if imprint.home else ""
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<package xmlns="http://www.idpf.org/2007/opf" version="3.0" '
        f'unique-identifier="id" xml:lang="{imprint.code}"><metadata xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f'<dc:identifier id="id">{imprint.identifier}</dc:identifier><dc:title>{text(imprint.full_title)}</dc:title>'
        f"<dc:language>{imprint.code}</dc:language><dc:creator>{text(imprint.author)}</dc:creator>"
        f"<dc:date>{imprint.as_of.isoformat()}</dc:date><dc:description>{text(imprint.footer)}</dc:description>"
        f'{rights}{source}<meta property="dcterms:modified">{moment}</meta>{meta}</metadata><manifest>'
        '<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>'
        '<item id="cover" href="cover.xhtml" media-type="application/xhtml+xml"/>'
        '<item id="picture" href="cover.png" media-type="image/png" properties="cover-image"/>'
        f'<item id="style" href="book.css" media-type="text/css"/>{"".join(items)}</manifest>'
        f'<spine><itemref idref="cover"/><itemref idref="nav"/>{"".join(spine)}</spine></package>\n'
    )


CONTAINER = (
    '<?xml version="1.0" encoding="utf-8"?>\n<container version="1.0" '
    'xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles><rootfile full-path="EPUB/package.opf" '
    'media-type="application/oebps-package+xml"/></rootfiles></container>\n'
)
