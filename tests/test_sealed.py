"""Sealed runs: an honest record passes and is left alone; what the trace missed is found, and its record thrown away."""

from __future__ import annotations

import json
import sys

import pytest
from click.testing import CliRunner
from synthetic_data import make_book
from synthetic_run import HEAD, make_notebook, make_project

from recount import book as pipeline
from recount import cli, keys, runner, seal
from recount.errors import WrongUse
from recount.runner import Job, kernels_of, run, store_of
from recount.sealed import Sealed, refused_to, run_sealed

on_linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Landlock is part of Linux")

# A hole in the trace, planted: the hook is made to look away, as it does while it writes.
UNSEEN = HEAD + """import ctypes, sys, subprocess, _thread, recount.trace
def unseen(do, *arguments):
    busy = recount.trace._recorder.busy
    busy.add(_thread.get_ident())
    try: return do(*arguments)
    finally: busy.discard(_thread.get_ident())
"""
IN_C = UNSEEN + """def first_byte():
    libc = ctypes.CDLL(None)
    libc.fopen.restype = ctypes.c_void_p
    file = libc.fopen(bytes(DATA / 'hidden.csv'), b'r')
    return libc.fgetc(ctypes.c_void_p(file)) if file else None
"""
CELLS = {
    "01_honest.ipynb": [
        HEAD + "import sys\nsys.path.insert(0, str(DATA.parent / 'lib'))\nimport rates\nprint(rates.VAT, rate, lang)",
        "print((DATA / 'prices.csv').read_text(), (DATA / 'later.csv').exists(), sorted(os.listdir(DATA / 'listed')))",
        "import pandas, matplotlib.pyplot as plt\nprint(pandas.read_csv(DATA / 'prices.csv').price.sum())\nplt.plot([1, 2]);",
        "open('mine', 'w').write('x')\nos.mkdir('d')\nprint(open(os.rename('mine', 'd/mine') or 'd/mine').read())"],
    "02_behind.ipynb": [UNSEEN + "unseen((DATA / 'hidden.csv').read_text)"],
    "03_in_c.ipynb": [IN_C + "if unseen(first_byte) is None: raise ValueError('no rows')"],
    "04_goes_on.ipynb": [IN_C, "print('before')", "print(unseen(first_byte))"],
    "05_lists.ipynb": [UNSEEN + "print(unseen(os.listdir, DATA / 'listed'))"],
    "06_child.ipynb": [UNSEEN + "print(unseen(subprocess.check_output, ['cat', DATA / 'hidden.csv']))"],
    "07_imports.ipynb": [UNSEEN + "sys.path.insert(0, str(DATA.parent / 'lib'))\nunseen(__import__, 'rates')"],
    "08_clock.ipynb": ["from datetime import date\ndate.today() and None"],
}  # fmt: skip


@pytest.fixture(autouse=True)
def engine_at_rest(monkeypatch):
    """Someone may be editing the engine while these tests run; that is not what they are about."""
    monkeypatch.setattr(keys, "engine_digest", lambda: "0")


def bytes_of(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def make_files(folder):
    project = make_project(folder)
    for name, text in {"lib/rates.py": "VAT = 0.13\n", "data/listed/a.csv": "a\n", "data/hidden.csv": "h\n"}.items():
        path = project.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return project


@pytest.fixture(scope="module")
def proved(tmp_path_factory):
    """One honest notebook and six behind the trace's back, recorded and then sealed, by one template."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keys, "engine_digest", lambda: "0")
        project = make_files(tmp_path_factory.mktemp("sealed") / "book")
        jobs = [Job(notebook=make_notebook(project, name, *cells), edition="print", lang="zh", parameters={"rate": 2})
                for name, cells in CELLS.items()]
        with kernels_of(project) as kernels:
            assert [str(outcome.failure) for outcome in run(project, jobs, kernels=kernels) if outcome.failure] == []
            # Every hole is one: the record stands, and does not name what was read.
            assert [outcome.job.stem for outcome in run(project, jobs, kernels=kernels) if not outcome.fresh] == ["08_clock"]
            before = bytes_of(project.root)
            made = run_sealed(project, jobs, kernels=kernels)
            after = bytes_of(project.root)
            again = run(project, jobs, kernels=kernels)
        yield project, made, before, after, again


@on_linux
@pytest.mark.slow
class TestSealedRuns:
    def found(self, proved, stem):
        (finding,) = [each for each in proved[1].findings if each.notebook == stem]
        return finding

    def test_an_honest_notebook_passes_with_its_file_folder_module_and_parameters(self, proved):
        assert [finding.notebook for finding in proved[1].findings] == [name[:-6] for name in CELLS if name[:2] not in ("01", "08")]

    def test_nothing_of_the_book_and_of_an_honest_record_is_changed(self, proved):
        _, _, before, after, _ = proved
        changed = {name for name in before | after if before.get(name) != after.get(name)}
        assert {name for name in changed if not name.startswith("_build/")} == set()
        assert not any("01_honest" in name or "08_clock" in name for name in changed)

    def test_a_file_opened_behind_the_trace_is_named_with_place_edition_and_language(self, proved):
        finding = self.found(proved, "02_behind")
        assert (finding.code, finding.cell, finding.lang) == ("sealed.denied", "c0", "zh")
        assert finding.where.startswith("notebooks/02_behind.ipynb cell c0 line ") and finding.where.endswith("edition print in zh")
        assert finding.found == "it opens data/hidden.csv"
        assert "_build/failures/02_behind.print.zh.sealed.txt" in finding.done

    def test_of_a_file_opened_in_c_it_is_said_that_its_name_is_not_known(self, proved):
        finding = self.found(proved, "03_in_c")
        assert finding.code == "sealed.failed"
        assert finding.found.startswith("ValueError: no rows\nnot known of which file")

    def test_other_outputs_are_found_where_a_cell_goes_on_without_the_file(self, proved):
        finding = self.found(proved, "04_goes_on")
        assert (finding.code, finding.cell) == ("sealed.differs", "c2")
        assert (finding.expected, finding.found) == ("the outputs of its record: 104", "None")

    def test_a_folder_listed_behind_the_trace_is_found(self, proved):
        finding = self.found(proved, "05_lists")
        assert (finding.code, finding.found) == ("sealed.denied", "it opens data/listed")

    def test_a_child_process_and_an_import_are_found(self, proved):
        assert self.found(proved, "06_child").code == self.found(proved, "07_imports").code == "sealed.failed"
        assert "No module named 'rates'" in self.found(proved, "07_imports").found

    def test_a_run_that_is_never_skipped_is_not_sealed_and_said_to_be_so(self, proved):
        assert dict(proved[1].left) == {"08_clock print zh": "looks at the clock (date.today)"}
        assert proved[1].summary == ("7 runs once more, able to open only what their records name; "
                                     "1 not sealed: 08_clock print zh (looks at the clock (date.today))")

    def test_a_record_that_misses_something_is_thrown_away_and_the_seal_does_not_leak_into_the_next_kernel(self, proved):
        whys = {outcome.job.stem: outcome.why for outcome in proved[4]}
        assert whys == {name[:-6]: "never run" for name in CELLS} | {"01_honest": "", "08_clock": "looks at the clock (date.today)"}
        assert [outcome.failure for outcome in proved[4] if outcome.failure] == []


@on_linux
@pytest.mark.slow
def test_what_is_edited_meanwhile_is_no_fault_of_the_record(tmp_path):
    project = make_files(tmp_path / "book")
    job = Job(notebook=make_notebook(project, "01_a.ipynb", HEAD + "print((DATA / 'prices.csv').read_text())"), edition="print", lang="zh")
    with kernels_of(project) as kernels:
        run(project, [job], kernels=kernels)
        made = run_sealed(project, [job], kernels=kernels,
                          tell=lambda line: (project.data / "prices.csv").write_text("day,price\n1,11\n", "utf-8"))
    assert (made.findings, dict(made.left)) == ((), {"01_a print zh": "data/prices.csv changed meanwhile"})
    assert store_of(project, job).record.is_file()


@on_linux
@pytest.mark.slow
def test_a_kernel_that_was_not_sealed_proves_nothing_and_condemns_no_record(tmp_path, monkeypatch):
    project = make_files(tmp_path / "book")
    job = Job(notebook=make_notebook(project, "01_a.ipynb", *CELLS["02_behind.ipynb"]), edition="print", lang="zh")
    plan = runner._seal
    monkeypatch.setattr(runner, "_seal", lambda *given: {**plan(*given), "refused": "/etc/passwd"})
    with kernels_of(project) as kernels:
        run(project, [job], kernels=kernels)
        (project.data / "hidden.csv").unlink()  # the run fails, too, but that says nothing of its record
        (finding,) = run_sealed(project, [job], kernels=kernels).findings
    assert finding.code == "sealed.not-sealed"
    assert store_of(project, job).record.is_file()


def test_without_landlock_it_is_refused_and_nothing_is_run(tmp_path, monkeypatch):
    book = make_book(tmp_path)
    monkeypatch.chdir(book.root)
    monkeypatch.setattr(seal, "why_not", lambda: "a kernel without it")
    monkeypatch.setattr(pipeline, "check", lambda *_, **__: pytest.fail("it ran"))
    monkeypatch.setattr(sys, "argv", ["recount", "check", "--sealed", "--json"])
    done = CliRunner().invoke(cli.main, ["check", "--sealed", "--json"])
    assert done.exit_code == 2
    (finding,) = json.loads(done.stdout)["findings"]
    assert (finding["code"], finding["found"], finding["done"]) == ("sealed.no-landlock", "a kernel without it", "nothing was run")
    with pytest.raises(WrongUse):
        run_sealed(book, [])


def test_a_check_tells_what_was_sealed_and_fails_with_its_findings(tmp_path, monkeypatch):
    from recount import sealed, standing
    from recount.errors import Finding

    monkeypatch.chdir(make_book(tmp_path).root)
    monkeypatch.setattr(seal, "why_not", lambda: "")
    monkeypatch.setattr(standing, "told", lambda *_: {"counts": "9 claims", "runs": 4})
    finding = Finding(code="sealed.denied", where="notebooks/01_a.ipynb")
    for findings, code in (((), 0), ((finding,), 1)):
        monkeypatch.setattr(sealed, "prove", lambda *_, found=findings, **__: Sealed(findings=found, ran=4, left={}))
        done = CliRunner().invoke(cli.main, ["check", "--sealed"])
        assert done.exit_code == code
    assert "[sealed.denied] notebooks/01_a.ipynb" in done.output
    monkeypatch.setattr(sealed, "prove", lambda *_, **__: Sealed(findings=(), ran=4, left={}))
    assert CliRunner().invoke(cli.main, ["check", "--sealed"]).output.splitlines() == [
        "checked: 9 claims; 0 runs, 4 unchanged", "sealed: 4 runs once more, able to open only what their records name; 0 not sealed"]


def test_the_file_that_was_refused_is_read_from_the_error_wherever_it_names_one(tmp_path):
    text = (f"PermissionError: [Errno 13] Permission denied: '{tmp_path}/data/a.csv'\n"
            f"IOError: Cannot open file {tmp_path}/data/b.parquet: Permission denied\n"
            "PermissionError: [Errno 13] Permission denied: b'c.csv'\nValueError: no rows")
    assert refused_to(text, tmp_path) == ["data/a.csv", "data/b.parquet", "c.csv"]
    assert refused_to(f"ValueError: no rows in {tmp_path}/data/a.csv", tmp_path) == []
