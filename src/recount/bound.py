"""Bound text: titles and alt texts whose numbers come from values, in both languages at once."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from recount.errors import BadInput, Finding
from recount.numerals import BOUND

# {projects.two_batches}, {projects.two_batches|bare}, {projects.above_2021?高于}, {claim:projects.record}
PLACEHOLDER = re.compile(r"\{((?:claim:)?[a-z][a-z0-9]*\.[a-z0-9_-]+)(?:\|([a-z]+)|\?([^{}]+))?\}")


@dataclass(frozen=True, kw_only=True)
class BoundText:
    """A text in both languages, with its templates, what it resolved to, and the ids that it uses."""

    template_zh: str
    template_en: str
    zh: str
    en: str
    ids: tuple[str, ...]

    def template(self, lang: str) -> str:
        return self.template_zh if lang == "zh" else self.template_en

    def in_lang(self, lang: str) -> str:
        return self.zh if lang == "zh" else self.en


def bind(zh: str, en: str, *, shown: Callable[[str, str, str], str], holds: Callable[[str, str], None]) -> BoundText:
    """Fill the placeholders of a text in both languages.

    ``shown(id, lang, flag)`` gives a value's or claim's text; ``holds(id, word)`` raises when a predicate word
    is not true. Raises BadInput where the two languages do not use the same ids.
    """
    ids = {"zh": [], "en": []}

    def fill(template: str, lang: str) -> str:
        def put(match: re.Match[str]) -> str:
            name, flag, word = match.groups()
            ids[lang].append(name)
            if word is not None:
                holds(name, word)
                return word
            return shown(name, lang, flag or "full")

        if stray := re.search(r"\{[^{}]*\}?|\}", PLACEHOLDER.sub("", template)):
            raise BadInput(Finding(code="text.malformed", where=f"text {template[:30]!r}", found=stray[0],
                                   expected="{id}, {id|flag}, {claim:id} or {id?word}, in lower case"))
        return PLACEHOLDER.sub(put, template)

    filled = {"zh": fill(zh, "zh"), "en": fill(en, "en")}
    if set(ids["zh"]) != set(ids["en"]):
        odd = sorted(set(ids["zh"]) ^ set(ids["en"]))
        raise BadInput(Finding(code="text.languages-differ", where=f"text {zh[:30]!r} / {en[:30]!r}",
                               expected="the same values bound in both languages", found=f"only in one: {odd}"))
    return BoundText(template_zh=zh, template_en=en, **filled, ids=tuple(dict.fromkeys(ids["zh"])))


def literal(template: str) -> str:
    """The template without its placeholders: what an author typed, for the check on typed numbers."""
    # A mark stays where a number was, so that a unit typed behind a bare value is still seen.
    return PLACEHOLDER.sub(lambda match: match[3] or BOUND, template)
