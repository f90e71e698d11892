"""Units, and how a number is written in each language. A number without its unit cannot be written."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from recount.errors import BadInput, Finding, did_you_mean
from recount.periods import spell

COMPARATORS = ("eq", "ge", "gt", "le", "lt", "approx", "near_below", "range")

_ZH = {"ge": "{}以上", "gt": "超{}", "le": "不超过{}", "lt": "不到{}", "approx": "约{}", "near_below": "近{}"}
_EN = {"ge": "at least {}", "gt": "more than {}", "le": "at most {}", "lt": "less than {}",
       "approx": "about {}", "near_below": "close to {}"}
BARE = "bare"


@dataclass(frozen=True, kw_only=True)
class Unit:
    """One unit: its code in the data, its decimals in the ledger, and its words on the page.

    ``yuan`` is set for amounts of money only: how many yuan one of the unit is. ``wan`` marks counts that
    Chinese prints in 万 from ten thousand up.
    """

    code: str
    zh: str
    en: str = ""
    en_one: str = ""
    decimals: int = 1
    yuan: int = 0
    wan: bool = False
    prefix: bool = False

    @property
    def measure(self) -> str:
        """What the unit measures: numbers of one measure can be set beside each other as they are.

        Things are counted alike whatever they are called; a plan's volume is its volume a year. Amounts of money
        are alike in the same unit only: 万 beside 亿 would be ten thousand times off.
        """
        code = self.code.removesuffix("_per_year") if self.code in _VOLUMES else self.code
        return "things" if code in _THINGS else "share" if self.zh == "%" else code


_VOLUMES = frozenset({"tonne_per_year", "set_per_year", "unit_per_year", "item_per_year"})
_THINGS = frozenset({"count", "project", "firm", "product", "item", "claim", "event", "batch", "source", "set", "piece",
                     "unit", "vehicle", "time", "person", "household"})


def _units(*units: Unit) -> dict[str, Unit]:
    return {unit.code: unit for unit in units}


UNITS = _units(
    Unit(code="CNY", zh="元", en="yuan", decimals=2, yuan=1),
    Unit(code="CNY_10K", zh="万元", en="yuan", decimals=2, yuan=10**4),
    Unit(code="CNY_100M", zh="亿元", en="yuan", decimals=2, yuan=10**8),
    Unit(code="CNY_1T", zh="万亿元", en="yuan", decimals=2, yuan=10**12),
    Unit(code="CNY_per_W", zh="元/瓦", en="yuan per watt", decimals=2),
    Unit(code="CNY_per_tonne", zh="元/吨", en="yuan per tonne", decimals=0),
    Unit(code="CNY_per_hour", zh="元/小时", en="yuan an hour", decimals=2),
    Unit(code="CNY_per_day", zh="元/天", en="yuan a day", decimals=2),
    Unit(code="CNY_per_month", zh="元/月", en="yuan a month", decimals=0),
    Unit(code="CNY_per_year", zh="元/年", en="yuan a year", decimals=0),
    Unit(code="CNY_per_person", zh="元/人", en="yuan per person", decimals=0),
    Unit(code="CNY_per_person_day", zh="元/人·天", en="yuan per person and day", decimals=0),
    Unit(code="CNY_100M_per_GW", zh="亿元/吉瓦", en="100 million yuan per GW", decimals=2),
    Unit(code="USD_1M_per_GW", zh="百万美元/吉瓦", en="million US dollars per GW", decimals=1),
    Unit(code="percent", zh="%", en="%", decimals=1),
    Unit(code="percent_yoy", zh="%", en="%", decimals=1),
    Unit(code="percent_per_year", zh="%", en="% a year", decimals=1),
    Unit(code="percentage_point", zh="个百分点", en="percentage points", en_one="percentage point", decimals=1),
    Unit(code="ratio", zh="", en="", decimals=2),
    Unit(code="fold", zh="倍", en="times", decimals=2),
    Unit(code="count", zh="个", en="", decimals=0, wan=True),
    Unit(code="project", zh="个", en="projects", en_one="project", decimals=0),
    Unit(code="firm", zh="家", en="firms", en_one="firm", decimals=0, wan=True),
    Unit(code="product", zh="款", en="products", en_one="product", decimals=0),
    Unit(code="item", zh="项", en="items", en_one="item", decimals=0),
    Unit(code="claim", zh="条", en="claims", en_one="claim", decimals=0),
    Unit(code="event", zh="场", en="events", en_one="event", decimals=0),
    Unit(code="batch", zh="批", en="batches", en_one="batch", decimals=0),
    Unit(code="source", zh="个", en="sources", en_one="source", decimals=0),
    Unit(code="set", zh="套", en="sets", en_one="set", decimals=0, wan=True),
    Unit(code="piece", zh="台", en="units", en_one="unit", decimals=0, wan=True),
    Unit(code="vehicle", zh="辆", en="vehicles", en_one="vehicle", decimals=0, wan=True),
    Unit(code="time", zh="次", en="times", en_one="time", decimals=0),
    Unit(code="person", zh="人", en="people", en_one="person", decimals=0, wan=True),
    Unit(code="household", zh="户", en="households", en_one="household", decimals=0, wan=True),
    Unit(code="hour", zh="小时", en="hours", en_one="hour", decimals=1),
    Unit(code="hour_per_year", zh="小时/年", en="hours a year", decimals=0),
    Unit(code="day", zh="天", en="days", en_one="day", decimals=0),
    Unit(code="month_count", zh="个月", en="months", en_one="month", decimals=0),
    Unit(code="year", zh="年", en="years", en_one="year", decimals=0),
    Unit(code="m2", zh="平方米", en="square metres", decimals=0, wan=True),
    Unit(code="km2", zh="平方公里", en="square kilometres", decimals=1),
    Unit(code="km", zh="公里", en="kilometres", decimals=2),
    Unit(code="mu", zh="亩", en="mu", decimals=2),
    Unit(code="MW", zh="兆瓦", en="MW", decimals=1),
    Unit(code="GW", zh="吉瓦", en="GW", decimals=2),
    Unit(code="GWh", zh="吉瓦时", en="GWh", decimals=1),
    Unit(code="GWh_per_day", zh="吉瓦时/天", en="GWh a day", decimals=2),
    Unit(code="tonne", zh="吨", en="tonnes", en_one="tonne", decimals=0, wan=True),
    Unit(code="tonne_per_year", zh="吨/年", en="tonnes a year", decimals=0, wan=True),
    Unit(code="set_per_year", zh="套/年", en="sets a year", decimals=0, wan=True),
    Unit(code="unit_per_year", zh="台/年", en="units a year", decimals=0, wan=True),
    Unit(code="item_per_year", zh="件/年", en="pieces a year", decimals=0, wan=True),
    Unit(code="date", zh="", en="", decimals=0),
    Unit(code="name", zh="", en="", decimals=0),
)

# The units that the feature prints, for claims.csv.
PRINTED = {
    "亿元": "CNY_100M", "万元": "CNY_10K", "元": "CNY", "元/小时": "CNY_per_hour", "%": "percent",
    "倍": "fold", "个": "count", "项": "item", "家": "firm", "款": "product", "套": "set", "台": "piece",
    "人": "person", "名": "person", "次": "time", "批": "batch", "小时": "hour", "天": "day", "日": "day", "年": "year",
    "吨": "tonne", "MW": "MW", "日期": "date", "条": "item", "问": "item", "步": "item", "色": "item",
    "类": "item", "大": "item", "届": "item", "班子": "item", "轮": "item", "方面": "item", "次数": "time",
}


def unit_of(code: str, *, where: str) -> Unit:
    """The unit of that code (or of that printed word).

    Raises BadInput naming the place and the near codes for one that nobody has defined.
    """
    known = UNITS.get(PRINTED.get(code, code))
    if known is None:
        raise BadInput(Finding(code="unit.unknown", where=where, expected="a unit of recount.units", found=code,
                               next=did_you_mean(code, [*UNITS, *PRINTED])))
    return known


def rounded(number: float, decimals: int) -> float | int:
    """Round half up in decimal, as a desk calculator does; the same digits on every platform."""
    quantum = Decimal(1).scaleb(-decimals)
    # repr keeps 500.1 + 138.6 = 638.7 from arriving as 638.70000000000005 on the wrong side of a half.
    exact = Decimal(repr(round(float(number), 10))).quantize(quantum, rounding=ROUND_HALF_UP)
    return int(exact) if exact == exact.to_integral_value() else float(exact)


def digits(number: float, decimals: int, lang: str, *, group: bool = False) -> str:
    """A number's digits: no trailing zeros, a true minus sign, thousands grouped in English."""
    text = f"{rounded(abs(number), decimals):,.{decimals}f}" if group or lang == "en" else \
        f"{rounded(abs(number), decimals):.{decimals}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return ("−" if number < 0 and text.strip("0,.") else "") + text


def _money_en(number: float, unit: Unit, decimals: int) -> str:
    yuan = abs(number) * unit.yuan
    for size, word in ((10**12, "trillion"), (10**9, "billion"), (10**6, "million")):
        if yuan >= size:
            # Shifting the point must not lose a printed digit: 638.7 亿 is 63.87 billion.
            shift = len(str(size)) - len(str(unit.yuan)) if size > unit.yuan else 0
            amount = digits(yuan / size, decimals + shift, "en")
            return f"{amount} {word} yuan"
    return f"{digits(yuan, 2 if unit.yuan == 1 else 0, 'en')} yuan"


def write(number: float, unit: Unit, lang: str, *, comparator: str = "eq", decimals: int | None = None,
          high: float | None = None) -> dict[str, str]:
    """A number in words and digits: ``full`` with unit and comparator, ``bare`` digits only.

    >>> write(638.7, UNITS["CNY_100M"], "en", comparator="ge")["full"]
    'at least 63.87 billion yuan'
    >>> write(90, UNITS["percent"], "zh", high=99)["full"]
    '90%至99%'
    """
    places = unit.decimals if decimals is None else decimals
    one, bare = _write_one(number, unit, lang, places)
    if high is not None:
        other, other_bare = _write_one(high, unit, lang, places)
        joint = "至" if lang == "zh" else " to "
        return {"full": f"{one}{joint}{other}", BARE: f"{bare}{joint}{other_bare}"}
    pattern = (_ZH if lang == "zh" else _EN).get(comparator, "{}")
    return {"full": pattern.format(one), BARE: bare}


def _write_one(number: float, unit: Unit, lang: str, places: int) -> tuple[str, str]:
    bare = digits(number, places, lang)
    sign = "−" if bare.startswith("−") else ""
    if lang == "zh":
        if unit.wan and abs(number) >= 10**4 and rounded(number / 10**4, 2) * 10**4 == rounded(number, places):
            bare = f"{digits(number / 10**4, 2, lang)}万"
        return f"{bare}{unit.zh}", bare
    if unit.yuan:
        return sign + _money_en(number, unit, places), bare
    if unit.en.startswith("%"):
        return f"{bare}{unit.en}", bare
    word = unit.en_one if unit.en_one and rounded(number, places) == 1 else unit.en
    return f"{bare} {word}".rstrip(), bare


def write_date(text: str, lang: str) -> dict[str, str]:
    """A date value in the page's language."""
    spelt = spell(text, lang)
    return {"full": spelt, BARE: spelt}
