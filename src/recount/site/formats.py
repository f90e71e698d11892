"""The other forms of the books: EPUB and PDF of each, PDF of each chapter, remade where their pages changed.

All lie under ``_build/formats`` beside the digest of what they were made from. PDFs need a Chromium; where there
is none they are left out and the report says so, since a book without them is whole.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from importlib import metadata
from multiprocessing import get_all_start_methods, get_context
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

from recount.browser import BrowserPath, find
from recount.fonts import prepare
from recount.project import Project
from recount.site import archive, cover, epub, imprint, leaves, pdf_tags, printer, quotes, sheets
from recount.site.imprint import Imprint

AT_ONCE = 2
NO_BROWSER = ("PDFs are left out: no Chromium found (Debian: apt-get install chromium; macOS: brew install chromium), "
              "then build again")
# What a file depends on besides its leaves.
CODE = (archive, cover, epub, imprint, leaves, pdf_tags, printer, quotes, sheets)


@dataclass(frozen=True, kw_only=True)
class Source:
    """One rendered book: its imprint, assembled folder, pages, and the digest of both."""

    imprint: Imprint
    source: Path
    pages: Path
    digest: str


@dataclass(frozen=True, kw_only=True)
class Offer:
    """A file that readers can take away. `page` names the chapter; empty for a whole book."""

    kind: str
    lang: str
    edition: str
    page: str
    path: Path


@dataclass(frozen=True)
class Job:
    """A PDF to make: the sheet, where it goes, and the digest that says when it must be made again."""

    sheet: str
    title: str
    imprint: Imprint
    path: Path
    digest: str


def make_formats(project: Project, books: Sequence[Source]) -> tuple[tuple[Offer, ...], tuple[str, ...]]:
    """Make what is stale, two at a time; return every file there is, and what was left out and why.

    Raises RecountError ``format.print-failed`` where Chromium will not print.
    """
    fonts = prepare(project).regular.parent
    browser = find()
    folder = project.build / "formats"
    folder.mkdir(parents=True, exist_ok=True)
    recipe = _recipe(fonts, browser)
    jobs: list[Job] = []
    offers: list[Offer] = []
    for book in books:
        # Of the whole book: when nothing of it changed, its pages are not even read.
        stamp = folder / f"{book.imprint.name}.json"
        digest = hashlib.sha256(f"{recipe} {book.digest} {book.imprint}".encode()).hexdigest()
        kept = _kept(stamp, digest)
        if kept is None:
            every = leaves.read_leaves(book.source, book.pages)
            _make_epub(folder, book, every, fonts, recipe)
            todo = _jobs(folder, book, every, recipe) if browser else []
            jobs += [job for job in todo if not _fresh(job.path, job.digest)]
            kept = [each.name for each in every if each.chapter]
        offers += _offers(folder, book, kept, printed=browser is not None)
        stamp.unlink(missing_ok=True)
        stamp.with_suffix(".next").write_text(json.dumps({"digest": digest, "chapters": kept}), "utf-8")
    if browser:
        _print_all(jobs, browser, fonts, folder)
    for book in books:
        stamp = folder / f"{book.imprint.name}.json"
        stamp.with_suffix(".next").replace(stamp)
    return tuple(offers), () if browser else (NO_BROWSER,)


def _recipe(fonts: Path, browser: BrowserPath | None) -> str:
    """Digest of the code, the styles, the fonts and the browser that make these files."""
    digest = hashlib.sha256(f"{fonts.name} {metadata.version('pikepdf')} {metadata.version('lxml')}".encode())
    for path in [*(Path(module.__file__ or "") for module in CODE), epub.STYLE,
                 *(sheets.STATIC / name for name in sheets.STYLES if (sheets.STATIC / name).is_file())]:
        digest.update(path.read_bytes())
    if browser:
        real = browser.path.resolve()
        state = real.stat()
        digest.update(f"{real} {state.st_size} {state.st_mtime_ns}".encode())
    return digest.hexdigest()


def _kept(stamp: Path, digest: str) -> list[str] | None:
    """The chapters of a book whose files are all as its digest has them; None where something is to be made."""
    try:
        known = json.loads(stamp.read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return known["chapters"] if known.get("digest") == digest else None


def _fresh(path: Path, digest: str) -> bool:
    mark = path.with_name(f"{path.name}.digest")
    return path.is_file() and mark.is_file() and mark.read_text("ascii") == digest


def _mark(path: Path, digest: str) -> None:
    path.with_name(f"{path.name}.digest").write_text(digest, "ascii")


def _offers(folder: Path, book: Source, chapters: Sequence[str], *, printed: bool) -> list[Offer]:
    own = book.imprint
    made = [("epub", "", folder / f"{own.name}.epub")]
    if printed:
        made.append(("pdf", "", folder / f"{own.name}.pdf"))
        made += [("chapter", name, folder / f"{own.name}-{name}.pdf") for name in chapters]
    return [Offer(kind=kind, lang=own.lang, edition=own.edition, page=page, path=path) for kind, page, path in made]


def _make_epub(folder: Path, book: Source, every: Sequence[leaves.Leaf], fonts: Path, recipe: str) -> None:
    path = folder / f"{book.imprint.name}.epub"
    digest = hashlib.sha256(f"{recipe} {book.digest} {book.imprint}".encode()).hexdigest()
    if _fresh(path, digest):
        return
    ledger: Mapping[str, Any] = json.loads((book.source / "ledger.json").read_text("utf-8"))
    picture = cover.paint_cover(cover.draw_cover(book.imprint, ledger), fonts)
    path.write_bytes(epub.make_epub(every, book.imprint, cover=picture))
    _mark(path, digest)


def _jobs(folder: Path, book: Source, every: Sequence[leaves.Leaf], recipe: str) -> list[Job]:
    """The PDFs of a book, the whole one first: it takes longest."""
    def job(name: str, title: str, make: Callable[[], str]) -> Job:
        sheet = make()
        digest = hashlib.sha256(f"{recipe} {book.imprint} {title} {sheet}".encode()).hexdigest()
        return Job(sheet, title, book.imprint, folder / f"{name}.pdf", digest)

    own = book.imprint
    faces = quotes.quote_faces(folder) if own.lang == "en" else ""
    return [job(own.name, own.full_title, lambda: sheets.whole_book(every, own, faces=faces)),
            *(job(f"{own.name}-{leaf.name}", f"{leaf.title} · {own.full_title}",
                  lambda leaf=leaf: sheets.one_chapter(leaf, every, own, faces=faces)) for leaf in every if leaf.chapter)]


def _print_all(jobs: Sequence[Job], browser: BrowserPath, fonts: Path, folder: Path) -> None:
    """Print and finish: browsers print in threads of this process, which wait, and PDFs are finished in processes, which count."""
    queue: SimpleQueue[Job] = SimpleQueue()
    for job in sorted(jobs, key=lambda job: -len(job.sheet)):
        queue.put(job)

    def work(number: int) -> dict[Future[None], Job]:
        finishing: dict[Future[None], Job] = {}
        if queue.empty():
            return finishing
        page = folder / f".sheet-{number}.xhtml"
        try:
            with printer.Printer(browser, fonts=fonts) as press:
                while True:
                    job = queue.get_nowait()
                    page.write_text(job.sheet, "utf-8")
                    fresh = job.path.with_suffix(".new")
                    fresh.write_bytes(press.print(page))
                    finishing[finishers.submit(pdf_tags.finish, fresh, job.imprint, title=job.title)] = job
        except Empty:
            return finishing
        finally:
            page.unlink(missing_ok=True)

    method = "forkserver" if "forkserver" in get_all_start_methods() else "spawn"
    with (ProcessPoolExecutor(AT_ONCE, mp_context=get_context(method)) as finishers,
          ThreadPoolExecutor(AT_ONCE) as printers):  # fmt: skip
        for printed in [printers.submit(work, number) for number in range(AT_ONCE)]:
            for finished, job in printed.result().items():
                finished.result()
                job.path.with_suffix(".new").replace(job.path)
                _mark(job.path, job.digest)
