"""The plotted rows of a chart: as a table on the page, and as a file to take away."""

from __future__ import annotations

import csv
import html
from collections.abc import Mapping
from io import StringIO
from math import floor, log10
from typing import Any

from recount.units import digits

FIGURES = 6  # significant digits of a number in the table; the file has them all


def table(data: Mapping[str, Any], lang: str) -> str:
    """The rows as an HTML table: a heading for each column and row, numbers under each other."""
    numbers = [_is_numbers(data, place) for place in range(len(data["columns"]))]
    # A row is named by its first column, where that holds names and does not stand empty.
    named = bool(numbers) and not numbers[0] and all(row[0] not in (None, "") for row in data["rows"])
    kind = {True: ' class="num"', False: ""}
    head = "".join(
        f'<th scope="col"{kind[number]}>{html.escape(str(column))}</th>'
        for column, number in zip(data["columns"], numbers, strict=True)
    )
    rows = []
    for row in data["rows"]:
        cells = []
        for place, cell in enumerate(row):
            tag = 'th scope="row"' if named and place == 0 else 'td class="num"' if numbers[place] else "td"
            cells.append(f"<{tag}>{html.escape(shown(cell, lang))}</{tag[:2]}>")
        rows.append(f"<tr>{''.join(cells)}</tr>")
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def shown(cell: object, lang: str) -> str:
    """A cell as the language writes it, a float without the noise of its last digits.

    >>> shown(432.1000001, "zh"), shown(1234.5, "en"), shown("甲", "zh")
    ('432.1', '1,234.5', '甲')
    """
    if cell is None:
        return ""
    if isinstance(cell, bool) or not isinstance(cell, int | float):
        return str(cell)
    whole = floor(log10(abs(cell))) + 1 if cell else 1
    return digits(cell, min(max(FIGURES - whole, 0), 8), lang)


def as_csv(data: Mapping[str, Any]) -> str:
    """Exactly the plotted rows, with a byte order mark: without it Excel reads Chinese as noise."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(data["columns"])
    writer.writerows([_plain(cell) for cell in row] for row in data["rows"])
    return "\ufeff" + out.getvalue()


def _plain(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)


def _is_numbers(data: Mapping[str, Any], place: int) -> bool:
    cells = [row[place] for row in data["rows"] if row[place] is not None]
    return bool(cells) and all(isinstance(cell, int | float) and not isinstance(cell, bool) for cell in cells)
