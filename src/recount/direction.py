"""Direction: which colour says up and which says down, a setting of the language.

A mainland reader takes red for a rise, an English one takes it for a fall. The colour is never the only cue:
each direction has its sign, which an author draws or writes beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from recount.errors import BadInput, Finding

# The words of `_config.yml`, in Okabe and Ito's colours.
COLOURS = {"red": "#d55e00", "green": "#009e73", "blue": "#0072b2"}
CUSTOM = {"zh": {"up": "red", "down": "green"}, "en": {"up": "green", "down": "red"}}


@dataclass(frozen=True)
class Direction:
    """Colours of a rise and a fall for charts, and the signs that go with them.

    >>> direction_of({}, "zh").up == direction_of({}, "en").down
    True
    """

    up: str
    down: str
    up_sign: str = "▲"
    down_sign: str = "▼"


def direction_of(settings: Mapping[str, Any], lang: str) -> Direction:
    """The pair that ``recount: LANG: direction: {up: red, down: green}`` sets; by default that language's custom.

    Raises BadInput (``config.direction``) for anything but two different colours by name.
    """
    given = (settings.get(lang) or {}).get("direction", CUSTOM[lang])
    chosen = [given.get(way) for way in ("up", "down")] if isinstance(given, Mapping) and set(given) == {"up", "down"} else []
    if len({name for name in chosen if isinstance(name, str) and name in COLOURS}) != 2:
        raise BadInput(Finding(code="config.direction", where=f"_config.yml recount.{lang}.direction", found=repr(given)[:80],
                               expected=f"up and down, two different ones of {', '.join(COLOURS)}"))
    up, down = (COLOURS[name] for name in chosen)
    return Direction(up, down)
