"""The words that roles print, and what may not be printed. The ledger is synthetic."""

import pytest
import synthetic_site as synthetic

from recount.words import Unbound, is_known, plain_text, resolve


@pytest.mark.parametrize(
    ("role", "text", "lang", "shown", "target"),
    [
        ("v", "projects.total", "zh", "432.1亿元", "receipts-06_projects.html#v-projects.total"),
        ("v", "projects.total|bare", "en", "43.21", "receipts-06_projects.html#v-projects.total"),
        ("claim", "projects.total", "en", "43.21 billion yuan", "09_ledger.html#c-projects.total"),
        ("claim", "projects.total|verdict", "zh", "属实", "09_ledger.html#c-projects.total"),
        ("claim", "projects.total|label", "zh", "合成说法", "09_ledger.html#c-projects.total"),
        ("claim", "projects.total|reason", "en", "one synthetic record agrees", "09_ledger.html#c-projects.total"),
        ("holds", "高于 <projects.above>", "zh", "高于", "receipts-06_projects.html#p-projects.above"),
    ],
)
def test_a_role_prints_what_the_ledger_shows_and_leads_to_its_receipt(role, text, lang, shown, target):
    word = resolve(role, text, ledger=synthetic.ledger(), lang=lang)
    assert (word.text, word.target) == (shown, target)


@pytest.mark.parametrize(
    ("role", "text", "code"),
    [
        ("v", "projects.nope", "unknown-id"),
        ("v", "projects.later", "unknown-value"),
        ("v", "projects.total|odd", "unknown-flag"),
        ("v", "projects.total|words", "unknown-flag"),
        ("claim", "projects.nope", "unknown-id"),
        ("claim", "projects.total|bare", "unknown-flag"),
        ("holds", "低于 <projects.below>", "false-predicate"),
        ("holds", "高于 <projects.undecided>", "unknown-value"),
        ("holds", "高于 <projects.nope>", "unknown-id"),
        ("holds", "高于", "bad-holds"),
    ],
)
def test_a_word_that_is_unknown_or_false_is_never_printed(role, text, code):
    with pytest.raises(Unbound) as caught:
        resolve(role, text, ledger=synthetic.ledger(), lang="zh")
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("projects.total", True),
        ("projects.later", False),
        ("projects.below", True),
        ("projects.undecided", False),
        ("hands.buses", False),
    ],
)
def test_known_means_valued_decided_or_judged(name, known):
    assert is_known(synthetic.ledger(), name) is known


def test_a_tag_that_names_nothing_is_a_slip():
    with pytest.raises(Unbound, match=r"projects\.typo"):
        is_known(synthetic.ledger(), "projects.typo")


def test_titles_in_the_sidebar_are_plain_words():
    assert plain_text("**合成**：{v}`projects.total`", ledger=synthetic.ledger(), lang="zh") == "合成：432.1亿元"
