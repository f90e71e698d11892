"""Assembly: the source folder of one Jupyter Book, from executed notebooks, prose pages and a ledger.

Nothing is executed here and nothing after: what the book prints is in this folder, so its digest says
whether the book must be built again.
"""

from __future__ import annotations

import csv
import json
import re
import shutil
from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any

import nbformat
import yaml

from recount.editions import LANGS, Edition, read_editions
from recount.errors import CheckFailed, Finding
from recount.fonts import prepare
from recount.project import Project
from recount.site.bound import Unbound, is_known, plain_text
from recount.site.figures import Drawer, Figure, escape, figure
from recount.site.labels import LABELS

MIME = "application/vnd.recount.v1+json"
DROPPED = frozenset({"parameters", "injected-parameters", "setup"})
LANGUAGE_NAMES = {"zh": ("中文", "zh-CN"), "en": ("English", "en")}


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

    toc, stems = _map_toc(project, executed=executed, draft=draft)
    pages.stems = frozenset(stems.values())
    for source, stem in stems.items():
        if source.startswith("notebooks/"):
            pages.notebook(stem, executed.get(stem))
        else:
            pages.prose(stem, first=stem == toc["root"])
    pages.raise_problems()
    settings = yaml.safe_load((project.root / "_config.yml").read_text("utf-8"))
    config = _configure(settings, edition=edition, lang=lang, draft=draft, editions=every, titles=pages.titles)
    captions = settings["recount"][lang]["captions"]
    for part in toc.get("parts", ()):
        part["caption"] = captions[part["caption"]]
    _write_yaml(folder / "_config.yml", config)
    _write_yaml(folder / "_toc.yml", toc)
    _write_json(folder / "ledger.json", ledger)
    _write_json(folder / "sources.json", _all_sources(project))
    return folder


class Pages:
    """The pages of one book as they are written, with the titles and the problems that come up."""

    def __init__(self, project: Project, *, lang: str, ledger: Mapping[str, Any], draft: bool,
                 findings: Sequence[Finding], folder: Path) -> None:
        self.project, self.lang, self.ledger = project, lang, ledger
        self.draft, self.findings, self.folder = draft, findings, folder
        self.titles: dict[str, str] = {}
        self.problems: list[Finding] = []
        self.placed: set[int] = set()
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
                found = [finding for finding in (*here, *self.problems)
                         if finding.notebook == stem and finding.cell == cell["id"]]
                cells += self.notes(found, cell["id"])
        if self.draft:
            left = [finding for finding in here if id(finding) not in self.placed]
            cells[1:1] = self.notes(left, "page")
        self.title(stem, "\n".join(cell["source"] for cell in cells if cell["cell_type"] == "markdown"))
        page = nbformat.v4.new_notebook(cells=cells)
        page.metadata = nbformat.from_dict(
            {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}})
        (self.folder / f"{stem}.ipynb").write_text(
            json.dumps(page, ensure_ascii=False, sort_keys=True, indent=1) + "\n", "utf-8")

    def prose(self, stem: str, *, first: bool) -> None:
        """Copy one prose page; the findings that belong to no page stand on the first."""
        source = self.project.book / self.lang / f"{stem}.md"
        text = source.read_text("utf-8")
        self.title(stem, text)
        if self.draft:
            here = [finding for finding in self.findings if finding.notebook == stem
                    or (first and finding.notebook not in self.stems)]
            notes = "\n\n".join(cell["source"] for cell in self.notes(here, "page"))
            text = re.sub(r"(^# .*\n)", lambda match: f"{match[0]}\n{notes}\n", text, count=1, flags=re.MULTILINE)
        (self.folder / f"{stem}.md").write_text(text, "utf-8")

    def keeps(self, cell: Any, stem: str) -> bool:
        """Whether the cell is for this language and for what this edition knows."""
        tags = set(cell.metadata.get("tags", ()))
        if tags & DROPPED:
            return False
        if cell.cell_type == "markdown" and tags & set(LANGS) and self.lang not in tags:
            return False
        for tag in sorted(tags):
            wants, _, name = tag.partition(":")
            if wants not in ("known", "open") or not name:
                continue
            try:
                known = is_known(self.ledger, name)
            except Unbound as unbound:
                self.problem(unbound.code, f"{tag}: {unbound}", stem=stem, cell=cell["id"])
                return True
            if known != (wants == "known"):
                return False
        return cell.cell_type != "raw"

    def cell(self, cell: Any, stem: str) -> Any:
        kept = nbformat.from_dict({"cell_type": cell.cell_type, "id": cell["id"], "source": cell.source,
                                   "metadata": {"tags": []}})
        if cell.cell_type == "code":
            kept.metadata.tags = ["hide-input"]
            kept.execution_count = None
            kept.outputs = self.outputs(cell, stem)
        return kept

    def outputs(self, cell: Any, stem: str) -> list[Any]:
        """What a cell showed, without the records made for the ledger, and each chart as its figure."""
        kept = []
        for output in cell.get("outputs", ()):
            record = output.get("data", {}).get(MIME)
            if record is not None:
                if record["record"] == "chart" and (drawn := self.figure(record, stem, cell["id"])):
                    kept.append(nbformat.v4.new_output("display_data", data={"text/html": drawn.html}))
            elif output["output_type"] != "error":  # a draft shows the finding instead of a traceback
                clean = deepcopy(output)
                if "execution_count" in clean:
                    clean["execution_count"] = None
                kept.append(clean)
        return kept

    def figure(self, record: Mapping[str, Any], stem: str, cell: str) -> Figure | None:
        if record["lang"] != self.lang:
            self.problem("chart-language", f"chart {record['id']} is in {record['lang']}", stem=stem, cell=cell)
        try:
            drawn = figure(record, drawer=self.drawer)
        except CheckFailed as failed:
            for finding in failed.findings:
                self.problem(finding.code.partition(".")[2], finding.found, stem=stem, cell=cell,
                             family="chart", where=finding.where, expected=finding.expected)
            return None
        path = self.folder / drawn.csv_path
        path.parent.mkdir(exist_ok=True)
        path.write_text(drawn.csv, "utf-8")
        return drawn

    def title(self, stem: str, markdown: str) -> None:
        match = re.search(r"^# +(.+?)\s*$", markdown, flags=re.MULTILINE)
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
            out.append(_markdown(
                f'<div class="admonition error recount-finding"><p class="admonition-title">{head}</p>'
                f"<pre>{body}</pre></div>", f"finding-{place}-{number}"[:64]))
        return out

    def problem(self, code: str, found: str, *, stem: str, cell: str, family: str = "site", where: str = "",
                expected: str = "") -> None:
        self.problems.append(Finding(code=f"{family}.{code}", where=f"{stem} {cell}{where and ': '}{where}".strip(),
                                     expected=expected, found=found, done="nothing was published",
                                     notebook=stem, cell=cell, lang=self.lang))

    def raise_problems(self) -> None:
        if self.problems and not self.draft:
            raise CheckFailed(self.problems)


def _markdown(source: str, name: str) -> Any:
    cell = nbformat.v4.new_markdown_cell(source)
    cell["id"] = re.sub(r"[^A-Za-z0-9_-]", "-", name)
    return cell


def _map_toc(project: Project, *, executed: Mapping[str, Any], draft: bool) -> tuple[dict[str, Any], dict[str, str]]:
    """The table of contents with flat names, and the pages by where they come from.

    A notebook that does not exist yet is left out; in a draft one that did not run keeps its place.
    """
    toc = yaml.safe_load((project.root / "_toc.yml").read_text("utf-8"))
    stems = {toc["root"]: Path(toc["root"]).name}
    toc["root"] = stems[toc["root"]]
    for part in toc.get("parts", ()):
        kept = []
        for chapter in part["chapters"]:
            stem = Path(chapter["file"]).name
            notebook = chapter["file"].startswith("notebooks/")
            if notebook and stem not in executed and not (draft and (project.root / f"{chapter['file']}.ipynb").is_file()):
                continue
            stems[chapter["file"]] = stem
            kept.append({"file": stem})
        part["chapters"] = kept
    toc["parts"] = [part for part in toc.get("parts", ()) if part["chapters"]]
    return toc, stems


def _configure(settings: dict[str, Any], *, edition: Edition, lang: str, draft: bool,
               editions: Sequence[Edition], titles: Mapping[str, str]) -> dict[str, Any]:
    """The root `_config.yml` with the language's part merged in and the book's own values added."""
    config = deepcopy(settings)
    own = config.pop("recount")[lang]
    config["title"], config["author"] = own["title"], own["author"]
    sphinx = config["sphinx"]["config"]
    for key, value in own["sphinx"].items():
        if isinstance(value, dict):
            sphinx[key] = {**sphinx.get(key, {}), **value}
        else:
            sphinx[key] = value
    if draft:
        sphinx["html_theme_options"]["announcement"] = (
            f'<strong class="recount-draft">{LABELS[lang]["draft"]}</strong>')
    sphinx |= {
        "recount_lang": lang,
        "recount_draft": draft,
        "recount_titles": dict(titles),
        "recount_sections": own.get("sections", {}),
        "recount_switch": {
            "title": edition.title(lang),
            "as_of": edition.as_of.isoformat(),
            "footer": own["footer"],
            "editions": [{"title": each.title(lang), "root": f"../{each.name}/", "here": each.name == edition.name}
                         for each in editions],
            "languages": [{"title": LANGUAGE_NAMES[other][0], "code": LANGUAGE_NAMES[other][1],
                           "root": f"../../{other}/{edition.name}/"} for other in LANGS if other != lang],
        },
    }
    return config


def _all_sources(project: Project) -> dict[str, Any]:
    """`data/sources.csv` in the ledger's shape."""
    path = project.data / "sources.csv"
    if not path.is_file():
        return {}
    with path.open(encoding="utf-8-sig", newline="") as file:
        return {
            row["source_id"]: {
                **{key: row.get(key, "") for key in ("title", "publisher", "original_publisher", "url", "published",
                                                     "kind", "origin", "origin_kind", "independent", "known_from")},
                "independent_reason": {lang: row.get(f"independent_reason_{lang}", "") for lang in LANGS},
                "note": {lang: row.get(f"note_{lang}", "") for lang in LANGS},
            }
            for row in csv.DictReader(file)
        }


def _write_yaml(path: Path, data: object) -> None:
    path.write_text(yaml.safe_dump(data, allow_unicode=True, sort_keys=True, width=1000), "utf-8")


def _write_json(path: Path, data: object) -> None:
    path.write_text(json.dumps(data, ensure_ascii=False, sort_keys=True, indent=1) + "\n", "utf-8")
