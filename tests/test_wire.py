"""A wire carries whole messages in order, whoever sends them and however long they are, and says when it has ended."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
import threading
import time

import pytest

from recount import wire
from recount.client import TRANSPORT, by_wire
from recount.errors import WrongUse
from recount.wire import IOPUB, SHELL, Wire, pair

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="wires are for forked kernels, which are Linux's")


@pytest.fixture
def ends():
    one, other = map(Wire, pair())
    yield one, other
    one.close()
    other.close()


def received(end, count, patience=20.0):
    """So many messages, as they come."""
    found, until = [], time.monotonic() + patience
    while len(found) < count and time.monotonic() < until:
        found += end.receive()
    return found


@pytest.mark.parametrize("frames", [[], [b""], [b"a", b"", b"bc"], [b"x" * wire.PACKET], [os.urandom(3 * wire.PACKET + 7), b"y"],
                                    [memoryview(struct.pack("2d", 1, 2)).cast("d")]])
def test_a_message_arrives_with_the_frames_it_was_sent_with(ends, frames):
    sent = threading.Thread(target=ends[0].send, args=(SHELL, frames))
    sent.start()
    assert received(ends[1], 1) == [(SHELL, [bytes(frame) for frame in frames])]
    sent.join()


def test_both_ends_send_and_nothing_is_waited_for_that_has_not_come(ends):
    assert list(ends[0].receive()) == []
    ends[0].send(SHELL, [b"question"])
    ends[1].send(IOPUB, [b"answer"])
    assert received(ends[1], 1) == [(SHELL, [b"question"])] and received(ends[0], 1) == [(IOPUB, [b"answer"])]


def test_threads_and_forked_processes_that_send_at_once_get_nothing_mixed_up(ends):
    long, count = 5 * wire.PACKET, 6

    def speak(name: int) -> None:
        for number in range(count):
            ends[0].send(IOPUB, [bytes([name, number]), bytes([name]) * long])

    threads = [threading.Thread(target=speak, args=(name,)) for name in range(3)]
    children = []
    for name in range(3, 6):
        if (pid := os.fork()) == 0:
            speak(name)
            os._exit(0)
        children.append(pid)
    for thread in threads:
        thread.start()
    found = received(ends[1], 6 * count)
    for thread in threads:
        thread.join()
    for pid in children:
        os.waitpid(pid, 0)
    assert len(found) == 6 * count
    assert all(frames[1] == frames[0][:1] * long for _, frames in found)
    for name in range(6):  # of each sender, in the order in which it sent
        assert [frames[0][1] for _, frames in found if frames[0][0] == name] == list(range(count))


def test_half_a_message_of_a_process_that_died_spoils_no_other(ends):
    number = threading.get_native_id()
    ends[0].socket.sendmsg([wire.HEAD.pack(number, wire.FIRST), b"half of some"])
    ends[0].socket.sendmsg([wire.HEAD.pack(number + 1, wire.LAST), b"the end of one whose beginning is lost"])
    ends[0].send(SHELL, [b"whole"])
    assert received(ends[1], 1) == [(SHELL, [b"whole"])]


def test_an_end_that_was_closed_is_told_after_what_it_had_sent(ends):
    ends[0].send(SHELL, [b"last words"])
    ends[0].close()
    found = ends[1].receive()
    assert next(found) == (SHELL, [b"last words"])
    with pytest.raises(EOFError):
        next(found)
    with pytest.raises(OSError):
        ends[1].send(SHELL, [b"to nobody"])


def test_an_end_that_was_closed_with_something_unread_is_told_too(ends):
    ends[1].send(SHELL, [b"never read"])
    ends[0].close()
    with pytest.raises(EOFError):
        list(ends[1].receive())


def test_a_program_that_a_notebook_starts_does_not_get_the_wire():
    one, other = pair()
    os.set_inheritable(other.fileno(), True)  # as a descriptor is that came with a message
    end = wire.opened(other.detach())
    asked = subprocess.run([sys.executable, "-c", f"import os; os.fstat({end.fileno()})"], close_fds=False, capture_output=True, check=False)
    assert asked.returncode == 1 and b"Bad file descriptor" in asked.stderr
    end.close()
    one.close()


def test_the_transport_is_what_was_given_or_what_the_variable_says(monkeypatch):
    monkeypatch.delenv(TRANSPORT, raising=False)
    assert not by_wire() and by_wire("wire") and by_wire(usual="wire")
    monkeypatch.setenv(TRANSPORT, "wire")
    assert by_wire() and by_wire(usual="zmq") and not by_wire("zmq")


@pytest.mark.parametrize("place", ["transport", TRANSPORT])
def test_a_transport_that_is_none_is_refused_and_its_place_is_named(monkeypatch, place):
    monkeypatch.setenv(TRANSPORT, "pigeon")
    with pytest.raises(WrongUse, match=rf"kernel\.transport.*{place}") as caught:
        by_wire("pigeon" if place == "transport" else None)
    assert caught.value.findings[0].found == "'pigeon'"
