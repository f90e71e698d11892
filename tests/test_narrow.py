"""A chart on a phone: one column, no letter shrunk, nothing to scroll. Data is synthetic."""

import altair as alt
import pandas as pd
import pytest

from recount.site.narrow import NARROW, fitted, is_open_in_width, narrowed, stacked
from recount.site.svg import size

ROWS = pd.DataFrame({"name": ["A", "B"], "money": [12.0, 30.5], "more": [3, 4], "kind": ["x", "y"]})
BARS = alt.Chart(ROWS).mark_bar().encode(x="money:Q", y="name:N")


@pytest.fixture(scope="module")
def draw():
    import vl_convert

    return lambda spec, width: vl_convert.vegalite_to_svg(dict(spec), vl_version="6.4")


@pytest.mark.parametrize("chart", [
    BARS.properties(width=600),
    alt.hconcat(BARS.properties(width=300), BARS.properties(width=300)),
    alt.concat(BARS, BARS, BARS, columns=3),
    BARS.properties(width=250).facet(column="kind:N"),
    BARS.properties(width=250).facet("kind:N", columns=2),
    BARS.encode(column="kind:N").properties(width=250),
    BARS.encode(facet=alt.Facet("kind:N", columns=2)).properties(width=250),
    alt.Chart(ROWS).mark_bar().encode(x=alt.X(alt.repeat("column"), type="quantitative"), y="name:N").properties(width=250).repeat(column=["money", "more"]),
    alt.Chart(ROWS).mark_bar().encode(x=alt.X(alt.repeat("repeat"), type="quantitative"), y="name:N").properties(width=250).repeat(["money", "more"], columns=2),
], ids=["fixed", "hconcat", "concat", "facet-column", "facet", "column", "facet-channel", "repeat-column", "repeat"])  # fmt: skip
def test_what_stands_side_by_side_is_put_in_one_column_that_fits_a_phone(draw, chart):
    spec = chart.to_dict()
    assert size(draw(spec, None))[0] > NARROW
    made = narrowed(spec, draw=draw)
    assert NARROW * 0.8 < size(draw(made, None))[0] <= NARROW
    assert spec == chart.to_dict(), "the wide chart is left as it is"


def test_a_chart_of_open_width_is_fixed_at_the_width_asked_for(draw):
    spec = BARS.properties(width="container").to_dict()
    assert is_open_in_width(spec)
    assert size(draw(fitted(spec, NARROW), None))[0] == NARROW
    assert narrowed(spec, draw=draw) == fitted(spec, NARROW)


def test_a_chart_that_fits_a_phone_already_stays_as_it_is(draw):
    spec = BARS.properties(width=200).to_dict()
    assert narrowed(spec, draw=draw) == spec


def test_rows_that_stand_below_each_other_already_are_not_turned():
    spec = BARS.facet(row="kind:N", column="name:N").to_dict()
    assert stacked(spec)["facet"] == spec["facet"]
