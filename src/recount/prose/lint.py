"""Find what may not stand in prose: numbers typed by hand, and bindings that would bind nothing."""

from __future__ import annotations

import re
from typing import Any

from recount.errors import Finding, did_you_mean
from recount.numerals import BOUND, Span, digits, numbers
from recount.prose.allowed import Allowed
from recount.prose.blocks import OURS, Binding, Role, blocks

# An address is no statement, whatever digits it holds. Chinese characters end it.
_ADDRESS = re.compile(r"(?:https?|ftp)://[!-~]+")
_AROUND = 12
_NEXT = ("bind it: desk.value(…) in a code cell, {v}`its id` here; what the paper printed is {claim}`id`; "
         "a name that holds a number goes into book/allowed_numbers.csv with its reason")


def lint(
    markdown: str, *, where: str, notebook: str, cell: str, lang: str, allowed: Allowed
) -> list[Finding]:
    """What the gate refuses in one Markdown cell, in reading order.

    ``where`` names the cell (``notebooks/06_projects.ipynb cell 3f2a``); the line is added. Codes:
    ``prose.typed-number``, ``prose.malformed-role``, ``prose.unknown-role``, ``prose.unshown-role``.
    Number words are free inside ``{holds}``, for the predicate answers for them; digits are not.
    """
    tags = {"notebook": notebook, "cell": cell, "lang": lang}
    found: list[tuple[int, Finding]] = []
    for block in blocks(markdown):
        for span in _typed(block.text, lang=lang, allowed=allowed):
            line = block.lines[span.start]
            found.append((line, _typed_finding(block.text, span, where=f"{where} line {line}", tags=tags)))
        for role in block.roles:
            place = f"{where} line {role.line}"
            found += [(role.line, one) for one in _role_findings(role, where=place, tags=tags)]
        for text, line in block.stray:
            place = f"{where} line {line}"
            found.append((line, _stray_finding(text, shown=block.kind == "shown", where=place, tags=tags)))
    return [finding for _, finding in sorted(found, key=lambda pair: pair[0])]


def lint_text(
    text: str, *, where: str, lang: str, allowed: Allowed, notebook: str = "", cell: str = ""
) -> list[Finding]:
    """The same for a plain string: a title, an axis, alt text; ``{id}`` places must be taken out already."""
    tags = {"notebook": notebook, "cell": cell, "lang": lang}
    spans = _typed(text, lang=lang, allowed=allowed)
    return [_typed_finding(text, span, where=where, tags=tags) for span in spans]


def _typed(text: str, *, lang: str, allowed: Allowed) -> list[Span]:
    without = _ADDRESS.sub(lambda match: " " * len(match[0]), text)
    return numbers(allowed.hide(without, lang=lang))


def _typed_finding(text: str, span: Span, *, where: str, tags: dict[str, str]) -> Finding:
    start, end = max(0, span.start - _AROUND), span.end + _AROUND
    context = ("…" if start else "") + text[start:end] + ("…" if end < len(text) else "")
    context = re.sub(r"\s+", " ", context.replace(BOUND, "{…}")).strip()
    token = re.sub(r"\s+", " ", text[span.start:span.end])
    return Finding(
        code="prose.typed-number", where=where, found=f"{token} in “{context}”", next=_NEXT,
        expected="a bound number: {v}`…`, or an entry with its reason in book/allowed_numbers.csv", **tags)


def _role_findings(role: Role, *, where: str, tags: dict[str, str]) -> list[Finding]:
    if role.name not in OURS:
        near = did_you_mean(role.name.lower(), list(OURS)) or "did you mean {v}, {claim} or {holds}?"
        return [Finding(
            code="prose.unknown-role", where=where, found=role.source, next=near,
            expected="a role that the page can show: {v}, {claim}, {holds} or one of MyST's", **tags)]
    binding = Binding.of(role)
    if binding is None:
        flags = OURS[role.name]
        expected = "{holds}`word <predicate.id>`"
        if flags:
            expected = f"{{{role.name}}}`id` or {{{role.name}}}`id|flag`, flag one of {', '.join(flags)}"
        return [Finding(
            code="prose.malformed-role", where=where, expected=expected, found=role.source,
            next="write it as expected; recount explain ID shows what an id is", **tags)]
    return [_typed_finding(binding.word, span, where=where, tags=tags) for span in digits(binding.word)]


def _stray_finding(text: str, *, shown: bool, where: str, tags: dict[str, str]) -> Finding:
    if text.startswith("{{"):
        return Finding(
            code="prose.unknown-role", where=where, expected="{v}`id`", found=text,
            next="a substitution is not checked against the ledger: bind the value", **tags)
    if shown:
        return Finding(
            code="prose.unshown-role", where=where, found=f"{text} in alt text, a tooltip, code or HTML",
            expected="bindings in paragraphs, headings, tables and captions",
            next="say it in the caption; alt text of charts is given to desk.chart(alt=…)", **tags)
    return Finding(
        code="prose.malformed-role", where=where, expected="{v}`id`, with backticks and nothing between",
        found=text, next="close the backticks; inside a table write the flag as {v}`id\\|bare`", **tags)


# Parts of a spec that hold no words of ours: rows answer for themselves, expressions compute.
_NO_WORDS = frozenset({"data", "datasets", "transform", "config", "usermeta", "scale"})


def lint_spec(spec: dict[str, Any]) -> list[str]:
    """The literal words a reader sees of a Vega-Lite spec, each once, for `lint_text`.

    Titles and subtitles (of the chart, axes, legends, headers, tooltips), literal text marks and
    tooltips, descriptions, and labels of inputs. Not data, nor expressions.
    """
    return list(dict.fromkeys(_visible(spec)))


def _visible(node: Any) -> list[str]:
    if isinstance(node, list):
        return [text for one in node for text in _visible(one)]
    found: list[str] = []
    for name, child in node.items() if isinstance(node, dict) else ():
        if name in ("title", "description"):
            found += _titles(child)
        elif name in ("text", "tooltip"):
            found += _literals(child)
        elif name == "bind" and isinstance(child, dict):
            found += _titles([child.get("name"), child.get("labels")])
        elif name not in _NO_WORDS:
            found += _visible(child)
    return found


def _titles(node: Any) -> list[str]:
    if isinstance(node, str):
        return [node]
    if isinstance(node, list):
        return [text for one in node for text in _titles(one)]
    return _titles([node.get("text"), node.get("subtitle")]) if isinstance(node, dict) else []


def _literals(node: Any) -> list[str]:
    """A text or tooltip, as mark property or channel: what it says without looking at the data."""
    if isinstance(node, list):
        return [text for one in node for text in _literals(one)]
    if isinstance(node, dict):
        literal = [node.get(key) for key in ("value", "datum", "condition")]
        return _titles(node.get("title")) + _literals(literal)
    return [] if node is None or isinstance(node, bool) else [str(node)]
