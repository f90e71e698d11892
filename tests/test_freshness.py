"""A run is skipped only when nothing that went into it has changed, and prose never forces one."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import nbformat
import nbformat.v4 as v4
import pytest
from synthetic_run import make_notebook, make_project

from recount import keys
from recount.freshness import Store, Trace, merge, read_trace
from recount.keys import key_of
from recount.package import Package
from recount.questions import Answers
from recount.trace import stat_of

ANSWERS = Answers(Package(Path("none")))  # a book without tables


@pytest.fixture
def project(tmp_path):
    (tmp_path / "requirements.lock").write_text("pandas==3.0\n", "utf-8")
    return make_project(tmp_path)


@pytest.fixture
def notebook(project):
    return nbformat.read(make_notebook(project, "01_a.ipynb", "x = 1", "print(x)"), as_version=4)


def key(notebook, project, **changed):
    given = {"parameters": {"lang": "zh", "rate": 1}, "root": project.root, "declared": {"TZ": "UTC"}}
    return key_of(notebook, **{**given, **changed})


def recorded(project, *, read=(), listed=(), flagged=()):
    """A stored run that read, listed or was flagged as said; its store and its key."""
    lines = [["read", name, stat_of(project.root / name)] for name in read]
    lines += [["list", name] for name in listed] + [["untraceable", reason] for reason in flagged]
    path = project.root / "trace.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    store = Store(project.runs / "print" / "zh" / "01_a", project.root)
    store.save(v4.new_notebook(), key={"code": "1"}, trace=read_trace(path, project.root), seconds=1.0)
    path.unlink()
    return store


def test_prose_looks_ids_and_stored_outputs_do_not_change_the_key(notebook, project):
    edited = copy.deepcopy(notebook)
    edited.cells[1].source = "另一句话"
    edited.cells[2].metadata["tags"] = ["hide-input"]
    edited.cells[2].id = "renamed"
    edited.cells[2].outputs = [v4.new_output("stream", name="stdout", text="old")]
    edited.cells.append(v4.new_markdown_cell("more"))
    edited.metadata["authors"] = ["x"]
    assert key(edited, project) == key(notebook, project)


def changed_parts(before, after):
    return [part for part in before if before[part] != after[part]]


def test_code_order_and_running_tags_change_the_key(notebook, project):
    before = key(notebook, project)
    for edit in (
        lambda cells: cells[2].update(source="x = 2"),
        lambda cells: cells.reverse(),
        lambda cells: cells[2].metadata.update(tags=["skip-execution"]),
        lambda cells: cells.pop(),
    ):
        edited = copy.deepcopy(notebook)
        edit(edited.cells)
        assert changed_parts(before, key(edited, project)) in (["code", "source"], ["code"])


@pytest.mark.parametrize("parameters", [{"lang": "en", "rate": 1}, {"lang": "zh", "rate": 1.0},
                                        {"lang": "zh", "rate": True}, {"lang": "zh"}])  # fmt: skip
def test_a_parameter_changes_the_key_also_when_only_its_type_does(notebook, project, parameters):
    before = key(notebook, project)
    assert changed_parts(before, key(notebook, project, parameters=parameters)) == ["parameters"]


def test_the_order_of_parameters_does_not_change_the_key(notebook, project):
    assert key(notebook, project) == key(notebook, project, parameters={"rate": 1, "lang": "zh"})


def test_the_lock_the_environment_and_python_change_the_key(notebook, project, monkeypatch):
    before = key(notebook, project)
    assert changed_parts(before, key(notebook, project, declared={"TZ": "Asia/Shanghai"})) == ["environment"]
    (project.root / "requirements.lock").write_text("pandas==3.1\n", "utf-8")
    assert changed_parts(before, key(notebook, project)) == ["lock"]
    monkeypatch.setattr(keys.platform, "python_version", lambda: "3.99.0")
    assert "python" in changed_parts(before, key(notebook, project))


def test_the_engine_changes_the_key_but_the_site_does_not(notebook, project, tmp_path, monkeypatch):
    package = tmp_path / "package"
    (package / "site").mkdir(parents=True)
    (package / "prose").mkdir()
    for name in ("__init__.py", "desk.py", "prose/roles.py", "site/page.py"):
        (package / name).write_text("1", "utf-8")
    monkeypatch.setattr(keys.recount, "__file__", str(package / "__init__.py"))
    before = key(notebook, project)
    (package / "site" / "page.py").write_text("2", "utf-8")
    assert key(notebook, project) == before
    for name in ("desk.py", "prose/roles.py"):
        (package / name).write_text("2" + name, "utf-8")
        after = key(notebook, project)
        assert changed_parts(before, after) == ["engine"]
        before = after


def test_what_was_never_run_is_stale(project):
    assert Store(project.runs / "print" / "zh" / "x", project.root).why_stale({"code": "1"}, ANSWERS) == "never run"


def test_nothing_changed_is_fresh_even_when_files_are_touched(project):
    store = recorded(project, read=["data/prices.csv", "data/later.csv"], listed=["data"])
    (project.data / "prices.csv").touch()
    (project.data / "__pycache__").mkdir()
    assert store.why_stale({"code": "1"}, ANSWERS) == ""


def test_a_changed_byte_is_seen_even_when_size_and_time_are_kept(project):
    import os

    store = recorded(project, read=["data/prices.csv"])
    path = project.data / "prices.csv"
    before = path.stat()
    path.write_text(path.read_text("utf-8").replace("12", "21"), "utf-8")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert store.why_stale({"code": "1"}, ANSWERS) == "data/prices.csv changed"


def test_a_file_that_vanished_is_seen(project):
    store = recorded(project, read=["data/prices.csv"])
    (project.data / "prices.csv").unlink()
    assert store.why_stale({"code": "1"}, ANSWERS) == "data/prices.csv changed"


def test_a_probed_file_that_appears_is_seen(project):
    store = recorded(project, read=["data/later.csv"])
    (project.data / "later.csv").write_text("x\n", "utf-8")
    assert store.why_stale({"code": "1"}, ANSWERS) == "data/later.csv appeared"


def test_a_file_added_to_a_listed_folder_is_seen_and_elsewhere_is_not(project):
    store = recorded(project, listed=["data"])
    (project.book / "page.md").write_text("x", "utf-8")
    assert store.why_stale({"code": "1"}, ANSWERS) == ""
    (project.data / "b.csv").write_text("x", "utf-8")
    assert store.why_stale({"code": "1"}, ANSWERS) == "the files in data changed"


def test_a_flagged_run_is_never_fresh(project):
    assert recorded(project, flagged=["uses the network"]).why_stale({"code": "1"}, ANSWERS) == "uses the network"


def test_a_changed_key_names_its_part(project):
    assert recorded(project).why_stale({"code": "2"}, ANSWERS) == "code changed"


def test_what_a_run_asked_is_asked_again_by_the_same_code_with_the_same_files_alone(project):
    (project.root / "rates.csv").write_text("1", "utf-8")
    store = recorded(project, read=["rates.csv"])
    assert store.of_code({"code": "1"}) and not store.of_code({"code": "2"})
    (project.root / "rates.csv").write_text("2", "utf-8")
    assert not store.of_code({"code": "1"})
    assert not recorded(project, flagged=["uses the network"]).of_code({"code": "1"})


def test_half_a_save_is_no_record(project):
    store = recorded(project)
    store.executed.write_text("{}", "utf-8")  # as if the next save had been cut off after its first file
    assert store.why_stale({"code": "1"}, ANSWERS) == "stored outputs changed"
    store.record.write_text('{"key": {', "utf-8")
    assert store.why_stale({"code": "1"}, ANSWERS) == "never run"


def test_trace_is_made_of_what_is_there_when_nothing_was_read(project):
    path = project.root / "t.jsonl"
    path.write_text("", "utf-8")
    assert read_trace(path, project.root) == Trace()


def test_merge_puts_outputs_under_the_prose_of_today(notebook):
    executed = copy.deepcopy(notebook)
    executed.cells = [cell for cell in executed.cells if cell.cell_type == "code"]
    executed.cells[2].outputs = [v4.new_output("stream", name="stdout", text="1\n")]
    today = copy.deepcopy(notebook)
    today.cells[3].source = "今天的话"
    today.cells[4].id = "renamed"
    today.cells[4].metadata["tags"] = ["hide-input"]
    today.cells[4].outputs = [v4.new_output("stream", name="stdout", text="typed by hand")]
    merged = merge(today, executed)
    assert [cell.source for cell in merged.cells] == [cell.source for cell in today.cells]
    assert (merged.cells[4].id, merged.cells[4].metadata["tags"]) == ("renamed", ["hide-input"])
    assert merged.cells[4].outputs == executed.cells[2].outputs
    assert today.cells[4].outputs[0].text == "typed by hand"  # the source itself is left alone


def test_merge_refuses_outputs_of_other_code(notebook):
    executed = copy.deepcopy(notebook)
    executed.cells[2].source = "x = 2"
    with pytest.raises(ValueError, match="not this notebook's code"):
        merge(notebook, executed)
