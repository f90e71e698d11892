"""The list as a download: one row a claim, readable by a spreadsheet, the same in every format. All synthetic."""

import csv
import io
import json

import pytest
import synthetic_site as synthetic

from recount.site.claims_file import FIELDS, as_csv, as_json, names, rows, write_files

SECTIONS = {"zh": {"projects": "项目", "hands": "用工"}, "en": {"projects": "The projects"}}


def made(lang):
    return rows(synthetic.ledger(), lang=lang, sections=SECTIONS[lang])


def test_a_row_says_all_that_the_page_says_of_a_claim_and_where_it_stands():
    assert made("en")[1] == {
        "id": "projects.total", "section": "projects", "section_name": "The projects", "line": 7, "printed": "432.1亿元",
        "says": "43.21 billion yuan", "claim": "synthetic claim", "kind": "fact", "kind_name": "fact",
        "verdict": "confirmed", "verdict_name": "confirmed", "colour": "green", "settled": "yes", "rule": "independent",
        "reason": "one synthetic record agrees", "strength": "one independent origin", "origins": 1, "others": 0,
        "notebook": "06_projects", "address": "en/print/09_ledger.html#c-projects.total", "edition": "print",
        "as_of": "2022-02-24"}


def test_rows_come_in_the_order_of_the_feature():
    assert [row["line"] for row in made("zh")] == [3, 7]


def test_a_claim_that_nobody_examined_has_empty_cells_and_not_none():
    row = made("zh")[0]
    assert (row["notebook"], row["strength"], row["settled"], row["section_name"]) == ("", "", "no", "用工")


def test_codes_are_the_same_in_both_languages_and_texts_are_not():
    of_language = {"section_name", "says", "claim", "kind_name", "verdict_name", "reason", "strength", "address"}
    for zh, en in zip(made("zh"), made("en"), strict=True):
        assert {field for field in FIELDS if zh[field] != en[field]} <= of_language
    assert {field for field in FIELDS if made("zh")[1][field] != made("en")[1][field]} == of_language


def test_the_csv_opens_right_in_a_spreadsheet_and_reads_back_whole():
    text = as_csv(made("zh"))
    assert text.encode().startswith(b"\xef\xbb\xbf") and text.count("\ufeff") == 1
    read = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))
    assert list(read[0]) == list(FIELDS)
    assert read == [{field: str(cell) for field, cell in row.items()} for row in made("zh")]


def test_a_cell_with_commas_quotes_and_line_ends_stays_one_cell():
    row = made("en")[0] | {"reason": 'says "a, b"\nand c'}
    (read,) = csv.DictReader(io.StringIO(as_csv([row]).removeprefix("\ufeff"), newline=""))
    assert read["reason"] == row["reason"]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_json_holds_the_same_rows_under_the_editions_header(lang):
    document = json.loads(as_json(made(lang), ledger=synthetic.ledger(), lang=lang))
    assert document["claims"] == made(lang)
    assert document["edition"] == {"name": "print", "as_of": "2022-02-24",
                                   "title": {"zh": "见报当日", "en": "On the day of print"}[lang]}
    assert document["language"] == lang and list(document["fields"]) == list(FIELDS)


def test_every_field_is_explained_in_both_languages():
    assert all(zh.strip() and en.strip() and zh != en for zh, en in FIELDS.values())
    assert len({zh for zh, _ in FIELDS.values()}) >= len(FIELDS) - 2  # "the same, in words" comes three times


def test_a_files_name_tells_edition_and_language():
    every = {path for edition in ("print", "since") for lang in ("zh", "en") for path in names(edition, lang).values()}
    assert len(every) == 8 and "downloads/claims-since-en.csv" in every


def test_files_are_written_with_the_ends_of_line_that_their_format_has(tmp_path):
    write_files(tmp_path, ledger=synthetic.ledger(), lang="zh", sections={})
    text = {path.suffix: path.read_bytes() for path in (tmp_path / "downloads").iterdir()}
    assert text[".csv"].count(b"\r\n") == text[".csv"].count(b"\n") == 3
    assert b"\r" not in text[".json"] and not text[".json"].startswith(b"\xef\xbb\xbf")
