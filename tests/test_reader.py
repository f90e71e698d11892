"""Whatever a notebook takes from the tables is recorded as a question whose answer changes when that does."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest
from synthetic_data import change_cell

from recount import trace
from recount.errors import WrongUse
from recount.package import Package
from recount.questions import Answers, Reply
from recount.reader import Reader

DATA = Path(__file__).resolve().parents[1] / "data"
DAY = date(2026, 11, 22)
ROW, OTHER = "ruian-share-2022-01-05", "ruian-2021-01-06"
# How each form of reading takes ROW of the ceremonies.
FORMS = {
    "a table": lambda reader: reader.table("ceremonies"),
    "a key": lambda reader: reader.pick("ceremonies", [ROW]),
    "a condition": lambda reader: reader.pick("ceremonies", lambda t: t.index == ROW),
    "a condition on a part": lambda reader: reader.pick(reader.table("ceremonies"), lambda t: t.index == ROW),
    "a text": lambda reader: reader.pick("ceremonies", {"ceremony_id": ROW}),
    "several texts": lambda reader: reader.pick("ceremonies", {"ceremony_id": [ROW, "none"]}),
    "a text in a part": lambda reader: reader.pick(reader.table("ceremonies"), {"ceremony_id": ROW}),
    "the one that fits": lambda reader: reader.one("ceremonies", {"ceremony_id": ROW}),
    "the frame": lambda reader: reader.package.frame("ceremonies"),
    "what comes later": lambda reader: Reader(DATA, date(2022, 2, 24)).pick("ceremonies", lambda t: t.index == ROW),
}
BY_ROW = ("a key", "a text", "several texts", "the one that fits")


@pytest.fixture
def asked(monkeypatch):
    """What is recorded in a run, without a run."""
    found = []
    monkeypatch.setattr(trace, "asking", lambda: True)
    monkeypatch.setattr(trace, "asked", lambda question, day, digest: found.append(Reply(question, day, digest)))
    return found


def answers_after(tmp_path, key):
    shutil.copytree(DATA, tmp_path / "data")
    change_cell(tmp_path / "data", "ceremonies", key, "note_en", "another note")
    return Answers(Package(tmp_path / "data"))


@pytest.mark.parametrize("read", FORMS.values(), ids=FORMS.keys())
def test_a_change_to_what_was_read_is_another_answer(read, asked, tmp_path):
    read(Reader(DATA, DAY))
    assert asked and Answers(Package(DATA)).changed(asked) == ""
    assert answers_after(tmp_path, ROW).changed(asked)


@pytest.mark.parametrize("form", BY_ROW)
def test_a_change_to_another_row_is_none_where_rows_were_named(form, asked, tmp_path):
    FORMS[form](Reader(DATA, DAY))
    assert answers_after(tmp_path, OTHER).changed(asked) == ""


def test_a_row_is_asked_for_once(asked):
    reader = Reader(DATA, DAY)
    for _ in range(2):
        reader.pick("ceremonies", [ROW])
    assert [reply.question for reply in asked] == [("row", "ceremonies", ROW)]


def test_rows_by_columns_are_the_rows_by_condition():
    reader = Reader(DATA, DAY)
    by_columns = reader.pick("observations", {"place": ["瑞安市", "温州市"], "topic": "parks"})
    by_condition = reader.pick("observations", lambda t: t["place"].isin(["瑞安市", "温州市"]) & (t["topic"] == "parks"))
    assert by_columns.frame.equals(by_condition.frame) and by_columns.missing == ()


def test_rows_by_columns_wait_only_where_none_is_known():
    before = Reader(DATA, date(2022, 2, 24))
    waits = before.pick("ceremonies", {"ceremony_id": ROW})
    assert waits.frame.empty and [key for key, _ in waits.missing] == [ROW]
    assert before.pick("ceremonies", {"ceremony_id": [ROW, OTHER]}).missing == ()


@pytest.mark.parametrize(("columns", "code"), [
    ({"plase": "瑞安市"}, "rows.no-such-column"), ({"value": [279.4]}, "rows.not-a-text"), ({"value": "279.4"}, "rows.not-a-text"),
    ({"place": 1}, "rows.not-a-text"), ({"place": None}, "rows.not-a-text"), ({"place": ["瑞安市", 1]}, "rows.not-a-text"),
])  # fmt: skip
def test_what_is_no_text_in_a_column_of_texts_is_refused(columns, code):
    with pytest.raises(WrongUse) as refused:
        Reader(DATA, DAY).pick("observations", columns)
    (finding,) = refused.value.findings
    assert finding.code == code and finding.expected and finding.found


def test_a_project_without_an_event_is_never_public_and_stops_nothing(tmp_path):
    shutil.copytree(DATA, tmp_path / "data")
    path = tmp_path / "data" / "projects.csv"
    lines = path.read_text("utf-8").splitlines()
    first = lines[1].split(",", 1)
    path.write_text("\n".join([*lines, f"synthetic-project,{first[1]}"]) + "\n", "utf-8")
    answers = Answers(Package(tmp_path / "data"))
    known = answers.digest(("known", "projects"), "2026-11-22")
    assert known == Answers(Package(DATA)).digest(("known", "projects"), "2026-11-22")
    assert answers.digest(("whole", "projects"), "2026-11-22") != Answers(Package(DATA)).digest(("whole", "projects"), "2026-11-22")
