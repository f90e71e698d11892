"""A sweep of the grid on one machine: what is made, what is found again, what is lost and what fails."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import pytest
from conftest import ROOT, recount
from synthetic_grid import children_of, executions, finished, grid_book, scratch, sweeping, table, told, wait_for

from recount.grid.local import make_or_report
from recount.grid.place import Folder, place_of
from recount.grid.process import WorkerProcess
from recount.grid.results import Results
from recount.grid.sweep import grid_of, sweep_grid
from recount.grid.wanted import Wanted

pytestmark = pytest.mark.slow
PERIOD = ("--as-of", "2022-01..2022-03")  # three days
GRID = (*PERIOD, "--set", "base_low=80,85")  # six editions


@pytest.fixture(scope="module")
def swept(tmp_path_factory) -> tuple[Path, Path, dict]:
    """A book swept once, here and by the command: its folder, its log, and what the command told."""
    root = tmp_path_factory.mktemp("swept")
    book = grid_book(root / "county", root / "log").root
    return book, root / "log", told(sweeping(*GRID, "--lang", "zh,en", "--json", cwd=book))


def test_every_edition_is_made_once_and_a_run_stands_for_those_that_ask_the_same(swept):
    _, log, made = swept
    assert (made["editions"], made["there"], made["made"], made["failed"]) == (12, 0, 12, [])
    assert executions(log) == {f"{day} {lang} {base}": 1 for day in ("2022-01-31", "2022-02-28", "2022-03-31")
                               for lang in ("zh", "en") for base in (80.0, 85.0)}
    # What `people` asks changes with the first of February and with no assumption: two runs for each language, and as
    # many again at most, where the second worker has not seen the first one's.
    people = log.read_text("utf-8").count("people")
    assert 4 <= people <= 8 and (made["ran"], made["stood"]) == (12 + people, 12 - people)


def test_the_table_holds_each_value_and_verdict_of_each_edition_once(swept):
    book, _, made = swept
    out = book / "_build" / "grid"
    assert made["table"] == str(out / "table.parquet") and len(finished(out)) == 12
    rows = table(out, "SELECT as_of::VARCHAR, lang, base_low, kind, id, status, number, unit, verdict FROM t")
    assert len(rows) == made["rows"] == len(set(rows))
    total = [row for row in rows if row[3:5] == ("value", "projects.total")]
    assert len(total) == 12 and {row[5:8] for row in total} == {("known", 100, "CNY_100M")}
    assert {row[2]: row[6] for row in rows if row[4] == "projects.base"} == {80: 80, 85: 85}
    people = {row[0]: (row[5], row[6]) for row in rows if row[3:5] == ("value", "projects.people")}
    assert people == {"2022-01-31": ("not yet", None), "2022-02-28": ("known", 30), "2022-03-31": ("known", 30)}
    verdicts = {row[8] for row in rows if row[3:5] == ("verdict", "projects.total")}
    assert verdicts == {"confirmed"}
    assert table(out, "SELECT DISTINCT json_extract(assumptions, '$.base_low')::DOUBLE, base_low FROM t ORDER BY 1") == [(80, 80), (85, 85)]


def test_a_second_sweep_runs_nothing_and_one_more_value_runs_only_what_is_new(swept):
    book, log, _ = swept
    before = executions(log)
    kept = (book / "_build" / "grid" / "table.parquet").read_bytes()
    again = told(sweeping(*GRID, "--lang", "zh,en", "--json", cwd=book))
    assert (again["there"], again["made"], again["ran"]) == (12, 0, 0) and executions(log) == before
    assert (book / "_build" / "grid" / "table.parquet").read_bytes() == kept
    damaged = book / "_build" / "grid" / "editions" / f"{finished(book / '_build' / 'grid')[0]}.json"
    damaged.write_bytes(damaged.read_bytes()[:-1])
    more = told(sweeping(*PERIOD, "--set", "base_low=80,85", "--lang", "zh,en", "--json", cwd=book))
    assert (more["there"], more["made"], more["rows"]) == (11, 1, again["rows"])


def test_the_same_book_read_from_a_url_has_the_same_editions(swept, tmp_path):
    book, _, _ = swept
    memory = place_of(f"memory://{tmp_path.name}/county")
    for name in ("_config.yml", *Folder(book).tree("data"), *Folder(book).tree("book"), *Folder(book).tree("notebooks")):
        memory.write(name, (book / name).read_bytes())
    asked = {"period": "2022-01..2022-03", "langs": ["zh"], "settings": ["base_low=80,85"], "edition": "since", "pages": False}
    there, here = grid_of([memory], **asked), grid_of([Folder(book)], **asked)
    assert [each.key for each in there.editions] == [each.key for each in here.editions]


def test_a_killed_sweep_goes_on_where_it_was_and_leaves_no_process_behind(tmp_path):
    book = grid_book(tmp_path / "county", tmp_path / "log", seconds=0.5).root
    out = tmp_path / "out"
    sweep = sweeping(*GRID, "--out", str(out), "--json", cwd=book)
    wait_for(lambda: len(finished(out)) >= 2)
    below = children_of(sweep.pid, "")
    sweep.kill()  # -9, in the midst of editions
    sweep.wait()
    wait_for(lambda: not [pid for pid in below if Path(f"/proc/{pid}").exists()], seconds=30)
    before = finished(out)
    kept = {name: (out / "editions" / f"{name}.json").stat().st_mtime_ns for name in before}
    begun = sum(executions(tmp_path / "log").values())
    assert 2 <= len(before) < 6
    again = told(sweeping(*GRID, "--out", str(out), "--json", cwd=book))
    assert (again["there"], again["made"], again["failed"]) == (len(before), 6 - len(before), [])
    assert kept == {name: (out / "editions" / f"{name}.json").stat().st_mtime_ns for name in before}
    # What was begun and not finished ran again, and nothing else: two workers, one edition each.
    after = executions(tmp_path / "log")
    assert len(after) == 6 and sum(after.values()) == begun + 6 - len(before) <= 8
    folders = scratch(tmp_path / "log")  # of ours: others may sweep on this machine
    assert 2 <= len(folders) <= 4 and all(folder.name.startswith("recount-grid-") for folder in folders)
    assert [folder for folder in folders if folder.exists()] == []


def test_an_edition_whose_worker_is_killed_is_made_by_another_worker(tmp_path):
    book = grid_book(tmp_path / "county", tmp_path / "log", seconds=1).root
    out = tmp_path / "out"
    sweep = sweeping(*GRID, "--out", str(out), "--json", cwd=book)
    wait_for(lambda: finished(out) and sum(executions(tmp_path / "log").values()) > len(finished(out)))
    before = set(children_of(sweep.pid, "recount.grid.worker"))
    os.kill(min(before), signal.SIGKILL)
    made = told(sweep)
    assert (made["made"], made["failed"], sweep.returncode) == (6, [], 0)
    assert len(table(out, "SELECT DISTINCT edition FROM t")) == 6
    assert sum(executions(tmp_path / "log").values()) <= 7


# Synthetic: a notebook that kills the program of the worker it runs for, as a machine out of memory might.
MURDER = """import signal, time
pid = os.getpid()
while as_of == "2022-02-28" and b"recount.grid.worker" not in open(f"/proc/{pid}/cmdline", "rb").read():
    pid = int(open(f"/proc/{pid}/stat").read().rpartition(")")[2].split()[1])
if pid != os.getpid():
    os.kill(pid, signal.SIGKILL)
    time.sleep(5)"""


def test_an_edition_that_kills_every_worker_fails_after_three_and_the_rest_is_made(tmp_path):
    book = grid_book(tmp_path / "county", tmp_path / "log", extra=MURDER).root
    sweep = sweeping(*PERIOD, "--lang", "zh", "--out", str(tmp_path / "out"), "--workers", "1", "--json", cwd=book)
    made = told(sweep)
    assert sweep.returncode == 1 and (made["made"], made["failed"]) == (2, ["county 2022-02-28 zh"])
    (finding,) = made["findings"]
    assert finding["code"] == "sweep.worker-lost" and "-9" in finding["found"]
    assert executions(tmp_path / "log")["2022-02-28 zh 80.0"] == 3


def test_an_edition_that_fails_stops_no_other_is_told_in_the_end_and_is_tried_again(tmp_path):
    book = grid_book(tmp_path / "county", tmp_path / "log", extra="assert not (as_of == '2022-02-28' and base_low == 85), 'synthetic fault'").root
    out = tmp_path / "out"
    done = recount("sweep", *GRID, "--out", str(out), cwd=book)
    assert done.returncode == 1 and "6 editions: 0 finished before, 5 made, 1 failed" in done.stdout
    assert "[cell.failed] notebooks/01_money.ipynb cell c2" in done.stderr and "synthetic fault" in done.stderr
    assert "county 2022-02-28 zh base_low=85.0" in done.stderr
    assert len(finished(out)) == 5 and len(table(out, "SELECT DISTINCT edition FROM t")) == 5
    (report,) = (out / "failed").glob("*.json")
    assert json.loads(report.read_text("utf-8"))["findings"][0]["code"] == "cell.failed"
    again = told(sweeping(*GRID, "--out", str(out), "--json", cwd=book))
    assert (again["there"], again["made"], len(again["failed"])) == (5, 0, 1)
    assert executions(tmp_path / "log")["2022-02-28 zh 85.0"] == 2 and sum(executions(tmp_path / "log").values()) == 7


def test_features_of_several_books_stand_in_one_table_and_one_worker_serves_them_all(tmp_path):
    books = [grid_book(tmp_path / name, tmp_path / "log").root for name in ("east", "west")]
    grid = grid_of([Folder(book) for book in books], period="2022-02..2022-03", langs=["zh"], settings=[], edition="since", pages=False)
    made = sweep_grid(grid, Folder(tmp_path / "out"), workers=1)
    assert (made.made, made.failures) == (4, {})
    assert table(tmp_path / "out", "SELECT book, count(DISTINCT as_of) FROM t GROUP BY 1 ORDER BY 1") == [("east", 2), ("west", 2)]


def test_a_worker_looks_into_the_store_first_and_refuses_what_another_engine_should_make(tmp_path):
    book = grid_book(tmp_path / "county", tmp_path / "log").root
    grid = grid_of([Folder(book)], period="2022-02..2022-03", langs=["zh"], settings=[], edition="since", pages=False)
    results = Results(Folder(tmp_path / "out"))
    results.bring(grid.inputs)
    first, second = grid.editions
    results.keep(first.key, {"rows": []})
    worker = WorkerProcess(results.place.url)
    try:
        assert worker.make(first)["state"] == "found" and executions(tmp_path / "log") == {}
        pid = worker.pid
        other = type(second)(**{**second.as_dict(), "maker": "another"})
        refused = worker.make(other)
        assert refused["state"] == "failed" and refused["findings"][0]["code"] == "sweep.other-worker"
        assert results.failure(other.key)[0].code == "sweep.other-worker"
        assert make_or_report(worker, second, results)["state"] == "executed" and worker.pid == pid
        folder = worker.folder
    finally:
        worker.close()
    assert not folder.exists() and not Path(f"/proc/{pid}").exists()


def test_a_worker_whose_owner_is_gone_ends_in_the_midst_of_an_edition(tmp_path):
    book = grid_book(tmp_path / "county", tmp_path / "log", seconds=60).root
    sweep = sweeping("--as-of", "2022-03..2022-03", "--lang", "zh", "--out", str(tmp_path / "out"), cwd=book)
    wait_for(lambda: executions(tmp_path / "log"))
    below = children_of(sweep.pid, "")
    assert len(below) >= 4  # the worker, its template, papermill's processes, a kernel
    sweep.kill()
    sweep.wait()
    wait_for(lambda: not [pid for pid in below if Path(f"/proc/{pid}").exists()], seconds=20)
    assert finished(tmp_path / "out") == []


def test_a_worker_whose_owner_goes_while_it_would_answer_clears_its_folder_away(tmp_path):
    results = Results(Folder(tmp_path / "out"))
    wanted = Wanted(book="synthetic", inputs="0", as_of="2022-03-31", lang="zh", maker="another's")
    worker = WorkerProcess(results.place.url)
    process = worker._running()
    process.stdout.close()  # nobody hears, though the input is still open: the moment between the two
    process.stdin.write(json.dumps(wanted.as_dict()) + "\n")
    process.stdin.flush()
    assert process.wait(30) == 0
    wait_for(lambda: not worker.folder.exists(), seconds=30)
    process.stdin.close()


def test_an_interrupted_sweep_reports_no_failure_that_was_none(tmp_path):
    book = grid_book(tmp_path / "county", tmp_path / "log", seconds=30).root
    sweep = sweeping("--as-of", "2022-03..2022-03", "--lang", "zh", "--out", str(tmp_path / "out"), cwd=book)
    wait_for(lambda: executions(tmp_path / "log"))
    os.killpg(sweep.pid, signal.SIGINT)  # Ctrl-C
    sweep.wait(30)
    assert sweep.returncode != 0 and not (tmp_path / "out" / "failed").exists() and not finished(tmp_path / "out")


def test_the_book_of_this_repository_says_in_a_grid_what_its_accepted_ledger_says(tmp_path):
    made = told(sweeping("--edition", "print", "--as-of", "..", "--lang", "en", "--out", str(tmp_path / "out"), "--json", cwd=ROOT))
    assert (made["editions"], made["failed"]) == (1, [])
    accepted = json.loads((ROOT / "book" / "ledger" / "print.json").read_text("utf-8"))
    verdicts = dict(table(tmp_path / "out", "SELECT id, verdict FROM t WHERE kind = 'verdict'"))
    assert verdicts == {name: entry["verdict"] for name, entry in accepted["claims"].items()}
    values = dict(table(tmp_path / "out", "SELECT id, number FROM t WHERE kind = 'value'"))
    assert len(values) > 100 and values == {name: accepted["values"][name]["value"] for name in values}
