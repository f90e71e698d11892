"""Pages of swept editions: drafts that say so, beside the results, in the language that was asked for."""

from __future__ import annotations

import shutil
from pathlib import Path

import nbformat
import nbformat.v4 as v4
import pytest
from conftest import COPIED, ROOT
from synthetic_grid import finished, sweeping, table, told

from recount.grid.sites import folder_of
from recount.grid.wanted import Wanted

HEAD = "from recount import Desk\ndesk = Desk(as_of=as_of, lang=lang)"
JUDGES = ('row = desk.pick("ceremonies", ["ruian-2022-01-12"])\ndesk.value("projects.total", of=row, by=lambda t: t["inv_total"].sum(), '
          'unit="CNY_100M", formula=("合计", "sum"))\ndesk.judge("projects.two-batches-investment", by="projects.total")')  # fmt: skip
LISTS = 'desk.ledger()["claims"]["projects.two-batches-investment"]["verdict"]'


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """The book's data and pages with two synthetic notebooks, one of them of the second wave."""
    folder = tmp_path / "county"
    folder.mkdir()
    for each in COPIED:
        if each != "notebooks":
            (shutil.copytree if (ROOT / each).is_dir() else shutil.copy2)(ROOT / each, folder / each)
    (folder / "notebooks").mkdir()
    for name, cell, prose in (("06_projects", JUDGES, "# 合成 {v}`projects.total`"), ("09_ledger", LISTS, "# 合成清单")):
        parameters = v4.new_code_cell('as_of: str = "2022-02-24"\nlang: str = "zh"', id="p", metadata={"tags": ["parameters"]})
        cells = [parameters, v4.new_markdown_cell(prose, id="m", metadata={"tags": ["zh"]}),
                 v4.new_markdown_cell(prose.replace("合成", "Synthetic"), id="n", metadata={"tags": ["en"]}),
                 v4.new_code_cell(HEAD, id="c0"), v4.new_code_cell(cell, id="c1")]  # fmt: skip
        nbformat.write(v4.new_notebook(cells=cells), folder / "notebooks" / f"{name}.ipynb")
    return folder


def test_pages_lie_by_book_day_language_and_assumptions():
    wanted = Wanted(book="county", inputs="0", as_of="2022-03-31", lang="zh", maker="m", pages=True)
    assert folder_of(wanted) == "sites/county/2022-03-31/zh"
    others = {folder_of(Wanted(**{**wanted.as_dict(), "assumptions": {"base": base}})) for base in (80, 85)}
    assert len(others) == 2 and all(each.startswith("sites/county/2022-03-31/zh-") for each in others)


@pytest.mark.slow
def test_sites_are_drafts_that_say_they_are_not_accepted(book, tmp_path):
    out = tmp_path / "out"
    words = ("--as-of", "2022-03..2022-03", "--lang", "en", "--out", str(out), "--json")
    made = told(sweeping(*words, "--sites", cwd=book))
    assert (made["made"], made["failed"]) == (1, []), made
    site = out / "sites" / "county" / "2022-03-31"
    assert [path.name for path in site.iterdir()] == ["en"]
    page = (site / "en" / "notebooks" / "06_projects.html").read_text("utf-8") if (site / "en" / "notebooks").is_dir() else (
        site / "en" / "06_projects.html").read_text("utf-8")
    assert "Synthetic" in page and "not accepted" in page and "draft" in page.lower()
    assert (site / "en" / "index.html").is_file()
    # Without pages it is another edition, made of the code alone; with them it is found again.
    again = told(sweeping(*words, "--sites", cwd=book))
    assert (again["there"], again["made"]) == (1, 0)
    rows = table(out, "SELECT id, number FROM t WHERE kind = 'value'")
    plain = told(sweeping(*words, cwd=book))
    assert plain["made"] == 1 and len(finished(out)) == 2 and table(out, "SELECT id, number FROM t WHERE kind = 'value'") == rows
