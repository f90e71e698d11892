"""A run stands as long as what it asked of the data has the answer it had. On the real tables, with cells changed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from synthetic_data import change_cell

from recount.package import Package
from recount.questions import Answers, Reply

DATA = Path(__file__).resolve().parents[1] / "data"
BEFORE, AFTER = "2022-02-24", "2026-11-22"
ROW = "ruian-share-2022-01-05"  # not public on the day of print
ASKED = {
    "known": ("known", "ceremonies"),
    "row": ("row", "ceremonies", ROW),
    "find": ("find", "observations", "place", "瑞安市", "indicator", "fixed_asset_investment_growth"),
    "whole": ("whole", "ceremonies"),
}


@pytest.fixture
def changed(tmp_path):
    """A copy of the tables with one cell changed: ``changed(table, key, column, text)`` gives its answers."""
    def change(table: str, key: str, column: str, text: str) -> Answers:
        folder = tmp_path / f"{table}-{key}-{column}".replace("/", "-")
        shutil.copytree(DATA, folder)
        change_cell(folder, table, key, column, text)
        return Answers(Package(folder))

    return change


def replies(*questions, day=AFTER):
    answers = Answers(Package(DATA))
    return [Reply(question, day, answers.digest(question, day)) for question in questions]


@pytest.mark.parametrize("question", ASKED.values(), ids=ASKED.keys())
def test_the_same_data_gives_the_same_answer(question):
    assert Answers(Package(DATA)).changed(replies(question)) == ""


def test_a_changed_cell_changes_every_answer_that_it_is_part_of_and_names_it(changed):
    answers = changed("ceremonies", ROW, "inv_total", "136.8")
    asked = {name: replies(ASKED[name]) for name in ("known", "row", "whole")}
    assert {name: answers.changed(each) for name, each in asked.items()} == {
        "known": "rows of ceremonies changed", "row": f"ceremonies {ROW} changed", "whole": "rows of ceremonies changed"}


def test_a_changed_cell_of_another_row_changes_no_answer_but_that_of_the_whole(changed):
    answers = changed("ceremonies", "ruian-2021-01-06", "inv_total", "1")
    assert answers.changed(replies(ASKED["row"])) == "" and answers.changed(replies(ASKED["whole"])) != ""


def test_a_row_that_was_not_public_by_the_day_is_no_part_of_what_was_known(changed):
    answers = changed("ceremonies", ROW, "inv_total", "136.8")
    assert answers.changed(replies(ASKED["known"], day=BEFORE)) == ""
    # But a row asked for by its key says when it became public, and in what unit: it is part of the run.
    assert answers.changed(replies(ASKED["row"], day=BEFORE)) != ""


def test_a_source_is_part_of_its_rows_and_of_no_others(changed):
    source = Package(DATA).frame("ceremonies").loc[ROW, "source_id"]
    answers = changed("sources", source, "publisher_en", "Another name")
    assert answers.changed(replies(ASKED["row"])) != ""
    assert answers.changed(replies(("row", "ceremonies", "ruian-2022-01-12"))) == ""


def test_the_day_that_a_source_was_public_moves_its_rows(changed):
    source = Package(DATA).frame("ceremonies").loc[ROW, "source_id"]
    answers = changed("sources", source, "known_from", "2022-01-05")
    assert answers.changed(replies(ASKED["known"], day=BEFORE)) == "rows of ceremonies changed"


def test_a_row_that_comes_to_fit_is_a_new_answer(changed):
    place, indicator = "湖州市", "a_new_indicator"
    asked = replies(("find", "observations", "place", place, "indicator", indicator))
    key = next(key for key, row in Package(DATA).frame("observations").iterrows() if row["place"] == place)
    assert changed("observations", key, "indicator", indicator).changed(asked) == (
        f"observations place {place} indicator {indicator} changed")


def test_a_run_for_one_day_stands_for_another_on_which_it_would_have_been_told_the_same():
    answers = Answers(Package(DATA))
    known, row = replies(ASKED["known"], day=BEFORE), replies(("row", "ceremonies", "ruian-2022-01-12"), day=BEFORE)
    assert answers.changed(known, was=BEFORE, day="2022-02-25") == ""
    assert answers.changed(known, was=BEFORE, day=AFTER) == "rows of ceremonies changed"
    # Of a question as of a day of its own (a second desk), the day stays.
    assert answers.changed(known, was="2021-01-01", day=AFTER) == ""
    assert bool(answers.changed(row, was=BEFORE, day=AFTER)) is (
        Package(DATA).frame("sources").loc[Package(DATA).frame("ceremonies").loc["ruian-2022-01-12", "source_id"],
                                           "known_from"] > BEFORE)


def test_two_days_are_known_to_part_where_code_must_be_told_different_things(changed):
    row, whole, known = (("row", "ceremonies", ROW), ("whole", "ceremonies"), ("known", "ceremonies"))

    def part(answers, *questions):
        return answers.parts(replies(*questions, day=BEFORE), was=BEFORE, one=BEFORE, other=AFTER)

    same, edited = Answers(Package(DATA)), changed("ceremonies", ROW, "inv_total", "136.8")
    assert part(same, row) and part(same, whole, known) and not part(same, whole)
    # The row itself was edited, and is public on the one day alone: what it is asked for is asked on both.
    assert part(edited, row)
    # But what is asked after an answer that is another than it was, nobody knows.
    assert not part(edited, whole, known) and part(edited, known, whole)
    assert not same.parts([Reply(("known", "gone"), BEFORE, "0")], was=BEFORE, one=BEFORE, other=AFTER)


def test_a_table_or_column_that_is_gone_is_another_answer():
    answers = Answers(Package(DATA))
    assert answers.changed([Reply(("known", "gone"), AFTER, "0")]) == "rows of gone changed"
    assert answers.changed([Reply(("find", "observations", "gone", "x"), AFTER, "0")]) != ""
    with pytest.raises(ValueError, match="no such question"):
        answers.digest(("guess", "observations"), AFTER)
