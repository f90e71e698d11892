"""Stylesheets and icons of the theme, thinned to what a book's pages use, and all sheets of a page made one.

The theme brings a framework's stylesheet and two thousand icons; a page uses a tenth of the one and two dozen of
the others, and a reader on a slow line waits for all of it. What is dropped cannot match: a selector that asks
for a class or an id which stands in no page and in no script. Eleven sheets are eleven questions to a server, of
which a browser asks six at a time, and shows nothing before the last answer.
"""

from __future__ import annotations

import hashlib
import posixpath
import re
from collections.abc import Collection, Iterable
from itertools import pairwise
from pathlib import Path

import tinycss2

NESTING = frozenset({"media", "supports", "layer", "container"})
_WORD = re.compile(r"[\w-]+")
_ICON = re.compile("[\ue000-\uf8ff]")  # as they stand in a sheet that was read and written again
_FACE = re.compile(r"@font-face\s*\{[^}]*fontawesome/webfonts[^}]*\}")
FONT = "fa-solid-900"
_LINK = re.compile(r'<link(?=[^>]* rel="stylesheet")(?![^>]* media=)[^>]* href="(_static/[^"?]+\.css)[^>]*>\n?')
_IMPORT = re.compile(r"""@import\s*["']([^"']+)["'];""")  # as thinned sheets have it, and without a medium
_URL = re.compile(r"""url\((["']?)(?!data:|#|/)([^)"']+)\1\)""")


def words_of(paths: Iterable[Path]) -> set[str]:
    """Every word of pages and scripts: whatever can be the name of a class, since scripts set classes too."""
    return {word for path in paths for word in _WORD.findall(path.read_text("utf-8", errors="replace"))}


def thin(css: str, words: Collection[str]) -> str:
    """A stylesheet without the selectors, and the rules, that can match nothing.

    >>> thin(".a,.b .c{x:1}@media print{.b{y:2}}:not(.b){z:3}", {"a"})
    '.a{x:1}:not(.b){z:3}'
    """
    return "".join(_rules(tinycss2.parse_stylesheet(css, skip_comments=True, skip_whitespace=True), words))


def _rules(rules: Iterable[object], words: Collection[str]) -> Iterable[str]:
    for rule in rules:
        if rule.type == "qualified-rule":
            kept = [selector for selector in _selectors(rule.prelude) if _can_match(selector, words)]
            if kept:
                yield ",".join(tinycss2.serialize(selector).strip() for selector in kept)
                yield f"{{{tinycss2.serialize(rule.content)}}}"
        elif rule.type == "at-rule" and rule.lower_at_keyword in NESTING and rule.content is not None:
            inner = tinycss2.parse_rule_list(rule.content, skip_comments=True, skip_whitespace=True)
            if body := "".join(_rules(inner, words)):
                yield f"@{rule.at_keyword}{tinycss2.serialize(rule.prelude)}{{{body}}}"
        elif rule.type == "at-rule":
            yield rule.serialize()


def _selectors(prelude: list) -> list[list]:
    """The selectors of a rule, each as its tokens."""
    found: list[list] = [[]]
    for token in prelude:
        if token == ",":
            found.append([])
        else:
            found[-1].append(token)
    return found


def _can_match(selector: list, words: Collection[str]) -> bool:
    """Whether every class and id that the selector itself asks for is known. What stands in `:not()` is not asked for."""
    for before, token in pairwise(selector):
        if before == "." and token.type == "ident" and _WORD.fullmatch(token.value) and token.value not in words:
            return False
    return all(token.type != "hash" or not _WORD.fullmatch(token.value) or token.value in words for token in selector)


def thin_theme(out: Path, own: Collection[str]) -> None:
    """Thin every stylesheet of a book's ``_static`` but our `own`, and the icon font to the icons they name."""
    static = out / "_static"
    words = words_of([*out.glob("*.html"), *static.rglob("*.js")])
    sheets = {path: path.read_text("utf-8") for path in sorted(static.rglob("*.css"))}
    for path, css in sheets.items():
        if path.name not in own:
            sheets[path] = thin(re.sub(r"/\*# sourceMappingURL.*?\*/", "", css), words)
    fonts = static / "vendor" / "fontawesome" / "webfonts"
    if (fonts / f"{FONT}.ttf").is_file():
        icons = {ord(icon) for css in sheets.values() for icon in _ICON.findall(css)}
        _cut_icons(fonts / f"{FONT}.ttf", icons)
        sheets = {path: _FACE.sub(_face, css) for path, css in sheets.items()}
        for path in fonts.iterdir():
            if path.suffix != ".woff":
                path.unlink()
    for path, css in sheets.items():
        path.write_text(css, "utf-8")


class OneSheet:
    """Pages with one stylesheet each, made of all that they name, in their order.

    It is named by its content: the theme's own marks stay the same when other rules are left, and a browser would
    keep the old sheet.
    """

    def __init__(self, out: Path) -> None:
        self.out = out
        self._made: dict[tuple[str, ...], str] = {}
        self._parts: set[Path] = set()

    def on(self, page: str) -> str:
        """A page that names one sheet, in the place of the first of its own. Raises FileNotFoundError for one that is not there."""
        names = tuple(match[1] for match in _LINK.finditer(page))
        if len(names) < 2:
            return page
        if names not in self._made:
            css = "\n".join(self._read(Path(name)) for name in names)
            self._made[names] = f"_static/sheet-{hashlib.sha256(css.encode()).hexdigest()[:8]}.css"
            (self.out / self._made[names]).write_text(css, "utf-8")
        links = iter([f'<link rel="stylesheet" href="{self._made[names]}">'])
        return _LINK.sub(lambda match: next(links, ""), page)

    def drop_parts(self) -> None:
        """Remove the sheets that were made one."""
        for path in self._parts:
            path.unlink()

    def _read(self, name: Path) -> str:
        """A sheet with those that it imports, to be read from ``_static``: what it names is found from there."""
        self._parts.add((self.out / name).resolve())
        css = re.sub(r'@charset "[^"]*";', "", (self.out / name).read_text("utf-8"))
        css = _URL.sub(lambda match: _moved(match, name.parent), css)
        return _IMPORT.sub(lambda match: self._read(name.parent / match[1]), css)


def _moved(match: re.Match[str], folder: Path) -> str:
    return f"url({match[1]}{posixpath.relpath((folder / match[2]).as_posix(), '_static')}{match[1]})"


def _face(match: re.Match[str]) -> str:
    """The one face that is left: the solid icons, from the cut font."""
    if FONT not in match[0]:
        return ""
    return re.sub(r"src:[^;}]*(?:;|(?=\}))", f'src:url(../vendor/fontawesome/webfonts/{FONT}.woff) format("woff");', match[0])


def _cut_icons(font: Path, icons: Collection[int]) -> None:
    """Cut a font to these code points, as WOFF: what compresses without a package of its own. Same bytes each time."""
    from fontTools import subset
    from fontTools.ttLib import TTFont

    options = subset.Options()
    options.flavor, options.hinting, options.recalc_timestamp = "woff", False, False
    options.layout_features, options.name_IDs = [], [1, 2]
    opened = TTFont(font, recalcTimestamp=False)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=sorted(icons))
    cutter.subset(opened)
    subset.save_font(opened, str(font.with_suffix(".woff")), options)
