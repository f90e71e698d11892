"""Everything that must hold in the data before a notebook runs: form, schema, dates, sums and scale."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from pathlib import Path

from recount.datafile import Sheet, cell_findings, read_sheet
from recount.errors import Finding, did_you_mean
from recount.package import Package, Resource, blank
from recount.periods import span
from recount.schema_errors import translated
from recount.units import PRINTED, UNITS, rounded

_DATE_COLUMNS = {"date", "period", "published", "known_from"}
# The forms of a date, each with an example to try on a column's pattern.
_FORMS = {"YYYY": "2022", "YYYY-MM": "2022-01", "YYYY-MM-DD": "2022-01-12", "YYYY-Q1": "2022-Q1", "YYYY-H1": "2022-H1",
          "a span FROM/TO": "2022-01/2022-02"}
_PROSE = re.compile(r"(note|reason|statement|what|label|title|name|item|locator|class|owner|origin|publisher)")
# What the checks below read; further tables may stand beside them.
TABLES = ("sources", "observations", "ceremonies", "ceremony_breakdowns", "project_events", "sum_exceptions", "claims")
# Findings of these codes do not stop a run; they shut the gate beside whatever else it finds.
# A scale is a question to the editor, who may accept it by name.
GATE = ("data.sum", "data.scale")
SUM_TOLERANCE = 0.005


def validate(folder: Path) -> list[Finding]:
    """Check the whole package; the findings in file order, empty when all is well.

    Form first, file by file; the schema (Frictionless) only on files whose form is sound; then what no schema
    says: sums of parts, and values ten thousand times off their neighbours. Raises BadInput where
    ``datapackage.json`` itself cannot be used.
    """
    package = Package(folder)
    if absent := [name for name in TABLES if name not in package.resources]:
        return [Finding(code="data.descriptor", where="data/datapackage.json", expected=f"tables {', '.join(TABLES)}",
                        found=f"no {', '.join(absent)}", done="nothing was read")]
    sheets: dict[str, Sheet] = {}
    findings: list[Finding] = []
    for resource in package.resources.values():
        sheet, faults = read_sheet(folder / resource.path, name=f"data/{resource.path}", columns=resource.columns)
        if sheet is not None:
            free = {column for column in resource.columns if _PROSE.search(column)}
            faults += cell_findings(sheet, numeric=resource.of_type("number", "integer"),
                                    dates=_DATE_COLUMNS & set(resource.columns), free=free, key=resource.key_of)
            if not faults:
                faults = _date_findings(sheet, resource)
            sheets[resource.name] = sheet
        findings += faults
    if findings:
        return findings
    findings = [*_schema_findings(folder, package, sheets), *_claim_findings(sheets["claims"])]
    if findings:
        return findings
    return [*_source_findings(sheets["sources"]), *_sum_findings(package), *_scale_findings(package)]


def _place(sheet: Sheet, resource: Resource, row: dict[str, str], line: int, column: str) -> str:
    return f"{sheet.name} row {resource.key_of(row).strip('/') or '(no key)'} (line {line}), column {column}"


def _date_findings(sheet: Sheet, resource: Resource) -> list[Finding]:
    """Days that the calendar lacks, forms that the column does not take, and parts that pass for whole days."""
    found = []
    for column in sorted(_DATE_COLUMNS & set(sheet.header)):
        pattern, beside = resource.field(column).get("constraints", {}).get("pattern", ""), f"{column}_precision"
        for row, line in zip(sheet.rows, sheet.lines, strict=True):
            cell, precision = row[column], row.get(beside, "")
            fits = {0: "unknown", 4: "year", 7: "month", 10: "day"}.get(len(cell), "")
            code, (expected, todo) = "data.date", _date_fault(cell, pattern)
            if not expected and beside in row and precision in ("unknown", "year", "month", "day") and precision != fits:
                code, expected = "data.precision", f"a date as precise as {beside} says ({precision})"
                todo = f"complete the date, or write {fits} in {beside}"
            if expected:
                found.append(Finding(code=code, where=_place(sheet, resource, row, line, column), expected=expected,
                                     found=cell or "(empty)", next=todo))
    return found


def _date_fault(cell: str, pattern: str) -> tuple[str, str]:
    """What was expected of a date cell and what to do; both empty where it is right, or empty."""
    if not cell:
        return "", ""
    forms = [form for form, example in _FORMS.items() if re.search(pattern, example)]
    todo = "write the whole day" if forms == ["YYYY-MM-DD"] else "write the part of the date that is known"
    try:
        first, _ = span(cell)
    except ValueError:
        return f"a date of the calendar, as {', '.join(forms)}", todo
    if not re.search(pattern, cell):
        return f"a date as {', '.join(forms)}", todo
    return ("", "") if 1900 <= first.year <= 2100 else ("a year between 1900 and 2100", "correct the year")


def _schema_findings(folder: Path, package: Package, sheets: dict[str, Sheet]) -> list[Finding]:
    from frictionless import FrictionlessException, system
    from frictionless import Package as FrictionlessPackage

    def unusable(message: str) -> Finding:
        return Finding(code="data.package", where="data/datapackage.json", expected="a valid data package", found=message)

    try:
        with system.use_context(trusted=True):
            report = FrictionlessPackage(str(folder / "datapackage.json")).validate()
    except FrictionlessException as error:
        return [unusable(str(error))]
    found = [unusable(error.message) for error in report.errors]
    for task in report.tasks:
        for error in task.errors:
            if finding := translated(error, package.resources[task.name], sheets):
                found.append(finding)
    # A key column that is unique as well is reported as both: one place, one finding.
    return list({(finding.code, finding.where): finding for finding in found}.values())


def _claim_findings(sheet: Sheet) -> list[Finding]:
    found = []
    for row, line in zip(sheet.rows, sheet.lines, strict=True):
        def fault(column: str, expected: str, *, todo: str, line: int = line, row: dict[str, str] = row,
                  beside: str = "") -> None:
            found.append(Finding(code="claim.malformed", where=f"{sheet.name} row {row['claim_id']} (line {line}), "
                                 f"column {column}", expected=expected, next=todo,
                                 found=f"{row[column] or '(empty)'} {beside}".strip()))

        if row["unit"] and row["unit"] not in PRINTED:
            fault("unit", f"one of {', '.join(PRINTED)}", todo=did_you_mean(row["unit"], list(PRINTED))
                  or "万 and 亿 belong to the unit; a new unit goes into recount.units")
        if row["claim_id"].split(".")[0] != row["section"]:
            fault("claim_id", f"an id that begins with {row['section']}.", todo="correct the section or the id")
        if row["unit"] == "日期":
            if not _names_day(row["note"]):
                fault("note", "date=YYYY-MM-DD for a claim that is a date", todo="write the whole day into the note")
            if row["value"]:
                fault("value", "nothing: the claim is a date", todo="write date=YYYY-MM-DD into the note")
        elif not row["value"]:
            fault("value", "the number that is printed", todo="write it in the printed unit")
        elif not _as_printed(row):
            fault("value", f"the number that is printed, {row['printed']}", beside=row["unit"],
                  todo="correct the value or its unit (万, 亿)")
        if (row["comparator"] == "range") != bool(row["value_max"]):
            fault("value_max", "an upper value with comparator range, and only then", todo="correct the one or the other")
        elif row["value_max"] and _number(row["value_max"]) <= _number(row["value"]):
            fault("value_max", f"more than value, {row['value']}", todo="write the lower value first")
    return found


def _names_day(note: str) -> bool:
    match = re.search(r"date=(\d{4}-\d\d-\d\d)(?!\S)", note)
    try:
        return bool(match and span(match[1]))
    except ValueError:
        return False


def _as_printed(row: dict[str, str]) -> bool:
    """Whether value and unit say what the printed token says in digits, 万 and 亿 counted in."""
    match = re.search(r"(\d+(?:\.\d+)?)([万亿]?)", row["printed"])
    size = {"": 1, "万": 10**4, "亿": 10**8}
    return not match or math.isclose(float(match[1]) * size[match[2]],
                                     _number(row["value"]) * size.get(row["unit"][:1], 1), rel_tol=1e-9)


def _number(cell: str) -> float:
    try:
        return float(cell)
    except ValueError:
        return math.nan  # reported by the schema


def _source_findings(sheet: Sheet) -> list[Finding]:
    found = []
    for row, line in zip(sheet.rows, sheet.lines, strict=True):
        if row["published"] and span(row["published"])[0].isoformat() > row["known_from"]:
            found.append(Finding(code="source.known-before-published", found=row["known_from"],
                                 where=f"{sheet.name} row {row['source_id']} (line {line}), column known_from",
                                 expected=f"a day not before it was published ({row['published']})",
                                 next="write the day it was published, or correct published"))
    return found


def _sum_findings(package: Package) -> list[Finding]:
    """Parts that do not add up to their stated total, beyond the differences recorded in sum_exceptions."""
    ceremonies = package.frame("ceremonies")
    exceptions = {(row.key, row.dimension, row.column): row for row in package.frame("sum_exceptions").itertuples()}
    unused = dict(exceptions)
    found = []

    def compare(key: str, dimension: str, column: str, parts: float, stated: float) -> None:
        recorded = exceptions.get((key, dimension, column))
        unused.pop((key, dimension, column), None)
        expects = recorded.difference if recorded else 0
        if abs(rounded(parts - stated, 2) - expects) <= SUM_TOLERANCE:
            return
        what = f"dimension {dimension}, " if dimension else ""
        table = "ceremony_breakdowns" if dimension else "ceremonies"
        beside = f", from which the parts differ by {expects:+g} (sum_exceptions row {recorded.Index})" if recorded else ""
        found.append(Finding(code="data.sum", where=f"data/{table}.csv row {key}, {what}column {column}",
                             expected=f"{rounded(stated, 2)} (the stated total){beside}",
                             found=f"{rounded(parts, 2)} (the sum of the parts)", done="the gate stays shut",
                             next="correct the row, or record the difference that the source prints in "
                                  "data/sum_exceptions.csv"))

    for key, row in ceremonies.iterrows():
        for column, parts in (("n_total", ("n_start", "n_complete", "n_topped_out")),
                              ("inv_total", ("inv_start", "inv_complete"))):
            known = [row[part] for part in parts if not blank(row[part])]
            if known and not blank(row[column]):
                compare(str(key), "", column, float(sum(known)), float(row[column]))
    splits = package.frame("ceremony_breakdowns")
    additive = splits[~splits["dimension"].str.contains("partial|cumulative")]
    stated = {"sector_start": ("n_start", "inv_start"), "sector_complete": ("n_complete", "inv_complete")}
    for (key, dimension), rows in additive.groupby(["ceremony_id", "dimension"], sort=False):
        totals = stated.get(dimension, ("n_total", "inv_total"))
        for column, total in zip(("n_projects", "investment"), totals, strict=True):
            whole = ceremonies.loc[key, total]
            if rows[column].notna().all() and not blank(whole):
                compare(key, dimension, column, float(rows[column].sum()), float(whole))
    # An exception that excuses nothing would one day excuse a mistake.
    return found + [Finding(code="data.sum-exception", where=f"data/sum_exceptions.csv row {row.Index}, column key",
                            expected="a row, dimension and column whose parts are added up", found=row.key,
                            next="correct key, dimension or column, or take the row out") for row in unused.values()]


def _scale_findings(package: Package) -> list[Finding]:
    """万 where 亿 stood: a number about ten thousand times off the others of its kind.

    Neighbours are observations of one indicator, at one place where there are several (money is compared in
    yuan, whatever its unit); all events' amounts of one column; the classes of one event. A finding is a
    question, so the bounds are generous: places differ by two thousand times, a county and the nation.
    """
    found = []

    def look(table: str, column: str, values: Mapping[str, float], *, shown: Mapping[str, str],
             place: Mapping[str, str] | None = None) -> None:
        for key, value in values.items():
            others = [(abs(other), name) for name, other in values.items() if name != key and other]
            near = [pair for pair in others if place is None or place[pair[1]] == place[key]]
            bound, others = (1000, sorted(near)) if near else (3000, sorted(others))
            if not others or not value:
                continue
            middle, name = others[len(others) // 2]
            ratio = abs(value) / middle
            if max(ratio, 1 / ratio) >= bound:
                found.append(Finding(code="data.scale", where=f"data/{table}.csv row {key}, column {column}",
                                     expected=f"about {shown[name]}, as its neighbours (row {name})",
                                     found=f"{shown[key]} ({ratio:.3g} times)", done="the gate stays shut",
                                     next=f"万 for 亿? If it is right: recount accept {table}/{key}/{column}"))

    observations = package.frame("observations")
    yuan = observations["unit"].map(lambda code: UNITS[code].yuan)
    kind = observations["unit"].where(yuan == 0, "money")
    written = {key: f"{row['value']:.12g} {row['unit']}" for key, row in observations.iterrows()}
    for _, values in (observations["value"] * yuan.replace(0, 1)).groupby([observations["indicator"], kind], sort=False):
        look("observations", "value", values.to_dict(), shown=written, place=observations["place"])
    ceremonies, splits = package.frame("ceremonies"), package.frame("ceremony_breakdowns")
    groups = [("ceremonies", column, ceremonies[column]) for column in ("inv_start", "inv_complete", "inv_total")]
    groups += [("ceremony_breakdowns", "investment", values)
               for _, values in splits["investment"].groupby(splits["ceremony_id"], sort=False)]
    groups.append(("project_events", "investment", package.frame("project_events")["investment"]))
    for table, column, values in groups:
        known = values.dropna().to_dict()
        look(table, column, known, shown={key: f"{value:.12g}" for key, value in known.items()})
    return found
