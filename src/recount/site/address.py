"""Addresses of pages: absolute where the copy is published at a known address, else relative to the page that asks.

Nothing is invented: without `recount: address:` no page has an absolute address, and what needs one is left out.
"""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from recount.editions import LANGS, Edition

CODES = {"zh": "zh-CN", "en": "en"}  # as HTML, hreflang and schema.org name the languages
OTHER = {"zh": "en", "en": "zh"}
# Who reads neither language is better served by the English page.
DEFAULT = "en"


@dataclass(frozen=True)
class Address:
    """The base address of a copy: empty, or ending in a slash. Paths are from the site's root, ``zh/since/index.html``."""

    base: str = ""

    def __bool__(self) -> bool:
        return bool(self.base)

    def absolute(self, path: str) -> str:
        """The address of a path; empty where the copy has none. The root page is the base itself."""
        return self.base and self.base + ("" if path == "index.html" else path)

    def seen_from(self, page: str, path: str) -> str:
        """How `page` refers to `path`: its absolute address, else the way from the one to the other.

        >>> Address().seen_from("zh/since/data.html", "data/facts.csv")
        '../../data/facts.csv'
        """
        return self.absolute(path) or posixpath.relpath(path, posixpath.dirname(page) or ".")


def alternates(path: str, *, front: str) -> dict[str, str]:
    """The same page by language code, and ``x-default`` for everybody else; each of a group says the same.

    The root page, which leads to a language, is the default of the front pages of the `front` edition.
    """
    if path == "index.html":
        edition, page = front, "index.html"
    else:
        _, edition, page = path.split("/", 2)
    found = {CODES[each]: f"{each}/{edition}/{page}" for each in LANGS}
    root = page == "index.html" and edition == front
    return found | {"x-default": "index.html" if root else f"{DEFAULT}/{edition}/{page}"}


def front_edition(settings: dict[str, Any], editions: Sequence[Edition]) -> Edition:
    """The edition that the root page leads to: the one named in `_config.yml`, else the last."""
    return next((each for each in editions if each.name == settings.get("front")), editions[-1])
