"""Red says up to one reader and down to the other: the pair is a setting of the language."""

import pytest
import yaml
from synthetic_site import REPO

from recount.direction import COLOURS, direction_of
from recount.errors import BadInput


def test_the_book_sets_red_for_a_rise_in_chinese_and_green_in_english():
    settings = yaml.safe_load((REPO / "_config.yml").read_text("utf-8"))["recount"]
    zh, en = direction_of(settings, "zh"), direction_of(settings, "en")
    assert (zh.up, zh.down) == (COLOURS["red"], COLOURS["green"]) == (en.down, en.up)


def test_a_book_that_sets_nothing_follows_the_custom_and_colour_is_never_the_only_cue():
    assert direction_of({}, "zh") == direction_of({"zh": {"direction": {"up": "red", "down": "green"}}}, "zh")
    assert direction_of({}, "en").up_sign != direction_of({}, "en").down_sign


@pytest.mark.parametrize("given", [None, "red", {"up": "red"}, {"up": "red", "down": "red"}, {"up": "pink", "down": "red"},
                                   {"up": ["red"], "down": "green"}, {"up": "red", "down": "green", "flat": "blue"}])  # fmt: skip
def test_a_setting_that_does_not_tell_up_from_down_is_refused(given):
    with pytest.raises(BadInput) as caught:
        direction_of({"zh": {"direction": given}}, "zh")
    assert [finding.code for finding in caught.value.findings] == ["config.direction"]
