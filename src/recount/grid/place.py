"""A place for files: a folder, or whatever fsspec knows behind a URL (s3://, gs://, memory://, ...).

Files are read and written whole. In a folder a reader sees the old file or the new one; object stores promise
the same of a single put. Of what promises nothing (sftp), half a file may be seen: who must know carries a digest.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from recount.errors import Finding, RecountError, WrongUse
from recount.grid.extra import extra
from recount.whole import write_whole

SCHEME = re.compile(r"[a-z][a-z0-9+.-]*::?", re.IGNORECASE)
NOISE = frozenset({"__pycache__", ".ipynb_checkpoints", ".git", ".venv"})  # as of a run (`recount.trace`)


def place_of(text: str) -> Folder | Remote:
    """The place that a path or a URL names. Raises WrongUse where the URL is none, or its driver is not installed."""
    if text.startswith("file://"):
        return Folder(Path(text.removeprefix("file://")))
    if "://" in text and SCHEME.match(text):
        return Remote(text)
    return Folder(Path(text))


class Folder:
    """A folder of this machine, or one that all machines have mounted under the same name."""

    def __init__(self, root: Path) -> None:
        self.root = root.expanduser().absolute()

    @property
    def url(self) -> str:
        """What ``place_of`` makes this place of again, in another process."""
        return str(self.root)

    @property
    def name(self) -> str:
        return self.root.name

    def read(self, name: str) -> bytes:
        """Raises FileNotFoundError."""
        return (self.root / name).read_bytes()

    def write(self, name: str, content: bytes) -> None:
        write_whole(self.root / name, content)

    def take(self, name: str, path: Path) -> None:
        """Write a file that lies on this machine, which may be large."""
        target = self.root / name
        target.parent.mkdir(parents=True, exist_ok=True)
        fresh = target.with_name(f".{target.name}.{os.getpid()}")
        with path.open("rb") as source, fresh.open("wb") as file:
            while part := source.read(1 << 20):
                file.write(part)
        os.replace(fresh, target)

    def remove(self, name: str) -> None:
        (self.root / name).unlink(missing_ok=True)

    def names(self, folder: str = "") -> list[str]:
        """The files that lie in a folder itself; none where there is no such folder."""
        try:
            with os.scandir(self.root / folder) as entries:
                return sorted(item.name for item in entries if item.is_file() and not item.name.startswith("."))
        except (FileNotFoundError, NotADirectoryError):
            return []

    def tree(self, folder: str) -> list[str]:
        """Every file under a folder, relative to this place; nothing hidden, no leavings of programs."""
        found = []
        for here, folders, names in os.walk(self.root / folder):
            folders[:] = sorted(name for name in folders if name not in NOISE and not name.startswith("."))
            found += [Path(here, name).relative_to(self.root).as_posix() for name in names if not name.startswith(".")]
        return sorted(found)

    def __str__(self) -> str:
        return self.url


class Remote:
    """A place behind a URL. What it needs to be let in stands in fsspec's own configuration, never in a task."""

    def __init__(self, url: str) -> None:
        fsspec = extra("fsspec", wanted_for=url)
        self.url = url.rstrip("/")
        with self._reached():
            # Listings are asked for anew: other workers write meanwhile.
            self.fs, self.root = fsspec.core.url_to_fs(self.url, use_listings_cache=False)
        self.root = self.root.rstrip("/")
        self._made: set[str] = set()

    @property
    def name(self) -> str:
        return self.root.rpartition("/")[2]

    def read(self, name: str) -> bytes:
        """Raises FileNotFoundError."""
        with self._reached():
            return bytes(self.fs.cat_file(self._path(name)))

    def write(self, name: str, content: bytes) -> None:
        with self._reached():
            self._folder_of(name)
            self.fs.pipe_file(self._path(name), content)

    def take(self, name: str, path: Path) -> None:
        """Write a file that lies on this machine, which may be large."""
        with self._reached():
            self._folder_of(name)
            self.fs.put_file(str(path), self._path(name))

    def remove(self, name: str) -> None:
        with self._reached():
            try:
                self.fs.rm_file(self._path(name))
            except FileNotFoundError:
                return

    def names(self, folder: str = "") -> list[str]:
        """The files that lie in a folder itself; none where there is no such folder."""
        with self._reached():
            self.fs.invalidate_cache()
            try:
                listed = self.fs.ls(self._path(folder) if folder else self.root, detail=True)
            except (FileNotFoundError, NotADirectoryError):
                return []
        found = (item["name"].rstrip("/").rpartition("/")[2] for item in listed if item["type"] == "file")
        return sorted(name for name in found if not name.startswith("."))

    def tree(self, folder: str) -> list[str]:
        """Every file under a folder, relative to this place; nothing hidden, no leavings of programs."""
        with self._reached():
            self.fs.invalidate_cache()
            try:
                listed = self.fs.find(self._path(folder))
            except FileNotFoundError:
                return []
        root = self.fs._strip_protocol(self.root).rstrip("/") + "/"
        found = (self.fs._strip_protocol(path).removeprefix(root) for path in listed)
        return sorted(name for name in found
                      if not any(part in NOISE or part.startswith(".") for part in name.split("/")))

    def __str__(self) -> str:
        return self.url

    def _path(self, name: str) -> str:
        return f"{self.root}/{name}"

    def _folder_of(self, name: str) -> None:
        """Make the folders that a file lies in, but for the first name of the URL: a bucket, a container, a share.

        Object stores have no folders, and making one may be forbidden; file systems need them. Asked once. What is wrong
        is told by the write that follows.
        """
        folder, *below = self._path(name).split("/")[:-1]
        for part in below:
            folder = f"{folder}/{part}"
            if folder not in self._made:
                self._made.add(folder)
                with suppress(Exception):  # every driver has errors of its own, not least for a folder that is there
                    self.fs.mkdir(folder, create_parents=False)

    @contextmanager
    def _reached(self) -> Iterator[None]:
        try:
            yield
        except (FileNotFoundError, NotADirectoryError, RecountError):
            raise
        except ImportError as error:
            raise WrongUse(Finding(code="sweep.extra-missing", where=self.url, expected="fsspec's driver for this scheme",
                                   found=str(error), done="nothing was run")) from None
        except Exception as error:  # every driver has errors of its own
            raise WrongUse(Finding(code="sweep.store", where=self.url, expected="a store that answers",
                                   found=f"{type(error).__name__}: {error}"[:400])) from None


Place = Folder | Remote


def relative_names(text: Any) -> bool:
    """Whether a name stays inside the folder that it is relative to."""
    return isinstance(text, str) and bool(text) and not text.startswith("/") and ".." not in text.split("/")
