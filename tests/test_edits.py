"""What an edit does: a changed figure, a typed number, a broken cell, each told in both languages."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
import synthetic_serve
from conftest import recount

pytestmark = [pytest.mark.slow]


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert text.count(old) >= 1, f"{old!r} is not in {path.name}"
    path.write_text(text.replace(old, new, 1), "utf-8")


def findings(done) -> list[dict[str, str]]:
    return json.loads(done.stdout)["findings"]


def edit_cell(path: Path, cell_id: str, edit: Callable[[str], str]) -> None:
    notebook = json.loads(path.read_text("utf-8"))
    cell = next(cell for cell in notebook["cells"] if cell["id"] == cell_id)
    cell["source"] = edit("".join(cell["source"]))
    path.write_text(json.dumps(notebook, ensure_ascii=False, indent=1) + "\n", "utf-8")


def first_markdown(path: Path, lang: str) -> str:
    cells = json.loads(path.read_text("utf-8"))["cells"]
    return next(cell["id"] for cell in cells
                if cell["cell_type"] == "markdown" and lang in cell["metadata"].get("tags", []))


def test_an_unchanged_book_passes_and_runs_nothing(copy) -> None:
    folder = copy()
    recount("check", cwd=folder)
    again = recount("check", "--json", cwd=folder)
    assert again.returncode == 0, again.stderr
    assert " 0 runs, " in json.loads(again.stdout)["summary"]


def test_a_changed_figure_shuts_the_gate_and_names_values_and_sentences_in_both_languages(copy) -> None:
    folder = copy()
    ceremonies = folder / "data" / "ceremonies.csv"
    line = next(line for line in ceremonies.read_text("utf-8").splitlines() if line.startswith("ruian-share-2022-01-05"))
    replace(ceremonies, line, line.replace("138.6,eq", "136.8,eq"))
    done = recount("check", "--json", cwd=folder)
    assert done.returncode == 1
    found = findings(done)
    changed = [each for each in found if each["code"] == "ledger.data-changed"]
    assert [(each["where"], each["expected"].split()[0], each["found"]) for each in changed] == [
        ("data/ceremonies.csv row ruian-share-2022-01-05, column inv_total", "138.6", "136.8")]
    value = next(each for each in found if each["code"] == "ledger.value-changed" and "projects.two_batches" in each["where"])
    assert value["expected"] == "63.87 billion yuan (accepted ledger)"
    assert "63.69 billion yuan" in value["found"] and "636.9亿元" in value["found"]
    assert any(each["code"] == "data.sum" for each in found), "the parts no longer add up, and that is said beside it"


def test_a_number_typed_into_a_cell_is_named_with_its_cell(copy) -> None:
    folder = copy()
    path = folder / "notebooks" / "06_projects.ipynb"
    cell = first_markdown(path, "zh")
    edit_cell(path, cell, lambda text: text + "\n\n共123个项目。")
    done = recount("check", "--json", cwd=folder)
    assert done.returncode == 1
    typed = [each for each in findings(done) if each["code"] == "prose.typed-number"]
    assert [each["cell"] for each in typed] == [cell]
    assert f"notebooks/06_projects.ipynb cell {cell}" in typed[0]["where"] and "123" in typed[0]["found"]


def test_a_false_predicate_word_shuts_the_gate(copy) -> None:
    folder = copy()
    path = folder / "notebooks" / "06_projects.ipynb"
    notebook = path.read_text("utf-8")
    flipped = re.sub(r'(desk\.holds\(\\"projects\.above_2021\\", [^)]*?)\\">\\"', r'\1\\"<\\"', notebook, count=1)
    assert flipped != notebook
    path.write_text(flipped, "utf-8")
    done = recount("check", "--json", cwd=folder)
    assert done.returncode == 1
    codes = {each["code"] for each in findings(done)}
    assert "ledger.predicate-changed" in codes
    assert codes & {"binding.false-predicate", "cell.failed", "holds.false"}


def test_a_failing_cell_names_notebook_cell_and_line_and_publishes_nothing(tmp_path: Path) -> None:
    """Of a synthetic book: the drafts of the real one take a minute, and say the same."""
    folder = synthetic_serve.make(tmp_path / "book").root
    synthetic_serve.edit(folder, "01_one", "last", "nothing = 1\nnothing / 0")
    done = recount("build", "--pages", "--json", cwd=folder)
    assert done.returncode == 1
    failed = [each for each in findings(done) if each["code"] == "cell.failed"]
    assert failed and all("01_one.ipynb cell last line 2" in each["where"] for each in failed)
    assert "ZeroDivisionError" in failed[0]["found"]
    kept = list((folder / "_build" / "failures").glob("01_one.*.txt"))
    assert kept and "ZeroDivisionError" in kept[0].read_text("utf-8")
    assert not (folder / "_build" / "site").exists()
    draft = (folder / "_build" / "draft" / "zh" / "since" / "01_one.html").read_text("utf-8")
    assert "cell.failed" in draft


def test_diff_shows_the_sentence_before_and_after_and_an_accept_opens_the_gate_and_can_be_undone(copy) -> None:
    folder = copy()
    replace(folder / "data" / "observations.csv", ",50674,", ",50675,")
    told = recount("diff", cwd=folder)
    assert told.returncode == 0, told.stderr
    assert re.search(r"− .*50,674.*\n\s*\+ .*50,675", told.stdout)
    assert recount("check", cwd=folder).returncode == 1
    shown = recount("accept", cwd=folder)
    assert shown.returncode == 0, shown.stderr
    assert "factories." in shown.stdout and "→" in shown.stdout and "sentences" in shown.stdout
    assert recount("check", cwd=folder).returncode == 0
    undone = recount("accept", "--undo", cwd=folder)
    assert undone.returncode == 0 and "print, since" in undone.stdout
    assert recount("check", cwd=folder).returncode == 1


def test_a_renamed_id_is_the_same_value_under_a_new_name(copy) -> None:
    folder = copy()
    done = recount("rename", "projects.two_batches", "projects.both_batches", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert "notebooks/06_projects.ipynb" in done.stdout
    assert recount("check", cwd=folder).returncode == 0
