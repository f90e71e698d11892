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
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from recount.errors import RecountError
from recount.package import Package, blank
from recount.rows import Evidenced

if TYPE_CHECKING:
    import numpy as np
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
        self._rows: dict[str, dict[str, tuple[str, str]]] = {}
        self._digests: dict[tuple[Question, str], str] = {}
        self._found: dict[tuple[str, tuple[str, ...]], list[str]] = {}

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

    def _answer(self, question: Question, day: str) -> Iterable[Any]:
        kind, table, *rest = question
        rows = self._table(table)
        match kind:
            case "known":
                return [[key, row] for key, (since, row) in rows.items() if since <= day]
            case "row":
                since, row = rows.get(rest[0], ("", ""))
                return [since <= day, row]
            case "find":
                return [[key, rows[key][0] <= day, rows[key][1]] for key in self._fitting(table, tuple(rest))]
            case "whole":
                return [[key, row] for key, (_, row) in rows.items()]
        raise ValueError(f"no such question: {question}")

    def _fitting(self, table: str, wanted: tuple[str, ...]) -> list[str]:
        """The keys of the rows, of any day, whose cells are as wanted: a column, a text of it, and so on."""
        if (table, wanted) not in self._found:
            frame = self._data.package.loaded(table)
            fits = fitting(frame, pairs_of(wanted))
            self._found[table, wanted] = [str(key) for key in frame.index[fits]]
        return self._found[table, wanted]

    def _table(self, name: str) -> dict[str, tuple[str, str]]:
        """For each row in order: the day it became public, and a digest of all there is to it."""
        if name not in self._rows:
            frame, days = self._data.package.loaded(name), self._data.known_from(name)
            sources = self._data.package.loaded("sources").to_dict("index")
            self._rows[name] = {}
            for key, row, day, whose in zip(frame.index, frame.to_dict("records"), days, self._data.sources_of(name), strict=True):
                if blank(day):  # a project without an event: never public, and nobody's word
                    self._rows[name][str(key)] = NEVER, _digest([row])
                else:
                    self._rows[name][str(key)] = day, _digest([row, day, sources[whose]])
        return self._rows[name]


def fitting(frame: pd.DataFrame, wanted: Iterable[tuple[str, str]]) -> np.ndarray:
    """Which rows have, in every column that is named, one of the texts named for it. Raises KeyError."""
    import numpy as np

    texts: dict[str, list[str]] = {}
    for column, text in wanted:
        texts.setdefault(column, []).append(text)
    fits = np.ones(len(frame), dtype=bool)
    for column, any_of in texts.items():
        fits &= frame[column].isin(any_of).to_numpy()
    return fits


def pairs_of(words: tuple[str, ...]) -> list[tuple[str, str]]:
    """Column and text, column and text: the words of a `find` question two by two."""
    return list(zip(words[::2], words[1::2], strict=True))


def in_words(question: Question) -> str:
    """Why a run must be done again."""
    kind, table, *rest = question
    return f"{table} {' '.join(rest)} changed" if kind in ("row", "find") else f"rows of {table} changed"


def _digest(parts: Iterable[Any]) -> str:
    # repr, not JSON: cells may be NaN or NA, and a number must not equal its text.
    return hashlib.sha256(json.dumps([repr(part) for part in parts]).encode("utf-8")).hexdigest()
