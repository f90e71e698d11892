"""The bindery: a process that has imported what Jupyter Book needs for any book, and forks one process for each.

Two to three seconds of every ``jupyter-book build`` are its imports. The bindery pays for them once, and may do so while
notebooks still run. It never reads a book and never has a second thread, so every fork is the same clean start: a
process, folder and environment of its own. Where fork is not safe (all but Linux), or the bindery cannot fork, a
book is bound by a program that is started for it, as ever.
"""

from __future__ import annotations

import ctypes
import gc
import json
import logging
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

from recount.template import PR_SET_PDEATHSIG, finished

PACKAGE = Path(__file__).resolve().parents[1]
ALONE = "from recount.site.bindery import bind; bind()"
WARM = "from recount.site.bindery import main; main()"
NOWHERE = Path("/nonexistent")  # the home of who has no business in one
LONGEST = 1 << 16  # bytes of one request
STARTED = b"started "
# With Sphinx's own parts, all that a book loads; what a name of these imports when it is used is named itself.
IMPORTED = (
    "jupyter_book.cli.main", "jupyter_book.sphinx", "sphinx_togglebutton", "sphinx_copybutton", "myst_nb.sphinx_ext",
    "sphinx_external_toc.events", "sphinx_multitoc_numbering", "sphinx_book_theme", "a11y_pygments", "fontTools.subset",
    "recount.site.extension",
)  # fmt: skip


def possible() -> bool:
    """Whether processes can be forked safely, and end with who forked them: Linux."""
    return sys.platform.startswith("linux")


def clean_environment(home: Path) -> dict[str, str]:
    """An environment in which nothing of the user's reaches the pages: no configuration, locale, zone or seed."""
    kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "LD_LIBRARY_PATH") if name in os.environ}
    return kept | {
        "HOME": str(home),
        "LC_ALL": "C.UTF-8",
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "PYTHONHASHSEED": "0",
        "PYTHONUTF8": "1",
        "NO_COLOR": "1",
        "PYTHONNOUSERSITE": "1",
        "JUPYTER_CONFIG_DIR": str(home / "jupyter"),
        "JUPYTER_PLATFORM_DIRS": "1",
        "IPYTHONDIR": str(home / "ipython"),
        "MPLCONFIGDIR": str(home / "mpl"),
    }


class Bindery:
    """Binds books, for as long as the block that it is used in. Any number of threads may ask at once."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._requests: socket.socket | None = None
        self._lock = threading.Lock()
        self._over = False

    def __enter__(self) -> Bindery:
        return self

    def __exit__(self, *_: object) -> None:
        """End it, and with it whatever it is binding."""
        with self._lock:
            self._over = True
            if self._process is not None and self._requests is not None:
                self._requests.close()
                self._process.wait()  # it kills and waits for what it is binding
            self._process = self._requests = None

    def start(self) -> None:
        """Have the imports made, by a process of their own; for who knows that there will be something to bind."""
        with self._lock:
            if self._process is not None or self._over or not possible():
                return
            ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            with theirs:
                # In a session of its own: Ctrl-C is for who started it, and who then ends it.
                self._process = subprocess.Popen(
                    [sys.executable, "-c", WARM], stdin=theirs, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                    env=clean_environment(NOWHERE), cwd="/", start_new_session=True)  # fmt: skip
            self._requests = ours

    def bind(self, words: Sequence[str], *, home: Path) -> subprocess.CompletedProcess[str]:
        """Run ``jupyter-book`` with these words, in an empty folder that is its home; what it said, and its exit code.

        Raises InterruptedError where the bindery is ended meanwhile.
        """
        self.start()
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            code = self._forked(words, home, out, err)
            if code is None:
                code = subprocess.run([sys.executable, "-c", ALONE, *words], env=clean_environment(home), cwd=home,
                                      stdin=subprocess.DEVNULL, stdout=out, stderr=err).returncode  # fmt: skip
            return subprocess.CompletedProcess([*words], code, _read(out), _read(err))

    def _forked(self, words: Sequence[str], home: Path, out: IO[bytes], err: IO[bytes]) -> int | None:
        """The exit code; None where there is nobody who could fork."""
        request = json.dumps({"words": [*words], "cwd": str(home), "env": clean_environment(home)}).encode()
        reading, writing = os.pipe()
        with open(reading, "rb") as told:
            try:
                if self._requests is None:
                    return None
                socket.send_fds(self._requests, [request], [out.fileno(), err.fileno(), writing])
            except OSError:
                return None
            finally:
                os.close(writing)
                if self._over:
                    raise InterruptedError("the bindery was ended")
            answer = told.read()  # to the end of who binds
        if self._over:
            raise InterruptedError("the bindery was ended")
        if not answer.startswith(STARTED):
            return None
        return int(answer.removeprefix(STARTED) or -signal.SIGKILL)


def bind() -> None:
    """Be ``jupyter-book`` with the arguments of this program."""
    import recount.lean  # noqa: F401

    # A book's trees are large, and live until its end: to look for what could be freed took a quarter of the time.
    gc.disable()
    logging.disable(logging.DEBUG)  # Sphinx makes such records by the hundred thousand, and shows none
    from jupyter_book.cli.main import main

    main()


def main() -> None:
    """Import, then fork for each request on the socket that is the standard input, until who asks is gone."""
    before = _code()
    _prepare()
    requests = socket.socket(fileno=0)
    binding: set[int] = set()

    def bury(*_: object) -> None:
        for pid in [*binding]:
            if os.waitpid(pid, os.WNOHANG)[0]:
                binding.discard(pid)

    signal.signal(signal.SIGCHLD, bury)
    own = os.getpid()
    gc.collect()
    gc.freeze()
    while True:
        body, descriptors, _, _ = socket.recv_fds(requests, LONGEST, 3)
        if not body:
            break
        # Of an engine that was edited meanwhile, pages are bound by a program that imports it as it is.
        if _code() == before:
            if (pid := os.fork()) == 0:
                requests.detach()
                _be(json.loads(body), *descriptors, parent=own)
            binding.add(pid)
            bury()  # it may have ended before it was known
        for descriptor in descriptors:
            os.close(descriptor)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for pid in binding:  # whoever asked is gone
        os.kill(pid, signal.SIGKILL)
    for pid in binding:
        os.waitpid(pid, 0)
    os._exit(0)


def _prepare() -> None:
    from recount.preload import preload

    preload(("recount.lean", *IMPORTED))
    import nbformat
    from pygments.lexers import get_lexer_by_name
    from sphinx.application import builtin_extensions

    preload(builtin_extensions)
    # What each book would compile for itself: the schema of notebooks, the lexer of their cells.
    nbformat.reads(nbformat.writes(nbformat.v4.new_notebook()), as_version=4)
    get_lexer_by_name("ipython3")


def _code() -> list[tuple[str, int, int]]:
    """What tells this package from an edited one."""
    found = [(str(path), path.stat()) for path in PACKAGE.rglob("*.py")]
    return sorted((path, state.st_size, state.st_mtime_ns) for path, state in found)


def _be(request: dict[str, Any], out: int, err: int, told: int, *, parent: int) -> None:
    """Be the process of one book. Does not return."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)  # the bindery ended between the fork and the line above
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.set_inheritable(told, False)
    for source, target in ((os.open(os.devnull, os.O_RDONLY), 0), (out, 1), (err, 2)):
        os.dup2(source, target)
        os.close(source)
    os.environ.clear()
    os.environ.update(request["env"])
    time.tzset()
    os.chdir(request["cwd"])
    os.write(told, STARTED)
    sys.argv = ["-c", *request["words"]]
    code: object = 1
    try:
        bind()
        code = 0
    except SystemExit as leaving:
        code = leaving.code
    except BaseException:
        traceback.print_exc()
    ended = finished(code)
    os.write(told, str(ended).encode())
    os._exit(ended)


def _read(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode("utf-8", "replace")
