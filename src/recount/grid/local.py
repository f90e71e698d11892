"""The work on one machine: a few workers side by side, neighbouring days to the same one."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

from recount.errors import Finding
from recount.grid.process import Lost, WorkerProcess
from recount.grid.results import Results
from recount.grid.wanted import Wanted

TRIES = 3
Told = Callable[[Wanted, dict[str, Any]], None]


class Deal:
    """Editions dealt out in order: to each worker a stretch of its own, to one that has done the half of another's.

    So days that ask the same meet at one worker, where one run stands for them all.
    """

    def __init__(self, editions: Sequence[Wanted], workers: int) -> None:
        size, more = divmod(len(editions), workers)
        ends = [number * size + min(number, more) for number in range(workers + 1)]
        self._hands = [deque(editions[first:last]) for first, last in pairwise(ends)]
        self._lock = threading.Lock()

    def next(self, worker: int) -> Wanted | None:
        """The next edition for a worker; None where nothing is left to deal."""
        with self._lock:
            hand = self._hands[worker]
            if not hand:
                fullest = max(self._hands, key=len)
                for _ in range((len(fullest) + 1) // 2):
                    hand.appendleft(fullest.pop())
            return hand.popleft() if hand else None


def make_here(editions: Sequence[Wanted], results: Results, *, workers: int, told: Told) -> None:
    """Make editions by worker processes of this machine, and call ``told`` for each with what became of it.

    An edition whose worker was lost is tried again by a new one, three times in all; then it has failed.
    """
    deal = Deal(editions, workers)
    processes = [WorkerProcess(results.place.url) for _ in range(workers)]
    lock, stop, faults = threading.Lock(), threading.Event(), []

    def work(number: int) -> None:
        try:
            while not stop.is_set() and (wanted := deal.next(number)) is not None:
                made = make_or_report(processes[number], wanted, results, stop=stop)
                if made is not None:
                    with lock:
                        told(wanted, made)
        except BaseException as error:
            faults.append(error)
            stop.set()

    threads = [threading.Thread(target=work, args=(number,), daemon=True) for number in range(workers)]
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            while thread.is_alive():
                thread.join(0.2)  # so that Ctrl-C is heard
    finally:
        stop.set()
        for process in processes:
            process.close()
    if faults:
        raise faults[0]


def make_or_report(process: WorkerProcess, wanted: Wanted, results: Results, *,
                   stop: threading.Event | None = None) -> dict[str, Any] | None:
    """Have an edition made, by a new worker where one is lost; a failure where three are.

    None where all is to ``stop`` and its worker was ended for that: then it neither was made nor failed.
    """
    lost = ""
    for _ in range(TRIES):
        try:
            return process.make(wanted)
        except Lost as error:
            lost = str(error)
        if stop is not None and stop.is_set():
            return None
    return lost_for_good(wanted, results, lost)


def lost_for_good(wanted: Wanted, results: Results, found: str) -> dict[str, Any]:
    """The failure of an edition that took every worker with it, reported as any other."""
    finding = Finding(code="sweep.worker-lost", where=str(wanted), expected=f"a worker that lives, in {TRIES} tries", found=found,
                      done="its edition was left out", next="look at the memory that it takes, then sweep again")
    made = {"key": wanted.key, "state": "failed", "findings": [finding.as_dict()]}
    results.fail(wanted.key, {"edition": wanted.as_dict(), **made})
    return made
