"""The source folder of one book, kept: the same files as ``recount.site.assemble`` writes, but only those that change.

Drawing every figure and writing every page takes seconds; an edit changes one. What a page is made of is kept
beside it, and a page made of the same is left alone, with its time, by which Sphinx knows that it is unchanged.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from recount.editions import Edition
from recount.errors import Finding
from recount.project import Project
from recount.serve.same import Same
from recount.site.assemble import Pages
from recount.site.beside import write_beside
from recount.site.changed import write_changed
from recount.site.claims_file import write_files
from recount.site.figures import Figure, Place
from recount.site.settings import all_sources, configure, map_toc


class Assembly:
    """The pages of one book in one folder. Not for two threads."""

    def __init__(self, project: Project, folder: Path, *, lang: str) -> None:
        self.project, self.folder, self.lang = project, folder, lang
        self._made: dict[str, Any] = {}  # page: what it was last made of
        self._beside: dict[str, Any] = {}  # the same of what stands beside pages, of which one has a page's name
        self._titles: dict[str, str] = {}
        self._cells: dict[str, list[str]] = {}
        self._problems: dict[str, list[Finding]] = {}
        self._figures: dict[str, Figure | None] = {}

    def write(self, *, settings: dict[str, Any], edition: Edition, editions: Sequence[Edition], ledger: Mapping[str, Any],
              shown: Mapping[str, Any], findings: Sequence[Finding], data: object) -> list[Finding]:  # fmt: skip
        """Bring the folder up to what is given, and return what is wrong with pages (no title, a chart not drawn).

        ``settings``, ``ledger``, the notebooks of ``shown`` and ``data`` are told from others by identity: who
        calls keeps them as long as they are the same.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        toc, stems = map_toc(self.project, executed=shown, draft=True)
        place = Place(page="", edition=ledger["edition"]["title"][self.lang], as_of=ledger["edition"]["as_of"],
                      book=settings["recount"][self.lang]["title"], address="")  # fmt: skip
        names = frozenset(stems.values())
        common = (Same(settings), tuple(sorted(names)))
        sections = settings["recount"][self.lang].get("sections", {})
        for source, stem in stems.items():
            first = stem == toc["root"]
            here = tuple(each for each in findings if each.notebook == stem or (first and each.notebook not in names))
            if source.startswith("notebooks/"):
                made = (common, Same(shown.get(stem)), _conditions(shown.get(stem), ledger), here)
                text = None
            else:
                text = (self.project.book / self.lang / f"{stem}.md").read_text("utf-8")
                made = (common, text, here)
            if self._made.get(stem) == made:
                continue
            pages = _Pages(self, place, ledger=ledger, findings=here, names=names)
            if text is None:
                pages.notebook(stem, shown.get(stem))
                pages.receipts(stem, sections)
            else:
                pages.prose(stem, first=first)
            pages.draw_pictures()
            self._made[stem] = made
            self._titles |= pages.titles
            self._cells |= pages.cells
            self._problems[stem] = pages.problems
        self._write_beside(toc, settings=settings, edition=edition, editions=editions, ledger=ledger, data=data)
        return [problem for stem in stems.values() for problem in self._problems.get(stem, ())]

    def _write_beside(self, toc: dict[str, Any], *, settings: dict[str, Any], edition: Edition, editions: Sequence[Edition],
                      ledger: Mapping[str, Any], data: object) -> None:
        """What stands beside the pages: settings and contents for Sphinx, the ledger and the tables for directives."""
        own = settings["recount"][self.lang]
        for part in toc.get("parts", ()):
            part["caption"] = own["captions"][part["caption"]]
        if self._new("_config.yml", (Same(settings), edition, tuple(editions), dict(self._titles))):
            config = configure(settings, edition=edition, lang=self.lang, draft=True, editions=editions, titles=self._titles)
            write_changed(self.folder / "_config.yml", yaml.dump(config, Dumper=_Dumper, allow_unicode=True, sort_keys=True, width=1000))
        if self._new("_toc.yml", toc):
            write_changed(self.folder / "_toc.yml", yaml.dump(toc, Dumper=_Dumper, allow_unicode=True, sort_keys=True, width=1000))
        if self._new("ledger.json", Same(ledger)):
            _write_json(self.folder / "ledger.json", ledger)
            write_files(self.folder, ledger=ledger, lang=self.lang, sections=own.get("sections", {}))
        if self._new("data", Same(data)):
            _write_json(self.folder / "sources.json", all_sources(self.project))
            write_beside(self.project, self.folder)
        if self._new("cells.json", dict(self._cells)):
            _write_json(self.folder / "cells.json", self._cells)

    def _new(self, name: str, made: Any) -> bool:
        if self._beside.get(name) == made:
            return False
        self._beside[name] = made
        return True


class _Pages(Pages):
    """Pages that draw a figure once for as long as its record is the same, and ask for no settings at each."""

    def __init__(self, assembly: Assembly, place: Place, *, ledger: Mapping[str, Any], findings: Sequence[Finding],
                 names: frozenset[str]) -> None:
        super().__init__(assembly.project, lang=assembly.lang, ledger=ledger, draft=True, findings=findings, folder=assembly.folder)
        self.stems = names
        self._assembly, self._place = assembly, place

    def figure(self, record: Mapping[str, Any], stem: str, cell: str) -> Figure | None:
        key = hashlib.sha256(json.dumps([stem, record], sort_keys=True).encode()).hexdigest()
        figures = self._assembly._figures
        if key not in figures or figures[key] is None:  # what could not be drawn says so each time
            figures[key] = super().figure(record, stem, cell)
        return figures[key]

    def place(self, stem: str) -> Place:
        return Place(**{**self._place.__dict__, "page": f"{stem}.html"})


def _conditions(node: Any, ledger: Mapping[str, Any]) -> object:
    """What a page takes from the ledger when it is assembled: which cells stand, and the words of its title.

    Numbers in the text are not among it: Sphinx takes those from ``ledger.json``.
    """
    return Same(ledger) if node is None or any(
        cell.cell_type == "markdown" and (any(":" in tag for tag in cell.metadata.get("tags", ())) or _bound_title(cell.source))
        for cell in node.cells) else 0  # fmt: skip


def _bound_title(markdown: str) -> bool:
    return any(line.startswith("# ") and "{" in line for line in markdown.splitlines())


def _write_json(path: Path, data: object) -> None:
    """As compact as it goes, which is also as fast: nobody reads these but the directives."""
    write_changed(path, json.dumps(data, ensure_ascii=False, sort_keys=True))


_Dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
