"""Social cards: bound numbers only, nothing cut, no box for a glyph, the same bytes each time."""

import re
from dataclasses import replace
from io import BytesIO
from xml.etree import ElementTree

import pytest
import synthetic_site as synthetic
from conftest import ROOT
from PIL import Image

from recount.errors import CheckFailed
from recount.fonts import Fonts, prepare
from recount.project import Project
from recount.site import card_drawing, cards
from recount.site.card_drawing import COLOURS, GROUND, INNER, MARGIN, SIZE, draw, picture
from recount.site.typesetting import Face, pieces
from recount.verdicts import VERDICTS

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def fonts() -> Fonts:
    return prepare(Project(ROOT))


def card(markdown, lang="zh", stem="06_projects", **changes):
    return replace(cards.make(markdown, stem=stem, ledger=synthetic.ledger(), lang=lang, book="合成书"), **changes)


def test_a_card_shows_the_number_of_the_title_with_its_label_and_the_verdict_it_decides():
    made = card("# 合成：{v}`projects.total`\n\n{v}`projects.share`")
    assert made.title == "合成：432.1亿元"
    assert made.figure == cards.Figured(shown="432.1亿元", label="合成总额", verdict="confirmed")
    assert (made.tally_of, made.tally) == ("本章说法", (("confirmed", 1),))
    assert cards.alt(made) == "合成：432.1亿元。合成总额：432.1亿元（属实）"


def test_without_a_number_in_the_title_the_first_of_the_text_is_shown_and_an_assumption_never():
    assert card("# 合成\n\n先有{claim}`hands.buses`，后有{v}`projects.share`").figure.shown == "12.5%"
    claimed = card("# Synthetic\n\n{claim}`projects.total`", lang="en").figure
    assert (claimed.shown, claimed.label, claimed.verdict) == ("43.21 billion yuan", "As printed: synthetic claim", "confirmed")
    ledger = synthetic.ledger()
    ledger["values"]["projects.total"]["assumption"] = True
    made = cards.make("# 合成{v}`projects.total`\n\n{v}`projects.share`", stem="x", ledger=ledger, lang="zh", book="书")
    assert made.figure.shown == "12.5%"
    assert card("# 合成\n\n没有数").figure is None
    titled = card("# 合成：{claim}`projects.total`\n\n{v}`projects.share`").figure
    assert titled.shown == "432.1亿元", "a claim of the title comes before a value of the text"


def test_a_page_that_judges_nothing_shows_the_score_of_the_whole_list():
    made = card("# 合成", stem="index")
    assert (made.tally_of, made.tally) == ("全部说法", (("confirmed", 1), ("unexamined", 1)))


@pytest.mark.parametrize(("text", "whole"), [
    ("新高：638.7亿元，（约）33333元/吨", ["新", "高：", "638.7亿元，", "（约）", "33333元/吨"]),
    ("The law's 1,000 people", ["The ", "law's ", "1,000 ", "people"]),
])
def test_a_line_breaks_neither_a_number_from_its_unit_nor_a_stop_from_its_word(text, whole):
    assert pieces(text) == whole


@pytest.mark.parametrize("title", ["新高是相加得来的：638.7亿元", "合成的题目，很长很长，" * 6, "长" * 60,
                                   "A record reached by adding: 63.87 billion yuan " * 3])
def test_lines_are_as_few_as_can_be_and_none_is_too_wide(fonts, title):
    face = Face(fonts.bold)
    lines = face.lines(title, size=50, width=INNER)
    assert "".join(lines).replace(" ", "") == title.replace(" ", "")
    assert max(face.width(line, 50) for line in lines) <= INNER
    assert len(lines) == len(face._fill(pieces(title), size=50, width=INNER))
    assert not any(line[0] in "，。：）" for line in lines)


def test_every_word_of_a_card_stands_inside_it_and_the_number_not_on_the_title(fonts):
    long = "假期若天天付三倍工资，其中本是法律下限的部分，合成的题目，" + "再写长一些，" * 4
    wordy = cards.Figured(shown="432.1亿元", label="合成的标签，写得很长很长，" * 4)
    for made in (card("# 合成：{v}`projects.total`"), card(f"# {long}", figure=wordy), card(f"# {long}\n\n{{claim}}`projects.total`"),
                 card("# " + "Synthetic words of a title " * 4 + "\n\n{v}`projects.total`", lang="en"),
                 card("# 合成", tally=tuple((word, 88) for word in VERDICTS), lang="en")):
        root = ElementTree.fromstring(draw(made, fonts=fonts))
        below, foot = 0.0, 548
        for text in root.iter(f"{SVG}text"):
            size, x, y = (float(text.get(name)) for name in ("font-size", "x", "y"))
            width = Face(fonts.bold if text.get("font-weight") == "700" else fonts.regular).width(text.text, size)
            left = x - width if text.get("text-anchor") == "end" else x
            assert left >= MARGIN - 1 and left + width <= SIZE[0] - MARGIN + 1 and y <= SIZE[1] - 30, text.text
            if y < foot:
                assert y + size * 0.25 <= foot, f"{text.text} stands on the foot"
            if x == MARGIN and 124 < y < foot:
                assert y - size * 0.85 >= below, f"{text.text} stands on the line above"
                below = y + size * 0.1


def test_words_that_fit_at_no_size_publish_nothing_and_name_the_card(fonts, tmp_path):
    with pytest.raises(CheckFailed) as caught:
        cards.write_cards(tmp_path, {"06_projects": card("# " + "合成的题目" * 40)}, fonts=fonts, cache=tmp_path)
    (finding,) = caught.value.findings
    assert (finding.code, finding.notebook, finding.lang) == ("card.too-long", "06_projects", "zh")


def test_a_glyph_that_the_font_lacks_publishes_nothing(fonts, tmp_path):
    with pytest.raises(CheckFailed) as caught:
        cards.write_cards(tmp_path, {"index": card("# 合成𠀀")}, fonts=fonts, cache=tmp_path)
    assert [(finding.code, finding.found) for finding in caught.value.findings] == [("card.missing-glyph", "𠀀")]


def test_a_card_is_1200_by_630_in_few_colours_and_the_same_bytes_when_drawn_again(fonts, tmp_path):
    svg = draw(card("# 合成：{v}`projects.total`"), fonts=fonts)
    first, second = (picture(svg, fonts=fonts, cache=tmp_path / name) for name in "ab")
    assert first == second
    drawn = Image.open(BytesIO(first))
    assert (drawn.size, drawn.mode) == ((1200, 630), "P") and len(first) < 60_000
    rgb = drawn.convert("RGB")
    assert rgb.getpixel((5, 5)) == card_drawing._rgb(GROUND)
    assert card_drawing._rgb(card_drawing.ACCENT) in {colour for _, colour in rgb.getcolors(100_000)}


def test_every_colour_of_words_has_contrast_and_every_verdict_a_shape_of_its_own():
    def light(colour):
        parts = [part / 255 for part in card_drawing._rgb(colour)]
        r, g, b = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        return 0.2126 * r + 0.7152 * g + 0.0722 * b

    for colour in (*COLOURS.values(), card_drawing.INK, card_drawing.QUIET, card_drawing.ACCENT):
        assert (light(GROUND) + 0.05) / (light(colour) + 0.05) >= 4.5, colour
    assert all(card_drawing.mark(word, 10, 10, 8) for word in VERDICTS)
    shapes = {re.sub(r"#\w{6}", "", card_drawing.mark(word, 10, 10, 8)) for word in VERDICTS}
    assert len(shapes) == len(VERDICTS)
