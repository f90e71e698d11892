"""Notebooks run for real: failures are placed, the others go on, and nothing unchanged runs again."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest
from synthetic_run import HEAD, make_notebook, make_project

from recount import keys
from recount.errors import BadInput, Finding
from recount.failures import read_findings
from recount.runner import Job, run

FAIL = "def price(day):\n    return {1: 10}[day]\nprint('begun')\nprice(3)"
REFUSE = """from recount.errors import BadInput, Finding
raise BadInput([
    Finding(code="data.bad-type", where="data/prices.csv row 2, column price", expected="a number",
            found="a\\nb", next="correct the cell"),
    Finding(code="data.bad-key", where="data/prices.csv row 3"),
])"""
CELLS = {
    "01_good.ipynb": ["import sys\nprint(lang, rate, os.getcwd())\nprint('x', file=sys.stderr)", "object()"],
    "02_fails.ipynb": ["x = 1", FAIL, "print('never')"],
    "03_dies.ipynb": ["print('before')", "os._exit(3)"],
    "04_hangs.ipynb": ["import time\ntime.sleep(60)"],
    "05_refuses.ipynb": [REFUSE],
    "06_leaves.ipynb": ["import sys\nsys.exit(0)", "print('never')"],
    "07_syntax.ipynb": ["x = 1\nif x\n    y"],
}


def make_jobs(paths, **parameters):
    return [Job(notebook=path, edition="print", lang="zh", parameters=parameters) for path in paths]


@pytest.fixture(autouse=True)
def engine_at_rest(monkeypatch):
    """Someone may be editing the engine while these tests run; that is not what they are about."""
    monkeypatch.setattr(keys, "engine_digest", lambda: "0")


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """One run of a good notebook and six bad ones, two at once."""
    project = make_project(tmp_path_factory.mktemp("run"))
    paths = [make_notebook(project, name, HEAD, *cells) for name, cells in CELLS.items()]
    told = []
    outcomes = run(project, make_jobs(paths, lang="en", rate=2), timeout=5,
                   progress=lambda job, state, detail: told.append((job.stem, state)))  # fmt: skip
    return project, {outcome.job.stem: outcome for outcome in outcomes}, told


def text_of(outcome, cell):
    found = next(item for item in outcome.notebook.cells if item.id == cell)
    return [output.get("text") or output.get("data") for output in found.outputs]


@pytest.mark.slow
class TestOneRun:
    def test_outcomes_come_in_the_order_of_the_jobs_and_each_is_told_twice(self, ran):
        assert [name + ".ipynb" for name in ran[1]] == list(CELLS)
        states = {stem: [state for name, state in ran[2] if name == stem] for stem in ran[1]}
        assert states.pop("01_good") == ["started", "done"]
        assert states.pop("03_dies") == ["started", "again", "started", "failed"]
        assert all(state == ["started", "failed"] for state in states.values())

    def test_parameters_arrive_and_outputs_hold_no_path_and_no_address(self, ran):
        good = ran[1]["01_good"]
        assert good.failure is None and not good.fresh and good.why == "never run"
        assert text_of(good, "c1") == ["en 2 .\n", "x\n"]
        assert text_of(good, "c2") == [{"text/plain": "<object>"}]

    def test_text_on_stderr_is_kept_for_the_gate(self, ran):
        cell = next(item for item in ran[1]["01_good"].notebook.cells if item.id == "c1")
        assert [output.name for output in cell.outputs] == ["stdout", "stderr"]

    def test_the_notebook_keeps_its_own_cells_ids_and_prose_and_no_counts(self, ran):
        project, outcomes, _ = ran
        source = nbformat.read(project.notebooks / "01_good.ipynb", as_version=4)
        made = outcomes["01_good"].notebook
        assert [(cell.id, cell.source, cell.metadata) for cell in made.cells] == [
            (cell.id, cell.source, cell.metadata) for cell in source.cells]  # fmt: skip
        assert {cell.get("execution_count") for cell in made.cells} == {None}
        assert "papermill" not in json.dumps(made)

    def test_a_failing_cell_is_named_with_its_own_line_and_error(self, ran):
        failure = ran[1]["02_fails"].failure
        assert failure == Finding(
            code="cell.failed", where="notebooks/02_fails.ipynb cell c2 line 4", expected="a cell that runs",
            found="KeyError: 3", notebook="02_fails", cell="c2", lang="zh",
            done="nothing was published; the traceback is in _build/failures/02_fails.print.zh.txt",
        )  # fmt: skip

    def test_the_whole_traceback_is_kept_without_colours(self, ran):
        text = (ran[0].failures / "02_fails.print.zh.txt").read_text("utf-8")
        assert "return {1: 10}[day]" in text and "KeyError" in text and "\x1b" not in text

    def test_the_partial_notebook_is_kept_for_the_draft_and_not_as_a_record(self, ran):
        project, outcomes, _ = ran
        assert text_of(outcomes["02_fails"], "c2")[0] == "begun\n"
        assert text_of(outcomes["02_fails"], "c3") == []
        assert text_of(outcomes["03_dies"], "c1") == ["before\n"]
        assert [path.parent.name for path in project.runs.rglob("record.json")] == ["01_good"]

    def test_a_dead_kernel_and_a_timeout_are_findings_that_name_the_cell(self, ran):
        found = {stem: (ran[1][stem].failure.code, ran[1][stem].failure.where, ran[1][stem].failure.expected)
                 for stem in ("03_dies", "04_hangs")}  # fmt: skip
        assert found == {
            "03_dies": ("kernel.died", "notebooks/03_dies.ipynb cell c2", "a kernel that lives"),
            "04_hangs": ("cell.timeout", "notebooks/04_hangs.ipynb cell c1", "an end within 5 s"),
        }

    def test_an_error_of_this_package_keeps_its_code_and_words(self, ran):
        first, second = ran[1]["05_refuses"].failures
        place = "notebooks/05_refuses.ipynb cell c1 line 2: data/prices.csv row "
        assert (first.code, first.where) == ("data.bad-type", place + "2, column price")
        assert (first.expected, first.found, first.next) == ("a number", "a\nb", "correct the cell")
        assert (second.code, second.where) == ("data.bad-key", place + "3")

    def test_leaving_early_is_a_failure_though_papermill_calls_it_success(self, ran):
        assert ran[1]["06_leaves"].failure.found == "SystemExit: 0"

    def test_a_syntax_error_is_placed_too(self, ran):
        assert ran[1]["07_syntax"].failure.where == "notebooks/07_syntax.ipynb cell c1 line 2"

    def test_no_working_folder_is_left(self, ran):
        assert list(ran[0].runs.rglob("work")) == []


@pytest.mark.slow
def test_only_what_changed_runs_again(tmp_path):
    project = make_project(tmp_path)
    code = ["print((DATA / 'prices.csv').read_text())",
            "try: print((DATA / 'late.csv').read_text())\nexcept OSError: print('no late.csv')",
            "print(sorted(path.name for path in DATA.glob('*.csv')))"]  # fmt: skip
    path = make_notebook(project, "01_a.ipynb", HEAD, *code)
    jobs = make_jobs([path])

    def again():
        outcome = run(project, jobs)[0]
        assert outcome.failure is None
        return outcome.why, outcome

    assert again()[0] == "never run"
    why, outcome = again()
    assert (why, outcome.fresh, outcome.seconds) == ("", True, 0.0)

    make_notebook(project, "01_a.ipynb", HEAD, *code, prose="改过的话")
    why, outcome = again()
    assert (why, outcome.notebook.cells[1].source) == ("", "改过的话")
    assert text_of(outcome, "c1") == ["day,price\n1,10\n2,12\n\n"]

    (project.data / "prices.csv").write_text("day,price\n1,10\n2,21\n", "utf-8")
    why, outcome = again()
    assert (why, text_of(outcome, "c1")) == ("data/prices.csv changed", ["day,price\n1,10\n2,21\n\n"])

    (project.data / "late.csv").write_text("x\n", "utf-8")
    why, outcome = again()
    assert (why, text_of(outcome, "c2")) == ("data/late.csv appeared", ["x\n\n"])

    (project.data / "third.csv").write_text("x\n", "utf-8")
    why, outcome = again()
    assert (why, text_of(outcome, "c3")) == ("the files in data changed",
                                             ["['late.csv', 'prices.csv', 'third.csv']\n"])  # fmt: skip
    assert again()[0] == ""
    assert run(project, jobs, force=True)[0].why == "forced"


@pytest.mark.slow
def test_a_failure_does_not_replace_the_record_and_is_cleared_by_success(tmp_path):
    project = make_project(tmp_path)
    path = make_notebook(project, "01_a.ipynb", "print(1)")
    assert run(project, make_jobs([path]))[0].failure is None
    make_notebook(project, "01_a.ipynb", "print(1/0)")
    assert run(project, make_jobs([path]))[0].failure.found == "ZeroDivisionError: division by zero"
    kept = project.failures / "01_a.print.zh.txt"
    assert kept.is_file()
    make_notebook(project, "01_a.ipynb", "print(1)")  # put back: the record of before still holds
    outcome = run(project, make_jobs([path]))[0]
    assert outcome.fresh and text_of(outcome, "c0") == ["1\n"]
    assert not kept.exists()
    kept.write_text("of an earlier failure", "utf-8")
    assert run(project, make_jobs([path]), force=True)[0].failure is None
    assert not kept.exists()


@pytest.mark.slow
def test_two_runs_give_the_same_bytes_in_another_folder_zone_home_and_seed(
    tmp_path, monkeypatch
):
    code = [HEAD + "import sys, time, locale, matplotlib.pyplot as plt\n"
            "from IPython.display import SVG, display\nplt.rcParams['svg.hashsalt'] = 'x'",
            "print(os.getcwd(), DATA, time.tzname, hash('a'), locale.getlocale(), sys.stdout.encoding)",
            "print(list({'b', 'a', 'c', '瑞安'}), lambda: 0, plt.get_backend())",
            "for n in range(300): print(n, end=' ', flush=True)",
            "figure, axes = plt.subplots()\naxes.plot([1, 2])\nfigure.savefig('a.svg')",
            "display(SVG('a.svg'))"]  # fmt: skip
    made = []
    for name, zone, seed in (("one", "Asia/Shanghai", "1"), ("a/longer/place", "America/New_York", "2")):
        project = make_project(tmp_path / name)
        home = tmp_path / f"home-{seed}"
        (home / ".config" / "matplotlib").mkdir(parents=True)
        (home / ".config" / "matplotlib" / "matplotlibrc").write_text(f"lines.linewidth: {seed}\n", "utf-8")
        for key, value in {"TZ": zone, "PYTHONHASHSEED": seed, "HOME": str(home), "LC_ALL": "C"}.items():
            monkeypatch.setenv(key, value)
        outcome = run(project, make_jobs([make_notebook(project, "01_a.ipynb", *code)]))[0]
        assert outcome.failure is None, (project.failures / "01_a.print.zh.txt").read_text("utf-8")
        made.append((project.runs / "print" / "zh" / "01_a" / "executed.ipynb").read_bytes())
    assert made[0] == made[1]
    assert str(tmp_path).encode() not in made[0] and b"'UTC'" in made[0]


@pytest.mark.slow
def test_a_kernelspec_of_the_user_is_not_used(tmp_path, monkeypatch):
    spec = tmp_path / "jupyter" / "kernels" / "python3" / "kernel.json"
    spec.parent.mkdir(parents=True)
    spec.write_text(json.dumps({"argv": ["/bin/false"], "display_name": "x", "language": "python"}), "utf-8")
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    project = make_project(tmp_path / "book")
    path = make_notebook(project, "01_a.ipynb", "import sys\nprint(sys.prefix)")
    outcome = run(project, make_jobs([path]))[0]
    assert text_of(outcome, "c0") == [sys.prefix + "\n"]


@pytest.mark.slow
def test_a_notebook_whose_kernel_was_killed_once_runs_in_a_kernel_that_is_not_forked(tmp_path):
    project = make_project(tmp_path)
    code = ("import signal\nkilled = DATA / 'killed'\nif not killed.exists():\n    killed.write_text('')\n"
            "    os.kill(os.getpid(), signal.SIGKILL)\n"
            "print(open(f'/proc/{os.getppid()}/cmdline').read().count('recount.template'))")
    told: list[tuple[str, str]] = []
    job = Job(notebook=make_notebook(project, "01_a.ipynb", HEAD + code), edition="print", lang="zh")
    (outcome,) = run(project, [job], progress=lambda job, state, detail: told.append((state, detail)))
    assert outcome.failure is None and text_of(outcome, "c0") == ["0\n"]
    assert [state for state, _ in told] == ["started", "again", "started", "done"]
    assert told[1][1].startswith("kernel.died: ")


def test_a_killed_command_leaves_no_kernel_behind(tmp_path):
    """Also: a script may call `run` at its top level, without a guard for multiprocessing."""
    project = make_project(tmp_path)
    code = "(DATA / 'pid').write_text(str(os.getpid()))\nimport time\ntime.sleep(60)"
    path = make_notebook(project, "01_a.ipynb", HEAD + code)
    script = tmp_path / "script.py"
    script.write_text(
        "from pathlib import Path\nfrom recount.project import Project\nfrom recount.runner import Job, run\n"
        f"job = Job(notebook=Path({str(path)!r}), edition='print', lang='zh')\n"
        f"run(Project(Path({str(project.root)!r})), [job])\n",
        "utf-8",
    )
    command = subprocess.Popen([sys.executable, str(script)])
    try:
        pid = int(eventually(lambda: (project.data / "pid").read_text("ascii")))
        assert alive(pid)
    finally:
        command.send_signal(signal.SIGKILL)
        command.wait()
    eventually(lambda: not alive(pid))
    eventually(lambda: not list(project.runs.rglob("work")))


def eventually(ask, seconds=90.0):
    end = time.monotonic() + seconds
    while True:
        try:
            if answer := ask():
                return answer
        except (OSError, ValueError):
            pass
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.05)


def alive(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text("ascii").rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        if Path("/proc").is_dir():
            return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_findings_come_back_whole_from_their_text():
    findings = [
        Finding(code="a.b-c", where="x.csv row 3", expected="one\ntwo", found="f", done="d", next="n"),
        Finding(code="claim.contradicted-by-edit", where="data/y.csv"),
        Finding(code="a.b", where="w", found="expected  nothing"),
    ]
    assert read_findings(str(BadInput(findings))) == findings


@pytest.mark.parametrize("text", ["", "3", "[Errno 2] No such file or directory: 'a.csv'", "a\n[b.c] d"])
def test_the_text_of_other_errors_is_no_finding(text):
    assert read_findings(text) == []


def test_a_job_whose_names_would_leave_their_folder_is_refused(tmp_path):
    with pytest.raises(ValueError, match="not a name"):
        Job(notebook=tmp_path / "01_a.ipynb", edition="../x", lang="zh")


def test_the_same_job_twice_is_refused(tmp_path):
    project = make_project(tmp_path)
    path = make_notebook(project, "01_a.ipynb", "1")
    with pytest.raises(ValueError, match="the same job twice"):
        run(project, make_jobs([path, path]))
