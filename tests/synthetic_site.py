"""A synthetic book for the tests of the site: made-up values, claims and notebooks, real in nothing.

Every name and number here is invented and says so (``synthetic``).
"""

from __future__ import annotations

import json
import shutil
from copy import deepcopy
from pathlib import Path
from typing import Any

import nbformat

from recount.project import Project

REPO = Path(__file__).parents[1]
MIME = "application/vnd.recount.v1+json"


def value(name: str, **changes: Any) -> dict[str, Any]:
    made = {
        "id": name,
        "notebook": "06_projects",
        "cell": "c2",
        "label": {"zh": "合成总额", "en": "Synthetic total"},
        "kind": "number",
        "unit": "CNY_100M",
        "comparator": "eq",
        "value": 432.1,
        "formula": {"zh": "两次合成活动相加", "en": "both synthetic events added"},
        "rows": ["ceremonies/synthetic-1"],
        "inputs": [],
        "waits_for": [],
        "assumption": False,
        "shown": {"zh": {"full": "432.1亿元", "bare": "432.1"}, "en": {"full": "43.21 billion yuan", "bare": "43.21"}},
    }
    return made | changes


def claim(name: str, **changes: Any) -> dict[str, Any]:
    made = {
        "id": name,
        "section": "projects",
        "line": 7,
        "printed": "432.1亿元",
        "kind": "fact",
        "label": {"zh": "合成说法", "en": "synthetic claim"},
        "shown": {
            "zh": {"full": "432.1亿元", "label": "合成说法"},
            "en": {"full": "43.21 billion yuan", "label": "synthetic claim"},
        },
        "verdict": "confirmed",
        "colour": "green",
        "reason": {"zh": "一份合成记录相符", "en": "one synthetic record agrees"},
        "strength": {"zh": "一个独立出处", "en": "one independent origin"},
        "rule": "independent",
        "origins": 1,
        "others": 0,
        "by": ["projects.total"],
        "notebook": "06_projects",
    }
    return made | changes


def ledger() -> dict[str, Any]:
    """A synthetic ledger: two values (one unknown), three predicates, two claims, one row, one source."""
    return deepcopy(
        {
            "edition": {
                "name": "print",
                "as_of": "2022-02-24",
                "title": {"zh": "见报当日", "en": "On the day of print"},
            },
            "values": {
                "projects.total": value("projects.total"),
                "projects.later": value(
                    "projects.later",
                    kind="unknown",
                    value=None,
                    shown={},
                    waits_for=[{"row": "ceremonies/synthetic-2", "known_from": "2030-01-01"}],
                ),
                "projects.share": value(
                    "projects.share",
                    unit="percent",
                    value=12.5,
                    rows=[],
                    inputs=["projects.total", "claim:projects.total"],
                    label={"zh": "合成占比", "en": "Synthetic share"},
                    shown={"zh": {"full": "12.5%", "bare": "12.5"}, "en": {"full": "12.5%", "bare": "12.5"}},
                ),
            },
            "predicates": {
                "projects.above": _predicate("projects.above", True),
                "projects.below": _predicate("projects.below", False),
                "projects.undecided": _predicate("projects.undecided", None),
            },
            "claims": {
                "projects.total": claim("projects.total"),
                "hands.buses": claim(
                    "hands.buses",
                    section="hands",
                    line=3,
                    verdict="unexamined",
                    colour="none",
                    by=[],
                    notebook=None,
                    printed="近百款",
                    shown={"zh": {"full": "近百款"}, "en": {"full": "nearly 100 models"}},
                    reason={"zh": "还没有写到", "en": "no chapter yet"},
                    strength={},
                    rule="unexamined",
                    origins=0,
                ),
            },
            "charts": {},
            "rows": {
                "ceremonies/synthetic-1": {
                    "table": "ceremonies",
                    "key": "synthetic-1",
                    "title": {"zh": "合成仪式", "en": "Synthetic ceremony"},
                    "cells": [["总投资", "investment", "432.1亿元", "43.21 billion yuan"]],
                    "note": {"zh": "合成的说明", "en": "a synthetic note"},
                    "confidence": "high",
                    "source": "synthetic-source",
                },
            },
            "sources": {
                "synthetic-source": {
                    "id": "synthetic-source",
                    "title": "合成来源",
                    "publisher": "合成网",
                    "original_publisher": "",
                    "url": "https://example.org/synthetic",
                    "published": "2022-01-12",
                    "kind": "official",
                    "origin": "合成网",
                    "origin_kind": "official",
                    "independent": "yes",
                    "independent_reason": {"zh": "合成", "en": "synthetic"},
                    "known_from": "2022-01-12",
                    "note": {"zh": "", "en": ""},
                },
            },
        }
    )


def _predicate(name: str, holds: bool | None) -> dict[str, Any]:
    return {
        "id": name,
        "notebook": "06_projects",
        "cell": "c2",
        "left": "projects.total",
        "op": ">",
        "right": "100",
        "holds": holds,
        "shown": {"zh": "合成总额高于一百", "en": "the synthetic total is above a hundred"},
    }


def chart(lang: str, **changes: Any) -> dict[str, Any]:
    zh = lang == "zh"
    rows = [["甲" if zh else "A", 12.0], ["乙" if zh else "B", 30.5]]
    made = {
        "record": "chart",
        "id": "projects.bars",
        "lang": lang,
        "engine": "altair",
        "title": "合成的乙更长" if zh else "Synthetic B is longer",
        "alt": "柱状图，合成" if zh else "Bar chart, synthetic",
        "source": "来源：合成数据" if zh else "Source: synthetic data",
        "unit": "亿元" if zh else "100 million yuan",
        "spec": {
            "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
            "mark": "bar",
            "height": 120,
            "data": {"values": [{"n": name, "v": number} for name, number in rows]},
            "encoding": {
                "y": {"field": "n", "type": "nominal", "title": None},
                "x": {"field": "v", "type": "quantitative", "title": "亿元" if zh else "100 m yuan"},
            },
        },
        "svg": None,
        "data": {"columns": ["名" if zh else "name", "值" if zh else "value"], "rows": rows},
        "used": [],
    }
    return made | changes


def markdown(source: str, name: str, *tags: str) -> Any:
    cell = nbformat.v4.new_markdown_cell(source, metadata={"tags": list(tags)})
    cell["id"] = name
    return cell


def code(source: str, name: str, *records: dict[str, Any], tags: tuple[str, ...] = ()) -> Any:
    outputs = [
        nbformat.v4.new_output("display_data", data={MIME: record, "text/plain": "record"}) for record in records
    ]
    cell = nbformat.v4.new_code_cell(source, metadata={"tags": list(tags)}, outputs=outputs, execution_count=3)
    cell["id"] = name
    return cell


def executed(lang: str) -> dict[str, Any]:
    """Two synthetic executed notebooks, as the runner hands them over."""
    projects = [
        code('as_of = "2022-02-24"\nlang = "zh"', "c0", tags=("parameters",)),
        code("lang = 'zh'", "c1", tags=("injected-parameters",)),
        markdown(
            "# 合成的项目：{v}`projects.total`\n\n合成总投资\n{v}`projects.total`，\n比一百{holds}`高 <projects.above>`。"
            "原文说{claim}`projects.total`，判为{claim}`projects.total|verdict`。",
            "zh-1",
            "zh",
        ),
        markdown(
            "# Synthetic projects: {v}`projects.total`\n\nThe synthetic total is\n{v}`projects.total`, "
            "{holds}`above <projects.above>` a hundred. The print says {claim}`projects.total`: "
            "{claim}`projects.total|verdict`.",
            "en-1",
            "en",
        ),
        code("desk.value(...)", "c2", {"record": "value", "id": "projects.total"}),
        code("desk.chart(...)", "c3", chart(lang)),
        markdown(
            "## 占比{v}`projects.share`\n\n| 项 | 值 |\n|---|---:|\n| 合成 | {v}`projects.total\\|bare` |", "zh-2", "zh"
        ),
        markdown(
            "## A share of {v}`projects.share`\n\n| item | value |\n|---|---:|\n| synthetic | {v}`projects.total\\|bare` |",
            "en-2",
            "en",
        ),
        markdown("后来的合成数 {v}`projects.later`", "zh-3", "zh", "known:projects.later"),
        markdown("后来如何，尚不可知。", "zh-4", "zh", "open:projects.later"),
        markdown("What came later is not known yet.", "en-4", "en", "open:projects.later"),
    ]
    ranked = ":::{ranked}\n| n | {} |\n|---:|---|\n| 3 | C |\n| 1 | A |\n| – | Z |\n| 1 | B |\n:::"
    listing = [
        markdown("# 合成清单\n\n```{claims}\n```\n\n" + ranked.replace("{}", "名"), "zh-1", "zh"),
        markdown("# Synthetic list\n\n```{claims}\n```\n\n" + ranked.replace("{}", "name"), "en-1", "en"),
    ]
    return {
        "06_projects": nbformat.v4.new_notebook(cells=projects),
        "09_ledger": nbformat.v4.new_notebook(cells=listing),
    }


def undrawn(patch: Any) -> None:
    """Take the place of the Drawer: these tests are of pages, not of drawings, and the fonts are not cut."""
    patch.setattr("recount.site.figures.Drawer.draw", lambda self, spec, width: "<svg><text>甲</text></svg>")
    patch.setattr("recount.site.figures.Drawer.png", lambda self, svg: b"synthetic png")
    patch.setattr("recount.site.figures.Drawer.pngs", lambda self, svgs: [b"synthetic png" for _ in svgs])
    patch.setattr("recount.site.figures.Drawer.width", lambda self, text, size, bold=False: len(text) * size)


def project(root: Path, *, fonts: Path | None = None) -> Project:
    """A synthetic project: the real configuration and prose pages, no data."""
    root.mkdir(parents=True, exist_ok=True)
    for name in ("_config.yml", "_toc.yml", "requirements.lock"):
        shutil.copyfile(REPO / name, root / name)
    shutil.copytree(REPO / "book" / "zh", root / "book" / "zh")
    shutil.copytree(REPO / "book" / "en", root / "book" / "en")
    for lang, title in (("zh", "合成的书"), ("en", "A synthetic book")):
        (root / "book" / lang / "index.md").write_text(f"# {title}\n\n```{{tableofcontents}}\n```\n", "utf-8")
        (root / "book" / lang / "method.md").write_text(f"# {title}: 123\n", "utf-8")
        (root / "book" / lang / "about.md").write_text(f"# {title}\n", "utf-8")
    shutil.copyfile(REPO / "book" / "editions.toml", root / "book" / "editions.toml")
    (root / "data").mkdir()
    (root / "data" / "datapackage.json").write_text(json.dumps({"name": "synthetic"}), "utf-8")
    (root / "notebooks").mkdir()
    if fonts:
        shutil.copytree(fonts, root / "_build" / "fonts")
    return Project(root)
