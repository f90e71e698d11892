"""The data package: its schema, its rows as typed tables, and everything that must hold before a run.

The schema in ``data/datapackage.json`` is the only description of the tables; nothing here repeats it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from recount import trace
from recount.errors import BadInput, Finding, WrongUse, did_you_mean

if TYPE_CHECKING:
    import pandas as pd

# Tables that hold the feature's own words: claims, never evidence.
OF_THE_FEATURE = ("claims", "claim_lists", "not_claims", "feature_numbers")

# Tables of our own remarks: no source said them, so they are no evidence either.
OF_OURS = ("to_settle",)


@dataclass(frozen=True)
class Resource:
    """One table as the schema describes it."""

    name: str
    path: str
    title: dict[str, str]
    fields: tuple[dict[str, Any], ...]
    key: tuple[str, ...]
    references: tuple[tuple[str, str, str], ...] = ()  # column, table, its column

    @property
    def columns(self) -> list[str]:
        return [field["name"] for field in self.fields]

    def of_type(self, *types: str) -> set[str]:
        return {field["name"] for field in self.fields if field["type"] in types}

    def field(self, column: str) -> dict[str, Any]:
        """The schema of one column."""
        return next(field for field in self.fields if field["name"] == column)

    def label(self, column: str, lang: str) -> str:
        return self.field(column).get("title_zh" if lang == "zh" else "title", column)

    def key_of(self, row: dict[str, str]) -> str:
        return "/".join(str(row[column]) for column in self.key)


class Package:
    """The tables under ``data/``, read once each and only when asked for.

    ``watch`` is told of each table that is handed out whole, by ``frame``. With it a run of the book records
    what is asked of a table; without, that its file was read.
    """

    def __init__(self, folder: Path, watch: Callable[[str], None] | None = None) -> None:
        self.folder = folder
        self.watch = watch
        self._frames: dict[str, pd.DataFrame] = {}

    @cached_property
    def descriptor(self) -> dict[str, Any]:
        """The parsed ``datapackage.json``. Raises BadInput where it is missing, no JSON, or lists no tables."""
        path = self.folder / "datapackage.json"
        try:
            parsed = json.loads(path.read_text("utf-8"))
            if isinstance(parsed, dict) and isinstance(parsed.get("resources"), list):
                return parsed
            found = "no list of resources"
        except FileNotFoundError:
            found = "no such file"
        except (UnicodeDecodeError, json.JSONDecodeError) as error:
            found = str(error)
        raise BadInput(_descriptor_finding("the schema of the data package, as JSON", found))

    @cached_property
    def resources(self) -> dict[str, Resource]:
        """Every table of the descriptor by name. Raises BadInput where it lacks what a table needs."""
        found = {}
        for position, raw in enumerate(self.descriptor["resources"], start=1):
            try:
                found[raw["name"]] = _resource(raw)
            except (KeyError, TypeError) as error:
                name = raw.get("name", position) if isinstance(raw, dict) else position
                raise BadInput(_descriptor_finding(
                    "tables with name, path, title, and a schema of fields with a primaryKey",
                    f"table {name}: {error}")) from None
        return found

    def resource(self, name: str) -> Resource:
        """The schema of a table; WrongUse with the near names where there is none."""
        if name not in self.resources:
            raise WrongUse(Finding(code="table.unknown", where=f"table {name}",
                                   expected=", ".join(self.resources), found=name,
                                   next=did_you_mean(name, list(self.resources))))
        return self.resources[name]

    def frame(self, name: str) -> pd.DataFrame:
        """A whole table, typed by the schema and indexed by its key; rows of every date.

        Numbers are floats (NaN where empty), whole numbers nullable integers, texts strings with "" for empty.
        Raises BadInput where a cell does not fit; ``recount check`` says it in more detail.
        """
        frame = self.loaded(name)
        if self.watch is not None:
            self.watch(name)
        return frame

    def loaded(self, name: str) -> pd.DataFrame:
        """As ``frame``, for who answers questions about single rows (``recount.questions``). Raises what it raises."""
        if name not in self._frames:
            import pandas as pd

            resource = self.resource(name)
            path = self.folder / resource.path
            try:
                with trace.reading_tables() if self.watch is not None else nullcontext():
                    frame = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8")
            except (OSError, ValueError) as error:
                raise BadInput(Finding(code="data.unreadable", where=f"data/{resource.path}", expected="a UTF-8 CSV",
                                       found=str(error).splitlines()[0], next="recount check")) from None
            missing = [column for column in resource.columns if column not in frame]
            if missing:
                raise BadInput(Finding(code="data.columns", where=f"data/{resource.path}",
                                       expected=", ".join(resource.columns), found=f"missing: {', '.join(missing)}"))
            for field in resource.fields:
                frame[field["name"]] = _typed(frame[field["name"]], field, where=f"data/{resource.path}")
            key = resource.key[0] if len(resource.key) == 1 else list(resource.key)
            if frame.duplicated(list(resource.key)).any():
                again = frame.loc[frame.duplicated(list(resource.key)), list(resource.key)].iloc[0]
                raise BadInput(Finding(code="data.duplicate-key", where=f"data/{resource.path}", found="/".join(map(str, again)),
                                       expected="a key that occurs once", next="recount check"))
            self._frames[name] = frame.set_index(key, drop=False)
            self._frames[name].index.name = None
        return self._frames[name]


def _descriptor_finding(expected: str, found: str) -> Finding:
    return Finding(code="data.descriptor", where="data/datapackage.json", expected=expected, found=found,
                   done="nothing was read")


def _resource(raw: dict[str, Any]) -> Resource:
    schema = raw["schema"]
    references = [(key["fields"][0], key["reference"]["resource"], key["reference"]["fields"][0])
                  for key in schema.get("foreignKeys", ())]
    return Resource(name=raw["name"], path=raw["path"], fields=tuple(schema["fields"]), key=tuple(schema["primaryKey"]),
                    title={"zh": raw.get("title_zh", raw["title"]), "en": raw["title"]}, references=tuple(references))


def _typed(series: pd.Series, field: dict[str, Any], *, where: str) -> pd.Series:
    import pandas as pd

    kind = field["type"]
    try:
        if kind == "number":
            return pd.to_numeric(series.replace("", None)).astype("float64")
        if kind == "integer":
            return pd.to_numeric(series.replace("", None)).astype("Int64")
    except (ValueError, TypeError) as error:
        raise BadInput(Finding(code="data.wrong-type", where=f"{where}, column {field['name']}", expected=kind,
                               found=str(error), next="recount check")) from None
    if kind == "boolean":
        return series == "true"
    return series.astype(object)


def blank(cell: Any) -> bool:
    """Whether a cell of a typed table holds nothing: an empty text, NaN, NA or None."""
    import pandas as pd

    return bool(pd.isna(cell)) or cell == ""
