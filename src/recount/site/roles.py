"""Roles ``{v}``, ``{claim}`` and ``{holds}``: numbers in prose, resolved from the edition's ledger.

They become plain references with inline text, because those alone survive everywhere a sentence can stand:
a custom node or a raw one crashes Sphinx's contents in a heading and vanishes from search.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from sphinx.environment import BuildEnvironment
from sphinx.transforms import SphinxTransform
from sphinx.util import logging
from sphinx.util.docutils import SphinxRole

from recount.words import Unbound, resolve

AT = "at-"  # begins the tag that carries a cell's id; MyST-NB makes a class of each tag
logger = logging.getLogger(__name__)

# Han, the full-width forms and the punctuation of Chinese text.
CJK = re.compile(r"[\u2e80-\u303f\u31c0-\u9fff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef“”‘’…—·]")


@lru_cache(maxsize=8)
def _read(path: str, mtime: int) -> dict[str, Any]:
    return json.loads(Path(path).read_text("utf-8"))


def read_beside(env: BuildEnvironment, name: str) -> dict[str, Any]:
    """A JSON file of the book's source folder, noted as a dependency of the page being read.

    Without the note an incremental build keeps printing the old number.
    """
    env.note_dependency(name)
    return load_beside(env.srcdir, name)


def load_beside(folder: str | Path, name: str) -> dict[str, Any]:
    """A JSON file of a book's source folder, read once by a process."""
    path = Path(folder, name)
    return _read(str(path), path.stat().st_mtime_ns)


class BoundRole(SphinxRole):
    """One of the three roles; its own name decides which."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        try:
            word = resolve(
                self.name,
                self.text,
                lang=self.config.recount_lang,
                ledger=read_beside(self.env, self.config.recount_ledger),
            )
        except Unbound as unbound:
            if not self.config.recount_draft:
                logger.warning("%s", unbound, location=self.get_location(), type="recount", subtype=unbound.code)
            shown = f"⟦{self.text.split('|')[0]}?⟧"
            return [nodes.inline(shown, shown, classes=["recount-missing"])], []
        inner = nodes.inline(word.text, word.text, classes=list(word.classes))
        return [
            nodes.reference(self.rawtext, "", inner, refuri=word.target, internal=True, classes=["recount-word"])
        ], []


class CellAnchors(SphinxTransform):
    """Give each code cell of a page the anchors of the notebook's cells that it holds, for receipts to lead to."""

    default_priority = 210

    def apply(self, **kwargs: object) -> None:
        for cell in self.document.findall(nodes.container):
            found = [name for name in cell["classes"] if name.startswith(f"tag_{AT}")]
            cell["classes"] = [name for name in cell["classes"] if name not in found]
            cell["ids"] += [f"cell-{name.removeprefix(f'tag_{AT}')}" for name in found]


class JoinHan(SphinxTransform):
    """Drop a line break of the source where Chinese stands beside it; HTML would show it as a space.

    Works on a block's text as the reader sees it, so that a break before or after a role is found as well.
    """

    default_priority = 220
    unbroken: ClassVar = (nodes.literal, nodes.FixedTextElement)

    def apply(self, **kwargs: object) -> None:
        if not self.config.recount_lang.startswith("zh"):
            return
        for block in list(self.document.findall(nodes.TextElement)):
            if not isinstance(block, (nodes.Inline, nodes.FixedTextElement)):
                self._join(block)

    def _join(self, block: nodes.TextElement) -> None:
        leaves = [leaf for leaf in block.findall(nodes.Text) if not self._is_code(leaf, block)]
        whole = "".join(leaves)
        if "\n" not in whole:
            return
        start = 0
        for leaf in leaves:
            kept = []
            for offset, char in enumerate(leaf):
                at = start + offset
                if char == "\n" and self._beside_cjk(whole, at):
                    continue
                kept.append(char)
            start += len(leaf)
            joined = "".join(kept)
            if joined != leaf:
                leaf.parent.replace(leaf, nodes.Text(joined))

    @staticmethod
    def _beside_cjk(whole: str, at: int) -> bool:
        before, after = whole[:at].rstrip()[-1:], whole[at + 1 :].lstrip()[:1]
        return any(char and CJK.match(char) for char in (before, after))

    def _is_code(self, leaf: nodes.Text, block: nodes.Element) -> bool:
        node = leaf.parent
        while node is not block:
            if isinstance(node, self.unbroken):
                return True
            node = node.parent
        return False
