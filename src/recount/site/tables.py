"""Tables of a page, from lists of cells: what several directives build in the same way."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from docutils import nodes

Cell = list[nodes.Node]


def table(heads: Sequence[str], rows: Iterable[Sequence[Cell]], *, widths: Sequence[int], name: str,
          anchors: Sequence[str] = ()) -> nodes.table:
    """A table with one head row; `anchors` are the ids of its rows, in order. `name` is its class in book.css."""
    group = nodes.tgroup("", *[nodes.colspec(colwidth=width) for width in widths], cols=len(widths))
    group += nodes.thead("", _row([[nodes.Text(head)] for head in heads]))
    body = nodes.tbody()
    for number, cells in enumerate(rows):
        row = _row(cells)
        if anchors:
            row["ids"] = [anchors[number]]
        body += row
    group += body
    return nodes.table("", group, classes=[name])


def _row(cells: Sequence[Cell]) -> nodes.row:
    return nodes.row("", *[nodes.entry("", nodes.paragraph("", "", *cell)) for cell in cells])


def muted(text: str) -> nodes.inline:
    """Words of less weight beside others: a code, a count, an original name."""
    return nodes.inline("", text, classes=["recount-muted"])
