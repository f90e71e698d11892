"""One CSV file as text, looked at before anything parses it: encodings, merges, and cells that lie.

Frictionless checks types and keys afterwards; these are the faults it reads past, or reports without saying
what an editor should do.
"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from pathlib import Path

from recount.errors import Finding

MOST_BYTES = 20 * 2**20
_FULL_WIDTH = re.compile(r"[０-９．，]")
_THOUSANDS = re.compile(r"[-+]?\d{1,3}(,\d{3})+(\.\d+)?")
_NUMBER = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?")
# What a number parser accepts and no newspaper prints: NaN, inf, 1_000.
_CODE_NUMBER = re.compile(r"[-+]?(nan|inf(inity)?|[\d.]*\d_\d[\d._]*)", re.IGNORECASE)
_INVISIBLE = re.compile("[\u200b-\u200f\u2060\ufeff]")
# A call in prose: @SUM(A1), +cmd|'/C calc'!A0. A dash or an @ before words is a writer's own.
_CALL = re.compile(r"[-+@]\s*[A-Za-z_][\w.]*\s*[(|!]")
_MARKER = re.compile(r"^(<{7} |={7}$|>{7} )", re.MULTILINE)


@dataclass(frozen=True)
class Sheet:
    """A CSV as cells of text: ``rows`` are dicts by column, in file order; ``lines`` their 1-based file lines."""

    name: str
    header: tuple[str, ...]
    rows: tuple[dict[str, str], ...]
    lines: tuple[int, ...]


def decode(path: Path, *, name: str) -> tuple[str | None, list[Finding]]:
    """The file's text, or the one finding that says why it cannot be read.

    Never guesses silently: a file in another encoding is named, not converted.
    """
    def fault(code: str, expected: str, found: str, todo: str) -> tuple[None, list[Finding]]:
        return None, [Finding(code=code, where=name, expected=expected, found=found, next=todo,
                              done="nothing was read from it")]

    if not path.is_file():
        in_package = name.startswith("data/")
        return fault("data.missing-file", "a file of the data package" if in_package else "a file of the book",
                     "a folder" if path.is_dir() else "no such file",
                     "restore it" + (", or take it out of data/datapackage.json" if in_package else ""))
    size = path.stat().st_size
    if size > MOST_BYTES:
        return fault("data.too-large", f"at most {MOST_BYTES:,} bytes", f"{size:,} bytes",
                     "keep raw downloads out of data/; put in the rows that the book uses")
    raw = path.read_bytes()
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return fault("data.utf16", "UTF-8 without a byte-order mark", "UTF-16", "save it as CSV UTF-8")
    # Before decoding: UTF-16 without a mark, and most spreadsheets, would pass for a Chinese encoding.
    if b"\x00" in raw:
        line = raw[: raw.index(b"\x00")].count(b"\n") + 1
        return fault("data.binary", "text", f"a NUL byte, first at line {line}",
                     "is this a spreadsheet renamed to .csv, or UTF-16? save it as CSV UTF-8")
    if raw[:3] == b"\xef\xbb\xbf":
        return fault("data.bom", "UTF-8 without a byte-order mark", "a byte-order mark (EF BB BF)",
                     "save it without one (Excel: use a text editor, 'UTF-8' not 'UTF-8 with BOM')")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        try:
            raw.decode("gb18030")
            found = f"GB18030 (or GBK), first at line {line}"
        except UnicodeDecodeError:
            found = f"bytes that are no UTF-8, first at line {line}"
        return fault("data.encoding", "UTF-8", found, "convert it: iconv -f GB18030 -t UTF-8")
    if match := _MARKER.search(text):
        line = text[: match.start()].count("\n") + 1
        return fault("data.merge-conflict", "a merged file", f"conflict marker at line {line}",
                     "finish the merge, then run again")
    return text, []


def read_sheet(path: Path, *, name: str, columns: list[str]) -> tuple[Sheet | None, list[Finding]]:
    """Parse one CSV whose header must be exactly ``columns``; all faults of form, with row and column."""
    text, findings = decode(path, name=name)
    if text is None:
        return None, findings
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[dict[str, str]] = []
    lines: list[int] = []
    before = 0
    try:
        header = next(reader, [])
        if header != columns:
            return None, [_header(name, header, columns)]
        before = reader.line_num
        for cells in reader:
            line, before = before + 1, reader.line_num
            if not cells:
                findings.append(Finding(code="data.blank-row", where=f"{name} line {line}", expected="a row",
                                        found="an empty line", next="take the line out"))
                continue
            if len(cells) != len(columns):
                findings.append(
                    Finding(code="data.ragged-row", where=f"{name} row {cells[0]} (line {line})",
                            expected=f"{len(columns)} cells", found=f"{len(cells)} cells ({','.join(cells)[:60]})",
                            next="a comma inside a cell needs quotes around the cell"))
                continue
            rows.append(dict(zip(columns, cells, strict=True)))
            lines.append(line)
    except csv.Error as error:
        # The parser stumbles where the next quote stands, often far below; the fault is where the row began.
        return None, [*findings,
                      Finding(code="data.malformed", where=f"{name} line {before + 1}", expected="CSV",
                              found=f"{error} (line {reader.line_num})", done="nothing was read from it",
                              next="look for an unclosed quote in the row that begins there")]
    return Sheet(name, tuple(columns), tuple(rows), tuple(lines)), findings


def _header(name: str, header: list[str], columns: list[str]) -> Finding:
    missing = [column for column in columns if column not in header]
    extra = [column for column in header if column not in columns]
    if not missing and not extra:
        found, todo = "the same columns in another order, or one twice", "put them in the order of the schema"
    else:
        found = "; ".join(part for part in (f"missing: {', '.join(missing)}" if missing else "",
                                            f"not in the schema: {', '.join(extra)}" if extra else "") if part)
        todo = "name the columns as in data/datapackage.json"
    return Finding(code="data.columns", where=f"{name} line 1", expected=", ".join(columns), found=found, next=todo)


def cell_findings(sheet: Sheet, *, numeric: set[str], dates: set[str], free: set[str], key) -> list[Finding]:
    """Cells that would be read, and read wrong: full-width digits, separators, formulas, stray blanks.

    ``numeric`` and ``dates`` are column names of those types, ``free`` columns of prose, ``key`` a function
    from a row to its name in messages.
    """
    found = []
    for row, line in zip(sheet.rows, sheet.lines, strict=True):
        for column, cell in row.items():
            if not cell:
                continue
            fault = _cell_fault(cell, is_number=column in numeric, is_date=column in dates, is_free=column in free)
            if fault:
                code, expected, todo = fault
                found.append(Finding(code=code, where=f"{sheet.name} row {key(row)} (line {line}), column {column}",
                                     expected=expected, found=cell[:60], next=todo))
    return found


def _cell_fault(cell: str, *, is_number: bool, is_date: bool, is_free: bool) -> tuple[str, str, str] | None:
    if cell != cell.strip():
        return "data.stray-blank", "no blank before or after", "take the blanks out"
    if _INVISIBLE.search(cell):
        return "data.invisible", "characters that show", "type the cell again: it holds one that has no width"
    if (is_number or is_date) and _FULL_WIDTH.search(cell):
        return "data.full-width", "ASCII digits", "type the digits again with the input method off"
    if is_number and _THOUSANDS.fullmatch(cell):
        return "data.thousands-separator", "digits without separators", f"write {cell.replace(',', '')}"
    if is_number and _CODE_NUMBER.fullmatch(cell):
        return "data.wrong-type", "a number in digits", "write the digits, or leave the cell empty"
    # A cell that a spreadsheet would run. Signed numbers are fine.
    if cell[0] == "=" or _CALL.match(cell) or (cell[0] in "+-@" and not _NUMBER.fullmatch(cell) and not is_free):
        return "data.formula", "a value", "a cell that begins like a formula is refused: write the value itself"
    return None
