"""One CSV as text: read only when it is what it claims to be, and otherwise named with line, column and remedy."""

import random

import pytest

from recount.datafile import MOST_BYTES, cell_findings, decode, read_sheet

NAME = "data/syn.csv"
COLUMNS = ["key", "value", "day", "note"]
GOOD = "key,value,day,note\na,1.5,2022-01,合成说明\nb,2,2022-02,\n"


def fault_of(path):
    text, findings = decode(path, name=NAME)
    assert text is None
    (finding,) = findings
    assert finding.where == NAME and finding.done == "nothing was read from it" and finding.next
    return finding.code, finding.found


def sheet_of(path, text):
    path.write_text(text, "utf-8", newline="")
    return read_sheet(path, name=NAME, columns=COLUMNS)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "syn.csv"


# --- Bytes ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("raw", "code", "found"), [
    (GOOD.encode("gb18030"), "data.encoding", "GB18030 (or GBK), first at line 2"),
    (b"key\n\xff\xff\xff\n", "data.encoding", "bytes that are no UTF-8, first at line 2"),
    (GOOD.encode("utf-16"), "data.utf16", "UTF-16"),
    (b"\xfe\xff" + GOOD.encode("utf-16-be"), "data.utf16", "UTF-16"),
    (GOOD.encode("utf-16-le"), "data.binary", "a NUL byte, first at line 1"),
    (GOOD.encode("utf-8-sig"), "data.bom", "a byte-order mark (EF BB BF)"),
    (b"key\na\x00b\n", "data.binary", "a NUL byte, first at line 2"),
    (b"PK\x03\x04\x14\x00\x06\x00\x08", "data.binary", "a NUL byte, first at line 1"),
    (b"key\n<<<<<<< HEAD\na\n=======\nb\n>>>>>>> other\n", "data.merge-conflict", "conflict marker at line 2"),
    (b"key\na\n=======\nb\n", "data.merge-conflict", "conflict marker at line 3"),
    (b"key\na\n>>>>>>> other\n", "data.merge-conflict", "conflict marker at line 3"),
])
def test_bytes_that_are_no_plain_utf8_are_named_not_guessed(path, raw, code, found):
    path.write_bytes(raw)
    assert fault_of(path) == (code, found)


def test_a_missing_file_is_named_and_so_is_a_folder_in_its_place(path):
    assert fault_of(path) == ("data.missing-file", "no such file")
    path.mkdir()
    assert fault_of(path) == ("data.missing-file", "a folder")


def test_a_huge_file_is_refused_unread(path):
    with path.open("wb") as file:
        file.truncate(MOST_BYTES + 1)
    assert fault_of(path) == ("data.too-large", f"{MOST_BYTES + 1:,} bytes")


def test_a_file_at_the_limit_is_read(path):
    path.write_bytes(b"a" * MOST_BYTES)
    text, findings = decode(path, name=NAME)
    assert (len(text), findings) == (MOST_BYTES, [])


def test_signs_that_only_look_like_a_conflict_are_read(path):
    text = "note\n<<<<<<<HEAD\n========\nsee =======\n"
    path.write_text(text, "utf-8")
    assert decode(path, name=NAME) == (text, [])


# --- Form -----------------------------------------------------------------------------------------------


def test_a_sound_sheet_gives_its_rows_with_their_lines(path):
    sheet, findings = sheet_of(path, 'key,value,day,note\na,1,,"one\ntwo"\nb,2,,"say ""so"""\n')
    assert findings == []
    assert sheet.rows == ({"key": "a", "value": "1", "day": "", "note": "one\ntwo"},
                          {"key": "b", "value": "2", "day": "", "note": 'say "so"'})
    assert sheet.lines == (2, 4)


@pytest.mark.parametrize("ending", ["\r\n", "\r"])
def test_line_endings_of_other_systems_read_the_same(path, ending):
    here, _ = sheet_of(path, GOOD)
    there, findings = sheet_of(path, GOOD.replace("\n", ending))
    assert (there, findings) == (here, [])


@pytest.mark.parametrize(("header", "found"), [
    ("key,value,day", "missing: note"), ("key,value,day,note,extra", "not in the schema: extra"),
    ("key,valeu,day,note", "missing: value; not in the schema: valeu"),
    ("key,day,value,note", "the same columns in another order, or one twice"),
    ("key,value,day,note,note", "the same columns in another order, or one twice"), ("", "missing: key, value, day, note"),
    ("key;value;day;note", "missing: key, value, day, note; not in the schema: key;value;day;note"),
])
def test_a_header_must_be_the_schemas(path, header, found):
    sheet, (finding,) = sheet_of(path, f"{header}\n" if header else "")
    assert sheet is None
    assert (finding.code, finding.where, finding.expected, finding.found) == (
        "data.columns", f"{NAME} line 1", "key, value, day, note", found)


def test_every_ragged_row_is_named_by_its_key_and_line(path):
    sheet, findings = sheet_of(path, 'key,value,day,note\na,1\n"b\nb",2,,ok\nc,1,234,,note\n')
    assert [(finding.code, finding.where, finding.expected, finding.found) for finding in findings] == [
        ("data.ragged-row", f"{NAME} row a (line 2)", "4 cells", "2 cells (a,1)"),
        ("data.ragged-row", f"{NAME} row c (line 5)", "4 cells", "5 cells (c,1,234,,note)")]
    assert [row["key"] for row in sheet.rows] == ["b\nb"]


def test_an_empty_line_is_no_row(path):
    _, (finding,) = sheet_of(path, "key,value,day,note\na,1,,\n\n")
    assert (finding.code, finding.where) == ("data.blank-row", f"{NAME} line 3")


@pytest.mark.parametrize("rest", ["", 'c,3,,"fine"\nd,4,,\n', "c,3,,\n" * 40_000])
def test_an_unclosed_quote_is_found_where_its_row_begins(path, rest):
    sheet, findings = sheet_of(path, f'key,value,day,note\na,1,,"one\ntwo"\nb,2,,"never closed\n{rest}')
    assert sheet is None
    (finding,) = findings
    assert (finding.code, finding.where) == ("data.malformed", f"{NAME} line 4")
    assert "unclosed quote" in finding.next


def test_faults_above_an_unclosed_quote_are_kept(path):
    _, findings = sheet_of(path, 'key,value,day,note\na\nb,2,,"never closed\n')
    assert [finding.code for finding in findings] == ["data.ragged-row", "data.malformed"]


# --- Cells ----------------------------------------------------------------------------------------------


def cell_fault(path, column, cell):
    values = dict.fromkeys(COLUMNS, "") | {"key": "a", column: cell}
    quoted = ",".join('"' + values[name].replace('"', '""') + '"' for name in COLUMNS)
    sheet, findings = sheet_of(path, f"key,value,day,note\n{quoted}\n")
    assert findings == []
    found = cell_findings(sheet, numeric={"value"}, dates={"day"}, free={"note"}, key=lambda row: row["key"])
    for finding in found:
        assert finding.where == f"{NAME} row {values['key']} (line 2), column {column}"
        assert finding.found == cell[:60] and finding.expected and finding.next
    return [finding.code for finding in found]


@pytest.mark.parametrize(("column", "cell", "code"), [
    ("value", "１２３", "data.full-width"), ("value", "12．5", "data.full-width"), ("value", "1，234", "data.full-width"),
    ("day", "２０２２-01", "data.full-width"), ("value", "1,234", "data.thousands-separator"),
    ("value", "-1,234,567.8", "data.thousands-separator"), ("value", " 5", "data.stray-blank"), ("note", "末尾\u3000", "data.stray-blank"),
    ("key", "a\xa0", "data.stray-blank"), ("value", "5\u200b", "data.invisible"), ("key", "\ufeffa", "data.invisible"),
    ("value", "NaN", "data.wrong-type"), ("value", "-inf", "data.wrong-type"), ("value", "Infinity", "data.wrong-type"),
    ("value", "1_000", "data.wrong-type"), ("value", "=1+1", "data.formula"), ("note", "=cmd|' /C calc'!A0", "data.formula"),
    ("key", "@SUM(A1)", "data.formula"), ("key", "+cmd", "data.formula"), ("key", "-cmd", "data.formula"),
    ("note", "@SUM(A1)", "data.formula"), ("note", "+cmd|'/C calc'!A0", "data.formula"), ("value", "+1+1", "data.formula"),
])
def test_a_cell_that_would_be_read_wrong_is_refused(path, column, cell, code):
    assert cell_fault(path, column, cell) == [code]


@pytest.mark.parametrize(("column", "cell"), [
    ("value", "-138.6"), ("value", "+15"), ("value", ".5"), ("value", "1e5"), ("value", "0"), ("day", "2022-01"),
    ("note", "@就地过年的你"), ("note", "- 合成"), ("note", "+15%"), ("note", "３个"), ("key", "-5"), ("note", "1,234"), ("note", "inf"),
])
def test_signed_numbers_and_a_writers_own_signs_are_read(path, column, cell):
    assert cell_fault(path, column, cell) == []


def test_every_faulty_cell_of_a_sheet_is_found_not_only_the_first(path):
    sheet, _ = sheet_of(path, 'key,value,day,note\na,１,２０２２,=x\nb,"1,000",,ok\n')
    found = cell_findings(sheet, numeric={"value"}, dates={"day"}, free={"note"}, key=lambda row: row["key"])
    assert [(finding.code, finding.where.rsplit(" ", 1)[1]) for finding in found] == [
        ("data.full-width", "value"), ("data.full-width", "day"), ("data.formula", "note"), ("data.thousands-separator", "value")]


def test_no_bytes_whatever_make_reading_crash(path):
    random.seed(20220224)
    pieces = [b",", b'"', b"\n", b"\r", b"a", b"1", "瑞".encode(), b"\xff", b"\x00", b"\xef\xbb\xbf", b"=", b"key,value,day,note\n"]
    for _ in range(1500):
        path.write_bytes(b"key,value,day,note\n" * random.randint(0, 1) + b"".join(random.choices(pieces, k=random.randint(0, 30))))
        sheet, findings = read_sheet(path, name=NAME, columns=COLUMNS)
        assert sheet is not None or findings
        if sheet is not None:
            assert len(sheet.rows) == len(sheet.lines)
            assert all(list(row) == COLUMNS for row in sheet.rows)
