"""The sweep judges every month as an edition of that day would, and runs only what a month changes."""

from __future__ import annotations

import csv
import json
import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import nbformat
import nbformat.v4 as v4
import pytest
from conftest import COPIED, ROOT, recount
from synthetic_data import change_cell

from recount import sweep as module
from recount.book import check
from recount.editions import Edition
from recount.errors import CheckFailed, WrongUse
from recount.fonts import prepare
from recount.ledger_file import swept_path
from recount.package import Package
from recount.project import Project
from recount.sweep import Sweep, days_between, days_of, differing, sweep
from recount.waves import names_the_day

EDITION = Edition(name="since", as_of=date(2026, 11, 22), title_zh="此后", title_en="since")
DAYS = [date(2022, 2, 24), date(2022, 10, 31), date(2022, 11, 30), date(2022, 12, 31)]
HEAD = "from recount import Desk\ndesk = Desk(as_of=as_of, lang=lang)"
# Synthetic, on real rows: one value from one row, set beside one claim.
JUDGES = """row = desk.pick("ceremonies", [KEY])
desk.value("projects.total", of=row, by=lambda t: t["inv_total"].sum(), unit="CNY_100M", formula=("合计", "sum"))
desk.judge("projects.two-batches-investment", by="projects.total")"""
CLAIM = "projects.two-batches-investment"


@pytest.fixture(scope="module")
def key() -> tuple[str, date]:
    """A ceremony that became public between the second and the third of the days, and that day."""
    data = Package(ROOT / "data")
    days = data.frame("ceremonies")["source_id"].map(data.frame("sources")["known_from"])
    return next((key, date.fromisoformat(day)) for key, day in days.items() if str(DAYS[1]) < day <= str(DAYS[2]))


@pytest.fixture
def book(tmp_path, key):
    """The book's data with synthetic notebooks: ``book(cell, ...)``."""
    def make(*cells: str) -> Project:
        for each in COPIED:
            if each != "notebooks" and not (tmp_path / each).exists():
                (shutil.copytree if (ROOT / each).is_dir() else shutil.copy2)(ROOT / each, tmp_path / each)
        (tmp_path / "notebooks").mkdir(exist_ok=True)
        parameters = v4.new_code_cell('as_of: str = "2022-02-24"\nlang: str = "zh"', id="p", metadata={"tags": ["parameters"]})
        code = [v4.new_code_cell(cell.replace("KEY", repr(key[0])), id=f"c{n}") for n, cell in enumerate((HEAD, *cells))]
        nbformat.write(v4.new_notebook(cells=[parameters, *code]), tmp_path / "notebooks" / "01_small.ipynb")
        project = Project(tmp_path)
        prepare(project)
        return project

    return make


def words(made, claim=CLAIM):
    return [row["verdict"] for row in made.rows if row["claim"] == claim]


@pytest.mark.slow
class TestRuns:
    def test_a_notebook_runs_where_a_month_changes_what_it_asks_and_nowhere_else(self, book):
        project = book(JUDGES)
        made = sweep(project, EDITION, days=DAYS)
        assert (made.ran, made.stood) == (2, 2)
        before, again, after, last = words(made)
        assert before == again == "open" and after == last != "open"
        again = sweep(project, EDITION, days=DAYS)
        assert (again.ran, again.rows) == (0, made.rows)
        with made.csv.open(encoding="utf-8", newline="") as file:
            assert list(csv.DictReader(file)) == list(made.rows)

    def test_an_edit_runs_what_asked_for_the_row_and_an_edit_elsewhere_runs_nothing(self, book, key):
        project = book(JUDGES)
        sweep(project, EDITION, days=DAYS)
        change_cell(project.data, "ceremonies", "ruian-2021-01-06", "note_en", "another note")
        assert sweep(project, EDITION, days=DAYS).ran == 0
        change_cell(project.data, "ceremonies", key[0], "inv_total", "1")
        assert sweep(project, EDITION, days=DAYS).ran == 2

    def test_days_that_earlier_runs_show_to_need_one_each_run_side_by_side(self, book, key):
        project = book(JUDGES)
        first, second = [], []
        sweep(project, EDITION, days=DAYS, tell=first.append)
        change_cell(project.data, "ceremonies", key[0], "inv_total", "1")
        assert sweep(project, EDITION, days=DAYS, tell=second.append).ran == 2
        assert [[line.split()[4] for line in lines] for lines in (first, second)] == [
            ["started", "done", "started", "done"], ["started", "started", "done", "done"]]

    def test_a_notebook_that_uses_the_day_itself_runs_for_each(self, book):
        assert sweep(book("print(as_of)", JUDGES), EDITION, days=DAYS).ran == len(DAYS)

    def test_what_follows_the_last_judgement_is_not_run(self, book):
        project = book(JUDGES, "print(as_of)\nraise ValueError")
        assert sweep(project, EDITION, days=DAYS).ran == 2
        change = project.notebooks / "01_small.ipynb"
        change.write_text(change.read_text("utf-8").replace("raise ValueError", "raise KeyError"), "utf-8")
        assert sweep(project, EDITION, days=DAYS).ran == 0

    def test_a_run_that_cannot_be_traced_stands_for_its_own_day_and_is_done_again(self, book):
        project = book("!true", JUDGES)
        made = sweep(project, EDITION, days=DAYS)
        assert (made.ran, words(made)[0]) == (len(DAYS), "open")
        assert sweep(project, EDITION, days=DAYS[:2]).ran == 2

    def test_a_damaged_sweep_is_made_again_and_a_missing_table_written(self, book):
        project = book(JUDGES)
        made = sweep(project, EDITION, days=DAYS)
        made.csv.unlink()
        made.csv.with_suffix(".json").write_text("[", "utf-8")
        again = sweep(project, EDITION, days=DAYS)
        assert (again.ran, again.rows) == (0, made.rows) and again.csv.is_file()

    def test_verdicts_are_judged_again_when_the_engine_changes_and_not_otherwise(self, book, monkeypatch):
        project = book(JUDGES)
        made = sweep(project, EDITION, days=DAYS[:1])
        kept = json.loads(made.csv.with_suffix(".json").read_text("utf-8"))
        monkeypatch.setattr(module, "_judge", lambda *args: pytest.fail("judged again"))
        assert sweep(project, EDITION, days=DAYS[:1]).rows == made.rows
        monkeypatch.setattr(module, "engine_digest", lambda: "another engine")
        monkeypatch.setattr(module, "_judge", lambda *args: made.rows)
        sweep(project, EDITION, days=DAYS[:1])
        assert json.loads(made.csv.with_suffix(".json").read_text("utf-8"))["digest"] != kept["digest"]

    def test_an_edition_of_before_the_day_of_print_is_swept_for_its_own_day(self, book):
        assert sweep(book(JUDGES), replace(EDITION, as_of=date(2021, 1, 1))).days == ("2021-01-01",)

    def test_charts_are_not_drawn_and_a_word_in_a_title_that_holds_only_later_stops_nothing(self, book):
        chart = ('desk.holds("projects.much", "projects.total", ">", "claim:projects.two-batches-investment")\n'
                 'title = desk.text("{projects.much?高于}", "{projects.much?above}")\n'
                 'desk.chart("projects.chart", None, data=row.frame, of=row, title=title, alt=title)')
        made = sweep(book(JUDGES.rpartition("\n")[0], chart, JUDGES.rpartition("\n")[2]), EDITION, days=DAYS)
        assert len(words(made)) == len(DAYS)

    def test_a_month_for_which_a_notebook_fails_is_named_and_nothing_is_kept(self, book):
        project = book('row = desk.pick("ceremonies", [KEY])\nassert row.frame.empty, "rows that nobody expected"', JUDGES)
        with pytest.raises(CheckFailed) as failed:
            sweep(project, EDITION, days=DAYS)
        (finding,) = failed.value.findings
        assert finding.code == "cell.failed" and finding.where.endswith(f"as of {DAYS[2]}")
        assert "rows that nobody expected" in finding.found
        assert not swept_path(project, f"since-{DAYS[0]}-{DAYS[-1]}").exists()


    def test_a_check_names_the_month_that_failed_beside_the_notebook_that_missed_the_sweep(self, book):
        project = book(JUDGES, 'assert as_of != "2022-03-31", "synthetic fault"\n' + JUDGES.splitlines()[-1])
        code = [v4.new_code_cell(source, id=f"c{n}") for n, source in enumerate(
            ('as_of: str = "2022-02-24"\nlang: str = "zh"', HEAD, "desk.sweep()"))]
        code[0].metadata["tags"] = ["parameters"]
        editions = project.book / "editions.toml"  # a short sweep
        editions.write_text(editions.read_text("utf-8").replace(str(EDITION.as_of), "2022-04-30"), "utf-8")
        nbformat.write(v4.new_notebook(cells=code), project.notebooks / "02_after.ipynb")
        found = check(project).findings
        assert [finding.where.partition(", ")[2] for finding in found if finding.code == "cell.failed"] == ["as of 2022-03-31"]
        assert "sweep.not-yet" in {finding.code for finding in found}


def test_a_sweep_that_ends_otherwise_than_its_edition_is_a_finding():
    made = Sweep(edition="since", days=("2022-02-24", "2022-02-28"), ran=0, stood=0, csv=Path("none"), rows=tuple(
        {"as_of": day, "claim": "a.b", "section": "a", "verdict": word, "rule": ""}
        for day, word in (("2022-02-24", "open"), ("2022-02-28", "confirmed"))))
    assert differing(made, {"claims": {"a.b": {"verdict": "confirmed"}}}) == []
    (finding,) = differing(made, {"claims": {"a.b": {"verdict": "open"}}})
    assert (finding.code, finding.where, finding.found) == ("sweep.differs", "claim a.b", "confirmed by the sweep")


def test_the_days_are_the_first_the_ends_of_months_and_the_last():
    assert [str(day) for day in days_between(date(2022, 11, 30), date(2023, 1, 31))] == [
        "2022-11-30", "2022-12-31", "2023-01-31"]
    assert days_between(DAYS[0], DAYS[0]) == (DAYS[0],)


@pytest.mark.parametrize(("period", "first", "last"), [
    ("..", "2022-02-24", "2026-11-22"), ("2022-03..2022-12", "2022-03-31", "2022-12-31"),
    ("2022-03-05..", "2022-03-05", "2026-11-22"), ("..2022-04", "2022-02-24", "2022-04-30")])  # fmt: skip
def test_a_period_is_days_or_months_and_a_side_may_be_left_out(period, first, last):
    days = days_of(Project(ROOT), EDITION, period)
    assert (str(days[0]), str(days[-1])) == (first, last)


@pytest.mark.parametrize(("period", "code"), [("2022-03", "sweep.period"), ("soon..", "sweep.period"),
                                              ("2022-13..", "sweep.period"), ("2023-01..2022-01", "sweep.backwards")])
def test_a_period_that_is_none_is_refused_with_what_was_expected(period, code):
    with pytest.raises(WrongUse) as refused:
        days_of(Project(ROOT), EDITION, period)
    (finding,) = refused.value.findings
    assert finding.code == code and finding.expected


@pytest.mark.parametrize(("cell", "uses"), [
    ("desk = Desk(as_of=as_of, lang=lang)", False), ("t = desk.table('claims')", False), ("# as_of\n1", False),
    ("day = as_of", True), ("desk.as_of", True), ("desk.holds('a.b', 'a.c', '<', 'edition.as_of')", True),
    ("Desk(as_of=as_of[:4], lang=lang)", True), ("f'{as_of}'", True), ("globals()['as' + '_of']", True), ("%time x", True),
    ("import numpy as np\nfrom recount.charts import GREY\nfrom datetime import date", False),
    ("import a_module_of_the_book", True), ("from a_module_of_the_book import x", True), ("os.environ['RECOUNT_EDITION']", True),
])  # fmt: skip
def test_code_uses_the_day_where_it_does_more_than_open_its_desk(cell, uses):
    parameters = v4.new_code_cell('as_of: str = "2022-02-24"', metadata={"tags": ["parameters"]})
    assert names_the_day(v4.new_notebook(cells=[parameters, v4.new_code_cell(cell)])) is uses


@pytest.mark.slow
class TestOfTheBook:
    def test_the_first_and_the_last_day_say_what_the_two_editions_say(self, built, ledgers):
        rows = json.loads(swept_path(built, "since").read_text("utf-8"))["rows"]
        for edition in ("print", "since"):
            as_of = ledgers[edition]["edition"]["as_of"]
            assert {row["claim"]: row["verdict"] for row in rows if row["as_of"] == as_of} == {
                claim: entry["verdict"] for claim, entry in ledgers[edition]["claims"].items()}

    def test_the_command_prints_what_changed_and_when_and_runs_nothing_again(self, copy):
        folder: Path = copy()
        done = recount("sweep", "--as-of", "..2022-06", cwd=folder)
        assert done.returncode == 0, done.stderr
        assert done.stdout.startswith("2022-02-24  ") and "\n0 runs, " in done.stdout
        machine = json.loads(recount("sweep", "--as-of", "..2022-06", "--json", cwd=folder).stdout)
        assert machine["ran"] == 0 and machine["days"][-1] == "2022-06-30" and len(machine["days"]) == 6
        assert recount("sweep", "--as-of", "2022", cwd=folder).returncode == 2
