"""The ledger: the records of all notebooks, the same in every language, with each claim judged by the rules."""

from datetime import date

import pytest
from synthetic_data import REAL, chart, executed, make_book

from recount import records
from recount.claims import read_claims
from recount.desk import Desk
from recount.editions import Edition
from recount.evidence import support, values_from
from recount.ledger import collect, make_ledger
from recount.ledger_file import canonical
from recount.package import Package
from recount.rows import Evidenced
from recount.rowtexts import row_entry, source_entry

FORMULA = ("合成", "synthetic")
DAYS = {"print": date(2022, 2, 24), "since": date(2030, 1, 1)}


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    return make_book(tmp_path_factory.mktemp("book"))


@pytest.fixture
def at_desk(book, monkeypatch):
    """Run some lines at a desk; the records that a notebook of them would carry."""
    def run(lines, *, edition="print", lang="zh"):
        kept = []
        monkeypatch.setenv("RECOUNT_ROOT", str(book.root))
        monkeypatch.setattr(records, "show", lambda record, lang, svg="": kept.append(record))
        lines(Desk(as_of=DAYS[edition].isoformat(), lang=lang))
        return kept

    return run


@pytest.fixture
def ledger_of(book, at_desk):
    """The ledger of one synthetic notebook."""
    def make(lines, *, edition="print", more=()):
        notebook = executed(("c1", [*at_desk(lines, edition=edition), *more]))
        merged, findings = collect({"06_syn": {"zh": notebook, "en": notebook}})
        assert findings == []
        package = Package(book.data)
        titled = Edition(name=edition, as_of=DAYS[edition], title_zh="合成版", title_en="Synthetic edition")
        return make_ledger(merged, edition=titled, claims=read_claims(package), data=Evidenced(package, DAYS[edition]))

    return make


def value(name, number, **more):
    return {"record": "value", "id": name, "value": number, "notebook": "", "cell": ""} | more


# --- Collecting -----------------------------------------------------------------------------------------


def test_records_are_collected_with_their_notebook_and_cell():
    notebook = executed(("c1", [value("syn.a", 1)]), ("c2", [value("syn.b", 2), {"record": "judgement", "claim": "x.y", "by": "syn.b"}]))
    merged, findings = collect({"06_syn": {"zh": notebook, "en": notebook}})
    assert findings == []
    assert [(each.get("id"), each["notebook"], each["cell"]) for each in merged] == [
        ("syn.a", "06_syn", "c1"), ("syn.b", "06_syn", "c2"), (None, "06_syn", "c2")]


@pytest.mark.parametrize(("zh", "en", "found"), [
    ([value("syn.a", 1)], [value("syn.a", 2)], "syn.a: 1 in zh, 2 in the other"),
    ([value("syn.a", 1)], [], "1 records in zh, 0 in the other"),
    ([], [value("syn.a", 1)], "0 records in zh, 1 in the other"),
    ([{"record": "predicate", "id": "syn.p", "holds": True}], [{"record": "predicate", "id": "syn.p", "holds": False}],
     "syn.p: True in zh, False in the other"),
    ([{"record": "judgement", "claim": "x.y", "by": "syn.a"}], [{"record": "judgement", "claim": "x.y", "by": "syn.b"}],
     "x.y: syn.a in zh, syn.b in the other"),
    ([value("syn.a", 1), chart("syn.c", "zh")], [chart("syn.c", "en")], "syn.a: 1 in zh, syn.c in the other"),
])
def test_a_number_that_depends_on_the_language_is_a_finding(zh, en, found):
    _, (finding,) = collect({"06_syn": {"zh": executed(("c1", zh)), "en": executed(("c1", en))}})
    assert (finding.code, finding.where, finding.lang, finding.found) == (
        "ledger.languages-differ", "notebooks/06_syn.ipynb", "en", found)


def test_charts_may_differ_in_words_but_not_in_what_they_bind():
    zh, en = chart("syn.c", "zh"), chart("syn.c", "en")
    merged, findings = collect({"06_syn": {"zh": executed(("c1", [zh])), "en": executed(("c1", [en]))}})
    assert findings == []
    assert merged == [{"record": "chart", "id": "syn.c", "engine": "altair", "notebook": "06_syn", "cell": "c1", "points": 1,
                       "used": [], "title": {"zh": "合成图", "en": "A synthetic chart"}, "alt": {"zh": "柱状图", "en": "Bar chart"},
                       "typed": {"zh": zh["typed"], "en": en["typed"]}}]
    _, (finding,) = collect({"06_syn": {"zh": executed(("c1", [zh])), "en": executed(("c1", [en | {"used": ["syn.a"]}]))}})
    assert finding.code == "ledger.languages-differ"


def test_an_id_used_twice_is_a_finding_that_names_both_places():
    one, two = executed(("c1", [value("syn.a", 1)])), executed(("c9", [{"record": "predicate", "id": "syn.a", "holds": True}]))
    merged, (finding,) = collect({"03_syn": {"zh": one, "en": one}, "06_syn": {"zh": two, "en": two}})
    assert (finding.code, finding.where, finding.cell, finding.found) == (
        "ledger.duplicate-id", "notebooks/06_syn.ipynb syn.a", "c9", "also a value of 03_syn")
    assert len(merged) == 2


def test_every_notebook_may_record_its_editions_day():
    notebook = executed(("c1", [value("edition.as_of", None)]))
    assert collect({stem: {"zh": notebook, "en": notebook} for stem in ("03_syn", "06_syn")})[1] == []


# --- What a value rests on ------------------------------------------------------------------------------


def test_a_value_rests_on_everything_behind_its_inputs_once(at_desk):
    def lines(desk):
        desk.assume("syn.rate", 13, unit="percent", label=("税率", "rate"))
        desk.value("syn.base", of=desk.pick("observations", ["R001"]))
        desk.value("syn.net", inputs=["syn.base", "syn.rate"], by=lambda base, rate: base - rate, unit="CNY_100M", formula=FORMULA)
        desk.value("syn.end", of=desk.pick("observations", ["R001", "R004"]), inputs=["syn.net", "claim:projects.total"],
                   by=lambda rows, net, total: net, unit="CNY_100M", formula=FORMULA, comparator="eq")

    values = values_from(at_desk(lines))
    rests = support("syn.end", values)
    assert (rests.rows, rests.claims, rests.assumed) == (("observations/R001", "observations/R004"), ("projects.total",), True)
    assert support("syn.base", values).assumed is False


# --- Judging --------------------------------------------------------------------------------------------


def verdict_of(ledger, claim="projects.total"):
    entry = ledger["claims"][claim]
    return entry["verdict"], entry["rule"], entry["colour"]


def one_row(key, **judged):
    def lines(desk):
        desk.value("projects.seen", of=desk.pick("observations", [key]))
        desk.judge("projects.total", by="projects.seen", **judged)

    return lines


@pytest.mark.parametrize(("lines", "expected"), [
    (lambda desk: None, ("unexamined", "unexamined", "none")),
    (one_row("R001"), ("confirmed", "independent", "green")),
    (one_row("R004"), ("plausible", "weaker-for", "yellow")),
    (one_row("R002"), ("open", "inconclusive", "grey")),
    (one_row("R003"), ("open", "no-data", "grey")),
    (one_row("R001", bearing="benchmark"), ("plausible", "benchmark", "yellow")),
])
def test_a_claim_is_judged_by_whose_word_the_rows_are(ledger_of, lines, expected):
    assert verdict_of(ledger_of(lines)) == expected


def test_a_row_public_later_moves_the_verdict_of_the_later_edition(ledger_of):
    assert verdict_of(ledger_of(one_row("R003"), edition="since")) == ("contradicted", "record-against", "red")


def test_the_features_own_list_settles_its_count(ledger_of):
    def lines(desk):
        desk.value("drive.counted", of=desk.table("claim_lists"), by=len, unit="item", formula=FORMULA)
        desk.judge("drive.fronts", by="drive.counted")

    assert verdict_of(ledger_of(lines), "drive.fronts") == ("confirmed", "list", "green")


def test_arithmetic_on_printed_figures_makes_a_claim_plausible_at_most(ledger_of):
    def lines(desk):
        desk.value("projects.sum", inputs=["claim:projects.total"], by=lambda total: total, unit="CNY_100M", formula=FORMULA)
        desk.judge("projects.total", by="projects.sum")

    assert verdict_of(ledger_of(lines)) == ("plausible", "arithmetic", "yellow")


def test_a_plan_is_judged_twice_and_coloured_by_what_came_of_it_once_that_is_known(ledger_of):
    def lines(desk):
        desk.value("projects.said", of=desk.pick("observations", ["R001"]))
        desk.value("projects.came", of=desk.pick("observations", ["R003"]))
        desk.judge("projects.total", by="projects.said", aspect="stated")
        desk.judge("projects.total", by="projects.came", aspect="met")

    then, since = ledger_of(lines), ledger_of(lines, edition="since")
    assert {name: each["verdict"] for name, each in then["claims"]["projects.total"]["aspects"].items()} == {
        "stated": "confirmed", "met": "open"}
    assert verdict_of(then)[0] == "confirmed"
    assert verdict_of(since)[0] == "contradicted"


@pytest.mark.parametrize(("band", "verdict"), [(0.1, "contradicted"), (0.4, "confirmed")])
def test_how_far_about_reaches_comes_from_the_desk(ledger_of, band, verdict):
    def lines(desk):
        desk.approx_band = band
        desk.value("projects.seen", of=desk.pick("observations", ["R001"]))
        desk.judge("flagships.about", by="projects.seen")

    assert verdict_of(ledger_of(lines), "flagships.about")[0] == verdict


# --- The whole ----------------------------------------------------------------------------------------


def full(desk):
    desk.value("projects.seen", of=desk.pick("observations", ["R001"]), label=("所见", "seen"))
    desk.value("projects.next", of=desk.pick("observations", ["R003"]))
    desk.holds("projects.below", "projects.seen", "<", desk.claim("projects.record"))
    desk.judge("projects.total", by="projects.seen", reading=("按合成口径。", "Read so."))


def test_a_ledger_holds_what_receipts_need_and_is_plain_data(ledger_of):
    ledger = ledger_of(full, more=[chart("projects.bars", "zh")])
    assert ledger["edition"] == {"name": "print", "as_of": "2022-02-24", "title": {"zh": "合成版", "en": "Synthetic edition"}}
    assert set(ledger["values"]) == {"edition.as_of", "projects.seen", "projects.next"}
    seen = ledger["values"]["projects.seen"]
    assert seen["rests_on"] == {"rows": ["observations/R001"], "claims": [], "assumed": False}
    assert (seen["notebook"], seen["cell"], seen["value"]) == ("06_syn", "c1", 100)
    assert ledger["values"]["projects.next"]["waits_for"] == [{"row": "observations/R003", "known_from": "2030-01-01"}]
    assert ledger["predicates"]["projects.below"]["shown"]["en"] == "10 billion yuan < a record high"
    claim = ledger["claims"]["projects.total"]
    assert (claim["by"], claim["notebook"], claim["cell"]) == (["projects.seen"], "06_syn", "c1")
    assert claim["reason"]["zh"].endswith("按合成口径。") and claim["reason"]["en"].endswith(" Read so.")
    assert claim["strength"]["en"].startswith("1 independent origin (1 official")
    assert (claim["origins"], claim["others"]) == (1, 0)
    many = ledger["claims"]["projects.many"]
    assert (many["verdict"], many["origins"], many["others"]) == ("unexamined", 0, 0)
    assert ledger["charts"]["projects.bars"]["points"] == 1
    assert set(ledger["rows"]) == {"observations/R001", "observations/R003"}
    assert set(ledger["sources"]) == {"syn-bureau", "syn-later", "feature-2022-02-24"}
    canonical(ledger)


def test_a_reading_of_what_is_not_known_is_not_told(ledger_of):
    ledger = ledger_of(one_row("R003", reading=("按合成口径。", "Read so.")))
    assert "Read so." not in ledger["claims"]["projects.total"]["reason"]["en"]


def test_the_same_lines_give_the_same_bytes_whatever_the_language_of_the_run(ledger_of, at_desk, book):
    assert at_desk(full, lang="zh") == at_desk(full, lang="en")
    assert canonical(ledger_of(full)) == canonical(ledger_of(full))


# --- Rows and sources in words --------------------------------------------------------------------------


def test_a_row_is_told_in_both_languages_with_its_caution_and_its_source(book):
    data = Evidenced(Package(book.data), DAYS["since"])
    entry = row_entry("observations/R002", data)
    assert (entry["title"], entry["source"], entry["confidence"]) == (
        {"zh": "合成金额", "en": "synthetic money"}, "syn-bureau", "high")
    assert entry["note"] == {"zh": "合成说明", "en": "a synthetic caution"}
    assert ["数值", "value", "超80亿元", "more than 8 billion yuan"] in entry["cells"]
    assert ["时间", "period", "2020年", "2020"] in entry["cells"]
    money = {cell[1]: cell[2:] for cell in row_entry("ceremonies/syn-main", data)["cells"]}
    assert ["100.5亿元", "10.05 billion yuan"] in money.values() and ["5个", "5 projects"] in money.values()


def test_a_source_is_told_with_its_origin_and_reason(book):
    entry = source_entry("syn-paper", Evidenced(Package(book.data), DAYS["print"]))
    assert (entry["id"], entry["origin"], entry["independent"], entry["known_from"]) == ("syn-paper", "合成晨报", "yes", "2022-02-01")
    assert entry["independent_reason"] == {"zh": "合成", "en": "synthetic"}


def test_every_row_and_source_of_the_real_package_can_be_told():
    package = Package(REAL)
    data = Evidenced(package, date(2026, 11, 22))
    for name in ("observations", "ceremonies", "ceremony_breakdowns", "projects", "project_events", "mechanisms", "facts",
                 "claim_lists"):
        for key in package.frame(name).index:
            entry = row_entry(f"{name}/{key}", data)
            assert all(isinstance(text, str) and text for cell in entry["cells"] for text in cell), (name, key)
            assert entry["title"]["zh"] and entry["title"]["en"] and entry["source"] in package.frame("sources").index
    for key in package.frame("sources").index:
        assert source_entry(key, data)["publisher"]
