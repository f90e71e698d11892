"""Assembly: the source folder of one Jupyter Book, from executed notebooks, prose pages and a ledger.

Nothing is executed here and nothing after: what the book prints is in this folder, so its digest says
whether the book must be built again.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any

import nbformat
import yaml

from recount.config import read_config
from recount.editions import LANGS, Edition, read_editions
from recount.errors import CheckFailed, Finding
from recount.fonts import prepare
from recount.project import Project
from recount.records import is_echo, records_of
from recount.site import cards
from recount.site.beside import write_beside
from recount.site.changed import write_changed
from recount.site.claims_file import write_files
from recount.site.figures import Drawer, Figure, Place, escape, figure
from recount.site.labels import LABELS
from recount.site.roles import AT
from recount.site.settings import all_sources, configure, map_toc
from recount.words import Unbound, plain_text, receipts_page, stands

TITLE = re.compile(r"^# +(.+?)\s*$", flags=re.MULTILINE)
DROPPED = frozenset({"parameters", "injected-parameters", "setup"})


def assemble(
    project: Project,
    *,
    edition: Edition,
    lang: str,
    ledger: Mapping[str, Any],
    executed: Mapping[str, Any],
    draft: bool = False,
    findings: Sequence[Finding] = (),
    editions: Iterable[Edition] | None = None,
) -> Path:
    """Write ``_build/book/<lang>/<edition>`` and return it; a draft goes to ``_build/draft-book``.

    `executed` maps a notebook's stem to its executed notebook of this edition and language. `editions` are
    those the switch offers (by default all of ``book/editions.toml``). Raises CheckFailed for a tag that names
    nothing and for a chart that cannot be drawn; in a draft these become findings on the page.
    """
    folder = (project.build / "draft-book" if draft else project.assembled) / lang / edition.name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    every = tuple(editions) if editions else tuple(read_editions(project.book / "editions.toml").values())
    shown = [finding for finding in findings if finding.lang in ("", lang)]
    pages = Pages(project, lang=lang, ledger=ledger, draft=draft, findings=shown, folder=folder)

    settings = read_config(project)
    toc, stems = map_toc(project, executed=executed, draft=draft)
    pages.stems = frozenset(stems.values())
    for source, stem in stems.items():
        if source.startswith("notebooks/"):
            pages.notebook(stem, executed.get(stem))
            pages.receipts(stem, settings["recount"][lang].get("sections", {}))
        else:
            pages.prose(stem, first=stem == toc["root"])
    pages.raise_problems()
    pages.draw_pictures()
    if not draft:  # a draft is not for sharing
        cards.write_cards(folder, pages.cards(settings["recount"][lang]["title"], first=toc["root"]),
                          fonts=pages.drawer.fonts, cache=project.build / "svg")
    config = configure(settings, edition=edition, lang=lang, draft=draft, editions=every, titles=pages.titles)
    captions = settings["recount"][lang]["captions"]
    for part in toc.get("parts", ()):
        part["caption"] = captions[part["caption"]]
    _write_yaml(folder / "_config.yml", config)
    _write_yaml(folder / "_toc.yml", toc)
    _write_json(folder / "ledger.json", ledger)
    _write_json(folder / "sources.json", all_sources(project))
    _write_json(folder / "cells.json", pages.cells)
    write_files(folder, ledger=ledger, lang=lang, sections=settings["recount"][lang].get("sections", {}))
    write_beside(project, folder)
    return folder


class Pages:
    """The pages of one book as they are written, with the titles and the problems that come up."""

    def __init__(
        self,
        project: Project,
        *,
        lang: str,
        ledger: Mapping[str, Any],
        draft: bool,
        findings: Sequence[Finding],
        folder: Path,
    ) -> None:
        self.project, self.lang, self.ledger = project, lang, ledger
        self.draft, self.findings, self.folder = draft, findings, folder
        self.titles: dict[str, str] = {}
        self.cells: dict[str, list[str]] = {}
        self.markdown: dict[str, str] = {}
        self.problems: list[Finding] = []
        self.placed: set[int] = set()
        self.pictures: dict[str, str] = {}
        self.stems: frozenset[str] = frozenset()
        self._drawer: Drawer | None = None

    @property
    def drawer(self) -> Drawer:
        if self._drawer is None:
            self._drawer = Drawer(prepare(self.project), self.project.build / "svg")
        return self._drawer

    def notebook(self, stem: str, node: Any | None) -> None:
        """Write one executed notebook as the reader gets it: this language, this edition, no set-up cells."""
        here = [finding for finding in self.findings if finding.notebook == stem]
        cells: list[Any] = []
        if node is None:
            cells.append(_markdown(f"# {stem}\n\n{LABELS[self.lang]['not_run']}", f"{stem}-not-run"))
        for cell in node.cells if node else ():
            if self.keeps(cell, stem):
                cells.append(self.cell(cell, stem))
            if self.draft:
                found = [
                    finding
                    for finding in (*here, *self.problems)
                    if finding.notebook == stem and finding.cell == cell["id"]
                ]
                cells += self.notes(found, cell["id"])
        if self.draft:
            left = [finding for finding in here if id(finding) not in self.placed]
            cells[1:1] = self.notes(left, "page")
        self.title(stem, "\n".join(cell["source"] for cell in cells if cell["cell_type"] == "markdown"))
        page = nbformat.v4.new_notebook(cells=prose_first(cells))
        self.cells[stem] = [name for cell in page.cells for name in anchored(cell)]
        page.metadata = nbformat.from_dict(
            {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
        )
        _write_json(self.folder / f"{stem}.ipynb", page)

    def receipts(self, stem: str, sections: Mapping[str, str]) -> None:
        """Write the page of a notebook's receipts."""
        name = receipts_page(stem)
        called = sections.get(stem.partition("_")[2]) or self.titles.get(stem, stem)
        self.titles[name] = LABELS[self.lang]["receipts_of"].format(called)
        text = f"# {self.titles[name]}\n\n```{{receipts}} {stem}\n```\n"
        write_changed(self.folder / f"{name}.md", text)

    def prose(self, stem: str, *, first: bool) -> None:
        """Copy one prose page; the findings that belong to no page stand on the first."""
        source = self.project.book / self.lang / f"{stem}.md"
        text = source.read_text("utf-8")
        self.title(stem, text)
        if self.draft:
            here = [
                finding
                for finding in self.findings
                if finding.notebook == stem or (first and finding.notebook not in self.stems)
            ]
            notes = "\n\n".join(cell["source"] for cell in self.notes(here, "page"))
            text = re.sub(r"(^# .*\n)", lambda match: f"{match[0]}\n{notes}\n", text, count=1, flags=re.MULTILINE)
        write_changed(self.folder / f"{stem}.md", text)

    def keeps(self, cell: Any, stem: str) -> bool:
        """Whether the cell is for this language and for what this edition knows."""
        tags = set(cell.metadata.get("tags", ()))
        if tags & DROPPED:
            return False
        if cell.cell_type == "markdown" and tags & set(LANGS) and self.lang not in tags:
            return False
        try:
            return stands(sorted(tags), self.ledger) and cell.cell_type != "raw"
        except Unbound as unbound:
            self.problem(unbound.code, str(unbound), stem=stem, cell=cell["id"])
            return True

    def cell(self, cell: Any, stem: str) -> Any:
        kept = nbformat.from_dict(
            {"cell_type": cell.cell_type, "id": cell["id"], "source": cell.source, "metadata": {"tags": []}}
        )
        if cell.cell_type == "code":
            kept.metadata.tags = ["hide-input", f"{AT}{cell['id']}"]
            kept.execution_count = None
            kept.outputs = self.outputs(cell, stem)
        return kept

    def outputs(self, cell: Any, stem: str) -> list[Any]:
        """What a cell showed, without the records made for the ledger, and each chart as its figure."""
        kept = []
        for output in cell.get("outputs", ()):
            record = records_of(output)
            if record is not None:
                if record["record"] == "chart" and (drawn := self.figure(record, stem, cell["id"])):
                    kept.append(nbformat.v4.new_output("display_data", data={"text/html": drawn.html}))
            # Of an error, a draft shows the finding and not the traceback.
            elif output["output_type"] != "error" and not is_echo(output):
                clean = deepcopy(output)
                if "execution_count" in clean:
                    clean["execution_count"] = None
                kept.append(clean)
        return kept

    def figure(self, record: Mapping[str, Any], stem: str, cell: str) -> Figure | None:
        if record["lang"] != self.lang:
            self.problem("chart-language", f"chart {record['id']} is in {record['lang']}", stem=stem, cell=cell)
        try:
            drawn = figure(record, drawer=self.drawer, place=self.place(stem))
        except CheckFailed as failed:
            for finding in failed.findings:
                self.problem(
                    finding.code.partition(".")[2],
                    finding.found,
                    stem=stem,
                    cell=cell,
                    family="chart",
                    where=finding.where,
                    expected=finding.expected,
                )
            return None
        for name, data in drawn.files.items():
            write_changed(self.folder / name, data)
        self.pictures |= drawn.pictures
        return drawn

    def draw_pictures(self) -> None:
        """Draw the PNG files of all figures so far: many at once, since each takes as long as a page."""
        for name, data in zip(self.pictures, self.drawer.pngs(list(self.pictures.values())) if self.pictures else (), strict=True):
            write_changed(self.folder / name, data)
        self.pictures.clear()

    def cards(self, book: str, *, first: str) -> dict[str, cards.Card]:
        """The cards of the front page and of every chapter."""
        return {stem: cards.make(markdown, stem=stem, ledger=self.ledger, lang=self.lang, book=book)
                for stem, markdown in self.markdown.items() if stem == first or cards.CHAPTER.match(stem)}

    def place(self, stem: str) -> Place:
        """Where the charts of a page stand: what their embeds and pictures say of the book around them."""
        settings, edition = read_config(self.project)["recount"], self.ledger["edition"]
        address = (settings.get("address") or "").rstrip("/")
        return Place(page=f"{stem}.html", edition=edition["title"][self.lang], as_of=edition["as_of"],
                     book=settings[self.lang]["title"],
                     address=f"{address}/{self.lang}/{edition['name']}/" if address else "")

    def title(self, stem: str, markdown: str) -> None:
        self.markdown[stem] = markdown
        match = TITLE.search(markdown)
        if match:
            self.titles[stem] = plain_text(match[1], ledger=self.ledger, lang=self.lang)
        else:
            self.problem("no-title", "no first-level heading in this language", stem=stem, cell="")

    def notes(self, findings: Sequence[Finding], place: str) -> list[Any]:
        """Findings as boxes. Raw HTML, on one line, because what they quote may itself be Markdown."""
        out = []
        for number, finding in enumerate(findings, 1):
            self.placed.add(id(finding))
            body = escape(str(finding).partition("\n")[2]).replace("\n", "&#10;")
            head = escape(f"[{finding.code}] {finding.where}")
            out.append(
                _markdown(
                    f'<div class="admonition error recount-finding"><p class="admonition-title">{head}</p>'
                    f"<pre>{body}</pre></div>",
                    f"finding-{place}-{number}"[:64],
                )
            )
        return out

    def problem(
        self, code: str, found: str, *, stem: str, cell: str, family: str = "site", where: str = "", expected: str = ""
    ) -> None:
        self.problems.append(
            Finding(
                code=f"{family}.{code}",
                where=where or f"{stem} {cell} ({self.lang})",
                expected=expected,
                found=found,
                done="nothing was published",
                notebook=stem,
                cell=cell,
                lang=self.lang,
            )
        )

    def raise_problems(self) -> None:
        if self.problems and not self.draft:
            raise CheckFailed(self.problems)


def prose_first(cells: Sequence[Any]) -> list[Any]:
    """The cells in the order of reading: the title and its lead before any code, silent code in one fold.

    A notebook must compute before it can speak; a page need not. Code that shows nothing is joined to the code
    that follows it, so that a reader passes one fold and not ten.
    """
    title = next(
        (index for index, cell in enumerate(cells) if cell["cell_type"] == "markdown" and TITLE.search(cell["source"])),
        0,
    )
    end = title
    while end < len(cells) and cells[end]["cell_type"] == "markdown":
        end += 1
    ordered: list[Any] = []
    for cell in (*cells[title:end], *cells[:title], *cells[end:]):
        before = ordered[-1] if ordered else None
        if cell["cell_type"] == "code" and before and before["cell_type"] == "code" and not before["outputs"]:
            ordered.pop()
            cell["source"] = f"{before['source'].rstrip()}\n\n{cell['source']}"
            cell["metadata"]["tags"] += [f"{AT}{name}" for name in anchored(before)]
        ordered.append(cell)
    return ordered


def anchored(cell: Any) -> list[str]:
    """The ids of the notebook's cells that stand in this cell of the page."""
    return [tag.removeprefix(AT) for tag in cell["metadata"].get("tags", ()) if tag.startswith(AT)]


def _markdown(source: str, name: str) -> Any:
    cell = nbformat.v4.new_markdown_cell(source)
    cell["id"] = re.sub(r"[^A-Za-z0-9_-]", "-", name)
    return cell


def _write_yaml(path: Path, data: object) -> None:
    write_changed(path, yaml.safe_dump(data, allow_unicode=True, sort_keys=True, width=1000))


def _write_json(path: Path, data: object) -> None:
    write_changed(path, json.dumps(data, ensure_ascii=False, sort_keys=True, indent=1) + "\n")
