"""What readers can take away: the directive ``{downloads}``, and the lists that publishing puts in its place.

A page is rendered before its PDF exists, so the directive leaves a mark; sizes are read from the files when the
site is put together. Where nothing is offered the marks go without a trace.
"""

from __future__ import annotations

import hashlib
import html
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from docutils import nodes

from recount.editions import LANGS
from recount.site.archive import pack
from recount.site.directive import LedgerDirective
from recount.site.format_labels import FORMAT_LABELS
from recount.site.formats import Offer

FOLDER = "downloads"
ZIP = "recount-site.zip"
MARK = re.compile(r'<div class="recount-downloads[^"]*">\s*</div>')
# The one offer that the archive's own copy of a page cannot make.
ZIP_ITEM = re.compile(r'<li class="recount-zip">.*?</li>', re.DOTALL)
EMPTY = re.compile(r'<ul class="recount-downloads">\s*</ul>')


class Downloads(LedgerDirective):
    """The place for the list of files of this book; the list itself is made when they are."""

    def build(self) -> list[nodes.Node]:
        return [nodes.raw("", '<div class="recount-downloads"></div>\n', format="html")]


def publish_downloads(site: Path, offers: Sequence[Offer]) -> None:
    """Copy the files into a site and list them where pages asked for it; without files the marks go.

    The list offers the zip of the site too, which `seal` makes when the pages are finished.
    """
    if not offers:
        _rewrite(site, lambda path, text: MARK.sub("", text))
        return
    folder = site / FOLDER
    folder.mkdir()
    for offer in offers:
        shutil.copyfile(offer.path, folder / offer.path.name)

    def fill(path: Path, text: str) -> str:
        where = path.relative_to(site).parts
        lang, edition = where[:2] if len(where) == 3 else ("", "")
        text = MARK.sub(lambda _: _list(offers, lang, edition, up="../../"), text)
        if edition:
            return text.replace("</article>", f"{_of_chapter(offers, lang, edition, path.stem)}</article>", 1)
        return _front(text, offers)

    _rewrite(site, fill)


def seal(site: Path, archive: Path) -> None:
    """Pack a finished site as `archive`, one folder on top, and put the zip and its size into the site.

    Called when no page will change any more. The zip holds the site but for itself, and its pages do not offer it.
    """
    def entries() -> Iterator[tuple[str, bytes]]:
        for path in sorted(site.rglob("*")):
            if path.is_file():
                data = path.read_bytes()
                if path.suffix == ".html":
                    data = EMPTY.sub("", ZIP_ITEM.sub("", data.decode())).encode()
                yield f"{ZIP.removesuffix('.zip')}/{path.relative_to(site).as_posix()}", data

    # To pack takes seconds, to see that nothing changed a part of one.
    digest = hashlib.sha256()
    for name, data in entries():
        digest.update(f"{name} {len(data)}\0".encode() + data)
    mark = archive.with_name(f"{archive.name}.digest")
    if not (archive.is_file() and mark.is_file() and mark.read_text("ascii") == digest.hexdigest()):
        mark.unlink(missing_ok=True)
        fresh = archive.with_suffix(".new")
        fresh.write_bytes(pack(entries()))
        fresh.replace(archive)
        mark.write_text(digest.hexdigest(), "ascii")
    shutil.copyfile(archive, site / FOLDER / ZIP)
    size = {lang: _size(archive.stat().st_size, lang) for lang in LANGS}
    _rewrite(site, lambda path, text: re.sub(
        r'(<li class="recount-zip">.*?)<span class="recount-size" lang="(zh-CN|en)"></span>',
        lambda match: f'{match[1]}<span class="recount-size">{size["zh" if match[2] == "zh-CN" else "en"]}</span>', text,
        flags=re.DOTALL))


def _rewrite(site: Path, change: Callable[[Path, str], str]) -> None:
    for path in sorted(site.rglob("*.html")):
        if "_static" in path.relative_to(site).parts:
            continue
        before = path.read_text("utf-8")
        if (after := change(path, before)) != before:
            path.write_text(after, "utf-8")


def _list(offers: Sequence[Offer], lang: str, edition: str, *, up: str) -> str:
    words = FORMAT_LABELS[lang]
    items = [
        f'<li><a href="{up}{FOLDER}/{html.escape(offer.path.name)}">{words[offer.kind]}</a>'
        f'<span class="recount-size">{_size(offer.path.stat().st_size, lang)}</span></li>'
        for offer in offers if (offer.lang, offer.edition, offer.page) == (lang, edition, "")
    ]
    code = "zh-CN" if lang == "zh" else lang
    items.append(f'<li class="recount-zip"><a href="{up}{FOLDER}/{ZIP}">{words["zip"]}</a>'
                 f'<span class="recount-size" lang="{code}"></span></li>')
    return f'<ul class="recount-downloads">{"".join(items)}</ul>'


def _of_chapter(offers: Sequence[Offer], lang: str, edition: str, page: str) -> str:
    """The line below a chapter that offers it as PDF."""
    for offer in offers:
        if page and (offer.lang, offer.edition, offer.page) == (lang, edition, page):
            words = FORMAT_LABELS[lang]
            return (f'<p class="recount-download recount-screen"><a href="../../{FOLDER}/{html.escape(offer.path.name)}">'
                    f'{words["chapter_pdf"]}</a><span class="recount-size">'
                    f"{_size(offer.path.stat().st_size, lang)}</span></p>\n")
    return ""


def _front(text: str, offers: Sequence[Offer]) -> str:
    """The root page: below each language the files of the edition that it leads to."""
    def below(match: re.Match[str]) -> str:
        lang = "zh" if match[1].startswith("zh") else match[1]
        front = re.search(rf'href="{lang}/(\w+)/index\.html" data-front', match[0])
        if not front:
            return match[0]
        title = FORMAT_LABELS[lang]["downloads"]
        return (f'{match[0].removesuffix("</section>")}<h3>{title}</h3>'
                f"{_list(offers, lang, front[1], up='')}</section>")

    return re.sub(r'<section lang="([\w-]+)">.*?</section>', below, text, flags=re.DOTALL)


def _size(size: int, lang: str) -> str:
    """A size for people: megabytes of a million bytes, to one decimal, two where that would be nothing.

    >>> _size(3_617_037, "en"), _size(80_665, "zh")
    (', 3.6 MB', '，0.08 MB')
    """
    number = size / 1e6
    return FORMAT_LABELS[lang]["size"].format(size=f"{number:.1f}" if number >= 0.1 else f"{number:.2f}")
