"""When a run may be skipped: the record of what it read, and where that is kept beside its outputs."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from recount.clock import looks_at_clock
from recount.keys import EXACT, digest_of, file_digest, is_exact, same_code
from recount.outputs import written
from recount.questions import Answers, Reply
from recount.trace import NOISE, stat_of
from recount.whole import write_whole


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


def read_trace(path: Path, root: Path, code: Sequence[str] = ()) -> Trace:
    """Read what the kernel wrote down, and hash what it read. ``code`` is what ran.

    A file that is no longer what it was when the kernel opened it makes the run untraceable: hashing it now
    would vouch for bytes that the run never saw. So does code, of the cells or of the book's modules that were
    imported, that looks at the clock.
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
            (tables if kind == "table" else files)[name] = file_digest(root / name)
    modules = [(root / name).read_text("utf-8", errors="replace") for name in files if name.endswith(".py") and files[name]]
    if look := looks_at_clock(code) or next(filter(None, (looks_at_clock([module]) for module in modules)), ""):
        reasons.append(f"looks at the clock ({look})")
    return Trace(
        files=dict(sorted(files.items())), tables=dict(sorted(tables.items())), replies=tuple(replies),
        listings=dict(sorted(listings.items())),
        untraceable=tuple(dict.fromkeys(reasons)),
    )  # fmt: skip


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
            if record["key"].get(part) != digest and (part != EXACT or record["exact"]):
                return f"{part} changed"
        if record["untraceable"]:
            return record["untraceable"][0]
        for name, digest in record["files"].items():
            if file_digest(self.root / name) != digest:
                return f"{name} changed" if digest else f"{name} appeared"
        # The same tables have the same answers.
        if any(file_digest(self.root / name) != digest for name, digest in record["tables"].items()) and (
                changed := answers.changed(self.replies())):
            return changed
        for name, digest in record["listings"].items():
            if _listing_digest(self.root / name) != digest:
                return f"the files in {name} changed"
        if file_digest(self.executed) != record["executed"]:
            return "stored outputs changed"
        return ""

    def of_code(self, key: Mapping[str, str]) -> bool:
        """Whether a run of this very key, with these files, is recorded, be its answers fresh or not: what it asked until it
        was told something else, it will ask again."""
        record = self._read()
        return (record is not None and not record["untraceable"]
                and all(record["key"].get(part) == digest for part, digest in key.items())
                and all(file_digest(self.root / name) == digest for name, digest in record["files"].items())
                and all(_listing_digest(self.root / name) == digest for name, digest in record["listings"].items()))

    def replies(self) -> tuple[Reply, ...]:
        """What the recorded run asked of the data, and what it was told; nothing where there is no record."""
        return tuple(Reply(tuple(question), *rest) for question, *rest in (self._read() or {}).get("asked", ()))

    def reads(self) -> tuple[list[str], list[str]]:
        """The files that the recorded run read, and the folders it listed; nothing where there is no record."""
        record = self._read() or {"files": {}, "tables": {}, "listings": {}}
        return [*record["files"], *record["tables"]], [*record["listings"]]

    def digest(self) -> str:
        """The digest of the recorded outputs; empty where there is no record."""
        return str((self._read() or {}).get("executed", ""))

    def load(self) -> NotebookNode:
        """The recorded outputs, as they were saved: nbformat would hold them against its schema each time."""
        return nbformat.v4.reads(self.executed.read_text("utf-8"))

    def save(self, executed: NotebookNode, *, key: Mapping[str, str], trace: Trace, seconds: float) -> None:
        """Keep a finished run. The record names the hash of the outputs, so half a save is no record."""
        self.folder.mkdir(parents=True, exist_ok=True)
        text = written(executed)
        write_whole(self.executed, text)
        write_whole(
            self.record,
            json.dumps(
                {
                    "key": dict(key),
                    "exact": is_exact(executed),
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
            return record if {"key", "exact", "files", "tables", "asked", "listings", "untraceable", "executed"} <= set(record) else None
        except (FileNotFoundError, ValueError, TypeError):
            return None


def merge(source: NotebookNode, executed: NotebookNode) -> NotebookNode:
    """The notebook as it stands, with the outputs of its run under its code cells.

    Prose and tags come from ``source``, so that editing a sentence needs no run; outputs are matched by the
    order of code cells, which is what was run. Raises ValueError when the code is other code than what was run,
    comments and layout apart.
    """
    merged = nbformat.from_dict(source)
    ran = [cell for cell in executed.cells if cell.cell_type == "code"]
    code = [cell for cell in merged.cells if cell.cell_type == "code"]
    if [same_code(cell.source) for cell in code] != [same_code(cell.source) for cell in ran]:
        raise ValueError("the executed notebook is not this notebook's code")
    for cell, done in zip(code, ran, strict=True):
        cell.outputs = nbformat.from_dict(done.outputs)
        cell.execution_count = None
    return merged


def _listing_digest(path: Path) -> str | None:
    try:
        with os.scandir(path) as entries:
            return digest_of(sorted((item.name, item.is_dir()) for item in entries if item.name not in NOISE))
    except OSError:
        return None
