"""What an editor has agreed to print is kept, compared entry by entry, taken in part, and taken back."""

import json

import pytest
from synthetic_data import make_book

from recount.accepted import (
    GROUPS,
    Change,
    accepted_path,
    as_printed,
    changes,
    read_accepted,
    read_warnings,
    record,
    slim,
    undo,
)
from recount.errors import BadInput, Finding, WrongUse
from recount.package import Package

QUESTION = Finding(code="data.scale", where="data/observations.csv row R001, column value", found="1000000 CNY_100M",
                   next="万 for 亿? If it is right: recount accept observations/R001/value")


@pytest.fixture
def book(tmp_path):
    return make_book(tmp_path)


def value(text="10 billion yuan", number=100, **more):
    return {"kind": "number", "unit": "CNY_100M", "comparator": "eq", "value": number, "high": None,
            "text": {"zh": "", "en": ""}, "shown": {"zh": {"full": f"{number}亿元"}, "en": {"full": text}}} | more


def claimed(word="confirmed", rule="independent", **aspects):
    return {"verdicts": aspects or {"met": word}, "verdict": word, "rule": rule}


def ledger(edition="print", **groups):
    return {"edition": {"name": edition}, "values": {}, "predicates": {}, "claims": {}, "rows": {}} | groups


BEFORE = ledger(values={"syn.a": value(), "syn.gone": value("gone")}, predicates={"syn.p": {"holds": True}},
                claims={"syn.c": claimed()}, rows={"observations/R001": {"value": 100.0}})
AFTER = ledger(values={"syn.a": value("12 billion yuan", 120), "syn.new": value("new")}, predicates={"syn.p": {"holds": None}},
               claims={"syn.c": claimed("contradicted", "record-against")}, rows={"observations/R001": {"value": 120.0}})


# --- What is kept of a ledger -------------------------------------------------------------------------


def test_what_is_kept_are_figures_verdicts_and_the_cells_they_rest_on(book):
    rows = ["observations/R002", "ceremonies/syn-main", "mechanisms/M01", "claim_lists/drive.fronts.1"]
    full = {"edition": {"name": "print", "as_of": "2022-02-24"},
            "values": {"syn.a": value() | {"notebook": "06_syn", "formula": {"zh": "甲", "en": "A"}, "rows": rows[2:]},
                       "syn.b": value() | {"rows": rows[:3]}},
            "predicates": {"syn.p": {"holds": True, "left": "syn.a"}},
            "claims": {"syn.c": {"verdict": "confirmed", "rule": "independent", "reason": {}, "shown": {"zh": {"full": "甲"}},
                                 "aspects": {"met": {"verdict": "confirmed", "reason": {}}}}},
            "rows": {ref: {} for ref in (*rows, "observations/R003")}}
    kept = slim(full, Package(book.data))
    assert kept == {
        "edition": full["edition"], "values": {"syn.a": value(), "syn.b": value()}, "predicates": {"syn.p": {"holds": True}},
        "claims": {"syn.c": claimed() | {"shown": {"zh": {"full": "甲"}}}},
        "rows": {"observations/R002": {"period": "2020", "value": 80.0, "comparator": "gt", "unit": "CNY_100M", "source_id": "syn-bureau"},
                 "ceremonies/syn-main": {"date": "2022-01-12", "n_start": 5, "n_total": 5, "inv_start": 100.5, "inv_total": 100.5,
                                         "inv_comparator": "eq", "source_id": "syn-bureau"},
                 "mechanisms/M01": {"date": "2018", "value": 300.0, "unit": "percent", "source_id": "syn-bureau"},
                 "claim_lists/drive.fronts.1": {"position": 1, "line": 1}}}
    assert json.loads(json.dumps(kept)) == kept


def test_a_sentence_as_it_was_takes_figures_from_the_accepted_ledger_and_wording_from_todays():
    today = AFTER | {"claims": {"syn.c": claimed("contradicted") | {"label": {"zh": "合成"}}, "syn.d": claimed("open")}}
    was = as_printed(BEFORE, today)
    assert was["values"] == BEFORE["values"] and was["predicates"] == BEFORE["predicates"]
    assert {name: each["verdict"] for name, each in was["claims"].items()} == {"syn.c": "confirmed", "syn.d": "open"}
    assert was["claims"]["syn.c"]["label"] == {"zh": "合成"}


# --- Differences ----------------------------------------------------------------------------------------


def test_a_ledger_does_not_differ_from_itself():
    assert changes(BEFORE, BEFORE) == []


def test_every_difference_is_one_change_in_a_fixed_order():
    found = changes(BEFORE, AFTER)
    assert [(change.group, change.id, change.text("before"), change.text("after")) for change in found] == [
        ("values", "syn.a", "10 billion yuan", "12 billion yuan"), ("values", "syn.gone", "gone", "(none)"),
        ("values", "syn.new", "(none)", "new"), ("predicates", "syn.p", "true", "not known"),
        ("claims", "syn.c", "met: confirmed (independent)", "met: contradicted (record-against)"),
        ("rows", "observations/R001", '{"value": 100.0}', '{"value": 120.0}')]
    assert {change.edition for change in found} == {"print"}


def test_a_verdict_that_stays_but_by_another_rule_shows_the_rule():
    (change,) = changes(ledger(claims={"syn.c": claimed()}), ledger(claims={"syn.c": claimed(rule="list")}))
    assert (change.text("before"), change.text("after")) == ("met: confirmed (independent)", "met: confirmed (list)")


def test_an_unexamined_claim_says_so_and_words_follow_the_language():
    change = Change(edition="print", group="claims", id="syn.c", before={"verdicts": {}, "verdict": "unexamined", "rule": "unexamined"},
                    after=None)
    assert change.text("before") == "unexamined"
    assert Change(edition="print", group="values", id="syn.a", before=value(), after=None).text("before", "zh") == "100亿元"


# --- Accepting ------------------------------------------------------------------------------------------


def test_before_the_first_accept_nothing_is_accepted(book):
    assert read_accepted(book, "print") == {"edition": {"name": "print"}, **{group: {} for group in GROUPS}}


def test_what_is_accepted_is_the_ledger_of_today(book):
    taken = record(book, {"print": BEFORE, "since": BEFORE | {"edition": {"name": "since"}}})
    assert len(taken) == 2 * 5
    assert read_accepted(book, "print") == BEFORE
    assert changes(read_accepted(book, "print"), BEFORE) == []
    record(book, {"print": AFTER})
    assert read_accepted(book, "print") == AFTER


def test_accepting_some_ids_leaves_the_others_as_they_were(book):
    record(book, {"print": BEFORE})
    taken = record(book, {"print": AFTER}, ("syn.a", "syn.gone", "observations/R001"))
    assert [change.id for change in taken] == ["syn.a", "syn.gone", "observations/R001"]
    assert [change.id for change in changes(read_accepted(book, "print"), AFTER)] == ["syn.new", "syn.p", "syn.c"]


def test_an_accept_is_undone_step_by_step_to_the_byte(book):
    record(book, {"print": BEFORE})
    first = accepted_path(book, "print").read_bytes()
    record(book, {"print": AFTER}, ("syn.a",))
    assert undo(book) == ["print"]
    assert accepted_path(book, "print").read_bytes() == first
    assert undo(book) == ["print"]
    assert not accepted_path(book, "print").exists()
    with pytest.raises(WrongUse) as caught:
        undo(book)
    assert caught.value.findings[0].code == "accept.nothing-to-undo"


def test_an_accept_is_not_undone_over_a_later_change(book):
    record(book, {"print": BEFORE})
    path = accepted_path(book, "print")
    path.write_text(path.read_text("utf-8").replace("100", "101"), "utf-8")
    changed = path.read_bytes()
    with pytest.raises(WrongUse) as caught:
        undo(book)
    (finding,) = caught.value.findings
    assert (finding.code, finding.where, finding.done) == ("accept.changed-since", "book/ledger/print.json", "nothing was undone")
    assert path.read_bytes() == changed


def test_a_damaged_ledger_is_named(book):
    accepted_path(book, "print").parent.mkdir(parents=True)
    accepted_path(book, "print").write_text("<<<<<<< HEAD\n", "utf-8")
    with pytest.raises(BadInput) as caught:
        read_accepted(book, "print")
    assert (caught.value.findings[0].code, caught.value.findings[0].where) == ("ledger.unreadable", "book/ledger/print.json")


def test_warnings_are_let_stand_beside_the_ledgers_and_taken_back_with_them(book):
    assert read_warnings(book) == {}
    record(book, {"print": BEFORE}, warnings=(QUESTION,))
    assert read_warnings(book) == {QUESTION.where: QUESTION.found}
    other = Finding(code="data.scale", where="data/x.csv row 1, column a", found="2")
    assert record(book, {}, warnings=(other,)) == []
    assert read_warnings(book) == {QUESTION.where: QUESTION.found, other.where: "2"}
    assert undo(book) == ["warnings"]
    assert read_warnings(book) == {QUESTION.where: QUESTION.found}
    assert undo(book) == ["print", "warnings"]
    assert read_warnings(book) == {}


def test_a_claim_that_is_printed_otherwise_is_a_change_even_when_its_verdict_stands():
    def claim(printed: str) -> dict:
        return {"verdicts": {"met": "open"}, "verdict": "open", "rule": "no-data",
                "shown": {"zh": {"full": printed}, "en": {"full": printed}}}

    before = {group: {} for group in GROUPS} | {"claims": {"syn.c": claim("两批次")}}
    after = {"edition": {"name": "print"}, **{group: {} for group in GROUPS}, "claims": {"syn.c": claim("两个批次")}}
    (change,) = changes(before, after)
    assert (change.text("before", "zh"), change.text("after", "zh")) == (
        "“两批次” met: open (no-data)", "“两个批次” met: open (no-data)")
