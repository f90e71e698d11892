"""Archives that are the same bytes each time: entries in a fixed order, one date, no owner, no extra fields."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable
from io import BytesIO

# The first day that the format knows. An archive's day would be the clock's; what it holds says its own.
DAY = (1980, 1, 1, 0, 0, 0)
# Compressed already: to pack them again takes time and saves nothing.
PACKED = (".pdf", ".epub", ".png", ".woff2", ".zip")


def pack(entries: Iterable[tuple[str, bytes]], *, first: tuple[str, bytes] | None = None) -> bytes:
    """A zip of named contents, sorted by name. `first` goes before all, unpacked: EPUB asks that of its mimetype.

    >>> pack([("b", b"2"), ("a", b"1")]) == pack([("a", b"1"), ("b", b"2")])
    True
    """
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        if first:
            _write(archive, *first, zipfile.ZIP_STORED)
        for name, data in sorted(entries):
            _write(archive, name, data, zipfile.ZIP_STORED if name.endswith(PACKED) else zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _write(archive: zipfile.ZipFile, name: str, data: bytes, method: int) -> None:
    entry = zipfile.ZipInfo(name, DAY)
    entry.compress_type = method
    entry.create_system = 3  # as on Unix, wherever it is made: names are UTF-8 and modes are kept
    entry.external_attr = 0o100644 << 16
    archive.writestr(entry, data, compresslevel=None if method == zipfile.ZIP_STORED else 6)
