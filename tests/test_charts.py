"""A chart cannot be published without its finding, alt text, data and source, nor drawn with a glyph missing."""

import json
import re

import altair as alt
import pandas as pd
import pytest
from synthetic_run import cut_once

from recount import charts
from recount.bound import BoundText, bind
from recount.charts import FAMILY, chart_record, new_figure
from recount.errors import BadInput


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return cut_once(tmp_path_factory)[0]


def text(zh, en):
    return bind(zh, en, shown=lambda name, lang, flag: {"zh": "638.7亿元", "en": "63.87 billion yuan"}[lang],
                holds=lambda name, word: None)


PLOTTED = pd.DataFrame({"名": ["甲", "乙"], "值": [12.0, 30.5]})


def bars(**more):
    return alt.Chart(PLOTTED, **more).mark_bar().encode(x="值:Q", y="名:N")


def drawn(project, label="合成轴"):
    figure, axes = new_figure(project, width=3, height=2)
    axes.barh(PLOTTED["名"], PLOTTED["值"], clip_on=True)
    axes.plot([1, 2], [0, 1], marker="o")
    axes.set_xlabel(label)
    return figure


def recorded(project, chart=None, *, id="syn.bars", **more):
    given = {"data": PLOTTED, "title": text("合成{syn.total}", "Synthetic {syn.total}"), "lang": "zh", "project": project,
             "alt": text("柱状图，合成", "Bar chart, synthetic"), "unit": ("亿元", "100 million yuan"), "sources": ["合成网"]}
    return chart_record(id, bars() if chart is None else chart, **(given | more))


def test_a_chart_becomes_plain_data_with_all_that_a_page_needs(project):
    record = recorded(project)
    spec = record.pop("spec")
    assert record == {
        "record": "chart", "id": "syn.bars", "lang": "zh", "engine": "altair", "title": "合成638.7亿元", "alt": "柱状图，合成",
        "unit": "亿元", "source": "来源：合成网", "svg": None, "used": ["syn.total"],
        "data": {"columns": ["名", "值"], "rows": [["甲", 12.0], ["乙", 30.5]]},
        "typed": {"title": "合成{syn.total}", "alt": "柱状图，合成", "labels": []}}
    assert spec["config"]["font"].startswith(FAMILY) and spec["mark"]["type"] == "bar"
    json.dumps(spec)


def test_the_page_in_english_gets_english_words(project):
    record = recorded(project, lang="en", sources=list("ABCDEF"))
    assert (record["title"], record["alt"], record["unit"], record["source"]) == (
        "Synthetic 63.87 billion yuan", "Bar chart, synthetic", "100 million yuan", "Source: A, B, C, D and 2 more")


def test_many_sources_are_named_by_the_first_four(project):
    assert recorded(project, sources=list("甲乙丙丁"))["source"] == "来源：甲、乙、丙、丁"
    assert recorded(project, sources=list("甲乙丙丁戊"))["source"] == "来源：甲、乙、丙、丁等5个来源"


@pytest.mark.parametrize(("missing", "code"), [
    ({"title": None}, "chart.no-title"), ({"title": "合成"}, "chart.no-title"), ({"title": text(" ", " ")}, "chart.no-title"),
    ({"alt": None}, "chart.no-alt"), ({"alt": text("", "")}, "chart.no-alt"),
    ({"data": None}, "chart.no-data"), ({"data": PLOTTED[:0]}, "chart.no-data"), ({"sources": []}, "chart.no-source"),
    ({"title": text("合成\U0001f400", "synthetic")}, "glyph.missing"),
    ({"chart": alt.Chart(pd.DataFrame({"名": ["\U00020bb7"], "值": [1]})).mark_bar().encode(x="值:Q", y="名:N")}, "glyph.missing"),
])
def test_a_chart_without_its_finding_words_data_source_or_glyphs_is_refused(project, missing, code):
    with pytest.raises(BadInput) as caught:
        recorded(project, **missing)
    (finding,) = caught.value.findings
    assert (finding.code, finding.where) == (code, "chart syn.bars")
    assert finding.expected and finding.found


def test_a_glyph_that_a_drawn_figure_lacks_is_refused_be_it_typed_or_made_by_a_formatter(project):
    typed, formatted = drawn(project, label="合成\U00020bb7"), drawn(project)
    formatted.axes[0].xaxis.set_major_formatter(lambda value, position: "\U00020bb7")
    for figure, found in ((typed, "\U00020bb7"), (formatted, "20BB7")):
        with pytest.raises(BadInput) as caught:
            recorded(project, figure)
        (finding,) = caught.value.findings
        assert (finding.code, finding.where) == ("glyph.missing", "chart syn.bars")
        assert found in finding.found


def test_a_title_inside_a_spec_moves_out_and_the_book_look_stays(project):
    spec = recorded(project, bars(title="合成标题").configure_axis(labelFontSize=9).configure_view(stroke="red"))["spec"]
    assert "title" not in spec
    assert (spec["config"]["axis"], spec["config"]["view"]) == ({"labelFontSize": 9}, {"stroke": None})


def test_a_figure_is_drawn_with_its_letters_as_letters_and_the_same_bytes_twice(project):
    first, second = recorded(project, drawn(project)), recorded(project, drawn(project))
    assert first == second
    assert first["engine"] == "matplotlib" and first["spec"] is None and first["typed"]["labels"] == ["合成轴"]
    assert first["svg"].startswith("<svg") and ">合成轴</text>" in first["svg"] and "<dc:date>" not in first["svg"]


def test_two_figures_on_one_page_share_no_id_and_lose_no_reference(project):
    one, two = (recorded(project, drawn(project), id=name)["svg"] for name in ("syn.bars_one", "syn.bars_two"))
    ids = [re.findall(r'\bid="([^"]+)"', svg) for svg in (one, two)]
    assert all(len(each) == len(set(each)) > 3 for each in ids)
    assert not set(ids[0]) & set(ids[1])
    for svg, own in zip((one, two), ids, strict=True):
        referred = set(re.findall(r'(?:href="#|url\(#)([^")]+)', svg))
        assert referred and referred <= set(own)


def test_cells_of_every_sort_become_plain_data(project):
    data = pd.DataFrame({"a": pd.array([1, None], dtype="Int64"), "b": [1.5, float("nan")], "c": [True, False],
                         "d": pd.to_datetime(["2022-01-12", None]), "e": ["甲", None]})
    rows = recorded(project, data=data)["data"]["rows"]
    assert rows == [[1, 1.5, True, "2022-01-12 00:00:00", "甲"], [None, None, False, None, None]]
    json.dumps(rows)


def test_a_bound_text_is_what_titles_are_made_of():
    assert isinstance(text("甲", "A"), BoundText)


def test_a_date_drawn_in_the_readers_time_zone_is_refused():
    local = {"layer": [{"encoding": {"x": {"field": "day", "type": "temporal"}}}]}
    utc = {"layer": [{"encoding": {"x": {"field": "day", "type": "temporal", "scale": {"type": "utc"}},
                                   "tooltip": [{"field": "day", "type": "nominal"}]}}]}
    assert charts._local_times(local) == ["day"]
    assert charts._local_times(utc) == []


def test_an_editor_sees_the_drawing_by_hand_and_a_run_of_the_book_leaves_it_to_assembly(project, monkeypatch):
    record = recorded(project)
    monkeypatch.delenv("RECOUNT_RUN", raising=False)
    assert charts.picture(record, project).startswith("<svg")
    monkeypatch.setenv("RECOUNT_RUN", "1")
    assert charts.picture(record, project) == ""
    figure = recorded(project, drawn(project))
    assert charts.picture(figure, project) == figure["svg"]


def test_a_wide_figure_is_laid_out_again_for_a_phone_and_left_as_it_was(project):
    figure, axes = new_figure(project, width=7.2, height=2)
    axes.barh(PLOTTED["名"], PLOTTED["值"])
    record = recorded(project, figure)
    wide, narrow = (float(re.search(r'width="([\d.]+)pt"', record[key])[1]) for key in ("svg", "narrow"))
    assert (wide, narrow) == (pytest.approx(7.2 * 72), pytest.approx(charts.PHONE * 72))
    assert tuple(figure.get_size_inches()) == (7.2, 2)
    assert "narrow" not in recorded(project, drawn(project)), "what fits a phone is drawn once"


def test_an_author_can_give_the_chart_of_a_phone_and_it_is_looked_at_like_the_other(project):
    record = recorded(project, narrow=bars().properties(height=50))
    assert record["narrow"]["height"] == 50 and record["narrow"]["config"]["font"].startswith(FAMILY)
    assert record["narrow"]["encoding"]["tooltip"] == record["spec"]["encoding"]["tooltip"]
    for narrow, code in ((drawn(project), "chart.narrow"), ("a chart", "chart.narrow"),
                         (bars().encode(x=alt.X("值:Q", title="\U0001f400")), "glyph.missing")):  # fmt: skip
        with pytest.raises(BadInput) as caught:
            recorded(project, narrow=narrow)
        assert [finding.code for finding in caught.value.findings] == [code]


def test_tooltips_are_written_when_the_chart_is_recorded(project):
    spec = recorded(project, written={"值": "CNY_100M"})["spec"]
    rows = next(iter(spec["datasets"].values()))
    assert [[row[tip["field"]] for tip in spec["encoding"]["tooltip"]] for row in rows] == [["甲", "12亿元"], ["乙", "30.5亿元"]]
