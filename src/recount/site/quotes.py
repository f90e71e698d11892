"""Quotation marks for English in print: the book's font draws them as wide as a Chinese character.

On a screen a reader's Latin font draws them. On paper there is one font, and its narrow marks lie behind a
feature that the cut for Chinese leaves out; here they are cut apart, a few kilobytes, and go into the sheet.
"""

from __future__ import annotations

import base64
import hashlib
import os
import subprocess
import sys
from importlib import metadata
from io import BytesIO
from pathlib import Path

from recount.fonts import PACKAGE, SOURCE, WEIGHTS
from recount.whole import write_whole

MARKS = "‘’“”…"
FAMILY = "Recount Quotes"


def quote_faces(cache: Path) -> str:
    """``@font-face`` rules with the narrow marks in Regular and Bold, cut once and kept in `cache`.

    Raises CalledProcessError where the cutting fails. `recount.fonts` has said before if the font is missing.
    """
    source = next(file for file in metadata.files(PACKAGE) or () if file.name == SOURCE)
    digest = source.hash.value if source.hash else ""
    key = hashlib.sha256(f"{digest} {metadata.version('fonttools')} {Path(__file__).read_text('utf-8')}".encode())
    path = cache / f"quotes-{key.hexdigest()[:16]}.css"
    if not path.is_file():
        # In a process with a fixed hash seed: fontTools walks through sets.
        done = subprocess.run([sys.executable, "-m", "recount.site.quotes", str(source.locate())],
                              env={**os.environ, "PYTHONHASHSEED": "0"}, capture_output=True, text=True, check=True)
        write_whole(path, done.stdout)
    return path.read_text("ascii")


def _cut(source: Path, weight: int) -> bytes:
    from fontTools import subset
    from fontTools.ttLib import TTFont
    from fontTools.varLib import instancer

    font = TTFont(source, recalcTimestamp=False, lazy=True)
    options = subset.Options()
    options.hinting = False
    options.recalc_timestamp = False
    options.layout_features = ["pwid"]
    options.glyph_names = False
    options.drop_tables += ["BASE", "vhea", "vmtx", "VORG", "VVAR", "DSIG", "GPOS"]
    cutter = subset.Subsetter(options)
    cutter.populate(text=MARKS)
    cutter.subset(font)
    instancer.instantiateVariableFont(font, {"wght": weight}, inplace=True)
    narrow: dict[str, str] = {}
    for lookup in font["GSUB"].table.LookupList.Lookup:
        for table in lookup.SubTable:
            narrow |= getattr(getattr(table, "ExtSubTable", table), "mapping", {})
    for table in font["cmap"].tables:
        table.cmap = {code: narrow.get(glyph, glyph) for code, glyph in getattr(table, "cmap", {}).items()}
    del font["GSUB"], font["STAT"]
    out = BytesIO()
    font.save(out)
    return out.getvalue()


if __name__ == "__main__":
    marks = ", ".join(f"U+{ord(mark):04X}" for mark in MARKS)
    for weight in WEIGHTS.values():
        data = base64.b64encode(_cut(Path(sys.argv[1]), weight)).decode("ascii")
        print(f'@font-face {{ font-family: "{FAMILY}"; font-weight: {weight}; unicode-range: {marks}; '
              f"src: url(data:font/ttf;base64,{data}) }}")
