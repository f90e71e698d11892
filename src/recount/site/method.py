"""The directive ``{rules}``: the verdict rules on the method page, from the module that states them."""

from __future__ import annotations

from docutils import nodes

from recount.rules import reading_rows, rule_rows
from recount.site.receipts import LedgerDirective
from recount.verdicts import WORDS


class Rules(LedgerDirective):
    """What each verdict needs, and how a printed number is read: two tables, never typed on the page."""

    def build(self) -> list[nodes.Node]:
        words = WORDS[self.lang]
        verdicts = [
            (
                [nodes.inline(words[code], words[code], classes=["recount-verdict", f"verdict-{code}"])],
                [nodes.Text(needs)],
            )
            for code, needs in rule_rows(self.lang)
        ]
        readings = [([nodes.strong(form, form)], [nodes.Text(meaning)]) for form, meaning in reading_rows(self.lang)]
        return [
            self._table(self.words["verdict"], self.words["needs"], verdicts),
            self._table(self.words["printed"], self.words["means"], readings),
        ]

    def _table(self, left: str, right: str, rows: list[tuple[list[nodes.Node], list[nodes.Node]]]) -> nodes.table:
        group = nodes.tgroup("", nodes.colspec(colwidth=20), nodes.colspec(colwidth=80), cols=2)
        group += nodes.thead("", self._row([nodes.Text(left)], [nodes.Text(right)]))
        group += nodes.tbody("", *[self._row(*row) for row in rows])
        return nodes.table("", group)

    def _row(self, *cells: list[nodes.Node]) -> nodes.row:
        return nodes.row("", *[nodes.entry("", nodes.paragraph("", "", *cell)) for cell in cells])
