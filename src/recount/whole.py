"""Files written whole: a reader finds the old one or the new one, never a part of either."""

from __future__ import annotations

import os
import threading
from pathlib import Path


def write_whole(path: Path, content: str | bytes) -> None:
    """Write bytes, or text as UTF-8 with its line ends as they are, into a folder that is made where it is missing.

    Threads and processes may write the same file at once; the last to finish stands.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}")
    fresh.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
    os.replace(fresh, path)
