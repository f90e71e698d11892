"""What a run asks of the data, and whether it would be told the same today, or as of another day.

Through the Desk a notebook asks one thing at a time: the rows of a table that were public by its day, a row
by its key, the row that fits. Each question is recorded with a digest of its answer. Code that has been told
the same so far asks the same next; so a run still stands where every question it asked has the answer it had.
That is finer than the hash of a file: an edited row reruns what asked for it, and a run made for one day
stands for every day as of which it would have been told the same.

A row's answer is all there is to it: its cells, the cells of its source, and the day it became public.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from recount.errors import RecountError
from recount.package import Package, blank
from recount.rows import Evidenced

if TYPE_CHECKING:
    import pandas as pd

# Its first word says what is asked: `known TABLE` its rows public by the day; `row TABLE KEY`;
# `find TABLE COLUMN TEXT ...` the rows that fit, of any day, a column named twice with any of its texts; `whole TABLE` every row, of any day.
Question = tuple[str, ...]
NEVER = "9999-12-31"


@dataclass(frozen=True)
class Reply:
    """One question as it was asked: as of which day, and a digest of the answer."""

    question: Question
    day: str
    digest: str


class Answers:
    """The answers of the data as it stands, as of any day. Reads each table once, when first asked."""

    def __init__(self, package: Package) -> None:
        self._data = Evidenced(package, date.min)
        self._rows: dict[str, _Rows] = {}
        self._digests: dict[tuple[Question, str], str] = {}
        self._found: dict[tuple[str, tuple[str, ...]], pd.Index] = {}

    def digest(self, question: Question, day: str) -> str:
        """A digest of one answer as of an ISO day. Raises ValueError for a question of no known kind."""
        if (question, day) not in self._digests:
            self._digests[question, day] = _digest(self._answer(question, day))
        return self._digests[question, day]

    def changed(self, replies: Iterable[Reply], *, was: str = "", day: str = "") -> str:
        """The first question that has another answer now, in words; empty where none has.

        What was asked as of ``was`` is asked again as of ``day``: would a run for the one stand for the other?
        """
        for reply in replies:
            try:
                same = self.digest(reply.question, day if reply.day == was else reply.day) == reply.digest
            except (KeyError, ValueError, RecountError):  # a table or column that is no longer there
                same = False
            if not same:
                return in_words(reply.question)
        return ""

    def parts(self, replies: Iterable[Reply], *, was: str, one: str, other: str) -> bool:
        """Whether code that was told these ``replies`` as of a day will surely be told different things as of two days.

        It asks the same again until it is told something else than it was; only until then is it known what it asks.
        """
        for reply in replies:
            try:
                told = [self.digest(reply.question, day if reply.day == was else reply.day) for day in (one, other)]
            except (KeyError, ValueError, RecountError):
                return False
            if told[0] != told[1]:
                return True
            if told[0] != reply.digest:
                return False
        return False

    def _answer(self, question: Question, day: str) -> Iterable[Any]:
        kind, table, *rest = question
        if table not in self._rows:
            self._rows[table] = _Rows(table, self._data)
        rows = self._rows[table]
        match kind:
            case "known":
                return [[key, row] for key, (since, row) in rows.items() if since <= day]
            case "row":
                if rest[0] not in rows:
                    return [True, ""]
                since, row = rows[rest[0]]
                return [since <= day, row]
            case "find":
                return [[key, rows[key][0] <= day, rows[key][1]] for key in map(str, self.fitting(table, tuple(rest)))]
            case "whole":
                return [[key, row] for key, (_, row) in rows.items()]
        raise ValueError(f"no such question: {question}")

    def fitting(self, table: str, wanted: tuple[str, ...]) -> pd.Index:
        """The keys of the rows, of any day, whose cells are as wanted: a column, a text of it, and so on. Raises KeyError."""
        if (table, wanted) not in self._found:
            import numpy as np

            frame = self._data.package.loaded(table)
            texts: dict[str, list[str]] = {}
            for column, text in zip(wanted[::2], wanted[1::2], strict=True):
                texts.setdefault(column, []).append(text)
            fits = np.ones(len(frame), dtype=bool)
            for column, any_of in texts.items():
                fits &= frame[column].isin(any_of).to_numpy()
            self._found[table, wanted] = frame.index[fits]
        return self._found[table, wanted]


class _Rows(Mapping[str, tuple[str, str]]):
    """For each row of a table in order: the day it became public, and a digest of all there is to it.

    Made when it is asked for: of most tables a run asks for a few rows.
    """

    def __init__(self, table: str, data: Evidenced) -> None:
        self._cells, self._sources = _Cells(data.package.loaded(table)), _Cells(data.package.loaded("sources"))
        self._days, self._whose = data.known_from(table).tolist(), data.sources_of(table).tolist()
        self._made: dict[str, tuple[str, str]] = {}

    def __getitem__(self, key: str) -> tuple[str, str]:
        if key not in self._made:
            place = self._cells.places[key]
            row, day = self._cells.row(key), self._days[place]
            if blank(day):  # a project without an event: never public, and nobody's word
                self._made[key] = NEVER, _digest([row])
            else:
                self._made[key] = day, _digest([row, day, self._sources.row(self._whose[place])])
        return self._made[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._cells.places)

    def __len__(self) -> int:
        return len(self._cells.places)


class _Cells:
    """The cells of a table as Python's own values, by column, since to take a row from a frame takes a hundred times as long."""

    def __init__(self, frame: pd.DataFrame) -> None:
        self._columns = {name: frame[name].tolist() for name in frame.columns}
        self.places = {str(key): place for place, key in enumerate(frame.index)}

    def row(self, key: str) -> dict[str, Any]:
        place = self.places[key]
        return {name: cells[place] for name, cells in self._columns.items()}


def in_words(question: Question) -> str:
    """Why a run must be done again."""
    kind, table, *rest = question
    return f"{table} {' '.join(rest)} changed" if kind in ("row", "find") else f"rows of {table} changed"


def _digest(parts: Iterable[Any]) -> str:
    # repr, not JSON: cells may be NaN or NA, and a number must not equal its text.
    return hashlib.sha256(json.dumps([repr(part) for part in parts]).encode("utf-8")).hexdigest()
