"""What of a chart comes alive: the spec that the page's script draws anew when a reader touches the page.

It is the static drawing's spec at the static drawing's width, so that nothing moves; only what a pointer needs is
added.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from recount.fonts import FAMILY

LINES = frozenset({"line", "trail"})
REACH = 120  # square pixels around a point of a line in which it is hit


def live_spec(spec: Mapping[str, Any]) -> dict[str, Any]:
    """The spec with an unseen point at each point of a line that has a tooltip.

    A line is one mark to Vega: wherever it is touched it tells the tooltip of its first point.
    """
    made = deepcopy(dict(spec))
    made.setdefault("config", {})["font"] = f"{FAMILY}, sans-serif"
    return _with_points(_without_empty(made, made.get("datasets", {})))


def as_script(spec: Mapping[str, Any], kind: str) -> str:
    """A spec as a data block of the page, read by static/charts.js; well-formed as HTML and as XML."""
    text = json.dumps(spec, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    for char in "<>&":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return f'<script type="application/json" class="chart-spec" data-for="{kind}">{text}</script>'


def _without_empty(node: dict[str, Any], datasets: Mapping[str, Any]) -> dict[str, Any]:
    """The view without layers that have no rows in this edition: Vega warns readers of each in the console."""
    def is_empty(view: Mapping[str, Any]) -> bool:
        data = view.get("data") or {}
        return datasets.get(data.get("name"), data.get("values")) == []

    for key in ("layer", "hconcat", "vconcat", "concat"):
        if key in node:
            node[key] = [_without_empty(child, datasets) for child in node[key] if key != "layer" or not is_empty(child)]
    if isinstance(node.get("spec"), dict):
        node["spec"] = _without_empty(node["spec"], datasets)
    return node


def _with_points(node: dict[str, Any]) -> dict[str, Any]:
    for key in ("layer", "hconcat", "vconcat", "concat"):
        if key in node:
            children: list[dict[str, Any]] = []
            for child in node[key]:
                line = key == "layer" and _is_told_line(child)
                children += _split(child) if line else [_with_points(child)]
            node[key] = children
    if isinstance(node.get("spec"), dict):
        node["spec"] = _with_points(node["spec"])
    if not _is_told_line(node) or "layer" in node:
        return node
    # One view becomes two in a layer; what belongs to the whole stays outside.
    inner = {key: node.pop(key) for key in ("mark", "encoding", "transform") if key in node}
    return {**node, "layer": _split(inner)}


def _is_told_line(node: Mapping[str, Any]) -> bool:
    mark = node.get("mark")
    kind = mark.get("type") if isinstance(mark, dict) else mark
    faceted = {"row", "column", "facet"} & set(node.get("encoding", {}))
    return kind in LINES and "tooltip" in node.get("encoding", {}) and not faceted


def _split(line: dict[str, Any]) -> list[dict[str, Any]]:
    told = line["encoding"]["tooltip"]
    drawn = {**line, "encoding": {key: each for key, each in line["encoding"].items() if key != "tooltip"}}
    kept = {key: each for key, each in line["encoding"].items() if key in ("x", "y", "detail")}
    points = {key: deepcopy(each) for key, each in line.items() if key not in ("mark", "encoding", "name")}
    points |= {"mark": {"type": "point", "opacity": 0, "size": REACH, "filled": True},
               "encoding": {**deepcopy(kept), "tooltip": deepcopy(told)}}
    return [drawn, points]
