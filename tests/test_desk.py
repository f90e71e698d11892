"""The Desk: what a journalist asks for, what it records, and what it refuses."""

import pandas as pd
import pytest
from synthetic_data import make_book

from recount import records
from recount.desk import Desk
from recount.errors import BadInput, WrongUse
from recount.ledger_file import judged_path, write_json

FORMULA = ("合成", "synthetic")


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    return make_book(tmp_path_factory.mktemp("book"))


@pytest.fixture
def shown(monkeypatch):
    """The records a notebook would carry, without a kernel."""
    kept = []
    monkeypatch.setattr(records, "show", lambda record, lang, svg="": kept.append(record))
    return kept


@pytest.fixture
def desk(book, shown, monkeypatch):
    monkeypatch.setenv("RECOUNT_ROOT", str(book.root))
    monkeypatch.delenv("RECOUNT_RUN", raising=False)
    return Desk(as_of="2022-02-24", lang="zh")


@pytest.fixture
def later(book, shown, monkeypatch):
    monkeypatch.setenv("RECOUNT_ROOT", str(book.root))
    return Desk(as_of="2030-01-01", lang="zh")


def refused(call, code):
    with pytest.raises((BadInput, WrongUse)) as caught:
        call()
    (finding,) = caught.value.findings
    assert finding.code == code
    return finding


# --- A desk ---------------------------------------------------------------------------------------------


def test_a_desk_records_the_day_of_its_edition(desk, shown):
    (record,) = shown
    assert (record["id"], record["kind"], record["shown"]["en"]["full"]) == ("edition.as_of", "date", "24 February 2022")
    assert record["assumption"] is True


@pytest.mark.parametrize(("as_of", "lang", "code"), [
    ("2022-02-30", "zh", "desk.as-of"), ("2022-02", "zh", "desk.as-of"), (None, "zh", "desk.as-of"), ("2022-02-24", "fr", "desk.language"),
    ("20220224", "zh", "desk.as-of"),
])
def test_a_desk_of_no_day_or_no_language_is_refused(book, monkeypatch, as_of, lang, code):
    monkeypatch.setenv("RECOUNT_ROOT", str(book.root))
    refused(lambda: Desk(as_of=as_of, lang=lang), code)


def test_a_desk_outside_any_book_says_what_makes_one(tmp_path, monkeypatch):
    monkeypatch.setenv("RECOUNT_ROOT", str(tmp_path))
    finding = refused(lambda: Desk(as_of="2022-02-24", lang="zh"), "use.no-book")
    assert "data/datapackage.json" in finding.expected


def test_outside_a_kernel_nothing_is_displayed(book, monkeypatch, capsys):
    monkeypatch.setenv("RECOUNT_ROOT", str(book.root))
    Desk(as_of="2022-02-24", lang="zh").assume("syn.rate", 3, unit="percent", label=("合成", "synthetic"))
    assert capsys.readouterr() == ("", "")


# --- Rows -----------------------------------------------------------------------------------------------


def test_a_table_holds_what_was_known(desk):
    assert list(desk.table("ceremonies").index) == ["syn-early", "syn-main"]


def test_an_unknown_table_is_met_with_the_near_names(desk):
    assert "observations" in refused(lambda: desk.table("observation"), "table.unknown").next
    refused(lambda: desk.pick(pd.DataFrame({"a": [1]}), lambda t: t["a"] == 1), "rows.unknown-table")


def test_rows_are_picked_by_key_from_a_table_or_its_name(desk):
    for table in ("ceremonies", desk.table("ceremonies")):
        assert desk.pick(table, ["syn-main"]).refs == ("ceremonies/syn-main",)
    refused(lambda: desk.pick("ceremonies", ["syn-none"]), "rows.no-such-key")


def test_a_condition_takes_the_known_rows_that_fit(desk):
    assert desk.pick("observations", lambda t: t["indicator"] == "synthetic_money").refs == ("observations/R001", "observations/R002")


def test_a_condition_on_part_of_a_table_keeps_to_that_part(desk):
    part = desk.table("observations").query("value < 90")
    assert desk.pick(part, lambda t: t["indicator"] == "synthetic_money").refs == ("observations/R002",)


def test_a_condition_that_nothing_known_meets_waits_for_what_comes(desk):
    for condition in (lambda t: t["period"] == "2022", lambda t: t["origin"] == "合成年报"):
        rows = desk.pick("observations", condition)
        assert (rows.refs, rows.waits_for) == ((), (("observations/R003", "2030-01-01"),))


def test_one_observation_is_found_by_place_indicator_and_period(desk):
    assert desk.one(place="合成县", indicator="synthetic_money", period="2021").refs == ("observations/R001",)
    assert desk.one(place="合成县", indicator="synthetic_people", subject="合成厂").refs == ("observations/R006",)
    assert desk.one(place="合成县", indicator="synthetic_money", period="2022").missing == (("R003", "2030-01-01"),)
    refused(lambda: desk.one(place="合成县", indicator="synthetic_money"), "rows.several")
    refused(lambda: desk.one(place="别处", indicator="synthetic_money"), "rows.none")


# --- Values ---------------------------------------------------------------------------------------------


def test_a_value_of_one_observation_needs_only_its_name(desk, shown):
    value = desk.value("syn.before", of=desk.one(place="合成县", indicator="synthetic_money", period="2020"))
    assert (value.number, value.unit.code, value.comparator, value.rows) == (80, "CNY_100M", "gt", ("observations/R002",))
    assert value.formula_zh == "合成县：合成金额（2020年）"
    assert value.formula_en == "合成县 (en): synthetic money (2020)"
    assert shown[-1] == value.record()


def test_a_value_hands_rows_to_its_rule_and_names_them(desk):
    batches = desk.pick("ceremonies", ["syn-early", "syn-main"])
    value = desk.value("syn.both", of=batches, by=lambda t: t["inv_total"].sum(), unit="CNY_100M", formula=FORMULA,
                       label=("合计", "total"))
    assert (value.number, value.rows) == (190.5, ("ceremonies/syn-early", "ceremonies/syn-main"))
    assert (value.label_zh, value.label_en) == ("合计", "total")


def test_a_value_takes_several_parts_and_inputs_in_their_order(desk):
    desk.value("syn.base", of=desk.pick("observations", ["R001"]))
    value = desk.value("syn.mix", of=[desk.pick("ceremonies", ["syn-main"]), desk.table("project_events")],
                       inputs=["syn.base", desk.claim("projects.total"), "claim:projects.many"], unit="ratio", formula=FORMULA,
                       by=lambda events, steps, base, total, many: events["inv_total"].iloc[0] + len(steps) + base + total + many)
    assert value.number == 100.5 + 1 + 100 + 100 + 100
    assert value.rows == ("ceremonies/syn-main", "project_events/E001")
    assert value.inputs == ("syn.base", "claim:projects.total", "claim:projects.many")


def test_a_claim_that_is_a_date_is_handed_over_as_its_day(desk):
    value = desk.value("syn.day", inputs=["claim:projects.day"], by=lambda day: day, unit="date", formula=FORMULA)
    assert (value.kind, value.text_en) == ("date", "2022-01-12")


def test_what_rests_on_rows_to_come_is_unknown_and_its_rule_is_not_called(desk):
    def rule(*_):
        raise AssertionError("called")

    first = desk.value("syn.next", of=desk.pick("observations", ["R001", "R003"]), by=rule, unit="CNY_100M", formula=FORMULA,
                       comparator="eq")
    second = desk.value("syn.growth", inputs=["syn.next"], by=rule, unit="percent", formula=FORMULA)
    for value in (first, second):
        assert (value.kind, value.rows, value.waits_for) == ("unknown", (), (("observations/R003", "2030-01-01"),))


def test_the_same_lines_give_a_number_once_the_rows_are_public(later):
    value = later.value("syn.next", of=later.pick("observations", ["R001", "R003"]), by=lambda t: t["value"].sum(),
                        unit="CNY_100M", formula=FORMULA)
    assert (value.kind, value.number, value.waits_for) == ("number", 220, ())


def test_a_sum_with_a_floor_in_it_must_say_what_it_is(desk):
    rows = desk.pick("observations", ["R001", "R002"])

    def total(**more):
        return desk.value("syn.sum", of=rows, by=lambda t: t["value"].sum(), unit="CNY_100M", formula=FORMULA, **more)

    assert "R002" in refused(total, "value.comparator").found
    assert total(comparator="gt").comparator == "gt"


@pytest.mark.parametrize(("more", "code"), [
    ({"unit": None, "by": len}, "value.no-unit"), ({"unit": "project", "by": None}, "value.no-rule"),
    ({"unit": "projekt", "by": len}, "unit.unknown"), ({"unit": "project", "by": len, "formula": None}, "value.no-formula"),
    ({"unit": "project", "by": len, "comparator": "around"}, "value.comparator"),
    ({"unit": "project", "by": lambda t: float("nan")}, "value.not-a-number"),
    ({"unit": "project", "by": lambda t: "many"}, "value.bad-result"),
])
def test_a_value_without_unit_rule_or_formula_is_refused(desk, more, code):
    refused(lambda: desk.value("syn.count", **({"of": desk.table("ceremonies"), "formula": FORMULA} | more)), code)


def test_a_number_out_of_nowhere_is_refused(desk):
    refused(lambda: desk.value("syn.seven", by=lambda: 7, unit="project", formula=FORMULA), "value.no-rows")
    refused(lambda: desk.value("syn.seven", of=pd.DataFrame({"a": [7]}), by=len, unit="project", formula=FORMULA), "rows.unknown-table")
    refused(lambda: desk.value("syn.seven", inputs=["syn.none"], by=abs, unit="project", formula=FORMULA), "value.unknown-id")


def test_an_assumption_and_a_thing_not_found_say_that_they_are_ours(desk):
    rate = desk.assume("syn.rate", 13, unit="percent", label=("税率", "tax rate"))
    gone = desk.unknown("syn.gone", unit="firm", label=("未找到", "not found"), formula=("找过合成记录", "looked for it"))
    assert (rate.number, rate.assumption, rate.known) == (13, True, True)
    assert (gone.kind, gone.assumption, gone.known) == ("unknown", True, False)
    assert not desk.value("syn.rests", inputs=["syn.gone"], by=lambda n: n, unit="firm", formula=FORMULA).known


def test_a_name_used_twice_is_a_mistake_in_a_run_and_no_mistake_at_the_desk(desk, monkeypatch):
    desk.assume("syn.rate", 13, unit="percent", label=("税率", "tax rate"))
    desk.assume("syn.rate", 9, unit="percent", label=("税率", "tax rate"))
    monkeypatch.setenv("RECOUNT_RUN", "1")
    refused(lambda: desk.assume("syn.rate", 6, unit="percent", label=("税率", "tax rate")), "value.duplicate-id")


# --- Predicates -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("left", "op", "right", "expected"), [
    (2, ">", 1, True), (1, ">", 1, False), (1, ">=", 1, True), (1, "<", 2, True), (2, "<=", 1, False), (1, "==", 1, True),
    (1, "!=", 1, False), (1, "!=", 2, True),
    ((3, 5), ">", 2, True), ((3, 5), ">", 3, False), ((3, 5), ">=", 3, True), ((3, 5), "<", 6, True), ((3, 5), "<", (5, 6), False),
    ((3, 5), "<=", (5, 6), True), ((1, 9), ">", 5, False), (5, "<", (1, 9), False),
])
def test_an_interval_is_above_a_number_only_when_all_of_it_is(desk, shown, left, op, right, expected):
    for name, number in (("syn.left", left), ("syn.right", right)):
        desk.value(name, by=lambda number=number: number, unit="ratio", formula=FORMULA, assumption=True)
    assert desk.holds("syn.compared", "syn.left", op, "syn.right") is expected
    assert shown[-1] == {"record": "predicate", "id": "syn.compared", "left": "syn.left", "op": op, "right": "syn.right",
                         "holds": expected}


@pytest.mark.parametrize(("left", "op", "right", "expected"), [
    ("2022-01-12", "<", "2022-02", True), ("2022-01", "<", "2022-01-12", False), ("2022-01-12", ">", "2022-01", False),
    ("2021-Q4", "<", "2022-01-01", True), ("2022-01-12", "==", "2022-01-12", True),
])
def test_a_month_is_neither_before_nor_after_a_day_in_it(desk, left, op, right, expected):
    for name, day in (("syn.left", left), ("syn.right", right)):
        desk.value(name, by=lambda day=day: day, unit="date", formula=FORMULA, assumption=True)
    assert desk.holds("syn.compared", "syn.left", op, "syn.right") is expected


def test_a_comparison_with_the_unknown_is_undecided_and_one_with_a_claim_is_not(desk):
    desk.value("syn.next", of=desk.pick("observations", ["R003"]))
    desk.value("syn.now", of=desk.pick("observations", ["R001"]))
    assert desk.holds("syn.grows", "syn.next", ">", "syn.now") is None
    assert desk.holds("syn.as_printed", "syn.now", "==", desk.claim("projects.total")) is True
    refused(lambda: desk.holds("syn.odd", "syn.now", "=", "syn.next"), "holds.operator")


# --- Judgements -----------------------------------------------------------------------------------------


def test_a_judgement_sets_a_value_beside_a_claim_and_gives_no_verdict(desk, shown):
    value = desk.value("syn.now", of=desk.pick("observations", ["R001"]))
    desk.judge("projects.total", by=value, bearing="benchmark", aspect="stated", reading=("按合成口径。", "Read so."))
    assert shown[-1] == {"record": "judgement", "claim": "projects.total", "by": "syn.now", "bearing": "benchmark",
                         "aspect": "stated", "band": 0.1, "reading": {"zh": "按合成口径。", "en": "Read so."}}


def test_a_judgement_of_what_does_not_exist_is_refused(desk):
    desk.value("syn.now", of=desk.pick("observations", ["R001"]))
    assert "projects.total" in refused(lambda: desk.judge("projects.totl", by="syn.now"), "claim.unknown").next
    assert "syn.now" in refused(lambda: desk.judge("projects.total", by="syn.know"), "value.unknown-id").next
    refused(lambda: desk.judge("projects.total", by="syn.now", bearing="vague"), "judge.words")
    refused(lambda: desk.judge("projects.total", by="syn.now", aspect="hoped"), "judge.words")


# --- Bound text -----------------------------------------------------------------------------------------


def test_a_text_binds_values_claims_and_words_that_hold(desk):
    desk.value("syn.now", of=desk.pick("observations", ["R001"]))
    desk.value("syn.event", of=desk.pick("ceremonies", ["syn-main"]), by=lambda t: t["inv_total"].iloc[0], unit="CNY_100M", formula=FORMULA)
    desk.holds("syn.above", "syn.event", ">", "syn.now")
    text = desk.text("{syn.event}{syn.above?高于}{syn.now|bare}，所印{claim:projects.total}",
                     "{syn.event} is {syn.above?above} {syn.now|bare}; printed {claim:projects.total}")
    assert text.zh == "100.5亿元高于100，所印100.0亿元"
    assert text.en == "10.05 billion yuan is above 100; printed 10 billion yuan"
    assert text.ids == ("syn.event", "syn.above", "syn.now", "claim:projects.total")


def test_a_text_that_names_nothing_or_says_what_is_not_so_is_refused(desk):
    desk.value("syn.now", of=desk.pick("observations", ["R001"]))
    desk.value("syn.next", of=desk.pick("observations", ["R003"]))
    desk.holds("syn.below", "syn.now", ">", "claim:projects.record")
    desk.holds("syn.open", "syn.next", ">", "syn.now")
    refused(lambda: desk.text("{syn.none}", "{syn.none}"), "text.unknown-id")
    refused(lambda: desk.text("{syn.now|words}", "{syn.now|words}"), "text.flag")
    refused(lambda: desk.text("{claim:projects.none}", "{claim:projects.none}"), "claim.unknown")
    for name in ("syn.below", "syn.open", "syn.none"):
        refused(lambda name=name: desk.text(f"{{{name}?高}}", f"{{{name}?higher}}"), "holds.false")


# --- The judged ledger ----------------------------------------------------------------------------------


def test_the_judged_ledger_is_read_once_there_is_one(desk, book):
    finding = refused(desk.ledger, "ledger.not-yet")
    assert "recount check" in finding.next
    write_json(judged_path(book, "print"), {"claims": {}})
    try:
        assert desk.ledger() == {"claims": {}}
    finally:
        judged_path(book, "print").unlink()
