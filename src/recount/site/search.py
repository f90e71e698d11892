"""Search that finds Chinese phrases and numbers, in the index and in the reader's query by one rule.

Sphinx indexes Chinese by words when jieba is installed and not at all when it is not, never splits the query,
and throws away a query of digits only. Here every run of Han is indexed by its pairs and its single characters,
and a number is one token, so that 638.7 finds 638.7 and not every page with a 7.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
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
    # Passages come from the texts of `static/passages.js`; fetched pages would need a server.
    (
        """    fetch(requestUrl)
      .then((responseData) => responseData.text())
      .then((data) => {
        if (data)
          listItem.appendChild(
            Search.makeSearchSummary(data, searchTerms, anchor)
          );
        // highlight search terms in the summary
        if (SPHINX_HIGHLIGHT_ENABLED)  // set in sphinx_highlight.js
          highlightTerms.forEach((term) => _highlightText(listItem, term, "highlighted"));
      });
""",
        "    listItem.append(recountPassage(docName));\n",
    ),
    # The index finds pages that hold all pairs of a phrase; the texts say which hold the phrase.
    (
        "    const results = Search._performSearch("
        "searchQuery, searchTerms, excludedTerms, highlightTerms, objectTerms);\n",
        "    const results = Search._performSearch("
        "searchQuery, searchTerms, excludedTerms, highlightTerms, objectTerms).filter(recountHolds(query));\n",
    ),
)
TEXTS = "searchtext.js"


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
        return tokens(text)

    def stem(self, word: str) -> str:
        """The word as it is indexed: Han as it is, English by its stem unless that is too short to find.

        Sphinx keeps every Latin word of the book in a list and looks through it for each word of each page, which
        took half the time of a Chinese book.
        """
        word = word.lower()
        if not word.isascii():
            return word
        stemmed = self.stemmer.stemWord(word)
        return word if len(word) >= 3 > len(stemmed) else stemmed

    def word_filter(self, stemmed_word: str) -> bool:
        return bool(stemmed_word)


class EnglishWithNumbers(SearchEnglish):
    """Sphinx's English search, with a number as one token."""

    js_splitter_code = SPLIT_QUERY

    def split(self, text: str) -> list[str]:
        return tokens(text)


def text_of(doctree: nodes.document) -> str:
    """The text of a page as it is read, a line for each block; no code, no axes of charts."""
    lines = []
    for block in doctree.findall(nodes.TextElement):
        if isinstance(block, (nodes.Inline, nodes.FixedTextElement, nodes.raw, nodes.comment)):
            continue
        leaves = [leaf for leaf in block.findall(nodes.Text) if not isinstance(leaf.parent, nodes.raw)]
        if line := " ".join("".join(leaves).split()):
            lines.append(line)
    return "\n".join(lines)


def keep_text(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Keep each page's text for the search page, which alone loads them."""
    if pagename == "search":
        app.add_js_file("passages.js", loading_method="defer")
        app.add_js_file(TEXTS, loading_method="defer")
    elif doctree is not None:
        app.env.recount_texts = {**getattr(app.env, "recount_texts", {}), pagename: text_of(doctree)}  # type: ignore[attr-defined]


def write_texts(app: Sphinx, exception: Exception | None) -> None:
    """Write the texts of all pages as a script, since a script loads from a folder too."""
    texts = getattr(app.env, "recount_texts", None)
    if exception is None and app.builder.name == "html" and texts:
        written = json.dumps(texts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        Path(app.outdir, "_static", TEXTS).write_text(f"window.recountTexts={written};\n", "utf-8")


def mend_script(searchtools: Path) -> None:
    """Mend Sphinx's searchtools.js: digits are searched, passages need no server, phrases are found whole.

    Raises RuntimeError where the script is not as expected: a silent miss would bring the faults back.
    """
    script = searchtools.read_text("utf-8")
    for old, new in MENDS:
        if script.count(old) != 1:
            raise RuntimeError(f"{searchtools.name} is not the one that recount.site.search knows how to mend")
        script = script.replace(old, new)
    searchtools.write_text(script, "utf-8")
