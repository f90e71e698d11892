"""What the command once answered wrongly: no JSON where JSON was asked for, and silence about notebooks that failed."""

import errno
import json
import sys

import pytest
from click.testing import CliRunner
from conftest import recount
from synthetic_data import make_book
from synthetic_run import make_notebook

from recount import book as pipeline
from recount import cli
from recount.book import Checked
from recount.editions import Edition, read_editions
from recount.errors import BadInput, Finding
from recount.ledger_file import judged_path, read_judged, write_json
from recount.parameters import check_notebook


@pytest.fixture
def book(tmp_path, monkeypatch):
    book = make_book(tmp_path)
    monkeypatch.chdir(book.root)
    return book


def run(monkeypatch, *words: str):
    monkeypatch.setattr(sys, "argv", ["recount", *words])
    return CliRunner().invoke(cli.main, words)


def checked(**more) -> Checked:
    return Checked(**{"findings": (), "ledgers": {}, "executed": {}, "changes": (), "affected": {}, "editions": (), "ran": 0,
                      "fresh": 0, "seconds": 0.0} | more)


@pytest.mark.parametrize("words", [
    ("explain", "--json"), ("nothing", "--json"), ("check", "--wrkers", "2", "--json"), ("check", "--workers", "0", "--json"),
    ("build", "--workers", "many", "--json"), ("accept", "syn.a", "--undo", "--json"),
])
def test_wrong_use_is_json_where_json_is_asked_for(monkeypatch, book, words):
    done = run(monkeypatch, *words)
    assert done.exit_code == 2
    (finding,) = json.loads(done.stdout)["findings"]
    assert finding["code"] == "use.command-line" and finding["next"].endswith("--help")


def test_wrong_use_stays_plain_without_json(book):
    done = recount("explain", cwd=book.root)
    assert (done.returncode, done.stdout) == (2, "") and "Missing argument 'ID'" in done.stderr


def test_a_place_that_may_not_be_written_is_the_users_to_mend(monkeypatch, book):
    def refuse(*_):
        raise PermissionError(errno.EACCES, "Permission denied", "_build/lock")

    monkeypatch.setattr(pipeline, "at_work", refuse)
    done = run(monkeypatch, "check", "--json")
    assert done.exit_code == 2
    assert json.loads(done.stdout)["findings"] == [
        {"code": "use.refused", "where": "_build/lock", "expected": "a place that recount may read and write",
         "found": "Permission denied"}]


def test_a_fault_of_ours_is_json_too_with_its_trace_beside_it(monkeypatch, book):
    monkeypatch.setattr(pipeline, "check", lambda *_, **__: 1 // 0)
    done = run(monkeypatch, "check", "--json")
    assert done.exit_code == 3
    assert json.loads(done.stdout)["findings"][0]["code"] == "internal.error"
    assert "ZeroDivisionError" in done.stderr and "Traceback" in done.stderr


@pytest.mark.parametrize("word", ["diff", "accept"])
def test_after_a_notebook_that_failed_nothing_is_called_unchanged(monkeypatch, book, word):
    failure = Finding(code="claim.unknown", where="notebooks/06_syn.ipynb cell c1", found="projects.none")
    monkeypatch.setattr(pipeline, "check", lambda *_, **__: checked(findings=(failure,), failures=(failure,)))
    done = run(monkeypatch, word)
    assert done.exit_code == 1
    assert "claim.unknown" in done.stderr and "nothing changed" not in done.output and not book.accepted.exists()


def test_an_undo_is_told_in_json(monkeypatch, book):
    monkeypatch.setattr("recount.accepted.undo", lambda project: ["print", "since"])
    assert json.loads(run(monkeypatch, "accept", "--undo", "--json").stdout) == {"restored": ["print", "since"]}


def test_a_folder_named_like_a_notebook_is_named(tmp_path):
    (tmp_path / "06_syn.ipynb").mkdir()
    (finding,) = check_notebook(tmp_path / "06_syn.ipynb", name="notebooks/06_syn.ipynb")
    assert (finding.code, finding.found) == ("notebook.malformed", "a folder")


@pytest.mark.parametrize(("name", "code"), [("as_of", "parameter.reserved"), ("lang", "parameter.reserved"),
                                            ("raet", "parameter.unknown")])
def test_an_assumption_cannot_date_half_the_book(book, name, code):
    path = make_notebook(book, "06_syn.ipynb", "1")
    edition = next(iter(read_editions(book.book / "editions.toml").values()))
    assuming = Edition(name="syn", as_of=edition.as_of, title_zh="合成", title_en="synthetic", assumptions={name: "2020-01-01"})
    with pytest.raises(BadInput) as caught:
        pipeline._check_assumptions([path], (assuming,), book)
    assert [finding.code for finding in caught.value.findings] == [code]


def test_two_editions_of_one_day_have_a_judged_ledger_each(monkeypatch, book):
    for name in ("print", "strict"):
        write_json(judged_path(book, name), {"edition": {"name": name}})
    assert read_judged(book, "2022-02-24")["edition"]["name"] == "print"  # by hand: the first of that day
    monkeypatch.setenv("RECOUNT_EDITION", "strict")
    assert read_judged(book, "2022-02-24")["edition"]["name"] == "strict"
