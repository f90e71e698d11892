"""Kernels forked from a template: what a Jupyter client asks for a kernel, and the template's owner.

Registered as the kernel provisioner ``recount-template``. A kernelspec that names it, with the template's
socket as ``template``, has its kernels forked by any Jupyter client, which spares them their imports. Where
there is no template, or it refuses, the kernel is started as ever, and the log says so.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from traitlets import Unicode

from recount.template import HEADER
from recount.wire import Wire, pair

PROVISIONER = "recount-template"
# Under /tmp where there is one: a socket's name may have 104 characters, and macOS's TMPDIR takes half.
SHORT = "/tmp" if os.access("/tmp", os.W_OK) else None
LAUNCHER = "ipykernel_launcher"
PATIENCE = 60  # seconds for a template to answer
LOG = logging.getLogger(__name__)  # not the traitlets logger, which is silent in a plain client


def possible() -> bool:
    """Whether kernels can be forked safely on this machine: Linux, with pidfds."""
    if not sys.platform.startswith("linux"):
        return False
    try:
        os.close(os.pidfd_open(os.getpid()))
    except (AttributeError, OSError):
        return False
    return True


class Template:
    """A template and its kernels, for as long as the block that it is used in; started when first asked for.

    ``environment`` is the whole of what it sees. It is reachable at once: what asks before its imports are
    done waits for them. ``imports``: for whom, a name of ``preload.IMPORTS``. ``wired``: whether the runner is to speak
    with its kernels by a wire.
    """

    def __init__(self, environment: Mapping[str, str], *, imports: str = "libraries", wired: bool = False) -> None:
        self.wired = wired
        self._environment = dict(environment)
        self._imports = imports
        self._folder: Path | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Template:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()
            try:
                self._process.wait(5)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
        self._process = self._folder = None

    @property
    def alive(self) -> bool:
        """Whether it was started and has not ended since."""
        return self._process is not None and self._process.poll() is None

    def begin(self) -> None:
        """Start it, so that it imports while whoever will want a kernel has other things to do."""
        _ = self.socket

    @property
    def socket(self) -> Path | None:
        """Where it listens; None where kernels cannot be forked."""
        if not possible():
            return None
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="recount-", dir=SHORT))
            self._process = self._start(self._folder / "template")
        return self._folder / "template"

    def _start(self, path: Path) -> subprocess.Popen[bytes]:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener, (path.parent / "log").open("wb") as log:
            listener.bind(str(path))
            path.chmod(0o600)
            listener.listen(128)
            start = f"import recount.template as template; template.main({listener.fileno()}, imports={self._imports!r})"
            return subprocess.Popen([sys.executable, "-c", start], stdin=subprocess.PIPE, stdout=log, stderr=log,
                                    pass_fds=[listener.fileno()], env=self._environment, cwd=path.parent,
                                    start_new_session=True)  # fmt: skip


class Lent(Template):
    """A template of another process: only where it listens is known here. It is spoken to as ``recount check`` does."""

    def __init__(self, listens: Path) -> None:
        super().__init__({})
        self._listens = listens

    @property
    def socket(self) -> Path:
        """Where it listens."""
        return self._listens


class ForkedKernel:
    """A kernel that is the template's child, with the part of ``subprocess.Popen`` that provisioners use."""

    stdin = stdout = stderr = None

    def __init__(self, template: socket.socket, pid: int, told: bytes = b"") -> None:
        self.template, self.pid = template, pid
        self.returncode: int | None = None
        template.setblocking(False)
        if told:  # it ended before its start was heard of
            self._ended(told)

    def poll(self) -> int | None:
        """The exit code, None while it runs; -SIGKILL where the template died, and all its kernels with it."""
        if self.returncode is None:
            try:
                told = self.template.recv(4096)  # one short line, sent at once
            except BlockingIOError:
                return None
            except OSError:
                told = b""
            self._ended(told)
        return self.returncode

    def _ended(self, told: bytes) -> None:
        self.returncode = json.loads(told)["exit"] if told else -signal.SIGKILL
        self.template.close()

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end. Raises subprocess.TimeoutExpired after ``timeout`` seconds."""
        end = None if timeout is None else time.monotonic() + timeout
        while (code := self.poll()) is None:
            left = None if end is None else end - time.monotonic()
            if left is not None and left <= 0:
                raise subprocess.TimeoutExpired("kernel", timeout or 0)
            select.select([self.template], [], [], left)
        return code

    def send_signal(self, signum: int) -> None:
        """Send a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, signum)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)


class TemplateProvisioner(LocalProvisioner):
    """Asks a template for a kernel; starts one as ever where it cannot have one."""

    template = Unicode("", config=True, help="The template's socket; empty to start every kernel anew.")
    wire: Wire | None = None  # our end, where the kernel that was launched last has one

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        self.wire = None
        # Another interpreter, or options for this one, cannot be had from a fork.
        if self.template and cmd[:3] == [sys.executable, "-m", LAUNCHER]:
            try:
                self.process = self._forked(cmd, **kwargs)
            except (OSError, ValueError) as refused:
                LOG.warning("no kernel from the template (%s): starting one", refused)
            else:
                self.pid = self.pgid = self.process.pid
                self.cwd = kwargs.get("cwd")
                return self.connection_info
        return await super().launch_kernel(cmd, **kwargs)

    async def wait(self) -> int | None:
        if not isinstance(self.process, ForkedKernel):
            return await super().wait()
        while self.process.poll() is None:
            await asyncio.sleep(0.005)  # the stock provisioner waits twenty times as long, to spare its pipes
        code, self.process = self.process.returncode, None
        return code

    async def kill(self, restart: bool = False) -> None:
        """Kill it and see it gone, which takes milliseconds: its manager would look once, and again after a tenth of a second."""
        await super().kill(restart=restart)
        if isinstance(self.process, ForkedKernel):
            for _ in range(200):
                if self.process.poll() is not None:
                    break
                await asyncio.sleep(0.005)

    def _forked(self, cmd: list[str], *, cwd: str | None = None, env: Mapping[str, str] | None = None,
                stdout: Any = None, stderr: Any = None, **_: Any) -> ForkedKernel:
        """One kernel of the template. Raises OSError where there is none to be had."""
        # What the stock launcher adds, and code in a kernel may look for.
        environment = {**(os.environ if env is None else env), "JPY_PARENT_PID": str(os.getpid())}
        body = json.dumps({"argv": cmd[3:], "cwd": os.path.abspath(cwd or "."),
                           "env": environment}).encode()
        ours, theirs = pair() if getattr(self.parent, "wired", False) else (None, None)
        template = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        template.settimeout(PATIENCE)  # it may be at its imports; one that is stuck must not hold up a kernel for ever
        try:
            template.connect(self.template)
            with _descriptors(stdout, stderr) as descriptors:
                socket.send_fds(template, [HEADER.pack(len(body))], [*descriptors, *([theirs.fileno()] if theirs else [])])
                template.sendall(body)
                told, _, more = template.recv(4096).partition(b"\n")
            answer = json.loads(told) if told else {"refused": "it is gone"}
            if "pid" not in answer:
                raise OSError(answer["refused"])
        except BaseException:
            template.close()
            if ours:
                ours.close()
            raise
        finally:
            if theirs:
                theirs.close()
        self.wire = Wire(ours) if ours else None
        return ForkedKernel(template, answer["pid"], more)


@contextmanager
def _descriptors(*streams: Any) -> Iterator[list[int]]:
    """The descriptors behind ``stdout`` and ``stderr`` as ``subprocess.Popen`` takes them."""
    with contextlib.ExitStack() as opened:
        found = []
        for stream, own in zip(streams, (1, 2), strict=True):
            if stream is None:
                found.append(own)
            elif stream == subprocess.DEVNULL:
                found.append(opened.enter_context(open(os.devnull, "wb")).fileno())
            else:
                found.append(stream if isinstance(stream, int) else stream.fileno())
        yield found
