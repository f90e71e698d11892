"""Building the site: one Jupyter Book for each edition and language, mended, checked, and published at once.

Every book is built fresh in a folder of its own, two at a time. The finished site replaces the last one in a
single rename, so that a failed build leaves what was published as it was.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

import nbformat

from recount.config import read_config
from recount.editions import LANGS, Edition
from recount.errors import CheckFailed, Finding
from recount.project import Project
from recount.site.assemble import assemble
from recount.site.beside import publish_data
from recount.site.bindery import Bindery
from recount.site.checks import check_site
from recount.site.downloads import ZIP, publish_downloads, seal
from recount.site.formats import Offer, Source, make_formats
from recount.site.front import write_front
from recount.site.imprint import imprint_of
from recount.site.machines import publish_machines
from recount.site.policy import set_policies

AT_ONCE = 2
Made = tuple[tuple[Offer, ...], tuple[str, ...]]  # files to offer, and notes on what was left out
HERE = Path(__file__).parent
# `path:line: WARNING: text [code]`, as Sphinx prints it; the path may be missing.
WARNING = re.compile(
    r"^(?:(?P<path>[^\s:][^:\n]*?)(?::(?P<line>\d+))?: )?(?P<level>WARNING|ERROR|CRITICAL|SEVERE): (?P<text>.*?)"
    r"(?: \[(?P<code>[\w.-]+)\])?$"
)
WARNING_LEVELS = ("WARNING: ", "ERROR: ", "CRITICAL: ", "SEVERE: ")


@dataclass(frozen=True, kw_only=True)
class SiteReport:
    """What a build made: where the reader starts, how much was checked, what was built and what reused."""

    index: Path
    pages: int
    links: int
    built: tuple[str, ...]
    reused: tuple[str, ...]
    seconds: float
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Book:
    """One edition in one language on its way from source folder to pages."""

    edition: str
    lang: str
    source: Path
    output: Path
    draft: bool

    @property
    def name(self) -> str:
        return f"{self.lang}/{self.edition}"

    @property
    def stamp(self) -> Path:
        return self.output.with_name(f"{self.output.name}.digest")


def build_site(
    project: Project,
    editions: Iterable[Edition],
    ledgers: Mapping[str, Mapping[str, Any]],
    executed: Mapping[tuple[str, str], Mapping[str, Any]],
    *,
    draft: bool = False,
    findings: Sequence[Finding] = (),
    formats: bool = False,
    bindery: Bindery | None = None,
) -> SiteReport:
    """Build every edition in every language and publish them together under ``_build/site``.

    `ledgers` is keyed by edition name, `executed` by (edition name, language), each a mapping of notebook stem
    to executed notebook. A draft goes to ``_build/draft``, watermarked, unchecked, with `findings` at the cells
    they concern. With `formats` the site offers EPUB, PDF and itself as a zip (``_build/recount-site.zip``).
    `bindery` is one that may have been started already; it is ended here. Without one, this call has its own.
    Raises CheckFailed with one finding for each warning of Sphinx and each failed site check;
    nothing is published then.
    """
    start = time.monotonic()
    editions = tuple(editions)
    bindery = bindery or Bindery()
    digests: dict[Book, str] = {}
    rendered: dict[Book, Future[list[Finding]]] = {}
    # The bindery ends before the threads that wait for it: on Ctrl-C nobody waits for a book that nobody wants.
    with ThreadPoolExecutor(AT_ONCE) as pool, bindery:
        try:
            for edition in editions:
                for lang in LANGS:
                    source = assemble(
                        project,
                        edition=edition,
                        lang=lang,
                        ledger=ledgers[edition.name],
                        executed=executed[edition.name, lang],
                        draft=draft,
                        findings=findings,
                        editions=editions,
                    )
                    output = project.build / ("draft-html" if draft else "html") / lang / edition.name
                    book = Book(edition.name, lang, source, output, draft)
                    digests[book] = _digest(project, book)
                    if not _is_current(book, digests[book]):  # rendered while the next ones are assembled
                        rendered[book] = pool.submit(_render, project, book, digests[book], bindery=bindery)
            problems = [finding for future in rendered.values() for finding in future.result()]
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    books, stale = tuple(digests), tuple(rendered)
    if problems and not draft:
        raise CheckFailed(problems)
    made: Made = ((), ())
    if formats and not draft:
        settings = read_config(project)
        named = {edition.name: edition for edition in editions}
        made = make_formats(project, [
            Source(imprint=imprint_of(settings, named[book.edition], book.lang), source=book.source, pages=book.output,
                   digest=digests[book]) for book in books])  # fmt: skip
    return _publish(project, editions, books, draft=draft, start=start, stale=stale, formats=made)


def build_draft(project: Project, *, edition: Edition, lang: str, ledger: Mapping[str, Any], executed: Mapping[str, Any],
                bindery: Bindery) -> Path:  # fmt: skip
    """Build one edition in one language as a draft, watermarked and unchecked, and return the folder of its pages.

    For editions that are none of the book's own (``recount.grid``). Raises CheckFailed where no pages were made.
    """
    source = assemble(project, edition=edition, lang=lang, ledger=ledger, executed=executed, draft=True, editions=(edition,))
    book = Book(edition.name, lang, source, project.build / "draft-html" / lang / edition.name, True)
    problems = _render(project, book, _digest(project, book), bindery=bindery)
    if not book.output.is_dir():
        raise CheckFailed(problems)
    return book.output


def _publish(
    project: Project,
    editions: Sequence[Edition],
    books: Sequence[Book],
    *,
    draft: bool,
    start: float,
    stale: Sequence[Book],
    formats: Made,
) -> SiteReport:
    site = project.draft if draft else project.site
    made = Path(tempfile.mkdtemp(prefix=f".{site.name}-", dir=project.build))
    try:
        for book in books:
            if book.output.is_dir():
                shutil.copytree(book.output, made / book.lang / book.edition)
        settings = read_config(project)
        write_front(made, settings=settings, editions=editions, cache=project.build / "svg", draft=draft)
        publish_data(project, made)
        if not draft:
            publish_machines(project, made, settings=settings, editions=editions)
        offers, notes = formats
        publish_downloads(made, offers)
        set_policies(made)
        if offers:
            seal(made, project.build / ZIP)
        checked = check_site(made)
        if checked.findings and not draft:
            raise CheckFailed(checked.findings)
        made.chmod(0o755)
        _swap(made, site)
    finally:
        shutil.rmtree(made, ignore_errors=True)
    return SiteReport(
        index=site / "index.html",
        pages=checked.pages,
        links=checked.links,
        built=tuple(book.name for book in stale),
        reused=tuple(book.name for book in books if book not in stale),
        seconds=time.monotonic() - start,
        notes=notes,
    )


def _swap(made: Path, site: Path) -> None:
    """Put the new site where the old one is; if that fails, the old one is back."""
    old = site.with_name(f".{site.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if site.exists():
        site.rename(old)
    try:
        made.rename(site)
    except OSError:
        if old.exists():
            old.rename(site)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _digest(project: Project, book: Book) -> str:
    """Of everything a book's pages depend on: its source folder, this package, and the locked packages."""
    digest = hashlib.sha256(f"{sys.version_info[:2]} {metadata.version('sphinx')}".encode())
    package = HERE.parent
    own = [path for path in package.rglob("*") if "__pycache__" not in path.parts]
    locked = [project.root / "requirements.lock"]
    for base, paths in ((book.source, book.source.rglob("*")), (package, own), (project.root, locked)):
        for path in sorted(paths):
            if path.is_file():
                digest.update(f"{path.relative_to(base).as_posix()} {path.stat().st_size}\0".encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()


def _is_current(book: Book, digest: str) -> bool:
    return book.stamp.is_file() and book.stamp.read_text("ascii") == digest and book.output.is_dir()


def _render(project: Project, book: Book, digest: str, *, bindery: Bindery) -> list[Finding]:
    """Run Jupyter Book on one source folder, into a fresh folder; findings where it failed or warned."""
    book.output.parent.mkdir(parents=True, exist_ok=True)
    book.stamp.unlink(missing_ok=True)
    shutil.rmtree(book.output, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=".book-", dir=book.output.parent) as work:
        strict = [] if book.draft else ["-W", "--keep-going"]
        done = bindery.bind(["build", str(book.source), "--path-output", work, "-q", *strict], home=Path(work))
        html = Path(work, "_build", "html")
        log = re.sub(r"\x1b\[[0-9;]*m", "", done.stdout + done.stderr)
        findings = read_warnings(log, book)
        if done.returncode and not findings:
            findings = [
                Finding(
                    code="site.build-failed",
                    where=f"book {book.name}",
                    expected="a built book",
                    found="\n".join(log.strip().splitlines()[-12:]) or f"exit code {done.returncode}",
                    lang=book.lang,
                )
            ]
        if findings:
            project.failures.mkdir(parents=True, exist_ok=True)
            kept = project.failures / f"site-{book.lang}-{book.edition}.log"
            kept.write_text(log, "utf-8")
        if html.is_dir() and (book.draft or not findings):
            html.rename(book.output)
            if not findings:
                book.stamp.write_text(digest, "ascii")
    return findings


def read_warnings(log: str, book: Book) -> list[Finding]:
    """Sphinx's warnings as findings, each at the notebook cell or the line of the page that it concerns."""
    findings = []
    for line in dict.fromkeys(log.splitlines()):
        match = WARNING.match(line.strip())
        if not match or not any(level in line for level in WARNING_LEVELS):
            continue
        notebook, cell, where = _place(match["path"] or "", match["line"], book)
        code = match["code"] or "site.warning"
        findings.append(
            Finding(
                code=code if "." in code else f"site.{code}",
                where=where,
                found=match["text"],
                done="nothing was published",
                notebook=notebook,
                cell=cell,
                lang=book.lang,
            )
        )
    return findings


def _place(path: str, line: str | None, book: Book) -> tuple[str, str, str]:
    """Notebook stem, cell id, and words for the place. MyST-NB counts ten thousand lines for a cell."""
    stem = Path(path).stem
    if not path:
        return "", "", f"book {book.name}"
    if Path(path).suffix != ".ipynb":
        return stem, "", f"book/{book.lang}/{Path(path).name}" + (f":{line}" if line else "")
    number = int(line or 0)
    cells = nbformat.read(book.source / f"{stem}.ipynb", as_version=4).cells
    index = number // 10000 - 1
    if not 0 <= index < len(cells):
        return stem, "", f"notebooks/{stem}.ipynb"
    cell = cells[index]["id"]
    return stem, cell, f"notebooks/{stem}.ipynb cell {cell} line {number % 10000} ({book.name})"
