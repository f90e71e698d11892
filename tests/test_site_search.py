"""Search: phrases of Chinese and numbers are found, by the same rule in index and query."""

import json
import re
import shutil
from pathlib import Path

import pytest
import sphinx
from docutils import nodes
from docutils.utils import new_document

import recount.site.search
from recount.site.search import SPLIT_QUERY, ChineseByPairs, mend_script, text_of, tokens


def test_chinese_is_indexed_by_pairs_and_single_characters():
    assert tokens("加班工资") == ["加班", "班工", "工资", "加", "班", "工", "资"]


@pytest.mark.parametrize("text", ["638.7", "2022", "12,345", "100"])
def test_a_number_is_one_token(text):
    assert tokens(f"共{text}亿元")[1:2] == [text.replace(",", "")]


def test_every_phrase_of_two_characters_or_more_is_found():
    indexed = set(tokens("尼龙新材料项目的总投资为638.7亿元"))
    for phrase in ("新材料", "总投资", "项目的总", "638.7"):
        assert {token for token in tokens(phrase) if len(token) > 1} <= indexed


def test_the_index_does_not_depend_on_jieba(monkeypatch):
    monkeypatch.setattr("sphinx.search.zh.JIEBA", True)
    assert ChineseByPairs({}).split("热岛效应") == tokens("热岛效应")


@pytest.mark.parametrize(("word", "stem"), [("Factories", "factori"), ("gas", "gas"), ("尼龙", "尼龙"), ("638.7", "638.7")])
def test_a_word_is_indexed_by_its_stem_and_han_as_it_is(word, stem):
    assert ChineseByPairs({}).stem(word) == stem


def test_digits_alone_are_searched(tmp_path):
    original = Path(sphinx.__file__).parent / "themes" / "basic" / "static" / "searchtools.js"
    script = shutil.copy(original, tmp_path / "searchtools.js")
    assert r"/^\d+$/" in script.read_text("utf-8")
    mend_script(script)
    assert r"/^\d+$/" not in script.read_text("utf-8")


def test_a_search_script_of_another_make_is_refused(tmp_path):
    script = tmp_path / "searchtools.js"
    script.write_text("// something else", "utf-8")
    with pytest.raises(RuntimeError, match=r"searchtools\.js"):
        mend_script(script)


def test_a_pages_text_has_its_sentences_whole_and_no_code_or_markup():
    document = new_document("synthetic")
    bound = nodes.reference("", "", nodes.inline("", "638.7亿元"), refuri="x")
    document += nodes.section("", nodes.title("", "合成"), nodes.paragraph("", "", nodes.Text("共\n"), bound, nodes.Text("。")),
                              nodes.literal_block("", "desk.value()"), nodes.raw("", "<svg>轴</svg>", format="html"))
    assert text_of(document) == "合成\n共 638.7亿元。"


@pytest.mark.browser
@pytest.mark.slow
def test_a_phrase_is_found_whole_with_its_passage(chromium):
    page = chromium.new_page()
    page.add_script_tag(content='window.recountTexts = {"a": "甲\\n合成的新材料项目", "b": "乙\\n材料新，项目少"};')
    page.add_script_tag(path=str(Path(recount.site.search.__file__).parent / "static" / "passages.js"))
    found = page.evaluate("""(() => {
        const holds = recountHolds("新材料");
        return [["a", "甲"], ["b", "乙"]].filter(holds).map(([name]) => recountPassage(name).innerHTML);
    })()""")
    assert found == ["合成的<mark>新材料</mark>项目"]
    page.close()


@pytest.mark.browser
@pytest.mark.slow
def test_the_query_is_split_like_the_index(chromium):
    page = chromium.new_page()
    for query in ("居民消费价格", "638.7亿元", "2022", "市", "nylon 66", "1,234,567 元"):
        asked = page.evaluate(f"(() => {{ {SPLIT_QUERY}; return splitQuery({json.dumps(query)}); }})()")
        assert asked and set(asked) <= set(tokens(query)), query
    page.close()


def test_the_query_splitter_is_one_function_of_the_name_that_sphinx_calls():
    assert re.match(r"\s*var splitQuery = \(query\) =>", SPLIT_QUERY)
