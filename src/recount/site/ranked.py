"""The directive ``{ranked}``: a Markdown table put in the order of its first column.

A league table is written once, section by section, each cell bound to a value that is named for its section;
who stands first is then for the edition to say, and no place is a value of its own.
"""

from __future__ import annotations

import re

from docutils import nodes
from sphinx.util.docutils import SphinxDirective


class Ranked(SphinxDirective):
    """Sort the rows of the tables inside by the number in their first cell; equal numbers stay in their order."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        inside = nodes.container()
        self.state.nested_parse(self.content, self.content_offset, inside)
        for body in inside.findall(nodes.tbody):
            body.children.sort(key=_place)
        for table in inside.findall(nodes.table):
            table["classes"].append("recount-ranked")
        return inside.children


def _place(row: nodes.Node) -> float:
    """The number a row begins with; a row without one comes last."""
    number = re.search(r"\d+(?:\.\d+)?", row.children[0].astext())
    return float(number[0]) if number else float("inf")
