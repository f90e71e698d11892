"""The key of a run: what goes into it apart from the files it reads, one digest for each reason to run again."""

from __future__ import annotations

import ast
import hashlib
import io
import json
import os
import platform
import re
import sys
import time
import tokenize
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from nbformat import NotebookNode

import recount

SCHEMA = 2  # raise when records of an older recount must not be believed
# Tags that change what a cell does; all others (hide-input, zh) only change how a page looks.
RUN_TAGS = frozenset({"parameters", "raises-exception", "skip-execution"})
# Parts of this package that no run of a notebook can reach: how a page looks, how a draft is served and on how many
# machines books are made changes no number.
APART = ("site", "serve", "grid")
EXACT = "source"  # the part of a key that counts only where a run shows or asks for its code as it is typed
# By these, code can come to its own text or to the numbers of its lines.
OWN_TEXT = re.compile(
    r"\b(inspect|traceback|linecache|tokenize|get_ipython|In|_ih|_i+\d*|__file__|f_lineno|co_firstlineno|co_lines|stack_info|exc_info)\b"
)


def key_of(notebook: NotebookNode, *, parameters: Mapping[str, object], root: Path,
           declared: Mapping[str, str]) -> dict[str, str]:  # fmt: skip
    """What goes into a run apart from the files it reads, one digest per reason to run again.

    Markdown is not in it: prose is taken from the notebook file at assembly (`freshness.merge`). Cell ids are not
    either, since a run does not depend on them, nor comments and layout, unless the run shows its code (`is_exact`).
    """
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    tags = [sorted(RUN_TAGS.intersection(cell.metadata.get("tags", []))) for cell in cells]
    lock = root / "requirements.lock"
    locked = file_digest(lock)
    return {
        "code": digest_of([[same_code(cell.source), own] for cell, own in zip(cells, tags, strict=True)]),
        EXACT: digest_of([cell.source for cell in cells]),
        "parameters": parameters_digest(parameters),
        "engine": engine_digest(),
        "lock": locked or "none",
        "packages": _packages_digest(lock, locked),
        "python": f"{platform.python_implementation()} {platform.python_version()} {sys.platform}",
        "environment": digest_of(sorted(declared.items())),
        "schema": str(SCHEMA),
    }


def parameters_digest(parameters: Mapping[str, object]) -> str:
    """The part of a key that differs from one edition of a notebook to the next."""
    return digest_of({name: [type(value).__name__, value] for name, value in parameters.items()})


@lru_cache(maxsize=10_000)
def same_code(source: str) -> str:
    """What two pieces of code have in common that do the same, whatever their comments, quotes and line breaks.

    A semicolon at the end is kept: IPython shows nothing then. What is no plain Python, as a magic, is kept whole.

    >>> same_code("x = 'a'  # one") == same_code("x = (\\n    \\"a\\"\\n)")
    True
    >>> same_code("x") == same_code("x;  # shown to nobody")
    False
    """
    try:
        tree = ast.dump(ast.parse(source))
        words = [token.string for token in tokenize.generate_tokens(io.StringIO(source).readline)
                 if token.type not in (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.ENDMARKER, tokenize.DEDENT)]
    except (SyntaxError, ValueError, tokenize.TokenError, RecursionError):
        return source
    return tree + (";" if words[-1:] == [";"] else "")


def is_exact(executed: NotebookNode) -> bool:
    """Whether a run's outputs can hold its code as it was typed, or numbers of lines: errors, warnings, or by asking."""
    cells = [cell for cell in executed.cells if cell.cell_type == "code"]
    return any(OWN_TEXT.search(cell.source) for cell in cells) or any(
        output.output_type == "error" or output.get("name") == "stderr" for cell in cells for output in cell.outputs)


def digest_of(data: object) -> str:
    return hashlib.sha256(json.dumps(data, ensure_ascii=False, sort_keys=True).encode("utf-8")).hexdigest()


FOLDER = "folder"  # in the place of a hash: that it is there is all that was asked
CLOCK_TICK = 0.1  # seconds; file times of older kernels are that of the last tick
_hashed: dict[tuple[object, ...], str] = {}


def file_digest(path: Path) -> str | None:
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
    except IsADirectoryError:
        return FOLDER
    except OSError:
        return None


def _packages_digest(lock: Path, locked: str | None) -> str:
    """The versions installed of what the lock names; of all where there is none.

    The lock says what should be installed; that it is must be seen.
    """
    folders = sorted({path for path in sys.path if os.path.basename(path) in ("site-packages", "dist-packages")})
    times = tuple((folder, os.stat(folder).st_mtime_ns) for folder in folders if os.path.isdir(folder))
    return _versions(times, str(lock), locked)


@lru_cache(maxsize=16)
def _versions(folders: tuple[tuple[str, int], ...], lock: str, locked: str | None) -> str:
    text = Path(lock).read_text("utf-8") if locked else ""
    named = {_plain(name) for name in re.findall(r"^([A-Za-z0-9][\w.-]*)==", text, flags=re.MULTILINE)}
    held = [name.removesuffix(".dist-info").rpartition("-") for folder, _ in folders for name in sorted(os.listdir(folder))
            if name.endswith(".dist-info")]
    return digest_of([[_plain(name), version] for name, _, version in held if not locked or _plain(name) in named])


def _plain(name: str) -> str:
    """A name as packagers compare it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def engine_digest() -> str:
    """All of this package but what stands apart from the numbers."""
    package = os.path.dirname(recount.__file__)
    names: list[str] = []
    for folder, below, files in os.walk(package):  # asked for with each run: a third of the time that a glob takes
        below[:] = [name for name in below if name != "__pycache__" and (folder != package or name not in APART)]
        names += [os.path.relpath(os.path.join(folder, name), package) for name in files if name.endswith(".py")]
    return digest_of([[name.replace(os.sep, "/"), file_digest(Path(package, name))] for name in sorted(names)])
