"""The reader: hands out rows of the data package as of a day, and has what was asked for recorded."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from recount import trace
from recount.errors import Finding, WrongUse, did_you_mean
from recount.package import Package
from recount.questions import Answers
from recount.rows import Evidenced, Rows, not_one

if TYPE_CHECKING:
    import pandas as pd

Columns = Mapping[str, str | Iterable[str]]


class Reader:
    """The tables of a folder as a notebook reads them. In a run of the book every question is recorded.

    ``package`` and ``data`` are the tables and the evidence behind them; who takes a frame from ``package`` is
    recorded as having asked for the whole of it.
    """

    def __init__(self, folder: Path, as_of: date) -> None:
        # Tables are read as tables, of which single rows will be asked, only where the asking is recorded.
        self.package = Package(folder, watch=lambda table: self._asked("whole", table))
        self.data = Evidenced(self.package, as_of)
        self._day = as_of.isoformat()
        self._answers = Answers(self.package)
        self._recorded: set[tuple[str, ...]] = set()

    def table(self, name: str) -> pd.DataFrame:
        """The rows of a table that were public by the day. Raises WrongUse for a table that is none."""
        table = self.data.table(name)
        self._asked("known", name)
        return table

    def pick(self, table: str | pd.DataFrame, keys: Iterable[str] | Columns | Callable[[pd.DataFrame], Any]) -> Rows:
        """Some rows of a table, or of a part of one: by key, by the texts in some columns, or by a condition.

        Raises WrongUse for a key, a column or a table that is none, and for a number where a text is wanted.
        """
        name = self.package.resource(table).name if isinstance(table, str) else self.data.of_frame(table).table
        if isinstance(keys, Mapping):
            return self._by_columns(name, keys, part=None if isinstance(table, str) else table)
        if not callable(keys):
            return self._by_key(name, [keys] if isinstance(keys, str) else list(keys))
        known = self.table(name) if isinstance(table, str) else table
        fits = known[keys(known)]
        if len(fits):
            return Rows(name, fits)
        self._asked("known", name)
        self._asked("whole", name)
        everything, days = self.data.everything(name), self.data.known_from(name)
        later = everything[days > self._day]
        return Rows(name, fits, tuple((key, days[key]) for key in later[keys(later)].index))

    def one(self, table: str, wanted: Mapping[str, str]) -> Rows:
        """The single row with these texts. Raises WrongUse where none or several fit."""
        found = self._found(table, wanted)
        if len(found) != 1:
            raise not_one(self.package.loaded(table).loc[found], wanted, describe=table.removesuffix("s"))
        return self.data.rows(table, list(found))

    def _by_key(self, name: str, keys: list[str]) -> Rows:
        for key in keys:
            self._asked("row", name, key)
        return self.data.rows(name, keys)

    def _by_columns(self, name: str, wanted: Columns, part: pd.DataFrame | None) -> Rows:
        found = self._found(name, wanted)
        rows = self.data.rows(name, [key for key in found if part is None or key in part.index])
        # What is known already is the answer; only where nothing is does it wait for what comes later.
        return rows if rows.frame.empty else Rows(name, rows.frame)

    def _found(self, table: str, wanted: Columns) -> pd.Index:
        """The keys of the rows of a table, of any day, with one of the named texts in each named column."""
        resource = self.package.resource(table)
        columns, of_text = resource.columns, resource.of_type("string")
        for column, texts in wanted.items():
            if column not in columns:
                raise WrongUse(Finding(code="rows.no-such-column", where=f"table {table}", expected=", ".join(columns),
                                       found=str(column), next=did_you_mean(str(column), columns)))
            if column not in of_text or not all(isinstance(text, str) for text in (
                    [texts] if isinstance(texts, str) or not isinstance(texts, Iterable) else texts)):
                raise WrongUse(Finding(code="rows.not-a-text", where=f"table {table}, column {column}", found=repr(texts)[:60],
                                       expected="a column of texts, and a text or several",
                                       next="filter numbers by a condition: desk.pick(table, lambda t: ...)"))
        words = tuple(word for column, texts in wanted.items() for text in ([texts] if isinstance(texts, str) else texts)
                      for word in (column, text))
        self._asked("find", table, *words)
        return self._answers.fitting(table, words)

    def _asked(self, kind: str, table: str, *rest: object) -> None:
        question = (kind, table, *map(str, rest))
        if trace.asking() and question not in self._recorded:
            self._recorded.add(question)
            trace.asked(question, self._day, self._answers.digest(question, self._day))
