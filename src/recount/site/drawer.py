"""The Drawer: specs become SVG, SVG becomes PNG, with the book's fonts, each drawn once and remembered.

One warm process draws all, at assembly, because the first drawing of a process costs half a second.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from copy import deepcopy
from functools import lru_cache
from importlib import metadata
from io import BytesIO
from pathlib import Path
from typing import Any

from recount.fonts import FAMILY, Fonts
from recount.site.narrow import fitted
from recount.whole import write_whole

VEGA_LITE = "6.4"
SHARPNESS = 2  # pixels of a PNG for one CSS pixel: sharp on a phone and in print


class Drawer:
    """Draws specs and pictures, and remembers every drawing under ``_build/svg``."""

    def __init__(self, fonts: Fonts, cache: Path) -> None:
        self.fonts = fonts
        self.cache = cache

    def draw(self, spec: Mapping[str, Any], width: int | None) -> str:
        """The SVG of a spec, `width` pixels wide over all where the spec leaves its width open."""
        fixed = deepcopy(dict(spec if width is None else fitted(spec, width)))
        fixed.setdefault("config", {})["font"] = f"{FAMILY}, sans-serif"
        text = json.dumps(fixed, ensure_ascii=False, sort_keys=True)
        path = self._kept(text, ".svg", lambda vlc: vlc.vegalite_to_svg(fixed, vl_version=VEGA_LITE).encode("utf-8"))
        return path.decode("utf-8")

    def png(self, svg: str) -> bytes:
        """A picture as PNG, at twice its size, its letters from the book's font."""
        return self._kept(svg, ".png", lambda vlc: _packed(vlc.svg_to_png(svg, scale=SHARPNESS)))

    def width(self, text: str, size: float, *, bold: bool = False) -> float:
        """How many pixels wide a line of text is in the book's font."""
        advances, em = _advances(self.fonts.bold if bold else self.fonts.regular)
        return sum(advances.get(ord(char), em) for char in text) * size / em

    def _kept(self, text: str, suffix: str, make: Callable[[Any], bytes]) -> bytes:
        makers = " ".join(metadata.version(name) for name in ("vl-convert-python", "pillow"))
        key = f"{VEGA_LITE} {makers} {self.fonts.regular.parent.name} {text}"
        path = self.cache / f"{hashlib.sha256(key.encode()).hexdigest()[:32]}{suffix}"
        if not path.is_file():
            write_whole(path, make(_vl_convert(str(self.fonts.regular.parent))))
        return path.read_bytes()


@lru_cache(maxsize=1)
def _vl_convert(fonts: str) -> Any:
    import vl_convert

    vl_convert.register_font_directory(fonts)
    return vl_convert


def _packed(png: bytes) -> bytes:
    """A drawing of few colours, with a palette: a seventh of the bytes, and no difference that an eye sees."""
    from PIL import Image

    image = Image.open(BytesIO(png)).convert("RGB")
    packed = image.quantize(256, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    out = BytesIO()
    packed.save(out, "PNG", optimize=True)
    return out.getvalue()


@lru_cache(maxsize=4)
def _advances(font: Path) -> tuple[dict[int, int], int]:
    """The advance width of each character, and of the em, in the font's units."""
    from fontTools.ttLib import TTFont

    face = TTFont(font, lazy=True)
    widths = face["hmtx"].metrics
    return {code: widths[name][0] for code, name in face.getBestCmap().items()}, face["head"].unitsPerEm
