"""A number is found wherever a reader takes words for one, and nowhere else."""

from decimal import Decimal

import pytest

from recount.errors import WrongUse
from recount.numerals import BOUND, digits, numbers, plain_digits, words


def found(text: str) -> list[str]:
    return [text[span.start:span.end] for span in numbers(text)]


@pytest.mark.parametrize(("n", "zh", "en"), [
    (0, "零", "zero"), (1, "一", "one"), (2, "两", "two"), (3, "三", "three"), (10, "十", "ten"),
    (11, "十一", "eleven"), (12, "十二", "twelve"), (20, "二十", "twenty"), (32, "三十二", "thirty-two"),
    (90, "九十", "ninety"), (Decimal("5.0"), "五", "five"), (8.0, "八", "eight"),
])
def test_a_small_count_is_said_in_words(n, zh, en):
    assert (words(n, "zh"), words(n, "en")) == (zh, en)


@pytest.mark.parametrize("n", [-1, 100, 2.5, Decimal("638.7"), float("nan"), float("inf"), True])
def test_what_reads_better_in_digits_is_refused(n):
    with pytest.raises(WrongUse, match=r"value\.no-words"):
        words(n, "en")


@pytest.mark.parametrize("n", range(2, 100))
def test_every_word_that_the_book_writes_is_one_that_the_gate_knows(n):
    assert found(words(n, "en")) == [words(n, "en")]
    assert found(words(n, "zh") + "家") == [words(n, "zh") + "家"]


@pytest.mark.parametrize(("text", "expected"), [
    ("共123个项目", ["123"]), ("共１２３个项目", ["１２３"]), ("总投资638.7亿元", ["638.7亿"]),
    ("增长15%以上", ["15%"]), ("1,234,567 yuan", ["1,234,567"]), ("on 2022-02-24", ["2022-02-24"]),
    ("at 10:30", ["10:30"]), ("63.87 billion yuan", ["63.87 billion"]), ("5G", ["5G"]), ("PA66", ["PA66"]),
    ("COVID-19", ["COVID-19"]), ("48-hour", ["48"]), ("½ a share", ["½"]), ("𝟏𝟐 units", ["𝟏𝟐"]),
    ("٣ units", ["٣"]), ("第44条", ["44"]), ("3 倍", ["3"]), ("20-30 firms", ["20-30"]),
])
def test_digits_always_count(text, expected):
    assert found(text) == expected


@pytest.mark.parametrize("text", ["m²", "CO₂", "㎡", "①", "Ⅱ期"])
def test_marks_that_are_no_digits_of_a_number_are_free(text):
    assert found(text) == []


@pytest.mark.parametrize("text", [
    "两种", "三个", "十项", "八成", "三分之一", "半年", "十二名", "四百吨", "五亿元", "两天", "九日", "七年",
    "五月", "六小时", "三次", "两批", "九台", "二十套", "四款", "三条", "五类", "两份", "三段", "四处",
    "两座", "八所", "三场", "二十档", "五层", "三张", "十页", "两章", "三栏", "六轮", "七笔", "百款",
    "几十家", "十几家", "十多家", "百余家", "两三个", "三点五倍", "百分之十", "万分之五", "一倍", "一成",
    "一百", "三千", "两万", "八十", "二人", "二月", "二〇二二年", "四大", "五方面", "三企业", "两部门",
    "八折", "双倍", "一半", "过半", "半数", "半小时", "翻一番", "翻了两番", "三 个", "一月份", "第四十四条",
    "第十五次", "第七条", "叁佰元", "五周年", "三色",
])
def test_a_chinese_numeral_that_counts_is_found(text):
    assert found(text), text


@pytest.mark.parametrize("text", [
    "一个", "一方面", "一种", "一些", "一样", "一起", "一定", "一般", "一家企业", "一条生产线", "一年后",
    "同一天", "每一名", "另一份", "唯一一次", "统一", "万一", "十分重要", "千万不要", "百分点", "百分比",
    "第一", "第二批", "第三方", "第四个问题", "第三产业", "两者", "二者", "二手", "二期工程", "二级市场",
    "两会", "五金", "一期", "几家", "几次", "零部件", "零件", "零售", "半导体", "半成品", "上半年", "下半年",
    "多半", "五一期间", "国庆", "四川", "三亚", "五台山", "百度", "万科", "八方", "四面", "百姓", "百货",
    "一季度", "三季度", "单位：亿元", "万吨", "每千瓦", "每千克", "（万元）", "一成不变", "一、背景",
    "（三）结论", "其一", "周三", "成为", "双方", "双边", "三农", "十四五规划", "人家", "老百姓家", "两岸",
    "一分为二", "三心二意",
])
def test_a_chinese_numeral_that_counts_nothing_is_free(text):
    assert found(text) == []


@pytest.mark.parametrize(("text", "expected"), [
    ("近百家", ["百家"]), ("上千人", ["千人"]), ("超亿元", ["亿元"]), ("数万台", ["万台"]),
    (f"{BOUND}亿元", ["亿元"]), ("万余家", ["万余家"]), ("单位为万元", []), ("亿元级", []),
])
def test_a_unit_name_counts_once_something_says_how_many(text, expected):
    assert found(text) == expected


def test_quarters_count_only_when_added_up():
    assert (found("三季度投产"), found("前三季度"), found("三个季度")) == ([], ["三季度"], ["三个"])


@pytest.mark.parametrize(("text", "expected"), [
    ("two batches", ["two"]), ("Twelve firms", ["Twelve"]), ("twenty-one days", ["twenty-one"]),
    ("one hundred and fifty-one firms", ["hundred and fifty-one"]), ("two-thirds of them", ["two-thirds"]),
    ("two thirds", ["two thirds"]), ("a third of it", ["a third"]), ("up by a third.", ["a third"]),
    ("three quarters of it", ["three quarters"]), ("one-third share", ["one-third"]),
    ("half of it", ["half"]), ("half a year", ["half"]), ("one and a half", ["half"]),
    ("twice as much", ["twice"]), ("thrice", ["thrice"]), ("double the price", ["double"]),
    ("it doubled", ["doubled"]), ("triple", ["triple"]), ("tenfold", ["tenfold"]), ("a dozen", ["dozen"]),
    ("dozens", ["dozens"]), ("hundreds of firms", ["hundreds"]), ("several billion yuan", ["billion"]),
    (f"{BOUND} billion yuan", ["billion"]), ("the fifteenth congress", ["fifteenth"]),
    ("forty-fourth", ["forty-fourth"]), ("halved", ["halved"]),
])
def test_an_english_number_word_that_counts_is_found(text, expected):
    assert found(text) == expected


@pytest.mark.parametrize("text", [
    "one another", "one of them", "at once", "a single origin", "second-hand", "the second batch", "first",
    "the third reason", "a third party", "a third-party audit", "the tenth line", "the first quarter",
    "the first half of the year", "a second half", "headquarters", "on behalf of", "double-check",
    "double-edged", "half-hearted", "halfway", "both", "in billion yuan", "(million tonnes)", "someone",
    "tense", "often", "height", "weight", "network", "fortunate", "none", "a couple", "several", "attend",
    "handful", "quarterly",
])
def test_an_english_word_that_counts_nothing_is_free(text):
    assert found(text) == []


def test_both_languages_rules_hold_in_either():
    assert found("the “三个” of the slogan, 两 twice") == ["三个", "twice"]


def test_overlapping_finds_are_one():
    assert found("百分之三十") == ["百分之三十"]


def test_digits_alone_can_be_asked_for():
    text = "两倍于5家"
    assert [text[span.start:span.end] for span in digits(text)] == ["5"]


def test_making_digits_plain_moves_no_character():
    text = "１２３．５％，𝟏ａ"
    assert plain_digits(text) == "123.5%，1a" and len(plain_digits(text)) == len(text)
