"""Assembly: what of a notebook reaches which page. Notebooks, ledger and font are synthetic."""

import json
from datetime import date

import nbformat
import pytest
import synthetic_site as synthetic
import yaml

import recount.site.assemble as assemble_module
from recount.editions import Edition
from recount.errors import CheckFailed, Finding
from recount.fonts import Fonts
from recount.site.assemble import assemble

PRINT = Edition(name="print", as_of=date(2022, 2, 24), title_zh="见报当日", title_en="On the day of print")

WORKINGS = ("method", "data", "sources", "receipts", "rows", "queue", "corrections", "reproduce", "about")
RECEIPTS = ("receipts-06_projects", "receipts-09_ledger")


@pytest.fixture
def project(tmp_path, monkeypatch):
    face = tmp_path / "synthetic-font" / "regular.ttf"
    every = Fonts(face, face, frozenset(range(0x20, 0x10000)))
    monkeypatch.setattr(assemble_module, "prepare", lambda project: every)
    synthetic.undrawn(monkeypatch)
    return synthetic.project(tmp_path / "synthetic")


def make(project, lang="zh", **changes):
    given = {"edition": PRINT, "lang": lang, "ledger": synthetic.ledger(), "executed": synthetic.executed(lang)}
    return assemble(project, **(given | changes))


def cells(folder, stem="06_projects"):
    return nbformat.read(folder / f"{stem}.ipynb", as_version=4).cells


def test_a_page_holds_its_own_language_and_what_its_edition_knows(project):
    assert [cell["id"] for cell in cells(make(project))] == ["zh-1", "c3", "zh-2", "zh-4"]
    assert [cell["id"] for cell in cells(make(project, "en"))] == ["en-1", "c3", "en-2", "en-4"]


def test_a_cell_for_what_is_known_appears_when_it_is_known(project):
    ledger = synthetic.ledger()
    ledger["values"]["projects.later"] = synthetic.value("projects.later")
    assert [cell["id"] for cell in cells(make(project, ledger=ledger))][-2:] == ["zh-2", "zh-3"]


def test_records_for_the_ledger_do_not_reach_the_page_and_charts_become_figures(project):
    folder = make(project)
    outputs = {cell["id"]: cell.outputs for cell in cells(folder) if cell.cell_type == "code"}
    assert list(outputs) == ["c3"]
    assert [list(output.data) for output in outputs["c3"]] == [["text/html"]]
    assert 'id="chart-projects.bars"' in outputs["c3"][0].data["text/html"]
    assert (folder / "charts" / "projects.bars.csv").read_text("utf-8-sig") == "名,值\n甲,12\n乙,30.5\n"


def test_a_page_speaks_before_it_computes_and_folds_silent_code_together():
    def of_kind(kind, name, source, outputs=()):
        return {"cell_type": kind, "id": name, "source": source, "outputs": list(outputs), "metadata": {"tags": []}}

    made = assemble_module.prose_first(
        [
            of_kind("code", "a", "a = 1"),
            of_kind("markdown", "title", "# Synthetic"),
            of_kind("markdown", "lead", "The finding."),
            of_kind("code", "b", "b = 2"),
            of_kind("code", "c", "chart(b)", ["figure"]),
            of_kind("code", "d", "d = 4"),
            of_kind("markdown", "end", "The end."),
        ]
    )
    assert [(cell["id"], cell["source"]) for cell in made] == [
        ("title", "# Synthetic"),
        ("lead", "The finding."),
        ("c", "a = 1\n\nb = 2\n\nchart(b)"),
        ("d", "d = 4"),
        ("end", "The end."),
    ]


def test_what_a_console_echoes_is_no_part_of_a_page(project):
    executed = synthetic.executed("zh")
    echo = nbformat.v4.new_output("execute_result", data={"text/plain": "True"}, execution_count=4)
    said = nbformat.v4.new_output("stream", name="stdout", text="synthetic")
    executed["06_projects"].cells[-1:] = [synthetic.code("x", "c9")]
    executed["06_projects"].cells[-1].outputs = [echo, said]
    assert [output.output_type for output in cells(make(project, executed=executed))[-1].outputs] == ["stream"]


def test_code_is_folded_and_carries_no_counts(project):
    for cell in cells(make(project)):
        if cell.cell_type == "code":
            assert cell.metadata.tags[0] == "hide-input"
            assert cell.execution_count is None


def test_a_page_says_which_cells_of_the_notebook_it_holds_so_that_receipts_can_lead_there(project):
    executed = synthetic.executed("zh")
    silent = synthetic.code("quiet = 1", "c2b")
    executed["06_projects"].cells.insert(5, silent)
    folder = make(project, executed=executed)
    assert json.loads((folder / "cells.json").read_text("utf-8")) == {"06_projects": ["c3", "c2b", "c2"], "09_ledger": []}


def test_pages_lie_flat_and_only_those_that_exist(project):
    folder = make(project)
    toc = yaml.safe_load((folder / "_toc.yml").read_text("utf-8"))
    assert toc["root"] == "index"
    assert toc["parts"] == [
        {"caption": "各章", "chapters": [{"file": "06_projects"}, {"file": "09_ledger"}]},
        {"caption": "底账", "chapters": [{"file": name, "sections": [{"file": page} for page in RECEIPTS]}
                                         if name == "receipts" else {"file": name} for name in WORKINGS]},
    ]
    assert {path.name for path in folder.iterdir()} == {
        "06_projects.ipynb", "09_ledger.ipynb", "_config.yml", "_toc.yml", "cards", "cards.json", "charts", "embed", "downloads",
        "index.md",
        "cells.json", "corrections.json", "ledger.json", "package.json", "sources.json", "to_settle.json",
        *(f"{name}.md" for name in (*WORKINGS, *RECEIPTS)),
    }  # fmt: skip


def test_the_language_and_the_titles_are_merged_into_the_configuration(project):
    zh = yaml.safe_load((make(project) / "_config.yml").read_text("utf-8"))
    en = yaml.safe_load((make(project, "en") / "_config.yml").read_text("utf-8"))
    assert "recount" not in zh
    assert (zh["sphinx"]["config"]["language"], en["sphinx"]["config"]["language"]) == ("zh_CN", "en")
    assert zh["sphinx"]["config"]["recount_titles"]["06_projects"] == "合成的项目：432.1亿元"
    assert en["sphinx"]["config"]["recount_switch"]["languages"][0]["root"] == "../../zh/print/"


def test_the_same_input_is_the_same_bytes(project):
    def contents():
        folder = make(project)
        return {path.name: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}

    assert contents() == contents()


def test_a_tag_that_names_nothing_stops_the_build_and_names_the_cell(project):
    executed = synthetic.executed("zh")
    executed["06_projects"].cells.append(synthetic.markdown("错", "zh-8", "zh", "known:projects.typo"))
    with pytest.raises(CheckFailed) as caught:
        make(project, executed=executed)
    (finding,) = caught.value.findings
    assert (finding.code, finding.notebook, finding.cell, finding.lang) == (
        "site.unknown-tag",
        "06_projects",
        "zh-8",
        "zh",
    )


def test_a_page_without_a_title_in_its_language_stops_the_build(project):
    executed = synthetic.executed("zh") | {
        "09_ledger": nbformat.v4.new_notebook(cells=[synthetic.markdown("# Synthetic list", "en-1", "en")])
    }
    with pytest.raises(CheckFailed, match=r"site\.no-title"):
        make(project, executed=executed)


def test_a_draft_shows_each_finding_where_it_belongs(project):
    (project.notebooks / "03_holiday.ipynb").write_text(json.dumps({"synthetic": True}), "utf-8")
    here = Finding(
        code="prose.typed-number",
        where="cell zh-1",
        found="共123个 `{v}` <b>",
        notebook="06_projects",
        cell="zh-1",
        lang="zh",
    )
    other = Finding(code="prose.typed-number", where="cell en-1", notebook="06_projects", cell="en-1", lang="en")
    nowhere = Finding(code="value.changed", where="ledger print")
    stopped = Finding(code="cell.failed", where="03_holiday", notebook="03_holiday", cell="c1")
    folder = make(project, draft=True, findings=[here, other, nowhere, stopped])
    assert folder == project.build / "draft-book" / "zh" / "print"
    first, note, *rest = cells(folder)
    assert first["id"] == "zh-1"
    assert "共123个 `{v}` &lt;b&gt;" in note.source and "\n" not in note.source
    assert not any("prose.typed-number" in cell.source for cell in rest)
    assert "value.changed" in (folder / "index.md").read_text("utf-8")
    assert "typed-number" not in (folder / "index.md").read_text("utf-8")
    assert "cell.failed" in "".join(cell.source for cell in cells(folder, "03_holiday"))
