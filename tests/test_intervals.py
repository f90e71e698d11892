"""What a printed number can mean: a range of true values, open where it excludes its end."""

from itertools import product
from math import inf

import pytest

from recount.intervals import Interval, meant


def of(low, high, low_open=False, high_open=False):
    return Interval(low=low, high=high, low_open=low_open, high_open=high_open)


@pytest.mark.parametrize(("comparator", "value", "more", "expected"), [
    ("eq", 638.7, {"decimals": 1}, of(638.65, 638.75, high_open=True)),
    ("eq", 118, {}, of(117.5, 118.5, high_open=True)),
    ("ge", 98, {}, of(98, inf)),
    ("gt", 5, {}, of(5, inf, low_open=True)),
    ("le", 48, {}, of(-inf, 48)),
    ("lt", 638.7, {}, of(-inf, 638.7, high_open=True)),
    ("approx", 160, {}, of(144, 176)),
    ("approx", 160, {"band": 0.05}, of(152, 168)),
    ("approx", -10, {}, of(-11, -9)),
    ("near_below", 100, {}, of(90, 100, high_open=True)),
    ("range", 3, {"upper": 5}, of(3, 5)),
])
def test_a_comparator_and_a_number_stand_for_a_range(comparator, value, more, expected):
    assert meant(comparator, value, **more) == expected


@pytest.mark.parametrize(("comparator", "upper"), [("range", None), ("about", None), ("", 3)])
def test_a_comparator_without_meaning_is_refused(comparator, upper):
    with pytest.raises(ValueError, match="no meaning"):
        meant(comparator, 3, upper=upper)


def test_a_range_that_ends_before_it_begins_is_refused():
    with pytest.raises(ValueError, match="from 5 to 3"):
        of(5, 3)


@pytest.mark.parametrize(("inner", "outer", "within"), [
    (of(1, 2), of(1, 2), True), (of(1, 2), of(0, 3), True), (of(0, 2), of(1, 3), False), (of(1, 4), of(1, 3), False),
    (of(1, 2), of(1, 2, low_open=True), False), (of(1, 2, low_open=True), of(1, 2, low_open=True), True),
    (of(1, 2), of(1, 2, high_open=True), False), (of(1, 2, high_open=True), of(1, 2), True),
    (of(100, 100), of(90, 100, high_open=True), False), (of(98, inf), of(98, inf), True), (of(98, inf), of(98, 99), False),
])
def test_one_range_lies_within_another(inner, outer, within):
    assert inner.within(outer) is within


@pytest.mark.parametrize(("one", "two", "apart"), [
    (of(1, 2), of(3, 4), True), (of(1, 2), of(2, 3), False), (of(1, 2, high_open=True), of(2, 3), True),
    (of(1, 2), of(2, 3, low_open=True), True), (of(1, 4), of(2, 3), False), (of(5, 5), of(5, inf, low_open=True), True),
    (of(5, 5), of(5, inf), False),
])
def test_two_ranges_are_apart_whichever_is_asked(one, two, apart):
    assert one.apart(two) is apart
    assert two.apart(one) is apart


def test_within_and_apart_agree_with_counting_the_points_of_small_ranges():
    # Points at halves tell open from closed ends of ranges with whole ends.
    points = [number / 2 for number in range(0, 9)]

    def holds(interval):
        return {point for point in points
                if (interval.low < point or (interval.low == point and not interval.low_open))
                and (point < interval.high or (point == interval.high and not interval.high_open))}

    ranges = [of(low, high, *ends) for low, high, *ends in product(range(4), range(1, 5), (False, True), (False, True))
              if low < high]
    for one, two in product(ranges, ranges):
        assert one.within(two) == (holds(one) <= holds(two)), (one, two)
        assert one.apart(two) == (not holds(one) & holds(two)), (one, two)


def test_what_is_printed_with_fewer_digits_means_more():
    for tenths in range(0, 2000, 7):
        exact, printed = tenths / 10, meant("eq", tenths / 10, decimals=1)
        assert of(exact, exact).within(printed)
        above, below = round(exact + 0.05, 9), round(exact - 0.05, 9)
        assert of(above, above).apart(printed)
        assert of(below, below).within(printed)
