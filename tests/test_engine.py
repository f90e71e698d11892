"""``papermill --engine recount`` does what stock papermill does, message for message, and says where it does not."""

from __future__ import annotations

import json
import logging
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import nbformat.v4 as v4
import pytest
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from papermill.exceptions import PapermillExecutionError
from papermill.execute import execute_notebook

from recount import engine
from recount.client import TRANSPORT
from recount.errors import WrongUse
from recount.memory import OutOfMemory, Watch, parsed_limit

pytestmark = [pytest.mark.slow,
              pytest.mark.skipif(not sys.platform.startswith("linux"), reason="kernels are forked on Linux only")]  # fmt: skip

FAILS = {"tags": ["raises-exception"]}
# Synthetic. What a notebook can show and do; each cell shows something, so that a lost output is seen.
TORTURE = [
    ("print(a, b)", {}),
    ("import sys\nprint('a')\nsys.stdout.flush()\nprint('b', file=sys.stderr)\nsys.stderr.flush()\nprint('c')", {}),
    ("from IPython.display import *\nh = display(1, display_id='one')\nh.update(2)\ndisplay({'text/plain': 'x'}, raw=True)", {}),
    ("h.update(HTML('<b>later</b>'))\nprint('updates the cell above')", {}),
    ("print('gone')\nclear_output()\nprint('kept')", {}),
    ("print('gone')\nclear_output(wait=True)\ndisplay('kept')", {}),
    ("import pandas as pd\npd.DataFrame({'a': [1.5, None], 'b': ['甲', 'y']})", {}),
    ("import matplotlib.pyplot as plt\nfig, ax = plt.subplots(figsize=(1, 1))\nax.plot([1, 2])\nprint(plt.get_backend())", {}),
    ("print(plt.get_fignums())\n%matplotlib inline\nplt.figure(figsize=(1, 1)).add_subplot().bar([1], [2]);", {}),
    ("%config InlineBackend.figure_formats = ['svg']\nimport matplotlib as mpl\nmpl.rcParams['svg.hashsalt'] = 'x'\n"
     "fig, ax = plt.subplots(figsize=(1, 1))\nplt.close(fig)\nfig.savefig('a.svg', metadata={'Date': None})\nprint(len(open('a.svg').read()))", {}),
    ("import altair as alt\nc = alt.Chart(pd.DataFrame({'a': [1]})).mark_bar().encode(x='a').interactive()\nprint(c.to_json())", {}),
    ("import asyncio\nawait asyncio.sleep(0.01)\n[print(n) for n in range(2)]", {}),
    ("async def later():\n    await asyncio.sleep(0.05)\n    print('from a task')\ntask = asyncio.ensure_future(later())\nawait task", {}),
    ("!echo from a shell", {}),
    ("%%bash\necho from bash\nsleep 0.5\necho to stderr >&2", {}),
    ("import subprocess, time\ncode = subprocess.run(['sh', '-c', 'echo inherited']).returncode\ntime.sleep(1)\ncode", {}),
    ("%%capture held\nprint('captured')\ndisplay(3)", {}),
    ("held.show()\nprint(held.stdout)", {}),
    ("import warnings\nwarnings.warn('careful')", {}),
    ("import logging\nlogging.warning('logged')\nlogging.getLogger('x').error('too')", {}),
    ("def f(n):\n    return 1 / n\nf(0)", FAILS),
    ("try:\n    f(0)\nexcept ZeroDivisionError as error:\n    raise ValueError('chained') from error", FAILS),
    ("if True print(1)", FAILS),
    ("input('name')", FAILS),
    ("import getpass\ngetpass.getpass()", FAILS),
    ("raise KeyboardInterrupt", FAILS),
    ("class Odd(Exception):\n    def __str__(self):\n        raise RuntimeError('no words')\nraise Odd", FAILS),
    ("assert not 1, '甲'", FAILS),
    ("import threading\nt = threading.Thread(target=print, args=('in a thread',))\nt.start()\nt.join()", {}),
    ("from concurrent.futures import ThreadPoolExecutor\nprint(list(ThreadPoolExecutor(2).map(abs, [-1, -2])))", {}),
    ("import multiprocessing\nwith multiprocessing.get_context('fork').Pool(2) as pool:\n    print(pool.map(abs, [-1, -2]))", {}),
    ("import numpy as np\nnp.random.seed(1)\na = np.random.rand(300, 300)\nprint(np.random.rand(), round((a @ a).sum(), 6))", {}),
    ("_, In[1], len(Out) > 1", {}),
    ("%who_ls", {}),
    ("print('x' * 200_000)", {}),
    ("get_ipython().system('printf no-newline')", {}),
    ("import os\nprint(__name__, sys.argv[1:2], sys.path.count(''), os.path.basename(os.getcwd()) in ('nbclient', 'recount'))", {}),
    ("import os\nprint(sorted(k for k in os.environ if 'PID' not in k), oct(os.umask(18)), os.isatty(0))", {}),
    ("import signal\nprint(signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM))", {}),
    ("import time, locale, gc\nprint(time.tzname, locale.getlocale(), sys.getrecursionlimit(), gc.isenabled(), sys.flags)", {}),
    ("print(sorted(map(str, warnings.filters)), pd.options.display.max_rows, plt.rcParams['font.size'], np.get_printoptions()['precision'])", {}),
    ("import atexit, pathlib\natexit.register(lambda: pathlib.Path('atexit').write_text('done'))\nprint('registered')", {}),
    ("_ = threading.Timer(0.2, print, ['late']).start()\nprint('not waited for')", {}),
    ("1 + 1", {}),
]  # fmt: skip


def notebook(path: Path, *cells, **metadata) -> Path:
    made = v4.new_notebook(metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
                                     "language_info": {"name": "python"}, **metadata})  # fmt: skip
    made.cells.append(v4.new_code_cell("a = 0\nb = ''", id="parameters", metadata={"tags": ["parameters"]}))
    made.cells.append(v4.new_markdown_cell("prose", id="prose"))
    for number, cell in enumerate(cells):
        source, told = cell if isinstance(cell, tuple) else (cell, {})
        made.cells.append(v4.new_code_cell(source, id=f"c{number}", metadata=told))
    nbformat.write(made, path)
    return path


@pytest.fixture(scope="module", params=["zmq", "wire"])
def transport(request):
    """By what our kernels speak; the stock engine's always by ZMQ."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(TRANSPORT, request.param)
        yield request.param


def both(folder: Path, *cells, error=None, **options):
    """The same notebook by the stock engine and by ours: both outputs as far as papermill saved them, and both errors."""
    source, found = notebook(folder / "in.ipynb", *cells), {}
    for name in ("nbclient", "recount"):
        work = folder / name
        work.mkdir()
        raised = None
        try:
            execute_notebook(source, work / "out.ipynb", {"a": 1, "b": "甲"}, engine_name=name, cwd=work, progress_bar=False, **options)
        except (Exception, KeyboardInterrupt) as caught:
            raised = caught
        assert type(raised) is (error or type(None)), raised
        found[name] = nbformat.read(work / "out.ipynb", as_version=4), raised, work
    return found["nbclient"], found["recount"]


def shown(made):
    """All of a notebook but times, process numbers and addresses, and where a stream was cut by the clock."""
    for cell in made.cells:
        joined = []
        for output in cell.get("outputs", []):
            if joined and output.output_type == joined[-1].output_type == "stream" and output.name == joined[-1].name:
                joined[-1].text += output.text
            else:
                joined.append(output)
        if "outputs" in cell:
            cell.outputs = joined
        if "injected-parameters" in cell.metadata.get("tags", []) or "papermill-error-cell-tag" in cell.metadata.get("tags", []):
            cell.id = "new"
    text = json.dumps(made, ensure_ascii=False)
    text = re.sub(r"ipykernel_\d+/?\d*", "ipykernel_N", text)
    text = re.sub(r"0x[0-9a-f]+", "0x", text)
    text = re.sub(r"\d{4}-\d\d-\d\dT[\d:.+]+", "TIME", text)
    text = re.sub(r'"duration": [\d.e-]+', '"duration": 0', text)
    return json.loads(re.sub(r"/(nbclient|recount)/", "/ENGINE/", text))


@pytest.fixture(scope="module")
def tortured(tmp_path_factory, transport):
    stock, ours = both(tmp_path_factory.mktemp("torture"), *TORTURE, error=PapermillExecutionError)
    return stock, ours


def test_every_cell_of_the_torture_notebook_is_as_stock_papermill_makes_it(tortured):
    (stock, _, _), (ours, _, _) = tortured
    expected, found = shown(stock), shown(ours)
    assert len(expected["cells"]) == len(found["cells"]) > len(TORTURE)
    for one, other in zip(expected["cells"], found["cells"], strict=True):
        assert other == one
        if one["cell_type"] == "code" and not {"parameters", "injected-parameters"} & set(one["metadata"]["tags"]):
            assert one["outputs"] or one["source"].startswith(("%%capture", "print('gone')")), one["source"]
    assert found == expected


def test_a_handler_for_the_exit_runs(tortured):
    for _, _, work in tortured:
        assert (work / "atexit").read_text() == "done"


def test_the_same_error_with_the_same_words(tortured):
    (_, stock, _), (_, ours, _) = tortured
    assert re.sub(r"ipykernel_\d+/?\d*", "", str(ours)) == re.sub(r"ipykernel_\d+/?\d*", "", str(stock))


@pytest.mark.parametrize("cells, error, options", [
    (["print(1)", "1 / 0", "print('never')"], PapermillExecutionError, {}),
    (["print(1)", "import time; time.sleep(60)"], CellTimeoutError, {"execution_timeout": 2}),
    (["print(1, flush=True)", "import time\ntime.sleep(60)", "print(3)"], PapermillExecutionError,
     {"execution_timeout": 2, "interrupt_on_timeout": True}),
    (["print(1)", "import os, signal, time\ntime.sleep(0.5)\nos.kill(os.getpid(), signal.SIGKILL)"], DeadKernelError, {}),
    (["print(1)", "import os, time\ntime.sleep(0.5)  # or its last messages are lost now and then\nos._exit(3)"], DeadKernelError, {}),
    (["print(1)", "import sys\nsys.exit(0)", "print('never')"], None, {}),
    (["print(1)", "1 / 0", "print('goes on')"], PapermillExecutionError, {"allow_errors": True}),
    (["print(1)"], None, {"report_mode": True, "log_output": True}),
    (["print(1)"], None, {"shutdown_kernel": "immediate"}),
])  # fmt: skip
def test_a_run_ends_as_it_does_with_stock_papermill(tmp_path, transport, cells, error, options):
    (stock, raised, _), (ours, other, _) = both(tmp_path, *cells, error=error, **options)
    assert shown(ours) == shown(stock)
    assert type(other) is type(raised)


def test_what_is_printed_is_logged_and_kept_in_files_as_ever(tmp_path, caplog, transport):
    source, said = notebook(tmp_path / "in.ipynb", "print('甲')\n42", "import sys\nprint('e', file=sys.stderr)"), []
    for name in ("nbclient", "recount"):
        caplog.clear()
        with (tmp_path / f"{name}.out").open("w+") as out, (tmp_path / f"{name}.err").open("w+") as err, \
                caplog.at_level(logging.INFO, "papermill"):  # fmt: skip
            execute_notebook(source, tmp_path / "o.ipynb", engine_name=name, progress_bar=False, log_output=True,
                             stdout_file=out, stderr_file=err)  # fmt: skip
        said.append(([(each.levelname, each.getMessage()) for each in caplog.records if each.name.startswith("papermill")],
                     (tmp_path / f"{name}.out").read_text(), (tmp_path / f"{name}.err").read_text()))  # fmt: skip
    assert said[0] == said[1] and said[1][1:] == ("甲\n", "e\n")


def test_its_kernels_are_forked_and_nothing_passes_from_one_to_the_next(tmp_path, transport):
    source = notebook(tmp_path / "in.ipynb", "import builtins, os\nprint(hasattr(builtins, 'left'), os.getppid(), open("
                                             "f'/proc/{os.getppid()}/cmdline').read().count('recount.template'))\nbuiltins.left = 1")
    said = [execute_notebook(source, None, engine_name="recount", progress_bar=False).cells[2].outputs[0].text for _ in range(2)]
    assert said[0] == said[1] and said[0].startswith("False ") and said[0].endswith(" 1\n")


def test_a_notebook_without_libraries_finds_none_imported(tmp_path, transport):
    source = notebook(tmp_path / "in.ipynb", "import sys\nprint([m for m in ('pan' + 'das', 'num' + 'py') if m in sys.modules])")
    made = execute_notebook(source, None, engine_name="recount", progress_bar=False)
    assert made.cells[2].outputs[0].text == "[]\n"


@pytest.mark.parametrize("plant", ["matplotlibrc", "altair.py", "pandas/__init__.py"])
def test_what_lies_in_the_notebooks_folder_comes_before_what_the_template_imported(tmp_path, plant):
    path = tmp_path / plant
    path.parent.mkdir(exist_ok=True)
    path.write_text("font.size: 33" if plant == "matplotlibrc" else "mine = 33", "utf-8")
    code = "import matplotlib as m\nm.rcParams['font.size']" if plant == "matplotlibrc" else f"import {plant[:6]} as m\nm.mine"
    made = execute_notebook(notebook(tmp_path / "in.ipynb", code), None, engine_name="recount", progress_bar=False, cwd=tmp_path)
    assert made.cells[2].outputs[0].data["text/plain"] in ("33", "33.0")


def test_an_environment_that_is_read_at_import_is_the_kernels_own(tmp_path, monkeypatch):
    source = notebook(tmp_path / "in.ipynb", "import numpy, os\nprint(hash('a'), os.environ.get('LEFT'))")
    for seed in ("7", "8"):
        monkeypatch.setenv("PYTHONHASHSEED", seed)
        monkeypatch.setenv("LEFT", seed)
        made = execute_notebook(source, None, engine_name="recount", progress_bar=False)
        told = subprocess.run([sys.executable, "-c", "print(hash('a'))"], capture_output=True, text=True, check=True).stdout
        assert made.cells[2].outputs[0].text == f"{told.strip()} {seed}\n"


# When and how the output is written.

def test_the_output_is_written_once_by_the_engine_and_whole(tmp_path, monkeypatch):
    written = []
    monkeypatch.setattr(engine, "write_notebook", lambda nb, path: written.append(nb.cells[-1].metadata.papermill.status))
    execute_notebook(notebook(tmp_path / "in.ipynb", "1", "2", "3"), tmp_path / "o.ipynb", engine_name="recount", progress_bar=False)
    assert written == ["completed"]


def test_a_long_run_is_saved_on_the_way(tmp_path, monkeypatch):
    written = []
    monkeypatch.setattr(engine, "write_notebook", lambda nb, path: written.append(1))
    source = notebook(tmp_path / "in.ipynb", *["import time; time.sleep(0.7)"] * 3)
    execute_notebook(source, tmp_path / "o.ipynb", engine_name="recount", progress_bar=False, autosave_cell_every=1)
    assert 1 < len(written) < 7


def test_a_reader_never_sees_half_a_file_and_a_link_stays_one(tmp_path):
    made = v4.new_notebook()
    (tmp_path / "real.ipynb").write_text("old")
    (tmp_path / "real.ipynb").chmod(0o640)
    (tmp_path / "link.ipynb").symlink_to("real.ipynb")
    held = (tmp_path / "real.ipynb").open()
    engine.write_notebook(made, str(tmp_path / "link.ipynb"))
    assert held.read() == "old"  # another file stands in its place
    held.close()
    assert (tmp_path / "link.ipynb").is_symlink() and (tmp_path / "real.ipynb").stat().st_mode & 0o777 == 0o640
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link.ipynb", "real.ipynb"]
    nbformat.read(tmp_path / "real.ipynb", as_version=4)


def test_an_output_folder_that_is_not_there_is_told_before_the_work(tmp_path):
    source = notebook(tmp_path / "in.ipynb", f"open({str(tmp_path / 'ran')!r}, 'w')")
    with pytest.raises(FileNotFoundError, match="output folder"):
        execute_notebook(source, tmp_path / "none" / "o.ipynb", engine_name="recount", progress_bar=False)
    assert not (tmp_path / "ran").exists()


# Where it cannot be had.

@pytest.fixture
def said(caplog):
    engine._said.clear()
    with caplog.at_level(logging.WARNING, "papermill"):
        yield lambda: [each.getMessage() for each in caplog.records if "recount" in each.getMessage()]


@pytest.mark.parametrize("reason", ["machine", "manager", "ipykernel", "spec"])
def test_where_a_kernel_cannot_be_forked_it_is_started_and_the_log_says_so_once(tmp_path, monkeypatch, said, reason):
    from jupyter_client.manager import AsyncKernelManager

    options = {}
    if reason == "machine":
        monkeypatch.setattr("recount.provisioner.possible", lambda: False)
    elif reason == "manager":
        options["kernel_manager_class"] = AsyncKernelManager
    elif reason == "ipykernel":
        monkeypatch.setattr(engine, "IPYKERNEL", 99)
    else:
        folder = tmp_path / "jupyter" / "kernels" / "other"
        folder.mkdir(parents=True)
        argv = [sys.executable, "-c", "import runpy; runpy.run_module('ipykernel_launcher', run_name='__main__')", "-f", "{connection_file}"]
        (folder / "kernel.json").write_text(json.dumps({"argv": argv, "display_name": "o", "language": "python"}))
        monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))
        options["kernel_name"] = "other"
    ask = "import os\nprint(open(f'/proc/{os.getppid()}/cmdline').read().count('recount.template'))"
    for _ in range(2):
        made = execute_notebook(notebook(tmp_path / "in.ipynb", ask), None, engine_name="recount", progress_bar=False, **options)
        assert made.cells[2].outputs[0].text == "0\n"
    assert len(said()) == 1 and "not forked" in said()[0]


def test_a_template_that_was_killed_is_started_anew(tmp_path):
    import signal

    source = notebook(tmp_path / "in.ipynb", "import os\nprint(os.getppid(), open(f'/proc/{os.getppid()}/cmdline').read().count('recount.template'))")
    first = execute_notebook(source, None, engine_name="recount", progress_bar=False).cells[2].outputs[0].text.split()
    os.kill(int(first[0]), signal.SIGKILL)
    engine._templates[True]._process.wait(10)  # with libraries: the source names one of our modules
    second = execute_notebook(source, None, engine_name="recount", progress_bar=False).cells[2].outputs[0].text.split()
    assert first[0] != second[0] and first[1] == second[1] == "1"


def test_the_template_goes_with_its_owner_and_leaves_no_folder(tmp_path):
    source = notebook(tmp_path / "in.ipynb", "import os, glob\nprint(os.getppid())")
    code = ("import sys\nfrom papermill import execute_notebook\nfrom recount import engine\n"
            f"made = execute_notebook({str(source)!r}, None, engine_name='recount', progress_bar=False)\n"
            "print(made.cells[2].outputs[0].text.strip(), engine._templates[False].socket.parent)")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    pid, folder = done.stdout.split()
    assert not Path(f"/proc/{pid}").exists() and not Path(folder).exists()


def test_the_command_line_of_papermill_knows_it(tmp_path):
    source = notebook(tmp_path / "in.ipynb", "print(a, b)")
    done = subprocess.run([str(Path(sys.executable).with_name("papermill")), "--engine", "recount", "-p", "a", "5", "--cwd", str(tmp_path),
                           str(source), str(tmp_path / "o.ipynb")], capture_output=True, text=True)  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "Executing: 100%" in done.stderr
    assert nbformat.read(tmp_path / "o.ipynb", as_version=4).cells[3].outputs[0].text == "5 \n"


# Memory.

GREEDY = ["print('begins')", "held = bytearray(700_000_000)\nimport time\ntime.sleep(30)"]


@pytest.mark.parametrize("forked", [True, False])
def test_a_kernel_over_its_limit_is_killed_and_the_cell_the_limit_and_what_it_held_are_named(tmp_path, monkeypatch, forked):
    if not forked:
        monkeypatch.setattr("recount.provisioner.possible", lambda: False)
    began = time.monotonic()
    with pytest.raises(OutOfMemory) as caught:
        execute_notebook(notebook(tmp_path / "in.ipynb", *GREEDY), tmp_path / "o.ipynb", engine_name="recount",
                         progress_bar=False, memory_limit="400MB")  # fmt: skip
    finding = caught.value.findings[0]
    assert finding.code == "kernel.memory-limit" and "cell c1" in finding.where and "400 MB" in finding.expected
    assert 400 < float(finding.found.split()[0]) * (1000 if "GB" in finding.found else 1) < 1000
    assert isinstance(caught.value, DeadKernelError) and time.monotonic() - began < 30
    assert nbformat.read(tmp_path / "o.ipynb", as_version=4).cells[2].outputs[0].text == "begins\n"


def test_what_a_kernel_starts_counts_too_and_the_variable_sets_the_limit(tmp_path, monkeypatch):
    monkeypatch.setenv(engine.LIMIT, "400MB")
    child = "import subprocess, sys\nsubprocess.run([sys.executable, '-c', 'import time; held = bytearray(700_000_000); time.sleep(30)'])"
    with pytest.raises(OutOfMemory):
        execute_notebook(notebook(tmp_path / "in.ipynb", child), None, engine_name="recount", progress_bar=False)


def test_a_kernel_within_its_limit_and_reserved_addresses_are_left_alone(tmp_path):
    source = notebook(tmp_path / "in.ipynb", "import mmap, time\nheld = mmap.mmap(-1, 64 * 2**30, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x4000)\ntime.sleep(0.5)\nprint('done')")
    made = execute_notebook(source, None, engine_name="recount", progress_bar=False, memory_limit=600_000_000)
    assert made.cells[2].outputs[0].text == "done\n"


@pytest.mark.parametrize("given", ["much", "0", -1, "12 parsecs", True])
def test_a_limit_that_is_none_is_refused(given):
    with pytest.raises(WrongUse, match=r"memory\.limit"):
        parsed_limit(given)


def test_a_limit_that_cannot_be_watched_is_refused(monkeypatch):
    monkeypatch.setattr("recount.memory.os.path.exists", lambda path: False)
    with pytest.raises(WrongUse, match=r"memory\.unwatched"):
        parsed_limit("1GB")


def test_a_watch_ends_with_what_it_watches():
    with Watch(os.getpid(), 10**15) as watch:
        pass
    assert not watch._thread.is_alive()


def test_the_engine_is_registered_and_light():
    from importlib.metadata import entry_points

    (found,) = entry_points(group="papermill.engine", name="recount")
    assert found.load().__module__ == "recount.entry"
    code = ("import sys, papermill\nprint([m for m in ('recount.engine', 'recount.provisioner', 'recount.client', 'recount.memory', 'pandas') if m in sys.modules])")
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_the_engine_may_be_imported_before_papermill():
    code = "from recount.engine import RecountEngine\nfrom papermill.engines import papermill_engines\nprint(papermill_engines.get_engine('recount'))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "<class 'recount.entry.RecountEngine'>\n"
