"""The table of results: one Parquet file of values and verdicts, a row for each in each edition.

Written by DuckDB from a file of lines, so that memory stays flat however many editions there are. Not by pyarrow:
where pandas can import it, texts are of another type, and the book's own kernels would change.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from recount.grid.extra import extra
from recount.grid.place import Place
from recount.grid.results import Results
from recount.grid.wanted import Wanted

NAME = "table.parquet"
OF_THE_EDITION = {"book": "VARCHAR", "as_of": "DATE", "lang": "VARCHAR", "assumptions": "VARCHAR"}
OF_THE_ROW = {
    "kind": "VARCHAR", "section": "VARCHAR", "id": "VARCHAR", "status": "VARCHAR", "number": "DOUBLE", "high": "DOUBLE",
    "unit": "VARCHAR", "comparator": "VARCHAR", "text": "VARCHAR", "shown": "VARCHAR", "verdict": "VARCHAR", "rule": "VARCHAR",
    "origins": "BIGINT", "edition": "VARCHAR",
}  # fmt: skip


def columns_of(settings: dict[str, Sequence[Any]]) -> dict[str, str]:
    """The columns of a table and their types: those of the edition, each assumption that was set, those of the row.

    An assumption named as one of our own columns has a stroke after its name.
    """
    made = {**OF_THE_EDITION, **{column_of(name): _type(values) for name, values in settings.items()}}
    return {**made, **OF_THE_ROW}


def column_of(name: str) -> str:
    """The column of an assumption."""
    return f"{name}_" if name in OF_THE_EDITION or name in OF_THE_ROW else name


def rows_of(results: Results, editions: Iterable[Wanted], settings: Iterable[str]) -> Iterator[dict[str, Any]]:
    """The rows of every finished edition among these, in their order, each edition once."""
    names = list(settings)
    for wanted in editions:
        found = results.find(wanted.key)
        if found is None:
            continue
        head = {"book": wanted.book, "as_of": wanted.as_of, "lang": wanted.lang, "edition": wanted.key,
                "assumptions": json.dumps(dict(wanted.assumptions), ensure_ascii=False, sort_keys=True)}
        head |= {column_of(name): _cell(wanted.assumptions[name]) for name in names}
        for row in found["rows"]:
            yield {**head, **row}


def write_table(rows: Iterable[dict[str, Any]], columns: dict[str, str], place: Place, *, name: str = NAME) -> int:
    """Write the rows as one Parquet file into a place, whole; how many there were."""
    duckdb = extra("duckdb", wanted_for="the table of results")
    count = 0
    with tempfile.TemporaryDirectory(prefix="recount-table-") as folder:
        lines, made = Path(folder, "rows.jsonl"), Path(folder, "table.parquet")
        with lines.open("w", encoding="utf-8") as file:
            for row in rows:
                file.write(json.dumps(row, ensure_ascii=False) + "\n")
                count += 1
        typed = ", ".join(f"{_quoted(column)}: '{kind}'" for column, kind in columns.items())
        chosen = ", ".join(f'"{column}"' for column in columns)
        with duckdb.connect(config={"threads": 1, "memory_limit": "1GB", "temp_directory": folder}) as base:
            base.execute(f"COPY (SELECT {chosen} FROM read_json({_quoted(str(lines))}, format='newline_delimited', columns={{{typed}}})) "
                         f"TO {_quoted(str(made))} (FORMAT parquet, COMPRESSION zstd)")  # fmt: skip
        place.take(name, made)
    return count


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _type(values: Sequence[Any]) -> str:
    kinds = {type(value) for value in values if value is not None}
    if kinds == {bool}:
        return "BOOLEAN"
    if kinds == {int}:
        return "BIGINT"
    return "DOUBLE" if kinds and kinds <= {int, float} else "VARCHAR"


def _cell(value: Any) -> Any:
    return json.dumps(value, ensure_ascii=False, sort_keys=True) if isinstance(value, list | dict) else value
