"""Files that are written only where they say something new.

Sphinx reads a page again when its source, or what the page rests on, is of a later time. A draft that is kept
while an editor works lives by that: a file written again with the same content would cost the reading of a page.
"""

from __future__ import annotations

from pathlib import Path

from recount.whole import write_whole


def write_changed(path: Path, content: str | bytes) -> bool:
    """Write bytes, or text as UTF-8, unless that is what is there; whether it was written."""
    data = content.encode("utf-8") if isinstance(content, str) else content
    try:
        if path.read_bytes() == data:
            return False
    except OSError:  # not there yet
        pass
    write_whole(path, data)
    return True
