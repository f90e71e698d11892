"""Editions: what was known by a day. Each is rendered in every language."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from recount.errors import BadInput, Finding, WrongUse, did_you_mean

LANGS = ("zh", "en")


@dataclass(frozen=True, kw_only=True)
class Edition:
    """One setting of what is known: only sources public by ``as_of`` count.

    >>> Edition(name="print", as_of=date(2022, 2, 24), title_zh="见报当日", title_en="On the day").title("en")
    'On the day'
    """

    name: str
    as_of: date
    title_zh: str
    title_en: str
    assumptions: Mapping[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.name.isidentifier() or not isinstance(self.as_of, date):
            raise ValueError(f"not an edition: {self.name!r} as of {self.as_of!r}")

    def title(self, lang: str) -> str:
        return {"zh": self.title_zh, "en": self.title_en}[lang]


def read_editions(path: Path) -> dict[str, Edition]:
    """Read ``book/editions.toml``: one table per edition with ``as_of``, ``title_zh`` and ``title_en``.

    A table ``[NAME.assumptions]`` sets notebook parameters for that edition; the runner checks their types.

    Raises BadInput for a key that is missing, misspelt or of the wrong type.
    """
    try:
        raw = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise BadInput(Finding(code="edition.missing-file", where="book/editions.toml",
                               expected="the list of editions", found="no such file")) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadInput(Finding(code="edition.malformed", where="book/editions.toml",
                               expected="TOML", found=str(error))) from None
    wanted = {"as_of": date, "title_zh": str, "title_en": str, "assumptions": dict}
    editions = {}
    if not raw:
        raise BadInput(Finding(code="edition.none", where="book/editions.toml", expected="at least one edition", found="none"))
    for name, table in raw.items():
        if not isinstance(table, dict) or not name.isidentifier():
            raise BadInput(Finding(code="edition.bad-name", where=f"book/editions.toml {name}", found=repr(table)[:60],
                                   expected="a table named in letters, digits and underscores: [print]"))
        table.setdefault("assumptions", {})
        for key in sorted(set(table) | set(wanted)):
            # The exact type: to TOML 2022-02-24 08:00 is a date and more.
            if key not in wanted or type(table.get(key)) is not wanted[key]:
                kind = wanted[key].__name__ if key in wanted else "no such key"
                raise BadInput(
                    Finding(code="edition.bad-key", where=f"book/editions.toml [{name}] {key}", expected=kind,
                            found=repr(table.get(key)), next=did_you_mean(key, list(wanted))))
        editions[name] = Edition(name=name, **table)
    return editions


def edition_named(editions: dict[str, Edition], name: str) -> Edition:
    """The edition of that name; WrongUse with the near names where there is none."""
    if name not in editions:
        raise WrongUse(Finding(code="edition.unknown", where=f"edition {name}",
                               expected=", ".join(editions), found=name,
                               next=did_you_mean(name, list(editions))))
    return editions[name]
