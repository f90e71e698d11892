"""A kernel on a wire: ipykernel's own kernel and application, with ``recount.wire`` where its ZMQ sockets would be.

What runs cells, catches outputs and makes messages is ipykernel's. Different is what carries messages: no sockets
to bind, no context of ZMQ and none of its five threads; a message is sent by the thread that has something to say.
That follows ipykernel's inside, not only its interface, so the torture notebook of ``tests/test_engine.py`` is held
against stock papermill on a wire as well.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import queue
import select
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

import zmq
from ipykernel.iostream import PIPE_BUFFER_SIZE, BackgroundSocket, IOPubThread, OutStream
from ipykernel.ipkernel import IPythonKernel
from ipykernel.kernelapp import IPKernelApp
from ipykernel.kernelbase import Kernel
from tornado.ioloop import IOLoop
from traitlets import Any as Anything
from traitlets import default

from recount.wire import CONTROL, IOPUB, SHELL, Wire


class Channel:
    """One channel of a wire, as far as ipykernel asks for a socket or a stream of ZMQ."""

    def __init__(self, wire: Wire, name: bytes) -> None:
        self.wire, self.name = wire, name
        self.io_loop = IOLoop.current()
        self.received: Callable[[list[zmq.Frame]], Any] | None = None

    def on_recv(self, callback: Callable[[list[zmq.Frame]], Any], **_: Any) -> None:
        self.received = callback

    def send_multipart(self, frames: Sequence[Any], *_: Any, **__: Any) -> None:
        with contextlib.suppress(OSError):  # the client is gone, and the template ends this kernel
            self.wire.send(self.name, [frame.bytes if isinstance(frame, zmq.Frame) else frame for frame in frames])

    def flush(self, *_: Any, **__: Any) -> None:
        """Nothing is ever held back."""

    def close(self) -> None:
        """The wire is closed by its owner."""


class Publisher(IOPubThread):
    """Sends outputs in the thread that makes them. Its own thread never runs, which ipykernel knows how to deal with."""

    def __init__(self, channel: Channel, session: Any) -> None:
        self.socket, self.session = channel, session
        self.thread = threading.Thread(name="IOPub")
        self.io_loop = Later()
        self.background_socket = BackgroundSocket(self)
        self._stopped, self._pipe_flag, self._master_pid = False, False, os.getpid()
        self._event_pipes = {}


class Later:
    """The part of an event loop that a stream uses: a call in a while. One thread, started by the first call."""

    def __init__(self) -> None:
        self._due: queue.SimpleQueue[tuple[float, Callable[[], None]]] = queue.SimpleQueue()
        self._started = False

    def call_later(self, seconds: float, act: Callable[[], None]) -> None:
        """Call in so many seconds. They are always the same number, so the first asked for is the first due."""
        self._due.put((time.monotonic() + seconds, act))
        if not self._started:
            self._started = True
            threading.Thread(target=self._run, name="IOPub", daemon=True).start()

    def _run(self) -> None:
        while True:
            due, act = self._due.get()
            time.sleep(max(0.0, due - time.monotonic()))
            act()


class Stream(OutStream):
    """ipykernel's stream, with what C code and child processes write to the descriptor in its place among the rest.

    In stock a thread reads that, and may come late: behind what was printed after it, seldom behind the cell's end.
    Here no thread switch delays the end, so it would come late more often; it is read before anything that follows.
    """

    def _setup_stream_redirects(self, name: str) -> None:
        self._reading = threading.Lock()
        super()._setup_stream_redirects(name)

    def _watch_pipe_fd(self) -> None:
        watched = select.poll()
        watched.register(self._fid, select.POLLIN)
        while self._should_watch:
            watched.poll()
            self._catch_up()

    def _catch_up(self) -> None:
        """Take over what lies in the pipe. Not in a child process, whose pipe is its parent's."""
        if not self._should_watch or not self._is_master_process():
            return
        watched = select.poll()
        watched.register(self._fid, select.POLLIN)
        with self._reading:
            while watched.poll(0):
                read = os.read(self._fid, PIPE_BUFFER_SIZE)
                if not self._should_watch:
                    return
                super().write(read.decode(errors="replace"))
                os.write(self._original_stdstream_copy, read)

    def write(self, string: str) -> int | None:
        self._catch_up()
        return super().write(string)

    def flush(self) -> None:
        self._catch_up()
        super().flush()


class NoThread:
    """Stands where the thread of the shell's channel would: cells that await ask whose thread it was made in."""

    def __init__(self) -> None:
        self.parent_thread = threading.current_thread()

    def __bool__(self) -> bool:
        return False


class WiredKernel(IPythonKernel):
    """ipykernel's kernel with channels instead of streams; without a debugger's socket and without subshells."""

    shell_stream = Anything()
    control_stream = Anything()
    _supports_kernel_subshells = False

    def start(self) -> None:
        self.shell.exit_now = False
        Kernel.start(self)  # what ipykernel's own would add is a warning that nobody can debug


class WiredApp(IPKernelApp):
    """ipykernel's application; ``wire`` is to be set before it is initialized."""

    wire: Wire = Anything()

    @default("kernel_class")
    def _kernel_class(self) -> type:
        return WiredKernel

    @default("outstream_class")
    def _outstream_class(self) -> str:
        return f"{__name__}.{Stream.__name__}"

    def init_sockets(self) -> None:
        self.shell_socket, self.control_socket = Channel(self.wire, SHELL), Channel(self.wire, CONTROL)
        self.configure_tornado_logger()
        self.iopub_thread = Publisher(Channel(self.wire, IOPUB), self.session)
        self.iopub_socket = self.iopub_thread.background_socket

    def init_heartbeat(self) -> None:
        """Whoever watches the process knows more than a heart would tell."""

    def write_connection_file(self, **_: Any) -> None:
        """There is nothing to connect to."""

    def init_kernel(self) -> None:
        self.kernel = self.kernel_class.instance(
            parent=self, session=self.session, shell_stream=self.shell_socket, control_stream=self.control_socket,
            shell_channel_thread=NoThread(), iopub_thread=self.iopub_thread, iopub_socket=self.iopub_socket, log=self.log,
            profile_dir=self.profile_dir, user_ns=self.user_ns)  # fmt: skip
        self.displayhook.get_execution_count = lambda: self.kernel.execution_count

    def start(self) -> None:
        """Serve what comes in on the wire until the kernel is told to shut down, or the client is gone."""
        channels = {channel.name: channel for channel in (self.shell_socket, self.control_socket)}
        under_way: set[asyncio.Future[Any]] = set()

        def received(*_: Any) -> None:
            try:
                for name, frames in self.wire.receive():
                    answer = asyncio.ensure_future(channels[name].received([zmq.Frame(frame) for frame in frames]))
                    under_way.add(answer)
                    answer.add_done_callback(under_way.discard)
            except EOFError:
                IOLoop.current().stop()

        IOLoop.current().add_handler(self.wire.fileno(), received, IOLoop.READ)
        super().start()
