"""What pages print besides the ledger: the data package as it describes itself, and the tables of our own.

Written into a book's source folder, so that the book is built again when one of them changes. The data files
themselves are published once, at the root of the site, byte for byte as they are in ``data/``.
"""

from __future__ import annotations

import csv
import json
import shutil
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from recount.corrections import read_corrections
from recount.editions import LANGS
from recount.project import Project
from recount.site.changed import write_changed

PACKAGE = "datapackage.json"
LICENCE = "LICENSE-DATA"


def write_beside(project: Project, folder: Path) -> None:
    """Write ``package.json``, ``to_settle.json`` and ``corrections.json`` into a book's source folder."""
    tables = _tables(project)
    log = project.book / "corrections.csv"
    entries, _ = read_corrections(log) if log.is_file() else ((), [])
    settle = _rows(project.data / "to_settle.csv") if any(table["name"] == "to_settle" for table in tables) else []
    files = [PACKAGE, *([LICENCE] if (project.root / LICENCE).is_file() else [])]
    described = {"tables": tables, "files": files, "licences": [_both(each, "title") | {"path": each.get("path", "")}
                                                for each in _descriptor(project).get("licenses", ())]}
    for name, data in (("package.json", described), ("to_settle.json", {row["claim_id"]: row for row in settle}),
                       ("corrections.json", {"entries": [entry.as_dict() for entry in entries]})):
        write_changed(folder / name, json.dumps(data, ensure_ascii=False, sort_keys=True, indent=1) + "\n")


def publish_data(project: Project, site: Path) -> None:
    """Copy the descriptor, every table and the licence to ``data/`` of a site, unchanged."""
    folder = site / "data"
    folder.mkdir()
    names = [PACKAGE, *(table["path"] for table in _descriptor(project).get("resources", ()))]
    for path in (*(project.data / name for name in names), project.root / LICENCE):
        if path.is_file():
            shutil.copyfile(path, folder / path.name)


def _descriptor(project: Project) -> dict[str, Any]:
    return json.loads((project.data / PACKAGE).read_text("utf-8"))


def _tables(project: Project) -> list[dict[str, Any]]:
    found = []
    for raw in _descriptor(project).get("resources", ()):
        path = project.data / raw["path"]
        rows, schema = _rows(path), raw["schema"]
        found.append({
            "name": raw["name"], "path": raw["path"], "rows": len(rows), "bytes": path.stat().st_size,
            **_both(raw, "title", "description"), "key": list(schema["primaryKey"]),
            "references": [[key["fields"][0], key["reference"]["resource"], key["reference"]["fields"][0]]
                           for key in schema.get("foreignKeys", ())],
            # How surely the rows were read, where the table says so.
            "confidence": dict(Counter(row["confidence"] for row in rows if row.get("confidence"))),
            "fields": [_field(field) for field in schema["fields"]],
        })
    return found


def _field(field: Mapping[str, Any]) -> dict[str, Any]:
    constraints = field.get("constraints", {})
    codes = constraints.get("enum") or list(field.get("words", {}))
    return {"name": field["name"], "type": field["type"], **_both(field, "title", "description"), "codes": codes,
            "words": field.get("words", {}), "required": bool(constraints.get("required"))}


def _both(thing: Mapping[str, Any], *names: str) -> dict[str, dict[str, str]]:
    """Texts of a descriptor by language: ``title`` is English, ``title_zh`` Chinese."""
    return {name: {lang: thing.get(name if lang == "en" else f"{name}_{lang}", "") for lang in LANGS} for name in names}


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
