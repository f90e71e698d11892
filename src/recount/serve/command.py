"""``recount serve``: everything is started, and everything that was started is ended."""

from __future__ import annotations

import recount.lean  # noqa: F401

# isort: split
import asyncio
import contextlib
import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import forkserver

import click
from tornado.httpserver import HTTPServer

from recount.editions import edition_named, read_editions
from recount.errors import Finding, WrongUse
from recount.project import Project
from recount.runner import AHEAD, kernels_of
from recount.serve.lab import lab_command
from recount.serve.residents import Key, Residents
from recount.serve.watch import saves
from recount.serve.web import Draft, application
from recount.serve.work import Work

ADDRESS = "127.0.0.1"
LAB = "from recount.serve.lifeline import main; main()"


def serve_draft(project: Project, *, port: int, edition: str, lang: str, opens: bool, edits: bool) -> None:
    """Serve the live draft of a book until Ctrl-C.

    Raises WrongUse ``serve.port-taken`` and ``edition.unknown``, and BadInput where ``editions.toml`` cannot be read.
    """
    edition_named(read_editions(project.book / "editions.toml"), edition)
    listener = _listener(port)
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(project, listener, first=Key(edition, lang), opens=opens, edits=edits))


def _listener(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    if os.name == "posix":  # a port of which an ended session's connections are still closing is free
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((ADDRESS, port))
    except OSError as error:
        listener.close()
        raise WrongUse(Finding(code="serve.port-taken", where=f"{ADDRESS}:{port}", expected="a port that is free",
                               found=str(error.strerror), done="nothing was started",
                               next="stop what uses it, or recount serve --port 0")) from None  # fmt: skip
    listener.listen(128)
    listener.setblocking(False)
    return listener


async def _serve(project: Project, listener: socket.socket, *, first: Key, opens: bool, edits: bool) -> None:
    over = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(number, lambda: _second(over))
    address = f"http://{ADDRESS}:{listener.getsockname()[1]}/"
    residents = Residents(project)
    # By a wire: a tenth of a second less for each save, and what is shown is a draft.
    with kernels_of(project, transport="wire") as kernels, _lab(project, edits):
        work = Work(project, residents, kernels=kernels, told=lambda: draft.tell())
        draft = Draft(project, work, first=first)
        server = HTTPServer(application(draft))
        server.add_socket(listener)
        click.echo(f"{address}\nlive draft of {first.lang}/{first.edition}; Ctrl-C ends it")
        tasks = [asyncio.create_task(each) for each in (
            work.go_on(), _listen(project, work), residents.get(first), asyncio.to_thread(_warm, kernels), over.wait())]  # fmt: skip
        if opens:
            await asyncio.to_thread(webbrowser.open, f"{address}{first.lang}/{first.edition}/index.html")
        try:
            await _first_end(tasks, over)
        finally:
            server.stop()
            for task in tasks:
                task.cancel()
            await work.end()
            await residents.end_all()
            await asyncio.gather(*tasks, return_exceptions=True)
            await server.close_all_connections()


async def _first_end(tasks: list[asyncio.Task], over: asyncio.Event) -> None:
    """Wait until it is over; a task that fails is a fault of ours, and is raised."""
    waiting = set(tasks)
    while waiting and not over.is_set():
        done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()


async def _listen(project: Project, work: Work) -> None:
    async for saved in saves(project):
        work.saved(saved)


def _second(over: asyncio.Event) -> None:
    """Ctrl-C ends it in order; a second one at once, and whatever is left follows by its lifeline."""
    if over.is_set():
        os._exit(130)
    over.set()


def _warm(kernels: object) -> None:
    """Start what the first run would wait for."""
    _ = kernels.socket  # type: ignore[attr-defined]
    if "forkserver" in multiprocessing.get_all_start_methods():
        multiprocessing.get_context("forkserver").set_forkserver_preload([AHEAD])
        forkserver.ensure_running()


@contextmanager
def _lab(project: Project, edits: bool) -> Iterator[None]:
    """JupyterLab beside the draft, ended with it."""
    if not edits:
        yield
        return
    lab = subprocess.Popen([sys.executable, "-c", LAB, *lab_command(project)], stdin=subprocess.PIPE, cwd=project.root,
                           start_new_session=True)  # fmt: skip
    try:
        yield
    finally:
        assert lab.stdin is not None
        lab.stdin.close()
        try:
            lab.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(lab.pid, signal.SIGKILL)
