"""What a reader takes away of a chart stands alone: rows, pictures, and a page to embed. Data is synthetic."""

import csv
import io
import re
from html.parser import HTMLParser

import pytest
import synthetic_site as synthetic
from conftest import stand_in_drawer

from recount.site import drawer as module
from recount.site.colours import page_style, parts, picture_style, variables
from recount.site.drawer import MANY
from recount.site.embed import Place
from recount.site.figures import Drawer, figure
from recount.site.picture import wrap
from recount.site.plotted import as_csv, shown, table

PLACE = Place(page="06_projects.html", edition="Synthetic edition", as_of="2022-02-24", book="Synthetic book")


@pytest.fixture(scope="module")
def drawer(tmp_path_factory):
    return stand_in_drawer(tmp_path_factory, frozenset(range(0x20, 0x10000)))


@pytest.fixture(scope="module")
def made(drawer):
    return figure(synthetic.chart("en", title="Synthetic B is <longer>"), drawer=drawer, place=PLACE)


def text(made, kind):
    return made.files[f"{kind}/projects.bars.{'html' if kind == 'embed' else 'svg'}"].decode("utf-8")


def test_a_figure_on_a_page_has_its_rows_two_pictures_and_a_page_of_its_own_and_links_to_each(made):
    assert sorted(made.files) == ["charts/projects.bars.csv", "charts/projects.bars.svg", "embed/projects.bars.html"]
    assert list(made.pictures) == ["charts/projects.bars.png"]
    assert [path for path in (*made.files, *made.pictures) if f'href="{path}"' not in made.html] == []


def test_a_figure_is_well_formed_for_books_that_are_xml(drawer):
    from xml.etree import ElementTree

    record = synthetic.chart("en", title="a < b & c", alt='"quoted" & more')
    record["spec"]["data"]["values"][0]["n"] = "</script> & <b>"
    markup = figure(record, drawer=drawer, place=PLACE).html
    assert ElementTree.fromstring(markup).tag == "figure"


def test_the_file_of_rows_is_exactly_what_is_plotted(made):
    rows = list(csv.reader(io.StringIO(made.files["charts/projects.bars.csv"].decode("utf-8-sig"))))
    assert rows == [["name", "value"], ["A", "12"], ["B", "30.5"]]
    assert as_csv({"columns": ["x"], "rows": [[0.1 + 0.2]]}).endswith(f"{0.1 + 0.2}\n"), "the file is not rounded"


def test_a_picture_says_what_it_shows_in_which_unit_from_whom_and_when_on_white(made):
    svg = text(made, "charts")
    said = re.sub(r"<style>.*?</style>|<[^>]+>", "|", svg)
    for words in ("Synthetic B is &lt;longer&gt;", "Source: synthetic data", "unit: 100 million yuan", "Synthetic book",
                  "Edition “Synthetic edition”, from sources public by 24 February 2022"):  # fmt: skip
        assert words in said
    assert re.search(r'<rect width="\d+" height="\d+" fill="#fff"/>', svg)
    assert "var(" not in svg and "href=" not in svg and "<script" not in svg


def test_a_picture_of_points_is_twice_the_size_and_the_same_bytes_each_time(made, drawer, tmp_path):
    from PIL import Image

    width, height = map(int, re.search(r'width="(\d+)" height="(\d+)"', text(made, "charts")).groups())
    assert made.pictures == {"charts/projects.bars.png": text(made, "charts")}
    (png,) = drawer.pngs(list(made.pictures.values()))
    image = Image.open(io.BytesIO(png))
    assert image.size == (2 * width, 2 * height)
    assert image.convert("RGB").getpixel((1, 1)) == (255, 255, 255)
    assert len({image.convert("RGB").getpixel((x, y)) for x in range(0, 700, 7) for y in range(0, 300, 7)}) > 2
    assert Drawer(drawer.fonts, tmp_path).png(text(made, "charts")) == png


def test_many_pictures_are_drawn_apart_the_same_each_time_and_kept(made, drawer, tmp_path, monkeypatch):
    from PIL import Image

    monkeypatch.setattr(module, "_packed", lambda png: pytest.fail("drawn in this process"))
    svgs = [text(made, "charts").replace("<svg", f'<svg id="n{number}"', 1) for number in range(MANY)]
    # Not beside a drawing of this process: other tests have shown it other fonts.
    one, two = (Drawer(drawer.fonts, tmp_path / name) for name in ("one", "two"))
    drawn = one.pngs(svgs)
    assert {Image.open(io.BytesIO(png)).format for png in drawn} == {"PNG"} and len(set(map(len, drawn))) == 1
    assert two.pngs(svgs) == drawn == [one.png(svg) for svg in svgs]
    assert len(list(one.cache.iterdir())) == MANY


def test_a_picture_that_cannot_be_drawn_apart_fails_in_the_open(drawer, tmp_path):
    with pytest.raises(Exception, match="expected '='"):
        Drawer(drawer.fonts, tmp_path).pngs([f"<no svg {number}" for number in range(MANY)])


def test_a_title_breaks_between_words_and_han_characters_and_never_before_a_stop():
    assert wrap("one two three", 8, len) == ["one two", "three"]
    assert wrap("单场500.1亿元，（一年前）", 6, len) == ["单场", "500.1亿", "元，（一年", "前）"]
    assert wrap("word", 1, len) == ["word"] and wrap("", 5, len) == []


def test_an_embed_is_one_file_that_runs_nothing_and_fetches_nothing(made):
    page = text(made, "embed")
    tags = []
    reader = HTMLParser()
    reader.handle_starttag = lambda tag, attrs: tags.append((tag, dict(attrs)))
    reader.feed(page)
    assert not {"script", "link", "img", "iframe"} & {tag for tag, _ in tags}
    assert [attrs[name] for tag, attrs in tags for name in ("src", "href") if name in attrs] == ["../06_projects.html#chart-projects.bars"]
    policy = next(attrs["content"] for _, attrs in tags if attrs.get("http-equiv") == "Content-Security-Policy")
    assert policy.startswith("default-src 'none'")


def test_an_embed_says_title_alternative_source_unit_day_and_fits_phone_column_light_and_dark(made):
    page = text(made, "embed")
    assert '<html lang="en">' in page and "<title>Synthetic B is &lt;longer&gt;</title>" in page
    for words in ('role="img" aria-label="Bar chart, synthetic"', "Source: synthetic data", "unit: 100 million yuan",
                  "from sources public by 24 February 2022", "The whole story: Synthetic book",
                  'class="chart-wide"><svg', 'class="chart-narrow"><svg', "prefers-color-scheme: dark"):  # fmt: skip
        assert words in page
    # Once for the drawing and once for the words around it.
    assert page.count("@media screen and (prefers-color-scheme: dark) { :root") == 2
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize(("address", "start"), [("", "embed/"), ("https://example.org/r/en/print/", "https://example.org/r/en/print/embed/")])
def test_the_snippet_frames_the_page_under_its_title_and_at_the_address_of_the_copy(drawer, address, start):
    place = Place(page="p.html", edition="e", as_of="2022-02-24", book="b", address=address)
    markup = figure(synthetic.chart("en", title='B "is" longer'), drawer=drawer, place=place).html
    code = re.search(r'<input[^>]* value="([^"]*)"', markup)[1].replace("&quot;", '"').replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    assert code.startswith(f'<iframe src="{start}projects.bars.html" title="B &quot;is&quot; longer" width="100%" height="')
    assert code.endswith("></iframe>")


def test_a_figure_that_stands_on_no_page_of_a_book_has_its_rows_only(drawer):
    alone = figure(synthetic.chart("en"), drawer=drawer)
    assert list(alone.files) == ["charts/projects.bars.csv"] and "<input" not in alone.html


def test_a_table_heads_its_columns_and_rows_and_sets_numbers_under_each_other():
    markup = table({"columns": ["name", "money"], "rows": [["A", 1234.5], ["B", None], ["C", 1 / 3]]}, "en")
    assert markup.count('<th scope="col"') == 2 and '<th scope="col" class="num">money</th>' in markup
    assert re.findall(r'<th scope="row">(\w)</th>', markup) == ["A", "B", "C"]
    assert re.findall(r'<td class="num">([^<]*)</td>', markup) == ["1,234.5", "", "0.333333"]
    assert '<th scope="row"' not in table({"columns": ["n"], "rows": [[1]]}, "en")


def test_the_noise_of_a_float_is_not_shown():
    assert [shown(cell, "zh") for cell in (432.1000001, 0.1 + 0.2, 0.00012345, 12000, 0, -1.5, None, True)] == [
        "432.1", "0.3", "0.00012345", "12000", "0", "−1.5", "", "True"]


def test_there_is_one_list_of_colours_and_each_part_of_it_is_read():
    assert set(parts()) == {"light", "dark", "marks"}
    assert set(variables("light")) == set(variables("dark"))
    used = set(re.findall(r"var\((--[\w-]+)\)", parts()["marks"]))
    assert used <= set(variables("light"))
    assert "var(" not in picture_style() and "data-theme" not in page_style()


def test_paper_is_light_in_the_dark_theme_too():
    from recount.site.colours import STYLESHEET

    sheet = STYLESHEET.read_text("utf-8")
    printed = sheet[sheet.index("@media print") :]
    assert dict(re.findall(r"(--chart-[\w-]+): (#[0-9a-f]{6})", printed)) == variables("light")


def luminance(colour):
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    low, high = sorted([luminance(one), luminance(other)])
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("ground", ["light", "dark"])
def test_marks_stand_out_from_both_grounds_and_letters_more_so(ground):
    colours = variables(ground)
    paper = colours["--chart-ground"]
    kept = ["#8a8f98", "#d55e00", "#0072b2", "#009e73"] + (["#e69f00", "#f0e442"] if ground == "dark" else [])
    edges = [colours[f"--chart-{name}"] for name in ("edge", "orange-line", "yellow-line", "ink")]
    assert {colour: round(contrast(colour, paper), 2) for colour in (*kept, *edges) if contrast(colour, paper) < 3} == {}
    letters = {name: round(contrast(colour, paper), 2) for name, colour in colours.items() if name.endswith(("text", "ink"))}
    assert {name: ratio for name, ratio in letters.items() if ratio < 4.5} == {}
    # Words stand on these areas.
    for area in ("--chart-warm", "--chart-pale"):
        assert contrast(colours["--chart-ink"], colours[area]) >= 4.5, area
