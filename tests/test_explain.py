"""Everything behind one number can be asked for by its id, in words or as data."""

from datetime import date

import pytest
from synthetic_data import chart, executed, make_book

from recount import records
from recount.claims import read_claims
from recount.desk import Desk
from recount.editions import read_editions
from recount.errors import BadInput, WrongUse
from recount.explain import explained, in_words
from recount.ledger import collect, make_ledger
from recount.ledger_file import read_json, write_json
from recount.package import Package
from recount.rows import Evidenced


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    book = make_book(tmp_path_factory.mktemp("book"))
    kept = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RECOUNT_ROOT", str(book.root))
        patch.setattr(records, "show", lambda record, lang, svg="": kept.append(record))
        desk = Desk(as_of="2022-02-24", lang="zh")
        desk.value("projects.seen", of=desk.pick("observations", ["R001"]), label=("所见", "seen"))
        desk.value("projects.next", of=desk.pick("observations", ["R003"]))
        desk.value("projects.gap", inputs=["projects.seen", "claim:projects.total"], by=lambda seen, total: seen - total,
                   unit="CNY_100M", formula=("相减", "subtracted"))
        desk.holds("projects.below", "projects.seen", "<", "claim:projects.record")
        desk.judge("projects.total", by="projects.seen")
        desk.judge("projects.total", by="projects.next", aspect="stated")
    notebook = executed(("c1", [*kept, chart("projects.bars", "zh")]))
    merged, _ = collect({"06_syn": {"zh": notebook, "en": notebook}})
    package, edition = Package(book.data), read_editions(book.book / "editions.toml")["print"]
    write_json(book.ledgers / "print.json",
               make_ledger(merged, edition=edition, claims=read_claims(package), data=Evidenced(package, date(2022, 2, 24))))
    return book


def words(book, id, lang="en"):
    return in_words(explained(book, id, edition="print"), lang)


def test_a_value_is_explained_by_its_formula_rows_sources_and_what_it_bears_on(book):
    entry = explained(book, "projects.seen", edition="print")
    assert (entry["what"], entry["edition"], entry["id"]) == ("value", "print", "projects.seen")
    (row,) = entry["row_entries"]
    assert (row["ref"], row["source_entry"]["id"]) == ("observations/R001", "syn-bureau")
    assert [claim["id"] for claim in entry["claims"]] == ["claim:projects.total"]
    told = words(book, "projects.seen").splitlines()
    assert told[:4] == ["value projects.seen  (print edition)", "  value     10 billion yuan",
                        "  formula   合成县 (en): synthetic money (2021)", "  notebook  06_syn cell c1"]
    assert any(line.startswith("  row       observations/R001  synthetic money") for line in told)
    assert any("note: a synthetic caution" in line for line in told)
    assert any(line.startswith("  source    syn-bureau: ") for line in told)
    assert any("independent: yes, synthetic; public by 2022-01-15; https://example.org/syn-bureau" in line for line in told)
    assert told[-1] == "  bears on  claim:projects.total: confirmed"


def test_a_value_from_others_names_its_inputs_with_what_they_are(book):
    told = words(book, "projects.gap")
    assert "  input     projects.seen: 10 billion yuan" in told and "  input     claim:projects.total: 10 billion yuan" in told
    assert "  formula   相减" in words(book, "projects.gap", "zh")


def test_a_value_not_known_yet_names_what_it_waits_for(book):
    assert "  waits for observations/R003, public by 2030-01-01" in words(book, "projects.next")


def test_a_claim_is_explained_by_its_verdict_both_aspects_and_the_values_beside_it(book):
    told = words(book, "projects.total").splitlines()
    assert told[1] == "  printed   10 billion yuan  (line 1: synthetic claim projects.total)"
    assert told[2].startswith("  verdict   confirmed [green], 1 independent origin (1 official")
    assert told[3] == f"  because   {explained(book, 'projects.total', edition='print')['reason']['en']}"
    assert any(line.startswith("  met       confirmed: ") for line in told)
    assert any(line.startswith("  stated    open: ") for line in told)
    assert "  set beside projects.seen" in told and "  set beside projects.next" in told
    assert "  verdict   属实 [green]，" in words(book, "projects.total", "zh").replace("], ", "]，")


def test_a_predicate_a_chart_a_row_and_a_source_are_explained(book):
    assert words(book, "projects.below").splitlines() == [
        "predicate projects.below  (print edition)", "  10 billion yuan < a record high: True", "  recorded in 06_syn"]
    assert [item["id"] for item in explained(book, "projects.below", edition="print")["input_entries"]] == [
        "projects.seen", "claim:projects.record"]
    assert words(book, "projects.bars", "zh").splitlines()[1:3] == ["  合成图", "  柱状图"]
    row = words(book, "observations/R001")
    assert row.startswith("row observations/R001  (print edition)\n  row       observations/R001") and "syn-bureau" in row
    assert words(book, "syn-bureau").splitlines()[1].startswith("  source    syn-bureau: 合成页面 syn-bureau (")


def test_an_id_is_accepted_as_it_is_printed_among_inputs(book):
    assert explained(book, "claim:projects.total", edition="print") == explained(book, "projects.total", edition="print")


def test_a_row_is_told_in_the_language_asked_for(book):
    assert "数值: 100亿元" in words(book, "observations/R001", "zh")
    assert "value: 10 billion yuan" in words(book, "observations/R001", "en")


def test_a_claim_judged_once_tells_its_reason_once(book):
    ledger = read_json(book.ledgers / "print.json", name="print")
    del ledger["claims"]["projects.total"]["aspects"]["stated"]
    write_json(book.ledgers / "since.json", ledger)
    try:
        told = in_words(explained(book, "projects.total", edition="since"), "en")
    finally:
        (book.ledgers / "since.json").unlink()
    assert told.count(ledger["claims"]["projects.total"]["reason"]["en"]) == 1


def test_an_unknown_id_is_met_with_the_near_ones(book):
    with pytest.raises(WrongUse) as caught:
        explained(book, "projects.sene", edition="print")
    (finding,) = caught.value.findings
    assert finding.code == "explain.unknown-id" and "projects.seen" in finding.next


def test_an_unknown_edition_and_one_not_checked_yet_are_refused(book):
    for edition, code in (("pirnt", "edition.unknown"), ("since", "explain.no-ledger")):
        with pytest.raises(WrongUse) as caught:
            explained(book, "projects.seen", edition=edition)
        assert caught.value.findings[0].code == code


def test_a_ledger_cut_short_is_named(book, tmp_path):
    other = make_book(tmp_path)
    other.ledgers.mkdir(parents=True)
    (other.ledgers / "print.json").write_text('{"values": {', "utf-8")
    with pytest.raises(BadInput) as caught:
        explained(other, "projects.seen", edition="print")
    assert caught.value.findings[0].code == "ledger.unreadable"
