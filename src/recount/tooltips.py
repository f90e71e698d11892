"""Tooltips: what a reader sees of one mark, with each number written as the page's language writes it.

The words are made here, in Python, from the plotted number and its unit, and travel in the data of the
specification. A number that Vega formats is a raw float: it knows neither 亿 nor billion.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

from recount.errors import BadInput, Finding, did_you_mean
from recount.package import blank
from recount.periods import spell
from recount.units import UNITS, digits, unit_of, write

# A unit's code, or the code and how many of the unit one plotted number is (10 for billions, in 100 million yuan).
Written = str | tuple[str, float]

MARKS = frozenset({"bar", "point", "circle", "square", "tick", "line", "area", "rect", "arc", "trail"})
CHANNELS = ("y", "x", "color", "shape", "row", "column", "facet", "size", "detail")
# What Vega computes of the rows is not among them, so its words cannot be either.
COMPUTED = ("aggregate", "bin", "timeUnit", "stack")
UNIT_IN_TITLE = re.compile(r"\s*[（(]([^（）()]*)[）)]$")


def write_tooltips(spec: Mapping[str, Any], *, written: Mapping[str, Written], unit: str, lang: str,
                   where: str) -> dict[str, Any]:
    """A specification whose tooltips say ready text: ``432.1亿元``, ``43.21 billion yuan``, ``12 January 2022``.

    ``written`` names the unit of a plotted field; a number that is alone in the tooltips takes ``unit``, the
    chart's own words. A chart without any tooltip is given one from what its marks encode. Raises BadInput for a
    field that no row has (``chart.no-field``), a number without unit (``chart.no-unit``), and for a tooltip that
    Vega would compute or would take from the raw rows (``chart.raw-tooltip``).
    """
    spec = deepcopy(dict(spec))
    rows = list(_rows(spec))
    fields = {field for row in rows for field in row}
    if unknown := [field for field in written if field not in fields]:
        raise BadInput(Finding(code="chart.no-field", where=where, expected="a field of the plotted rows", found=unknown[0],
                               next=did_you_mean(unknown[0], sorted(map(str, fields)))))
    if not any("tooltip" in node.get("encoding", {}) for node in _nodes(spec)):
        _add(spec)
    entries = [entry for node in _nodes(spec) for entry in _entries(node, where)]
    numbers = dict.fromkeys(_plain(entry["field"]) for entry in entries if entry.get("type") == "quantitative")
    bare = [field for field in numbers if field not in written]
    if bare and (len(numbers) > 1 or not unit):
        raise BadInput(Finding(code="chart.no-unit", where=where, found=f"no unit of {', '.join(bare)}",
                               expected="written={field: unit} for each number that a tooltip shows"))
    names: dict[str, str] = {}
    for entry in entries:
        field = _plain(entry["field"])
        if field not in written and field not in bare:
            continue
        if field not in fields:
            raise _raw(where, f"{field}, which Vega computes")
        name = names.setdefault(field, f"w{len(names)}")
        title = entry.get("title") or field
        entry["title"] = _without_unit(title, unit, written.get(field))
        entry |= {"field": name, "type": "nominal"}
        entry.pop("format", None)
    for row in rows:
        for field, name in names.items():
            if field in row:
                row[name] = _text(row[field], written.get(field), unit=unit, lang=lang, where=where)
    return spec


def _text(cell: Any, given: Written | None, *, unit: str, lang: str, where: str) -> str:
    if blank(cell):
        return ""
    if given is None:
        return digits(cell, 2, lang) + ("" if lang == "zh" or unit.startswith("%") else " ") + unit
    code, factor = (given, 1) if isinstance(given, str) else given
    if code == "date":
        return spell(str(cell).partition("T")[0], lang)
    if isinstance(cell, str):
        return cell
    return write(cell * factor, unit_of(code, where=f"{where}, written="), lang)["full"]


def _without_unit(title: str, unit: str, given: Written | None) -> str:
    """A title without the unit in brackets at its end: the value brings its own, of whatever size suits it."""
    found = UNIT_IN_TITLE.search(title)
    if not found:
        return title
    own = UNITS.get(given if isinstance(given, str) else given[0]) if given else None
    money = own is not None and own.yuan > 0 and found[1].endswith(("元", "yuan"))
    named = found[1] in {unit, own.zh if own else unit, own.en if own else unit}
    return title[: found.start()] if money or named else title


def _rows(spec: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    yield from (row for rows in spec.get("datasets", {}).values() for row in rows if isinstance(row, dict))
    for node in _nodes(spec):
        values = (node.get("data") or {}).get("values")
        yield from (row for row in values if isinstance(row, dict)) if isinstance(values, list) else ()


def _nodes(spec: Any) -> Iterator[dict[str, Any]]:
    """A view and the views inside it."""
    yield spec
    for key in ("layer", "hconcat", "vconcat", "concat"):
        for child in spec.get(key, ()):
            yield from _nodes(child)
    if isinstance(spec.get("spec"), dict):
        yield from _nodes(spec["spec"])


def _mark(node: Mapping[str, Any]) -> str:
    mark = node.get("mark", "")
    return mark.get("type", "") if isinstance(mark, dict) else mark


def _add(spec: dict[str, Any]) -> None:
    for node in _nodes(spec):
        encoded = node.get("encoding", {})
        if _mark(node) not in MARKS:
            continue
        seen: dict[str, dict[str, Any]] = {}
        for channel in CHANNELS:
            each = encoded.get(channel)
            if isinstance(each, dict) and isinstance(each.get("field"), str) and not any(each.get(key) for key in COMPUTED[:3]):
                title = each.get("title") or each["field"]
                seen.setdefault(each["field"], {"field": each["field"], "type": each.get("type", "nominal"),
                                                "title": title if isinstance(title, str) else " ".join(title)})
        if seen:
            # Names first, then the number.
            node["encoding"] = {**encoded, "tooltip": sorted(seen.values(), key=lambda e: e["type"] == "quantitative")}


def _entries(node: dict[str, Any], where: str) -> list[dict[str, Any]]:
    mark = node.get("mark")
    if isinstance(mark, dict) and isinstance(mark.get("tooltip"), dict | bool) and mark["tooltip"]:
        raise _raw(where, "mark tooltips that show the raw rows")
    given = node.get("encoding", {}).get("tooltip")
    entries = [given] if isinstance(given, dict) else given or []
    for entry in entries:
        if any(entry.get(key) for key in COMPUTED):
            raise _raw(where, f"{entry.get('field') or entry.get('aggregate')}, which Vega computes")
    return [entry for entry in entries if isinstance(entry.get("field"), str)]


def _plain(field: str) -> str:
    """A field's name in the rows: in an encoding, dots and brackets are escaped."""
    return field.replace("\\", "")


def _raw(where: str, found: str) -> BadInput:
    return BadInput(Finding(code="chart.raw-tooltip", where=where, found=found, expected="fields of the plotted rows",
                            next="compute the number in pandas, and name its unit in written="))
