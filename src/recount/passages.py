"""Passages: the Markdown that readers see, cell by cell and page by page, with its place and language."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from recount.editions import LANGS
from recount.errors import Finding
from recount.project import Project
from recount.prose import bindings
from recount.words import CONDITIONS, stands

_DIRECTIVE = re.compile(r"^(?:`{3,}|:{3,})\{(?P<name>[\w:+-]+)\}[^\n]*(?P<options>(?:\n:[\w-]+:[^\n]*)*)", re.MULTILINE)
_OF_TEXT = re.compile(r":(?:caption|title|subtitle|header|footer|alt|name):")


@dataclass(frozen=True, kw_only=True)
class Passage:
    """One Markdown cell of a notebook, or one prose page of ``book/``."""

    notebook: str
    cell: str
    lang: str
    markdown: str
    tags: tuple[str, ...] = ()
    path: str = ""

    @property
    def where(self) -> str:
        return f"{self.path} cell {self.cell}" if self.cell else self.path

    def stands_in(self, ledger: Mapping[str, Any]) -> bool:
        """Whether this edition prints it: every ``known:`` is known, every ``open:`` is not.

        Raises Unbound for a tag that names nothing.
        """
        return stands(self.tags, ledger)


def passages(project: Project) -> list[Passage]:
    """Every passage of the book as it stands in the sources, notebooks first, in reading order."""
    found = []
    for path in project.notebook_paths():
        notebook, name = json.loads(path.read_text("utf-8")), project.short(path)
        for cell in notebook["cells"]:
            tags = tuple(cell.get("metadata", {}).get("tags", ()))
            if cell["cell_type"] != "markdown" or "setup" in tags:
                continue
            source = cell["source"]
            text = source if isinstance(source, str) else "".join(source)
            for lang in [lang for lang in LANGS if lang in tags] or [""]:
                found.append(Passage(notebook=path.stem, cell=cell["id"], lang=lang, markdown=text, tags=tags,
                                     path=name))
    for lang in LANGS:
        for path in sorted((project.book / lang).glob("*.md")):
            found.append(Passage(notebook=path.stem, cell="", lang=lang, markdown=path.read_text("utf-8"),
                                 path=project.short(path)))
    return found


def twin_findings(all_passages: list[Passage]) -> list[Finding]:
    """Cells and pages that do not stand in both languages, or bind other numbers in one than in the other.

    Twins are cells ``x-zh`` and ``x-en``, and pages of one name.
    """
    found = []
    groups: dict[tuple[str, str], dict[str, Passage]] = {}
    for passage in all_passages:
        if not passage.lang:
            found.append(Finding(code="prose.no-language", where=passage.where, notebook=passage.notebook,
                                 cell=passage.cell, expected="a cell tagged zh or en", found="neither"))
            continue
        stem = passage.cell.removesuffix(f"-{passage.lang}")
        if passage.cell and stem == passage.cell:
            found.append(Finding(code="prose.cell-name", where=passage.where, notebook=passage.notebook,
                                 cell=passage.cell, lang=passage.lang, found=passage.cell,
                                 expected=f"a cell id that ends in -{passage.lang}, so that its twin can be found"))
        groups.setdefault((passage.notebook, stem), {})[passage.lang] = passage
    for by_lang in groups.values():
        first = next(iter(by_lang.values()))
        place = {"notebook": first.notebook, "cell": first.cell, "where": first.where}
        if len(by_lang) < len(LANGS):
            other = "en" if first.lang == "zh" else "zh"
            found.append(Finding(code="prose.no-twin", **place, lang=first.lang, found="no twin",
                                 expected=f"the same passage in {other}"))
            continue
        bound = {lang: {(item.kind, item.id) for item in bindings(passage.markdown)}
                 for lang, passage in by_lang.items()}
        shown = {lang: set(directives(passage.markdown)) for lang, passage in by_lang.items()}
        conditions = {lang: {tag for tag in passage.tags if ":" in tag} for lang, passage in by_lang.items()}
        for what, sets in (("binds", {lang: {f"{kind} {name}" for kind, name in bound[lang]} for lang in bound}),
                           ("shows", shown), ("stands under", conditions)):
            odd = sets["zh"] ^ sets["en"]
            if odd:
                found.append(Finding(code="prose.twins-differ", **place, lang=first.lang,
                                     expected=f"a twin that {what} the same", found=", ".join(sorted(odd))))
    return found


def directives(markdown: str) -> list[str]:
    """The directives of a passage with the options that choose what they show: ``queue :part: pages``.

    Arguments and options that are text (a box's title) differ between languages and are left out.
    """
    found = []
    for match in _DIRECTIVE.finditer(markdown):
        options = [" ".join(line.split()) for line in match["options"].split("\n")
                   if line and not _OF_TEXT.match(line)]
        found.append(" ".join([match["name"], *sorted(options)]))
    return found


def tag_findings(all_passages: list[Passage]) -> list[Finding]:
    """Tags that look like a condition and are none: their cell would stand in every edition."""
    return [Finding(code="tag.unknown-condition", where=passage.where, notebook=passage.notebook, cell=passage.cell,
                    lang=passage.lang, expected=" or ".join(f"{word}:ID" for word in CONDITIONS), found=tag)
            for passage in all_passages for tag in passage.tags
            if ":" in tag and (tag.partition(":")[0] not in CONDITIONS or not tag.partition(":")[2])]
