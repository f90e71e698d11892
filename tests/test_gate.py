"""The gate: each thing that may not be published is a finding with a code, at its cell."""

import json

import pytest
from synthetic_data import chart, executed, make_book

from recount.accepted import Change
from recount.gate import (
    accepted_findings,
    binding_findings,
    output_findings,
    prose_findings,
    sentences_affected,
)
from recount.passages import Passage, passages, twin_findings
from recount.prose import Allowed, Name

NONE = Allowed(())


def shown(zh, en):
    return {"zh": {"full": zh, "bare": zh.rstrip("亿元")}, "en": {"full": en, "bare": en}}


def ledger(**values):
    made = {
        "edition": {"name": "print"},
        "values": {"syn.total": {"kind": "number", "notebook": "01_syn", "shown": shown("100亿元", "10 billion yuan")},
                   "syn.later": {"kind": "unknown", "shown": shown("当时尚不可知", "not known by then")}},
        "predicates": {"syn.above": {"holds": True}, "syn.below": {"holds": False}, "syn.open": {"holds": None}},
        "claims": {"syn.two-batches": {"verdict": "confirmed", "shown": shown("两批", "two batches"),
                                       "label": {"zh": "合成", "en": "synthetic"}, "reason": {"zh": "合成", "en": "synthetic"}},
                   "syn.unread": {"verdict": "unexamined", "shown": shown("甲", "A"), "label": {"zh": "", "en": ""}}},
    }
    made["values"] |= values
    return made


def passage(markdown, *, lang="zh", cell=None, tags=(), notebook="06_syn"):
    return Passage(notebook=notebook, cell=f"syn-{lang}" if cell is None else cell, lang=lang, markdown=markdown,
                   tags=(lang, *tags), path=f"notebooks/{notebook}.ipynb")


def twins(zh="合成。", en="Synthetic.", *, tags=()):
    return [passage(zh, tags=tags), passage(en, lang="en", tags=tags)]


def codes(findings):
    return [finding.code for finding in findings]


# --- Passages -------------------------------------------------------------------------------------------


def test_passages_are_the_markdown_cells_and_the_prose_pages_with_place_and_language(tmp_path):
    book = make_book(tmp_path)
    cells = [{"cell_type": "markdown", "id": "a-zh", "metadata": {"tags": ["zh", "known:syn.total"]}, "source": ["合", "成"]},
             {"cell_type": "markdown", "id": "a-en", "metadata": {"tags": ["en"]}, "source": "Synthetic"},
             {"cell_type": "markdown", "id": "b", "metadata": {}, "source": "?"},
             {"cell_type": "markdown", "id": "c", "metadata": {"tags": ["setup"]}, "source": "for editors"},
             {"cell_type": "code", "id": "d", "metadata": {}, "source": "1"}]
    (book.notebooks / "06_syn.ipynb").write_text(json.dumps({"cells": cells}), "utf-8")
    for lang in ("zh", "en"):
        (book.book / lang).mkdir()
        (book.book / lang / "method.md").write_text(f"# {lang}\n", "utf-8")
    found = passages(book)
    assert [(each.notebook, each.cell, each.lang, each.markdown, each.where) for each in found] == [
        ("06_syn", "a-zh", "zh", "合成", "notebooks/06_syn.ipynb cell a-zh"),
        ("06_syn", "a-en", "en", "Synthetic", "notebooks/06_syn.ipynb cell a-en"),
        ("06_syn", "b", "", "?", "notebooks/06_syn.ipynb cell b"),
        ("method", "", "zh", "# zh\n", "book/zh/method.md"), ("method", "", "en", "# en\n", "book/en/method.md")]
    assert found[0].tags == ("zh", "known:syn.total")


@pytest.mark.parametrize(("tags", "stands"), [
    ((), True), (("known:syn.total",), True), (("open:syn.total",), False), (("known:syn.later",), False), (("open:syn.later",), True),
    (("known:syn.above",), True), (("known:syn.open",), False), (("known:syn.two-batches",), True), (("open:syn.unread",), True),
    (("known:syn.total", "known:syn.later"), False), (("hide-input", "note"), True),
])
def test_a_passage_stands_where_what_it_is_tagged_with_is_known_or_open(tags, stands):
    assert passage("合成", tags=tags).stands_in(ledger()) is stands


def test_passages_in_both_languages_that_bind_the_same_pass():
    assert twin_findings(twins("共{v}`syn.total`。", "In all {v}`syn.total|bare`.", tags=("known:syn.total",))) == []


def test_a_page_of_one_name_in_each_language_is_a_pair():
    assert twin_findings([passage("合成", cell="", notebook="method"), passage("Synthetic", lang="en", cell="", notebook="method")]) == []


@pytest.mark.parametrize(("pair", "code", "expected", "found"), [
    ([Passage(notebook="06_syn", cell="syn", lang="", markdown="?", path="x")], "prose.no-language", "a cell tagged zh or en", "neither"),
    ([passage("合成", cell="one"), passage("Synthetic", lang="en", cell="one-en")], "prose.cell-name",
     "a cell id that ends in -zh, so that its twin can be found", "one"),
    ([passage("合成")], "prose.no-twin", "the same passage in en", "no twin"),
    ([passage("Synthetic", lang="en")], "prose.no-twin", "the same passage in zh", "no twin"),
    (twins("共{v}`syn.total`。", "In all."), "prose.twins-differ", "a twin that binds the same", "v syn.total"),
    (twins("```{queue}\n:part: pages\n```", "```{queue}\n:part: claims\n```"), "prose.twins-differ",
     "a twin that shows the same", "queue :part: claims, queue :part: pages"),
    (twins("{holds}`高 <syn.above>`", "{holds}`low <syn.below>`"), "prose.twins-differ", "a twin that binds the same",
     "holds syn.above, holds syn.below"),
    ([passage("合成", tags=("known:syn.total",)), passage("Synthetic", lang="en")], "prose.twins-differ",
     "a twin that stands under the same", "known:syn.total"),
])
def test_a_passage_without_its_equal_in_the_other_language_is_a_finding(pair, code, expected, found):
    (finding,) = twin_findings(pair)
    assert (finding.code, finding.expected, finding.found) == (code, expected, found)
    assert finding.where == pair[0].where and finding.notebook == "06_syn"


# --- Prose ----------------------------------------------------------------------------------------------


def test_a_typed_number_is_named_with_its_cell_in_each_language():
    found = prose_findings(twins("共123个项目。", "In all 123 projects."), NONE)
    assert [(each.code, each.cell, each.lang) for each in found] == [
        ("prose.typed-number", "syn-zh", "zh"), ("prose.typed-number", "syn-en", "en")]
    assert all("123" in each.found and each.where.startswith("notebooks/06_syn.ipynb cell syn-") for each in found)


def test_names_in_the_allow_list_may_hold_digits():
    pair = twins("尼龙66涨价。", "Nylon 66 rose.")
    assert codes(prose_findings(pair, NONE)) == ["prose.typed-number"] * 2
    assert prose_findings(pair, Allowed((Name("尼龙66", "zh", "polymer"), Name("nylon 66", "en", "polymer")))) == []


@pytest.mark.parametrize("role", ["{v}`syn.total|loud`", "{claim}`syn.two-batches|loud`", "{v}``", "{holds}`高`"])
def test_a_malformed_role_is_named_at_its_cell(role):
    (finding,) = prose_findings(twins(f"合成{role}。", "Synthetic."), NONE)
    assert (finding.code, finding.cell, finding.lang) == ("prose.malformed-role", "syn-zh", "zh")


# --- Bindings -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("markdown", "code"), [
    ("{v}`syn.none`", "binding.unknown-id"), ("{claim}`syn.none`", "binding.unknown-id"), ("{holds}`高 <syn.none>`", "binding.unknown-id"),
    ("{v}`syn.later`", "binding.unknown-value"), ("{holds}`高 <syn.open>`", "binding.unknown-value"),
    ("{v}`syn.total|words`", "binding.unknown-flag"), ("{holds}`高 <syn.below>`", "binding.false-predicate"),
])
def test_a_role_that_does_not_resolve_or_is_not_so_is_a_finding_at_its_cell(markdown, code):
    (finding,) = binding_findings([passage(f"合成{markdown}。")], ledger())
    assert (finding.code, finding.cell, finding.lang, finding.done) == (code, "syn-zh", "zh", "nothing was published")
    assert "print edition" in finding.expected and finding.next.startswith("recount explain syn.")


def test_every_role_that_fails_is_reported_not_only_the_first():
    found = binding_findings([passage("{v}`syn.none`与{holds}`高 <syn.below>`与{v}`syn.total`")], ledger())
    assert codes(found) == ["binding.unknown-id", "binding.false-predicate"]


def test_roles_of_a_passage_that_this_edition_does_not_print_are_not_asked():
    assert binding_findings([passage("{v}`syn.later`", tags=("known:syn.later",))], ledger()) == []
    assert codes(binding_findings([passage("{v}`syn.later`", tags=("open:syn.later",))], ledger())) == ["binding.unknown-value"]


def test_a_tag_that_names_nothing_is_a_slip():
    (finding,) = binding_findings([passage("合成", tags=("known:syn.toatl",))], ledger())
    assert (finding.code, finding.cell) == ("tag.unknown-tag", "syn-zh") and "syn.toatl" in finding.found


# --- Outputs --------------------------------------------------------------------------------------------


def value(**more):
    return {"record": "value", "id": "syn.total", "label": {"zh": "合计", "en": "total"}, "generated": False,
            "formula": {"zh": "各项相加", "en": "all added"}} | more


def of_outputs(record, lang="zh"):
    return output_findings({"06_syn": {lang: executed(("c1", [record] if record else []))}}, NONE)


def test_what_is_bound_or_generated_passes():
    for record in (value(), value(label=None), value(generated=True, formula={"zh": "2021年", "en": "2021"}),
                   value(id="edition.as_of", formula={"zh": "2022", "en": "2022"}), chart("syn.c", "zh"),
                   {"record": "judgement", "reading": {"zh": "合成。", "en": "Synthetic."}},
                   {"record": "predicate", "id": "syn.p", "holds": True}):
        assert of_outputs(record) == [], record


TYPED = {"title": "合成图", "alt": "柱状图", "labels": []}


@pytest.mark.parametrize("record", [
    value(label={"zh": "合计123", "en": "total"}), value(formula={"zh": "乘以12", "en": "times twelve"}),
    {"record": "judgement", "reading": {"zh": "按12个月。", "en": "x"}},
    chart("syn.c", "zh", typed=TYPED | {"title": "增长3倍"}), chart("syn.c", "zh", typed=TYPED | {"alt": "共5根柱"}),
    chart("syn.c", "zh", unit="10亿元"), chart("syn.c", "zh", spec={"mark": "bar", "encoding": {"x": {"title": "2022年"}}}),
    chart("syn.c", "zh", engine="matplotlib", spec=None, typed=TYPED | {"labels": ["2022年"]}),
    chart("syn.c", "zh", narrow={"mark": "bar", "encoding": {"x": {"title": "2022年"}}}),
])
def test_a_number_typed_into_a_label_formula_reading_title_alt_unit_or_axis_is_a_finding(record):
    (finding,) = of_outputs(record)
    assert (finding.code, finding.where, finding.notebook, finding.cell, finding.lang) == (
        "prose.typed-number", "notebooks/06_syn.ipynb cell c1", "06_syn", "c1", "zh")


def test_a_bound_number_beside_a_typed_one_hides_nothing():
    bound = chart("syn.c", "zh", typed=TYPED | {"title": "共{syn.total}"})
    assert of_outputs(bound) == []
    assert codes(of_outputs(chart("syn.c", "zh", typed=TYPED | {"title": "共{syn.total}，3家"}))) == ["prose.typed-number"]


def test_the_english_run_is_read_in_english():
    record = value(label={"zh": "合计123", "en": "total"})
    assert (of_outputs(record, "en"), codes(of_outputs(record, "zh"))) == ([], ["prose.typed-number"])


def test_a_warning_on_stderr_is_never_published():
    notebook = executed(("c1", []), ("c2", []), stderr="FutureWarning: synthetic\n")
    (finding,) = output_findings({"06_syn": {"zh": notebook}}, NONE)
    assert (finding.code, finding.cell, finding.found) == ("output.stderr", "c2", "FutureWarning: synthetic")


# --- Against what was accepted --------------------------------------------------------------------------


def change(group, before, after, *, id="syn.total", edition="print"):
    return Change(edition=edition, group=group, id=id, before=before, after=after)


TEN, TWELVE = ({"shown": shown(zh, en)} for zh, en in (("100亿元", "10 billion yuan"), ("120亿元", "12 billion yuan")))
VERDICT = {word: {"verdicts": {"met": word}, "verdict": word, "rule": rule}
           for word, rule in (("confirmed", "independent"), ("contradicted", "record-against"))}


@pytest.mark.parametrize(("made", "code", "expected", "found"), [
    (change("values", TEN, TWELVE), "ledger.value-changed", "10 billion yuan", "12 billion yuan"),
    (change("values", TEN, None), "ledger.value-gone", "10 billion yuan", "(none)"),
    (change("predicates", {"holds": True}, {"holds": False}), "ledger.predicate-changed", "true", "false"),
    (change("predicates", {"holds": None}, None), "ledger.predicate-gone", "not known", "(none)"),
    (change("claims", VERDICT["confirmed"], VERDICT["contradicted"]), "ledger.verdict-changed", "met: confirmed (independent)",
     "met: contradicted (record-against)"),
    (change("claims", VERDICT["confirmed"], None), "ledger.verdict-gone", "met: confirmed (independent)", "(none)"),
])
def test_what_differs_from_the_accepted_ledger_is_told_with_its_sentences(made, code, expected, found):
    (finding,) = accepted_findings([made], {"syn.total": ["06_syn syn-zh\n  − 旧\n  + 新"]})
    assert finding.as_dict() == {
        "code": code, "where": "print edition, syn.total", "expected": f"{expected} (accepted ledger)",
        "found": f"{found}\n06_syn syn-zh\n  − 旧\n  + 新", "done": "nothing was published",
        "next": "if it is right: recount accept syn.total"}


def test_a_changed_cell_comes_first_and_names_what_follows_from_it_once_for_all_editions():
    rows = [change("rows", {"value": 100, "unit": "CNY_100M"}, {"value": 120, "unit": "CNY_100M"}, id="observations/R001", edition=name)
            for name in ("print", "since")]
    first, *others = accepted_findings([change("values", TEN, TWELVE), *rows], {})
    assert first.as_dict() == {
        "code": "ledger.data-changed", "where": "data/observations.csv row R001, column value",
        "expected": "100 (accepted ledger, print, since)", "found": "120", "done": "nothing was published",
        "next": "changes syn.total; if the new figure is right: recount accept"}
    assert codes(others) == ["ledger.value-changed"]


def test_a_cell_that_was_emptied_or_filled_is_told_as_such():
    without, filled = {"source_id": "syn-bureau"}, {"source_id": "syn-bureau", "value": 100}
    emptied = accepted_findings([change("rows", filled, without, id="observations/R001")], {})
    assert [(each.expected, each.found) for each in emptied] == [("100 (accepted ledger, print)", "(empty)")]
    (told,) = accepted_findings([change("rows", without, filled, id="observations/R001")], {})
    assert (told.expected, told.found, told.next.split(";")[0]) == ("(empty) (accepted ledger, print)", "100", "changes nothing")


def test_a_row_newly_cited_or_no_longer_cited_is_no_finding_of_its_own():
    assert accepted_findings([change("rows", None, {"value": 1}, id="a/b"), change("rows", {"value": 1}, None, id="a/c")], {}) == []


def test_all_that_nobody_has_accepted_yet_is_one_finding_an_edition():
    new = [change("values", None, TEN, id=f"syn.v{n}", edition=edition) for edition in ("print", "since") for n in range(10)]
    first, second = accepted_findings(new, {})
    assert (first.code, first.where, second.where) == ("ledger.not-accepted", "print edition", "since edition")
    assert first.found.splitlines()[0] == "10 new" and first.found.splitlines()[-1] == "and 2 more (recount diff)"
    assert len(first.found.splitlines()) == 10
    assert "more" not in accepted_findings(new[:8], {})[0].found


# --- The sentences that change --------------------------------------------------------------------------


def test_a_sentence_is_told_before_and_after_in_both_languages():
    pair = twins("开头。共{v}`syn.total`，{holds}`高 <syn.above>`。结尾。", "Start. In all {v}`syn.total`, {holds}`high <syn.above>`. End.")
    after = ledger(**{"syn.total": {"kind": "number", "notebook": "01_syn", "shown": shown("120亿元", "12 billion yuan")}})
    assert sentences_affected(pair, ledger(), after, {"syn.total", "syn.above"}) == {name: [
        "06_syn syn-zh\n  − 共100亿元，高。\n  + 共120亿元，高。",
        "06_syn syn-en\n  − In all 10 billion yuan, high.\n  + In all 12 billion yuan, high."] for name in ("syn.total", "syn.above")}


def test_a_sentence_that_binds_nothing_that_changed_is_not_told():
    after = ledger(**{"syn.total": {"kind": "number", "notebook": "01_syn", "shown": shown("120亿元", "12 billion yuan")}})
    pair = twins("共{claim}`syn.two-batches`。", "In all {claim}`syn.two-batches`.")
    assert sentences_affected(pair, ledger(), after, {"syn.total"}) == {}
    assert sentences_affected(twins("共{v}`syn.total`。", "All {v}`syn.total`."), ledger(), ledger(), {"syn.total"}) == {}


def test_a_passage_that_goes_with_what_was_known_is_told_as_gone_and_its_alternative_as_new():
    after = ledger(**{"syn.total": {"kind": "unknown", "shown": shown("当时尚不可知", "not known by then")}})
    both = [passage("已知{v}`syn.total`。", tags=("known:syn.total",)), passage("尚无数字。", cell="alt-zh", tags=("open:syn.total",))]
    assert sentences_affected(both, ledger(), after, {"syn.total"}) == {"syn.total": [
        "06_syn syn-zh\n  − 已知100亿元。\n  + (no sentence)", "06_syn alt-zh\n  − (no sentence)\n  + 尚无数字。"]}


def test_prose_pages_count_as_pages():
    after = ledger(**{"syn.total": {"kind": "number", "notebook": "01_syn", "shown": shown("120亿元", "12 billion yuan")}})
    page = passage("共{v}`syn.total`。", cell="", notebook="method")
    assert sentences_affected([page], ledger(), after, {"syn.total"})["syn.total"][0].startswith("method page\n")
