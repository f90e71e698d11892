"""A notebook that cannot run, or a parameter that does not fit, is refused before any kernel starts."""

from __future__ import annotations

import json

import nbformat.v4 as v4
import pytest
from synthetic_run import make_notebook, make_project

from recount.errors import BadInput
from recount.parameters import check_notebook, check_parameters, read_notebook
from recount.runner import Job, run


@pytest.fixture
def project(tmp_path):
    return make_project(tmp_path)


def codes(findings):
    return [(finding.code, finding.where) for finding in findings]


def test_a_sound_notebook_has_no_findings(project):
    assert check_notebook(make_notebook(project, "01_a.ipynb", "1")) == []


@pytest.mark.parametrize("values, expected", [
    ({"as_of": "2026-11-22", "lang": "en", "rate": 0.5, "hours": 174}, None),
    ({"rate": 1}, None),
    ({"hours": None}, None),
    ({"rate": True}, "parameter.wrong-type"),
    ({"rate": "0.13"}, "parameter.wrong-type"),
    ({"rate": None}, "parameter.wrong-type"),
    ({"hours": 1.5}, "parameter.wrong-type"),
    ({"as_of": 2022}, "parameter.wrong-type"),
    ({"as_off": "2022-02-24"}, "parameter.unknown"),
])  # fmt: skip
def test_values_must_fit_the_declared_names_and_types(project, values, expected):
    notebook = read_notebook(make_notebook(project, "01_a.ipynb", "1"))
    findings = check_parameters(notebook, values, name="notebooks/01_a.ipynb")
    assert [finding.code for finding in findings] == ([expected] if expected else [])


def test_a_misspelt_name_is_answered_with_the_near_one(project):
    notebook = read_notebook(make_notebook(project, "01_a.ipynb", "1"))
    finding = check_parameters(notebook, {"as_off": "x"}, name="notebooks/01_a.ipynb")[0]
    assert finding.where == "notebooks/01_a.ipynb parameter as_off"
    assert finding.next == "did you mean as_of?"


@pytest.mark.parametrize("cell, code, line", [
    ('as_of = "2022-02-24"', "parameter.untyped", 1),
    ('lang: str = "zh"\nhours: int = 1.5', "parameter.wrong-type", 2),
    ("as_of: date = 1", "parameter.wrong-type", 1),
    ("as_of: str", "parameter.wrong-type", 1),
    ("# the day\nas_of: str =", "notebook.malformed", 2),
])  # fmt: skip
def test_the_parameters_cell_itself_is_checked_to_the_line(project, cell, code, line):
    path = make_notebook(project, "01_a.ipynb", "1", parameters=cell)
    assert codes(check_notebook(path)) == [(code, f"notebooks/01_a.ipynb cell parameters line {line}")]


def test_a_notebook_without_a_parameters_cell_is_refused(project):
    path = make_notebook(project, "01_a.ipynb", "1", parameters=None)
    assert codes(check_notebook(path)) == [("notebook.no-parameters", "notebooks/01_a.ipynb")]


def test_a_merge_conflict_is_found_by_its_line_whether_git_or_an_editor_wrote_it(project):
    path = make_notebook(project, "01_a.ipynb", "1")
    lines = path.read_text("utf-8").splitlines()
    path.write_text("\n".join([*lines[:4], "<<<<<<< HEAD", *lines[4:]]), "utf-8")
    assert codes(check_notebook(path)) == [("notebook.merge-conflict", "notebooks/01_a.ipynb line 5")]
    path = make_notebook(project, "02_b.ipynb", "x = 1\n<<<<<<< HEAD\nx = 2")
    assert check_notebook(path)[0].code == "notebook.merge-conflict"


BROKEN = {
    "missing": (None, "notebook.missing"),
    "cut off": (b'{"cells": [\n', "notebook.malformed"),
    "no notebook": (b'{"a": 1}', "notebook.malformed"),
    "a list": (b"[]", "notebook.malformed"),
    "GB18030": ("瑞安".encode("gb18030"), "notebook.malformed"),
    "old format": (b'{"cells": [], "metadata": {}, "nbformat": 3, "nbformat_minor": 0}',
                   "notebook.malformed"),
    "bad cell": (b'{"cells": [{"cell_type": "poem"}], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}',
                 "notebook.malformed"),
    "cell of no kind": (b'{"cells": [1], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}',
                        "notebook.malformed"),
}  # fmt: skip


@pytest.mark.parametrize("data, code", BROKEN.values(), ids=BROKEN.keys())
def test_a_file_that_is_no_notebook_is_one_finding_and_no_traceback(project, data, code):
    path = project.notebooks / "01_a.ipynb"
    if data is not None:
        path.write_bytes(data)
    assert [finding.code for finding in check_notebook(path)] == [code]


def test_an_id_used_twice_is_refused_because_findings_are_placed_by_it(project):
    path = make_notebook(project, "01_a.ipynb", "1", "2")
    data = json.loads(path.read_text("utf-8"))
    data["cells"][-1]["id"] = "c0"
    path.write_text(json.dumps(data), "utf-8")
    assert codes(check_notebook(path)) == [("notebook.malformed", "notebooks/01_a.ipynb cell c0")]


def test_a_run_reports_every_bad_input_at_once_and_starts_nothing(project):
    good = make_notebook(project, "01_a.ipynb", "1")
    bad = make_notebook(project, "02_b.ipynb", "1", parameters=None)
    jobs = [Job(notebook=good, edition="print", lang="zh", parameters={"as_off": "x"}),
            Job(notebook=bad, edition="print", lang="zh")]  # fmt: skip
    with pytest.raises(BadInput) as caught:
        run(project, jobs)
    assert sorted(finding.code for finding in caught.value.findings) == [
        "notebook.no-parameters", "parameter.unknown"]  # fmt: skip
    assert not project.build.exists()


def test_two_parameters_cells_are_one_too_many(project):
    path = make_notebook(project, "01_a.ipynb", "1")
    data = json.loads(path.read_text("utf-8"))
    data["cells"].append(v4.new_code_cell("x: int = 1", id="more", metadata={"tags": ["parameters"]}))
    path.write_text(json.dumps(data), "utf-8")
    findings = check_notebook(path)
    assert [(finding.code, finding.found) for finding in findings] == [("notebook.no-parameters", "2")]
