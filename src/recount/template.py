"""The template: a process that has imported what every notebook imports, and forks a kernel for each.

Two thirds of a light notebook's time is starting a kernel and importing pandas, matplotlib and altair. The
template pays for that once. It never runs a notebook's code and never has a second thread, so every fork is
the same clean start: its own process, folder, environment, random state and matplotlib state.

A client (``recount.provisioner``) connects, sends one request and the two file descriptors that the kernel
writes to, and a third where it is to speak by a wire (``recount.wire``), and is told the kernel's pid and, in the end,
its exit code. Where a kernel would not be what a
newly started one is, the template refuses, and the client starts a new one.

Its owner starts it with ``main`` and a listening socket, and a pipe as standard input whose closing says that
the owner is gone. Linux only: it needs pidfds, and fork is not safe elsewhere.
"""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import gc
import json
import os
import selectors
import shutil
import signal
import socket
import struct
import sys
import time
import traceback
from dataclasses import dataclass, replace

from recount.preload import IMPORTS, preload, warm_up

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from ipykernel.kernelapp import IPKernelApp

HEADER = struct.Struct("!I")
# Read when something is imported: a kernel that wants another value cannot be forked from here.
READ_AT_IMPORT = (
    "LANG", "LC_ALL", "LC_CTYPE", "LD_LIBRARY_PATH", "LD_PRELOAD", "MATPLOTLIBRC", "MKL_NUM_THREADS", "MPLBACKEND",
    "MPLCONFIGDIR", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "PYTHONHASHSEED", "PYTHONHOME", "PYTHONNOUSERSITE",
    "PYTHONPATH", "PYTHONUTF8", "PYTHONWARNINGS", "SOURCE_DATE_EPOCH", "VIRTUAL_ENV",
)  # fmt: skip
# Where configuration lies that matplotlib looks up when it is imported, unless MPLCONFIGDIR says where.
HOMES = ("HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME")
INLINE = "module://matplotlib_inline.backend_inline"
PR_SET_PDEATHSIG = 1
PATIENCE = 10  # seconds for a client to send the rest of a request


@dataclass(frozen=True)
class Request:
    """One kernel asked for: the arguments of ``ipykernel_launcher``, a folder, a whole environment.

    ``wire`` is the descriptor of its end of a wire; None for a kernel that speaks by ZMQ.
    """

    argv: list[str]
    cwd: str
    env: dict[str, str]
    out: int
    err: int
    wire: int | None
    parent: int


class Refused(Exception):
    """A kernel forked from here would not be what a newly started one is. Says why."""


def main(listener: int, *, imports: str = "libraries") -> None:
    """Import, then fork a kernel for each request on the socket of this descriptor until the owner is gone.

    ``imports`` is a name of ``preload.IMPORTS``.
    """
    # Read by pyarrow, which pandas imports where it is there: or its memory pool starts a thread.
    os.environ.setdefault("JE_ARROW_MALLOC_CONF", "background_thread:false")
    before = dict(os.environ)
    if not os.environ.get("MPLBACKEND"):
        os.environ["MPLBACKEND"] = INLINE  # as ipykernel does before a notebook can import pyplot
    preload(IMPORTS[imports])
    if imports != "kernel":
        warm_up()
    _end_threads()
    imposed = {name: value for name, value in os.environ.items() if before.get(name) != value}
    # What is alive now is alive for good: a collection in a kernel would only copy its pages.
    gc.collect()
    gc.freeze()
    request = _Server(socket.socket(fileno=listener), before).serve()
    if request is not None:  # in a child; its stack is as short as a started kernel's
        # What an import set for the whole process, the debugger's settings say, it would set in a new kernel too.
        _kernel(replace(request, env={**imposed, **request.env}))


def _end_threads() -> None:
    """Fork once for nothing: numpy's OpenBLAS ends its threads before a fork, and starts them again when it is used."""
    if (pid := os.fork()) == 0:
        os._exit(0)
    os.waitpid(pid, 0)


class _Server:
    """Listens, forks, and tells each client how its kernel ended."""

    def __init__(self, listener: socket.socket, environment: Mapping[str, str]) -> None:
        self.listener = listener
        self.selector = selectors.DefaultSelector()
        self.selector.register(listener, selectors.EVENT_READ, self.accept)
        self.selector.register(0, selectors.EVENT_READ, self.end)
        self.kernels: dict[int, tuple[int, socket.socket]] = {}  # pidfd: pid, client
        names = READ_AT_IMPORT if environment.get("MPLCONFIGDIR") else READ_AT_IMPORT + HOMES
        self.environment = {name: environment.get(name) for name in names}
        self.own = _own_files()
        self.imported = {name.partition(".")[0] for name in sys.modules} - {"__main__"}
        self.child: Request | None = None
        self.over = False
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the owner decides what Ctrl-C stops

    def serve(self) -> Request | None:
        """Serve until the owner is gone (None), or, in a forked child, return the request it is to be."""
        while not self.over:
            for key, _ in self.selector.select():
                key.data(key.fileobj)
                if self.child is not None:
                    return self.child
        for pid, _ in self.kernels.values():
            _kill_group(pid)
        # The owner, who made the folder of the socket, may have been killed.
        shutil.rmtree(os.path.dirname(self.listener.getsockname()), ignore_errors=True)
        return None

    def end(self, _: object) -> None:
        self.over = True

    def accept(self, _: object) -> None:
        try:
            client, _address = self.listener.accept()
        except OSError:  # gone again, or no descriptor to spare: it will see that it has no answer
            return
        client.settimeout(PATIENCE)
        opened: list[int] = []
        pid = -1
        try:
            request = _receive(client, opened)
            self.refuse_if_unlike(request)
            pid = os.fork()
            if pid == 0:
                self.leave(client)
                self.child = request
                return
            pidfd = os.pidfd_open(pid)
        # Whatever is wrong with one request, the kernels of the others live on.
        except (OSError, ValueError, LookupError, TypeError, AttributeError, Refused) as refused:
            if pid > 0:
                _kill_group(pid)
                os.waitpid(pid, 0)
            _tell(client, {"refused": f"{type(refused).__name__}: {refused}"})
            client.close()
            return
        finally:
            if pid != 0:
                for fd in opened:
                    os.close(fd)
        self.kernels[pidfd] = pid, client
        self.selector.register(pidfd, selectors.EVENT_READ, self.ended)
        self.selector.register(client, selectors.EVENT_READ, self.hung_up)
        _tell(client, {"pid": pid})

    def refuse_if_unlike(self, request: Request) -> None:
        differ = [name for name, value in self.environment.items() if request.env.get(name) != value]
        if differ:
            raise Refused(f"{', '.join(differ)}: read at import, and another value here")
        if _own_files() != self.own:
            raise Refused("recount has been edited since the template started")
        # A started kernel looks into its folder first.
        names = os.listdir(request.cwd)
        if "matplotlibrc" in names:
            raise Refused("a matplotlibrc lies in the notebook's folder")
        if hidden := sorted(self.imported.intersection(name for path in names for name in _module(request.cwd, path))):
            raise Refused(f"{', '.join(hidden)}: a module of that name lies in the notebook's folder")
        if (threads := len(os.listdir("/proc/self/task"))) != 1:
            raise Refused(f"the template has {threads} threads")

    def ended(self, pidfd: int) -> None:
        pid, client = self.kernels.pop(pidfd)
        # Not reaped yet, so its number, which is its group's too, is still its own: what it left behind is hit.
        os.waitid(os.P_PIDFD, pidfd, os.WEXITED | os.WNOWAIT)
        _kill_group(pid)
        _, status = os.waitpid(pid, 0)
        self.selector.unregister(pidfd)
        os.close(pidfd)
        if client.fileno() >= 0:
            self.selector.unregister(client)
            _tell(client, {"exit": os.waitstatus_to_exitcode(status)})
            client.close()

    def hung_up(self, client: socket.socket) -> None:
        """A client that closes its end is gone, and its kernel goes with it."""
        if client.fileno() < 0:  # its kernel ended in the same moment, and was told of first
            return
        self.selector.unregister(client)
        client.close()
        for pid, owner in self.kernels.values():
            if owner is client:
                _kill_group(pid)

    def leave(self, client: socket.socket) -> None:
        """In the child: let go of everything that is the server's."""
        for key in list(self.selector.get_map().values()):
            if isinstance(key.fileobj, socket.socket):
                key.fileobj.close()
            elif key.fileobj != 0:
                os.close(key.fileobj)
        self.selector.close()
        client.close()


def _own_files() -> list[tuple[str, int, int]]:
    """The files of this package that have been imported, each with what tells an edited one from what it was."""
    package = os.path.dirname(os.path.abspath(__file__)) + os.sep
    paths = [path for module in list(sys.modules.values()) if (path := getattr(module, "__file__", None) or "").startswith(package)]
    return [(path, status.st_size, status.st_mtime_ns) for path in sorted(paths) for status in [os.stat(path)]]


def _module(folder: str, name: str) -> tuple[str, ...]:
    """The module that a file or folder of this name is; none for what is no module."""
    if name.endswith((".py", ".so", ".pyc")):
        return (name.partition(".")[0],)
    return (name,) if os.path.exists(os.path.join(folder, name, "__init__.py")) else ()


def _receive(client: socket.socket, opened: list[int]) -> Request:
    """One request; the descriptors that came with it are put into ``opened`` first, to be closed in any case."""
    head, descriptors, _, _ = socket.recv_fds(client, HEADER.size, 3)
    opened += descriptors
    if len(head) != HEADER.size or len(descriptors) not in (2, 3):
        raise ValueError("not a request: a length and two or three descriptors are expected")
    (length,) = HEADER.unpack(head)
    body = b""
    while len(body) < length:
        more = client.recv(length - len(body))
        if not more:
            raise ValueError("half a request")
        body += more
    fields = json.loads(body)
    return Request(argv=fields["argv"], cwd=fields["cwd"], env=fields["env"], out=descriptors[0], err=descriptors[1],
                   wire=descriptors[2] if len(descriptors) > 2 else None, parent=os.getpid())


def _tell(client: socket.socket, message: dict[str, object]) -> None:
    with contextlib.suppress(OSError):  # gone: nobody to tell
        client.sendall(json.dumps(message).encode() + b"\n")


def _kill_group(pid: int) -> None:
    """Kill a kernel and what it started. Its group has its number, from the moment it has made one."""
    for kill in (os.killpg, os.kill):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            kill(pid, signal.SIGKILL)
            return


def _kernel(request: Request) -> None:
    """Be the kernel: what ``python -m ipykernel_launcher`` is after its imports. Does not return."""
    code: object = 1
    try:
        _take_on(request)
        app = _application(request)
        # As if a client had started it (no banner), but one that needs no watching: the template does that.
        app.parent_handle = 1
        app.initialize(request.argv)
        app.start()
        # ipykernel's own close() stops the IOPub thread before those that still write to it: one shutdown in
        # twenty hangs. In this order none does.
        for thread in (app.control_thread, app.shell_channel_thread):
            if thread is not None and thread.is_alive():
                thread.stop()
                thread.join(5)
        code = 0
    except SystemExit as leaving:
        code = leaving.code
    except BaseException:
        traceback.print_exc()
    os._exit(finished(code))


def finished(code: object) -> int:
    """The exit code of a forked process that is done, once its exit handlers have run and its buffers are written.

    For ``os._exit``, and not the interpreter's own end: taking two thousand modules down takes longer than many a notebook.
    """
    with contextlib.suppress(BaseException):
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
    return code if isinstance(code, int) else 0 if code is None else 1


def _application(request: Request) -> IPKernelApp:
    if request.wire is None:
        from ipykernel.kernelapp import IPKernelApp

        return IPKernelApp.instance()
    from recount.wire import opened
    from recount.wired_kernel import WiredApp

    return WiredApp.instance(wire=opened(request.wire))


def _take_on(request: Request) -> None:
    os.setsid()
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != request.parent:
        os._exit(1)  # the template died between the fork and the line above
    null = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((null, 0), (request.out, 1), (request.err, 2)):
        os.dup2(source, target)
        if source > 2:
            os.close(source)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ.clear()
    os.environ.update(request.env)
    time.tzset()
    os.chdir(request.cwd)
    import ipykernel_launcher

    sys.argv = [ipykernel_launcher.__file__, *request.argv]
    if tempfile := sys.modules.get("tempfile"):
        tempfile.tempdir = None  # looked up once, by whichever import asked first: here TMPDIR is another
    if numpy := sys.modules.get("numpy"):
        numpy.random.seed()  # its global state is copied by a fork: all kernels would draw the same numbers
