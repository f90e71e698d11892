"""Code is coloured as ever, with no element around what has the colour of text anyway."""

from __future__ import annotations

import html
import re

import pytest
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.token import STANDARD_TYPES

from recount.site.highlighting import PLAIN, Sparing

CODE = 'from recount import Desk  # synthetic\n\n@once\ndef rows(of: int) -> list:\n    return [f"{x!r} <b>" for x in range(of) if x >= 0x1F]\n'


def coloured(formatter) -> list[tuple[str, str]]:
    """Each character with the class of its element; nothing for the classes of plain text."""
    plain = {STANDARD_TYPES[kind] for kind in PLAIN}
    page, found, now = highlight(CODE, get_lexer_by_name("python"), formatter), [], ""
    for tag, name, close, text in re.findall(r'(<span class="(\w+)">)|(</span>)|(&\w+;|&#\d+;|[^<&])', page.partition("<span></span>")[2].rpartition("</pre>")[0]):
        now = name if tag else "" if close else now
        found += [(html.unescape(text), "" if now in plain else now)] if text else []
    return found


def test_every_character_keeps_its_colour_with_far_fewer_elements():
    assert coloured(Sparing()) == coloured(HtmlFormatter())
    assert "".join(character for character, _ in coloured(Sparing())) == CODE
    counts = [highlight(CODE, get_lexer_by_name("python"), formatter).count("<span") for formatter in (Sparing(), HtmlFormatter())]
    assert counts[0] < 0.6 * counts[1]


@pytest.mark.slow
def test_what_is_left_plain_has_the_colour_of_text_in_both_themes(built):
    (path,) = (built.site / "zh" / "since" / "_static").glob("sheet-*.css")
    sheet = path.read_text("utf-8")
    for theme in ("light", "dark"):
        colours = dict(re.findall(rf'html\[data-theme="{theme}"\] \.highlight \.(\w+)\s*\{{\s*color: (#\w+)', sheet, re.IGNORECASE))
        assert colours["k"] != colours["n"]
        assert {colours[name] for kind in PLAIN if (name := STANDARD_TYPES[kind]) in colours} == {colours["n"]}
