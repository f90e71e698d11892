"""Prose holds no number typed by hand; what it binds can be listed, split into sentences and shown."""

from pathlib import Path

import pytest

from recount.errors import BadInput
from recount.numerals import numbers
from recount.prose import (
    Allowed,
    Binding,
    Name,
    bindings,
    lint,
    lint_spec,
    lint_text,
    read_allowed,
    render,
    sentences,
)

SHIPPED = read_allowed(Path(__file__).parents[1] / "book" / "allowed_numbers.csv")
CELL = {"where": "notebooks/06_projects.ipynb cell 3f2a", "notebook": "06_projects", "cell": "3f2a"}


def faults(markdown: str, *, lang: str = "zh", allowed: Allowed = SHIPPED):
    return lint(markdown, **CELL, lang=lang, allowed=allowed)


def typed(markdown: str, *, lang: str = "zh", allowed: Allowed = SHIPPED) -> list[str]:
    return [one.found.partition(" in “")[0] for one in faults(markdown, lang=lang, allowed=allowed)
            if one.code == "prose.typed-number"]


def codes(markdown: str, *, lang: str = "zh") -> list[str]:
    return [one.code for one in faults(markdown, lang=lang)]


# --- Numbers typed by hand -----------------------------------------------------------------------------


def test_a_number_typed_in_a_sentence_names_its_cell_line_and_surroundings():
    (finding,) = faults("# 项目\n\n这一天\n共123个项目开工。")
    assert finding.code == "prose.typed-number"
    assert finding.where == "notebooks/06_projects.ipynb cell 3f2a line 4"
    assert finding.found == "123 in “这一天 共123个项目开工。”"
    assert "{v}`…`" in finding.expected and "book/allowed_numbers.csv" in finding.expected
    assert "desk.value" in finding.next
    assert (finding.notebook, finding.cell, finding.lang) == ("06_projects", "3f2a", "zh")


@pytest.mark.parametrize("markdown", [
    "共123个项目", "共１２３个项目", "# 标题 7", "- 项目 7", "- 列表\n  - 深处 7", "> 引文 7", "**7** 家",
    "*7*", "`x = 7`", "$x + 7$", "$$\nx + 7\n$$", "\\begin{equation}\n7\n\\end{equation}", "[文字 7](a.md)",
    "![替代 7](a.png)", "[文字](a.md '提示 7')", "![替代](a.png '提示 7')",
    "| 甲 | 乙 |\n|---|---|\n| 丙 | 7 |", "注[^a]\n\n[^a]: 注文 7", "[^a]: 没人引用的注 7", "<p>段落 7</p>",
    "文中 <b>7</b> 处", "<img alt='图 7' src='a.png'>", "<div>\n&#55;\n</div>", "&#55; 家",
    "```\n纯文本 7\n```", "```text\n纯文本 7\n```", "    缩进 7", ":::{note} 题 7\n文\n:::",
    "```{note}\n文 7\n```", "````{note}\n```{tip}\n文 7\n```\n````",
    "```{figure} a.png\n:alt: 替代 7\n\n说明\n```", "```{figure} a.png\n说明 7\n```",
    "```{table} 表 7\n| 甲 |\n|---|\n| 乙 |\n```", "```{note}\n---\ntitle: 题 7\n---\n文\n```",
    "术语\n: 定义 7", "- [ ] 任务 7", "```{code-block} text\n7\n```", "```{raw} html\n<p>7</p>\n```",
    "{sub}`7`", "{ref}`图 7 <label>`", "{abbr}`缩写 (全称 7)`", "2022. 年初的事", "~~7~~", "7\\. 家",
    "```{math}\nx + 7\n```", "{holds}`高于7家 <p.q>`", "| 表头 7 |\n|---|\n| 乙 |", "上标 <sup>7</sup>",
    "---\n共7个\n---\n",
])
def test_a_digit_is_found_wherever_a_reader_can_see_it(markdown):
    assert typed(markdown), markdown


@pytest.mark.parametrize("markdown", [
    "1. 甲\n2. 乙\n3. 丙", "[文字](06_projects.md#a-7)", "<https://example.org/2022/7>",
    "见 https://example.org/2022/7。", "[文字][引]\n\n[引]: https://example.org/7", "![替代](img/7.png)",
    "(label-7)=\n# 标题", "% 注释 7", "<!-- 注释 7 -->", "文 <!-- 7 --> 字", "```python\nx = 7\n```",
    "```{code-block} python\nx = 7\n```", "{v}`projects.two_2022`", "{claim}`projects.c-7|label`",
    "{doc}`06_projects`", "{ref}`label-7`", "{doc}`文字 <06_projects>`", "注[^7]\n\n[^7]: 注文",
    "```{figure} img/7.png\n:width: 70%\n:name: fig-7\n\n说明\n```",
    "<div class='col-7' style='width:7px'>\n文\n</div>", "<style>\np {margin: 7px}\n</style>",
    "<script>\nlet x = 7\n</script>", "+++ {\"key\": 7}", "```{toctree}\n06_projects\n```",
    "```{note}\n:class: c-7\n文\n```", "文 <span id='a7'>字</span>", "{holds}`两倍以上 <p.q>`",
])
def test_what_is_not_shown_or_is_bound_is_free(markdown):
    assert typed(markdown) == []


def test_numerals_across_emphasis_wraps_and_roles_are_read_as_a_reader_reads_them():
    assert typed("两**种**办法") == ["两种"]
    assert typed("三\n个项目") == ["三 个"]
    # A unit typed beside a bare value goes wrong when the value's scale changes.
    assert typed("总投资{v}`a.b|bare`亿元") == ["亿元"]
    assert typed("总投资{v}`a.b`，单位：亿元") == []


def test_lines_are_counted_inside_lists_tables_directives_and_footnotes():
    markdown = ("- 甲\n  乙\n  丙 7\n\n| 甲 |\n|---|\n| 7 |\n\n```{note}\n:class: tip\n\n文\n\n文 7\n```\n\n"
                "[^a]: 注\n    续 7\n")
    assert [one.where.rpartition(" ")[2] for one in faults(markdown)] == ["3", "7", "14", "18"]


def test_findings_stand_in_reading_order():
    assert typed("![图 1](a.png) 与 2\n\n3") == ["1", "2", "3"]


ZH = """
总投资{v}`projects.two_batches`，{holds}`高于 <projects.above_2021>`一年前的那一次活动。
报纸印的是{claim}`projects.two-batches-investment`，评定为{claim}`projects.two-batches-investment|verdict`。
这一批里最大的一个项目占了{v}`projects.solar_share`，去掉它，纪录就不成立。
统一口径之后，同一天的数字仍然对不上，万一原文有误，也要先按最好的读法来读。
第一，看的是哪一次活动；第二，看的是哪一群人；第三，含不含税。
一方面，法律已经规定了最低标准；另一方面，企业的补贴高于这个标准。
尼龙66的价格跌破成本线之后，这条线的产值就达不到印出来的数。
企业名单里没有世界500强，只有几家本地的零部件厂。
5G+智慧工厂是企业自己的说法，我们没有找到独立来源。
三倍工资是法律的下限，不是企业的恩惠；双倍工资另有规定。
上半年的产量没有公布，下半年的半导体项目已经停工。
十分重要的是，百分比与百分点不能混用，更千万不要把万元写成亿元。
二期工程尚未开工，一期已经投产，两者不可相加。
“三色督办”是这座城市的制度，这本书把它用在报道自己身上。
没有独立来源的，我们标作灰色，绝不标作红色；查无结果不等于不实。
开工仪式不等于开工，签约更不等于投产，名单上的项目不能重复相加。
这是一家上市公司的公告，一手资料，属于公司文件一类。
数据来自一个转载页面，原始出处不明，因此只算作一个来源。
四川的招聘会由南部县承办，温州和瑞安的企业组团参加。
国务院的规定写得很清楚：法定节假日安排工作的，按规定支付工资报酬。
单位：亿元。来源：浙江在线，由本书整理。
这一年的第一季度，固定资产投资同比增长{v}`targets.growth`。
千家万户关心的是价格，报纸关心的是纪录，我们关心的是怎么算。
几次活动的口径并不一样，有的按总投资，有的按年度计划投资。
我们把每一条主张都列成一项，逐项核对，核完一项就划去一项。
该书所有数字都可点开，看到公式、数据行和来源，五一期间也照常更新。
"""

EN = """
Total investment came to {v}`projects.two_batches`,
{holds}`above <projects.above_2021>` the event of a year before.
The paper printed {claim}`projects.investment`; we judge it {claim}`projects.investment|verdict`.
The largest project of the batch makes {v}`projects.solar_share` of it; without that one, there is no record.
One source is a repost, the other a mirror of the same page, so they count as a single origin.
First, which event is meant; second, which people; third, whether tax is included.
On the one hand the law sets a floor; on the other hand the bonus was paid on top of it.
Below that price of nylon 66 the line cannot reach the printed output.
None of the firms is on the Fortune Global 500 list, and several are makers of small parts.
The 5G factory is the company's own phrase; we found no independent source for it.
Triple pay is the legal minimum on those days, not a favour; double pay is a different rule.
Output for the first half of the year was not published, and the second half is missing too.
A percentage is not a percentage point, and a second-hand figure is not a record.
The figures are in billion yuan unless the axis says otherwise.
The ceremonies did not wait for one another, and their counts must not be added.
Nothing found is grey, never red: the absence of a source is no evidence against anyone.
A ceremony is not the start of works, and a signing is not a ceremony.
Neither the city nor the province says whether the share was new in the first quarter.
The company's headquarters issued a notice on behalf of the plant.
We double-check every sum, because double counting is the classic error of such lists.
A third party audited the list, but its report is not public.
The answer depends on whose wage is meant: often the average, sometimes the lowest.
Every number on this page can be opened, and shows its formula, its rows and its sources.
The 14th Five-Year Plan named the district; the Two Sessions did not.
Prices were read from a public index on each trading day, weighted by nothing.
This is someone else's estimate, and we say so once, here.
Both readings of the word are shown, the paper's best reading first.
"""


@pytest.mark.parametrize("sentence", ZH.strip().splitlines())
def test_ordinary_chinese_raises_no_alarm(sentence):
    assert faults(sentence, lang="zh") == []


@pytest.mark.parametrize("sentence", EN.strip().splitlines())
def test_ordinary_english_raises_no_alarm(sentence):
    assert faults(sentence, lang="en") == []


@pytest.mark.parametrize(("sentence", "lang", "expected"), [
    ("两次活动相加，共有三个口径。", "zh", ["两次", "三个"]),
    ("八成员工留厂过年，其余两成返乡。", "zh", ["八成", "两成"]),
    ("加班费是平常的三倍，另加每小时十元。", "zh", ["三倍", "十元"]),
    ("产能提高了一倍，价格却跌去一半。", "zh", ["一倍", "一半"]),
    ("劳动法第四十四条规定了下限。", "zh", ["第四十四条"]),
    ("用时半年，分两批开工。", "zh", ["半年", "两批"]),
    ("Two of the twelve firms doubled their output.", "en", ["Two", "twelve", "doubled"]),
    ("Half of them stayed, twice as many as a year before.", "en", ["Half", "twice"]),
    ("A third of the staff and two-thirds of the managers came.", "en", ["A third", "two-thirds"]),
    ("On 24 February 2022 some 1,500 workers came.", "en", ["24", "2022", "1,500"]),
])
def test_counts_in_ordinary_sentences_are_found(sentence, lang, expected):
    assert typed(sentence, lang=lang) == expected


def test_titles_and_alt_text_are_held_to_the_same_rule():
    (finding,) = lint_text("折线图：12个月的价格", where="chart factories.price title zh", lang="zh",
     allowed=SHIPPED)
    assert finding.code == "prose.typed-number" and finding.where == "chart factories.price title zh"
    assert lint_text("折线图：尼龙66的价格", where="chart x", lang="zh", allowed=SHIPPED) == []


# --- The allow-list ------------------------------------------------------------------------------------

NAMES = Allowed((Name("尼龙66", "zh", "聚合物名"), Name("5G", "any", "a network"),
Name("nylon 66", "en", "a polymer"),
                 Name("三色", "zh", "制度名"), Name("two-step test", "en", "a name")))


@pytest.mark.parametrize(("text", "lang", "expected"), [
    ("尼龙66", "zh", []), ("尼龙６６", "zh", []), ("尼龙666", "zh", ["666"]), ("尼龙66.5", "zh", ["66.5"]),
    ("尼龙66万吨", "zh", ["66万"]), ("尼龙66", "en", ["66"]), ("5G", "en", []), ("15G", "en", ["15G"]),
    ("5Gbps", "en", ["5Gbps"]), ("Nylon 66 fell", "en", []), ("nylon\n66", "en", []),
    ("nylon 660", "en", ["660"]), ("三色督办", "zh", []), ("十三色", "zh", ["十三色"]),
    ("a two-step test", "en", []), ("尼龙66涨5%", "zh", ["5%"]),
])
def test_a_name_is_allowed_as_a_whole_in_its_language(text, lang, expected):
    assert typed(text, lang=lang, allowed=NAMES) == expected


@pytest.mark.parametrize("name", SHIPPED.names, ids=lambda name: name.token)
def test_every_entry_of_the_shipped_list_is_needed(name):
    assert numbers(name.token), "an entry that allows nothing hides a misspelling"
    assert numbers(Allowed((name,)).hide(name.token, lang="zh" if name.lang == "any" else name.lang)) == []


@pytest.mark.parametrize(("row", "fault"), [
    ("5G,fr,a network", "'fr'"), ("5G,any,", "a reason"), (",any,a network", "a token"),
    ("5G,any", "2 cells"), ("5G ,any,a network", "'5G '"), ("5G,any,a network\n5G,any,again", "twice"),
])
def test_a_malformed_row_of_the_list_is_named(tmp_path, row, fault):
    path = tmp_path / "allowed_numbers.csv"
    path.write_text(f"token,lang,reason\n尼龙66,zh,聚合物名\n{row}\n", "utf-8")
    with pytest.raises(BadInput) as error:
        read_allowed(path)
    (finding,) = error.value.findings
    assert fault in finding.found and "allowed_numbers.csv" in finding.where and f"line {3 + row.count(chr(10))}" in finding.where


def test_a_list_with_other_columns_or_no_list_is_refused(tmp_path):
    path = tmp_path / "allowed_numbers.csv"
    with pytest.raises(BadInput):
        read_allowed(path)
    path.write_text("token,reason\n5G,a network\n", "utf-8")
    with pytest.raises(BadInput):
        read_allowed(path)


# --- Bindings ------------------------------------------------------------------------------------------


def test_bindings_are_listed_with_kind_id_flag_word_and_line():
    markdown = ("# {v}`a.b`\n\n- {claim}`c.d-e|label`\n  {holds}`not above <p.q_r>`\n\n"
                "| x |\n|---|\n| {v}`f.g\\|bare` |\n\n"
                "```{figure} a.png\n说明 {v}`h.i|words`\n```\n")
    assert bindings(markdown) == [
        Binding("v", "a.b", "full", "", 1), Binding("claim", "c.d-e", "label", "", 3),
        Binding("holds", "p.q_r", "", "not above", 4), Binding("v", "f.g", "bare", "", 8),
        Binding("v", "h.i", "words", "", 11)]


def test_shown_syntax_is_no_binding():
    assert bindings("写作 `` {v}`a.b` ``\n\n```markdown\n{v}`a.b`\n```\n") == []
    assert codes("写作 `` {v}`a.b` ``") == []


@pytest.mark.parametrize(("markdown", "code"), [
    ("{holds}`高于`", "prose.malformed-role"), ("{holds}`<p.q>`", "prose.malformed-role"),
    ("{v}`a.b|fully`", "prose.malformed-role"), ("{v}`a b`", "prose.malformed-role"),
    ("{v}`a.`", "prose.malformed-role"), ("{claim}`a.b|bare`", "prose.malformed-role"),
    ("{v} `a.b`", "prose.malformed-role"), ("{v}`a.b", "prose.malformed-role"),
    ("{v}'a.b'", "prose.malformed-role"), ("| 甲 |\n|---|\n| {v}`a.b|bare` |", "prose.malformed-role"),
    ("{value}`a.b`", "prose.unknown-role"), ("{V}`a.b`", "prose.unknown-role"),
    ("{hold}`高于 <p.q>`", "prose.unknown-role"), ("{glue:text}`a.b`", "prose.unknown-role"),
    ("{eval}`a.b`", "prose.unknown-role"), ("{{ total }}", "prose.unknown-role"),
    ("![{v}`a.b`](a.png)", "prose.unshown-role"), ("<div>{v}`a.b`</div>", "prose.unshown-role"),
    ("[文](a.md '{v}`a.b`')", "prose.unshown-role"),
    ("```{figure} a.png\n:alt: {v}`a.b`\n```", "prose.unshown-role"),
    ("$x = {v}`a.b`$", "prose.malformed-role"),
])
def test_a_binding_that_would_bind_nothing_is_found(markdown, code):
    assert codes(markdown) == [code]
    assert all(binding.kind != "v" for binding in bindings(markdown))


def test_a_near_miss_is_named_with_what_was_meant():
    (finding,) = faults("{claims}`a.b`")
    assert finding.next == "did you mean claim?"


@pytest.mark.parametrize("markdown",
["{doc}`method`", "{sub}`a`", "{ref}`x <y>`", "{abbr}`a (b)`", "{math}`x`", "花括号 {甲}"])
def test_stock_roles_are_left_alone(markdown):
    assert codes(markdown) == []


# --- Sentences -----------------------------------------------------------------------------------------


def texts(markdown: str, lang: str) -> list[str]:
    return [sentence.text_template for sentence in sentences(markdown, lang)]


def test_chinese_prose_is_split_at_its_stops_and_keeps_closing_quotes():
    assert texts("他说：“够了。”我们不信！真的吗？先看；再说。尾", "zh") == ["他说：“够了。”", "我们不信！",
    "真的吗？", "先看；", "再说。", "尾"]


def test_a_wrapped_chinese_line_gets_no_space_and_a_wrapped_english_line_one():
    assert texts("总投资\n{v}`a.b`，\n高", "zh") == ["总投资{v}`a.b`，高"]
    assert texts("Total of\n{v}`a.b`", "en") == ["Total of {v}`a.b`"]


def test_english_prose_is_split_with_care_for_abbreviations_decimals_and_initials():
    markdown = ("Xinli Co. Ltd. grew by x.y points, e.g. in nylon. Mr. A. Smith of the U.S. agreed! "
                "Was it so? {v}`a.b` says no. (It does.) “Fine.” See no. five; vs. six.")
    assert texts(markdown, "en") == [
        "Xinli Co. Ltd. grew by x.y points, e.g. in nylon.", "Mr. A. Smith of the U.S. agreed!", "Was it so?",
        "{v}`a.b` says no.", "(It does.)", "“Fine.”", "See no. five; vs. six."]


def test_sentences_know_their_ids_and_lines():
    found = sentences("# 题 {v}`a.b`\n\n甲。\n乙{claim}`c.d|label`比{holds}`高 <p.q>`。丙。\n", "zh")
    assert [(one.ids, one.line) for one in found] == [(("a.b",), 1), ((), 3), (("c.d", "p.q"), 4), ((), 4)]
    assert [one.kind for one in found[2].bindings] == ["claim", "holds"]


def test_a_table_row_is_one_sentence_and_what_cannot_be_bound_is_none():
    markdown = "| 甲 | 乙 |\n|---|---|\n| 丙。丁 | {v}`a.b` |\n\n![图](a.png)\n\n```\n代码\n```\n"
    assert texts(markdown, "zh") == ["甲 | 乙", "丙。丁 | {v}`a.b`"]


LEDGER = {
    "values": {"a.b": {"shown": {"zh": {"full": "638.7亿元", "bare": "638.7"},
    "en": {"full": "63.87 billion yuan"}}}},
    "claims": {"c.d": {"shown": {"zh": {"full": "98亿元以上", "label": "投资"}}, "verdict": "open",
                       "reason": {"zh": "没有独立来源", "en": "no independent data"}}},
    "predicates": {"p.yes": {"holds": True}, "p.no": {"holds": False}, "p.open": {"holds": None}},
}


@pytest.mark.parametrize(("markdown", "lang", "expected"), [
    ("共{v}`a.b`，即{v}`a.b|bare`。", "zh", "共638.7亿元，即638.7。"),
    ("It was {v}`a.b`.", "en", "It was 63.87 billion yuan."),
    ("{claim}`c.d`，{claim}`c.d|label`{claim}`c.d|verdict`：{claim}`c.d|reason`。", "zh",
     "98亿元以上，投资待证：没有独立来源。"),
    ("{claim}`c.d|verdict`: {claim}`c.d|reason`.", "en", "open: no independent data."),
    ("{v}`x.y`与{v}`a.b|words`与{claim}`no`", "zh", "⟨x.y⟩与⟨a.b⟩与⟨no⟩"),
    ("{holds}`高 <p.yes>`{holds}`高 <p.no>`{holds}`高 <p.open>`{holds}`高 <p.gone>`", "zh",
     "高⟨高 ✗ p.no⟩⟨高 ? p.open⟩⟨p.gone⟩"),
])
def test_a_sentence_shows_what_the_ledger_says(markdown, lang, expected):
    (sentence,) = sentences(markdown, lang)
    assert render(sentence, LEDGER, lang) == expected


def test_a_sentence_renders_without_any_ledger():
    (sentence,) = sentences("共{v}`a.b`。", "zh")
    assert render(sentence, {}, "zh") == "共⟨a.b⟩。"


# --- Charts --------------------------------------------------------------------------------------------


def test_the_visible_words_of_a_spec_are_found_and_nothing_else():
    spec = {
        "title": {"text": ["标题一行", "标题二行"], "subtitle": "副题"}, "description": "说明",
        "config": {"title": {"font": "x"}},
        "data": {"values": [{"title": "数据", "text": "数据"}]}, "datasets": {"d": [{"text": "数据"}]},
        "transform": [{"calculate": "datum.title", "as": "title"}],
        "params": [{"name": "p",
        "bind": {"input": "select", "name": "选择", "options": [1], "labels": ["甲"]}}],
        "layer": [
            {"mark": {"type": "text", "text": "直接标注", "tooltip": True},
             "encoding": {"x": {"field": "f", "title": "横轴", "scale": {"domain": [0, 9]}},
                          "y": {"field": "g", "axis": {"title": "纵轴", "labelExpr": "datum.label + '年'"}},
                          "color": {"field": "h", "legend": {"title": "图例"}},
                          "tooltip": [{"field": "f", "title": "提示"}]}},
            {"mark": "text",
            "encoding": {"text": {"condition": {"test": "datum.x > 1", "value": "条件"}, "value": 525}}},
            {"mark": "text", "encoding": {"text": {"datum": "数据项"}}},
        ],
        "facet": {"field": "k", "header": {"title": "分面", "labelExpr": "'x'"}},
        "hconcat": [{"title": {"text": {"expr": "p"}}, "mark": {"type": "text", "text": {"expr": "'9'"}}}],
    }
    assert lint_spec(spec) == ["标题一行", "标题二行", "副题", "说明", "选择", "甲", "直接标注", "横轴",
    "纵轴", "图例", "提示", "525",
                               "条件", "数据项", "分面"]


def test_a_spec_without_words_has_none():
    assert lint_spec({"mark": "bar", "title": None, "encoding": {"x": {"field": "a", "title": None}}}) == []
