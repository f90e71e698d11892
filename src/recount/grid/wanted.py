"""One edition of the grid, and the key by which it is known: the digest of all that its result rests on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import nbformat.v4 as v4

import recount
from recount.kernel import DECLARED
from recount.keys import key_of

LIBRARIES = ("numpy", "pandas", "altair", "matplotlib", "papermill", "nbclient", "ipykernel", "ipython")
SCHEMA = 1  # raise when results of an older recount must not be believed


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """An edition to be made: a book as of a day, in a language, under assumptions.

    ``inputs`` is the digest of the book's inputs, ``maker`` that of the engine and the interpreter, ``pages`` says
    that its site is wanted too. Two editions are the same exactly where their keys are.
    """

    book: str
    inputs: str
    as_of: str
    lang: str
    assumptions: Mapping[str, Any] = field(default_factory=dict)
    pages: bool = False
    maker: str

    @property
    def key(self) -> str:
        # JSON tells a whole number from a fraction of the same size, and both from their text. The name of the book
        # is none of what its numbers rest on, and still is told in each row.
        parts = [SCHEMA, self.maker, self.book, self.inputs, self.as_of, self.lang, sorted(self.assumptions.items()), self.pages]
        return hashlib.sha256(json.dumps(parts, ensure_ascii=False, sort_keys=True).encode("utf-8")).hexdigest()[:40]

    def as_dict(self) -> dict[str, Any]:
        """Plain data for a pipe or a task; ``Wanted(**data)`` is the same edition again."""
        return {"book": self.book, "inputs": self.inputs, "as_of": self.as_of, "lang": self.lang, "pages": self.pages,
                "assumptions": dict(self.assumptions), "maker": self.maker}

    def __str__(self) -> str:
        return " ".join([self.book, self.as_of, self.lang, *(f"{name}={value}" for name, value in self.assumptions.items())])


def maker_of(*, pages: bool) -> str:
    """The digest of who makes an edition here: this engine, this interpreter, its libraries, its kernels' environment.

    A worker of another one would make what the key does not say; it compares and refuses. The lock is among the
    inputs of a book, but nobody knows whether a machine was set up by it.
    """
    parts = key_of(v4.new_notebook(), parameters={}, root=Path("/nowhere"), declared=DECLARED)
    made = {name: text for name, text in parts.items() if name in ("engine", "python", "environment", "schema")}
    made["libraries"] = _libraries()
    # How the rows of a result are made of a run is the grid's own part, how its pages are the site's.
    package = Path(recount.__file__).parent
    made["rows"] = _digest(package / "grid" / "judging.py", package)
    if pages:
        made["pages"] = "".join(_digest(path, package) for path in sorted((package / "site").rglob("*"))
                                if path.is_file() and "__pycache__" not in path.parts)
    return hashlib.sha256(json.dumps(made, sort_keys=True).encode("utf-8")).hexdigest()[:16]


@lru_cache(maxsize=1)  # of this process: what it has imported does not change
def _libraries() -> str:
    return " ".join(f"{name} {version(name)}" for name in LIBRARIES)


def _digest(path: Path, package: Path) -> str:
    return hashlib.sha256(path.relative_to(package).as_posix().encode() + b"\0" + path.read_bytes()).hexdigest()
