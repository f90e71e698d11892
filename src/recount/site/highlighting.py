"""Code coloured with as few elements as it has colours: names and punctuation are in the colour of text, and need none.

A chapter folds away some hundred cells. With an element for each of their tokens, code was half of all that a browser
has to make of the page before it can show it.
"""

from __future__ import annotations

from typing import Any

from pygments.formatters import HtmlFormatter
from pygments.token import Name, Other, Punctuation, Text, Whitespace, _TokenType
from sphinx.highlighting import PygmentsBridge

# In the theme's two styles, light and dark, all of these have the one colour of text (held by a test).
PLAIN = frozenset({Text, Whitespace, Other, Name, Name.Namespace, Name.Other, Punctuation, Punctuation.Marker})


class Sparing(HtmlFormatter[str]):
    """Pygments' own formatter, without an element around what has the colour of text."""

    def _get_css_class(self, ttype: _TokenType) -> str:
        return "" if ttype in PLAIN else super()._get_css_class(ttype)


def setup(app: Any) -> None:
    """Have Sphinx colour code so."""
    PygmentsBridge.html_formatter = Sparing
