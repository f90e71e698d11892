"""Numerals: numbers said in words, and where a text says one.

Two directions of one noun. `words` turns a small count into the word that reads well in a sentence
(the flag ``words`` of a bound value). `numbers` finds what a reader takes for a number: digits
always, Chinese numerals and English number words where they count something.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal

from recount.errors import Finding, WrongUse

# Stands in a text for what is bound or not ours to judge: a role, and a name from the allow-list.
BOUND = "\ufffc"
NAMED = "\ue000"

_EN = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
       "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen")
_EN_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_ZH = "零一二三四五六七八九"


def words(n: int | float | Decimal, lang: str) -> str:
    """Say a whole number from 0 to 99 in words, as written before a noun or measure word.

    Two is 两 in Chinese because a count stands before its measure word (两批, 两家); inside a larger
    number it stays 二 (十二). Raises WrongUse for anything else: a longer number reads better in digits.

    >>> words(2, "zh"), words(12, "zh"), words(20, "zh"), words(21, "en")
    ('两', '十二', '二十', 'twenty-one')
    """
    if isinstance(n, bool) or not 0 <= n <= 99 or n != int(n):
        raise WrongUse(Finding(
            code="value.no-words", where=f"number {n}", expected="a whole number from 0 to 99",
            found=str(n), next="show it in digits: leave out the flag words, or use bare"))
    tens, ones = divmod(int(n), 10)
    if lang == "zh":
        if n == 2:
            return "两"
        ten = "" if tens == 0 else "十" if tens == 1 else _ZH[tens] + "十"
        return ten + (_ZH[ones] if ones or not tens else "")
    if n < 20:
        return _EN[int(n)]
    return _EN_TENS[tens - 2] + (f"-{_EN[ones]}" if ones else "")


@dataclass(frozen=True, order=True)
class Span:
    """Where a text says a number: ``text[start:end]``."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end:
            raise ValueError(f"not a span: {self.start}..{self.end}")


# --- Digits ------------------------------------------------------------------------------------------

_FRACTIONS = "¼½¾⅐-⅞"
_DIGITS = re.compile(
    rf"(?:(?<![A-Za-z])[A-Za-z]+-?)?[0-9{_FRACTIONS}]+(?:[.,:/~–—-][0-9{_FRACTIONS}]+)*[%‰]?[A-Za-z]*[十百千万亿]*"
    r"(?:\s(?:thousand|million|billion|trillion)\b)?")


def plain_digits(text: str) -> str:
    """The text with every decimal digit and full-width letter as ASCII, character for character.

    Full-width digits are what a Chinese input method leaves behind, and bold or circled look-alikes
    would pass a check for ``0-9``. Superscripts stay as they are: m² counts nothing.
    """
    return "".join(_plain(char) for char in text)


def _plain(char: str) -> str:
    if char < "\x80":
        return char
    if char.isdecimal():
        return str(unicodedata.decimal(char))
    if "！" <= char <= "～" and unicodedata.category(char) in ("Lu", "Ll", "Po"):
        folded = chr(ord(char) - 0xFEE0)
        return folded if folded.isalpha() or folded in ".%/" else char
    return char


# --- Chinese numerals --------------------------------------------------------------------------------

NUMERALS = "零〇一二两三四五六七八九十百千万亿几廿卅壹贰叁肆伍陆柒捌玖拾佰仟萬億"
_RUN = re.compile(rf"[{NUMERALS}]+(?:点[零〇一二三四五六七八九]+)?")

# What a numeral counts. A word that is often the head of another word carries what may not follow it:
# 家 counts firms, but not in 家庭; 台 counts machines, but not in 五台山. Written as word!followers.
_MEASURES = """
个 家!庭具电长乡属 人!民才员口均类社力文物气行们为心性 名!为单称义字牌叫列 位!于置列居 项!链 次!序要于品
批!准评复发示量 台!山州湾风阶 套!路现餐利 款!待 条!件例 种!植子粮 类!似型别比 份!额子量 段 处!理于置罚分长
座!谈右 所!以有谓在得示说述需 场!所景地馆内外面合 档!案 层!次面级 张!家贴开店掖扬 页 章 栏!杆
轮!流胎船廓换到毂岗值 笔!者记试直 件 颗 粒!子 只!有是能要会好不 辆 艘 架!构设 部!署分
本!地市来身报科质书文级省县币 册 篇 首!次个批先席日届付要 句 队!伍员长 组!织成合建装长委 班!子长次 户!籍外口
村!民 镇!长 乡!镇 县!城 市!场民值政委长级 省!级长 国!家际内外有企务产道庆债 栋 幢 间!隔接断 块 片!区段 幅!度
根!据源 支!持出付援撑 把!握关不它他 箱 袋 包!括含装容裹销 桶 盒 趟 遍!布及 回!家来报归应答 届
代!表理码替价言工办购管 步!骤行 级!别 期!间货望待限末刊权内中 股!份权票东市 副 样!本品子式貌 番 色!彩泽调素
大!会学院家多约于小型量概陆力厦豆米师使众 点!评击赞头名 方面 环节 领域 项目 企业 公司 部门 城市 工厂 集团
措施 问题 机制 指标 元!素旦件器宇首老气 角钱 分钱 美元 欧元 日元 港元 吨 亩!产 公顷 公斤 千克 斤
克!服隆扣制里 公里 千米 米!粉面饭 厘米 毫米 平方 立方 千瓦 兆瓦 吉瓦 瓦!解斯 度电 秒!杀 分钟 小时 刻钟 点钟
天!然津下空气台文鹅 日!本报常益用照程子记语 周!边围转密末一二三四五六日 周年 星期!一二三四五六日天
月!亮球饼台薪 个月 季度 年!轻货味夜画糕 年代 岁 世纪 倍!增感 
折!合算旧扣射叠腾返线中 百分点 摄氏度
"""


def _measures() -> str:
    entries = [entry.partition("!") for entry in _MEASURES.split()]
    parts = [re.escape(word) + (f"(?![{barred}])" if barred else "") for word, _, barred in entries]
    parts.append(r"成(?![立为本长果功交都品就熟型效绩不]|员(?!工))")
    return "|".join(sorted(parts, key=len, reverse=True))


_MEASURE = re.compile(rf"[多余来]?\s*(?:{_measures()})")
_FRACTION = re.compile(rf"[{NUMERALS}]+分之[{NUMERALS}]+(?:点[{NUMERALS}]+)?")
_HALF = re.compile(r"一半|半数|过半|近半|减半"
                   r"|(?<![上下前后])半(?:个(?!性)|年|天|小时|月(?!板|球)|日|成(?!品))")
_TIMES = re.compile(rf"双倍|翻了?[{NUMERALS}]?番|一月(?=[份初底中上下{NUMERALS}])")
# Adds up to a number wherever it stands: 三百, 五千万, 几十, 八十; a bare 百 or 万 does not.
_COMPOUND = re.compile(r"[一二两三四五六七八九几][百千万亿]|[二三四五六七八九几]十|十几")
_NEAR = re.compile(r"[近上超过逾数几约达破\ufffc]\s*$")
_UNIT_NAMES = frozenset(("万", "亿", "万亿", "千", "百"))


def _before(text: str, start: int) -> str:
    """What stands just before; a glimpse, so that a long text is not copied for every hit."""
    return text[max(0, start - 16):start]


def _chinese(text: str) -> list[Span]:
    spans = [Span(*match.span())
             for pattern in (_FRACTION, _HALF, _TIMES) for match in pattern.finditer(text)]
    for match in _RUN.finditer(text):
        run, before = match[0], _before(text, match.start())
        measure = _MEASURE.match(text, match.end())
        ordinal = before.endswith("第")
        if ordinal and _is_ordinal(run, measure):
            continue
        if _COMPOUND.search(run) or (measure and _counts(run, measure[0].strip(), before=before)):
            spans.append(Span(match.start() - ordinal, measure.end() if measure else match.end()))
    return spans


def _is_ordinal(run: str, measure: re.Match[str] | None) -> bool:
    """第一 to 第十 order an argument; 第十五次 and 第四十四条 cite a congress and a law."""
    if len(run) > 1:
        return False
    return run in "一二三" or measure is None or measure[0].strip() not in ("条", "款", "章", "届")


def _counts(run: str, measure: str, *, before: str) -> bool:
    """Whether a numeral before this measure word says how many."""
    if not run.strip("一"):  # 唯一一次 too
        # An indefinite article (一家, 一年) except where it measures: 一倍, 一成; 一成不变 is barred by 不.
        return measure in ("倍", "成")
    if run in ("零", "〇", "几"):
        return False  # 零件; 几个 is "some"
    if measure == "季度" and len(run) == 1 and run != "两":
        return before.endswith(("前", "头", "近", "连续"))  # 三季度 names a period, 前三季度 counts
    if run == "二":
        # Before a measure word two is 两; 二期, 二手, 二级 are ordinals. Dates and quantities remain.
        return measure in ("人", "位", "月", "日", "年", "倍", "成", "大", "方面", "色", "类", "项", "条")
    if run in _UNIT_NAMES:
        # 亿元, 万吨, 千米 name a unit unless something says how many of it (近百家, 上千人).
        if _NEAR.search(before) or measure[0] in "多余来":
            return True
        if run in ("百", "千"):
            return measure not in ("克", "米", "瓦")
        return False
    return True


# --- English number words ----------------------------------------------------------------------------

_CARDINAL = "|".join(_EN[2:] + _EN_TENS)
_SCALE = "hundred|thousand|million|billion|trillion|dozen"
_ORDINAL = ("eleventh|twelfth|thirteenth|fourteenth|fifteenth|sixteenth|seventeenth|eighteenth|nineteenth|"
            "twentieth|thirtieth|fortieth|fiftieth|hundredth|thousandth|millionth")
_PART = "third|quarter|fifth|sixth|seventh|eighth|ninth|tenth"
_COUNTING = re.compile(
    rf"\b(?:{_CARDINAL}|(?:{_SCALE})s?|{_ORDINAL}|twice|thrice|thirds|fifths|eighths|tenths"
    r"|(?:two|three|four|five|six|seven|eight|nine|ten|hundred|thousand)-?fold"
    r"|double(?!-(?!digit)\w)[sd]?|doubling|triple[sd]?|tripling|treble[sd]?|quadruple[sd]?|halve[sd]?|halving"
    rf"|one-(?:{_PART})|(?:a|one)\s(?:{_PART})"
    r"(?=\s+(?:of|more|less|fewer|higher|lower|above|below|as|is|are|was|were)\b|\s*[.,;:)!?]|\s*$)"
    r"|half(?!-(?:hearted|way|finished|life|lives|time|truth)))\b", re.IGNORECASE)
_JOINED = re.compile(
    rf"(?:[\s-]+(?:and\s+)?(?:{_CARDINAL}|one|first|second|fourth|{_SCALE}|{_PART}|{_ORDINAL})s?\b)*",
    re.IGNORECASE)
_PERIOD = re.compile(r"\b(?:first|second|other|better|latter)[\s-]$", re.IGNORECASE)
_UNIT_LABEL = re.compile(r"(?:^|[(（,:：/]|\b(?:in|per))\s*$", re.IGNORECASE)
_UNIT_NOUN = re.compile(r"\s+(?:yuan|rmb|cny|tonnes?|tons?|dollars?|people|sets|units|kwh)\b", re.IGNORECASE)


def _english(text: str) -> list[Span]:
    spans = []
    for match in _COUNTING.finditer(text):
        word, before = match[0].lower(), _before(text, match.start())
        if word == "half" and _PERIOD.search(before):
            continue  # the first half names a period, as 上半年 does
        if (word in ("million", "billion", "trillion", "thousand") and _UNIT_LABEL.search(before)
                and _UNIT_NOUN.match(text, match.end())):
            continue  # the name of a unit: "in billion yuan"
        joined = _JOINED.match(text, match.end())
        spans.append(Span(match.start(), joined.end() if joined else match.end()))
    return spans


def digits(text: str) -> list[Span]:
    """Find digits only, in any script: what even a word bound by ``{holds}`` may not carry."""
    return [Span(*match.span()) for match in _DIGITS.finditer(plain_digits(text))]


def numbers(text: str) -> list[Span]:
    """Find what a reader takes for a number, in text of either language.

    Digits always, in any script. Chinese numerals before a unit or measure word, as fractions and as
    compounds (三个, 十项, 八成, 三分之一, 三百), not where they are an article, an ordinal or part of a
    word (一个, 一方面, 第一, 统一, 万一, 十分). English number words from two, fractions and multiples
    (twelve, half, a third of, twice), not *one*, ordinals to *tenth*, or *double-check*. Both sets of
    rules hold in both languages, for an English page quotes Chinese names. Idioms and names that the
    rules cannot tell apart belong in the allow-list, with their reason.

    >>> text = "共123个项目，其中三家"
    >>> [text[span.start:span.end] for span in numbers(text)]
    ['123', '三家']
    """
    plain = plain_digits(text)
    merged: list[Span] = []
    for span in sorted(digits(text) + _chinese(plain) + _english(plain)):
        if merged and span.start < merged[-1].end:
            merged[-1] = Span(merged[-1].start, max(span.end, merged[-1].end))
        else:
            merged.append(span)
    return merged
