"""What a reader sees of a Markdown cell, block by block, with its roles in place.

The parser is set up as MyST-NB's is, so that what is seen here is what the site shows.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from html.parser import HTMLParser
from typing import Literal

from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.amsmath import amsmath_plugin
from mdit_py_plugins.colon_fence import colon_fence_plugin
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.footnote import footnote_plugin
from mdit_py_plugins.myst_blocks import myst_block_plugin
from mdit_py_plugins.myst_role import myst_role_plugin
from mdit_py_plugins.tasklists import tasklists_plugin

from recount.numerals import BOUND, NAMED
from recount.words import CLAIM_FLAGS, VALUE_FLAGS

OURS = {"v": VALUE_FLAGS, "claim": CLAIM_FLAGS, "holds": ()}
# Stock roles that show their content, and those that show only the text before <target>.
_SHOWING = frozenset({
    "abbr", "abbreviation", "code", "command", "dfn", "emphasis", "file", "guilabel", "kbd", "literal",
    "math", "menuselection", "samp", "strong", "sub", "subscript", "sup", "superscript"})
_POINTING = frozenset({
    "any", "cite", "cite:p", "cite:t", "doc", "download", "eq", "index", "numref", "pep", "ref", "rfc",
    "term"})
# Directives whose argument is no text, whose body is code, whose body is not shown as text at all.
_PATH_ARGUMENT = frozenset({"figure", "image", "include", "literalinclude", "raw", "toctree"})
_CODE = frozenset({"code", "code-block", "code-cell", "sourcecode"})
_UNSHOWN = frozenset({
    "toctree", "contents", "tableofcontents", "include", "literalinclude", "bibliography", "index",
    "image"})
_TEXT_LANGUAGES = frozenset({"", "text", "txt", "plain", "plaintext", "none"})
_SHOWN_OPTIONS = frozenset({"caption", "title", "subtitle", "header", "footer"})
# A list that begins above this was not meant as one: "2022. It was…" at the start of a line.
_LAST_MARKER = 20

_DIRECTIVE = re.compile(r"\{([\w:+-]+)\}\s*(.*)")
_OPTION = re.compile(r":([\w-]+):\s*(.*)")
_STRAY = re.compile(r"\{(?:v|vs|value|values|claim|claims|hold|holds)\}|\{\{.*?\}\}", re.IGNORECASE)
_ID = r"[A-Za-z][A-Za-z0-9]*(?:[._-][A-Za-z0-9]+)*"
_BOUND_ID = re.compile(rf"({_ID})(?:\|([\w-]+))?")
_HELD = re.compile(rf"(\S(?:.*\S)?)\s*<({_ID})>", re.DOTALL)

Kind = Literal["prose", "heading", "row", "shown"]


@dataclass(frozen=True)
class Role:
    """One role as written: ``{name}`content` ``, on a 1-based line of its cell."""

    name: str
    content: str
    line: int

    @property
    def source(self) -> str:
        return f"{{{self.name}}}`{self.content}`"


@dataclass(frozen=True)
class Binding:
    """One place in prose that takes its words from the ledger.

    ``kind`` is ``v``, ``claim`` or ``holds``; ``flag`` is the way of showing it (``full`` unless written),
    ``word`` what a ``holds`` puts on the page while its predicate is true.
    """

    kind: str
    id: str
    flag: str
    word: str
    line: int

    @classmethod
    def of(cls, role: Role) -> Binding | None:
        """Read a role of ours; None where it is malformed."""
        if role.name == "holds":
            match = _HELD.fullmatch(role.content.strip())
            return match and cls("holds", match[2], "", match[1], role.line)
        match = _BOUND_ID.fullmatch(role.content.strip())
        flags = OURS.get(role.name, ())
        if not match or (flag := match[2] or "full") not in flags:
            return None
        return cls(role.name, match[1], flag, "", role.line)


@dataclass(frozen=True)
class Block:
    """One stretch of visible text: ``lines[i]`` is the line of ``text[i]``, each role one BOUND character.

    ``shown`` text is seen but is no sentence: alt text, tooltips, code, HTML; roles do not work there.
    ``stray`` are pieces that look like a binding and are none.
    """

    kind: Kind
    text: str
    lines: tuple[int, ...]
    roles: tuple[Role, ...] = ()
    stray: tuple[tuple[str, int], ...] = ()


@dataclass
class _Writer:
    """Collects one block, character by character, so that a number can be named by its line."""

    kind: Kind
    line: int
    text: list[str] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    roles: list[Role] = field(default_factory=list)
    stray: list[tuple[str, int]] = field(default_factory=list)

    def write(self, text: str, *, literal: bool = False) -> None:
        if not literal:
            for match in _STRAY.finditer(text):
                self.stray.append((match[0], self.line + text.count("\n", 0, match.start())))
        for char in text:
            self.text.append(char)
            self.lines.append(self.line)
            self.line += char == "\n"

    def role(self, name: str, content: str) -> None:
        if name in _SHOWING:
            self.write(content)
        elif name in _POINTING:
            self.write(content.partition("<")[0] if "<" in content else "")
        else:
            self.roles.append(Role(name, content, self.line))
            self.write(BOUND)

    def done(self) -> list[Block]:
        if not "".join(self.text).strip() and not self.roles:
            return []
        return [Block(self.kind, "".join(self.text), tuple(self.lines), tuple(self.roles), tuple(self.stray))]


def _shown(text: str, line: int) -> list[Block]:
    writer = _Writer("shown", line)
    writer.write(text)
    return writer.done()


def _parser() -> MarkdownIt:
    """Without front matter: a page of ours has none, and in a later cell such a block would be shown."""
    return (MarkdownIt("commonmark").enable(["table", "strikethrough"])
            .use(myst_block_plugin).use(myst_role_plugin).use(colon_fence_plugin)
            .use(footnote_plugin, inline=False, move_to_end=False, always_match_refs=True)
            .use(dollarmath_plugin).use(amsmath_plugin).use(deflist_plugin).use(tasklists_plugin))


_PARSER = _parser()


@lru_cache(maxsize=4000)  # every check of a cell asks for them, and a draft asks again after each save
def blocks(markdown: str) -> tuple[Block, ...]:
    """Everything a reader can see of a cell, in order: prose, headings, table rows, and what is merely shown.

    Not seen: link targets, list markers, labels, comments, directive names and hidden options, code in a
    language. Directive bodies are read as the Markdown they are.
    """
    return tuple(_walk(markdown.replace(BOUND, " ").replace(NAMED, " "), 1))


def bindings(markdown: str) -> list[Binding]:
    """Every well-formed ``{v}``, ``{claim}``, ``{holds}`` of a cell, in order; `lint` reports the others."""
    roles = (role for block in blocks(markdown) if block.kind != "shown" for role in block.roles)
    return [binding for role in roles if role.name in OURS and (binding := Binding.of(role))]


def _walk(source: str, first: int) -> list[Block]:
    found: list[Block] = []
    line, kind, row = first, "prose", None
    for token in _PARSER.parse(source):
        if token.map:
            line = first + token.map[0]
        if token.type in ("heading_open", "heading_close"):
            kind = "heading" if token.nesting == 1 else "prose"
        elif token.type == "tr_open":
            row = _Writer("row", line)
        elif token.type == "tr_close" and row:
            found += row.done()
            row = None
        elif token.type == "inline":
            if row and row.text:
                row.write(" | ")
            writer = row or _Writer(kind, line)
            found += _inline(token.children or [], writer)
            if not row:
                found += writer.done()
        elif token.type == "ordered_list_open" and int(token.attrs.get("start", 1)) > _LAST_MARKER:
            found += _shown(f"{token.attrs['start']}.", line)
        elif token.type in ("fence", "colon_fence"):
            found += _fence(token, line)
        elif token.type == "html_block":
            found += _html(token.content, line)
        elif token.type == "code_block" or token.type.startswith(("math_block", "amsmath")):
            found += _shown(token.content, line)
    return found


def _inline(children: list[Token], writer: _Writer) -> list[Block]:
    """Write a line of Markdown; return what it shows beside the text (alt text, tooltips)."""
    beside: list[Block] = []
    bare_address = False
    for child in children:
        if child.type == "link_open":
            bare_address = child.info == "auto"
            beside += _shown(str(child.attrs.get("title", "")), writer.line)
        elif child.type == "link_close":
            bare_address = False
        elif child.type == "image":
            beside += _shown(child.content, writer.line)
            beside += _shown(str(child.attrs.get("title", "")), writer.line)
        elif child.type in ("softbreak", "hardbreak"):
            writer.write("\n")
        elif child.type == "myst_role":
            writer.role(child.meta["name"], child.content)
        elif child.type == "html_inline":
            beside += _html(child.content, writer.line)
        elif child.type == "code_inline":
            writer.write(child.content, literal=True)
        elif child.content and not bare_address:
            writer.write(child.content)
    return beside


def _fence(token: Token, line: int) -> list[Block]:
    info, body, first = token.info.strip(), token.content, line + 1
    match = _DIRECTIVE.fullmatch(info)
    if not match:
        if token.type == "colon_fence":
            return _walk(body, first)
        return _shown(body, first) if info.split(" ")[0].lower() in _TEXT_LANGUAGES else []
    name, argument = match.groups()
    options, body, skipped = _options(body)
    found: list[Block] = []
    if argument and name not in _PATH_ARGUMENT | _CODE:
        found += _walk(argument, line)
    for key, text, offset in options:
        if key in _SHOWN_OPTIONS:
            found += _walk(text, first + offset)
        elif key == "alt":
            found += _shown(text, first + offset)
    first += skipped
    if name in _CODE:
        is_text = argument.lower() in _TEXT_LANGUAGES and name != "code-cell"
        return found + (_shown(body, first) if is_text else [])
    if name in _UNSHOWN:
        return found
    if name == "raw":
        return found + (_html(body, first) if argument == "html" else [])
    return found + (_shown(body, first) if name in ("math", "eval-rst") else _walk(body, first))


def _options(body: str) -> tuple[list[tuple[str, str, int]], str, int]:
    """Split a directive's options (``:key: text`` lines or a ``---`` block) from its body."""
    lines = body.splitlines()
    options, taken = [], 0
    if lines and lines[0].strip() == "---" and "---" in (one.strip() for one in lines[1:]):
        end = next(number for number, one in enumerate(lines[1:], 1) if one.strip() == "---")
        for number, one in enumerate(lines[1:end], 1):
            key, _, text = one.partition(":")
            options.append((key.strip(), text.strip(), number))
        taken = end + 1
    else:
        while taken < len(lines) and (match := _OPTION.fullmatch(lines[taken].strip())):
            options.append((match[1], match[2], taken))
            taken += 1
    return options, "\n".join(lines[taken:]), taken


class _Html(HTMLParser):
    """Visible text of HTML: character data outside script and style, and the attributes a reader meets."""

    def __init__(self, line: int) -> None:
        super().__init__(convert_charrefs=True)
        self.first, self.hidden, self.found = line, False, []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.hidden = tag in ("script", "style")
        for name, text in attrs:
            if name in ("alt", "title", "aria-label", "placeholder", "label") and text:
                self.found += _shown(text, self.first + self.getpos()[0] - 1)

    def handle_endtag(self, tag: str) -> None:
        self.hidden = False

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.found += _shown(data, self.first + self.getpos()[0] - 1)


def _html(source: str, line: int) -> list[Block]:
    parser = _Html(line)
    parser.feed(source)
    parser.close()
    return parser.found
