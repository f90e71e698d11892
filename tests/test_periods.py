"""Dates as sources print them cover a span of days, and are spelt as each language spells them."""

from datetime import date, timedelta
from itertools import pairwise

import pytest

from recount.periods import span, spell


@pytest.mark.parametrize(("text", "first", "last"), [
    ("2022", (2022, 1, 1), (2022, 12, 31)), ("2022-02", (2022, 2, 1), (2022, 2, 28)), ("2024-02", (2024, 2, 1), (2024, 2, 29)),
    ("2022-01-12", (2022, 1, 12), (2022, 1, 12)), ("2022-Q1", (2022, 1, 1), (2022, 3, 31)),
    ("2022-Q4", (2022, 10, 1), (2022, 12, 31)), ("2022-H1", (2022, 1, 1), (2022, 6, 30)),
    ("2022-H2", (2022, 7, 1), (2022, 12, 31)), ("2016/2020", (2016, 1, 1), (2020, 12, 31)),
    ("2021-12/2022-01-31", (2021, 12, 1), (2022, 1, 31)),
])
def test_a_date_covers_its_first_to_its_last_day(text, first, last):
    assert span(text) == (date(*first), date(*last))


@pytest.mark.parametrize("text", [
    "", "2022-02-30", "2021-02-29", "2022-13", "2022-00", "2022-1", "2022-01-00", "2022-01-32", "2022-1-5", "2022/1/5",
    "2022年1月", "22-01-05", "2022-Q5", "2022-H3", "2022-W05", "20220105", "2022-01-12T00:00", "2022-02/2022-01", "2022/",
    "２０２２-01", " 2022", "春节",
])
def test_what_is_no_date_of_the_calendar_is_refused(text):
    with pytest.raises(ValueError):
        span(text)


def test_every_day_of_a_leap_year_is_its_own_span_and_lies_in_its_month_quarter_half_and_year():
    day = date(2024, 1, 1)
    while day.year == 2024:
        assert span(day.isoformat()) == (day, day)
        for whole in (f"{day:%Y-%m}", f"2024-Q{(day.month + 2) // 3}", f"2024-H{1 + day.month // 7}", "2024"):
            first, last = span(whole)
            assert first <= day <= last
        day += timedelta(days=1)


def test_the_quarters_and_halves_of_a_year_follow_each_other_without_a_gap():
    for parts in (["2023-Q1", "2023-Q2", "2023-Q3", "2023-Q4"], ["2023-H1", "2023-H2"], [f"2023-{n:02}" for n in range(1, 13)]):
        spans = [span(part) for part in parts]
        assert (spans[0][0], spans[-1][1]) == span("2023")
        assert all(one[1] + timedelta(days=1) == two[0] for one, two in pairwise(spans))


@pytest.mark.parametrize(("text", "zh", "en"), [
    ("2022-01-12", "2022年1月12日", "12 January 2022"), ("2022-12", "2022年12月", "December 2022"), ("2022", "2022年", "2022"),
    ("2022-Q1", "2022年一季度", "the first quarter of 2022"), ("2022-Q4", "2022年四季度", "the fourth quarter of 2022"),
    ("2022-H1", "2022年上半年", "the first half of 2022"), ("2022-H2", "2022年下半年", "the second half of 2022"),
    ("2016/2020", "2016年至2020年", "2016 to 2020"),
])
def test_a_date_is_spelt_as_a_newspaper_of_the_language_prints_it(text, zh, en):
    assert (spell(text, "zh"), spell(text, "en")) == (zh, en)


def test_a_text_that_is_no_date_is_not_spelt():
    with pytest.raises(ValueError, match="no date"):
        spell("soon", "en")
