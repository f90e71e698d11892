"""Ledgers on disk: canonical JSON, written whole or not at all."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from recount.editions import read_editions
from recount.errors import BadInput, Finding, WrongUse
from recount.project import Project
from recount.whole import write_whole


def canonical(data: Any) -> str:
    """JSON with sorted keys and one entry a line: equal content, equal bytes, readable diffs."""
    return json.dumps(data, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def write_json(path: Path, data: Any) -> None:
    """Write canonical JSON atomically; a reader sees the old file or the new one."""
    write_whole(path, canonical(data))


def read_json(path: Path, *, name: str) -> Any:
    """Read a JSON file of ours; BadInput where it is missing or cut short."""
    try:
        return json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        found = "no such file"
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        found = str(error)
    raise BadInput(Finding(code="ledger.unreadable", where=name, expected="a ledger", found=found,
                           next="recount check"))


def judged_path(project: Project, edition: str) -> Path:
    """Where the first wave's judged ledger lies for the notebooks of the second."""
    return project.ledgers / f"judged-{edition}.json"


def read_judged(project: Project, as_of: str) -> dict[str, Any]:
    """The judged ledger as ``desk.ledger()`` returns it; WrongUse where no book has been run for that day.

    A run knows its edition, and two editions of one day may differ in what they assume; by hand it is the first
    edition of the day.
    """
    return _of_the_edition(project, as_of, place=judged_path, asked="ledger()",
                           expected="the judged ledger of the other notebooks", code="ledger.not-yet")


def swept_path(project: Project, edition: str) -> Path:
    """Where the sweep of an edition lies for the notebooks that read it."""
    return project.build / "sweep" / f"{edition}.json"


def read_swept(project: Project, as_of: str) -> list[dict[str, str]]:
    """The verdicts as of each month that were kept for the edition of that day, as ``desk.sweep()`` returns them;
    WrongUse where there are none."""
    return _of_the_edition(project, as_of, place=swept_path, asked="sweep()", expected="the sweep of the other notebooks",
                           code="sweep.not-yet")["rows"]


def _of_the_edition(project: Project, as_of: str, *, place: Callable[[Project, str], Path], asked: str, expected: str,
                    code: str) -> Any:
    edition = os.environ.get("RECOUNT_EDITION") or next(
        (name for name, each in read_editions(project.book / "editions.toml").items()
         if each.as_of.isoformat() == as_of), as_of)
    path = place(project, edition)
    if not path.is_file():
        raise WrongUse(Finding(code=code, where=f"desk.{asked} as of {as_of}", expected=expected, found="none yet",
                               next="recount check, then run this notebook again"))
    return read_json(path, name=project.short(path))
