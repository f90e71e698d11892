"""Figures: title, drawing, source line, data; ids of their own; no letter without a glyph. Data is synthetic."""

import pytest
import synthetic_site as synthetic
from conftest import stand_in_drawer

from recount.errors import CheckFailed
from recount.site.figures import figure, is_open_in_width, own_ids

ASCII = frozenset(range(0x20, 0x7F))


@pytest.fixture(scope="module")
def drawer(tmp_path_factory):
    return stand_in_drawer(tmp_path_factory, ASCII)


def test_a_figure_says_its_finding_first_and_its_source_after(drawer):
    made = figure(synthetic.chart("en"), drawer=drawer).html
    parts = [
        "<figure",
        "<figcaption>Synthetic B is longer",
        'role="img" aria-label="Bar chart, synthetic"',
        "<svg",
        "Source: synthetic data",
        "<details",
        "<table>",
        'href="charts/projects.bars.csv"',
        "chart-spec",
    ]
    assert [part for part in parts if part not in made] == []
    assert sorted(parts, key=made.index) == parts


def test_a_chart_of_open_width_is_drawn_for_the_column_and_for_the_phone(drawer):
    made = figure(synthetic.chart("en"), drawer=drawer).html
    assert 'class="chart-wide"><svg' in made
    assert 'class="chart-narrow"><svg' in made


def test_a_chart_of_fixed_width_is_drawn_once(drawer):
    record = synthetic.chart("en")
    record["spec"]["width"] = 300
    made = figure(record, drawer=drawer).html
    assert made.count("<svg") == 1
    assert not is_open_in_width(record["spec"])
    assert not is_open_in_width({"hconcat": []})


def test_the_same_chart_is_the_same_bytes_and_is_drawn_once(drawer):
    first = figure(synthetic.chart("en"), drawer=drawer)
    drawn = sorted(drawer.cache.iterdir())
    assert figure(synthetic.chart("en"), drawer=drawer) == first
    assert sorted(drawer.cache.iterdir()) == drawn


def test_a_letter_without_a_glyph_is_an_error_and_not_a_box(drawer):
    with pytest.raises(CheckFailed) as caught:
        figure(synthetic.chart("zh"), drawer=drawer)
    (finding,) = caught.value.findings
    assert finding.code == "chart.missing-glyph"
    assert "甲" in finding.found


def test_the_data_can_be_taken_away_and_opens_in_excel(drawer):
    made = figure(synthetic.chart("en"), drawer=drawer)
    assert made.csv == "\ufeffname,value\nA,12\nB,30.5\n"
    assert made.csv_path == "charts/projects.bars.csv"


def test_a_matplotlib_drawing_neither_styles_the_page_nor_shares_its_ids(drawer):
    svg = (
        '<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg">\n <metadata>when</metadata>\n <defs>\n'
        '  <style type="text/css">*{stroke-linejoin: round}</style>\n </defs>\n\n <g id="axes_1">'
        '<use xlink:href="#m1"/></g></svg>'
    )
    made = figure(synthetic.chart("en", engine="matplotlib", spec=None, svg=svg), drawer=drawer).html
    assert "<style" not in made and "<metadata" not in made and "chart-spec" not in made
    assert 'id="projects-bars-chart-any-axes_1"' in made
    assert 'xlink:href="#projects-bars-chart-any-m1"' in made
    assert "\n\n" not in made


def test_two_drawings_on_a_page_share_no_id():
    svg = '<svg><clipPath id="clip0"/><g clip-path="url(#clip0)"/></svg>'
    assert own_ids(svg, "a") != own_ids(svg, "b")
    assert own_ids(svg, "a") == '<svg><clipPath id="a-clip0"/><g clip-path="url(#a-clip0)"/></svg>'


def test_an_apostrophe_in_a_caption_is_the_one_that_sentences_have(drawer):
    record = synthetic.chart("en", title="Synthetic's B, the others' A", source="Source: 'quoted' synthetic's data")
    made = figure(record, drawer=drawer).html
    assert "Synthetic’s B, the others’ A</figcaption>" in made
    assert "Source: &#x27;quoted&#x27; synthetic’s data" in made
