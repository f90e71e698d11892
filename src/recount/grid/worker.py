"""The worker's program: makes editions one by one and keeps what is warm. ``python -m recount.grid.worker``

Lines of JSON: on standard input first where results lie and a folder to work in, then an edition each; on
standard output what became of it. What the program and its libraries print goes to standard error. It ends when
its input does, also in the midst of an edition: whoever started it is gone, and nobody would hear of it.

A program of its own, and no thread or fork of its owner: a Dask worker is daemonic and may not start processes by
multiprocessing, and has set variables that are read when numpy is imported. The pool on one machine starts the
same program.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
import traceback
from pathlib import Path
from queue import SimpleQueue
from typing import Any, TextIO

import recount.lean  # noqa: F401

# isort: split
from recount.errors import BadInput, Finding, RecountError
from recount.grid.judging import Bench
from recount.grid.place import place_of
from recount.grid.process import remove
from recount.grid.results import Results
from recount.grid.wanted import Wanted, maker_of

_leaving = threading.Event()  # nobody hears of what fails from now on, and it need not be a failure
IDLE = 600.0  # seconds without an edition: a sweep whose end was never told of


class Worker:
    """One worker with one warm bench: that of the book it was last asked for."""

    def __init__(self, results: Results, folder: Path) -> None:
        self.results, self.folder = results, folder
        self.makers: dict[bool, str] = {}
        self._bench: Bench | None = None

    def make(self, wanted: Wanted) -> dict[str, Any]:
        """Make an edition that is not finished yet, and keep its result or a report of its failure.

        ``state`` is ``found`` (finished before), ``executed`` or ``failed``.
        """
        began = time.monotonic()
        try:
            told = {"state": "found"} if self.results.is_finished(wanted.key) else self._made(wanted)
        except RecountError as error:
            told = {"state": "failed", "findings": [finding.as_dict() for finding in error.findings]}
        except Exception:
            fault = Finding(code="internal.error", where=str(wanted), expected="an edition", found=traceback.format_exc()[-2000:])
            told = {"state": "failed", "findings": [fault.as_dict()]}
        told = {"key": wanted.key, "seconds": round(time.monotonic() - began, 2), **told}
        if told["state"] == "failed" and not _leaving.is_set():
            self.results.fail(wanted.key, {"edition": wanted.as_dict(), **told})
        return told

    def _made(self, wanted: Wanted) -> dict[str, Any]:
        mine = self.makers.setdefault(wanted.pages, maker_of(pages=wanted.pages))
        if mine != wanted.maker:
            raise BadInput(Finding(code="sweep.other-worker", where=f"worker {os.uname().nodename}", expected=f"the maker {wanted.maker}",
                                   found=mine, done="nothing was run", next="give all machines the same recount and the same Python"))
        bench = self.bench(wanted)
        made = bench.make(wanted)
        result: dict[str, Any] = {"edition": wanted.as_dict(), "rows": list(made.rows)}
        if wanted.pages:
            from recount.grid.sites import publish

            result["site"] = publish(bench, wanted, self.results.place)
        self.results.keep(wanted.key, result)
        return {"state": "executed", "ran": made.ran, "stood": made.stood}

    def bench(self, wanted: Wanted) -> Bench:
        """The bench of an edition's book; another book's is cleared away for it."""
        if self._bench is None or self._bench.digest != wanted.inputs:
            self.close()
            self._bench = Bench(self.folder / wanted.inputs[:12], self.results.inputs(wanted.inputs), digest=wanted.inputs,
                                where=f"{self.results.place}/inputs/{wanted.inputs}.zip")
        return self._bench

    def close(self) -> None:
        if self._bench is not None:
            self._bench.__exit__()
            self._bench = None


def main() -> None:
    """Answer each line of standard input with one on standard output, until there are no more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the owner decides what Ctrl-C stops
    answers = _own_output()
    lines: SimpleQueue[str | None] = SimpleQueue()
    first = sys.stdin.readline()
    if not first:
        return
    order = json.loads(first)
    folder = Path(order["folder"])
    threading.Thread(target=_listen, args=(lines, folder), daemon=True).start()
    worker = Worker(Results(place_of(order["store"])), folder)
    while True:
        try:
            line = lines.get(timeout=IDLE)
        except Exception:  # queue.Empty
            break
        told = worker.make(Wanted(**json.loads(line or "{}")))
        try:
            answers.write(json.dumps(told, ensure_ascii=False) + "\n")
            answers.flush()
        except BrokenPipeError:  # its owner went while this was made; what is cleared away is the same
            break
    worker.close()
    _leave(folder)


def _own_output() -> TextIO:
    """Keep standard output for answers alone; what anything else prints goes to standard error."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return answers


def _listen(lines: SimpleQueue[str | None], folder: Path) -> None:
    for line in sys.stdin:
        lines.put(line)
    _leave(folder)


def _leave(folder: Path) -> None:
    """End at once. The template, papermill's processes and their kernels watch for that and end with this process.

    Until they have ended they write in the folder, and so may the edition that is being made in the main thread: a
    process of its own, which holds nothing open by which they live, removes it then.
    """
    _leaving.set()
    if os.fork() == 0:
        os.closerange(0, 4096)
        remove(folder)
    os._exit(0)


if __name__ == "__main__":
    main()
