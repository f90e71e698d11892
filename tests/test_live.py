"""The chart that comes alive tells what was pointed at, at the size of the drawing. Data is synthetic."""

import altair as alt
import pandas as pd

from recount.site.live import as_script, live_spec

ROWS = pd.DataFrame({"x": [1, 2], "y": [12.0, 30.5], "k": ["a", "a"], "w0": ["12 yuan", "30.5 yuan"]})
LINE = alt.Chart(ROWS).mark_line(point=True).encode(x="x:Q", y="y:Q", color="k:N", tooltip="w0:N")
BARS = alt.Chart(ROWS).mark_bar().encode(x="x:Q", y="y:Q", tooltip="w0:N")


def views(spec):
    return [(view["mark"]["type"], "tooltip" in view["encoding"]) for view in spec["layer"]]


def test_a_line_tells_at_each_of_its_points_and_not_its_first_everywhere():
    made = live_spec((LINE + BARS).to_dict())
    assert views(made) == [("line", False), ("point", True), ("bar", True)]
    assert made["layer"][1]["mark"]["opacity"] == 0
    assert set(made["layer"][1]["encoding"]) == {"x", "y", "tooltip"}


def test_a_line_that_stands_alone_does_too_and_keeps_its_data_and_its_size():
    spec = LINE.properties(width=300, height=120).to_dict()
    made = live_spec(spec)
    assert views(made) == [("line", False), ("point", True)]
    assert (made["width"], made["height"], made["datasets"]) == (300, 120, spec["datasets"])


def test_a_line_in_a_part_of_the_chart_is_found():
    made = live_spec(alt.vconcat(BARS, LINE).to_dict())
    assert views(made["vconcat"][1]) == [("line", False), ("point", True)]


def test_marks_that_tell_already_and_lines_that_tell_nothing_stay():
    quiet = alt.Chart(ROWS).mark_line().encode(x="x:Q", y="y:Q")
    spec = (BARS + quiet).to_dict()
    assert views(live_spec(spec)) == [("bar", True), ("line", False)]


def test_a_spec_cannot_end_the_block_that_holds_it():
    assert "</script>" not in as_script({"t": "</script>"}, "chart-wide").removesuffix("</script>")


def test_a_layer_without_rows_in_this_edition_is_left_out_for_vega_would_complain_to_the_reader():
    empty = alt.Chart(ROWS[:0]).mark_text().encode(x="x:Q", y="y:Q", text="k:N")
    assert views(live_spec((BARS + empty).to_dict())) == [("bar", True)]
