"""The axes of a grid (features, days, languages, assumptions) and the editions at their crossings.

All that is asked for is checked before anything runs: a misspelt assumption would otherwise be a grid of equal
editions, and a wrong type would fail in each of them.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import product
from typing import Any

from recount.editions import LANGS, Edition
from recount.errors import Finding, WrongUse, did_you_mean
from recount.grid.wanted import Wanted
from recount.parameters import Parameter

# What an edition sets itself.
RESERVED = ("as_of", "lang")


@dataclass(frozen=True, kw_only=True)
class Feature:
    """One book on the axis of features: its inputs' digest, its days, what it assumes, what its notebooks declare.

    ``declared`` has, for each name, the declarations of all notebooks that have it.
    """

    book: str
    inputs: str
    days: tuple[date, ...]
    edition: Edition
    declared: Mapping[str, tuple[Parameter, ...]]


def editions_of(features: Iterable[Feature], *, langs: Sequence[str], settings: Mapping[str, Sequence[Any]], pages: bool,
                maker: str) -> list[Wanted]:
    """Every edition of the grid. Those next to each other differ in their day, so that a run may stand for several."""
    return [Wanted(book=feature.book, inputs=feature.inputs, as_of=day.isoformat(), lang=lang, pages=pages, maker=maker,
                   assumptions={**feature.edition.assumptions, **dict(zip(settings, chosen, strict=True))})
            for feature in features for lang in langs for chosen in product(*settings.values()) for day in feature.days]


def read_langs(text: str) -> tuple[str, ...]:
    """The languages of ``zh,en``. Raises WrongUse (``sweep.language``, ``sweep.twice``)."""
    langs = [word.strip() for word in text.split(",")]
    findings = [Finding(code="sweep.language", where="--lang", expected=" or ".join(LANGS), found=lang or "nothing",
                        done="nothing was run", next=did_you_mean(lang, LANGS)) for lang in langs if lang not in LANGS]
    findings += _twice("--lang", langs)
    if findings:
        raise WrongUse(findings)
    return tuple(langs)


def read_settings(texts: Iterable[str], features: Sequence[Feature]) -> dict[str, tuple[Any, ...]]:
    """The values of ``name=value,value`` for each assumption, of the type that the notebooks declare.

    Raises WrongUse with everything that is wrong: ``sweep.setting``, ``sweep.reserved``, ``sweep.unknown-parameter``,
    ``sweep.wrong-type``, ``sweep.twice``.
    """
    settings: dict[str, tuple[Any, ...]] = {}
    findings: list[Finding] = []
    for text in texts:
        name, equals, listed = text.partition("=")
        name = name.strip()
        where = f"--set {name}"
        if not equals or not name.isidentifier() or not listed.strip():
            findings.append(_bad("setting", f"--set {text}", "name=value,value", text))
        elif name in RESERVED:
            findings.append(_bad("reserved", where, "an assumption of a chapter", name, f"--{name.replace('_', '-')} sets it"))
        elif name in settings:
            findings.append(_bad("twice", where, "each assumption once, its values joined by commas", "named twice"))
        else:
            values: list[Any] = []
            faults = [_undeclared(name, feature) for feature in features if name not in feature.declared]
            for word in split(listed) if not faults else ():
                value, wrong = _typed(word, name, features)
                faults += wrong
                values += [] if wrong else [value]
            findings += faults or _twice(where, values)
            settings[name] = tuple(values)
    if findings:
        raise WrongUse(list(dict.fromkeys(findings)))
    return settings


def split(text: str) -> Iterator[str]:
    """The values between commas; a comma inside brackets or quotes is part of a value.

    >>> list(split("1, [2,3],'a,b'"))
    ['1', '[2,3]', "'a,b'"]
    """
    depth, quote, word = 0, "", ""
    for sign in text:
        if quote:
            quote = "" if sign == quote else quote
        elif sign in "'\"" and not word.strip():
            quote = sign
        elif sign in "[{(":
            depth += 1
        elif sign in ")}]":
            depth -= 1
        elif sign == "," and depth <= 0:
            yield word.strip()
            word = ""
            continue
        word += sign
    yield word.strip()


def typed(text: str, parameter: Parameter) -> Any:
    """A text as the type that a parameter is declared with. Raises ValueError where it is not of that type.

    >>> typed("80", Parameter("base", "float")), typed("80", Parameter("base", "int")), typed("80", Parameter("base", "str"))
    (80.0, 80, '80')
    """
    words = [word.strip().split("[")[0] for word in parameter.annotation.split("|")]
    for kind, read in (("None", _nothing), ("bool", _truth), ("int", int), ("float", _fraction),
                       ("list", ast.literal_eval), ("dict", ast.literal_eval), ("str", _plain)):
        if kind in words:
            try:
                value = read(text)
            except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
                continue
            if parameter.accepts(value):
                return value
    raise ValueError(text)


def _nothing(text: str) -> None:
    if text != "None":
        raise ValueError(text)


def _truth(text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise ValueError(text)
    return text.lower() == "true"


def _fraction(text: str) -> float:
    if not math.isfinite(number := float(text)):
        raise ValueError(text)
    return number


def _plain(text: str) -> str:
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"" else text


def _typed(word: str, name: str, features: Sequence[Feature]) -> tuple[Any, list[Finding]]:
    """The value as the first declaration has it, and a finding for each declaration that does not take it."""
    value: Any = None
    findings = []
    every = [(feature, parameter) for feature in features for parameter in feature.declared[name]]
    for number, (feature, parameter) in enumerate(every):
        try:
            value = typed(word, parameter) if number == 0 else value
            if not parameter.accepts(value):
                raise ValueError
        except ValueError:
            findings.append(_bad("wrong-type", f"--set {name}", f"{parameter.annotation}, as {feature.book} declares it", word or "nothing"))
            if number == 0:
                break
    return value, findings


def _undeclared(name: str, feature: Feature) -> Finding:
    known = sorted(set(feature.declared) - set(RESERVED))
    return _bad("unknown-parameter", f"--set {name}", f"a parameter that a notebook of {feature.book} declares: "
                f"{', '.join(known) or 'none is'}", name, did_you_mean(name, known))


def _twice(where: str, values: Sequence[Any]) -> list[Finding]:
    seen = [repr(value) for value in values]
    return [_bad("twice", where, "each value once", text) for text in dict.fromkeys(seen) if seen.count(text) > 1]


def _bad(code: str, where: str, expected: str, found: str, then: str = "") -> Finding:
    return Finding(code=f"sweep.{code}", where=where, expected=expected, found=found, done="nothing was run", next=then)
