"""The client's end of a wire: what ``jupyter_client`` takes for sockets, channels and a heart that beats.

One reader for the whole wire, on whichever event loop asks; it sorts what comes in by channel.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Sequence
from typing import Any

from jupyter_client.channels import AsyncZMQSocketChannel, ZMQSocketChannel
from traitlets import Any as Anything
from traitlets import Type

from recount.client import PATIENCE, ReadyClient
from recount.wire import CONTROL, IOPUB, SHELL, STDIN, Wire


class Port:
    """One channel at the client's end, as far as ``jupyter_client`` uses a socket of ``zmq.asyncio``."""

    linger = 0

    def __init__(self, end: ClientEnd, name: bytes) -> None:
        self.end, self.name = end, name
        self.came: deque[list[bytes]] = deque()
        self.waiter: asyncio.Future[None] | None = None

    def put(self, frames: list[bytes]) -> None:
        self.came.append(frames)
        self.wake()

    def wake(self) -> None:
        if self.waiter is not None and not self.waiter.done():
            self.waiter.set_result(None)

    async def poll(self, timeout: int | None = None) -> bool:
        """Whether something has come within so many milliseconds."""
        if not self.came and timeout != 0:
            loop = self.end.listen()
            self.waiter = loop.create_future()
            late = loop.call_later(timeout / 1000, self.wake) if timeout is not None else None
            try:
                await self.waiter
            finally:
                self.waiter = None
                if late is not None:
                    late.cancel()
        return bool(self.came)

    async def recv_multipart(self, **_: Any) -> list[bytes]:
        return self.came.popleft()

    def send_multipart(self, frames: Sequence[Any], *_: Any, **__: Any) -> None:
        self.end.wire.send(self.name, list(frames))

    def setsockopt(self, *_: Any) -> None:
        """Nothing to subscribe to: all outputs come."""

    def close(self, **_: Any) -> None:
        """The wire is closed with the client's channels."""


class ClientEnd:
    """The client's end: a port for each channel."""

    def __init__(self, wire: Wire) -> None:
        self.wire = wire
        self.ports = {name.decode(): Port(self, name) for name in (SHELL, IOPUB, CONTROL, STDIN)}
        self._loop: asyncio.AbstractEventLoop | None = None

    def listen(self) -> asyncio.AbstractEventLoop:
        """Read on the loop that runs, which need not be the one of the last time."""
        loop = asyncio.get_running_loop()
        if self._loop is not loop and self.wire.fileno() >= 0:
            self._forget()
            loop.add_reader(self.wire.fileno(), self._read)
            self._loop = loop
        return loop

    def _read(self) -> None:
        try:
            for name, frames in self.wire.receive():
                self.ports[name.decode()].put(frames)
        except EOFError:  # the kernel is gone; whoever waits asks its manager
            self._forget()

    def _forget(self) -> None:
        if self._loop is not None and not self._loop.is_closed():
            self._loop.remove_reader(self.wire.fileno())

    def close(self) -> None:
        self._forget()
        self.wire.close()


class WiredChannel(AsyncZMQSocketChannel):
    """A channel whose socket is a port."""

    def __init__(self, socket: Any, session: Any, loop: Any = None) -> None:
        ZMQSocketChannel.__init__(self, socket, session, loop)  # the other one insists on ZMQ


class _NoHeart:
    """The heartbeat's channel of a kernel whose process is watched itself."""

    def is_alive(self) -> bool:
        return False

    def start(self) -> None: ...

    stop = close = pause = unpause = start

    def is_beating(self) -> bool:
        return True


class WiredClient(ReadyClient):
    """A client on a wire. ``end`` is to be given with the rest."""

    end: ClientEnd = Anything()
    shell_channel_class = Type(WiredChannel)
    iopub_channel_class = Type(WiredChannel)
    stdin_channel_class = Type(WiredChannel)
    control_channel_class = Type(WiredChannel)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._hb_channel = _NoHeart()

    def _create_connected_socket(self, channel: str, identity: bytes | None = None) -> Any:
        return self.end.ports[channel]

    async def wait_for_ready(self, timeout: float | None = None) -> None:
        """Nothing can be lost on a wire: the first that a kernel says when it may be spoken to is that it is starting."""
        await self._hear(self.iopub_channel, lambda message: message["content"].get("execution_state") == "starting",
                         time.monotonic() + (timeout or PATIENCE), timeout)

    def stop_channels(self) -> None:
        super().stop_channels()
        self.end.close()
