"""What a printed number can mean: the set of true values that would make it right."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

APPROX_BAND = 0.1  # 约: within a tenth of the printed number, unless an edition says otherwise
NEAR_BAND = 0.1  # 近百: at least 90 and under 100


@dataclass(frozen=True, kw_only=True)
class Interval:
    """A range of numbers; an open end does not contain its bound."""

    low: float
    high: float
    low_open: bool = False
    high_open: bool = False

    def __post_init__(self) -> None:
        if self.low > self.high:
            raise ValueError(f"an interval from {self.low} to {self.high}")

    def within(self, other: Interval) -> bool:
        """Every number of this range lies in the other."""
        low = self.low > other.low or (self.low == other.low and (self.low_open or not other.low_open))
        high = self.high < other.high or (self.high == other.high and (self.high_open or not other.high_open))
        return low and high

    def apart(self, other: Interval) -> bool:
        """No number lies in both ranges."""
        def before(a: Interval, b: Interval) -> bool:
            return a.high < b.low or (a.high == b.low and (a.high_open or b.low_open))

        return before(self, other) or before(other, self)


def meant(comparator: str, value: float, *, upper: float | None = None, decimals: int = 0,
          band: float = APPROX_BAND) -> Interval:
    """The range that a comparator and a printed number stand for.

    ``eq`` is as exact as its last printed digit: 638.7 means 638.65 up to 638.75. ``approx`` is the stated
    relative band, ``near_below`` the last tenth below the number. ``upper`` goes with ``range`` only.
    """
    half = 0.5 * 10**-decimals
    if comparator == "eq":
        return Interval(low=round(value - half, 9), high=round(value + half, 9), high_open=True)
    if comparator == "ge":
        return Interval(low=value, high=inf)
    if comparator == "gt":
        return Interval(low=value, high=inf, low_open=True)
    if comparator == "le":
        return Interval(low=-inf, high=value)
    if comparator == "lt":
        return Interval(low=-inf, high=value, high_open=True)
    if comparator == "approx":
        reach = abs(value) * band
        return Interval(low=round(value - reach, 9), high=round(value + reach, 9))
    if comparator == "near_below":
        return Interval(low=round(value * (1 - NEAR_BAND), 9), high=value, high_open=True)
    if comparator == "range" and upper is not None:
        return Interval(low=value, high=upper)
    raise ValueError(f"no meaning for comparator {comparator!r} with upper {upper!r}")
