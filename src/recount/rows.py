"""Rows as a notebook sees them: only what was public by the edition's day, with their source beside them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from recount.errors import BadInput, Finding, WrongUse, did_you_mean
from recount.package import OF_OURS, OF_THE_FEATURE, Package
from recount.verdicts import Origin

if TYPE_CHECKING:
    import pandas as pd

TABLE = "recount_table"
_THROUGH = {"ceremony_breakdowns": ("ceremony_id", "ceremonies")}


@dataclass(frozen=True)
class Rows:
    """Some rows of one table: the known ones as a DataFrame, the others by key and the day they became public."""

    table: str
    frame: pd.DataFrame
    missing: tuple[tuple[str, str], ...] = ()

    @property
    def refs(self) -> tuple[str, ...]:
        return tuple(f"{self.table}/{key}" for key in self.frame.index)

    @property
    def waits_for(self) -> tuple[tuple[str, str], ...]:
        return tuple((f"{self.table}/{key}", day) for key, day in self.missing)


@dataclass
class Evidenced:
    """The data package as of a day. ``origins`` answers for any row whose word it is."""

    package: Package
    as_of: date
    _known_from: dict[str, pd.Series] = field(default_factory=dict)
    _sources_of: dict[str, pd.Series] = field(default_factory=dict)
    _everything: dict[str, pd.DataFrame] = field(default_factory=dict)
    _known: dict[str, pd.DataFrame] = field(default_factory=dict, init=False)  # of this day alone; the rest of every
    _origins: dict[str, Origin] = field(default_factory=dict)  # of rows; a sweep asks for each some hundred times

    def known_from(self, table: str) -> pd.Series:
        """For each row of a table, the ISO day by which its source was public."""
        _must_have_sources(table)
        if table not in self._known_from:
            frame = self.package.loaded(table)
            if table in OF_THE_FEATURE:
                days = frame.index.to_series().map(lambda _: self.package.loaded("sources").loc[FEATURE, "known_from"])
            elif table == "projects":
                # A project has no source of its own: it is known once its first event is.
                events = self.package.loaded("project_events")
                first = self.known_from("project_events").groupby(events["project_id"]).min()
                days = frame.index.to_series().map(first)
            elif table == "sources":
                days = frame["known_from"]
            elif table in _THROUGH:
                column, parent = _THROUGH[table]
                days = frame[column].map(self.known_from(parent))
            else:
                days = frame["source_id"].map(self.package.loaded("sources")["known_from"])
            self._known_from[table] = days
        return self._known_from[table]

    def table(self, name: str) -> pd.DataFrame:
        """A copy of the table with its known rows only, and ``source_kind``, ``origin``, ``independent`` added."""
        return self._table(name).copy()

    def _table(self, name: str) -> pd.DataFrame:
        """As ``table``, and not a copy: each row that is picked is taken from it."""
        if name not in self._known:
            known = self.everything(name)
            self._known[name] = _tag(known[self.known_from(name) <= self.as_of.isoformat()], name)
        return self._known[name]

    def everything(self, name: str) -> pd.DataFrame:
        """The table with rows of every day, and the columns of their sources: to name what is still to come."""
        _must_have_sources(name)
        if name not in self._everything:
            frame = self.package.loaded(name).copy()
            if name not in OF_THE_FEATURE and name not in ("sources", "projects"):
                sources = self.package.loaded("sources").loc[self.sources_of(name)]
                for column, of in (("source_kind", "origin_kind"), ("origin", "origin"), ("independent", "independent"),
                                   ("known_from", "known_from")):
                    frame[column] = sources[of].to_numpy()
            self._everything[name] = frame
        return self._everything[name]

    def source_of(self, table: str, key: str) -> str:
        """The source id behind a row; the feature's for its own lists."""
        return self.sources_of(table).at[key]

    def sources_of(self, table: str) -> pd.Series:
        """For each row of a table, the source id behind it; none for a project of which no event is known."""
        if table not in self._sources_of:
            frame = self.package.loaded(table)
            if table in OF_THE_FEATURE:
                found = frame.index.to_series().map(lambda _: FEATURE)
            elif table == "sources":
                found = frame["source_id"]
            elif table in _THROUGH:
                column, parent = _THROUGH[table]
                found = frame[column].map(self.sources_of(parent))
            elif table == "projects":
                events = self.package.loaded("project_events")
                first = events.loc[self.known_from("project_events").sort_values(kind="stable").index].drop_duplicates("project_id")
                found = frame.index.to_series().map(first.set_index("project_id")["source_id"])
            else:
                found = frame["source_id"]
            self._sources_of[table] = found
        return self._sources_of[table]

    def rows(self, table: str, keys: list[str]) -> Rows:
        """Rows by key. A key that no row has is a mistake; a key not public yet is named in ``missing``."""
        frame, days = self.package.loaded(table), self.known_from(table)
        if again := sorted({str(key) for key in keys if keys.count(key) > 1}):
            raise WrongUse(Finding(code="rows.twice", where=f"table {table}", expected="each row once",
                                   found=", ".join(again), next="a row that is picked twice would be counted twice"))
        for key in keys:
            if key not in frame.index:
                raise WrongUse(Finding(code="rows.no-such-key", where=f"table {table}", expected="a key of the table",
                                       found=str(key), next=did_you_mean(str(key), [str(k) for k in frame.index])))
        known = [key for key in keys if days[key] <= self.as_of.isoformat()]
        missing = tuple((key, days[key]) for key in keys if key not in known)
        every = self._table(table)
        # By place, which is as good as `loc` for keys that are there, and takes half its time.
        return Rows(table, _tag(every.take(every.index.get_indexer(known)), table), missing)

    def of_frame(self, frame: pd.DataFrame) -> Rows:
        """Rows from a filtered table. The frame must still know which table it came from."""
        name = getattr(frame, "attrs", {}).get(TABLE)
        if not name:
            what = "a DataFrame of unknown origin" if hasattr(frame, "attrs") else repr(frame)[:60]
            raise BadInput(Finding(code="rows.unknown-table", where="of=", found=what,
                                   expected="rows of desk.table(...), filtered or picked",
                                   next="filter with desk.pick(table, ...) so that the receipt can name the rows"))
        own = self.everything(name)
        stray = [key for key in frame.index if key not in own.index]
        if stray:
            raise BadInput(Finding(code="rows.unknown-table", where=f"of=, table {name}", found=f"row {stray[0]}",
                                   expected="rows with the table's own keys as index"))
        if frame.index.has_duplicates:
            raise BadInput(Finding(code="rows.twice", where=f"of=, table {name}", expected="each row once",
                                   found=str(frame.index[frame.index.duplicated()][0]),
                                   next="a row that is given twice would be counted twice"))
        for column in own.columns.intersection(frame.columns):
            given, stated = frame[column], own.loc[frame.index, column]
            if not given.equals(stated.astype(given.dtype, errors="ignore")):
                raise BadInput(Finding(code="rows.changed-cell", where=f"of=, table {name}", expected="cells as they stand "
                                       "in the data", found=f"column {column}, changed in the notebook",
                                       next="compute in by=, or in a column of another name: the receipt shows the data"))
        return Rows(name, frame)

    def origins(self, refs: tuple[str, ...] | list[str]) -> tuple[Origin, ...]:
        """Whose word the rows are, without repeats; the feature's own tables are no origin."""
        found = [self._origin(ref) for ref in refs if ref.partition("/")[0] not in OF_THE_FEATURE]
        return tuple(dict.fromkeys(found))

    def _origin(self, ref: str) -> Origin:
        if ref not in self._origins:
            table, _, key = ref.partition("/")
            source = self.package.loaded("sources").loc[self.source_of(table, key)]
            # Two pages of unknown origin may be one: an unknown name is kept apart by its page.
            name = source["origin"] if source["origin"] != "unknown" else f"unknown ({source['publisher']})"
            self._origins[ref] = Origin(name=name, name_en=source["origin_en"], kind=source["origin_kind"],
                                        independent=source["independent"])
        return self._origins[ref]


def _must_have_sources(table: str) -> None:
    if table in OF_OURS:
        raise WrongUse(Finding(code="rows.no-evidence", where=f"table {table}", found="remarks of our own",
                               expected="a table whose rows have a source",
                               next="the site prints this table; a value cannot rest on it"))


def _tag(frame: pd.DataFrame, table: str) -> pd.DataFrame:
    frame.attrs[TABLE] = table
    return frame


FEATURE = "feature-2022-02-24"


def not_one(candidates: pd.DataFrame, wanted: Mapping[str, str], *, describe: str) -> WrongUse:
    """What is said where none fits, or several do: what there is."""
    asked = ", ".join(f"{name}={text!r}" for name, text in wanted.items() if text is not None)
    if len(candidates):
        listed = "; ".join(f"{key} ({row['subject']}, {row['period']})" for key, row in candidates.head(6).iterrows())
        return WrongUse(Finding(code="rows.several", where=f"{describe} {asked}", expected="one row",
                                found=f"{len(candidates)}: {listed}", next="name subject or period as well"))
    return WrongUse(Finding(code="rows.none", where=f"{describe} {asked}", expected="one row", found="none",
                            next="look in data/observations.csv, or recount explain for what there is"))
