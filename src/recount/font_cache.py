"""Cut fonts kept for the user of a machine, so that a second book, a clone or a worker does not cut the same again.

Beside the user's other caches (``$XDG_CACHE_HOME/recount/fonts`` on Linux). An entry is a folder named by what the
fonts were cut from and for, with a digest of each file: damaged is as good as missing. Where nothing can be written,
nothing is kept, and the fonts are cut for each book.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from filelock import FileLock
from platformdirs import user_cache_path

LIST = "digests.json"
MOST = 8  # entries, about 5 MB each; the least recently used go first


def place() -> Path:
    """The folder of all entries."""
    return user_cache_path("recount", appauthor=False) / "fonts"


@contextmanager
def at_entry(key: str) -> Iterator[None]:
    """Hold one entry, so that of several who want it one cuts and the others wait for it."""
    with ExitStack() as held:
        with suppress(OSError):  # no home, or one that is read-only
            place().mkdir(parents=True, exist_ok=True)
            held.enter_context(FileLock(place() / f"{key}.lock"))
        yield


def take(key: str, folder: Path) -> bool:
    """Put a copy of an entry where ``folder`` is to be, whole or not at all; False where there is none to be had."""
    entry = place() / key
    try:
        digests = json.loads((entry / LIST).read_text("ascii"))
        folder.parent.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(prefix=".kept-", dir=folder.parent))
    except (OSError, ValueError):
        return False
    try:
        for name, digest in digests.items():
            content = (entry / name).read_bytes()
            if hashlib.sha256(content).hexdigest() != digest:
                return False
            (made / name).write_bytes(content)
        os.utime(entry)
        made.chmod(0o755)
        os.replace(made, folder)
    except OSError:
        return False
    finally:
        shutil.rmtree(made, ignore_errors=True)
    return True


def keep(key: str, folder: Path) -> None:
    """Keep a copy of the files of a folder, in the place of a damaged entry."""
    with suppress(OSError):
        made = Path(tempfile.mkdtemp(prefix=".kept-", dir=place()))
        try:
            digests = {}
            for path in sorted(folder.iterdir()):
                content = path.read_bytes()
                (made / path.name).write_bytes(content)
                digests[path.name] = hashlib.sha256(content).hexdigest()
            (made / LIST).write_text(json.dumps(digests), "ascii")
            shutil.rmtree(place() / key, ignore_errors=True)
            os.replace(made, place() / key)
        finally:
            shutil.rmtree(made, ignore_errors=True)
        entries = sorted((path for path in place().iterdir() if (path / LIST).is_file()), key=lambda path: path.stat().st_mtime)
        for path in entries[:-MOST]:
            shutil.rmtree(path, ignore_errors=True)
