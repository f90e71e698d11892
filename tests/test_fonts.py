"""The Chinese font: one, from a locked package, the same bytes each time, and loud about what it lacks."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import time
from importlib import metadata

import pytest
from synthetic_run import cut_once, make_project

from recount import fonts as fonts_module
from recount.errors import BadInput


@pytest.fixture(scope="module")
def cut(tmp_path_factory):
    return cut_once(tmp_path_factory)


@pytest.fixture
def no_package(monkeypatch):
    found = metadata.distribution

    def distribution(name):
        if name == fonts_module.PACKAGE:
            raise metadata.PackageNotFoundError(name)
        return found(name)

    monkeypatch.setattr(metadata, "distribution", distribution)


def test_both_weights_carry_the_names_and_bits_by_which_programs_find_them(cut):
    from fontTools.ttLib import TTFont

    seen = {}
    for style, path in (("Regular", cut[1].regular), ("Bold", cut[1].bold)):
        font = TTFont(path)
        names = [font["name"].getDebugName(number) for number in (1, 2, 6)]
        bits = (font["OS/2"].usWeightClass, font["OS/2"].fsSelection & 0x61, font["head"].macStyle)
        seen[style] = (names, *bits)
        assert "fvar" not in font and "gvar" not in font
    assert seen == {
        "Regular": (["Noto Sans SC", "Regular", "NotoSansSC-Regular"], 400, 0x40, 0),
        "Bold": (["Noto Sans SC", "Bold", "NotoSansSC-Bold"], 700, 0x20, 1),
    }


def test_characters_are_those_of_the_cut_font_itself(cut):
    from fontTools.ttLib import TTFont

    for path in (cut[1].regular, cut[1].bold):
        assert cut[1].characters == set(TTFont(path).getBestCmap())


def test_common_characters_and_signs_are_there_and_what_is_not_is_named_once_in_order(cut):
    text = "开门红：瑞安 638.7亿元，℃≈≥≤→±×·—“”①é−½\n\t"
    assert cut[1].missing_glyphs(text) == []
    assert cut[1].missing_glyphs("好😀坏🏭😀") == ["😀", "🏭"]


def test_a_second_call_does_nothing_and_quickly(cut):
    project, first = cut
    paths = [first.regular, first.bold, first.regular.with_name("characters.json"), project.fonts / "current"]
    before = [path.stat().st_mtime_ns for path in paths]
    began = time.process_time()
    again = fonts_module.prepare(project)
    took = time.process_time() - began
    assert again == first
    assert before == [path.stat().st_mtime_ns for path in paths]
    assert took < 0.05  # of this process: other work on the machine does not count


@pytest.mark.slow
def test_a_rare_character_of_the_data_is_cut_in_and_the_rest_stays_the_same_bytes(cut, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "nothing kept yet"))
    rare = "\U00020164"  # outside GB 2312 and outside the blocks
    project = make_project(tmp_path)
    same = fonts_module.prepare(project)
    for ours, theirs in ((same.regular, cut[1].regular), (same.bold, cut[1].bold)):
        assert hashlib.sha256(ours.read_bytes()).digest() == hashlib.sha256(theirs.read_bytes()).digest()
    assert same.missing_glyphs(rare) == [rare]
    (project.data / "names.csv").write_text(f"name\n{rare}\n", "utf-8")
    assert fonts_module.prepare(project).missing_glyphs(rare) == []


def test_without_the_package_nothing_is_drawn_even_when_cut_fonts_are_there(cut, no_package):
    with pytest.raises(BadInput) as caught:
        fonts_module.prepare(cut[0])
    finding = caught.value.findings[0]
    assert finding.code == "font.package-missing"
    assert "justmytype-intl-cjk" in finding.where
    assert "make book" in finding.next


def test_a_run_reads_the_cut_fonts_and_no_page_of_the_book(cut, monkeypatch):
    monkeypatch.setenv("RECOUNT_RUN", "1")
    monkeypatch.setattr(fonts_module, "_characters", lambda project: pytest.fail("the book was read"))
    assert fonts_module.current(cut[0]) == cut[1]


def test_a_run_without_cut_fonts_says_so(tmp_path, monkeypatch):
    monkeypatch.setenv("RECOUNT_RUN", "1")
    with pytest.raises(BadInput, match=r"font\.not-prepared"):
        fonts_module.current(make_project(tmp_path))


def test_matplotlib_draws_with_this_font_and_raises_for_a_missing_glyph(cut):
    """In a process of its own: the settings are global."""
    code = f"""
import warnings, matplotlib
matplotlib.use("agg")
import matplotlib.pyplot as plt
from pathlib import Path
from recount.fonts import Fonts, for_matplotlib
for_matplotlib(Fonts(Path({str(cut[1].regular)!r}), Path({str(cut[1].bold)!r}), frozenset()))
from matplotlib.font_manager import FontProperties, findfont
for weight in ("regular", "bold"):
    print(findfont(FontProperties(weight=weight)))
figure, axes = plt.subplots()
axes.set_title("共638.7亿元 −5", weight="bold")
axes.plot([-1, 2])
figure.savefig("plain.svg", metadata={{"Date": None}})
axes.set_xlabel("😀")
try:
    figure.savefig("bad.svg")
except UserWarning as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=cut[0].root,
                          env={**os.environ, "MPLCONFIGDIR": str(cut[0].build)})  # fmt: skip
    lines = done.stdout.splitlines()
    assert lines[:2] == [str(cut[1].regular), str(cut[1].bold)], done.stderr
    assert len(lines) == 3 and lines[2].startswith("Glyph 128512"), done.stdout + done.stderr
    svg = (cut[0].root / "plain.svg").read_text("utf-8")
    assert "<text" not in svg  # shapes, not names of fonts that a reader may lack
