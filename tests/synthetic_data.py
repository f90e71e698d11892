"""A synthetic data package for the tests of the engine: the real schema, rows made up and saying so."""

from __future__ import annotations

import csv
import io
import json
import shutil
from pathlib import Path
from typing import Any

from recount.project import Project

REPO = Path(__file__).parents[1]
REAL = REPO / "data"
Row = dict[str, Any]
MIME = "application/vnd.recount.v1+json"


def source(key: str, *, origin: str, kind: str = "official", independent: str = "yes", known: str = "2022-01-15") -> Row:
    return {"source_id": key, "url": f"https://example.org/{key}", "title": f"合成页面 {key}", "publisher": f"合成网 {key}",
            "published": known, "published_precision": "day", "kind": "repost" if kind == "unknown" else kind,
            "publisher_en": f"synthetic site {key}", "origin": origin, "origin_en": f"{origin} in English", "origin_kind": kind, "independent": independent, "independent_reason_zh": "合成",
            "independent_reason_en": "synthetic", "known_from": known, "known_from_reason_zh": "发布日",
            "known_from_reason_en": "day of publication", "note_zh": "合成来源", "note_en": "a synthetic source"}


def observation(key: str, value: float, *, source: str = "syn-bureau", period: str = "2021", comparator: str = "eq",
                unit: str = "CNY_100M", indicator: str = "synthetic_money", subject: str = "合成县") -> Row:
    return {"obs_id": key, "place": "合成县", "place_en": "Synthetic County", "subject": subject, "subject_en": f"{subject} (en)",
            "indicator": indicator, "indicator_zh": "合成金额", "indicator_en": "synthetic money", "period": period,
            "value": value, "comparator": comparator, "unit": unit, "source_id": source, "confidence": "high",
            "topic": "ceremonies", "note_zh": "合成说明", "note_en": "a synthetic caution"}


def ceremony(key: str, day: str, *, source: str = "syn-bureau", **more: Any) -> Row:
    made = {"ceremony_id": key, "date": day, "date_precision": "day", "level": "county", "place": "合成县",
            "place_en": "Synthetic County", "name_zh": f"合成开工 {key}", "name_en": f"Synthetic start {key}", "n_start": 5,
            "n_total": 5, "inv_start": 100.5, "inv_total": 100.5, "inv_comparator": "eq", "source_id": source,
            "confidence": "high"}
    return made | more


def claim(key: str, printed: str, value: Any, **more: Any) -> Row:
    made = {"claim_id": key, "section": key.split(".")[0], "line": 1, "printed": printed, "comparator": "eq", "value": value,
            "unit": "亿元", "kind": "fact", "label_zh": f"合成说法 {key}", "label_en": f"synthetic claim {key}", "note": ""}
    return made | more


TABLES: dict[str, list[Row]] = {
    "sources": [
        source("syn-bureau", origin="合成统计局"),
        source("syn-paper", origin="合成晨报", kind="press", known="2022-02-01"),
        source("syn-firm", origin="合成公司", kind="company", known="2022-02-01"),
        source("syn-repost", origin="unknown", kind="unknown", independent="unknown", known="2022-02-02"),
        source("syn-circle", origin="合成本报", kind="press", independent="no", known="2022-02-03"),
        source("syn-later", origin="合成年报", known="2030-01-01"),
        source("feature-2022-02-24", origin="合成本报", kind="press", independent="no", known="2022-02-24"),
    ],
    "observations": [
        observation("R001", 100),
        observation("R002", 80, period="2020", comparator="gt"),
        observation("R003", 120, period="2022", source="syn-later"),
        observation("R004", 100, source="syn-repost", indicator="synthetic_repost"),
        observation("R005", 30, source="syn-paper", indicator="synthetic_people", unit="person", period="2021-Q4"),
        observation("R006", 31, source="syn-paper", indicator="synthetic_people", unit="person", subject="合成厂"),
    ],
    "ceremonies": [
        ceremony("syn-early", "2021-01-06", inv_start=90, inv_total=90),
        ceremony("syn-main", "2022-01-12"),
        ceremony("syn-late", "2029-12-30", source="syn-later"),
    ],
    "ceremony_breakdowns": [
        {"breakdown_id": f"syn-main.sector.{n}", "ceremony_id": "syn-main", "dimension": "sector", "class_zh": f"合成类 {n}",
         "class_en": f"synthetic class {n}", "n_projects": count, "investment": money}
        for n, count, money in (("a", 2, 40.5), ("b", 3, 60))],
    "sum_exceptions": [],
    "projects": [{"project_id": "syn-plant", "name_zh": "合成厂", "name_en": "Synthetic plant", "place": "合成县",
                  "place_en": "Synthetic County", "category": "energy", "is_peer": "false"}],
    "project_events": [
        {"event_id": "E001", "project_id": "syn-plant", "date": "2022-01-12", "date_precision": "day", "stage": "start",
         "investment": 40.5, "inv_comparator": "eq", "source_id": "syn-paper"},
        {"event_id": "E002", "project_id": "syn-plant", "date": "2029", "date_precision": "year", "stage": "completed",
         "source_id": "syn-later"}],
    "mechanisms": [{"mechanism_id": "M01", "name_zh": "合成法第一条", "name_en": "Synthetic law, article one", "place": "合成县",
                    "place_en": "Synthetic County", "date": "2018", "what_zh": "合成规定", "what_en": "a synthetic rule",
                    "value": 300, "unit": "percent", "source_id": "syn-bureau", "confidence": "high"}],
    "facts": [],
    "claims": [
        claim("projects.total", "100.0亿元", 100),
        claim("projects.many", "近百款", 100, comparator="near_below", unit="款"),
        claim("projects.day", "1月12日", "", unit="日期", note="date=2022-01-12 synthetic"),
        claim("projects.record", "新高", 100.5, comparator="gt", kind="superlative"),
        claim("flagships.about", "约160亿元", 160, comparator="approx", kind="forecast"),
        claim("drive.fronts", "两个方面", 2, unit="个", kind="count_of_list"),
    ],
    "claim_lists": [{"item_id": f"drive.fronts.{n}", "claim_id": "drive.fronts", "position": n, "line": 1,
                     "item_zh": f"合成项 {n}", "item_en": f"synthetic item {n}"} for n in (1, 2)],
    "to_settle": [{"claim_id": "projects.record", "kinds": "official press", "what_zh": "合成的记录", "what_en": "a synthetic record",
                   "searched_again": "yes"}],
    "not_claims": [],
    "feature_numbers": [],
}


def make_data(folder: Path, **tables: list[Row]) -> Path:
    """Write the package; a table given by name replaces the synthetic one."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(REAL / "datapackage.json", folder / "datapackage.json")
    for resource in json.loads((REAL / "datapackage.json").read_text("utf-8"))["resources"]:
        fields = resource["schema"]["fields"]
        columns = [field["name"] for field in fields]
        # The schema grows; a translation that it comes to require needs no name here.
        filled = {field["name"]: "synthetic" for field in fields
                  if field["name"].endswith("_en") and field.get("constraints", {}).get("required")}
        rows = [filled | row for row in (TABLES | tables).get(resource["name"], [])]
        text = io.StringIO(newline="")
        writer = csv.DictWriter(text, columns, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        (folder / resource["path"]).write_text(text.getvalue(), "utf-8", newline="")
    return folder


def make_book(root: Path, **tables: list[Row]) -> Project:
    """A synthetic book around the package: editions, no notebooks, nothing accepted."""
    make_data(root / "data", **tables)
    (root / "notebooks").mkdir()
    (root / "book").mkdir()
    (root / "_config.yml").write_text("title: synthetic\n", "utf-8")
    shutil.copyfile(REPO / "book" / "editions.toml", root / "book" / "editions.toml")
    return Project(root.resolve())


def executed(*cells: tuple[str, list[Row]], stderr: str = "") -> Row:
    """An executed notebook: cells by id with the records that they displayed."""
    made = [{"cell_type": "code", "id": name, "metadata": {}, "source": "",
             "outputs": [{"output_type": "display_data", "metadata": {}, "data": {MIME: record, "text/plain": "record"}}
                         for record in records]} for name, records in cells]
    if stderr:
        made[-1]["outputs"].append({"output_type": "stream", "name": "stderr", "text": stderr})
    return {"cells": made}


def chart(name: str, lang: str, **more: Any) -> Row:
    """The record of a chart, as ``recount.charts`` makes it."""
    zh = lang == "zh"
    made = {"record": "chart", "id": name, "lang": lang, "engine": "altair", "title": "合成图" if zh else "A synthetic chart",
            "alt": "柱状图" if zh else "Bar chart", "source": "来源：合成网" if zh else "Source: synthetic",
            "unit": "亿元" if zh else "billion yuan", "spec": {"mark": "bar"}, "svg": None, "used": [],
            "data": {"columns": ["名" if zh else "name"], "rows": [["甲" if zh else "A"]]},
            "typed": {"title": "合成图" if zh else "A synthetic chart", "alt": "柱状图" if zh else "Bar chart", "labels": []}}
    return made | more


def change_cell(folder: Path, table: str, key: str, column: str, text: str) -> None:
    """Change one cell of a table in a copy of the real data; the key is in the first column."""
    path = folder / f"{table}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    (row,) = [row for row in rows if next(iter(row.values())) == key]
    assert row[column] != text, f"{table} {key} {column} is {text!r} already"
    row[column] = text
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
