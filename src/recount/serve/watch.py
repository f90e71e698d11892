"""What an editor saves: changed files of the book, by what must be done about them.

Editors write in place, or write another file and rename it over the old one, and leave swap files and copies
around. Only names that the book reads count.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from pathlib import Path

from watchfiles import awatch

from recount.project import Project

# A save is several events within some milliseconds. So long it must be quiet, and no longer may it take.
QUIET, LONGEST = 25, 400  # milliseconds
OF_THE_ROOT = frozenset({"_config.yml", "_toc.yml", "LICENSE-DATA"})


@dataclass(frozen=True)
class Saved:
    """Files that changed together: notebooks by stem, and whether data, or anything else of the book, is among them."""

    notebooks: frozenset[str] = frozenset()
    data: bool = False
    other: bool = False

    def __bool__(self) -> bool:
        return bool(self.notebooks or self.data or self.other)


def sorted_out(project: Project, paths: Iterable[Path]) -> Saved:
    """What these files are to the book; nothing where it reads none of them."""
    notebooks: set[str] = set()
    data = other = False
    for path in paths:
        if _is_noise(path.name):
            continue
        try:
            parts = path.relative_to(project.root).parts
        except ValueError:
            continue
        if any(part.startswith(".") for part in parts):
            continue
        match parts:
            case ("notebooks", name) if name.endswith(".ipynb") and name[:2].isdigit():
                notebooks.add(path.stem)
            case ("data", *_) if path.suffix in (".csv", ".json"):
                data = True
            case ("book", *_):
                other = True
                # What an edition knows and assumes, and the words of units, go into runs as the data does.
                data = data or path.name == "editions.toml"
            case (name,) if name in OF_THE_ROOT:
                other = True
    return Saved(frozenset(notebooks), data, other)


async def saves(project: Project) -> AsyncIterator[Saved]:
    """Each save, as soon as the files are quiet. Ends when the task is cancelled."""
    folders = [path for path in (project.notebooks, project.book, project.data) if path.is_dir()]
    found: asyncio.Queue[Saved] = asyncio.Queue()

    async def watch(*paths: Path, below: bool) -> None:
        async for changes in awatch(*paths, watch_filter=lambda _, path: bool(sorted_out(project, [Path(path)])), debounce=LONGEST,
                                    step=QUIET, recursive=below, ignore_permission_denied=True):  # fmt: skip
            found.put_nowait(sorted_out(project, [Path(path) for _, path in changes]))

    # The root for its own files alone: below it lies `_build`.
    watching = [asyncio.create_task(watch(*folders, below=True)), asyncio.create_task(watch(project.root, below=False))]
    try:
        while True:
            yield await found.get()
    finally:
        for task in watching:
            task.cancel()
        await asyncio.gather(*watching, return_exceptions=True)


def _is_noise(name: str) -> bool:
    """Swap files, copies and half-written files of editors."""
    return name.startswith((".", "#", "~")) or name.endswith(("~", ".swp", ".swx", ".tmp", ".bak", ".part", ".orig", "#")) or name == "4913"
