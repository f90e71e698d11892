"""The store of results: one file for each finished edition, named by its key.

An edition is finished exactly where its file is there and whole: its first line says how long the rest is and
what its digest is. Workers look here first, so that after a kill, a lost worker or a task handed out twice
nothing finished is executed again. What failed leaves a report, which is no result: the next sweep tries again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from recount.errors import BadInput, Finding
from recount.grid.inputs import Inputs, packed
from recount.grid.place import Place

AT_ONCE = 16  # files read at a time: a remote store answers after tens of milliseconds


@dataclass(frozen=True)
class Results:
    """What lies in the place that ``--out`` names."""

    place: Place

    def find(self, key: str) -> dict[str, Any] | None:
        """The result of an edition: ``edition``, ``rows``, and who made it; None where it is not finished."""
        try:
            return whole(self.place.read(_finished(key)), key)
        except FileNotFoundError:
            return None

    def keep(self, key: str, result: dict[str, Any]) -> None:
        """Write the result of a finished edition; a report of an earlier failure goes."""
        self.place.write(_finished(key), sealed(key, result))
        self.place.remove(_failed(key))

    def fail(self, key: str, told: dict[str, Any]) -> None:
        """Report why an edition could not be made."""
        self.place.write(_failed(key), json.dumps(told, ensure_ascii=False, indent=1).encode("utf-8"))

    def failure(self, key: str) -> list[Finding]:
        """The findings of an edition's last failure; none where it did not fail."""
        try:
            return [Finding(**finding) for finding in json.loads(self.place.read(_failed(key)))["findings"]]
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            return []

    def finished(self, keys: Sequence[str]) -> set[str]:
        """Which of these editions are finished, each file looked at and not only its name."""
        there = {name.removesuffix(".json") for name in self.place.names("editions")}
        with ThreadPoolExecutor(AT_ONCE) as pool:
            asked = [key for key in keys if key in there]
            return {key for key, found in zip(asked, pool.map(self.is_finished, asked), strict=True) if found}

    def is_finished(self, key: str) -> bool:
        """Whether the result of an edition is there and whole."""
        return self.find(key) is not None

    def bring(self, inputs: Iterable[Inputs]) -> None:
        """Lay the inputs of books where workers find them, each once."""
        there = set(self.place.names("inputs"))
        for each in inputs:
            if f"{each.digest}.zip" not in there:
                self.place.write(f"inputs/{each.digest}.zip", packed(each.files))

    def inputs(self, digest: str) -> bytes:
        """The packed inputs of a digest. Raises BadInput where they are gone."""
        try:
            return self.place.read(f"inputs/{digest}.zip")
        except FileNotFoundError:
            raise BadInput(Finding(code="sweep.inputs", where=f"{self.place}/inputs/{digest}.zip", expected="the inputs of a book",
                                   found="no such file", next="sweep again: they are brought before anything runs")) from None


def sealed(key: str, result: dict[str, Any]) -> bytes:
    """A result as it is written: a line with key, length and digest of the rest, and the rest."""
    body = json.dumps(result, ensure_ascii=False, sort_keys=True).encode("utf-8")
    head = {"key": key, "length": len(body), "sha256": hashlib.sha256(body).hexdigest()}
    return json.dumps(head).encode("ascii") + b"\n" + body


def whole(content: bytes, key: str) -> dict[str, Any] | None:
    """What was sealed; None for a part of it, for another edition's, and for anything else."""
    head, _, body = content.partition(b"\n")
    try:
        said = json.loads(head)
        if said != {"key": key, "length": len(body), "sha256": hashlib.sha256(body).hexdigest()}:
            return None
        return dict(json.loads(body))
    except (ValueError, TypeError):
        return None


def _finished(key: str) -> str:
    return f"editions/{key}.json"


def _failed(key: str) -> str:
    return f"failed/{key}.json"
