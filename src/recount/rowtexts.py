"""Rows and sources as a receipt prints them: labels and cells in both languages, cautions, whose word it is."""

from __future__ import annotations

from typing import Any

from recount.package import blank
from recount.periods import spell
from recount.rows import Evidenced
from recount.units import UNITS, write

# Columns that tell a reader nothing on a receipt: identifiers, doubles of other columns, internal notes.
_SILENT = {"collector_note", "note_zh", "note_en", "source_id", "locator", "topic", "indicator", "date_precision",
           "confidence", "unit", "comparator", "inv_comparator", "capacity_unit", "is_peer", "item_id", "claim_id",
           "breakdown_id", "position", "line", "period", "value"}
_MONEY = {"inv_start", "inv_complete", "inv_sign", "inv_total", "investment"}
_COUNTS = {"n_start", "n_complete", "n_topped_out", "n_sign", "n_total", "n_projects"}


def row_entry(ref: str, data: Evidenced) -> dict[str, Any]:
    """One cited row: its key, a title, its filled cells with labels, its caution and its source."""
    table, _, key = ref.partition("/")
    resource = data.package.resource(table)
    row = data.package.frame(table).loc[key].to_dict()
    cells = []
    for column in resource.columns:
        if column in _SILENT or column in resource.key or column.endswith(("_zh", "_en")) or blank(row[column]):
            continue
        texts = (str(row[column]), str(row[f"{column}_en"])) if f"{column}_en" in row else _texts(column, row)
        english = f"{column}_en" if f"{column}_en" in row else column
        cells.append([resource.label(column, "zh"), resource.label(english, "en"), *texts])
    cells = [*_titled(row), *cells, *_measured(table, row)]
    return {
        "table": table, "key": key, "cells": cells,
        "title": {"zh": _title(row, "zh") or key, "en": _title(row, "en") or key},
        "note": {"zh": row.get("note_zh", ""), "en": row.get("note_en", "")},
        "confidence": row.get("confidence", ""), "source": data.source_of(table, key),
    }


def _titled(row: dict[str, Any]) -> list[list[str]]:
    """What the row says in both languages under one label."""
    found = []
    for stem, zh, en in (("what", "内容", "what it says"), ("statement", "事实", "fact")):
        if f"{stem}_zh" in row:
            found.append([zh, en, row[f"{stem}_zh"], row[f"{stem}_en"]])
    return found


def _title(row: dict[str, Any], lang: str) -> str:
    for stem in ("name", "indicator", "class", "item", "subject"):
        text = row.get(f"{stem}_{lang}")
        if text:
            return str(text)
    return str(row.get("project_id", ""))


def _measured(table: str, row: dict[str, Any]) -> list[list[str]]:
    if table not in ("observations", "mechanisms") or blank(row.get("value")):
        return [["时间", "period", spell(row["date"], "zh"), spell(row["date"], "en")]] if (
            table == "mechanisms" and row.get("date")) else []
    unit = UNITS[row["unit"]]
    comparator = row.get("comparator", "eq")
    # Data are shown with the digits they have; the unit's decimals are for what we compute.
    texts = [write(row["value"], unit, lang, comparator=comparator, decimals=4)["full"] for lang in ("zh", "en")]
    when = row.get("period") or row.get("date")
    cells = [["数值", "value", *texts]]
    return [*cells, ["时间", "period", spell(when, "zh"), spell(when, "en")]] if when else cells


def _texts(column: str, row: dict[str, Any]) -> tuple[str, str]:
    cell = row[column]
    if column in _MONEY:
        comparator = row.get("inv_comparator") or "eq"
        return tuple(write(cell, UNITS["CNY_100M"], lang, comparator=comparator, decimals=4)["full"]
                     for lang in ("zh", "en"))
    if column in _COUNTS:
        return tuple(write(cell, UNITS["project"], lang)["full"] for lang in ("zh", "en"))
    if column == "capacity" and row.get("capacity_unit"):
        return tuple(write(cell, UNITS[row["capacity_unit"]], lang, decimals=4)["full"] for lang in ("zh", "en"))
    if column == "date":
        return spell(cell, "zh"), spell(cell, "en")
    return WORDS.get(str(cell), (str(cell), str(cell)))


def formula_of(row: dict[str, Any]) -> tuple[str, str]:
    """What a single observation is, in words; the period belongs to it."""
    zh = f"{row['subject']}：{row['indicator_zh']}"
    en = f"{row['subject_en']}: {row['indicator_en']}"
    return (f"{zh}（{spell(row['period'], 'zh')}）", f"{en} ({spell(row['period'], 'en')})") if row["period"] else (zh, en)


def source_entry(source_id: str, data: Evidenced) -> dict[str, Any]:
    """One source as receipts and the sources page print it."""
    row = data.package.frame("sources").loc[source_id]
    both = {name: {"zh": row[f"{name}_zh"], "en": row[f"{name}_en"]}
            for name in ("independent_reason", "known_from_reason", "note")}
    plain = {name: row[name] for name in ("title", "publisher", "publisher_en", "origin_en", "original_publisher", "url", "published", "kind",
                                          "origin", "origin_kind", "independent", "known_from")}
    return {"id": source_id, **plain, **both}


# Codes of the data that a reader meets, in words.
WORDS = {
    "province": ("全省", "province"), "city": ("全市", "city"), "county": ("本县（市、区）", "county"),
    "county_share_of_province": ("全省活动中的本县（市）部分", "the county's share of a provincial event"),
    "city_share_of_province": ("全省活动中的本市部分", "the city's share of a provincial event"),
    "county_share_of_city": ("全市活动中的本县（市）部分", "the county's share of a city event"),
    "signed": ("签约", "signed"), "announced": ("宣布", "announced"), "start": ("开工（仪式）", "start (ceremony)"),
    "topping_out": ("结顶", "topped out"), "completed": ("竣工或投产", "completed or in production"),
    "listed_key_plan": ("列入重点计划", "listed in a key plan"), "under_construction": ("在建", "under construction"),
    "halted": ("停建", "halted"), "other": ("其他", "other"),
}
