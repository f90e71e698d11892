"""Search that finds Chinese phrases and numbers, in the index and in the reader's query by one rule.

Sphinx indexes Chinese by words when jieba is installed and not at all when it is not, never splits the query,
and throws away a query of digits only. Here every run of Han is indexed by its pairs and its single characters,
and a number is one token, so that 638.7 finds 638.7 and not every page with a 7.
"""

from __future__ import annotations

import re
from pathlib import Path

from sphinx.search.en import SearchEnglish
from sphinx.search.zh import SearchChinese

HAN = "[\\u3400-\\u9fff]"
NUMBER = "\\d{1,3}(?:,\\d{3})+(?:\\.\\d+)?|\\d+(?:\\.\\d+)?"
TOKEN = re.compile(f"{HAN}+|{NUMBER}|[^\\W\\d_\u3400-\u9fff]+")

# The twin of `tokens`, run in the reader's browser. It never asks for single Han beside a pair: they would
# match nearly every page.
SPLIT_QUERY = """
var splitQuery = (query) => {
  const out = [];
  for (const token of query.match(/HAN+|NUMBER|(?:(?!HAN)\\p{Letter})+/gu) || []) {
    if (/^HAN/.test(token) && token.length > 1)
      for (let i = 0; i < token.length - 1; i++) out.push(token.slice(i, i + 2));
    else if (/^\\d/.test(token)) out.push(token.replaceAll(",", ""));
    else out.push(token);
  }
  return out;
};
""".replace("HAN", HAN).replace("NUMBER", NUMBER)

# What is mended in Sphinx's script: the text as it comes, the text as it goes.
MENDS = (
    # A query of digits only is a query.
    (
        r"""      if (
        stopwords.indexOf(queryTermLower) !== -1 ||
        queryTerm.match(/^\d+$/)
      )
        return;""",
        "      if (stopwords.indexOf(queryTermLower) !== -1) return;",
    ),
    # Opened as a file there is nothing to fetch a passage from: the hits are listed, without an error.
    (
        "  else if (showSearchSummary)\n",
        '  else if (showSearchSummary && location.protocol !== "file:")\n',
    ),
    # Passages come from the article, not from the buttons above it nor from the axes of charts.
    (
        """htmlElement.querySelector('[role="main"]')""",
        "htmlElement.querySelector('article.bd-article, [role=\"main\"]')",
    ),
    # The page's main element needs no role that says so.
    ("""querySelector(`[role="main"] ${anchor}`)""", "querySelector(`main ${anchor}`)"),
    ('[".headerlink", "script", "style"]', '[".headerlink", "script", "style", "svg"]'),
)


def tokens(text: str) -> list[str]:
    """What the index holds of a text.

    >>> tokens("总投资638.7亿元, 12,345 m")
    ['总投', '投资', '总', '投', '资', '638.7', '亿元', '亿', '元', '12345', 'm']
    """
    out: list[str] = []
    for token in TOKEN.findall(text):
        if "\u3400" <= token[0] <= "\u9fff":
            out += [token[i : i + 2] for i in range(len(token) - 1)]
            out += token
        else:
            out.append(token.replace(",", ""))
    return out


class ChineseByPairs(SearchChinese):
    """Sphinx's Chinese search, split by pairs of characters; the same with and without jieba."""

    js_splitter_code = SPLIT_QUERY

    def split(self, text: str) -> list[str]:
        found = tokens(text)
        self.latin_terms.extend(token for token in found if token.isascii())
        return found

    def word_filter(self, stemmed_word: str) -> bool:
        return bool(stemmed_word)


class EnglishWithNumbers(SearchEnglish):
    """Sphinx's English search, with a number as one token."""

    js_splitter_code = SPLIT_QUERY

    def split(self, text: str) -> list[str]:
        return tokens(text)


def mend_script(searchtools: Path) -> None:
    """Mend Sphinx's searchtools.js: digits are searched, files need no server, passages are prose.

    Raises RuntimeError where the script is not as expected: a silent miss would bring the faults back.
    """
    script = searchtools.read_text("utf-8")
    for old, new in MENDS:
        if script.count(old) != 1:
            raise RuntimeError(f"{searchtools.name} is not the one that recount.site.search knows how to mend")
        script = script.replace(old, new)
    searchtools.write_text(script, "utf-8")
