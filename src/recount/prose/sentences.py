"""Sentences of a page, with what they bind: the unit in which an editor is shown a change."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from recount.numerals import BOUND
from recount.prose.blocks import Binding, Block, Role, blocks
from recount.verdicts import WORDS

_HAN = "\u3000-\u303f\u3400-\u9fff\uff00-\uffef"
_WRAP_IN_CHINESE = re.compile(rf"(?<=[{_HAN}{BOUND}])\s*\n\s*(?=[{_HAN}{BOUND}])")
_CLOSERS = "”’」』）》)\"'\\]*"
_END_ZH = re.compile(rf"(?:[。！？；!?]+|……)[{_CLOSERS}]*")
_END_EN = re.compile(rf"[.!?。！？]+[{_CLOSERS}]*(?=\s|$)")
# A full stop that ends one of these ends no sentence: titles, firms, initials; before a number, references.
_ABBREVIATED = re.compile(
    r"(?:^|[\s(“\"])(?:e\.g|i\.e|etc|cf|vs|approx|ca|Mr|Mrs|Ms|Dr|Prof|St|Co|Ltd|Inc|Corp"
    r"|[A-Z]|(?:[A-Za-z]\.)+[A-Za-z])\.$")
_REFERENCE = re.compile(r"(?:^|[\s(“\"])(?:nos?|arts?|figs?|secs?|ch|vol|pp?)\.$", re.IGNORECASE)
_BEGINS = re.compile(rf"\s+[“‘\"'(\[]*[A-Z0-9{BOUND}{_HAN}]")
_ROLE = re.compile(r"\{(v|claim|holds)\}`([^`]*)`")


@dataclass(frozen=True)
class Sentence:
    """One sentence: its text with roles as written, the ids they bind in order, its line in the cell."""

    text_template: str
    ids: tuple[str, ...]
    line: int
    bindings: tuple[Binding, ...] = ()


def sentences(markdown: str, lang: str) -> list[Sentence]:
    """Split a cell's visible prose into sentences; a heading and a table row count as one each.

    Alt text, code and HTML are left out: nothing can be bound there.
    """
    readable = (block for block in blocks(markdown) if block.kind != "shown")
    return [sentence for block in readable for sentence in _split(block, lang)]


def _split(block: Block, lang: str) -> list[Sentence]:
    roles = list(block.roles)
    found = []
    for start, end in _pieces(block, lang):
        piece = block.text[start:end]
        if not piece.strip():
            continue
        mine = [roles.pop(0) for _ in range(piece.count(BOUND))]
        lead = len(piece) - len(piece.lstrip())
        bound = tuple(binding for binding in map(Binding.of, mine) if binding)
        found.append(Sentence(_template(piece, mine, lang), tuple(binding.id for binding in bound),
                              block.lines[start + lead], bound))
    return found


def _pieces(block: Block, lang: str) -> list[tuple[int, int]]:
    text = block.text
    if block.kind != "prose":
        return [(0, len(text))]
    cuts = [0]
    for match in (_END_ZH if lang == "zh" else _END_EN).finditer(text):
        if lang == "en" and not _ends(text, match):
            continue
        cuts.append(match.end())
    cuts.append(len(text))
    return list(pairwise(cuts))


def _ends(text: str, match: re.Match[str]) -> bool:
    stop, rest = text[:match.start() + 1][-24:], text[match.end():]
    if _ABBREVIATED.search(stop) or (_REFERENCE.search(stop) and re.match(rf"\s+[0-9{BOUND}]", rest)):
        return False
    return not rest.strip() or bool(_BEGINS.match(rest))


def _template(piece: str, roles: list[Role], lang: str) -> str:
    if lang == "zh":
        piece = _WRAP_IN_CHINESE.sub("", piece)  # a wrapped Chinese line has no space at its end
    piece = re.sub(r"\s+", " ", piece).strip()
    sources = iter(roles)
    return re.sub(BOUND, lambda _: next(sources).source, piece)


def render(sentence: Sentence, ledger: dict[str, Any], lang: str) -> str:
    """The sentence as a reader of this ledger's edition meets it.

    An id that the ledger lacks shows as ⟨id⟩. A word whose predicate is false, or not known to be true,
    shows with its id and a mark (``⟨higher ✗ id⟩``, ``⟨higher ? id⟩``): the word may not stand.
    """
    def shown(match: re.Match[str]) -> str:
        binding = Binding.of(Role(match[1], match[2], sentence.line))
        return match[0] if binding is None else _shown(binding, ledger, lang)

    return _ROLE.sub(shown, sentence.text_template)


def _shown(binding: Binding, ledger: dict[str, Any], lang: str) -> str:
    missing = f"⟨{binding.id}⟩"
    kept_in = {"v": "values", "claim": "claims", "holds": "predicates"}[binding.kind]
    record = ledger.get(kept_in, {}).get(binding.id)
    if record is None:
        return missing
    if binding.kind == "holds":
        holds = record.get("holds")
        return binding.word if holds else f"⟨{binding.word} {'?' if holds is None else '✗'} {binding.id}⟩"
    if binding.flag == "verdict":
        return WORDS[lang].get(record.get("verdict"), missing)
    texts = record.get("reason") if binding.flag == "reason" else record.get("shown", {}).get(lang)
    flag = {"reason": lang, "or-unknown": "full"}.get(binding.flag, binding.flag)
    return (texts or {}).get(flag) or missing
