"""Whether everything still stands as the last successful check or build left it: then there is nothing to do.

What a success rests on (data, notebooks, prose, settings, locks, this package, the interpreter and what is
installed beside it, variables that reach a run, every file and folder that some run is recorded to have read)
and what it made (the site, ledgers, runs) is written down, each file by what tells it from another without
reading it, and its hash behind that. Where all of it is as it was, the command says so and is done, without one
heavy import. Wherever there is doubt there is no record, or it does not hold: then the real work is done, which
has rules of its own for what to skip (``recount.freshness``).

A record vouches only for what did not change while the work went on: it is begun before and finished after.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import stat
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import recount
from recount.project import Project
from recount.whole import write_whole

SCHEMA = 1
INPUTS = ("data", "notebooks", "book")  # and every file that lies in the book's own folder
MADE = {"check": ("runs", "fonts", "ledger", "sweep"), "build": ("runs", "fonts", "ledger", "sweep", "site")}
# Names of files that are no part of what stands beside them. The same as a run's own (`recount.trace`).
NOISE = frozenset({"__pycache__", ".ipynb_checkpoints", ".git", ".venv"})
PASSING = ("RECOUNT_", "PYTHON", "LC_", "LANG", "TZ", "PATH", "LD_", "DYLD_", "SYSTEMROOT", "MPL", "OMP_", "OPENBLAS_",
           "SOURCE_DATE_EPOCH", "SPHINX", "HOME", "FONTCONFIG", "VIRTUAL_ENV")  # fmt: skip
OF_A_DAY = re.compile(r"-\d{4}-\d\d-\d\d$")
TICK = 0.1  # seconds; file times of older kernels are that of the last tick

Mark = list[int]
Entry = tuple[Mark | None, str | None]  # None: no mark that can be trusted; no such file


@dataclass(frozen=True)
class Snapshot:
    """What the inputs were at one moment: files by name with mark and hash, and what else must be the same."""

    files: Mapping[str, Entry]
    machine: Mapping[str, object]

    def same(self, other: Snapshot) -> bool:
        """Whether both describe the same bytes on the same machine."""
        return self.machine == other.machine and {name: entry[1] for name, entry in self.files.items()} == {
            name: entry[1] for name, entry in other.files.items()}


class Unsure(Exception):
    """Something cannot be vouched for. Says what."""


def begin(project: Project) -> Snapshot | None:
    """What the work about to be done will rest on; None where that cannot be said."""
    try:
        return Snapshot(_marked(project, _inputs(project), {}), _machine())
    except (Unsure, OSError):
        return None


def finish(project: Project, before: Snapshot | None, *, kind: str, told: Mapping[str, Any]) -> str:
    """Write down that a check or build (``kind``) succeeded and what it ``told``; the reason where it cannot be vouched for.

    A build has checked, too: its record stands for both.
    """
    path = _path(project, kind)
    path.unlink(missing_ok=True)
    try:
        if before is None:
            raise Unsure("the inputs could not be read")
        known = dict(before.files)
        now = Snapshot(_marked(project, _inputs(project), known), _machine())
        if not now.same(before):
            raise Unsure("something changed while it was checked")
        read, folders = _read_by_runs(project)
        files = {**now.files, **_marked(project, read, now.files)}
        for name, digest in read.items():
            if files[name][1] not in (digest, "folder" if digest is None else digest):  # a folder was tried as a file
                raise Unsure(f"{name} is not what a run read")
        files |= _marked(project, _made(project, kind), {})
    except (Unsure, OSError, ValueError, KeyError, TypeError) as doubt:
        return str(doubt)
    record = {"schema": SCHEMA, "told": dict(told), "machine": dict(now.machine), "folders": folders,
              "files": {name: list(entry) for name, entry in files.items()}}  # fmt: skip
    _write(path, record)
    return ""


def told(project: Project, kind: str) -> dict[str, Any] | None:
    """What the last success told, where all it rested on and all it made is as it was; None otherwise."""
    kept = _path(project, kind)
    try:
        record = json.loads(kept.read_text("utf-8"))
        if record["schema"] != SCHEMA or record["machine"] != _machine():
            return None
        files: dict[str, Any] = record["files"]
        # Nothing has come or gone ...
        present = {*_inputs(project), *_made(project, kind)}
        if not present <= files.keys() or any(names_in(project.root / name) != held for name, held in record["folders"].items()):
            return None
        # ... and what is there is what was there.
        renewed, root = False, f"{project.root}{os.sep}"  # text, not paths: there may be twenty thousand
        for name, (mark, digest) in files.items():
            path = name if os.path.isabs(name) else root + name
            found = _mark(path)
            if digest is None:
                if found is not None:
                    return None
            elif found is None or (found != mark and _hash(path) != digest):
                return None
            elif found != mark and _settled(found):
                files[name], renewed = [found, digest], True
    except (OSError, ValueError, KeyError, TypeError, Unsure):
        return None
    if renewed:
        _write(kept, record)  # touched only: the next look need not read it again
    return dict(record["told"])


def names_in(folder: Path) -> list[list[Any]] | None:
    """The names in a folder and which are folders themselves; None where there is none."""
    try:
        with os.scandir(folder) as entries:
            return sorted([item.name, item.is_dir()] for item in entries if item.name not in NOISE)
    except OSError:
        return None


def _path(project: Project, kind: str) -> Path:
    return project.build / "standing" / f"{kind}.json"


def _inputs(project: Project) -> Iterator[str]:
    yield from (held.name for held in _entries(str(project.root)) if not held.is_dir())
    for name in INPUTS:
        yield from _tree(str(project.root / name), name)
    package = os.path.dirname(os.path.abspath(recount.__file__))
    yield from _tree(package, package)
    for folder in _site_packages():
        for held in _entries(folder):
            if held.name.endswith(".dist-info") and held.is_dir():
                yield os.path.join(held.path, "RECORD")  # what pip wrote: the hash of every file it brought
            elif not held.is_dir():
                yield held.path


def _made(project: Project, kind: str) -> Iterator[str]:
    for name in MADE[kind]:
        yield from _tree(str(project.build / name), f"{project.build.name}/{name}")
    yield f"{project.build.name}/validated.json"
    if kind == "build":
        yield f"{project.build.name}/recount-site.zip"


def _tree(folder: str, name: str) -> Iterator[str]:
    """Every file under a folder, and every folder with a stroke at its end: an empty one is news, too."""
    for held in _entries(folder):
        inner = f"{name}/{held.name}"
        if held.is_dir():
            if held.is_symlink():
                raise Unsure(f"{inner} is a link to a folder")
            yield f"{inner}/"
            yield from _tree(held.path, inner)
        else:
            yield inner


def _entries(folder: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return [item for item in entries if item.name not in NOISE]
    except FileNotFoundError:
        return []


def _site_packages() -> list[str]:
    return sorted({path for path in sys.path if os.path.basename(path) in ("site-packages", "dist-packages")})


def _machine() -> dict[str, object]:
    """The interpreter, what is installed beside it, and the variables that can reach a run."""
    found = os.stat(os.path.realpath(sys.executable))
    return {
        "python": [sys.version, sys.executable, os.path.realpath(sys.executable), found.st_size, found.st_mtime_ns],
        "installed": [names_in(Path(folder)) for folder in _site_packages()],
        "variables": sorted([name, value] for name, value in os.environ.items() if name.startswith(PASSING)),
    }  # fmt: skip


def _read_by_runs(project: Project) -> tuple[dict[str, str | None], dict[str, Any]]:
    """What the recorded runs of notebooks that are still there read, with its hash, and the folders they listed.

    Raises Unsure for a run of which that is not known, or no longer so. A run of a sweep is left out where it is
    of another time, or of another engine: it stands for no day any more, and the editions' runs read what it reads.
    """
    from recount.keys import engine_digest  # heavy, and only here: the work that has just been done needs it, too

    stems = {path.stem for path in project.notebook_paths()}
    files: dict[str, str | None] = {}
    folders: dict[str, Any] = {}
    for path in sorted(project.runs.glob("*/*/*/record.json")):
        if path.parent.name not in stems:
            continue
        record = json.loads(path.read_text("utf-8"))
        listed = {name: names_in(project.root / name) for name in record["listings"]}
        other = [name for name, digest in record["files"].items() if files.get(name, digest) != digest]
        other += [name for name, digest in record["listings"].items() if _listing(listed[name]) != digest]
        if OF_A_DAY.search(path.parts[-4]) and (other or record["key"].get("engine") != engine_digest()):
            continue
        if other or record["untraceable"]:
            raise Unsure(f"{path.parent.name}: {[*record['untraceable'], *other][0]}")
        files |= record["files"] | {name: _hash(project.root / name) for name in record["tables"]}
        folders |= listed
    return files, folders


def _listing(names: list[list[Any]] | None) -> str | None:
    """The digest of a folder's names as a run's record has it."""
    return None if names is None else hashlib.sha256(json.dumps(names, ensure_ascii=False).encode("utf-8")).hexdigest()


def _marked(project: Project, names: Iterable[str], known: Mapping[str, Entry]) -> dict[str, Entry]:
    """Mark and hash of each file; what has the mark that is ``known`` is not read again."""
    found: dict[str, Entry] = {}
    for name in names:
        path = project.root / name
        mark = _mark(path)
        if mark is None:
            found[name] = None, None
        elif name in known and known[name][0] == mark:
            found[name] = known[name]
        else:
            digest = _hash(path)
            found[name] = (mark if _settled(mark) and _mark(path) == mark else None), digest
    return found


def _mark(path: str | Path) -> Mark | None:
    try:
        found = os.stat(path)
    except OSError:
        return None
    if stat.S_ISDIR(found.st_mode):
        return [0]  # a folder: what is in it has marks of its own
    if not stat.S_ISREG(found.st_mode):
        raise Unsure(f"{path} is no file")  # to read a pipe would be to wait
    # Size and time of writing can be made to stay; the time of change cannot.
    return [found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns]


def _settled(mark: Mark) -> bool:
    """Whether a later change would have another mark; not within one tick of the clock that files have."""
    return len(mark) == 1 or time.time_ns() - mark[-1] > TICK * 10**9


def _hash(path: str | Path) -> str | None:
    try:
        if os.path.isdir(path):
            return "folder"
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None


def _write(path: Path, record: Mapping[str, Any]) -> None:
    write_whole(path, json.dumps(record, ensure_ascii=False))
