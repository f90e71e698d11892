"""The Chinese font: cut from a locked package into ``_build/fonts``, so that no machine needs one installed.

A font found on the machine would make the same book look different elsewhere, and a character without a
glyph is drawn as a box that nobody notices. So there is exactly one font, and what it lacks is an error.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unicodedata
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from recount import font_cache
from recount.errors import BadInput, Finding, RecountError
from recount.project import Project
from recount.whole import write_whole

FAMILY = "Noto Sans SC"
PACKAGE = "justmytype-intl-cjk"
SOURCE = "NotoSansSC[wght].ttf"
WEIGHTS = {"Regular": 400, "Bold": 700}
RECIPE = "1"  # part of the key: raise it when the cutting below changes

# Blocks taken whole, as far as the source font has them: Latin, punctuation, super- and subscripts,
# currency, letterlike (℃), number forms, arrows, mathematics (≈ ≥ ≤), circled numbers, shapes, CJK and
# full-width forms.
BLOCKS = (
    (0x20, 0x24F), (0x2000, 0x20BF), (0x2100, 0x22FF), (0x2460, 0x24FF), (0x25A0, 0x26FF),
    (0x3000, 0x303F), (0xFF00, 0xFFEF),
)  # fmt: skip


@dataclass(frozen=True)
class Fonts:
    """The two cut fonts, and the code points that both can draw."""

    regular: Path
    bold: Path
    characters: frozenset[int]

    def missing_glyphs(self, text: str) -> list[str]:
        """The characters of ``text`` that would be drawn as boxes, each once, in order of appearance.

        Asked by the Desk for matplotlib and Vega alike: vl-convert draws boxes without a word.
        """
        return [char for char in dict.fromkeys(text) if _visible(char) and ord(char) not in self.characters]


def prepare(project: Project) -> Fonts:
    """Cut the fonts that this book needs, or return those cut before.

    Takes some ten seconds the first time for this user, then next to nothing (``recount.font_cache``): the key is the
    package's own record of the font's hash, the character set, the fontTools version and the recipe. Raises BadInput
    ``font.package-missing`` when the package is not installed, also when cut fonts are there: a build that
    only works because of leftovers is not reproducible.
    """
    source, digest = _source()
    wanted = _characters(project)
    key = hashlib.sha256(
        json.dumps([digest, sorted(wanted), metadata.version("fonttools"), RECIPE]).encode()
    ).hexdigest()[:16]
    folder = project.fonts / key
    if not (folder / "characters.json").is_file():
        with font_cache.at_entry(key):
            if not font_cache.take(key, folder):
                _cut(source, wanted, folder)
                font_cache.keep(key, folder)
    pointer = project.fonts / "current"
    if not pointer.is_file() or pointer.read_text("ascii") != key:
        write_whole(pointer, key)
    return _load(folder)


def current(project: Project) -> Fonts:
    """The fonts for a notebook: those the runner prepared, or cut now when an editor runs a cell by hand.

    In a run this reads ``_build/fonts`` only. `prepare` reads every page of the book for its characters, and
    a run that has read every page would be stale after any edit of prose.
    """
    if not os.environ.get("RECOUNT_RUN"):
        return prepare(project)
    try:
        return _load(project.fonts / (project.fonts / "current").read_text("ascii"))
    except FileNotFoundError:
        raise BadInput(
            Finding(code="font.not-prepared", where="_build/fonts", expected="fonts cut before the run",
                    found="none", next="recount build")) from None  # fmt: skip


def for_matplotlib(fonts: Fonts) -> None:
    """Make matplotlib draw with these fonts alone, and raise where a glyph is missing.

    One family and no fallback: a second family would draw the missing character in another face, silently.
    """
    import warnings

    import matplotlib
    from matplotlib import font_manager

    known = {entry.fname for entry in font_manager.fontManager.ttflist}
    for path in (fonts.regular, fonts.bold):
        if str(path) not in known:
            font_manager.fontManager.addfont(str(path))
    matplotlib.rcParams.update(
        {
            "font.family": [FAMILY],
            "axes.unicode_minus": False,
            "svg.fonttype": "path",
            "svg.hashsalt": "recount",
        }
    )
    warnings.filterwarnings("error", message=r"Glyph .* missing from (font|current font)")


def _visible(char: str) -> bool:
    return unicodedata.category(char) not in {"Cc", "Cf", "Zl", "Zp"}


def _source() -> tuple[Path, str]:
    """The variable font in the installed package, and its hash as the package's RECORD states it."""
    try:
        files = metadata.distribution(PACKAGE).files or []
    except metadata.PackageNotFoundError:
        files = []
    for file in files:
        if file.name == SOURCE and file.hash and (path := Path(file.locate())).is_file():
            return path, file.hash.value
    raise BadInput(
        Finding(
            code="font.package-missing",
            where=f"Python package {PACKAGE}",
            expected=f"{SOURCE}, from which the Chinese font is cut",
            found="the package's font file is gone" if files else "the package is not installed",
            done="nothing was built",
            next="remove .venv and run make book, or: "
            f"{sys.executable} -m pip install --require-hashes --no-deps -r requirements.lock",
        )
    )


def _characters(project: Project) -> set[int]:
    """What the fonts must hold: GB 2312, the blocks above, and what data, notebooks and pages contain."""
    wanted = {code for first, last in BLOCKS for code in range(first, last + 1)}
    rows = (bytes((high, low)) for high in range(0xA1, 0xF8) for low in range(0xA1, 0xFF))
    wanted.update(ord(char) for row in rows for char in row.decode("gb2312", "ignore"))
    paths = [*project.data.glob("*.csv"), *project.notebooks.glob("*.ipynb"), *project.book.rglob("*.md")]
    for path in paths:
        text = path.read_text("utf-8", errors="ignore")
        if "\\u" in text:  # a notebook written by a tool that escapes: the characters are there all the same
            text += text.encode("ascii", "ignore").decode("unicode_escape", "ignore")
        wanted.update(ord(char) for char in set(text) if _visible(char) and not 0xD800 <= ord(char) < 0xE000)
    return wanted


def _cut(source: Path, wanted: set[int], folder: Path) -> None:
    """Cut both weights, each in a process of its own (two cores), and put the folder in place at once."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix=".cut-", dir=folder.parent))
    try:
        (made / "wanted.json").write_text(json.dumps(sorted(wanted)), "ascii")
        # The hash seed is fixed because fontTools iterates over sets while it closes over glyphs.
        jobs = [
            subprocess.Popen(
                [sys.executable, "-m", "recount.fonts", str(source), style, str(made)],
                env={**os.environ, "PYTHONHASHSEED": "0"}, stderr=subprocess.PIPE, text=True,
            )
            for style in WEIGHTS
        ]  # fmt: skip
        errors = [job.communicate()[1] for job in jobs]
        if any(job.returncode for job in jobs):
            raise RecountError(
                Finding(code="font.cut-failed", where=source.name, expected="two static fonts",
                        found="".join(errors).strip()[-2000:], done="nothing was built"))  # fmt: skip
        (made / "wanted.json").unlink()
        try:
            os.replace(made, folder)
        except OSError:  # another process was first: the same key is the same bytes
            if not (folder / "characters.json").is_file():
                raise
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _load(folder: Path) -> Fonts:
    ranges = json.loads((folder / "characters.json").read_text("ascii"))
    characters = frozenset(code for first, last in ranges for code in range(first, last + 1))
    return Fonts(folder / "NotoSansSC-Regular.ttf", folder / "NotoSansSC-Bold.ttf", characters)


def _cut_one(source: Path, style: str, folder: Path) -> None:
    """Subset first, then fix the weight: a quarter of the glyphs to interpolate."""
    from fontTools import subset
    from fontTools.ttLib import TTFont
    from fontTools.varLib import instancer

    weight = WEIGHTS[style]
    font = TTFont(source, recalcTimestamp=False, lazy=True)
    options = subset.Options()
    options.name_IDs = ["*"]
    options.notdef_outline = True
    options.hinting = False
    options.recalc_timestamp = False
    options.layout_features = ["kern", "liga", "ccmp", "locl", "mark", "mkmk"]
    options.drop_tables += ["BASE", "vhea", "vmtx", "VORG", "VVAR", "DSIG"]  # vertical setting is not used
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=json.loads((folder / "wanted.json").read_text("ascii")))
    cutter.subset(font)
    instancer.instantiateVariableFont(font, {"wght": weight}, inplace=True)

    del font["STAT"]  # lists the weights of the variable font, of which none is left
    # The source names itself "Noto Sans SC Thin", its default master: name the cut for what it is, or
    # matplotlib files it under a family that nobody asks for.
    names = font["name"]
    names.names = [record for record in names.names if record.nameID in (0, 5, 7, 8, 9, 10, 11, 13, 14)]
    full = FAMILY if style == "Regular" else f"{FAMILY} {style}"
    for number, text in (
        (1, FAMILY), (2, style), (3, f"NotoSansSC-{style};recount"), (4, full), (6, f"NotoSansSC-{style}"),
    ):  # fmt: skip
        names.setName(text, number, 3, 1, 0x409)
    font["OS/2"].usWeightClass = weight
    bold = style == "Bold"
    font["OS/2"].fsSelection = font["OS/2"].fsSelection & ~0x61 | (0x20 if bold else 0x40)
    font["head"].macStyle = 1 if bold else 0
    font.save(folder / f"NotoSansSC-{style}.ttf")
    if not bold:
        (folder / "characters.json").write_text(json.dumps(_ranges(font.getBestCmap())), "ascii")


def _ranges(codes: object) -> list[list[int]]:
    ranges: list[list[int]] = []
    for code in sorted(codes):  # type: ignore[call-overload]
        if ranges and code == ranges[-1][1] + 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    return ranges


if __name__ == "__main__":
    _cut_one(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]))
