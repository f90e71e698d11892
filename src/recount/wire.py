"""A wire: a pair of sockets by which a forked kernel and its client exchange Jupyter's messages, without ZMQ.

A message is what ZMQ would be given: a list of frames, on one of the kernel's channels. It goes out in packets that
the system delivers whole and in order, however many threads and child processes of a notebook write at once, so no
lock has to be held that a fork might copy while it is. A message that is longer than a packet is put together again
by the thread that sent it.

Linux; standard library only, for the template imports it.
"""

from __future__ import annotations

import os
import socket
import struct
import threading

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

SHELL, IOPUB, CONTROL, STDIN = b"shell", b"iopub", b"control", b"stdin"
PACKET = 60_000  # bytes; some systems take no packet of more than 64 KiB
HEAD = struct.Struct("!IB")  # the thread that sends, and whether this is the first and the last packet of a message
FIRST, LAST = 1, 2
COUNT, LENGTH = struct.Struct("!I"), struct.Struct("!Q")
AT_ONCE = 64  # packets that are read before others get their turn


def pair() -> tuple[socket.socket, socket.socket]:
    """Two connected sockets, one for each end."""
    return socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)


class Wire:
    """One end. Sending waits until there is room; receiving never waits."""

    def __init__(self, end: socket.socket) -> None:
        self.socket = end
        end.setblocking(True)
        self._begun: dict[int, list[bytes]] = {}  # by the thread that sends: the packets of a message so far

    def fileno(self) -> int:
        """The descriptor to watch for something to receive; -1 once closed."""
        return self.socket.fileno()

    def send(self, channel: bytes, frames: Sequence[bytes | memoryview]) -> None:
        """Send one message. Raises OSError where the other end is gone."""
        parts = [channel, *(frame if isinstance(frame, bytes) else memoryview(frame).cast("B") for frame in frames)]
        message = b"".join([COUNT.pack(len(parts)), *(LENGTH.pack(len(part)) for part in parts), *parts])
        sender, whole = threading.get_native_id(), memoryview(message)
        for start in range(0, len(message), PACKET):
            flags = (FIRST if start == 0 else 0) | (LAST if start + PACKET >= len(message) else 0)
            self.socket.sendmsg([HEAD.pack(sender, flags), whole[start : start + PACKET]])

    def receive(self) -> Iterator[tuple[bytes, list[bytes]]]:
        """The messages that have come in whole: the channel of each, and its frames. Raises EOFError at the end of all."""
        for _ in range(AT_ONCE):
            try:
                packet = self.socket.recv(HEAD.size + PACKET, socket.MSG_DONTWAIT)
            except BlockingIOError:
                return
            except OSError as gone:  # the other end was closed with something unread
                raise EOFError from gone
            if not packet:
                raise EOFError
            sender, flags = HEAD.unpack_from(packet)
            if flags & FIRST:  # what was begun under this number, a process did not live to end
                self._begun[sender] = []
            begun = self._begun.get(sender)
            if begun is None:
                continue
            begun.append(packet[HEAD.size :])
            if flags & LAST:
                yield _taken_apart(b"".join(self._begun.pop(sender)))

    def close(self) -> None:
        """Close this end."""
        self.socket.close()


def opened(descriptor: int) -> Wire:
    """The end that came with a request. Programs that a notebook starts do not get it."""
    os.set_inheritable(descriptor, False)
    return Wire(socket.socket(fileno=descriptor))


def _taken_apart(message: bytes) -> tuple[bytes, list[bytes]]:
    (count,) = COUNT.unpack_from(message)
    lengths = struct.unpack_from(f"!{count}Q", message, COUNT.size)
    parts, place = [], COUNT.size + count * LENGTH.size
    for length in lengths:
        parts.append(message[place : place + length])
        place += length
    return parts[0], parts[1:]
