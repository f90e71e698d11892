"""What once reached a page without passing the gate: printed and displayed numbers, misspelt conditions, lost chapters."""

import pytest
from synthetic_data import executed, make_book

from recount.config import read_config, read_contents, unlisted
from recount.errors import BadInput
from recount.gate import output_findings, prose_findings
from recount.passages import Passage, tag_findings
from recount.prose import Allowed


def passage(*tags: str) -> Passage:
    return Passage(notebook="06_syn", cell="syn-zh", lang="zh", markdown="合成", tags=("zh", *tags), path="notebooks/06_syn.ipynb")


def outputs(*made):
    notebook = executed(("c1", []))
    notebook["cells"][0]["outputs"] = list(made)
    return output_findings({"06_syn": {"zh": notebook}}, Allowed())


@pytest.mark.parametrize("output", [
    {"output_type": "stream", "name": "stdout", "text": "共123个项目\n"},
    {"output_type": "display_data", "data": {"text/markdown": "共123个项目", "text/plain": "<Markdown>"}, "metadata": {}},
    {"output_type": "display_data", "data": {"text/html": ["共123", "个项目"]}, "metadata": {}},
    {"output_type": "execute_result", "data": {"text/html": "共123个项目", "text/plain": "frame"}, "metadata": {}},
])
def test_what_a_cell_prints_by_itself_is_not_published(output):
    (finding,) = outputs(output)
    assert (finding.code, finding.cell, finding.found) == ("output.unbound", "c1", "共123个项目")


def test_what_only_a_console_echoes_and_an_empty_line_are_nothing():
    assert outputs({"output_type": "execute_result", "data": {"text/plain": "True"}, "metadata": {}},
                   {"output_type": "stream", "name": "stdout", "text": "\n"},
                   {"output_type": "error", "ename": "E", "evalue": "e", "traceback": []}) == []


@pytest.mark.parametrize("tag", ["know:syn.a", "Known:syn.a", "opened:syn.a", "known:"])
def test_a_condition_that_is_misspelt_does_not_stand_in_every_edition(tag):
    (finding,) = tag_findings([passage(tag)])
    assert (finding.code, finding.found, finding.cell) == ("tag.unknown-condition", tag, "syn-zh")
    assert finding in prose_findings([passage(tag)], Allowed())
    assert tag_findings([passage("known:syn.a", "open:syn.b", "hide-input")]) == []


CONTENTS = "root: book/index\nparts:\n  - caption: chapters\n    chapters:\n      - file: notebooks/06_syn\n"


def test_a_chapter_that_the_contents_leave_out_is_named(tmp_path):
    book = make_book(tmp_path)
    (book.root / "_toc.yml").write_text(CONTENTS, "utf-8")
    paths = [book.notebooks / "05_lost.ipynb", book.notebooks / "06_syn.ipynb"]
    (finding,) = unlisted(book, paths)
    assert (finding.code, finding.where) == ("contents.missing", "notebooks/05_lost.ipynb")


@pytest.mark.parametrize("text", [None, "a: [", "- a list", "root: book/index\nparts: [{caption: c}]", "parts: []"])
def test_contents_that_cannot_be_read_are_named(tmp_path, text):
    book = make_book(tmp_path)
    if text is not None:
        (book.root / "_toc.yml").write_text(text, "utf-8")
    with pytest.raises(BadInput) as caught:
        read_contents(book)
    assert (caught.value.findings[0].code, caught.value.findings[0].where) == ("config.malformed", "_toc.yml")


@pytest.mark.parametrize("text", ["a: [", "title: synthetic", "recount: 3"])
def test_settings_that_cannot_be_read_are_named(tmp_path, text):
    book = make_book(tmp_path)
    (book.root / "_config.yml").write_text(text, "utf-8")
    with pytest.raises(BadInput) as caught:
        read_config(book)
    assert caught.value.findings[0].where == "_config.yml"
