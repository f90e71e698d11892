"""The work on many machines: a Dask scheduler hands it out, and its workers each own a worker's program.

A task is a few neighbouring editions and returns a few words for each; results go to the store. What a lost Dask
worker had finished is found there by whoever gets its task next, and is not executed again.
"""

from __future__ import annotations

import atexit
import threading
from collections.abc import Callable, Sequence
from typing import Any

from recount.errors import Finding, WrongUse
from recount.grid.extra import extra
from recount.grid.local import TRIES, lost_for_good, make_or_report
from recount.grid.process import WorkerProcess
from recount.grid.results import Results
from recount.grid.wanted import Wanted

AT_MOST = 8  # editions in a task: what is told of late, and what the next worker has to look up when one is lost
PER_WORKER = 4  # tasks for each worker at the start, so that a slow one does not keep the others waiting in the end
PATIENCE = 60  # seconds for a scheduler to answer, and for a first worker to be there
Told = Callable[[Wanted, dict[str, Any]], None]

_free: list[WorkerProcess] = []
_lock = threading.Lock()


def make_there(editions: Sequence[Wanted], results: Results, *, scheduler: str, told: Told, patience: float = PATIENCE) -> None:
    """Make editions on the workers of a Dask scheduler, and call ``told`` for each with what became of it.

    Raises WrongUse where the scheduler does not answer (``sweep.scheduler``) or has no workers (``sweep.no-workers``).
    """
    distributed = extra("distributed", wanted_for=f"--scheduler {scheduler}")
    with _client(distributed, scheduler, patience) as client:
        threads = sum(client.nthreads().values())
        size = max(1, min(AT_MOST, len(editions) // (threads * PER_WORKER)))
        work = _Work(client, results)
        waiting = distributed.as_completed([work.submit(editions[at:at + size]) for at in range(0, len(editions), size)],
                                           loop=client.loop)
        for future in waiting:
            for wanted, made in work.done(future):
                told(wanted, made)
            for again in work.due():
                waiting.add(again)
        client.run(release)


class _Work:
    """The tasks that are out, and how often each edition has been tried."""

    def __init__(self, client: Any, results: Results) -> None:
        self.client, self.results = client, results
        self.out: dict[str, Sequence[Wanted]] = {}
        self.tries: dict[str, int] = {}
        self.again: list[Wanted] = []

    def submit(self, batch: Sequence[Wanted]) -> Any:
        future = self.client.submit(make_batch, self.results.place.url, [wanted.as_dict() for wanted in batch], pure=False)
        self.out[future.key] = batch
        return future

    def due(self) -> list[Any]:
        """Submit what is to be tried again, each edition by itself: one that kills its workers takes no other with it."""
        due, self.again = self.again, []
        return [self.submit([wanted]) for wanted in due]

    def done(self, future: Any) -> list[tuple[Wanted, dict[str, Any]]]:
        """What became of the editions of a task that is over, but for those that are to be tried again."""
        batch = self.out.pop(future.key)
        if future.status == "finished":
            return list(zip(batch, future.result(), strict=True))
        if future.status in ("cancelled", "lost"):
            raise WrongUse(Finding(code="sweep.scheduler", where=str(self.client.scheduler.address), expected="a scheduler that stays",
                                   found=f"a task was {future.status}", done="what is finished is kept", next="sweep again"))
        error = future.exception()
        told = []
        for wanted in batch:
            self.tries[wanted.key] = self.tries.get(wanted.key, 0) + 1
            if self.results.is_finished(wanted.key):
                told.append((wanted, {"key": wanted.key, "state": "found"}))
            elif type(error).__name__ == "KilledWorker" and self.tries[wanted.key] < TRIES:
                self.again.append(wanted)
            else:
                told.append((wanted, lost_for_good(wanted, self.results, f"{type(error).__name__}: {error}"[:600])))
        return told


def _client(distributed: Any, scheduler: str, patience: float) -> Any:
    try:
        client = distributed.Client(scheduler, timeout=patience, set_as_default=False)
    except (OSError, ValueError, TimeoutError, RuntimeError) as error:
        raise WrongUse(Finding(code="sweep.scheduler", where=f"--scheduler {scheduler}", expected="a Dask scheduler that answers",
                               found=f"{type(error).__name__}: {error}"[:300], done="nothing was run",
                               next="dask scheduler --port 8786")) from None
    try:
        client.wait_for_workers(1, timeout=patience)
    except TimeoutError:
        client.close()
        raise WrongUse(Finding(code="sweep.no-workers", where=f"--scheduler {scheduler}", expected="at least one Dask worker",
                               found=f"none within {patience:.0f} s", done="nothing was run",
                               next=f"dask worker {scheduler} --nthreads 1")) from None
    return client


def make_batch(store: str, batch: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The task: have editions made by a worker's program that this Dask worker owns, one after the other."""
    from recount.grid.place import place_of

    results = Results(place_of(store))
    process = _taken(store)
    try:
        return [make_or_report(process, Wanted(**wanted), results) for wanted in batch]
    finally:
        with _lock:
            _free.append(process)


def _taken(store: str) -> WorkerProcess:
    """A program that no other thread of this Dask worker uses; warm, if one is left from the task before."""
    with _lock:
        for process in _free:
            if process.store == store:
                _free.remove(process)
                return process
    return WorkerProcess(store)


@atexit.register
def release() -> None:
    """End the programs that this Dask worker owns and does not use."""
    with _lock:
        processes = list(_free)
        _free.clear()
    for process in processes:
        process.close()
