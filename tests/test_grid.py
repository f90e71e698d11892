"""The grid: which editions are asked for, what their keys rest on, what counts as finished. Nothing is executed here."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import threading
import zipfile
from datetime import date
from pathlib import Path

import pytest
from conftest import ROOT, recount
from fsspec import AbstractFileSystem, register_implementation
from synthetic_grid import PARAMETERS, grid_book, table
from synthetic_run import make_notebook

from recount.editions import Edition
from recount.errors import BadInput, Finding, WrongUse
from recount.grid import extra, sweep, wanted
from recount.grid.axes import Feature, editions_of, read_langs, read_settings, split, typed
from recount.grid.inputs import packed, read_inputs, unpack
from recount.grid.local import Deal, make_or_report
from recount.grid.place import Folder, Remote, place_of
from recount.grid.process import Lost
from recount.grid.results import Results, sealed, whole
from recount.grid.sweep import Swept, grid_of, place_to_write
from recount.grid.table import columns_of, rows_of, write_table
from recount.grid.wanted import Wanted, maker_of
from recount.keys import key_of
from recount.parameters import Parameter

KEY = "0" * 40
EDITION = Edition(name="since", as_of=date(2022, 3, 31), title_zh="合成", title_en="synthetic", assumptions={"rate": 0.1})


def feature(book: str = "synthetic", **declared: str) -> Feature:
    names = {name: (Parameter(name, kind),) for name, kind in {"rate": "float", **declared}.items()}
    return Feature(book=book, inputs="0" * 64, days=(date(2022, 2, 28), date(2022, 3, 31)), edition=EDITION, declared=names)


def edition(**changes: object) -> Wanted:
    return Wanted(**{"book": "synthetic", "inputs": "0" * 64, "as_of": "2022-03-31", "lang": "zh", "maker": "m",
                     "assumptions": {"base": 80}} | changes)


@pytest.fixture
def book(tmp_path: Path) -> Folder:
    return Folder(grid_book(tmp_path / "county", tmp_path / "log").root)


def codes(refused: pytest.ExceptionInfo) -> list[str]:
    return [finding.code for finding in refused.value.findings]


# ---- the axes


def test_the_grid_is_every_crossing_of_its_axes_with_neighbouring_days_beside_each_other():
    made = editions_of([feature(), feature("other")], langs=("zh", "en"), settings={"base": (80, 85)}, pages=False, maker="m")
    assert len(made) == 2 * 2 * 2 * 2 == len({each.key for each in made})
    assert [(each.book, each.lang, each.assumptions["base"], each.as_of) for each in made[:3]] == [
        ("synthetic", "zh", 80, "2022-02-28"), ("synthetic", "zh", 80, "2022-03-31"), ("synthetic", "zh", 85, "2022-02-28")]
    assert all(each.assumptions["rate"] == 0.1 for each in made)  # the edition's own, where nothing else is set


def test_a_value_has_the_type_that_the_notebooks_declare():
    one = feature(base="int", note="str | None", on="bool", parts="list[int]")
    assert read_settings(["base=80,85", "note=None,yes", "on=true,False", "parts=[1,2],[3]", "rate=1"], [one]) == {
        "base": (80, 85), "note": (None, "yes"), "on": (True, False), "parts": ([1, 2], [3]), "rate": (1.0,)}
    assert isinstance(read_settings(["rate=1"], [one])["rate"][0], float)


@pytest.mark.parametrize(("text", "code", "found"), [
    ("base=8x", "sweep.wrong-type", "8x"), ("base=80,", "sweep.wrong-type", "nothing"), ("base=80.5", "sweep.wrong-type", "80.5"),
    ("rate=nan", "sweep.wrong-type", "nan"), ("baze=80", "sweep.unknown-parameter", "baze"), ("as_of=2022", "sweep.reserved", "as_of"),
    ("base", "sweep.setting", "base"), ("base=", "sweep.setting", "base="), ("=80", "sweep.setting", "=80"),
    ("base=80,80", "sweep.twice", "80"), ("on=maybe", "sweep.wrong-type", "maybe"),
    ("parts={'a': 1}", "sweep.wrong-type", "{'a': 1}"), ("parts=[1", "sweep.wrong-type", "[1")])  # fmt: skip
def test_a_bad_assumption_is_refused_before_anything_runs_and_says_what_was_meant(text, code, found):
    with pytest.raises(WrongUse) as refused:
        read_settings([text], [feature(base="int", on="bool", parts="list")])
    (finding,) = refused.value.findings
    assert (finding.code, finding.found) == (code, found) and finding.done == "nothing was run" and finding.expected
    assert "base" in finding.next or code != "sweep.unknown-parameter"


def test_all_that_is_wrong_with_the_assumptions_is_told_at_once():
    with pytest.raises(WrongUse) as refused:
        read_settings(["base=x", "rato=1", "base=2", "base=3"], [feature(base="int")])
    assert codes(refused) == ["sweep.wrong-type", "sweep.unknown-parameter", "sweep.twice"]


def test_an_assumption_must_be_declared_by_every_feature_and_fit_every_declaration():
    with pytest.raises(WrongUse) as refused:
        read_settings(["base=80"], [feature(base="int"), feature("other")])
    assert codes(refused) == ["sweep.unknown-parameter"] and "other" in refused.value.findings[0].expected
    with pytest.raises(WrongUse) as refused:
        read_settings(["base=80"], [feature(base="int"), feature("other", base="str")])
    assert codes(refused) == ["sweep.wrong-type"]


@pytest.mark.parametrize(("text", "code"), [("zh,fr", "sweep.language"), ("", "sweep.language"), ("zh,zh", "sweep.twice")])
def test_a_language_is_one_of_the_books_and_named_once(text, code):
    assert read_langs("en,zh") == ("en", "zh")
    with pytest.raises(WrongUse) as refused:
        read_langs(text)
    assert codes(refused) == [code]


def test_commas_inside_brackets_and_quotes_belong_to_a_value():
    assert list(split("[1,2],{'a': (1,2)},'x,y',it's")) == ["[1,2]", "{'a': (1,2)}", "'x,y'", "it's"]
    assert typed("'80'", Parameter("a", "str")) == "80" and typed("5", Parameter("a", "list | str")) == "5"


# ---- keys


@pytest.mark.parametrize("changes", [{"book": "other"}, {"inputs": "1" * 64}, {"as_of": "2022-04-30"}, {"lang": "en"}, {"pages": True},
                                     {"maker": "n"}, {"assumptions": {"base": 80.0}}, {"assumptions": {"base": "80"}}, {"assumptions": {}}])
def test_an_edition_is_another_when_anything_that_it_rests_on_is(changes):
    assert edition(**changes).key != edition().key
    assert edition().key == Wanted(**json.loads(json.dumps(edition().as_dict()))).key


def test_the_maker_is_another_with_another_engine_and_the_grid_is_no_part_of_a_runs_key(monkeypatch, tmp_path):
    before = maker_of(pages=False), maker_of(pages=True)
    assert before[0] != before[1]
    with monkeypatch.context() as patch:
        patch.setattr(wanted, "key_of", lambda *args, **more: key_of(*args, **more) | {"engine": "another"})
        assert maker_of(pages=False) != before[0]
    from recount import keys

    assert keys.APART == ("site", "serve", "grid")
    for apart in keys.APART:
        assert not [path for path in (ROOT / "src/recount").glob(f"{apart}.py")]


def test_prose_is_no_input_of_values_and_code_data_and_lock_are(book):
    def digest(*, pages: bool = False) -> str:
        return read_inputs(book, pages=pages).digest

    def edit(name: str, was: str, now: str) -> None:
        text = (book.root / name).read_text("utf-8")
        assert was in text
        (book.root / name).write_text(text.replace(was, now), "utf-8")

    seen = [digest()]
    drawn = digest(pages=True)
    edit("notebooks/01_money.ipynb", "一句话", "另一句话")
    edit("book/editions.toml", "title_en", "title_en ")
    (book.root / "_build").mkdir()
    (book.root / "_build" / "x.csv").write_text("a\n")
    assert digest() == seen[0] and digest(pages=True) != drawn
    edit("notebooks/01_money.ipynb", "projects.base", "projects.lower")
    seen.append(digest())
    edit("data/observations.csv", "100", "101")
    seen.append(digest())
    (book.root / "requirements.lock").write_text("synthetic==1\n")
    seen.append(digest())
    (book.root / "notebooks" / "module_of_its_own.py").write_text("x = 1\n")
    seen.append(digest())
    assert len(set(seen)) == 5


def test_inputs_arrive_as_they_were_packed_and_others_are_refused(book, tmp_path):
    inputs = read_inputs(book, pages=False)
    content = packed(inputs.files)
    assert content == packed(dict(reversed(inputs.files.items())))
    unpack(content, tmp_path / "a", digest=inputs.digest, where="x")
    assert Folder(tmp_path / "a").tree("data") == book.tree("data")
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("../outside.txt", "x")
    edited = packed({**inputs.files, "data/observations.csv": b"synthetic\n"})
    for damaged in (content[:-30], content[:100], buffer.getvalue(), edited):
        with pytest.raises(BadInput) as refused:
            unpack(damaged, tmp_path / "b", digest=inputs.digest, where="x")
        assert codes(refused) == ["sweep.inputs"] and not (tmp_path / "b").exists()


# ---- what is checked of the books


def test_a_grid_of_a_book_has_its_days_and_keys_that_stay(book):
    def made() -> list[str]:
        grid = grid_of([book], period="2022-02..2022-04", langs=["zh"], settings=["base_low=80,85"], edition="since", pages=False)
        assert [each.as_of for each in grid.editions] == ["2022-02-28", "2022-03-31", "2022-04-30"] * 2
        return [each.key for each in grid.editions]

    first = made()
    assert first == made()
    notebook = book.root / "notebooks" / "02_people.ipynb"
    notebook.write_text(notebook.read_text("utf-8").replace("projects.people", "projects.persons"), "utf-8")
    assert not set(first) & set(made())


@pytest.mark.parametrize(("given", "code"), [
    ({"edition": "sinze"}, "edition.unknown"), ({"settings": ["base_lo=1"]}, "sweep.unknown-parameter"), ({"period": "soon"}, "sweep.period"),
])  # fmt: skip
def test_what_a_book_does_not_have_is_refused(book, given, code):
    asked = {"period": "2022-02..2022-04", "langs": ["zh"], "settings": [], "edition": "since", "pages": False} | given
    with pytest.raises((BadInput, WrongUse)) as refused:
        grid_of([book], **asked)
    assert codes(refused) == [code]


def test_what_is_wrong_with_several_books_is_told_of_all_of_them(book, tmp_path):
    other = Folder(grid_book(tmp_path / "elsewhere" / "county", tmp_path / "log").root)
    make_notebook(grid_book(tmp_path / "third", tmp_path / "log"), "03_more.ipynb", "1", parameters=f"{PARAMETERS}\nrate = 2")
    with pytest.raises(BadInput) as refused:
        grid_of([book, other, Folder(tmp_path / "nowhere"), Folder(tmp_path / "third")], period="..", langs=["zh"], settings=[],
                edition="since", pages=False)
    assert codes(refused) == ["sweep.same-book", "sweep.no-book", "parameter.untyped"]


def test_a_missing_library_is_named_with_what_to_install(monkeypatch, book, tmp_path):
    monkeypatch.setitem(sys.modules, "duckdb", None)
    grid = grid_of([book], period="2022-02..2022-04", langs=["zh"], settings=[], edition="since", pages=False)
    with pytest.raises(WrongUse) as refused:
        sweep.sweep_grid(grid, Folder(tmp_path / "out"))
    (finding,) = refused.value.findings
    assert finding.code == "sweep.extra-missing" and finding.next == extra.INSTALL and not (tmp_path / "out").exists()
    monkeypatch.setitem(sys.modules, "fsspec", None)
    assert place_of(str(tmp_path)).names() == []  # a folder needs none of them
    with pytest.raises(WrongUse):
        place_of("memory://x")


# ---- what is finished


@pytest.fixture(params=["folder", "memory", "local"])
def results(request, tmp_path) -> Results:
    url = {"folder": str(tmp_path / "out"), "memory": f"memory://{tmp_path.name}/out", "local": f"local://{tmp_path}/out"}
    return Results(place_of(url[request.param]))


def test_a_result_is_finished_where_its_file_is_whole_and_nowhere_else(results):
    made = {"edition": {}, "rows": [{"id": "projects.total", "number": 100.5}]}
    assert results.find(KEY) is None and results.finished([KEY]) == set()
    results.keep(KEY, made)
    assert results.find(KEY) == made and results.finished([KEY, "1" * 40]) == {KEY}
    content = results.place.read(f"editions/{KEY}.json")
    for part in (content[:-1], content[:40], b"", content + b" ", content.replace(b"100.5", b"100.6"), sealed("1" * 40, made)):
        results.place.write(f"editions/{KEY}.json", part)
        assert results.find(KEY) is None and results.finished([KEY]) == set()


def test_a_failure_is_reported_and_is_no_result_and_goes_when_the_edition_is_made(results):
    finding = Finding(code="cell.failed", where="notebooks/01_money.ipynb")
    results.fail(KEY, {"findings": [finding.as_dict()]})
    assert results.failure(KEY) == [finding] and results.finished([KEY]) == set()
    results.keep(KEY, {"rows": []})
    assert results.failure(KEY) == [] and results.finished([KEY]) == {KEY}


def test_a_place_lists_and_removes_files_whatever_it_is(results):
    place = results.place
    for name in ("a.txt", "data/b.csv", "data/more/c.csv", "data/.hidden", "data/__pycache__/x.pyc"):
        place.write(name, b"synthetic")
    assert place.names() == ["a.txt"] and place.tree("data") == ["data/b.csv", "data/more/c.csv"]
    assert place.names("data") == ["b.csv"] and place.names("nowhere") == [] and place.tree("nowhere") == []
    place.remove("a.txt")
    place.remove("a.txt")
    assert place.names() == []
    with pytest.raises(FileNotFoundError):
        place.read("a.txt")
    assert place.name == "out" and type(place_of(place.url)) is type(place)


def test_half_a_result_is_none_even_under_its_own_name():
    content = sealed(KEY, {"rows": ["合成"]})
    assert whole(content, KEY) == {"rows": ["合成"]}
    assert all(whole(content[:end], KEY) is None for end in range(len(content)))


@pytest.mark.parametrize(("url", "code"), [("nosuch://x/y", "sweep.store"), ("gs://bucket/x", "sweep.extra-missing")])
def test_a_scheme_without_a_driver_is_a_finding(url, code, monkeypatch):
    monkeypatch.setitem(sys.modules, "gcsfs", None)  # also where it is installed
    with pytest.raises(WrongUse) as refused:
        place_of(url).names()
    assert codes(refused) == [code]


def test_the_folders_of_a_url_are_made_and_the_bucket_or_share_that_it_begins_with_is_not():
    there = {"share"}

    class Shares(AbstractFileSystem):
        """Synthetic: needs folders, and makes whatever it is asked to, as s3fs makes a bucket."""

        cachable = False

        def mkdir(self, path, create_parents=True, **kwargs):
            if not create_parents and (path in there or self._parent(path) not in there):
                raise OSError(path)
            there.update(path.rsplit("/", above)[0] for above in range(path.count("/") + 1 if create_parents else 1))

        def makedirs(self, path, exist_ok=False):
            self.mkdir(path)

        def pipe_file(self, path, value, mode="overwrite", **kwargs):
            if self._parent(path) not in there:
                raise FileNotFoundError(path)

    register_implementation("synthetic-shares", Shares, clobber=True)
    place_to_write("synthetic-shares://share/new/out").write("editions/a.json", b"")
    assert there == {"share", "share/new", "share/new/out", "share/new/out/editions"}
    with pytest.raises(WrongUse) as refused:
        place_to_write("synthetic-shares://mistyped/out")
    assert codes(refused) == ["sweep.store"] and "mistyped" not in there


def test_a_place_that_cannot_be_written_to_is_told_before_anything_runs(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(WrongUse) as refused:
        place_to_write(str(tmp_path / "file"))
    assert codes(refused) == ["sweep.store"]
    assert isinstance(place_of("file:///x"), Folder) and isinstance(place_of("memory://x"), Remote)


# ---- who gets which edition


def test_neighbouring_editions_go_to_one_worker_and_the_rest_is_shared():
    editions = [edition(as_of=f"2022-01-{day:02}") for day in range(1, 11)]
    deal = Deal(editions, 2)
    first = [deal.next(0) for _ in range(6)]
    assert first[:5] == editions[:5] and first[5] in editions[5:]
    rest = [deal.next(1) for _ in range(4)]
    assert {each.key for each in first + rest} == {each.key for each in editions}
    assert deal.next(0) is None and deal.next(1) is None


class Ending:
    """A worker's owner whose worker is always lost."""

    def __init__(self) -> None:
        self.asked = 0

    def make(self, wanted: Wanted) -> None:
        self.asked += 1
        raise Lost("synthetic")


def test_a_worker_that_is_lost_for_good_fails_its_edition_and_one_that_was_ended_does_not(tmp_path):
    results, process, stop = Results(Folder(tmp_path)), Ending(), threading.Event()
    assert make_or_report(process, edition(), results, stop=stop)["state"] == "failed" and process.asked == 3
    assert results.failure(edition().key)[0].code == "sweep.worker-lost"
    stop.set()
    assert make_or_report(process, edition(lang="en"), results, stop=stop) is None and process.asked == 4
    assert results.failure(edition(lang="en").key) == []


def test_what_libraries_print_is_none_of_the_workers_words():
    code = ("import os\nfrom recount.grid.worker import _own_output\nanswers = _own_output()\nprint('noise', flush=True)\n"
            "os.write(1, b'more noise')\nanswers.write('answer')\nanswers.close()")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.stdout, done.returncode) == ("answer", 0) and "more noise" in done.stderr


# ---- the table


def test_the_table_reads_back_as_the_rows_that_were_written(tmp_path):
    results = Results(Folder(tmp_path))
    value = {"kind": "value", "id": "projects.total", "section": "projects", "status": "known", "number": 100.5, "high": None,
             "unit": "CNY_100M", "comparator": "eq", "text": None, "shown": "100.5亿元"}
    verdict = {"kind": "verdict", "id": "projects.total", "section": "projects", "status": "judged", "verdict": "confirmed",
               "rule": "independent", "origins": 1, "shown": "100.0亿元"}
    editions = [edition(assumptions={"base": base, "text": word}) for base in (80, 85) for word in ("it's, \"so\"", None)]
    for each in editions[:3]:
        results.keep(each.key, {"rows": [value, verdict]})
    columns = columns_of({"base": (80, 85), "text": ("it's, \"so\"", None)})
    rows = list(rows_of(results, editions, ["base", "text"]))
    assert len(rows) == 3 * 2  # the fourth is not finished
    assert write_table(rows, columns, results.place) == 6
    read = table(tmp_path)
    assert read == [tuple(date.fromisoformat(row[name]) if name == "as_of" else row.get(name) for name in columns) for row in rows]
    kinds = dict(table(tmp_path, "SELECT column_name, column_type FROM (DESCRIBE t)"))
    assert kinds["base"] == "BIGINT" and kinds["text_"] == "VARCHAR" and kinds["number"] == "DOUBLE" and list(kinds) == list(columns)
    assert not list(tmp_path.glob(".*"))


def test_a_table_of_no_rows_has_its_columns(tmp_path):
    assert write_table([], columns_of({"base": (80, 85.5)}), Folder(tmp_path)) == 0
    assert dict(table(tmp_path, "SELECT column_name, column_type FROM (DESCRIBE t)"))["base"] == "DOUBLE"


def test_the_same_fault_in_many_editions_is_told_once_with_their_number():
    fault = Finding(code="cell.failed", where="notebooks/01_money.ipynb cell c1", found="ValueError")
    other = Finding(code="cell.failed", where="notebooks/01_money.ipynb cell c1", found="KeyError")
    swept = Swept(editions=4, there=0, made=1, ran=1, stood=0, rows=0, table="t", seconds=1,
                  failures={"a 2022-01-31 zh": (fault,), "a 2022-02-28 zh": (fault,), "a 2022-03-31 zh": (other,)})
    assert [finding.where.partition(", ")[2] for finding in swept.findings] == ["a 2022-01-31 zh and 1 more editions", "a 2022-03-31 zh"]


# ---- the command


def test_the_command_refuses_a_bad_grid_with_the_exit_code_of_wrong_use(book):
    done = recount("sweep", "--set", "base_lo=1", "--json", cwd=book.root)
    assert done.returncode == 2 and not (book.root / "_build").exists()
    (finding,) = json.loads(done.stdout)["findings"]
    assert finding["code"] == "sweep.unknown-parameter" and "base_low" in finding["next"]
    done = recount("sweep", "--scheduler", "tcp://127.0.0.1:1", "--lang", "fr", cwd=book.root)
    assert done.returncode == 2 and "[sweep.language]" in done.stderr
