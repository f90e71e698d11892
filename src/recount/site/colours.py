"""The colours of charts outside the book's pages: read from static/charts.css, so that there is one list of them.

A page that stands alone (an embed) takes the rules as they are; a picture that stands alone takes them with the
values of a light ground filled in, because what draws it knows no variables.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

STYLESHEET = Path(__file__).parent / "static" / "charts.css"
PART = re.compile(r"/\* colours: (\w+) \*/\n(.*?)(?=/\* colours: )", flags=re.DOTALL)


@lru_cache(maxsize=1)
def parts() -> dict[str, str]:
    """The parts of the stylesheet that hold colours: ``light``, ``dark``, ``marks``."""
    return {name: re.sub(r"/\*.*?\*/\n?", "", text, flags=re.DOTALL).strip()
            for name, text in PART.findall(STYLESHEET.read_text("utf-8"))}  # fmt: skip


def variables(ground: str) -> dict[str, str]:
    """The colours of one ground, ``light`` or ``dark``, by variable."""
    return dict(re.findall(r"(--[\w-]+): (#[0-9a-f]{6})", parts()[ground]))


def picture_style() -> str:
    """The rules for a picture on white paper."""
    light = variables("light")
    return re.sub(r"var\((--[\w-]+)\)", lambda match: light[match[1]], parts()["marks"])


def page_style() -> str:
    """The rules for a page of its own, light or dark as the reader's system is."""
    dark = re.sub(r"^html\[data-theme=\"dark\"\]", ":root", parts()["dark"])
    return f"{parts()['light']}\n@media screen and (prefers-color-scheme: dark) {{ {dark} }}\n{parts()['marks']}"
