"""A limit to the memory of a kernel and all that it starts, kept by a watch on what they hold.

Not by RLIMIT_AS: that counts addresses, of which the engine that draws charts reserves dozens of gigabytes and
uses few. The watch counts pages, each shared one by its share (PSS), looks five times a second, and kills the
kernel's session when it holds more than it may. A cell that takes gigabytes within a fifth of a second is seen
late, unless the operating system keeps the limit as well (``recount.cgroup``), which it does where it lets us ask.
"""

from __future__ import annotations

import contextlib
import os
import re
import signal
import threading
from typing import Any

from nbclient.exceptions import DeadKernelError
from papermill.clientwrap import PapermillNotebookClient

from recount.cgroup import Group, group_for
from recount.errors import Finding, RecountError, WrongUse

EVERY = 0.2  # seconds
UNITS = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12, "ki": 2**10, "mi": 2**20, "gi": 2**30, "ti": 2**40}


class OutOfMemory(RecountError, DeadKernelError):
    """A kernel held more memory than it may, and was killed."""

    exit_code = 1


def parsed_limit(given: int | str | None) -> int | None:
    """A limit in bytes; None where there is none. Raises WrongUse for what is no amount, or cannot be kept here.

    >>> parsed_limit("1.5 GB"), parsed_limit("512MiB"), parsed_limit(None)
    (1500000000, 536870912, None)
    """
    if given is None:
        return None
    found = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?)\s*([kmgt]i?)?b?", str(given).strip().lower())
    amount = int(float(found[1]) * UNITS[found[2] or ""]) if found else 0
    if amount <= 0 or isinstance(given, bool):
        raise WrongUse(Finding(code="memory.limit", where="memory_limit", expected="bytes, or an amount such as 2GB or 512MiB",
                               found=repr(given), done="nothing was run"))
    if not os.path.exists("/proc/self/smaps_rollup"):
        raise WrongUse(Finding(code="memory.unwatched", where="memory_limit", expected="Linux, whose /proc says what a process holds",
                               found="none here", done="nothing was run", next="leave the limit out"))
    return amount


class LimitedClient(PapermillNotebookClient):
    """papermill's client, with an eye on its kernel's memory. ``limit`` in bytes is to be set before it executes."""

    limit: int
    group: Group | None = None

    def execute(self, **kwargs: Any) -> Any:
        try:
            return super().execute(**kwargs)
        finally:
            if self.group is not None:  # its kernel has been shut down by now
                self.group.remove()

    def papermill_execute_cells(self) -> None:
        pid = self.km.provisioner.pid
        self.group = group_for(pid, self.limit)
        with Watch(pid, self.limit) as watch:
            try:
                super().papermill_execute_cells()
            except DeadKernelError:
                if not watch.found and self.group is not None and self.group.overrun:
                    watch.found = self.group.most
                if not watch.found:
                    raise
                raise OutOfMemory(self._finding(watch)) from None

    def _finding(self, watch: Watch) -> Finding:
        # papermill marks a cell as completed in any case; what was never begun has no time.
        begun = [(number, cell) for number, cell in enumerate(self.nb.cells) if cell.metadata.papermill.get("start_time")]
        number, cell = begun[-1] if begun else (0, self.nb.cells[0])
        name = self.nb.metadata.get("papermill", {}).get("input_path") or "notebook"
        return Finding(code="kernel.memory-limit", where=f"{name} cell {cell.get('id', number)} (cell {number + 1} of {len(self.nb.cells)})",
                       expected=f"no more than {in_words(watch.limit)} in the kernel and what it starts",
                       found=in_words(watch.found), done="the kernel was killed",
                       next="raise memory_limit, or read less at a time")


class Watch:
    """Looks at a kernel from time to time, and kills it when it holds too much. ``found`` is what it held then, in bytes."""

    def __init__(self, pid: int, limit: int) -> None:
        self.pid, self.limit, self.found = pid, limit, 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, name="recount-memory", daemon=True)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: Any) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._over.wait(EVERY):
            held = held_by(self.pid, enough=self.limit)
            if held > self.limit:
                self.found = held
                for pid in _session(self.pid):
                    with contextlib.suppress(ProcessLookupError, PermissionError):
                        os.kill(pid, signal.SIGKILL)
                return


def held_by(leader: int, *, enough: int = 0) -> int:
    """Bytes that a session holds in memory, shared pages by their share; a quick upper bound where that is not over ``enough``."""
    session = _session(leader)
    bound = sum(_resident(pid) for pid in session)
    return sum(_share(pid) for pid in session) if bound > enough else bound


def _session(leader: int) -> list[int]:
    """The processes of a session. Kernels lead one of their own; what leaves it is not watched."""
    found = []
    for name in os.listdir("/proc"):
        if name.isdigit():
            with contextlib.suppress(OSError):
                if os.getsid(int(name)) == leader:
                    found.append(int(name))
    return found


def _resident(pid: int) -> int:
    try:
        with open(f"/proc/{pid}/statm") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, IndexError, ValueError):
        return 0


def _share(pid: int) -> int:
    try:
        with open(f"/proc/{pid}/smaps_rollup") as file:
            return next(int(line.split()[1]) * 1024 for line in file if line.startswith("Pss:"))
    except (OSError, StopIteration, ValueError):
        return 0


def in_words(amount: int) -> str:
    """Bytes for people: 1.5 GB."""
    return f"{amount / 10**9:.2f} GB" if amount >= 10**9 else f"{amount / 10**6:.0f} MB"
