"""Slips that the Desk once let pass: sums of a row given twice, yuan beside people, braces printed as they are."""

import pandas as pd
import pytest
from synthetic_data import make_book, observation

from recount.desk import Desk
from recount.errors import BadInput, RecountError, WrongUse
from recount.units import UNITS

FORMULA = ("合成算法", "synthetic rule")


@pytest.fixture
def desk(tmp_path, monkeypatch):
    rows = [observation("R001", 100), observation("R002", 31, unit="person", indicator="synthetic_people")]
    monkeypatch.setenv("RECOUNT_ROOT", str(make_book(tmp_path, observations=rows).root))
    desk = Desk(as_of="2022-02-24", lang="zh")
    desk.value("syn.money", of=desk.pick("observations", "R001"))
    desk.value("syn.people", of=desk.pick("observations", ["R002"]))
    return desk


def code(call) -> str:
    with pytest.raises(RecountError) as caught:
        call()
    return caught.value.findings[0].code


def test_a_row_is_never_counted_twice(desk):
    table = desk.table("ceremonies")
    assert code(lambda: desk.pick(table, ["syn-main", "syn-main"])) == "rows.twice"
    twice = pd.concat([table, table])
    assert code(lambda: desk.value("syn.sum", of=twice, by=len, unit="event", formula=FORMULA)) == "rows.twice"


def test_a_cell_changed_in_the_notebook_is_not_the_data_that_the_receipt_shows(desk):
    table = desk.table("ceremonies")
    changed = table.assign(inv_total=7)
    assert code(lambda: desk.value("syn.sum", of=changed, by=len, unit="event", formula=FORMULA)) == "rows.changed-cell"
    beside = table.assign(share=table["inv_total"] / 2, n_total=table["n_total"].astype(float)).iloc[::-1]
    assert desk.value("syn.half", of=beside, by=lambda t: t["share"].sum(), unit="CNY_100M", formula=FORMULA).number == 95.25


@pytest.mark.parametrize("call", [
    lambda desk: desk.holds("syn.above", "syn.money", ">", "syn.people"),
    lambda desk: desk.holds("syn.above", "syn.money", ">", "edition.as_of"),
    lambda desk: desk.holds("syn.above", "syn.people", ">", "claim:projects.total"),
    lambda desk: desk.judge("projects.total", by="syn.people"),
    lambda desk: desk.judge("projects.day", by="syn.money"),
])
def test_numbers_of_different_units_are_not_compared(desk, call):
    assert code(lambda: call(desk)) == "value.units-differ"


def test_a_name_can_be_neither_above_nor_judged(desk):
    desk.value("syn.name", of=desk.table("ceremonies"), by=lambda t: ("甲", "A"), unit="name", formula=FORMULA)
    assert code(lambda: desk.holds("syn.above", "syn.name", ">", "syn.name")) == "value.units-differ"
    assert code(lambda: desk.judge("projects.total", by="syn.name")) == "value.units-differ"


def test_wan_beside_yi_is_not_one_measure_and_counted_things_are():
    assert UNITS["CNY_10K"].measure != UNITS["CNY_100M"].measure
    assert UNITS["CNY_per_year"].measure != UNITS["CNY"].measure
    assert UNITS["project"].measure == UNITS["count"].measure == UNITS["set_per_year"].measure
    assert UNITS["percent"].measure == UNITS["percent_yoy"].measure != UNITS["percentage_point"].measure


@pytest.mark.parametrize("id", ["syn above", "Syn.above", "syn.Above", "above", "syn.above-all"])
def test_predicates_and_charts_are_named_as_values_are(desk, id):
    assert code(lambda: desk.holds(id, "syn.money", ">", "syn.money")) == "value.bad-id"


@pytest.mark.parametrize(("more", "expected"), [
    ({"formula": "one text"}, "value.no-formula"), ({"label": "ab"}, "value.no-label"), ({"decimals": -1}, "value.decimals"),
    ({"comparator": "range"}, "value.comparator"),
])
def test_words_of_one_language_and_numbers_of_no_form_are_refused(desk, more, expected):
    given = {"by": len, "unit": "event", "formula": FORMULA} | more
    assert code(lambda: desk.value("syn.sum", of=desk.table("ceremonies"), **given)) == expected


def test_a_bare_number_is_no_input_and_is_told_how_to_become_one(desk):
    with pytest.raises(WrongUse, match=r"desk\.assume"):
        desk.holds("syn.above", "syn.money", ">", 3)
    assert code(lambda: desk.value("syn.sum", inputs=[3], by=abs, unit="event", formula=FORMULA)) == "value.no-id"


def test_one_input_and_one_key_need_no_list(desk):
    assert desk.value("syn.half", inputs="syn.money", by=lambda money: money / 2, unit="CNY_100M", formula=FORMULA).number == 50
    assert desk.pick("observations", "R001").refs == ("observations/R001",)


def test_a_table_given_by_name_where_rows_belong_is_refused(desk):
    assert code(lambda: desk.value("syn.sum", of="ceremonies", by=len, unit="event", formula=FORMULA)) == "rows.unknown-table"


@pytest.mark.parametrize("band", [-0.1, 1, "tenth"])
def test_a_band_is_a_share(desk, band):
    assert code(lambda: Desk(as_of="2022-02-24", lang="zh", approx_band=band)) == "desk.approx-band"


def test_a_chart_of_nothing_or_of_an_unknown_value_is_refused(desk):
    text, rows = desk.text("合成", "synthetic"), desk.table("ceremonies")
    assert code(lambda: desk.chart("syn.chart", None, data=rows, of=rows, title=text, alt=text)) == "chart.no-chart"
    with pytest.raises(WrongUse):
        desk.chart("syn.chart", None, data=rows, of="syn.none", title=text, alt=text)


def test_a_title_with_an_unfilled_place_is_refused(desk):
    with pytest.raises(BadInput) as caught:
        desk.text("共{syn.Money}", "in all")
    assert caught.value.findings[0].code == "text.malformed"
