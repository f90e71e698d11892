"""Kernels forked from a template are what newly started ones are, and nothing passes from one to the next."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
from synthetic_run import HEAD, make_notebook, make_project

import recount.desk
from recount import runner
from recount.client import TRANSPORT, by_wire
from recount.kernel import declared
from recount.provisioner import Template, TemplateProvisioner
from recount.runner import Job, run
from recount.template import HEADER

pytestmark = [pytest.mark.slow,
              pytest.mark.skipif(not sys.platform.startswith("linux"), reason="kernels are forked on Linux only")]

# Synthetic. What a notebook can show and do: order of streams, display ids, errors, figures, processes, await.
TORTURE = [
    "import sys\nprint('a')\nprint('b', file=sys.stderr)\nprint('c')",
    "from IPython.display import display\nh = display(1, display_id='one')\nh.update(2)\ndisplay({'text/plain': 'x'}, raw=True)",
    "import pandas as pd\npd.DataFrame({'a': [1.5, None], 'b': ['甲', 'y']})",
    "import matplotlib.pyplot as plt\nfig, ax = plt.subplots()\nax.plot([1, 2])\nprint(plt.get_fignums(), plt.get_backend())",
    "import altair as alt\nc = alt.Chart(pd.DataFrame({'a': [1]})).mark_bar().encode(x='a').interactive()\nprint(c.to_json())",
    "import asyncio\nawait asyncio.sleep(0.01)\n_ = [print(n) for n in range(2)]",
    "!echo from a shell",
    "import subprocess, time\ncode = subprocess.run(['sh', '-c', 'echo inherited']).returncode\ntime.sleep(1)\ncode",
    "try:\n    input()\nexcept BaseException as e:\n    print(type(e).__name__, e)",
    "import warnings\nwarnings.warn('careful')",
    "import random, os\nos.environ['LEFT'] = '1'\nos.chdir('/')\npd.options.display.max_rows = 3\nplt.rcParams['font.size'] = 3\n"
    "random.seed(1)\nprint(random.random())",
    "import multiprocessing, threading\nt = threading.Thread(target=print, args=('in a thread',)); t.start(); t.join()",
    "import sys\nprint(sys.argv[1:] == ['-f', sys.argv[-1]], sys.path[0] == '', __name__, sorted(k for k in os.environ if k != 'LEFT'))",
]  # fmt: skip


def job(project, name, *cells):
    return Job(notebook=make_notebook(project, name, *cells), edition="print", lang="zh")


def outputs(outcome):
    """What each code cell showed; the number of the process, which names IPython's temporary files, is masked."""
    shown = json.dumps([cell.get("outputs") for cell in outcome.notebook.cells if cell.cell_type == "code"])
    return json.loads(re.sub(r"ipykernel_\d+", "ipykernel_N", shown))


def text(outcome, cell):
    """What one cell printed. Cell 0 holds the parameters."""
    return "".join(output.get("text", "") for output in outputs(outcome)[cell + 1])


class Unavailable(Template):
    """As on a machine where kernels cannot be forked."""

    socket = None


@pytest.fixture
def project(tmp_path):
    return make_project(tmp_path)


@pytest.fixture(params=["zmq", "wire"])
def transport(request, monkeypatch):
    """By what a forked kernel and papermill speak."""
    monkeypatch.setenv(TRANSPORT, request.param)
    return request.param


@pytest.fixture
def kept_log(monkeypatch):
    """Keep what the template and its clients said: it is thrown away with the run's folder otherwise."""
    found = []
    finish = runner._finish

    def keep(project, item, task, seconds):
        found.append(task.log.read_text("utf-8", errors="replace") if task.log.is_file() else "")
        return finish(project, item, task, seconds)

    monkeypatch.setattr(runner, "_finish", keep)
    return found


def test_a_forked_kernel_shows_what_a_started_one_shows(project, monkeypatch, transport):
    jobs = [job(project, "01_torture.ipynb", *TORTURE)]
    forked = run(project, jobs, force=True)[0]
    monkeypatch.setattr(runner, "kernels_of", lambda project: Unavailable({}))
    started = run(project, jobs, force=True)[0]
    assert forked.failures == started.failures == ()
    assert len(outputs(forked)) == len(TORTURE) + 1 and all(outputs(forked)[1:9])
    assert outputs(forked) == outputs(started)


def test_by_a_wire_what_goes_around_python_stands_where_it_was_written(project, monkeypatch):
    monkeypatch.setenv(TRANSPORT, "wire")  # in stock, and by ZMQ, the order is open
    first = "import os\nprint('before')\n_ = os.system('echo within')\n_ = os.write(1, b'as C does\\n')\nprint('after')"
    (found,) = run(project, [job(project, "01_a.ipynb", first, *["_ = os.write(1, b'last\\n')"] * 20)])
    assert [text(found, cell) for cell in range(21)] == ["before\nwithin\nas C does\nafter\n", *["last\n"] * 20]


def test_a_kernel_has_what_the_desk_needs_and_nothing_of_who_runs_it(project):
    ask = "import sys\nprint(*(f'recount.{name}' in sys.modules for name in ('desk', 'trace', 'runner', 'kernel', 'freshness', 'site')))"
    assert text(run(project, [job(project, "01_a.ipynb", ask)])[0], 0) == "True True False False False False\n"


def test_no_kernel_is_forked_from_a_recount_that_has_been_edited_since(project, kept_log):
    edited = Path(recount.desk.__file__)
    was = edited.stat()
    ask = "import os\nprint(open(f'/proc/{os.getppid()}/cmdline').read().count('recount.template'))"
    with runner.kernels_of(project) as kernels:
        assert text(run(project, [job(project, "01_a.ipynb", ask)], kernels=kernels)[0], 0) == "1\n"
        os.utime(edited, ns=(was.st_atime_ns, was.st_mtime_ns + 1))
        try:
            assert text(run(project, [job(project, "02_b.ipynb", ask)], kernels=kernels)[0], 0) == "0\n"
        finally:
            os.utime(edited, ns=(was.st_atime_ns, was.st_mtime_ns))
    assert "recount has been edited" in kept_log[-1]


def test_a_failing_cell_has_the_same_traceback(project, monkeypatch, transport):
    jobs = [job(project, "01_fails.ipynb", HEAD, "def f(n):\n    return 1 / n\nf(0)")]
    forked = run(project, jobs, force=True)[0]
    monkeypatch.setattr(runner, "kernels_of", lambda project: Unavailable({}))
    started = run(project, jobs, force=True)[0]
    assert forked.failures == started.failures and forked.failure.code == "cell.failed"
    assert outputs(forked) == outputs(started)


def test_the_kernels_of_a_run_are_forked_from_one_template(project, kept_log, transport):
    ask = ("import os\nprint(type(get_ipython().kernel).__name__ == 'WiredKernel', os.getppid(), "
           "open(f'/proc/{os.getppid()}/cmdline').read().count('recount.template'))")
    found = run(project, [job(project, "01_a.ipynb", ask), job(project, "02_b.ipynb", ask)])
    assert text(found[0], 0) == text(found[1], 0) and text(found[0], 0).endswith(" 1\n")
    assert text(found[0], 0).startswith(str(transport == "wire"))
    assert not any("no kernel from the template" in each for each in kept_log)


def test_nothing_passes_from_one_kernel_to_the_next(project, transport):
    leave = ("import builtins, os, sys, pandas as pd, matplotlib.pyplot as plt, warnings, numpy as np\nbuiltins.left = 1\n"
             "os.environ['LEFT'] = '1'\nos.chdir('/')\nos.umask(0)\npd.options.display.max_rows = 3\nplt.rcParams['font.size'] = 3\n"
             "warnings.simplefilter('error')\nsys.path.append('/left')\nnp.random.seed(1)\npd.DataFrame.left = 1\nplt.figure()")
    look = ("import builtins, os, sys, pandas as pd, matplotlib.pyplot as plt\nmask = os.umask(0o77)\nprint(hasattr(builtins, 'left'), "
            "'LEFT' in os.environ, os.getcwd() == '/', mask == 0, pd.options.display.max_rows, plt.rcParams['font.size'], "
            "'/left' in sys.path, hasattr(pd.DataFrame, 'left'), plt.get_fignums())")
    _, found = run(project, [job(project, "01_leave.ipynb", leave), job(project, "02_look.ipynb", look)], workers=1)
    assert text(found, 0) == "False False False False 60 10.0 False False []\n"


def test_no_two_kernels_draw_the_same_random_numbers(project, transport):
    draw = "import numpy as np, random, uuid\nprint(np.random.random(), random.random(), uuid.uuid4())"
    found = run(project, [job(project, f"0{n}_draw.ipynb", draw) for n in (1, 2)])
    drawn = [text(each, 0).split() for each in found]
    assert all(one != other for one, other in zip(*drawn, strict=True))


def test_a_process_that_a_notebook_leaves_behind_dies_with_it(project, transport):
    leave = "import subprocess\nprint(subprocess.Popen(['sleep', '600']).pid)"
    (found,) = run(project, [job(project, "01_leaves.ipynb", leave)])
    assert gone(int(text(found, 0)))


def gone(pid: int, seconds: float = 10) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            # A zombie that nobody has reaped yet is gone as well.
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except (FileNotFoundError, ProcessLookupError):
            return True
        time.sleep(0.05)
    return False


# One kernel asked of a template at argv[1], by a client that then waits to be killed.
CLIENT = """
import asyncio, os, sys, tempfile
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
class Specs:
    def get_kernel_spec(self, name):
        return KernelSpec(argv=[sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"], language="python",
                          metadata={"kernel_provisioner": {"provisioner_name": "recount-template",
                                                           "config": {"template": sys.argv[1]}}})
async def main():
    km = AsyncKernelManager(kernel_name="any", transport="ipc", ip=os.path.join(tempfile.mkdtemp(), "k"))
    km._kernel_spec = Specs().get_kernel_spec("any")
    await km.start_kernel(env=dict(os.environ, **dict(each.split("=") for each in sys.argv[2:])))
    client = km.client(); client.start_channels(); await client.wait_for_ready(60)
    print(type(km.provisioner.process).__name__, km.provisioner.pid, flush=True)
    sys.stdin.read()
asyncio.run(main())
"""


@contextmanager
def client(path: Path, *settings: str, root: Path):
    environment = declared(root)
    with subprocess.Popen([sys.executable, "-c", CLIENT, str(path), *settings], env=environment, text=True,
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:  # fmt: skip
        line = process.stdout.readline().split()
        try:
            yield process, line[0] if line else process.stderr.read(), int(line[1]) if line else 0
        finally:
            process.kill()


OWNER = """
import sys, time
from pathlib import Path
from recount.kernel import declared
from recount.provisioner import Template
with Template(declared(Path(sys.argv[1]))) as kernels:
    print(kernels.socket, flush=True)
    time.sleep(600)
"""


@contextmanager
def owner_of_a_template(root: Path):
    """A process that owns a template, to be killed, and the template's socket."""
    with subprocess.Popen([sys.executable, "-c", OWNER, str(root)], stdout=subprocess.PIPE, text=True) as owner:
        try:
            yield owner, Path(owner.stdout.readline().strip())
        finally:
            owner.kill()


@pytest.fixture
def socket(project):
    with runner.kernels_of(project) as kernels:
        yield kernels.socket


def test_any_jupyter_client_can_ask_and_its_kernel_goes_when_it_is_killed(socket, project):
    with client(socket, root=project.root) as (process, kind, pid):
        assert kind == "ForkedKernel"
        process.kill()
        assert gone(pid)


def test_a_kernel_that_wants_another_environment_at_import_is_started_and_the_log_says_so(socket, project):
    with client(socket, "PYTHONHASHSEED=7", root=project.root) as (process, kind, pid):
        assert kind == "Popen"
        process.kill()
        assert "PYTHONHASHSEED" in process.stderr.read()
        os.kill(pid, signal.SIGKILL)


def test_without_a_template_a_kernel_is_started_as_ever(tmp_path):
    with client(tmp_path / "none", root=tmp_path) as (process, kind, pid):
        assert kind == "Popen"
        process.kill()
        assert "no kernel from the template" in process.stderr.read()
        os.kill(pid, signal.SIGKILL)


def test_the_template_and_its_kernels_go_when_their_owner_is_killed(tmp_path):
    with owner_of_a_template(tmp_path) as (owner, path), client(path, root=tmp_path) as (_, kind, pid):
        assert kind == "ForkedKernel"
        parent = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
        owner.kill()
        assert gone(parent) and gone(pid)


def test_a_template_killed_between_two_notebooks_costs_nothing_but_time(project, monkeypatch, transport):
    class Killed(Template):
        @property
        def socket(self):
            path = super().socket
            self._process.kill()
            return path

    monkeypatch.setattr(runner, "kernels_of", lambda project: Killed(declared(project.root), wired=by_wire()))
    (found,) = run(project, [job(project, "01_a.ipynb", "print(1)")])
    assert found.failures == () and text(found, 0) == "1\n"


def test_a_template_killed_while_a_notebook_runs_takes_it_along_and_the_next_is_started(project, transport):
    kill = "import os, signal\nos.kill(os.getppid(), signal.SIGKILL)\nimport time\ntime.sleep(60)"
    found = run(project, [job(project, "01_kills.ipynb", kill), job(project, "02_goes_on.ipynb", "print(1)")], workers=1)
    assert [outcome.failure and outcome.failure.code for outcome in found] == ["kernel.died", None]
    assert text(found[1], 0) == "1\n"


def test_a_request_that_is_none_is_refused_and_the_next_is_served(socket, project):
    import socket as sockets

    for sent in (b"", b"\0\0", HEADER.pack(4) + b"none", HEADER.pack(99) + b"half"):
        with sockets.socket(sockets.AF_UNIX, sockets.SOCK_STREAM) as peer:
            peer.connect(str(socket))
            if sent:
                sockets.send_fds(peer, [sent], [1, 2])
            peer.shutdown(sockets.SHUT_WR)
            assert "refused" in json.loads(peer.recv(4096))
    with client(socket, root=project.root) as (_, kind, _pid):
        assert kind == "ForkedKernel"


def test_nothing_is_left_on_the_disk_by_an_owner_that_was_killed(tmp_path):
    with owner_of_a_template(tmp_path) as (owner, path):
        assert path.exists()
        owner.kill()
    end = time.monotonic() + 30
    while path.parent.exists() and time.monotonic() < end:
        time.sleep(0.05)
    assert not path.parent.exists()


def test_the_provisioner_is_registered_for_every_jupyter_client():
    from importlib.metadata import entry_points

    (found,) = entry_points(group="jupyter_client.kernel_provisioners", name="recount-template")
    assert found.load() is TemplateProvisioner
