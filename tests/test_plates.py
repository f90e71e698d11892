"""The four photographs of the newspaper page have given their places to charts, and each chart says so."""

import json
import re

import pandas as pd
import pytest
import synthetic_site as synthetic
from synthetic_data import chart
from synthetic_run import cut_once

from recount.bound import bind
from recount.charts import Plate, chart_record, new_figure
from recount.errors import BadInput, WrongUse
from recount.fonts import Fonts
from recount.gate import _typed
from recount.prose.allowed import Allowed
from recount.prose.lint import lint_text
from recount.site.figures import Drawer, figure
from recount.site.labels import LABELS

PLATES = {"05_hands": "buses", "07_flagships": "station", "06_projects": "ceremony", "03_holiday": "workshop"}


def text(zh, en):
    return bind(zh, en, shown=lambda name, lang, flag: {"zh": "12兆瓦", "en": "12 MW"}[lang], holds=lambda name, word: None)


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return cut_once(tmp_path_factory)[0]


@pytest.fixture
def drawer(tmp_path, monkeypatch):
    monkeypatch.setattr(Drawer, "draw", lambda self, spec, width: "<svg></svg>")
    face = tmp_path / "synthetic" / "regular.ttf"
    return Drawer(Fonts(face, face, frozenset(range(0x20, 0x10000))), tmp_path)


def recorded(project, **more):
    drawn, axes = new_figure(project, width=3, height=2)
    axes.barh(["甲"], [12.0])
    return chart_record("syn.bars", drawn, data=pd.DataFrame({"名": ["甲"], "值": [12.0]}), title=text("合成", "Synthetic"),
                        alt=text("柱状图，合成", "Bar chart, synthetic"), unit=("", ""), lang="zh", sources=["合成网"],
                        project=project, **more)


def test_a_plate_travels_in_the_record_with_what_its_words_rest_on(project):
    record = recorded(project, plate=Plate("station", text("{syn.size}的合成电站", "a synthetic station, {syn.size}")))
    assert record["plate"] == {"name": "station", "zh": "12兆瓦的合成电站", "en": "a synthetic station, 12 MW"}
    assert record["used"] == ["syn.size"]
    assert record["typed"]["plate"] == "{syn.size}的合成电站"


def test_a_chart_that_is_no_plate_says_nothing_of_one(project):
    assert "plate" not in recorded(project)


@pytest.mark.parametrize(("name", "showed", "code"), [
    ("Buses 1", text("合成", "synthetic"), "plate.bad-name"), ("", text("合成", "synthetic"), "plate.bad-name"),
    ("buses", "合成", "plate.no-text"), ("buses", text(" ", "synthetic"), "plate.no-text"),
])  # fmt: skip
def test_a_plate_without_an_anchor_or_without_bound_words_in_both_languages_is_refused(name, showed, code):
    with pytest.raises(WrongUse) as caught:
        Plate(name, showed)
    assert [finding.code for finding in caught.value.findings] == [code]


def test_words_that_bind_different_values_in_the_two_languages_are_refused():
    with pytest.raises(BadInput):
        text("{syn.size}的合成电站", "a synthetic station")


def test_a_number_typed_into_a_plate_is_seen_by_the_gate():
    typed = chart("syn.c", "zh")["typed"] | {"plate": "40兆瓦的合成电站"}
    seen = [one for each in _typed(chart("syn.c", "zh", typed=typed), "zh")
            for one in lint_text(each, where="syn.c", lang="zh", allowed=Allowed(()))]  # fmt: skip
    assert [finding.code for finding in seen] == ["prose.typed-number"]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_plate_opens_its_caption_with_what_stood_there_and_can_be_linked_to(drawer, lang):
    plate = {"name": "buses", "zh": "合成的<大巴>", "en": "synthetic <buses>"}
    made = figure(synthetic.chart(lang, plate=plate), drawer=drawer).html
    assert made.startswith('<figure class="recount-chart recount-plate" id="chart-projects.bars"><figcaption>')
    caption = made[made.index("<figcaption>") : made.index("</figcaption>")]
    assert re.findall(r'id="([^"]+)"', caption) == ["plate-buses"]
    said = re.sub(r"<[^>]+>", "", caption)
    words = LABELS[lang]
    assert said.startswith(words["plate"] + words["stop"])
    assert words["plate_showed"].format({"zh": "合成的&lt;大巴&gt;", "en": "synthetic &lt;buses&gt;"}[lang]) in said
    assert said.endswith(synthetic.chart(lang)["title"])


def test_another_chart_has_no_label_of_a_plate(drawer):
    assert "plate" not in figure(synthetic.chart("zh"), drawer=drawer).html


@pytest.mark.slow
@pytest.mark.parametrize("edition", ["print", "since"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_book_has_the_four_plates_each_in_its_chapter_and_no_other(built, lang, edition):
    found = {}
    for page in sorted((built.site / lang / edition).glob("*.html")):
        for name in re.findall(r'class="plate-label" id="plate-([^"]+)"', page.read_text("utf-8")):
            found.setdefault(page.stem, []).append(name)
    assert found == {stem: [name] for stem, name in PLATES.items()}


@pytest.mark.slow
def test_a_list_of_the_plates_can_be_made_from_the_ledger(ledgers):
    for ledger in ledgers.values():
        plates = {chart["notebook"]: chart["plate"] for chart in ledger["charts"].values() if "plate" in chart}
        assert {stem: plate["name"] for stem, plate in plates.items()} == PLATES
        assert all(plate["zh"] and plate["en"] for plate in plates.values()), json.dumps(plates)
