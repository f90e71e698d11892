"""The Drawer: specs become SVG, SVG becomes PNG, with the book's fonts, each drawn once and remembered.

One warm process draws all specs, at assembly, because the first drawing of a process costs half a second. A PNG
takes about as long each, so many at once are drawn by two processes.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
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
MANY = 4  # PNGs to draw: for fewer no process is worth its start
AT_ONCE = 2
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

    def pngs(self, svgs: Sequence[str]) -> list[bytes]:
        """Many pictures as PNG."""
        missing = [svg for svg in dict.fromkeys(svgs) if not self._path(svg, ".png").is_file()]
        if len(missing) >= MANY:
            _draw_apart(missing, fonts=self.fonts, cache=self.cache)
        return [self.png(svg) for svg in svgs]

    def width(self, text: str, size: float, *, bold: bool = False) -> float:
        """How many pixels wide a line of text is in the book's font."""
        advances, em = _advances(self.fonts.bold if bold else self.fonts.regular)
        return sum(advances.get(ord(char), em) for char in text) * size / em

    def _path(self, text: str, suffix: str) -> Path:
        makers = " ".join(metadata.version(name) for name in ("vl-convert-python", "pillow"))
        key = f"{VEGA_LITE} {makers} {self.fonts.regular.parent.name} {text}"
        return self.cache / f"{hashlib.sha256(key.encode()).hexdigest()[:32]}{suffix}"

    def _kept(self, text: str, suffix: str, make: Callable[[Any], bytes]) -> bytes:
        path = self._path(text, suffix)
        if not path.is_file():
            write_whole(path, make(_vl_convert(str(self.fonts.regular.parent))))
        return path.read_bytes()


def _draw_apart(svgs: Sequence[str], *, fonts: Fonts, cache: Path) -> None:
    """Draw PNGs into the cache, each of the processes every other one. What they fail at is missing there."""
    drawing = []
    for share in (svgs[number::AT_ONCE] for number in range(AT_ONCE)):
        process = subprocess.Popen([sys.executable, "-m", __name__], stdin=subprocess.PIPE, stderr=subprocess.DEVNULL)
        assert process.stdin is not None
        with suppress(BrokenPipeError), process.stdin as stdin:
            stdin.write(json.dumps([str(fonts.regular), str(fonts.bold), str(cache), share]).encode())
        drawing.append(process)
    for process in drawing:
        process.wait()


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


if __name__ == "__main__":
    regular, bold, folder, share = json.load(sys.stdin)
    drawer = Drawer(Fonts(Path(regular), Path(bold), frozenset()), Path(folder))
    for each in share:
        drawer.png(each)
