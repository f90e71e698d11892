"""A papermill engine that forks its kernels: ``papermill --engine recount in.ipynb out.ipynb``.

Any papermill user may have it; nothing of a book is needed. A kernel is forked from a template of this process
(``recount.template``), which spares a notebook the start of Python and its imports. What papermill, nbclient
and ipykernel do with it from there on is what they always do: same messages, same errors, same timeouts.

Four things are not as in the stock engine, on purpose:

- The output is written at the end, however that comes about, and in between no oftener than every
  ``autosave_cell_every`` seconds; the stock engine writes it twice for each cell. A local file is replaced
  whole. (papermill itself then writes it once more.) A run that is killed leaves the file as it was before.
- ``memory_limit`` (``"2GB"``, or bytes), or RECOUNT_MEMORY_LIMIT where it is not given: see ``recount.memory``.
- ``transport`` (``"zmq"`` or ``"wire"``), or RECOUNT_TRANSPORT where it is not given: by what a forked kernel
  speaks with papermill. See ``recount.wired_kernel``.
- Where a kernel cannot be forked (not Linux, another kernel or interpreter, an older ipykernel, a manager of
  your own), the stock engine runs the notebook, and papermill's log says so, once for each reason.

papermill finds it by the entry point that ``recount.entry`` is.
"""

from __future__ import annotations

import atexit
import os
import re
import shutil
import sys
import threading
from typing import TYPE_CHECKING, Any

from papermill import engines
from papermill.engines import NBClientEngine, NotebookExecutionManager
from papermill.iorw import LocalHandler, papermill_io, write_ipynb
from papermill.log import logger
from papermill.utils import chdir, remove_args

if TYPE_CHECKING:
    from jupyter_client.kernelspec import KernelSpec
    from nbformat import NotebookNode

    from recount.provisioner import Template

IPYKERNEL = 7  # the first that says when a client may speak
LIMIT = "RECOUNT_MEMORY_LIMIT"
LIBRARIES = re.compile(r"\b(numpy|pandas|matplotlib|altair|seaborn|plotnine|recount|pylab)\b")


class RecountEngine(NBClientEngine):
    """papermill's own engine on kernels that are forked. See the module for what else differs."""

    @classmethod
    def execute_notebook(cls, nb: NotebookNode, kernel_name: str, output_path: str | None = None,
                         progress_bar: bool | dict[str, Any] = True, log_output: bool = False,
                         autosave_cell_every: int = 30, **kwargs: Any) -> NotebookNode:  # fmt: skip
        """As papermill's, with an output that is written at the end.

        Raises FileNotFoundError at once where the output's folder is not there, and whatever the stock engine
        raises; OutOfMemory, which is a DeadKernelError too, where the kernel grew over its limit.
        """
        manager = _AtTheEnd(nb, output_path=output_path, progress_bar=progress_bar, log_output=log_output,
                            autosave_cell_every=autosave_cell_every)  # fmt: skip
        manager.notebook_start()
        try:
            cls.execute_managed_notebook(manager, kernel_name, log_output=log_output, **kwargs)
        finally:
            manager.cleanup_pbar()
            manager.notebook_complete()
        return manager.nb

    @classmethod
    def execute_managed_notebook(cls, nb_man: NotebookExecutionManager, kernel_name: str, log_output: bool = False,
                                 stdout_file: Any = None, stderr_file: Any = None, start_timeout: int = 60,
                                 execution_timeout: int | None = None, memory_limit: int | str | None = None,
                                 transport: str | None = None,
                                 **kwargs: Any) -> NotebookNode:  # fmt: skip
        from recount.client import ForkingManager, by_wire
        from recount.memory import LimitedClient, parsed_limit

        wired = by_wire(transport)
        limit = parsed_limit(os.environ.get(LIMIT) or None if memory_limit is None else memory_limit)
        reason = "" if "kernel_manager_class" not in kwargs and "km" not in kwargs else "it has a kernel manager of its own"
        reason = reason or _not_forked(kernel_name)
        if reason:
            _say_once(reason)
        else:
            template = _template(any(LIBRARIES.search(cell.source) for cell in nb_man.nb.cells if cell.cell_type == "code"))
            kwargs["kernel_manager_class"] = ForkingManager.of(str(template.socket), wired=wired)
        # Everything that papermill's own engine passes on, and nothing more.
        safe = remove_args(["input_path", "timeout", "startup_timeout"], **kwargs)
        kind = engines.PapermillNotebookClient if limit is None else LimitedClient
        client = kind(nb_man, **{
            **safe, "timeout": execution_timeout or kwargs.get("timeout"), "startup_timeout": start_timeout,
            "kernel_name": kernel_name, "log": logger, "log_output": log_output, "stdout_file": stdout_file,
            "stderr_file": stderr_file,
        })  # fmt: skip
        if limit is not None:
            client.limit = limit
        return client.execute()


class _AtTheEnd(NotebookExecutionManager):
    """Saves when all is over, and on the way only as often as a long run is to be saved anyway."""

    over = False

    def notebook_start(self, **kwargs: Any) -> None:
        _check_folder(self.output_path)
        super().notebook_start(**kwargs)

    def notebook_complete(self, **kwargs: Any) -> None:
        self.over = True
        super().notebook_complete(**kwargs)

    def save(self, **kwargs: Any) -> None:
        if kwargs.get("nb"):
            self.nb = kwargs["nb"]
        every, since = self.autosave_cell_every, (self.now() - self.last_save_time).total_seconds()
        if self.over or (every and since >= every):
            write_notebook(self.nb, self.output_path)
            self.last_save_time = self.now()


def write_notebook(nb: NotebookNode, path: str | None) -> None:
    """Write to wherever papermill can; a local file so that a reader sees the old one or the new one."""
    if not path:
        return
    handler = papermill_io.get_handler(path)
    if type(handler) is not LocalHandler:
        write_ipynb(nb, path)
        return
    with chdir(handler._cwd):
        real = os.path.realpath(path)  # a link goes on being one
    fresh = os.path.join(os.path.dirname(real), f".{os.getpid()}-{threading.get_ident()}-{os.path.basename(real)}")
    # A device or a pipe cannot be replaced, nor can a file in a folder that one may not write to.
    if (os.path.exists(real) and not os.path.isfile(real)) or not os.access(os.path.dirname(real), os.W_OK):
        write_ipynb(nb, path)
        return
    try:
        write_ipynb(nb, fresh)
        if os.path.exists(real):
            shutil.copymode(real, fresh)
        os.replace(fresh, real)
    finally:
        if os.path.exists(fresh):
            os.unlink(fresh)


def _check_folder(path: str | None) -> None:
    """What papermill says of an output that cannot be written, before the work and not after it."""
    if path and type(handler := papermill_io.get_handler(path)) is LocalHandler:
        with chdir(handler._cwd):
            folder = os.path.dirname(path)
            if folder and not os.path.exists(folder):
                raise FileNotFoundError(f"output folder {folder} doesn't exist.")


def _not_forked(kernel_name: str) -> str:
    """Why a kernel of this name cannot be forked here; empty when it can."""
    from importlib.metadata import PackageNotFoundError, version

    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    from recount.provisioner import possible

    if not possible():
        return "forking is safe on Linux with pidfds only"
    try:
        spec = KernelSpecManager().get_kernel_spec(kernel_name)
        if int(version("ipykernel").partition(".")[0]) < IPYKERNEL:
            return f"ipykernel {version('ipykernel')} is older than {IPYKERNEL}"
    except NoSuchKernel:
        return f"there is no kernel {kernel_name}"  # the stock engine says it in its own words
    except PackageNotFoundError:
        return "ipykernel is not installed"
    return _foreign(spec, kernel_name)


def _foreign(spec: KernelSpec, kernel_name: str) -> str:
    from recount.provisioner import LAUNCHER

    own = {sys.executable, "python", f"python{sys.version_info[0]}", f"python{sys.version_info[0]}.{sys.version_info[1]}"}
    if spec.language.lower() != "python" or len(spec.argv) < 3 or spec.argv[1:3] != ["-m", LAUNCHER] or spec.argv[0] not in own:
        return f"kernel {kernel_name} is not this interpreter's ipykernel"
    if spec.metadata.get("kernel_provisioner"):
        return f"kernel {kernel_name} has a provisioner of its own"
    return ""


_said: set[str] = set()


def _say_once(reason: str) -> None:
    if reason not in _said:
        _said.add(reason)
        logger.warning("recount: kernels are started, not forked, since %s", reason)


_templates: dict[bool, Template] = {}
_owner = 0
_starting = threading.Lock()


def _template(libraries: bool) -> Template:
    """This process's template, started when first asked for, with the libraries of notebooks or without.

    A template ends with the process; one that has died in between is started anew.
    """
    global _owner
    from recount.provisioner import Template

    with _starting:
        if _owner != os.getpid():  # of the parent of a fork: its to end
            _templates.clear()
            _owner = os.getpid()
        # Where both are to be had, the one with libraries serves a notebook that has no use for them, only slower.
        found = _templates.get(libraries)
        if found is not None and not found.alive:
            found.__exit__()
            found = None
        if found is None:
            found = _templates[libraries] = Template(os.environ, imports="libraries" if libraries else "kernel")
            if not found.socket:
                raise RuntimeError("no template on this machine")  # _not_forked has asked already
        return found


@atexit.register
def _end() -> None:
    if _owner == os.getpid():
        for template in _templates.values():
            template.__exit__()
