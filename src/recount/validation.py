"""Everything that must hold in the data before a notebook runs: form, schema, dates, sums and scale."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Any

from recount.datafile import Sheet, cell_findings, read_sheet
from recount.errors import Finding
from recount.package import Package, Resource
from recount.periods import span
from recount.units import PRINTED, UNITS, rounded

_DATE_COLUMNS = {"date", "period", "published", "known_from"}
_PROSE = re.compile(r"(note|reason|statement|what|label|title|name|item|locator|class|owner|origin|publisher)")
SUM_TOLERANCE = 0.005


def validate(folder: Path) -> list[Finding]:
    """Check the whole package; the findings in file order, empty when all is well.

    Form first, file by file; the schema (Frictionless) only on files whose form is sound; then what no schema
    says: calendar dates, sums of parts, and values ten thousand times off their neighbours.
    """
    package = Package(folder)
    sheets: dict[str, Sheet] = {}
    findings: list[Finding] = []
    for resource in package.resources.values():
        sheet, faults = read_sheet(folder / resource.path, name=f"data/{resource.path}", columns=resource.columns)
        if sheet is not None:
            free = {column for column in resource.columns if _PROSE.search(column)}
            faults += cell_findings(sheet, numeric=resource.of_type("number", "integer"),
                                    dates=_DATE_COLUMNS & set(resource.columns), free=free, key=resource.key_of)
            faults += _date_findings(sheet, resource)
            sheets[resource.name] = sheet
        findings += faults
    if findings:
        return findings
    findings = _schema_findings(folder, package, sheets)
    if findings:
        return findings
    return [*_claim_findings(sheets["claims"]), *_source_findings(sheets["sources"]), *_sum_findings(package),
            *_scale_findings(package)]


# Findings of these codes do not stop a run; they shut the gate beside whatever else it finds.
# A scale is a question to the editor, who may accept it by name.
GATE = ("data.sum", "data.scale")


def _date_findings(sheet: Sheet, resource: Resource) -> list[Finding]:
    found = []
    for row, line in zip(sheet.rows, sheet.lines, strict=True):
        for column in sorted(_DATE_COLUMNS & set(sheet.header)):
            if not row[column]:
                continue
            try:
                first, _ = span(row[column])
                fault = "" if 1900 <= first.year <= 2100 else "a year between 1900 and 2100"
            except ValueError:
                fault = "a date of the calendar: YYYY, YYYY-MM, YYYY-MM-DD, YYYY-Q1, YYYY-H1 or a span FROM/TO"
            if fault:
                found.append(Finding(code="data.date", expected=fault, found=row[column],
                                     where=f"{sheet.name} row {resource.key_of(row)} (line {line}), column {column}",
                                     next="write the part of the date that is known"))
    return found


_FRICTIONLESS = {
    "type-error": "data.wrong-type",
    "constraint-error": "data.constraint",
    "primary-key": "data.duplicate-key",
    "unique-error": "data.duplicate-key",
    "foreign-key": "data.dangling-reference",
    "blank-row": "data.blank-row",
}


def _schema_findings(folder: Path, package: Package, sheets: dict[str, Sheet]) -> list[Finding]:
    from frictionless import Package as FrictionlessPackage
    from frictionless import system

    with system.use_context(trusted=True):
        report = FrictionlessPackage(str(folder / "datapackage.json")).validate()
    found = []
    for task in report.tasks:
        resource = package.resources.get(task.name)
        for error in task.errors:
            found.append(_from_frictionless(error, resource, sheets.get(task.name)))
    found += [Finding(code="data.package", where="data/datapackage.json", expected="a valid data package",
                      found=error.message) for error in report.errors]
    return found


def _from_frictionless(error: Any, resource: Resource | None, sheet: Sheet | None) -> Finding:
    code = _FRICTIONLESS.get(error.type, f"data.{error.type}")
    column = getattr(error, "field_name", "") or ", ".join(getattr(error, "field_names", []) or [])
    number = getattr(error, "row_number", None)
    where, cell = f"data/{resource.path}" if resource else "data/datapackage.json", getattr(error, "cell", "")
    if sheet and resource and number and 2 <= number <= len(sheet.rows) + 1:
        row = sheet.rows[number - 2]
        where += f" row {resource.key_of(row)} (line {sheet.lines[number - 2]})"
        cell = cell or ", ".join(row.get(name, "") for name in column.split(", "))
    if column:
        where += f", column {column}"
    expected, todo = error.note, "see the field in data/datapackage.json"
    if error.type == "constraint-error" and "required" in error.note:
        code, expected, todo = "data.empty-cell", "a value (the column is required)", "fill it, or say what is unknown"
    elif code == "data.constraint" and column.endswith("unit"):
        code, todo = "data.unit", f"one of {', '.join(UNITS)}"
    elif code == "data.dangling-reference":
        expected, todo = "the key of an existing row", "add that row first, or correct the key"
    elif code == "data.duplicate-key":
        expected, todo = "a key that occurs once", "give the second row a key of its own"
    return Finding(code=code, where=where, expected=expected, found=str(cell)[:80] or "(empty)", next=todo)


def _claim_findings(sheet: Sheet) -> list[Finding]:
    found = []
    for row, line in zip(sheet.rows, sheet.lines, strict=True):
        def fault(column: str, expected: str, cell: str, line: int = line, row: dict = row) -> None:
            found.append(Finding(code="claim.malformed", where=f"{sheet.name} row {row['claim_id']} (line {line}), "
                                 f"column {column}", expected=expected, found=cell or "(empty)"))

        if row["unit"] not in PRINTED:
            fault("unit", f"one of {', '.join(PRINTED)}", row["unit"])
        if row["claim_id"].split(".")[0] != row["section"]:
            fault("claim_id", f"an id that begins with {row['section']}.", row["claim_id"])
        if row["unit"] == "日期":
            match = re.search(r"date=(\S+)", row["note"])
            try:
                span(match[1] if match else "")
            except ValueError:
                fault("note", "date=YYYY-MM-DD for a claim that is a date", row["note"])
        elif not row["value"]:
            fault("value", "the number that is printed", row["value"])
        if (row["comparator"] == "range") != bool(row["value_max"]):
            fault("value_max", "an upper value with comparator range, and only then", row["value_max"])
    return found


def _source_findings(sheet: Sheet) -> list[Finding]:
    found = []
    for row, line in zip(sheet.rows, sheet.lines, strict=True):
        if row["published"] and span(row["published"])[0].isoformat() > row["known_from"]:
            found.append(Finding(code="source.known-before-published", found=row["known_from"],
                                 where=f"{sheet.name} row {row['source_id']} (line {line}), column known_from",
                                 expected=f"a day not before it was published ({row['published']})"))
    return found


def _sum_findings(package: Package) -> list[Finding]:
    """Parts that do not add up to their stated total, beyond the differences recorded in sum_exceptions."""
    ceremonies = package.frame("ceremonies")
    recorded = {(row.key, row.dimension, row.column): row.difference
                for row in package.frame("sum_exceptions").itertuples()}
    found = []

    def compare(key: str, dimension: str, column: str, parts: float, stated: float) -> None:
        difference = rounded(parts - stated, 2)
        if abs(difference - recorded.get((key, dimension, column), 0)) > SUM_TOLERANCE:
            what = f"dimension {dimension}, " if dimension else ""
            table = "ceremony_breakdowns" if dimension else "ceremonies"
            found.append(Finding(code="data.sum", where=f"data/{table}.csv row {key}, {what}column {column}",
                                 expected=f"{rounded(stated, 2)} (the stated total)",
                                 found=f"{rounded(parts, 2)} (the sum of the parts)",
                                 next="correct the row, or record the difference that the source prints in "
                                      "data/sum_exceptions.csv"))

    for key, row in ceremonies.iterrows():
        for column, parts in (("n_total", ("n_start", "n_complete", "n_topped_out")),
                              ("inv_total", ("inv_start", "inv_complete"))):
            known = [row[part] for part in parts if not _empty(row[part])]
            if known and not _empty(row[column]):
                compare(str(key), "", column, float(sum(known)), float(row[column]))
    splits = package.frame("ceremony_breakdowns")
    additive = splits[~splits["dimension"].str.contains("partial|cumulative")]
    stated = {"sector_start": ("n_start", "inv_start"), "sector_complete": ("n_complete", "inv_complete")}
    for (key, dimension), rows in additive.groupby(["ceremony_id", "dimension"], sort=False):
        totals = stated.get(dimension, ("n_total", "inv_total"))
        for column, total in zip(("n_projects", "investment"), totals, strict=True):
            whole = ceremonies.loc[key, total]
            if rows[column].notna().all() and not _empty(whole):
                compare(key, dimension, column, float(rows[column].sum()), float(whole))
    return found


def _empty(value: Any) -> bool:
    import pandas as pd

    return bool(pd.isna(value))


def _scale_findings(package: Package) -> list[Finding]:
    """万 where 亿 stood: a number about ten thousand times off the others of its kind.

    Neighbours are rows of one indicator and unit (observations) or one column at one level (ceremonies); a
    finding is a question, so the bound is generous: a factor of 3000 from the neighbours' median.
    """
    found = []

    def look(table: str, column: str, values: dict[str, float]) -> None:
        for key, value in values.items():
            others = sorted(abs(other) for name, other in values.items() if name != key and other)
            if len(others) < 2 or not value:
                continue
            ratio = abs(value) / others[len(others) // 2]
            if abs(math.log10(ratio)) >= math.log10(3000):
                found.append(Finding(code="data.scale", where=f"data/{table}.csv row {key}, column {column}",
                                     expected=f"about {others[len(others) // 2]:g}, as its neighbours",
                                     found=f"{value:g} ({ratio:.3g} times)", done="the gate stays shut",
                                     next=f"万 for 亿? If it is right: recount accept {table}/{key}/{column}"))

    observations = package.frame("observations")
    for _, rows in observations.groupby(["indicator", "unit"], sort=False):
        look("observations", "value", rows["value"].to_dict())
    ceremonies = package.frame("ceremonies")
    for column in ("inv_start", "inv_complete", "inv_total"):
        for _, rows in ceremonies.groupby("level", sort=False):
            look("ceremonies", column, rows[column].dropna().to_dict())
    investments = package.frame("project_events")["investment"].dropna()
    look("project_events", "investment", investments.to_dict())
    return found
