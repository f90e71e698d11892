"""What a book brings to a worker: its inputs as they were when the sweep began, in one file named by its digest.

A worker has no other access to the book. So it does not matter where the book lies or who edits it meanwhile,
what is not in here cannot reach a number, and the digest of what is in here is that of all inputs of an edition.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from recount.errors import BadInput, Finding
from recount.grid.place import Place, relative_names
from recount.keys import RUN_TAGS

EDITIONS = "book/editions.toml"
AT_ROOT = ("_config.yml", "_toc.yml", "requirements.lock")
WITH_PAGES = ("LICENSE-DATA", "CHANGELOG.md")


@dataclass(frozen=True)
class Inputs:
    """The inputs of one book, by path relative to it. ``editions`` is the text of the list of its editions."""

    book: str
    files: Mapping[str, bytes]
    editions: bytes
    pages: bool

    @property
    def digest(self) -> str:
        return digest_of(self.files)


def read_inputs(place: Place, *, pages: bool) -> Inputs:
    """Read what the editions of a book rest on: data and code; with ``pages`` also prose and settings of pages.

    Without, of a notebook only its code: an edited sentence makes no edition anew. Raises BadInput
    (``sweep.no-book``) where there is no book.
    """
    root = set(place.names())
    data = place.tree("data")
    if "_config.yml" not in root or "data/datapackage.json" not in data:
        raise BadInput(Finding(code="sweep.no-book", where=f"--book {place}", found="none", done="nothing was run",
                               expected="a book: a folder with _config.yml and data/datapackage.json"))
    # Modules of the book's own may lie beside the notebooks or at the root.
    names = [*data, *place.tree("notebooks"), *sorted(root.intersection(AT_ROOT)), *sorted(n for n in root if n.endswith(".py"))]
    if pages:
        names += [*place.tree("book"), *sorted(root.intersection(WITH_PAGES))]
    files = {name: place.read(name) for name in names}
    if not pages:
        files = {name: code_alone(content) if name.endswith(".ipynb") else content for name, content in files.items()}
    try:
        editions = place.read(EDITIONS)
    except FileNotFoundError:
        editions = b""
    return Inputs(book=place.name, files=files, editions=editions, pages=pages)


def code_alone(notebook: bytes) -> bytes:
    """A notebook as canonical JSON of its code cells and what in their tags changes a run; as it is if it is none."""
    try:
        read = json.loads(notebook)
        cells = [{"cell_type": "code", "id": cell["id"], "source": "".join(cell["source"]), "outputs": [], "execution_count": None,
                  "metadata": {"tags": sorted(RUN_TAGS.intersection(cell["metadata"].get("tags", [])))}}
                 for cell in read["cells"] if cell["cell_type"] == "code"]
    except (ValueError, KeyError, TypeError, AttributeError):
        return notebook  # whoever reads it as a notebook says what is wrong with it
    made = {"cells": cells, "metadata": {}, "nbformat": read.get("nbformat"), "nbformat_minor": read.get("nbformat_minor")}
    return json.dumps(made, ensure_ascii=False, sort_keys=True, indent=1).encode("utf-8")


def digest_of(files: Mapping[str, bytes]) -> str:
    """One digest of all names and contents."""
    listed = sorted((name, hashlib.sha256(content).hexdigest()) for name, content in files.items())
    return hashlib.sha256(json.dumps(listed, ensure_ascii=False).encode("utf-8")).hexdigest()


def packed(files: Mapping[str, bytes]) -> bytes:
    """The files in one zip, which has the same bytes for the same files."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            archive.writestr(zipfile.ZipInfo(name), files[name], zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def unpack(content: bytes, folder: Path, *, digest: str, where: str) -> None:
    """Lay the files out in an empty folder. Raises BadInput (``sweep.inputs``) where they are not those of the digest."""
    def damaged(found: str) -> BadInput:
        return BadInput(Finding(code="sweep.inputs", where=where, expected=f"the inputs of digest {digest[:12]}", found=found,
                                done="nothing was run", next="delete the file and sweep again"))

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            files = {name: archive.read(name) for name in archive.namelist()}
    except (zipfile.BadZipFile, ValueError, OSError, EOFError) as error:
        raise damaged(str(error)) from None
    if digest_of(files) != digest or not all(relative_names(name) for name in files):
        raise damaged("others")
    for name, text in files.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text)
