"""Bound words: the text that a role prints for a value, a claim or a predicate, and why it may not.

One module serves the gate, the Sphinx roles, the filter of cells and the titles in the sidebar, so that a word
is resolved by one rule wherever it stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from recount.verdicts import WORDS

VALUE_FLAGS = ("full", "bare", "words", "or-unknown")
CLAIM_FLAGS = ("full", "label", "verdict", "reason")
CONDITIONS = ("known", "open")
ROLE = re.compile(r"\{(v|claim|holds)\}`([^`]+)`")
HOLDS = re.compile(r"^(?P<word>.*?)\s*<(?P<id>[^<>]+)>$", re.DOTALL)


class Unbound(Exception):
    """A word that may not be printed: it names nothing, or nothing known, or something false."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        super().__init__(message)


@dataclass(frozen=True)
class Word:
    """A resolved role: its text, where it leads, and the classes that the stylesheet knows it by."""

    text: str
    target: str
    classes: tuple[str, ...]


def receipts_page(stem: str) -> str:
    """The page that holds the receipts of a notebook's values and predicates."""
    return f"receipts-{stem}"


def receipt_address(kind: str, name: str, thing: Mapping[str, Any]) -> str:
    """The permanent address of a receipt: `kind` is ``v`` for a value, ``p`` for a predicate.

    >>> receipt_address("v", "projects.two_batches", {"notebook": "06_projects"})
    'receipts-06_projects.html#v-projects.two_batches'
    """
    return f"{receipts_page(thing['notebook'])}.html#{kind}-{name}"


def is_known(ledger: Mapping[str, Any], name: str) -> bool:
    """Whether the edition knows the thing: a value with a value, a predicate that is decided, a claim judged.

    Raises Unbound for a name the ledger does not hold at all: a tag that can never match is a slip.
    """
    if name in ledger["values"]:
        return ledger["values"][name]["kind"] != "unknown"
    if name in ledger["predicates"]:
        return ledger["predicates"][name]["holds"] is not None
    if name in ledger["claims"]:
        return ledger["claims"][name]["verdict"] not in ("open", "unexamined")
    raise Unbound("unknown-tag", f"the tag names {name}, which is no value, predicate or claim of this edition")


def stands(tags: Iterable[str], ledger: Mapping[str, Any]) -> bool:
    """Whether an edition prints a cell of these tags: every ``known:`` is known, every ``open:`` is not.

    Raises Unbound for a tag that names nothing.
    """
    for tag in tags:
        wants, _, name = tag.partition(":")
        if wants in CONDITIONS and name and is_known(ledger, name) != (wants == "known"):
            return False
    return True


def resolve(role: str, text: str, *, ledger: Mapping[str, Any], lang: str) -> Word:
    """The word that ``{role}`text` `` prints in a language.

    Raises Unbound where it names nothing, names something this edition does not know, or says something false.
    """
    if role == "holds":
        return _holds(text, ledger=ledger)
    name, _, flag = text.partition("|")
    name, flag = name.strip(), flag.strip() or "full"
    if role == "v":
        return _value(name, flag, ledger=ledger, lang=lang)
    return _claim(name, flag, ledger=ledger, lang=lang)


def _value(name: str, flag: str, *, ledger: Mapping[str, Any], lang: str) -> Word:
    if flag not in VALUE_FLAGS:
        raise Unbound("unknown-flag", f"{name}|{flag}: the flags of a value are {', '.join(VALUE_FLAGS)}")
    try:
        value = ledger["values"][name]
    except KeyError:
        raise Unbound("unknown-id", f"no value is called {name}") from None
    if flag == "or-unknown":  # for tables that say what is not known: asked for by name, never by default
        return Word(value["shown"][lang]["full"], receipt_address("v", name, value), ("recount-v",))
    if value["kind"] == "unknown":
        raise Unbound("unknown-value", f"{name} is not known in this edition; tag the cell known:{name}")
    shown = value["shown"][lang]
    if flag not in shown:
        raise Unbound("unknown-flag", f"{name} has no form {flag}; it has {', '.join(sorted(shown))}")
    return Word(shown[flag], receipt_address("v", name, value), ("recount-v",))


def _claim(name: str, flag: str, *, ledger: Mapping[str, Any], lang: str) -> Word:
    if flag not in CLAIM_FLAGS:
        raise Unbound("unknown-flag", f"{name}|{flag}: the flags of a claim are {', '.join(CLAIM_FLAGS)}")
    try:
        claim = ledger["claims"][name]
    except KeyError:
        raise Unbound("unknown-id", f"no claim is called {name}") from None
    text = {
        "full": lambda: claim["shown"][lang]["full"],
        "label": lambda: claim["shown"][lang].get("label") or claim["label"][lang],
        "verdict": lambda: WORDS[lang][claim["verdict"]],
        "reason": lambda: claim["reason"][lang],
    }[flag]()
    classes = ("recount-claim",) if flag != "verdict" else ("recount-verdict", f"verdict-{claim['verdict']}")
    return Word(text, f"09_ledger.html#c-{name}", classes)


def _holds(text: str, *, ledger: Mapping[str, Any]) -> Word:
    match = HOLDS.match(text)
    if not match or not match["word"]:
        raise Unbound("bad-holds", f"{text!r}: write a word and its predicate: {{holds}}`word <predicate-id>`")
    name = match["id"].strip()
    try:
        predicate = ledger["predicates"][name]
    except KeyError:
        raise Unbound("unknown-id", f"no predicate is called {name}") from None
    if predicate["holds"] is None:
        raise Unbound("unknown-value", f"{name} is not decided in this edition; tag the cell known:{name}")
    if not predicate["holds"]:
        raise Unbound("false-predicate", f"“{match['word']}” is not true: {name} does not hold")
    return Word(match["word"], receipt_address("p", name, predicate), ("recount-holds",))


def plain_text(markdown: str, *, ledger: Mapping[str, Any], lang: str) -> str:
    """Markdown of one line as plain words, roles resolved: for the titles of pages named elsewhere."""

    def word(match: re.Match[str]) -> str:
        try:
            return resolve(match[1], match[2], ledger=ledger, lang=lang).text
        except Unbound:
            return match[2]

    return re.sub(r"[*_`]|\{[^}]*\}", "", ROLE.sub(word, markdown)).strip()
