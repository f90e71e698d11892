"""A chart for narrow screens: one column of what stands side by side, and no width that a phone does not have.

Where a layout can be derived it is, so that an author need not think of phones; ``narrow=`` of `Desk.chart` is
for what can not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Any

from recount.site.svg import size

# A chart that leaves its width open is drawn twice: a column's width, and a phone's, where the first would
# shrink to letters that nobody can read.
WIDE, NARROW = 680, 335
COMPOSED = frozenset({"facet", "concat", "hconcat", "vconcat", "repeat"})
LEAST = 120  # a plot narrower than this shows nothing; the drawing is then scaled

Draw = Callable[[Mapping[str, Any], int | None], str]


def is_open_in_width(spec: Mapping[str, Any]) -> bool:
    """Whether a spec can be drawn at any width: one view, with no width of its own or the page's."""
    encoded = spec.get("encoding") or {}
    return (
        not COMPOSED & set(spec)
        and not {"row", "column", "facet"} & set(encoded)
        and spec.get("width", "container") == "container"
    )


def fitted(spec: Mapping[str, Any], width: int) -> dict[str, Any]:
    """A spec of open width, fixed at `width` pixels over all: the static and the live drawing share it."""
    return {**spec, "width": width, "autosize": spec.get("autosize") or {"type": "fit-x", "contains": "padding"}}


def narrowed(spec: Mapping[str, Any], *, draw: Draw, width: int = NARROW) -> dict[str, Any]:
    """The spec as a phone gets it: views in one column, each as wide as the labels beside it allow.

    What stands beside a plot (labels, legends) is known only from a drawing, so it is drawn, measured, and drawn
    again by as much narrower; a chart that fits already is returned as it is.
    """
    if is_open_in_width(spec):
        return fitted(spec, width)
    if size(draw(spec, None))[0] <= width:
        return dict(spec)
    made = stacked(spec)
    room = width
    for _ in range(4):
        made = _with_width(made, room)
        over = size(draw(made, None))[0] - width
        if over <= 0 or room == LEAST:
            break
        room = max(LEAST, int(room - over - 1))
    return made


def stacked(spec: Mapping[str, Any]) -> dict[str, Any]:
    """What stands side by side, one below the other.

    >>> stacked({"hconcat": [{"mark": "bar"}, {"mark": "line"}]})
    {'vconcat': [{'mark': 'bar'}, {'mark': 'line'}]}
    """
    made = deepcopy(dict(spec))
    for side in ("hconcat", "concat"):
        if side in made:
            made["vconcat"] = made.pop(side)
            made.pop("columns", None)
    if "vconcat" in made:
        made["vconcat"] = [stacked(part) for part in made["vconcat"]]
    if isinstance(made.get("spec"), dict):
        made["spec"] = stacked(made["spec"])
    facet = made.get("facet")
    if isinstance(facet, dict) and "column" in facet and "row" not in facet:
        made["facet"] = {"row": facet["column"]}
    elif (isinstance(facet, dict) and "field" in facet) or isinstance(made.get("repeat"), list):
        made["columns"] = 1
    elif isinstance(made.get("repeat"), dict) and "column" in made["repeat"] and "row" not in made["repeat"]:
        # The inner view names its field by the direction in which it repeats.
        made["repeat"] = {"row": made["repeat"]["column"]}
        made["spec"] = _repeated_by_row(made["spec"])
    encoded = made.get("encoding") or {}
    if "column" in encoded and "row" not in encoded:
        encoded["row"] = encoded.pop("column")
    elif "facet" in encoded:
        encoded["facet"]["columns"] = 1
    return made


def _repeated_by_row(node: Any) -> Any:
    if isinstance(node, list):
        return [_repeated_by_row(each) for each in node]
    if isinstance(node, dict):
        return {key: "row" if key == "repeat" and each == "column" else _repeated_by_row(each) for key, each in node.items()}
    return node


def _with_width(spec: Mapping[str, Any], room: int) -> dict[str, Any]:
    """The spec with each of its innermost views `room` pixels wide."""
    made = deepcopy(dict(spec))
    if isinstance(made.get("spec"), dict):
        return {**made, "spec": _with_width(made["spec"], room)}
    if "vconcat" in made:
        return {**made, "vconcat": [_with_width(part, room) for part in made["vconcat"]]}
    return {**made, "width": room}
