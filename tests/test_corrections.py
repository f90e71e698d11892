"""The log of corrections and replies, and the address that readers write to: what is refused, and how it is said."""

import csv
import io
import shutil
from pathlib import Path

import pytest
from synthetic_data import make_book

from recount.config import contact_findings, contact_of
from recount.corrections import COLUMNS, correction_findings, known_ids, read_corrections
from recount.package import Package

REPO = Path(__file__).resolve().parents[1]
GOOD = {"entry_id": "synthetic-one", "kind": "reply", "received": "2030-01-02", "published": "2030-01-05",
        "concerns": "projects.total ceremonies/syn-main", "from_zh": "合成厂", "from_en": "Synthetic plant",
        "said_zh": "合成的答复", "said_en": "a synthetic reply", "done_zh": "照录", "done_en": "entered"}
KNOWN = frozenset({"projects.total", "ceremonies/syn-main"})


@pytest.fixture
def book(tmp_path):
    made = make_book(tmp_path / "book")
    (made.root / "_config.yml").write_text("title: synthetic\nrecount: {}\n", "utf-8")
    return made


def log(book, *rows):
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    path = book.book / "corrections.csv"
    path.write_text(text.getvalue(), "utf-8", newline="")
    return path


def test_the_books_own_log_is_sound():
    entries, findings = read_corrections(REPO / "book" / "corrections.csv")
    assert findings == [] and isinstance(entries, tuple)


def test_an_entry_is_read_whole_and_a_sound_log_has_no_findings(book):
    (entry,), findings = read_corrections(log(book, GOOD))
    assert findings == []
    assert entry.as_dict() == GOOD | {"concerns": ["projects.total", "ceremonies/syn-main"]}
    assert correction_findings(book, KNOWN) == []


def test_the_newest_entry_comes_first_and_of_one_day_the_last_written(book):
    days = {"a": "2030-01-05", "b": "2030-02-05", "c": "2030-02-05"}
    entries, _ = read_corrections(log(book, *[GOOD | {"entry_id": name, "published": day} for name, day in days.items()]))
    assert [entry.entry_id for entry in entries] == ["c", "b", "a"]


def test_a_correction_of_our_own_has_no_sender(book):
    (entry,), findings = read_corrections(
        log(book, GOOD | {"kind": "correction", "received": "", "from_zh": "", "from_en": ""}))
    assert findings == [] and entry.received == ""


@pytest.mark.parametrize(("change", "code", "column", "expected", "found"), [
    ({"entry_id": "One Two"}, "correction.bad-id", "entry_id", "lower-case letters, digits and hyphens", "One Two"),
    ({"kind": "replay"}, "correction.unknown-kind", "kind", "correction or reply", "replay"),
    ({"received": ""}, "correction.empty", "received", "a filled cell", "(empty)"),
    ({"done_en": ""}, "correction.empty", "done_en", "a filled cell", "(empty)"),
    ({"concerns": ""}, "correction.empty", "concerns", "a filled cell", "(empty)"),
    ({"kind": "correction", "from_en": ""}, "correction.empty", "from_en", "the sender in both languages", "(empty)"),
    ({"published": "2030-02-30"}, "correction.bad-day", "published", "a day of the calendar, as YYYY-MM-DD", "2030-02-30"),
    ({"received": "2030-01"}, "correction.bad-day", "received", "a day of the calendar, as YYYY-MM-DD", "2030-01"),
    ({"published": "2030-01-01"}, "correction.before-received", "published",
     "a day not before it was received (2030-01-02)", "2030-01-01"),
    ({"published": "２０３０-01-05"}, "data.full-width", "published", "ASCII digits", "２０３０-01-05"),
])
def test_a_row_at_fault_is_named_with_its_column_and_left_out(book, change, code, column, expected, found):
    entries, findings = read_corrections(log(book, GOOD | change))
    fault = next(finding for finding in findings if finding.code == code)
    assert (fault.where, fault.expected, fault.found) == (
        f"book/corrections.csv row {change.get('entry_id', GOOD['entry_id'])} (line 2), column {column}", expected, found)
    assert fault.next
    assert entries == () or code.startswith("data.")
    assert correction_findings(book, KNOWN)


def test_an_id_used_twice_and_a_file_without_its_columns_are_refused(book):
    _, findings = read_corrections(log(book, GOOD, GOOD))
    assert [(finding.code, finding.where) for finding in findings] == [
        ("correction.twice", "book/corrections.csv row synthetic-one (line 3), column entry_id")]
    path = book.book / "corrections.csv"
    path.write_text("entry_id,kind\n", "utf-8")
    assert read_corrections(path)[1][0].code == "data.columns"
    path.unlink()
    assert read_corrections(path)[1][0].code == "data.missing-file"


def test_an_entry_on_something_that_does_not_exist_is_met_with_the_near_id(book):
    log(book, GOOD | {"concerns": "projects.totl"})
    (finding,) = correction_findings(book, KNOWN)
    assert (finding.code, finding.found, finding.next) == (
        "correction.unknown-id", "projects.totl", "did you mean projects.total?")


def test_claims_values_rows_sources_and_chapters_can_be_concerned(book):
    (book.notebooks / "06_projects.ipynb").write_text("{}", "utf-8")
    ledgers = {"print": {"claims": {"projects.record": {}}, "values": {"projects.sum": {}}, "predicates": {"projects.up": {}}}}
    known = known_ids(book, Package(book.data), ledgers)
    assert {"projects.record", "projects.sum", "projects.up", "06_projects", "ceremonies/syn-main", "syn-bureau",
            "sources/syn-bureau", "observations/R001"} <= known


@pytest.mark.parametrize("address", ["mailto:desk@example.org", "https://example.org/write?to=us"])
def test_a_letter_or_a_page_is_an_address(book, address):
    (book.root / "_config.yml").write_text(f"recount:\n  contact: {address}\n", "utf-8")
    assert contact_findings(book) == []
    assert contact_of({"recount": {"contact": address}}) == address


@pytest.mark.parametrize("address", ["desk@example.org", "http://example.org", "javascript:alert(1)", "mailto:desk",
                                     "'https://example.org/\"onclick=x'", "[mailto:desk@example.org]"])
def test_what_no_reader_could_write_to_is_refused(book, address):
    (book.root / "_config.yml").write_text(f"recount:\n  contact: {address}\n", "utf-8")
    (finding,) = contact_findings(book)
    assert (finding.code, finding.where) == ("config.contact", "_config.yml recount.contact")


def test_no_address_is_allowed_and_none_is_invented(book):
    for setting in ("recount: {}", "recount:\n  contact:", "recount:\n  contact: ''"):
        (book.root / "_config.yml").write_text(setting + "\n", "utf-8")
        assert contact_findings(book) == []
    assert contact_of({"recount": {}}) == ""


@pytest.mark.slow
def test_a_bad_log_and_a_bad_address_shut_the_gate(copy):
    from conftest import recount

    folder = copy()
    config = folder / "_config.yml"
    text = config.read_text("utf-8")
    assert text.count("  contact:") == 1
    config.write_text(text.replace("  contact:", "  contact: nowhere"), "utf-8")
    with (folder / "book" / "corrections.csv").open("a", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerow([*GOOD.values()])
    done = recount("check", cwd=folder)
    assert done.returncode == 1
    assert "[config.contact] _config.yml recount.contact" in done.stderr
    assert "[correction.unknown-id] book/corrections.csv row synthetic-one, column concerns" in done.stderr
    shutil.rmtree(folder)
