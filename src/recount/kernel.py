"""One notebook in a process of its own: papermill, a private Jupyter, and a declared environment.

papermill changes the folder of the whole process, so notebooks that run at once need a process each. The
child takes nothing from the user's machine but PATH and the temporary folder: no kernelspec, profile,
matplotlibrc, locale or time zone can reach a number.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import threading
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from multiprocessing import connection, parent_process
from pathlib import Path

import recount.lean  # noqa: F401

# isort: split
from traitlets.config import Config

from recount.client import ReadyManager
from recount.provisioner import PROVISIONER
from recount.seal import SEALED
from recount.whole import write_whole

KERNEL = "recount"
# Part of the staleness key. SOURCE_DATE_EPOCH keeps the day out of matplotlib's SVG files.
DECLARED = {
    "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "MPLBACKEND": "agg", "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1", "PYTHONHASHSEED": "0", "PYTHONNOUSERSITE": "1", "PYTHONUTF8": "1",
    "RECOUNT_RUN": "1", "SOURCE_DATE_EPOCH": "0", "TZ": "UTC",
}  # fmt: skip
# What finds programs and libraries, and names no setting.
INHERITED = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT")
STARTUP = "import recount.trace\nrecount.trace.start()\n"
SEAL = "import recount.seal\nrecount.seal.start({plan!r})\n"
UNSEALED = "the kernel could not be sealed"


@dataclass(frozen=True, kw_only=True)
class Task:
    """What a child needs to run one notebook. ``scratch`` is its own, with a short name for its sockets.

    ``seal`` is the plan by which its kernel is sealed (``seal.start``); None for a run like any other.
    """

    root: Path
    work: Path
    scratch: Path
    parameters: dict[str, object]
    timeout: int
    edition: str
    charts: bool = True
    template: Path | None = None  # the socket that forks kernels; None to start one
    wired: bool = False  # whether a forked kernel speaks by a wire
    seal: Mapping[str, object] | None = None

    @property
    def source(self) -> Path:
        return self.scratch / "source.ipynb"

    @property
    def executed(self) -> Path:
        return self.scratch / "executed.ipynb"

    @property
    def result(self) -> Path:
        return self.scratch / "result.json"

    @property
    def trace(self) -> Path:
        return self.scratch / "trace.jsonl"

    @property
    def log(self) -> Path:
        return self.scratch / "log.txt"


def execute(task: Task) -> None:
    """Run one notebook and leave ``executed`` and ``result`` behind. The target of a child process.

    The result's ``status`` is ``done``, ``failed`` (a cell raised), ``died`` (the kernel), ``timeout`` or
    ``error`` (anything else), with the id of the last cell begun.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides what Ctrl-C stops
    threading.Thread(target=_die_with_parent, args=(task,), daemon=True).start()
    log = os.open(task.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.dup2(log, 1)
    os.dup2(log, 2)
    # Here and not above: the process that only names this function has no use for papermill (``recount.saving``).
    from nbclient.exceptions import CellTimeoutError, DeadKernelError
    from papermill.engines import papermill_engines
    from papermill.exceptions import PapermillExecutionError
    from papermill.execute import execute_notebook

    from recount.saving import SavingEngine

    _environment(task)
    papermill_engines.register(KERNEL, SavingEngine)
    begun: list[str] = []
    status, message = "done", ""
    try:
        execute_notebook(
            str(task.source), None, task.parameters, cwd=str(task.work),
            engine_name=KERNEL, kernel_name=KERNEL, language="python",
            progress_bar=False, request_save_on_cell_execute=False,
            start_timeout=120, execution_timeout=task.timeout, iopub_timeout=60, save_to=str(task.executed),
            # Not the graceful way: it takes 0.7 s, now and then hangs, and the trace needs no last word.
            shutdown_kernel="immediate",
            # Local sockets by file: two kernels that start at once cannot take each other's TCP port.
            kernel_manager_class=ReadyManager,
            config=Config({"KernelManager": {"transport": "ipc" if os.name == "posix" else "tcp"}, "ReadyManager": {"wired": task.wired}}),
            on_cell_execute=lambda cell, cell_index: begun.append(cell.get("id", "")),
        )  # fmt: skip
    except PapermillExecutionError:
        status = "failed"  # the error stands in the saved notebook, whole
    except DeadKernelError as error:
        status, message = "died", str(error)
    except CellTimeoutError:
        status, message = "timeout", f"{task.timeout} s"
    except Exception:
        status, message = "error", traceback.format_exc()
    if task.seal is not None and not (task.scratch / SEALED).is_file():
        status, message = "error", UNSEALED
    write_whole(task.result, json.dumps({"status": status, "message": message, "cell": (begun or [""])[-1]}))


def declared(root: Path) -> dict[str, str]:
    """The environment that every run of a book has in common, and all that a template sees."""
    environment = {name: os.environ[name] for name in INHERITED if name in os.environ}
    environment.update(DECLARED)
    # Kept between runs: listing the machine's fonts takes a second. Harmless: the book draws with its own.
    environment["MPLCONFIGDIR"] = str(root / "_build" / "cache" / "matplotlib")
    environment["PYDEVD_DISABLE_FILE_VALIDATION"] = "1"  # a warning of the debugger that nobody started
    return environment


def _environment(task: Task) -> None:
    """Make the private Jupyter and replace the environment by the declared one."""
    spec = task.scratch / "jupyter" / "kernels" / KERNEL / "kernel.json"
    spec.parent.mkdir(parents=True)
    argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    provisioner = {"provisioner_name": PROVISIONER, "config": {"template": str(task.template)}} if task.template else {}
    spec.write_text(json.dumps({"argv": argv, "display_name": KERNEL, "language": "python",
                                "metadata": {"kernel_provisioner": provisioner}}), "utf-8")
    startup = task.scratch / "ipython" / "profile_default" / "startup" / "00-recount.py"
    startup.parent.mkdir(parents=True)
    seal = ""
    if task.seal is not None:
        plan = task.scratch / "seal.json"
        plan.write_text(json.dumps(task.seal), "utf-8")
        seal = SEAL.format(plan=str(plan))
    startup.write_text(seal + STARTUP, "utf-8")  # the trace would see the seal's calls of C
    for name in ("home", "tmp", "run"):
        (task.scratch / name).mkdir()
    private = {
        "HOME": "home", "IPYTHONDIR": "ipython", "JUPYTER_CONFIG_DIR": "home", "JUPYTER_DATA_DIR": "jupyter",
        "JUPYTER_PATH": "jupyter", "JUPYTER_RUNTIME_DIR": "run", "TMPDIR": "tmp",
        "RECOUNT_TRACE": task.trace.name,
    }  # fmt: skip
    environment = declared(task.root)
    environment.update({name: str(task.scratch / place) for name, place in private.items()})
    environment["RECOUNT_ROOT"], environment["RECOUNT_EDITION"] = str(task.root), task.edition
    environment["RECOUNT_CHARTS"] = "drawn" if task.charts else "none"
    os.environ.clear()
    os.environ.update(environment)


def _die_with_parent(task: Task) -> None:
    """Leave no child and no folder behind when the command is killed; the kernel follows by its own watch."""
    parent = parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        shutil.rmtree(task.work, ignore_errors=True)
        shutil.rmtree(task.scratch.parent, ignore_errors=True)
        os._exit(1)
