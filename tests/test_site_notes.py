"""Notes under a page: one for each thing its words lead to, numbered as they come."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
import synthetic_site as synthetic

from recount.site.notes import Notes
from recount.site.receipt import AT_MOST, ReceiptPieces


def word(target: str, text: str = "x") -> str:
    return f'<a class="recount-word reference internal" href="{target}"><span>{text}</span></a>'


def settings(lang: str) -> SimpleNamespace:
    return SimpleNamespace(recount_lang=lang, recount_titles={"06_projects": "合成的项目"}, recount_sections={})


def receipts(ledger, *, lang: str = "en", brief: bool = True) -> ReceiptPieces:
    made = ReceiptPieces()
    made.brief = brief
    made.read(settings(lang), ledger)
    made.open({"06_projects": ["c2"]})
    return made


def facts(receipt) -> dict[str, str]:
    return {field[0].astext(): field[1].astext() for field in receipt.facts}


def targets(node) -> list[str]:
    return [reference["refuri"] for reference in node.findall(lambda each: "refuri" in getattr(each, "attributes", {}))]


def test_the_same_thing_has_the_same_note_wherever_it_is_said():
    notes = Notes("06_projects")
    page = notes.number("".join(word(target) for target in (
        "receipts-06_projects.html#v-a", "receipts-06_projects.html#p-b", "receipts-06_projects.html#v-a",
        "09_ledger.html#c-b")))
    assert [part.split('"')[0] for part in page.split('data-note="')[1:]] == ["1", "2", "1", "3"]
    assert [(kind, name) for _, kind, name in notes.targets] == [("v", "a"), ("p", "b"), ("c", "b")]


def test_a_word_that_leads_to_its_own_page_is_its_own_receipt():
    notes = Notes("09_ledger")
    page = word("09_ledger.html#c-a") + word("#c-b")
    assert notes.number(page) == page and notes.targets == []


def test_a_values_receipt_has_formula_row_source_with_kind_and_date_verdict_edition_and_cell():
    receipt = receipts(synthetic.ledger()).value("projects.total")
    assert (receipt.head, receipt.said) == ("Synthetic total", "43.21 billion yuan")
    said = facts(receipt)
    assert said["formula"] == "both synthetic events added"
    assert said["rows"] == "Synthetic ceremony"
    assert said["sources"] == "合成来源 official, 12 January 2022 the page itself"
    assert said["claims judged by it"] == "43.21 billion yuan: confirmed: one synthetic record agrees"
    assert said["edition"] == "On the day of print (24 February 2022)"
    assert said["notebook cell"] == "合成的项目: c2" and said["id"] == "projects.total"
    assert targets(receipt.facts) == [
        "rows.html#r-ceremonies-synthetic-1", "sources.html#s-synthetic-source", "https://example.org/synthetic",
        "09_ledger.html#c-projects.total", "06_projects.html#cell-c2"]


def test_a_claims_receipt_has_its_reading_verdict_reason_strength_and_the_values_behind_it():
    said = facts(receipts(synthetic.ledger(), lang="zh").claim("projects.total"))
    assert said["判定"] == "属实：一份合成记录相符"
    assert said["证据"] == "一个独立出处" and said["凭据"] == "合成总额：432.1亿元"
    assert said["来源"].startswith("合成来源 官方、2022年1月12日")


def test_a_comparisons_receipt_says_what_is_compared():
    receipt = receipts(synthetic.ledger()).predicate("projects.above")
    assert (receipt.head, receipt.said) == ("the synthetic total is above a hundred", "yes")
    assert facts(receipt)["formula"] == "Synthetic total: 43.21 billion yuan > 100"


def test_a_cell_that_is_not_on_the_page_is_named_and_its_chapter_linked():
    ledger = synthetic.ledger()
    ledger["values"]["projects.total"]["cell"] = "c0"
    assert "06_projects.html" in targets(receipts(ledger).value("projects.total").facts)


@pytest.mark.parametrize(("brief", "named"), [(True, AT_MOST), (False, 9)])
def test_a_note_cuts_a_long_list_short_and_says_how_long_it_is(brief, named):
    ledger = synthetic.ledger()
    rows = [f"ceremonies/synthetic-{number}" for number in range(9)]
    for row in rows:
        ledger["rows"][row] = ledger["rows"]["ceremonies/synthetic-1"] | {"key": row}
    ledger["values"]["projects.total"]["rows"] = rows
    receipt = receipts(ledger, brief=brief).value("projects.total")
    assert len([target for target in targets(receipt.facts) if target.startswith("rows.html")]) == named
    assert facts(receipt)["rows"].endswith("9 in all") == brief
