"""A tooltip says the value with its unit as the language writes it, and never a raw float. Data is synthetic."""

import altair as alt
import pandas as pd
import pytest

from recount.errors import BadInput
from recount.tooltips import write_tooltips

ROWS = pd.DataFrame({"name": ["甲", "乙"], "money": [432.1000001, 0.1 + 0.2], "n": [1, 12000], "day": ["2022-01-12", "2022-02"]})


def told(chart, lang="zh", unit="亿元", **written):
    """What each row's tooltip says, as title and words."""
    spec = write_tooltips(chart.to_dict(), written=written, unit=unit, lang=lang, where="chart syn")
    (rows,) = spec["datasets"].values()
    views = spec.get("layer", [spec])
    entries = next(view["encoding"]["tooltip"] for view in views if "tooltip" in view["encoding"])
    entries = [entries] if isinstance(entries, dict) else entries
    return [[(entry.get("title", entry["field"]), row[entry["field"]]) for entry in entries] for row in rows], spec


def bars(*tips):
    made = alt.Chart(ROWS).mark_bar().encode(x="money:Q", y="name:N")
    return made.encode(tooltip=list(tips)) if tips else made


@pytest.mark.parametrize(("lang", "factor", "shown"), [
    ("zh", 1, ["432.1亿元", "0.3亿元"]), ("en", 1, ["43.21 billion yuan", "30 million yuan"]),
    ("en", 10, ["432.1 billion yuan", "300 million yuan"]),
])  # fmt: skip
def test_a_number_is_written_in_its_unit_and_language_whatever_the_axis_counts_in(lang, factor, shown):
    said, spec = told(bars("name:N", "money:Q"), lang, money=("CNY_100M", factor))
    assert [words for (_, _), (_, words) in said] == shown
    assert "432.1000001" not in str(spec["encoding"]["tooltip"])


def test_counts_dates_and_names_are_written_too():
    said, _ = told(bars("name:N", "n:Q", "day:N"), "en", n="person", day="date")
    assert [[words for _, words in row] for row in said] == [
        ["甲", "1 person", "12 January 2022"], ["乙", "12,000 people", "February 2022"]]


def test_a_number_alone_takes_the_words_of_the_chart_and_its_title_drops_them():
    said, _ = told(bars("name:N", alt.Tooltip("money:Q", title="总投资（亿元）")))
    assert said[0][1] == ("总投资", "432.1亿元")


def test_a_title_drops_the_unit_that_the_value_brings_and_keeps_what_is_no_unit():
    tips = [alt.Tooltip("money:Q", title="Output (billion yuan)"), alt.Tooltip("n:Q", title="Share (people)"),
            alt.Tooltip("day:N", title="Day (last possible)")]  # fmt: skip
    said, _ = told(bars(*tips), "en", money="CNY_100M", n="person", day="date")
    assert [title for title, _ in said[0]] == ["Output", "Share", "Day (last possible)"]


def test_a_chart_without_tooltips_is_given_what_its_marks_encode_names_first():
    said, spec = told(bars())
    assert said[1] == [("name", "乙"), ("money", "0.3亿元")]
    assert spec["encoding"]["x"]["field"] == "money"


def test_a_value_that_is_missing_says_nothing():
    chart = alt.Chart(ROWS.assign(money=[1.0, None])).mark_bar().encode(y="name:N", tooltip=["name:N", "money:Q"])
    said, _ = told(chart)
    assert said[1][1] == ("money", "")


@pytest.mark.parametrize(("chart", "written", "code"), [
    (bars("money:Q", "n:Q"), {}, "chart.no-unit"),
    (bars("money:Q", "n:Q"), {"n": "person"}, "chart.no-unit"),
    (bars("money:Q"), {"mony": "CNY_100M"}, "chart.no-field"),
    (bars("money:Q"), {"money": "CNY_100"}, "unit.unknown"),
    (bars(alt.Tooltip("money:Q", aggregate="sum")), {}, "chart.raw-tooltip"),
    (bars(alt.Tooltip("twice:Q")).transform_calculate(twice="datum.n * 2"), {}, "chart.raw-tooltip"),
    (alt.Chart(ROWS).mark_bar(tooltip=alt.TooltipContent("data")).encode(x="money:Q", y="name:N"), {}, "chart.raw-tooltip"),
])  # fmt: skip
def test_a_number_without_unit_or_that_vega_would_make_is_refused(chart, written, code):
    with pytest.raises(BadInput) as caught:
        told(chart, **written)
    (finding,) = caught.value.findings
    assert (finding.code, finding.where.startswith("chart syn")) == (code, True)
