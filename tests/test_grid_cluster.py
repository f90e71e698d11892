"""A sweep of the grid on Dask: a real scheduler, workers that are killed, machines that share nothing but a network."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from synthetic_grid import children_of, executions, finished, grid_book, sweeping, table, told, wait_for
from synthetic_store import Store, driver, serving

from recount.errors import WrongUse
from recount.grid.cluster import _Work, make_there
from recount.grid.place import Folder
from recount.grid.results import Results
from recount.grid.sweep import grid_of, sweep_grid
from recount.grid.wanted import Wanted

pytest.importorskip("distributed", reason="the extra `scale` is not installed")
pytestmark = pytest.mark.slow
GRID = ("--as-of", "2022-01..2022-03", "--set", "base_low=80,85,90")  # nine editions
DASK = [sys.executable, "-m", "dask"]


@contextmanager
def running(*words: str, log: Path, env: dict[str, str] | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """A program for as long as the block, with all that it started."""
    with log.open("ab") as file:
        process = subprocess.Popen(words, stdout=file, stderr=file, start_new_session=True, env={**os.environ, **(env or {})})
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@contextmanager
def scheduler(folder: Path, *, host: str = "127.0.0.1", prefix: tuple[str, ...] = (), env: dict[str, str] | None = None) -> Iterator[str]:
    """A scheduler's address."""
    log = folder / "scheduler.log"
    with running(*prefix, *DASK, "scheduler", "--host", host, "--port", "0", "--no-dashboard", log=log, env=env):
        yield wait_for(lambda: next((word for word in log.read_text().split() if word.startswith(f"tcp://{host}:")), ""))


def worker(address: str, folder: Path, *more: str) -> list[str]:
    """The words that start a Dask worker."""
    return [*DASK, "worker", address, "--nthreads", "1", "--no-dashboard", "--local-directory", str(folder), *more]


def names(out: Path) -> int:
    return table(out, "SELECT count(DISTINCT (as_of, lang, base_low)) FROM t")[0][0]


def test_a_dask_worker_killed_in_the_midst_costs_no_edition_and_nothing_finished_runs_again(tmp_path):
    book = grid_book(tmp_path / "county", tmp_path / "log", seconds=1).root
    out, log = tmp_path / "out", tmp_path / "log"
    with ExitStack() as stack:
        address = stack.enter_context(scheduler(tmp_path))
        workers = [stack.enter_context(running(*worker(address, tmp_path, "--no-nanny"), log=tmp_path / "worker.log")) for _ in range(2)]
        sweep = sweeping(*GRID, "--out", str(out), "--scheduler", address, "--json", cwd=book)
        wait_for(lambda: len(finished(out)) >= 3 and sum(executions(log).values()) > len(finished(out)))
        victim = workers[0]
        below = children_of(victim.pid, "")
        os.kill(victim.pid, signal.SIGKILL)
        made = told(sweep)
        assert (made["editions"], made["made"], made["failed"], sweep.returncode) == (9, 9, [], 0)
        assert len(finished(out)) == names(out) == 9
        assert len(table(out, "SELECT * FROM t")) == len(table(out, "SELECT DISTINCT edition, kind, id FROM t"))
        after = executions(log)
        # Only what the killed worker had begun and not finished ran twice.
        assert len(after) == 9 and sum(after.values()) - 9 <= 1
        assert not [pid for pid in below if Path(f"/proc/{pid}").exists()]
        # The program that a worker kept warm is let go when the sweep is over.
        wait_for(lambda: not children_of(workers[1].pid, "recount.grid.worker"), seconds=20)
        again = told(sweeping(*GRID, "--out", str(out), "--scheduler", address, "--json", cwd=book))
        assert (again["there"], again["made"]) == (9, 0) and executions(log) == after


def test_workers_that_a_nanny_starts_again_and_a_failing_edition_on_a_local_cluster(tmp_path):
    from distributed import LocalCluster

    book = grid_book(tmp_path / "county", tmp_path / "log", seconds=0.5, extra="assert as_of != '2022-02-28', 'synthetic fault'").root
    grid = grid_of([Folder(book)], period="2022-01..2022-03", langs=["zh"], settings=["base_low=80,85"], edition="since", pages=False)
    killed: list[int] = []
    with LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as cluster:
        def tell(line: str) -> None:
            if "of 6" in line and not killed:
                killed.append(next(iter(cluster.workers.values())).pid)
                os.kill(killed[0], signal.SIGKILL)

        made = sweep_grid(grid, Folder(tmp_path / "out"), scheduler=cluster.scheduler_address, tell=tell)
    assert killed and (made.made, len(made.failures)) == (4, 2)
    assert {finding.code for finding in made.findings} == {"cell.failed"} and "and 1 more" in made.findings[0].where
    assert len(finished(tmp_path / "out")) == names(tmp_path / "out") == 4
    ran = executions(tmp_path / "log")
    assert len(ran) == 6 and sum(ran.values()) <= 7


def test_a_scheduler_that_does_not_answer_or_has_no_workers_is_a_finding(tmp_path):
    results = Results(Folder(tmp_path))
    with pytest.raises(WrongUse) as refused:
        make_there([], results, scheduler="tcp://127.0.0.1:9", told=lambda wanted, made: None, patience=2)
    assert [finding.code for finding in refused.value.findings] == ["sweep.scheduler"]
    with scheduler(tmp_path) as address, pytest.raises(WrongUse) as refused:
        make_there([], results, scheduler=address, told=lambda wanted, made: None, patience=2)
    assert [finding.code for finding in refused.value.findings] == ["sweep.no-workers"]


def download(store: Store, folder: Path) -> Path:
    """What a sweep put into the bucket ``out``, as a folder."""
    for name, body in store.objects.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
    return folder / "out"


def upload(store: Store, book: Path) -> None:
    for path in book.rglob("*"):
        if path.is_file():
            store.objects[f"books/county/{path.relative_to(book).as_posix()}"] = path.read_bytes()


def test_a_book_and_its_results_may_both_lie_in_an_object_store(tmp_path):
    book = grid_book(tmp_path / "county", tmp_path / "log").root
    env = {"PYTHONPATH": str(driver(tmp_path / "driver"))}
    with serving() as store:
        upload(store, book)
        words = ("--as-of", "2022-02..2022-03", "--set", "base_low=80,85", "--book", f"{store.url}/books/county", "--out",
                 f"{store.url}/out", "--json")
        made = told(sweeping(*words, cwd=tmp_path, env=env))
        assert (made["made"], made["failed"]) == (4, []) and names(download(store, tmp_path / "got")) == 4
        results = [name for name in store.puts if name.startswith("out/editions/")]
        assert len(results) == len(set(results)) == 4  # each put once, whole
        # Half of one object is no result: its edition, and no other, is made again.
        store.objects[results[0]] = store.objects[results[0]][:-9]
        again = told(sweeping(*words, cwd=tmp_path, env=env))
        assert (again["there"], again["made"]) == (3, 1) and sum(executions(tmp_path / "log").values()) == 5


# ---- machines of the test's own


def namespaces() -> str:
    """Why network namespaces cannot be made here; empty where they can."""
    if not shutil.which("ip") or not shutil.which("unshare"):
        return "no `ip` or `unshare` on this machine (Debian: iproute2, util-linux)"
    done = subprocess.run(["unshare", "--net", "true"], capture_output=True, text=True)
    if done.returncode:
        return f"network namespaces are not permitted here: {done.stderr.strip()}"
    done = subprocess.run(["ip", "netns", "list"], capture_output=True, text=True)
    return "" if done.returncode == 0 else f"`ip netns` does not work here: {done.stderr.strip()}"


@pytest.fixture
def machines() -> Iterator[Callable[[int], str]]:
    """Make network namespaces, each joined to this one by a pair of virtual cables; ``machines(n)`` is the name of the nth."""
    if reason := namespaces():
        pytest.skip(reason)
    made: list[str] = []
    tag = f"rg{os.getpid() % 10000}"

    def ip(*words: str) -> None:
        subprocess.run(["ip", *words], check=True, capture_output=True)

    def machine(number: int) -> str:
        name, here, there, net = f"{tag}n{number}", f"{tag}h{number}", f"{tag}t{number}", f"10.213.{number}"
        ip("netns", "add", name)
        made.append(name)
        ip("link", "add", here, "type", "veth", "peer", "name", there, "netns", name)
        ip("addr", "add", f"{net}.1/24", "dev", here)
        ip("link", "set", here, "up")
        ip("-n", name, "addr", "add", f"{net}.2/24", "dev", there)
        for each in (there, "lo"):
            ip("-n", name, "link", "set", each, "up")
        ip("-n", name, "route", "add", "default", "via", f"{net}.1")
        return name

    yield machine
    for name in made:
        subprocess.run(["ip", "netns", "pids", name], capture_output=True)
        subprocess.run(["ip", "netns", "del", name], capture_output=True)


def test_machines_that_share_only_a_network_make_every_edition_once_though_one_is_lost(tmp_path, machines):
    book = grid_book(tmp_path / "county", tmp_path / "log", seconds=1).root
    log, env = tmp_path / "log", {"PYTHONPATH": str(driver(tmp_path / "driver"))}
    names_of = [machines(number) for number in (1, 2)]
    with ExitStack() as stack:
        store = stack.enter_context(serving("10.213.1.1"))
        upload(store, book)
        address = stack.enter_context(scheduler(tmp_path, host="10.213.1.1"))
        workers = []
        for number, name in enumerate(names_of, 1):
            words = worker(address, tmp_path / f"machine{number}", "--no-nanny", "--host", f"10.213.{number}.2")
            workers.append(stack.enter_context(running("ip", "netns", "exec", name, *words, log=tmp_path / "worker.log", env=env)))
        elsewhere = [os.readlink(f"/proc/{each.pid}/ns/net") for each in workers]
        assert len({*elsewhere, os.readlink("/proc/self/ns/net")}) == 3 or wait_for(
            lambda: len({os.readlink(f"/proc/{each.pid}/ns/net") for each in workers} | {os.readlink("/proc/self/ns/net")}) == 3)
        sweep = sweeping(*GRID, "--book", f"{store.url}/books/county", "--out", f"{store.url}/out", "--scheduler", address, "--json",
                         cwd=tmp_path, env=env)
        ready = "out/editions/"
        wait_for(lambda: sum(name.startswith(ready) for name in list(store.objects)) >= 3)
        os.killpg(workers[1].pid, signal.SIGKILL)  # the machine is gone, with all that ran on it
        made = told(sweep)
    assert (made["editions"], made["made"], made["failed"]) == (9, 9, [])
    assert names(download(store, tmp_path / "got")) == 9
    put = [name for name in store.puts if name.startswith(ready)]
    assert len(put) == len(set(put)) == 9
    ran = executions(log)
    assert len(ran) == 9 and sum(ran.values()) <= 10


# ---- a task that is over, without a cluster


class KilledWorker(Exception):
    """Of the same name as Dask's own: what a client is told when a task has taken several workers with it."""


class Future:
    """A task that is over."""

    def __init__(self, key: str, *, result: list | None = None, error: Exception | None = None, status: str = "") -> None:
        self.key, self._result, self._error = key, result, error
        self.status = status or ("error" if error else "finished")

    def result(self) -> list | None:
        return self._result

    def exception(self) -> Exception | None:
        return self._error


class Client:
    """Takes tasks and never makes them."""

    def __init__(self) -> None:
        self.tasks: list[list[str]] = []
        self.scheduler = self
        self.address = "tcp://synthetic:1"

    def submit(self, function, store, batch, pure):
        self.tasks.append([each["as_of"] for each in batch])
        return Future(f"task-{len(self.tasks)}")


@pytest.fixture
def work(tmp_path) -> _Work:
    return _Work(Client(), Results(Folder(tmp_path)))


DAYS = [Wanted(book="synthetic", inputs="0", as_of=f"2022-01-0{day}", lang="zh", maker="m") for day in (1, 2, 3)]


def test_the_editions_of_a_task_that_killed_its_workers_are_tried_one_by_one_but_for_those_that_are_finished(work):
    future = work.submit(DAYS)
    work.results.keep(DAYS[0].key, {"rows": []})
    ((first, made),) = work.done(Future(future.key, error=KilledWorker("synthetic")))
    assert first == DAYS[0] and made["state"] == "found"
    assert [each.key for each in work.due()] == ["task-2", "task-3"] and work.client.tasks[1:] == [["2022-01-02"], ["2022-01-03"]]
    assert work.done(Future("task-2", error=KilledWorker("synthetic"))) == [] and work.client.tasks[3:] == []
    (again,) = work.due()
    ((second, made),) = work.done(Future(again.key, error=KilledWorker("synthetic")))
    assert second == DAYS[1] and made["state"] == "failed" and work.results.failure(DAYS[1].key)[0].code == "sweep.worker-lost"
    assert work.due() == []


def test_a_task_that_cannot_be_done_at_all_fails_its_editions_at_once_and_a_lost_scheduler_ends_the_sweep(work):
    future = work.submit(DAYS[:1])
    ((_, made),) = work.done(Future(future.key, error=ModuleNotFoundError("No module named 'recount'")))
    assert made["state"] == "failed" and "No module named 'recount'" in made["findings"][0]["found"]
    with pytest.raises(WrongUse) as refused:
        work.done(Future(work.submit(DAYS[1:]).key, status="cancelled"))
    assert [finding.code for finding in refused.value.findings] == ["sweep.scheduler"]
