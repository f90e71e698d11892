"""Settings of one book: the root `_config.yml` and `_toc.yml` as this language and edition need them."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any

from recount.config import contact_of, read_contents
from recount.editions import LANGS, Edition
from recount.project import Project
from recount.site.labels import LABELS
from recount.site.machines import told
from recount.words import receipts_page

LANGUAGE_NAMES = {"zh": ("中文", "zh-CN"), "en": ("English", "en")}


def map_toc(project: Project, *, executed: Mapping[str, Any], draft: bool) -> tuple[dict[str, Any], dict[str, str]]:
    """The table of contents with flat names, and the pages by where they come from.

    A notebook that does not exist yet is left out; in a draft one that did not run keeps its place. Each
    notebook has a page of receipts under the page ``receipts``.
    """
    toc = read_contents(project)
    stems = {toc["root"]: Path(toc["root"]).name}
    toc["root"] = stems[toc["root"]]
    for part in toc.get("parts", ()):
        kept = []
        for chapter in part["chapters"]:
            stem = Path(chapter["file"]).name
            notebook = chapter["file"].startswith("notebooks/")
            if (
                notebook
                and stem not in executed
                and not (draft and (project.root / f"{chapter['file']}.ipynb").is_file())
            ):
                continue
            stems[chapter["file"]] = stem
            kept.append({"file": stem})
        part["chapters"] = kept
    toc["parts"] = [part for part in toc.get("parts", ()) if part["chapters"]]
    receipts = [{"file": receipts_page(stem)} for source, stem in stems.items() if source.startswith("notebooks/")]
    for chapter in (chapter for part in toc["parts"] for chapter in part["chapters"]):
        if chapter["file"] == "receipts" and receipts:
            chapter["sections"] = receipts
    return toc, stems


def configure(
    settings: dict[str, Any],
    *,
    edition: Edition,
    lang: str,
    draft: bool,
    editions: Sequence[Edition],
    titles: Mapping[str, str],
) -> dict[str, Any]:
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
        sphinx["html_theme_options"]["announcement"] = f'<strong class="recount-draft">{LABELS[lang]["draft"]}</strong>'
    sphinx |= {
        "recount_lang": lang,
        "recount_draft": draft,
        "recount_titles": dict(titles),
        "recount_sections": own.get("sections", {}),
        "recount_tables": own.get("tables", {}),
        "recount_machines": told(settings, edition=edition, lang=lang, editions=editions),
        "recount_switch": {
            "title": edition.title(lang),
            "as_of": edition.as_of.isoformat(),
            "footer": own["footer"],
            "contact": contact_of(settings),
            "editions": [
                {
                    "title": each.title(lang),
                    "root": f"../{each.name}/",
                    "here": each.name == edition.name,
                    "as_of": each.as_of.isoformat(),
                }
                for each in editions
            ],
            "languages": [
                {
                    "title": LANGUAGE_NAMES[other][0],
                    "code": LANGUAGE_NAMES[other][1],
                    "root": f"../../{other}/{edition.name}/",
                }
                for other in LANGS
                if other != lang
            ],
        },
    }
    return config


def all_sources(project: Project) -> dict[str, Any]:
    """`data/sources.csv` in the ledger's shape."""
    path = project.data / "sources.csv"
    if not path.is_file():
        return {}
    with path.open(encoding="utf-8-sig", newline="") as file:
        return {
            row["source_id"]: {
                **{
                    key: row.get(key, "")
                    for key in (
                        "title",
                        "publisher",
                        "publisher_en",
                        "original_publisher",
                        "url",
                        "published",
                        "kind",
                        "origin",
                        "origin_en",
                        "origin_kind",
                        "independent",
                        "known_from",
                    )
                },
                "independent_reason": {lang: row.get(f"independent_reason_{lang}", "") for lang in LANGS},
                "known_from_reason": {lang: row.get(f"known_from_reason_{lang}", "") for lang in LANGS},
                "note": {lang: row.get(f"note_{lang}", "") for lang in LANGS},
            }
            for row in csv.DictReader(file)
        }
