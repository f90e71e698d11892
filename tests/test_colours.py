"""The colours of verdicts tell themselves apart to every eye, and are never the only cue."""

from __future__ import annotations

import re
from itertools import combinations
from pathlib import Path

import pytest

import recount.site
from recount.verdicts import COLOURS, VERDICTS

CSS = (Path(recount.site.__file__).parent / "static" / "book.css").read_text("utf-8")
GROUND = {"light": "#ffffff", "dark": "#121212"}
# Machado, Oliveira and Fernandes 2009: what full protanopia, deuteranopia and tritanopia make of linear light.
SIGHT = {
    "deuteranopia": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "protanopia": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "tritanopia": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}


def colours(theme: str) -> dict[str, tuple[float, float, float]]:
    """The stylesheet's colours of a theme in linear light."""
    block = re.search(rf'html\[data-theme="{theme}"\] \{{(.*?)\}}', CSS, re.DOTALL)
    assert block
    return {name: linear(value) for name, value in re.findall(r"--(green|yellow|red|grey): (#\w{6})", block[1])}


def linear(value: str) -> tuple[float, float, float]:
    parts = [int(value[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return red, green, blue


def luminance(colour: tuple[float, float, float]) -> float:
    return 0.2126 * colour[0] + 0.7152 * colour[1] + 0.0722 * colour[2]


def contrast(one: float, two: float) -> float:
    """The ratio of WCAG 2."""
    light, dark = max(one, two), min(one, two)
    return (light + 0.05) / (dark + 0.05)


def lab(colour: tuple[float, float, float]) -> tuple[float, float, float]:
    """CIELAB of linear sRGB, D65."""
    rows = ((0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505))
    scaled = [max(sum(a * b for a, b in zip(row, colour, strict=True)), 0) / white
              for row, white in zip(rows, (0.9505, 1.0, 1.089), strict=True)]
    x, y, z = (part ** (1 / 3) if part > 216 / 24389 else (24389 / 27 * part + 16) / 116 for part in scaled)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_each_colour_can_be_read_as_text_on_its_ground(theme):
    ground = luminance(linear(GROUND[theme]))
    assert set(colours(theme)) == {"green", "yellow", "red", "grey"}
    for name, colour in colours(theme).items():
        assert contrast(luminance(colour), ground) >= 4.5, name


@pytest.mark.parametrize("sight", [None, *SIGHT])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_green_yellow_and_red_differ_to_every_eye(theme, sight):
    seen = {}
    for name, colour in colours(theme).items():
        if sight:
            colour = tuple(max(sum(a * b for a, b in zip(row, colour, strict=True)), 0) for row in SIGHT[sight])
        seen[name] = lab(colour)  # type: ignore[arg-type]
    for one, two in combinations(("green", "yellow", "red"), 2):
        distance = sum((a - b) ** 2 for a, b in zip(seen[one], seen[two], strict=True)) ** 0.5
        assert distance >= 10, (one, two, distance)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_green_yellow_and_red_differ_in_a_grey_copy(theme):
    light = {name: lab(colour)[0] for name, colour in colours(theme).items()}
    for one, two in combinations(("green", "yellow", "red"), 2):
        assert abs(light[one] - light[two]) >= 4.5, (one, two, light)


def test_every_verdict_has_a_mark_of_its_own_shape_beside_its_colour():
    marks = {verdict: re.search(rf'\.verdict-{verdict}::before \{{ content: "(.)"', CSS) for verdict in VERDICTS}
    shapes = [mark[1] for mark in marks.values() if mark]
    assert len(shapes) == len(set(shapes)) == len(VERDICTS)
    assert len(set(COLOURS.values())) < len(VERDICTS), "two verdicts share a colour: the mark tells them apart"
