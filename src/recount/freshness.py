"""When a run may be skipped: the key of what went in, the record of what was read, where both are kept."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import shutil
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from nbformat import NotebookNode

import recount
from recount.questions import Answers, Reply
from recount.trace import NOISE, stat_of
from recount.whole import write_whole

SCHEMA = 1  # raise when records of an older recount must not be believed
# Tags that change what a cell does; all others (hide-input, zh) only change how a page looks.
RUN_TAGS = frozenset({"parameters", "raises-exception", "skip-execution"})
# Parts of this package that no run of a notebook can reach: how a page looks, how it is served and on how many
# machines it is made changes no number.
APART = ("site", "serve", "grid")


@dataclass(frozen=True, kw_only=True)
class Trace:
    """What one run read, by path relative to the book: hashes of files (None for absent ones) and listings.

    ``tables`` are files of which only what was asked matters: while they are unchanged the ``replies`` are, too.
    ``untraceable`` says why the list cannot be complete; such a run is done again every time.
    """

    files: Mapping[str, str | None] = field(default_factory=dict)
    tables: Mapping[str, str | None] = field(default_factory=dict)
    replies: tuple[Reply, ...] = ()
    listings: Mapping[str, str | None] = field(default_factory=dict)
    untraceable: tuple[str, ...] = ()


def read_trace(path: Path, root: Path) -> Trace:
    """Read what the kernel wrote down, and hash what it read.

    A file that is no longer what it was when the kernel opened it makes the run untraceable: hashing it now
    would vouch for bytes that the run never saw.
    """
    files: dict[str, str | None] = {}
    tables: dict[str, str | None] = {}
    replies: list[Reply] = []
    listings: dict[str, str | None] = {}
    reasons: list[str] = []
    try:
        lines = path.read_text("utf-8").splitlines()
    except FileNotFoundError:
        return Trace(untraceable=("the kernel recorded nothing",))
    for line in lines:
        try:
            kind, name, *rest = json.loads(line)
        except ValueError:
            reasons.append("the record is damaged")
            continue
        if kind == "untraceable":
            reasons.append(name)
        elif kind == "list":
            listings[name] = _listing_digest(root / name)
        elif kind == "asked":
            replies.append(Reply(tuple(name), *rest))
        else:
            if stat_of(root / name) != rest[0]:
                reasons.append(f"{name} changed during the run")
            (tables if kind == "table" else files)[name] = _file_digest(root / name)
    return Trace(
        files=dict(sorted(files.items())), tables=dict(sorted(tables.items())), replies=tuple(replies),
        listings=dict(sorted(listings.items())),
        untraceable=tuple(dict.fromkeys(reasons)),
    )  # fmt: skip


def key_of(notebook: NotebookNode, *, parameters: Mapping[str, object], root: Path,
           declared: Mapping[str, str]) -> dict[str, str]:  # fmt: skip
    """What goes into a run apart from the files it reads, one digest per reason to run again.

    Markdown is not in it: prose is taken from the notebook file at assembly (see `merge`). Cell ids are not
    either, since a run does not depend on them.
    """
    code = [
        [cell.source, sorted(RUN_TAGS.intersection(cell.metadata.get("tags", [])))]
        for cell in notebook.cells
        if cell.cell_type == "code"
    ]
    lock = root / "requirements.lock"
    return {
        "code": _digest(code),
        "parameters": _digest({name: [type(value).__name__, value] for name, value in parameters.items()}),
        "engine": _engine_digest(),
        "lock": _file_digest(lock) or "none",
        "python": f"{platform.python_implementation()} {platform.python_version()} {sys.platform}",
        "environment": _digest(sorted(declared.items())),
        "schema": str(SCHEMA),
    }


@dataclass(frozen=True)
class Store:
    """The record of one run, ``_build/runs/<edition>/<lang>/<stem>/``: its outputs and what they rest on."""

    folder: Path
    root: Path

    @property
    def executed(self) -> Path:
        return self.folder / "executed.ipynb"

    @property
    def record(self) -> Path:
        return self.folder / "record.json"

    def seconds(self) -> float:
        """How long the recorded run took; 0 where there is none. For doing the longest first."""
        return float((self._read() or {}).get("seconds", 0.0))

    def why_stale(self, key: Mapping[str, str], answers: Answers) -> str:
        """The first reason to run again, in words; empty when the recorded outputs may be used.

        ``answers`` are those of the data as it stands, read only where a table has changed.
        """
        record = self._read()
        if record is None:
            return "never run"
        for part, digest in key.items():
            if record["key"].get(part) != digest:
                return f"{part} changed"
        if record["untraceable"]:
            return record["untraceable"][0]
        for name, digest in record["files"].items():
            if _file_digest(self.root / name) != digest:
                return f"{name} changed" if digest else f"{name} appeared"
        # The same tables have the same answers.
        if any(_file_digest(self.root / name) != digest for name, digest in record["tables"].items()) and (
                changed := answers.changed(self.replies())):
            return changed
        for name, digest in record["listings"].items():
            if _listing_digest(self.root / name) != digest:
                return f"the files in {name} changed"
        if _file_digest(self.executed) != record["executed"]:
            return "stored outputs changed"
        return ""

    def replies(self) -> tuple[Reply, ...]:
        """What the recorded run asked of the data, and what it was told; nothing where there is no record."""
        return tuple(Reply(tuple(question), *rest) for question, *rest in (self._read() or {}).get("asked", ()))

    def digest(self) -> str:
        """The digest of the recorded outputs; empty where there is no record."""
        return str((self._read() or {}).get("executed", ""))

    def load(self) -> NotebookNode:
        return nbformat.read(self.executed, as_version=4)

    def save(self, executed: NotebookNode, *, key: Mapping[str, str], trace: Trace, seconds: float) -> None:
        """Keep a finished run. The record names the hash of the outputs, so half a save is no record."""
        self.folder.mkdir(parents=True, exist_ok=True)
        text = nbformat.writes(executed, version=4)
        write_whole(self.executed, text)
        write_whole(
            self.record,
            json.dumps(
                {
                    "key": dict(key),
                    "files": dict(trace.files),
                    "tables": dict(trace.tables),
                    "asked": [[list(reply.question), reply.day, reply.digest] for reply in trace.replies],
                    "listings": dict(trace.listings),
                    "untraceable": list(trace.untraceable),
                    "executed": hashlib.sha256(text.encode("utf-8")).hexdigest(),
                    "seconds": round(seconds, 2),
                },
                indent=1,
                ensure_ascii=False,
            ),
        )

    def forget(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    def _read(self) -> dict | None:
        try:
            record = json.loads(self.record.read_text("utf-8"))
            return record if {"key", "files", "tables", "asked", "listings", "untraceable", "executed"} <= set(record) else None
        except (FileNotFoundError, ValueError, TypeError):
            return None


def merge(source: NotebookNode, executed: NotebookNode) -> NotebookNode:
    """The notebook as it stands, with the outputs of its run under its code cells.

    Prose and tags come from ``source``, so that editing a sentence needs no run; outputs are matched by the
    order of code cells, which is what was run. Raises ValueError when the code is not the code that was run.
    """
    merged = nbformat.from_dict(source)
    ran = [cell for cell in executed.cells if cell.cell_type == "code"]
    code = [cell for cell in merged.cells if cell.cell_type == "code"]
    if [cell.source for cell in code] != [cell.source for cell in ran]:
        raise ValueError("the executed notebook is not this notebook's code")
    for cell, done in zip(code, ran, strict=True):
        cell.outputs = nbformat.from_dict(done.outputs)
        cell.execution_count = None
    return merged


def _digest(data: object) -> str:
    return hashlib.sha256(json.dumps(data, ensure_ascii=False, sort_keys=True).encode("utf-8")).hexdigest()


CLOCK_TICK = 0.1  # seconds; file times of older kernels are that of the last tick
_hashed: dict[tuple[object, ...], str] = {}


def _file_digest(path: Path) -> str | None:
    """The hash of a file; each is read once by a process, as long as not even its change time is another."""
    try:
        with path.open("rb") as file:
            found = os.stat(file.fileno())
            # Size and time of writing can be made to stay; the time of change cannot.
            mark = (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)
            if mark not in _hashed:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
                if time.time() - found.st_ctime < CLOCK_TICK:
                    return digest  # it could be written again without a new time
                _hashed[mark] = digest
            return _hashed[mark]
    except OSError:  # absent, or a folder that was probed as a file
        return None


def _listing_digest(path: Path) -> str | None:
    try:
        with os.scandir(path) as entries:
            return _digest(sorted((item.name, item.is_dir()) for item in entries if item.name not in NOISE))
    except OSError:
        return None


def _engine_digest() -> str:
    """All of this package but what is apart from the runs."""
    package = Path(recount.__file__).parent
    files = sorted(path for path in package.rglob("*.py") if path.relative_to(package).parts[0] not in APART)
    return _digest([[path.relative_to(package).as_posix(), _file_digest(path)] for path in files])
