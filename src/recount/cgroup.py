"""A memory limit that the operating system keeps: a group of processes of its own, where we may make one.

Linux with cgroup v2, in a folder that may be written to and whose groups are limited by memory (a container with
a delegated group, a systemd user session). It catches at once what a watch (``recount.memory``) sees only when it
looks next. The watch goes on beside it: a group that could not be made, or does not do what it says, costs nothing.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path

ROOT = Path("/sys/fs/cgroup")
OWN = Path("/proc/self/cgroup")


@dataclass(frozen=True)
class Group:
    """One group of processes that may hold ``limit`` bytes together; all of them are killed when they hold more."""

    folder: Path

    @property
    def overrun(self) -> bool:
        """Whether something in it was killed for the limit."""
        try:
            events = dict(line.split() for line in (self.folder / "memory.events").read_text().splitlines())
        except (OSError, ValueError):
            return False
        return int(events.get("oom_kill", 0)) > 0

    @property
    def most(self) -> int:
        """The most that it ever held, in bytes; 0 where that is not told."""
        try:
            return int((self.folder / "memory.peak").read_text())
        except (OSError, ValueError):
            return 0

    def remove(self) -> None:
        """Take it away again. It is empty once its kernel has ended; otherwise it stays, and does no harm."""
        with contextlib.suppress(OSError):
            self.folder.rmdir()


def group_for(pid: int, limit: int) -> Group | None:
    """Put a process, and so all that it starts, into a group of its own; None where that cannot be done."""
    for parent in _places():
        folder = parent / f"recount-{pid}"
        try:
            if "memory" not in (parent / "cgroup.subtree_control").read_text().split():
                continue
            folder.mkdir()
        except OSError:
            continue
        try:
            (folder / "memory.max").write_text(str(limit))
            with contextlib.suppress(OSError):  # or it would only grow slower
                (folder / "memory.swap.max").write_text("0")
            (folder / "memory.oom.group").write_text("1")
            (folder / "cgroup.procs").write_text(str(pid))  # last: it is limited from here on
        except OSError:
            Group(folder).remove()
            continue
        return Group(folder)
    return None


def _places() -> list[Path]:
    """Where a group may be made: below our own, or beside it, since one that holds processes may have none below."""
    try:
        named = [line.split("::", 1)[1] for line in OWN.read_text().splitlines() if line.startswith("0::")]
    except OSError:
        return []
    if not named or not (ROOT / "cgroup.controllers").is_file():  # version 1
        return []
    own = ROOT / named[0].strip("/")
    return [own] if own == ROOT else [own, own.parent]
