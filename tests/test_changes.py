"""What changed is told in words, and what an id brings when an editor accepts it."""

import json
from types import SimpleNamespace

import pytest

from recount.accepted import Change
from recount.changes import as_text, wanted
from recount.errors import Finding, WrongUse

QUESTION = Finding(code="data.scale", where="data/observations.csv row R001, column value", found="1000000 CNY_100M",
                   next="万 for 亿? If it is right: recount accept observations/R001/value")
FULL = {"values": {"syn.a": {"rests_on": {"rows": ["observations/R001"]}}, "syn.b": {"rests_on": {"rows": ["observations/R002"]}}},
        "predicates": {"syn.p": {"left": "syn.a", "right": "claim:syn.c"}}, "claims": {"syn.c": {"by": ["syn.b"]}}}


def shown(zh, en):
    return {"shown": {"zh": {"full": zh}, "en": {"full": en}}}


def change(group, id, before, after):
    return Change(edition="print", group=group, id=id, before=before, after=after)


CHANGES = (
    change("values", "syn.a", shown("100亿元", "10 billion yuan"), shown("120亿元", "12 billion yuan")),
    change("values", "syn.gone", shown("旧", "gone"), None), change("values", "syn.new", None, shown("新", "new")),
    change("predicates", "syn.p", {"holds": True}, {"holds": None}),
    change("claims", "syn.c", {"verdicts": {"met": "open"}, "rule": "no-data"}, {"verdicts": {}, "rule": "unexamined"}),
    change("rows", "observations/R001", {"value": 1}, {"value": 2}), change("rows", "observations/R002", {"value": 1}, {"value": 2}),
)


def checked():
    return SimpleNamespace(changes=CHANGES, ledgers={"print": FULL}, questions=(QUESTION, Finding(code="data.sum", where="x")))


def test_without_ids_everything_is_wanted_but_a_sum_cannot_be_accepted():
    found, questions = wanted(checked(), ())
    assert [each.id for each in found] == ["syn.a", "syn.gone", "syn.new", "syn.p", "syn.c", "observations/R001", "observations/R002"]
    assert questions == (QUESTION,)


@pytest.mark.parametrize(("ids", "found"), [
    (("syn.a",), ["syn.a", "observations/R001"]), (("syn.p",), ["syn.p", "observations/R001"]),
    (("syn.c",), ["syn.c", "observations/R002"]), (("syn.new", "syn.gone"), ["syn.gone", "syn.new"]),
])
def test_an_id_brings_the_rows_it_rests_on(ids, found):
    picked, questions = wanted(checked(), ids)
    assert ([each.id for each in picked], questions) == (found, ())


def test_a_warning_is_accepted_by_the_id_that_it_prints():
    assert wanted(checked(), ("observations/R001/value",)) == ([], (QUESTION,))


def test_an_id_that_did_not_change_is_met_with_the_near_ones():
    with pytest.raises(WrongUse) as caught:
        wanted(checked(), ("syn.nwe",))
    (finding,) = caught.value.findings
    assert finding.code == "accept.unchanged" and "syn.new" in finding.next
    with pytest.raises(WrongUse) as caught:
        wanted(checked(), ("zzz",))
    assert caught.value.findings[0].next == "recount diff"


def test_changes_are_told_by_edition_with_their_sentences_once():
    lines = ["06_syn syn-zh\n  − 共100亿元。\n  + 共120亿元。"]
    text = as_text(CHANGES[:2], {"syn.a": lines, "syn.gone": lines, "syn.other": ["not shown"]}, machine=False)
    assert text == ("print edition\n  value syn.a: 10 billion yuan → 12 billion yuan\n  value syn.gone: gone → (none)\nsentences\n"
                    "  06_syn syn-zh\n    − 共100亿元。\n    + 共120亿元。")


def test_no_change_is_said_in_words_and_to_machines_as_an_empty_list():
    assert as_text([], {}, machine=False) == "nothing changed against the accepted ledgers"
    assert json.loads(as_text([], {}, machine=True)) == {"changes": []}


def test_machines_get_both_sides_and_the_sentences():
    (first, second) = json.loads(as_text(CHANGES[:2], {"syn.a": ["甲"]}, machine=True))["changes"]
    assert first == {"edition": "print", "group": "values", "id": "syn.a", "before": shown("100亿元", "10 billion yuan"),
                     "after": shown("120亿元", "12 billion yuan"), "sentences": ["甲"]}
    assert (second["after"], second["sentences"]) == (None, [])
