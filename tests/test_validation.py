"""Bad data is stopped before anything runs, each fault with its place, what was expected, and what to do."""

import csv
import io
import json
import shutil
from pathlib import Path

import pytest
from synthetic_data import REAL, make_data

from recount.datafile import MOST_BYTES
from recount.errors import BadInput
from recount.validation import GATE, TABLES, validate

BATCH = "ruian-share-2022-01-05"  # 138.6 亿元, in 112 and 26.6
OBS = "R057"
SOURCE = "66wz-2012-10-11-fai"  # published and known from 2012-10-11
KEYS = {"ceremonies": BATCH, "observations": OBS, "sources": SOURCE, "claims": "targets.investment",
        "ceremony_breakdowns": "longgang-2023-01-01.sector.manufacturing", "project_events": "E001",
        "projects": "ruian-hjt-8gw", "sum_exceptions": "ruian-2021-01-06.inv-total"}


@pytest.fixture
def data(tmp_path):
    """A copy of the real package, to plant one fault in."""
    return Path(shutil.copytree(REAL, tmp_path / "data"))


def read(data, table):
    return list(csv.reader(io.StringIO((data / f"{table}.csv").read_text("utf-8"), newline="")))


def write(data, table, rows):
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(rows)
    (data / f"{table}.csv").write_text(text.getvalue(), "utf-8", newline="")


def put(data, table, column, cell, key=None):
    """Set one cell of the row with that key."""
    rows = read(data, table)
    row = next(row for row in rows if row[0] == (key or KEYS[table]))
    row[rows[0].index(column)] = cell
    write(data, table, rows)


def edit(data, table, old, new):
    path = data / f"{table}.csv"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8", newline="")


def line_of(data, table, key):
    """The file's line on which a row begins."""
    reader = csv.reader(io.StringIO((data / f"{table}.csv").read_text("utf-8"), newline=""))
    before = 0
    for row in reader:
        if row and row[0] == key:
            return before + 1
        before = reader.line_num
    raise KeyError(key)


def only(data):
    (finding,) = validate(data)
    return finding


def place(data, table, column, key=None):
    key = key or KEYS[table]
    return f"data/{table}.csv row {key} (line {line_of(data, table, key)}), column {column}"


def test_the_real_package_has_no_fault():
    assert validate(REAL) == []


def test_the_synthetic_package_has_no_fault(tmp_path):
    assert validate(make_data(tmp_path)) == []


# --- A file that cannot be read -------------------------------------------------------------------------


@pytest.mark.parametrize(("encoding", "code", "found"), [
    ("gb18030", "data.encoding", "GB18030 (or GBK), first at line 2"), ("utf-16", "data.utf16", "UTF-16"),
    ("utf-8-sig", "data.bom", "a byte-order mark (EF BB BF)"), ("utf-16-le", "data.binary", "a NUL byte, first at line 1"),
])
def test_a_file_in_another_encoding_is_named_not_converted(data, encoding, code, found):
    path = data / "ceremonies.csv"
    path.write_bytes(path.read_text("utf-8").encode(encoding))
    finding = only(data)
    assert (finding.code, finding.where, finding.found) == (code, "data/ceremonies.csv", found)
    assert finding.done == "nothing was read from it" and finding.next


def test_a_missing_file_is_named(data):
    (data / "ceremonies.csv").unlink()
    finding = only(data)
    assert (finding.code, finding.where, finding.found) == ("data.missing-file", "data/ceremonies.csv", "no such file")


def test_a_huge_file_is_named(data):
    with (data / "facts.csv").open("r+b") as file:
        file.truncate(MOST_BYTES + 1)
    finding = only(data)
    assert (finding.code, finding.where) == ("data.too-large", "data/facts.csv")


def test_a_nul_byte_is_named_with_its_line(data):
    edit(data, "ceremonies", "Pingyang", "Ping\x00yang")
    finding = only(data)
    assert (finding.code, finding.found) == ("data.binary", "a NUL byte, first at line 2")


def test_a_merge_left_unfinished_is_named_with_its_line(data):
    edit(data, "ceremonies", f"\n{BATCH},", f"\n<<<<<<< HEAD\n{BATCH},")
    finding = only(data)
    assert (finding.code, finding.found) == (
        "data.merge-conflict", f"conflict marker at line {line_of(data, 'ceremonies', BATCH) - 1}")


# --- Rows and columns -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("old", "new", "found"), [
    (",confidence,", ",", "missing: confidence"), (",confidence,", ",confidence,extra,", "not in the schema: extra"),
    (",confidence,", ",confidnce,", "missing: confidence; not in the schema: confidnce"),
])
def test_a_column_that_is_missing_or_unknown_is_named(data, old, new, found):
    edit(data, "ceremonies", old, new)
    finding = only(data)
    assert (finding.code, finding.where, finding.found) == ("data.columns", "data/ceremonies.csv line 1", found)
    assert "confidence" in finding.expected


def test_a_ragged_row_is_named_by_its_key(data):
    line = line_of(data, "ceremonies", BATCH)
    edit(data, "ceremonies", f"\n{BATCH},", f"\n{BATCH},x,")
    finding = only(data)
    assert (finding.code, finding.where) == ("data.ragged-row", f"data/ceremonies.csv row {BATCH} (line {line})")
    assert finding.expected == "23 cells" and finding.found.startswith(f"24 cells ({BATCH},x,")


def test_an_unclosed_quote_is_named_by_the_line_where_its_row_begins(data):
    line = line_of(data, "ceremonies", BATCH)
    edit(data, "ceremonies", f"\n{BATCH},2022", f'\n{BATCH},"2022')
    finding = only(data)
    assert (finding.code, finding.where) == ("data.malformed", f"data/ceremonies.csv line {line}")


# --- Cells ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("table", "column", "cell", "code", "expected", "todo"), [
    ("ceremonies", "inv_total", "１３８．６", "data.full-width", "ASCII digits", "type the digits again with the input method off"),
    ("ceremonies", "date", "２０２２-01-05", "data.full-width", "ASCII digits", "type the digits again with the input method off"),
    ("ceremonies", "inv_total", "1,386", "data.thousands-separator", "digits without separators", "write 1386"),
    ("observations", "subject", "=cmd|' /C calc'!A0", "data.formula", "a value",
     "a cell that begins like a formula is refused: write the value itself"),
    ("observations", "note_en", "@SUM(A1:A9)", "data.formula", "a value",
     "a cell that begins like a formula is refused: write the value itself"),
    ("observations", "subject", "+cmd", "data.formula", "a value",
     "a cell that begins like a formula is refused: write the value itself"),
    ("ceremonies", "inv_total", "NaN", "data.wrong-type", "a number in digits", "write the digits, or leave the cell empty"),
    ("ceremonies", "inv_total", "inf", "data.wrong-type", "a number in digits", "write the digits, or leave the cell empty"),
    ("ceremonies", "date", "2022-02-30", "data.date", "a date of the calendar, as YYYY, YYYY-MM, YYYY-MM-DD",
     "write the part of the date that is known"),
    ("ceremonies", "date", "2022-13", "data.date", "a date of the calendar, as YYYY, YYYY-MM, YYYY-MM-DD",
     "write the part of the date that is known"),
    ("ceremonies", "date", "2022年1月", "data.date", "a date of the calendar, as YYYY, YYYY-MM, YYYY-MM-DD",
     "write the part of the date that is known"),
    ("ceremonies", "date", "2022-Q1", "data.date", "a date as YYYY, YYYY-MM, YYYY-MM-DD", "write the part of the date that is known"),
    ("ceremonies", "date", "0222-01-05", "data.date", "a year between 1900 and 2100", "correct the year"),
    ("ceremonies", "date", "2022-01", "data.precision", "a date as precise as date_precision says (day)",
     "complete the date, or write month in date_precision"),
    ("observations", "period", "2021-02-29", "data.date",
     "a date of the calendar, as YYYY, YYYY-MM, YYYY-MM-DD, YYYY-Q1, YYYY-H1, a span FROM/TO", "write the part of the date that is known"),
    ("sources", "known_from", "2012-10", "data.date", "a date as YYYY-MM-DD", "write the whole day"),
    ("sources", "published", "", "data.precision", "a date as precise as published_precision says (day)",
     "complete the date, or write unknown in published_precision"),
])
def test_a_cell_that_lies_is_named_by_row_and_column(data, table, column, cell, code, expected, todo):
    put(data, table, column, cell)
    assert only(data).as_dict() == {"code": code, "where": place(data, table, column), "expected": expected,
                                    "found": cell or "(empty)", "next": todo}


def test_faults_of_form_in_several_files_are_reported_together(data):
    put(data, "ceremonies", "date", "2022-02-30")
    put(data, "observations", "value", "1,386")
    (data / "facts.csv").unlink()
    assert [finding.code for finding in validate(data)] == ["data.thousands-separator", "data.date", "data.missing-file"]


# --- What the schema says, through Frictionless ---------------------------------------------------------


@pytest.mark.parametrize(("table", "column", "cell", "code", "expected", "todo"), [
    ("ceremonies", "inv_total", "138.6亿", "data.wrong-type", "a number in digits", "write the value alone, without its unit"),
    ("observations", "source_id", "66wz-2012-10-11-fia", "data.dangling-reference", "the key of a row of data/sources.csv", None),
    ("observations", "value", "", "data.empty-cell", "a value (the column is required)", "fill it, or say what is unknown"),
])
def test_one_fault_against_the_schema_is_one_finding(data, table, column, cell, code, expected, todo):
    put(data, table, column, cell)
    finding = only(data)
    assert (finding.code, finding.where, finding.expected, finding.found) == (
        code, place(data, table, column), expected, cell or "(empty)")
    assert finding.next == todo if todo else f"did you mean {SOURCE}" in finding.next


def test_an_unknown_unit_names_those_there_are_and_the_near_ones(data):
    put(data, "observations", "unit", "CNY_100N")
    finding = only(data)
    assert (finding.code, finding.where, finding.found) == ("data.unit", place(data, "observations", "unit"), "CNY_100N")
    assert finding.expected.startswith("one of CNY, CNY_10K, CNY_100M, ") and "CNY_100M" in finding.next


def test_a_key_given_twice_is_one_finding_that_names_both_rows(data):
    rows = read(data, "observations")
    write(data, "observations", [*rows, next(row for row in rows if row[0] == OBS)])
    finding = only(data)
    assert (finding.code, finding.found) == ("data.duplicate-key", OBS)
    assert finding.where == f"data/observations.csv row {OBS} (line {len(rows) + 1}), column obs_id"
    assert finding.expected == f"a key that occurs once (also at line {line_of(data, 'observations', OBS)})"


def test_all_faults_against_the_schema_are_reported_each_at_its_own_row(data):
    faults = [
        ("sources", SOURCE, "kind", "blog", "data.constraint", "one of official, law, market_data, company, press, repost"),
        ("sources", "yq-2021-09-01-h1", "url", "www.example.org", "data.constraint", r"text of the form ^https?://\S+$"),
        ("observations", OBS, "confidence", "hihg", "data.constraint", "one of high, medium, low"),
        ("observations", "R004", "comparator", "about", "data.constraint", "one of eq, ge, gt, le, lt, approx"),
        ("observations", "R005", "indicator", "", "data.empty-cell", "a value (the column is required)"),
        ("ceremonies", BATCH, "inv_total", "-138.6", "data.constraint", "at least 0"),
        ("ceremonies", "ruian-2022-01-12", "n_total", "117.5", "data.wrong-type", "a whole number in digits"),
        ("ceremonies", "ruian-2021-01-06", "source_id", "nowhere", "data.dangling-reference", "the key of a row of data/sources.csv"),
        ("ceremony_breakdowns", KEYS["ceremony_breakdowns"], "ceremony_id", "nowhere", "data.dangling-reference",
         "the key of a row of data/ceremonies.csv"),
        ("sum_exceptions", KEYS["sum_exceptions"], "difference", "half", "data.wrong-type", "a number in digits"),
        ("projects", "ruian-hjt-8gw", "is_peer", "perhaps", "data.wrong-type", "true or false"),
        ("project_events", "E001", "capacity_unit", "GV", "data.unit", "one of CNY, CNY_10K"),
        ("project_events", "E002", "project_id", "nowhere", "data.dangling-reference", "the key of a row of data/projects.csv"),
        ("claims", "targets.growth", "kind", "hope", "data.constraint", "one of fact, plan, forecast, count_of_list, rule, superlative"),
        ("claims", "targets.investment", "line", "", "data.empty-cell", "a value (the column is required)"),
    ]
    keys = {table: {row[0] for row in read(data, table)} for table in TABLES}
    # A source may be renamed by its collectors; any but the first will do.
    stand_in = next(key for key in sorted(keys["sources"]) if key != SOURCE)
    faults = [(table, stand_in if key == "yq-2021-09-01-h1" else key, *rest) for table, key, *rest in faults]
    for table, key, column, cell, *_ in faults:
        put(data, table, column, cell, key)
    found = {(finding.code, finding.where): finding for finding in validate(data)}
    assert set(found) == {(code, place(data, table, column, key)) for table, key, column, _, code, _ in faults}
    for table, key, column, cell, code, expected in faults:
        finding = found[code, place(data, table, column, key)]
        assert finding.expected.startswith(expected), finding
        assert finding.found == (cell or "(empty)") and finding.next


def test_an_empty_key_is_an_empty_cell_not_a_key_given_twice(data):
    line = line_of(data, "observations", OBS)
    put(data, "observations", "obs_id", "")
    finding = only(data)
    assert (finding.code, finding.where) == ("data.empty-cell", f"data/observations.csv row (no key) (line {line}), column obs_id")


def test_a_fault_below_a_cell_of_several_lines_still_names_its_own_line(data):
    put(data, "observations", "note_en", "one\ntwo\nthree", "R004")
    put(data, "observations", "confidence", "some", "R005")
    finding = only(data)
    assert finding.where == place(data, "observations", "confidence", "R005")
    assert line_of(data, "observations", "R005") == line_of(data, "observations", "R004") + 3


def test_a_composite_key_given_twice_is_named(data):
    rows = read(data, "not_claims")
    write(data, "not_claims", [*rows, rows[1]])
    finding = only(data)
    assert (finding.code, finding.found) == ("data.duplicate-key", ", ".join(rows[1][:2]))
    assert finding.where == f"data/not_claims.csv row {'/'.join(rows[1][:2])} (line {len(rows) + 1}), column line, offset"


# --- The descriptor -------------------------------------------------------------------------------------


def test_a_package_without_a_table_that_the_book_reads_is_refused(data):
    path = data / "datapackage.json"
    descriptor = json.loads(path.read_text("utf-8"))
    descriptor["resources"] = [table for table in descriptor["resources"] if table["name"] not in ("claims", "sum_exceptions")]
    path.write_text(json.dumps(descriptor), "utf-8")
    finding = only(data)
    assert (finding.code, finding.where, finding.found) == ("data.descriptor", "data/datapackage.json", "no sum_exceptions, claims")


def test_a_descriptor_that_is_no_json_is_refused(data):
    (data / "datapackage.json").write_text('{"resources": [', "utf-8")
    with pytest.raises(BadInput) as caught:
        validate(data)
    assert caught.value.findings[0].code == "data.descriptor"


def test_a_descriptor_that_frictionless_refuses_is_a_finding(data):
    path = data / "datapackage.json"
    path.write_text(path.read_text("utf-8").replace('"type": "integer"', '"type": "integral"', 1), "utf-8")
    finding = only(data)
    assert (finding.code, finding.where) == ("data.package", "data/datapackage.json")
    assert "integral" in finding.found


# --- Claims ---------------------------------------------------------------------------------------------


def test_every_claim_that_cannot_be_judged_is_named_by_row_and_column(data):
    faults = [
        ("targets.investment", {"unit": "亿"}, "unit", "one of 亿元, 万元, ", "亿"),
        ("targets.projects-count", {"section": "drive"}, "claim_id", "an id that begins with drive.", "targets.projects-count"),
        ("drive.leaps-eight", {"value": ""}, "value", "the number that is printed", "(empty)"),
        ("targets.growth", {"value": "51"}, "value", "the number that is printed, 15%以上", "51 %"),
        ("projects.two-batches-investment", {"unit": "万元"}, "value", "the number that is printed, 638.7亿元", "638.7 万元"),
        ("flagships.optoelectronics-sets", {"value": "20"}, "value", "the number that is printed, 20万套", "20 套"),
        ("flagships.solar-tax", {"comparator": "range"}, "value_max", "an upper value with comparator range, and only then", "(empty)"),
        ("flagships.solar-jobs", {"value_max": "4000"}, "value_max", "an upper value with comparator range, and only then", "4000"),
        ("flagships.park-firms", {"comparator": "range", "value_max": "13"}, "value_max", "more than value, 14", "13"),
        ("projects.event-date", {"note": "date=2022-02-30"}, "note", "date=YYYY-MM-DD for a claim that is a date", "date=2022-02-30"),
        ("holiday.restart-date", {"note": "date=2022-02"}, "note", "date=YYYY-MM-DD for a claim that is a date", "date=2022-02"),
    ]
    for key, changes, *_ in faults:
        for name, cell in changes.items():
            put(data, "claims", name, cell, key)
    found = {finding.where: finding for finding in validate(data)}
    assert set(found) == {place(data, "claims", column, key) for key, _, column, *_ in faults}
    for key, _, column, expected, cell in faults:
        finding = found[place(data, "claims", column, key)]
        assert finding.code == "claim.malformed" and finding.expected.startswith(expected), finding
        assert finding.found == cell and finding.next


def test_a_claim_that_is_a_date_has_a_day_and_no_value(data):
    put(data, "claims", "note", "no day", "projects.event-date")
    put(data, "claims", "value", "12", "projects.event-date")
    assert [(finding.where, finding.expected) for finding in validate(data)] == [
        (place(data, "claims", "note", "projects.event-date"), "date=YYYY-MM-DD for a claim that is a date"),
        (place(data, "claims", "value", "projects.event-date"), "nothing: the claim is a date")]


# --- Sources, sums and scale ----------------------------------------------------------------------------


def test_a_source_cannot_be_known_before_it_was_published(data):
    put(data, "sources", "known_from", "2012-10-10")
    assert only(data).as_dict() == {
        "code": "source.known-before-published", "where": place(data, "sources", "known_from"), "found": "2012-10-10",
        "expected": "a day not before it was published (2012-10-11)", "next": "write the day it was published, or correct published"}


def test_parts_that_no_longer_sum_are_named_beside_what_is_stated(data):
    put(data, "ceremonies", "inv_total", "136.8")
    findings = validate(data)
    assert [(finding.code, finding.where, finding.expected, finding.found) for finding in findings] == [
        ("data.sum", f"data/ceremonies.csv row {BATCH}, column inv_total", "136.8 (the stated total)", "138.6 (the sum of the parts)"),
        ("data.sum", f"data/ceremony_breakdowns.csv row {BATCH}, dimension project_split, column investment",
         "136.8 (the stated total)", "138.6 (the sum of the parts)")]
    assert {finding.code for finding in findings} <= set(GATE)


def test_a_part_that_changed_is_named_by_the_total_it_no_longer_meets(data):
    put(data, "ceremony_breakdowns", "n_projects", "99")
    finding = only(data)
    assert (finding.code, finding.where) == ("data.sum", "data/ceremony_breakdowns.csv row longgang-2023-01-01, dimension sector, "
                                             "column n_projects")


def test_a_difference_that_the_source_prints_is_accepted_where_it_is_recorded(data):
    rows = read(data, "sum_exceptions")
    write(data, "sum_exceptions", [row for row in rows if row[0] != "ruian-2021-01-06.inv-total"])
    finding = only(data)
    assert (finding.code, finding.expected, finding.found) == ("data.sum", "525 (the stated total)", "524.5 (the sum of the parts)")


def test_a_recorded_difference_excuses_itself_and_no_other(data):
    put(data, "sum_exceptions", "difference", "-0.4")
    finding = only(data)
    assert finding.code == "data.sum"
    assert finding.expected == ("525 (the stated total), from which the parts differ by -0.4 "
                                "(sum_exceptions row ruian-2021-01-06.inv-total)")


def test_a_recorded_difference_of_a_row_that_is_never_added_up_is_refused(data):
    put(data, "sum_exceptions", "dimension", "size")
    findings = {finding.code: finding for finding in validate(data)}
    assert set(findings) == {"data.sum", "data.sum-exception"}
    assert findings["data.sum-exception"].where == "data/sum_exceptions.csv row ruian-2021-01-06.inv-total, column key"


def test_wan_where_yi_stood_is_a_question_that_shuts_the_gate(data):
    planted = [("observations", "R004", "value", "2794000"),
               ("ceremonies", "pingyang-2015", "inv_total", "1420000"), ("ceremonies", BATCH, "inv_start", "0.01386"),
               ("project_events", "E001", "investment", "1120000"),
               ("ceremony_breakdowns", "longgang-2023-01-01.sector.manufacturing", "investment", "700000")]
    for table, key, column, cell in planted:
        put(data, table, column, cell, key)
    asked = {finding.where: finding for finding in validate(data) if finding.code == "data.scale"}
    assert set(asked) == {f"data/{table}.csv row {key}, column {column}" for table, key, column, _ in planted}
    for table, key, column, cell in planted:
        finding = asked[f"data/{table}.csv row {key}, column {column}"]
        assert finding.code in GATE and finding.done == "the gate stays shut"
        assert finding.found.startswith(cell) and "neighbours (row " in finding.expected
        assert finding.next.endswith(f"recount accept {table}/{key}/{column}")


def test_a_change_by_ten_is_no_question_of_scale(data):
    put(data, "observations", "value", "2794", "R004")
    assert validate(data) == []


def test_money_is_compared_in_yuan_whatever_its_unit(data):
    put(data, "observations", "unit", "CNY_10K", "R004")
    finding = only(data)
    assert (finding.code, finding.where) == ("data.scale", "data/observations.csv row R004, column value")
    assert finding.found.startswith("279.4 CNY_10K (")
    assert " CNY_100M, as its neighbours" in finding.expected
