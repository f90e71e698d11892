"""What a notebook read: an audit hook in the kernel writes it down, the runner turns it into hashes.

A run may be skipped only when everything it read is unchanged, and nobody remembers to declare what a
notebook reads. So the kernel records it. What the hook cannot see (a subprocess, the network, a library that
may open files in C) it flags, and a flagged run is never skipped. Whether a file is there is asked without an
event, so ``os.stat`` and ``os.access`` are wrapped; the clock is looked for in the code (``recount.clock``).

Imported by every kernel before the first cell: standard library only, and as little of it as will do.
"""

from __future__ import annotations

import json
import os
import stat
import sys
from _thread import get_ident
from contextlib import contextmanager
from importlib.machinery import EXTENSION_SUFFIXES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

# Packages of the lock whose compiled parts open no file but through Python, where an event is raised. Loading any
# other compiled module is enough to be flagged: nobody could list all those that read in C.
THROUGH_PYTHON = frozenset(
    {"PIL", "contourpy", "debugpy", "fontTools", "kiwisolver", "markupsafe", "matplotlib", "msgpack", "numpy", "pandas",
     "psutil", "rpds", "tornado", "yaml", "zmq"}
)  # fmt: skip
# What opens files in C nevertheless: of those packages, and of Python itself.
IN_C = frozenset({"PIL._imagingft", "_dbm", "_gdbm"})
# How a process starts without an event of its own.
SPAWNERS = frozenset({"multiprocessing.popen_spawn_posix", "multiprocessing.popen_forkserver"})
PROCESSES = frozenset(
    {"subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork", "os.forkpty",
     "pty.spawn"}
)  # fmt: skip
# matplotlib asks fontconfig for a list of fonts when it makes its cache. The book draws with its own font.
HARMLESS_PROGRAMS = frozenset({"fc-list"})
LOCAL = frozenset({"127.0.0.1", "::1", "localhost", "None", ""})
UNWATCHED = ("_build/runs", "_build/cache", ".venv")
NOISE = frozenset({"__pycache__", ".ipynb_checkpoints", ".git", ".venv"})


def start() -> None:
    """Begin to record. Called once, by the startup file of the IPython profile that the runner makes."""
    target = os.environ.get("RECOUNT_TRACE")
    root = os.environ.get("RECOUNT_ROOT")
    if target and root:
        recorder = _Recorder(target, root, os.getcwd())
        for name, module in list(sys.modules.items()):  # imported before the hook could see it, by whoever forked this
            recorder.on_import("import", (name, getattr(module, "__dict__", {}).get("__file__")))
        sys.addaudithook(recorder)
        _watch_questions(recorder)
        global _recorder
        _recorder = recorder


_recorder: _Recorder | None = None


@contextmanager
def reading_tables() -> Iterator[None]:
    """Files that this thread reads in the block are tables of which single rows will be asked (``asked``).

    Such a file need not be what it was for the run to stand, as long as the answers are.
    """
    recorder, thread = _recorder, get_ident()
    if recorder is None or thread in recorder.tables:
        yield
        return
    recorder.tables.add(thread)
    try:
        yield
    finally:
        recorder.tables.discard(thread)


def asking() -> bool:
    """Whether what is asked of the data is being recorded."""
    return _recorder is not None


def asked(question: Sequence[str], day: str, answer: str) -> None:
    """Record one question to the data package, the day as of which it was asked, and a digest of the answer."""
    if _recorder is not None:
        _recorder.write("asked", list(question), day, answer)


def _watch_questions(recorder: _Recorder) -> None:
    """Record what is only asked for: ``exists``, ``is_file`` and their like end in one of these two functions."""
    for name in ("stat", "access"):
        real = getattr(os, name)

        def asking_first(path, *args, _real=real, **words):
            recorder.probe(path)
            return _real(path, *args, **words)

        asking_first.__name__ = asking_first.__qualname__ = name
        asking_first.__doc__ = real.__doc__
        for able in (os.supports_dir_fd, os.supports_effective_ids, os.supports_fd, os.supports_follow_symlinks):
            if real in able:
                able.add(asking_first)
        setattr(os, name, asking_first)


def _asker(depth: int) -> str:
    """The file of the code that asks, behind Python's own library; the name of a cell for the code of a cell."""
    frame = sys._getframe(depth)
    while frame.f_back and frame.f_code.co_filename.startswith(_LIBRARY) and "-packages" not in frame.f_code.co_filename:
        frame = frame.f_back
    return frame.f_code.co_filename


class _Recorder:
    """One audit hook. Writes each new fact at once: a kernel that dies takes nothing with it."""

    def __init__(self, target: str, root: str, own: str) -> None:
        self.fd = os.open(target, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self.pid = os.getpid()
        self.root = os.path.realpath(root) + os.sep
        # The run's own folder, the records of all runs, matplotlib's cache of where fonts lie, and an
        # environment that lies inside the book: what the lock brings is watched by the lock.
        inside = [prefix for prefix in (sys.prefix, sys.base_prefix)
                  if (os.path.realpath(prefix) + os.sep).startswith(self.root)]  # fmt: skip
        self.own = tuple(
            os.path.realpath(path) + os.sep
            for path in (own, *(os.path.join(root, name) for name in UNWATCHED), *inside)
        )
        self.elsewhere = (os.path.dirname(os.path.realpath(target)) + os.sep, *MACHINE)
        self.engine = os.path.dirname(os.path.realpath(__file__)) + os.sep
        self.sources = tuple(os.path.realpath(path) + os.sep for path in sys.path if path)
        self.seen: set[str] = set()
        self.busy: set[int] = set()
        self.tables: set[int] = set()

    def __call__(self, event: str, args: tuple) -> None:
        # `busy` stops the hook from recording itself; by thread, or the read of a second thread would be lost
        # while the first one writes. No lock: a fact written twice does no harm.
        if event not in _HANDLERS or (thread := get_ident()) in self.busy:
            return
        # A forked child is flagged by its fork. It may have closed our descriptor, as all programs started
        # with `!` do: to fail here would be to fail its exec.
        if os.getpid() != self.pid:
            return
        self.busy.add(thread)
        try:
            _HANDLERS[event](self, event, args)
        except Exception as error:
            # Raising here would make the user's own open() fail; silence would be a wrong skip.
            self.write("untraceable", f"{event}: {type(error).__name__}")
        finally:
            self.busy.discard(thread)

    def write(self, *fact: object) -> None:
        line = json.dumps(fact) + "\n"
        if line not in self.seen:
            self.seen.add(line)
            os.write(self.fd, line.encode())

    def inside(self, path: object) -> str | None:
        """The path relative to the book; None for what the lock, the engine or the machine answers for.

        A file that is nobody's (in the user's home, in /tmp) is flagged: it will not be there next time.
        """
        if isinstance(path, bytes):
            path = os.fsdecode(path)
        full = os.path.normpath(os.path.join(os.getcwd(), path))  # type: ignore[call-overload]
        if not (full + os.sep).startswith(self.root):
            if full.startswith(self.elsewhere):
                return None
            full = os.path.realpath(full)
            if not (full + os.sep).startswith(self.root):
                if not (full + os.sep).startswith((*self.elsewhere, *self.sources)):
                    self.write("untraceable", f"reads {full}, outside the book")
                return None
        if (full + os.sep).startswith(self.own) or full.startswith(self.engine):
            return None
        return os.path.relpath(full, self.root)

    def read(self, path: object) -> None:
        relative = self.inside(path)
        if relative is None:
            return
        parts = relative.split(os.sep)
        if len(parts) > 1 and parts[-2] == "__pycache__":
            # A module imported from its cache: the source is never opened, but it is what gets edited.
            relative = os.path.join(*parts[:-2], parts[-1].split(".", 1)[0] + ".py")
        elif NOISE.intersection(parts):
            return
        kind = "table" if get_ident() in self.tables else "read"
        self.write(kind, relative, stat_of(self.root + relative))

    def probe(self, path: object) -> None:
        """Record that someone asked whether a path inside the book is there, or what it is. The engine may ask."""
        if isinstance(path, int) or (thread := get_ident()) in self.busy or os.getpid() != self.pid:
            return
        self.busy.add(thread)
        try:
            full = os.path.normpath(os.path.join(os.getcwd(), os.fsdecode(path)))  # type: ignore[arg-type]
            if (full + os.sep).startswith(self.root) and not os.path.abspath(_asker(3)).startswith(self.engine):
                self.read(full)
        except (TypeError, ValueError, OSError):
            pass  # not a path, or nowhere: the function itself says so to whoever asks
        finally:
            self.busy.discard(thread)

    def on_open(self, _: str, args: tuple) -> None:
        path, mode, flags = args
        if isinstance(path, int):  # an open file wrapped: its own opening was seen
            return
        reads = "r" in mode or "+" in mode if mode else (flags & 3) != os.O_WRONLY
        if reads:
            self.read(path)

    def on_list(self, _: str, args: tuple) -> None:
        path = args[0]
        if isinstance(path, int):
            path = os.readlink(f"/proc/self/fd/{path}")  # raises elsewhere than on Linux: flagged then
        relative = self.inside("." if path is None else path)
        # An import looks through the folder that this package lies in. A copy of the book has no such folder,
        # and what the package holds is in the key of every run.
        if relative is not None and self.root + relative + os.sep == os.path.join(os.path.dirname(self.engine[:-1]), ""):
            return
        if relative is not None and not NOISE.intersection(relative.split(os.sep)):
            self.write("list", relative)

    def on_process(self, event: str, args: tuple) -> None:
        program = args[0] if event == "subprocess.Popen" else event
        if os.path.basename(os.fsdecode(program)) not in HARMLESS_PROGRAMS:
            self.write("untraceable", f"starts a process ({event})")

    def on_connect(self, _: str, args: tuple) -> None:
        address = args[1]
        # The kernel talks to its client over local sockets, of which only Python's own raise events.
        if isinstance(address, tuple) and str(address[0]) not in LOCAL:
            self.write("untraceable", "uses the network")

    def on_import(self, _: str, args: tuple) -> None:
        name, path = args[:2]
        compiled = bool(path) and path.endswith(_COMPILED) and not path.startswith(_LIBRARY_COMPILED)
        # By the folder it was installed in: debugpy brings modules that are not called by its name.
        installed = path.partition(f"-packages{os.sep}")[2].partition(os.sep)[0] if compiled else ""
        if name in SPAWNERS or name in IN_C or (compiled and installed not in THROUGH_PYTHON):
            self.write("untraceable", f"imports {name}")

    def on_sqlite(self, _: str, args: tuple) -> None:
        path = os.fsdecode(args[0])
        if path.startswith("file:"):
            path = path[5:].split("?", 1)[0].removeprefix("//")
        if path and path != ":memory:":
            self.read(path)

    def on_dlopen(self, _: str, args: tuple) -> None:
        # ctypes can open files behind every hook, but libraries of the lock load their own parts with it.
        name = args[0]
        if name and os.sep in str(name) and not str(name).startswith(MACHINE):
            self.write("untraceable", f"loads {os.path.basename(str(name))}")

    def on_dlsym(self, _: str, args: tuple) -> None:
        # Not of a library, as a part of it calls another, but of a cell or of the book: with C itself in its hands.
        asker = _asker(4)
        if not os.path.isabs(asker) or not asker.startswith(MACHINE):
            self.write("untraceable", f"calls {args[1]} in C")


MACHINE = tuple(
    os.path.join(prefix, "")
    for prefix in {sys.prefix, sys.base_prefix, "/usr", "/lib", "/etc", "/proc", "/sys", "/dev"}
)
_LIBRARY = ("<frozen", os.path.join(os.path.dirname(os.__file__), ""))
_LIBRARY_COMPILED = os.path.join(os.path.dirname(os.__file__), "lib-dynload", "")
_COMPILED = tuple(EXTENSION_SUFFIXES)
_HANDLERS = {
    "open": _Recorder.on_open,
    "os.listdir": _Recorder.on_list,
    "os.scandir": _Recorder.on_list,
    "socket.connect": _Recorder.on_connect,
    "socket.getaddrinfo": lambda self, event, args: self.on_connect(event, (None, args)),
    "import": _Recorder.on_import,
    "sqlite3.connect": _Recorder.on_sqlite,
    "ctypes.dlopen": _Recorder.on_dlopen,
    "ctypes.dlsym": _Recorder.on_dlsym,
    **dict.fromkeys(PROCESSES, _Recorder.on_process),
}


def stat_of(path: str | Path) -> list[int] | None:
    """What tells a changed file from an unchanged one without reading it; None for an absent file, nothing for a folder."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    if stat.S_ISDIR(found.st_mode):
        return []
    return [found.st_size, found.st_mtime_ns, found.st_ino]
