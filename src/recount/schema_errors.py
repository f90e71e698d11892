"""What Frictionless found, said as an editor needs it: which row, what was expected, what to do."""

from __future__ import annotations

from typing import Any

from recount.datafile import Sheet
from recount.errors import Finding, did_you_mean
from recount.package import Resource

_TYPES = {"number": "a number in digits", "integer": "a whole number in digits", "boolean": "true or false"}


def translated(error: Any, resource: Resource, sheets: dict[str, Sheet]) -> Finding | None:
    """The finding for one Frictionless error of a table; None where another finding says the same better."""
    sheet = sheets[resource.name]
    row, line = _row(error, sheet)
    column = _column(error, resource)
    cell = ", ".join(text for name in column.split(", ") if (text := row.get(name, "")))
    where = sheet.name
    if row:
        where += f" row {resource.key_of(row).strip('/') or '(no key)'} (line {line})"
    if column:
        where += f", column {column}"
    match error.type:
        case "type-error":
            kind = resource.field(column)["type"]
            code, expected, todo = "data.wrong-type", _TYPES.get(kind, kind), "write the value alone, without its unit"
        case "constraint-error":
            code, expected, todo = _constraint(error, resource.field(column), cell)
        case "primary-key" | "unique-error":
            if not cell:
                return None  # an empty key is reported as an empty cell
            code, expected = "data.duplicate-key", f"a key that occurs once{_first(sheet, column, row)}"
            todo = "take one of the rows out, or give it a key of its own"
        case "foreign-key":
            table, known = _referred(resource, column, sheets)
            code, expected = "data.dangling-reference", f"the key of a row of data/{table}.csv"
            todo = did_you_mean(cell, known) or "add that row first, or correct the key"
        case other:
            code, expected, todo = f"data.{other}", error.note or error.description, "see data/datapackage.json"
    return Finding(code=code, where=where, expected=expected, found=cell[:80] or "(empty)", next=todo)


def _row(error: Any, sheet: Sheet) -> tuple[dict[str, str], int]:
    # Frictionless numbers rows from 1, the header first; a row may span several lines of the file.
    position = (getattr(error, "row_number", None) or 0) - 2
    return (sheet.rows[position], sheet.lines[position]) if 0 <= position < len(sheet.rows) else ({}, 0)


def _column(error: Any, resource: Resource) -> str:
    if error.type == "primary-key":
        return ", ".join(resource.key)
    return getattr(error, "field_name", "") or ", ".join(getattr(error, "field_names", None) or [])


def _constraint(error: Any, field: dict[str, Any], cell: str) -> tuple[str, str, str]:
    rules = field["constraints"]
    if not cell:
        return "data.empty-cell", "a value (the column is required)", "fill it, or say what is unknown"
    if '"enum"' in error.note:
        words = [str(word) for word in rules["enum"]]
        code = "data.unit" if field["name"].endswith("unit") else "data.constraint"
        return code, f"one of {', '.join(words)}", did_you_mean(cell, words) or "take one of these"
    if '"minimum"' in error.note or '"maximum"' in error.note:
        ends = [f"{word} {rules[name]}" for name, word in (("minimum", "at least"), ("maximum", "at most")) if name in rules]
        return "data.constraint", " and ".join(ends), "correct the number"
    return "data.constraint", f"text of the form {rules.get('pattern', error.note)}", "see data/datapackage.json"


def _first(sheet: Sheet, column: str, row: dict[str, str]) -> str:
    names = column.split(", ")
    for other, line in zip(sheet.rows, sheet.lines, strict=True):
        if other is not row and all(other[name] == row[name] for name in names):
            return f" (also at line {line})"
    return ""


def _referred(resource: Resource, column: str, sheets: dict[str, Sheet]) -> tuple[str, list[str]]:
    for name, table, key in resource.references:
        if name == column and table in sheets:
            return table, [row[key] for row in sheets[table].rows]
    return column, []
