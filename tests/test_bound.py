"""Bound text: the numbers in titles and alt texts come from values, the same ones in both languages."""

import pytest

from recount.bound import bind, literal
from recount.errors import BadInput
from recount.numerals import BOUND, numbers

SHOWN = {("syn.total", "zh", "full"): "638.7亿元", ("syn.total", "en", "full"): "63.87 billion yuan",
         ("syn.total", "zh", "bare"): "638.7", ("syn.total", "en", "bare"): "638.7",
         ("claim:syn.two-batches", "zh", "full"): "两批", ("claim:syn.two-batches", "en", "full"): "two batches"}


def bound(zh, en, *, false=()):
    def holds(name, word):
        if name in false:
            raise LookupError(name)

    return bind(zh, en, shown=lambda name, lang, flag: SHOWN[name, lang, flag], holds=holds)


def test_placeholders_are_filled_by_language_and_flag():
    text = bound("共{syn.total}（{syn.total|bare}），{syn.above?高于}{claim:syn.two-batches}",
                 "{claim:syn.two-batches} {syn.above?above} {syn.total}")
    assert (text.in_lang("zh"), text.in_lang("en")) == ("共638.7亿元（638.7），高于两批", "two batches above 63.87 billion yuan")
    assert text.ids == ("syn.total", "syn.above", "claim:syn.two-batches")
    assert text.template("zh").startswith("共{syn.total}") and text.template("en").endswith("{syn.total}")


def test_a_text_without_placeholders_binds_nothing():
    text = bound("合成", "synthetic")
    assert (text.zh, text.en, text.ids) == ("合成", "synthetic", ())


def test_languages_that_bind_different_values_are_refused():
    with pytest.raises(BadInput) as caught:
        bound("共{syn.total}", "in all {claim:syn.two-batches}")
    (finding,) = caught.value.findings
    assert finding.code == "text.languages-differ"
    assert finding.found == "only in one: ['claim:syn.two-batches', 'syn.total']"


def test_a_word_is_only_printed_when_its_predicate_is_asked():
    with pytest.raises(LookupError, match=r"syn\.above"):
        bound("{syn.above?高}", "{syn.above?higher}", false=("syn.above",))


@pytest.mark.parametrize(("braces", "stray"), [
    ("{}", "{}"), ("{syn}", "{syn}"), ("{Syn.total}", "{Syn.total}"), ("{syn.total|}", "{syn.total|}"), ("{syn.total?}", "{syn.total?}"),
    ("{ syn.total }", "{ syn.total }"), ("{{syn.total}}", "{}"), ("{syn.total", "{syn.total"), ("syn.total}", "}"),
])
def test_braces_that_bind_nothing_are_refused_in_either_language(braces, stray):
    for zh, en in ((f"共{braces}", "synthetic"), ("合成", f"in all {braces}")):
        with pytest.raises(BadInput) as caught:
            bound(zh, en)
        (finding,) = caught.value.findings
        assert (finding.code, finding.found) == ("text.malformed", stray)


def test_what_an_author_typed_is_the_template_without_its_placeholders():
    assert literal("共{syn.total}，{syn.above?高于}三家") == f"共{BOUND}，高于三家"
    assert literal("合成") == "合成"


@pytest.mark.parametrize(("template", "typed"), [
    ("共{syn.total}", []), ("共123个{syn.total}", ["123"]), ("{syn.above?多出3倍}", ["3"]), ("{syn.total|bare}", []),
])
def test_a_number_typed_beside_a_placeholder_is_still_seen(template, typed):
    text = literal(template)
    assert [text[span.start:span.end].strip("倍个") for span in numbers(text)] == typed
