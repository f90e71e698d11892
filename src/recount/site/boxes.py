"""The directives ``{beside}`` and ``{pull}``: what the paper printed beside what the data says, and a number set large.

Both take ids as options and print from the ledger, so that neither can say anything that the sentences do not.
"""

from __future__ import annotations

from typing import ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.util import logging

from recount.site.directive import Content, LedgerDirective
from recount.words import Unbound, Word, resolve

logger = logging.getLogger(__name__)
AT_MOST = 2  # values that a box sets beside the print; the receipt names the others


class BoundBox(LedgerDirective):
    """What both share: words that are bound as those of a sentence are."""

    def word(self, role: str, text: str) -> Word | None:
        """The word, or nothing and a warning, which fails the build."""
        try:
            return resolve(role, text, lang=self.lang, ledger=self.ledger)
        except Unbound as unbound:
            logger.warning("%s", unbound, location=self.get_location(), type="recount", subtype=unbound.code)
            return None

    def bound(self, word: Word | None, fallback: str) -> nodes.Node:
        if word is None:
            return nodes.inline("", f"⟦{fallback}?⟧", classes=["recount-missing"])
        inner = nodes.inline(word.text, word.text, classes=list(word.classes))
        return nodes.reference("", "", inner, refuri=word.target, internal=True, classes=["recount-word"])


class Beside(BoundBox):
    """One claim: as printed on the one side, the values it is judged by on the other, the verdict below."""

    option_spec: ClassVar = {"claim": directives.unchanged_required}

    def build(self) -> list[nodes.Node]:
        name = self.options.get("claim", "")
        printed = self.word("claim", name)
        if printed is None:
            return [nodes.paragraph("", "", self.bound(None, name))]
        claim = self.ledger["claims"][name]
        left = self.side("printed_side", [([self.bound(printed, name)], claim["label"][self.lang])])
        right = self.side("data_side", self.data(name))
        reason = nodes.paragraph("", "", self.bound(self.word("claim", f"{name}|verdict"), name),
                                 nodes.Text(self.words["stop"] + claim["reason"][self.lang]),
                                 classes=["recount-beside-verdict"])
        return [nodes.container("", left, right, reason, classes=["recount-beside"])]

    def data(self, name: str) -> list[tuple[Content, str]]:
        """The values behind the verdict, each with what it is; of an open claim, that there is nothing."""
        known, claim = self.ledger["values"], self.ledger["claims"][name]
        # Those that decided stand before those that were only asked.
        asked = dict.fromkeys([*(claim.get("decided_by") or ()), *(claim.get("by") or ())])
        by = [each for each in asked if known.get(each, {}).get("kind", "unknown") != "unknown"]
        if not by or claim["verdict"] == "open":
            return [([nodes.Text(self.words["nothing_found"])], "")]
        return [([self.bound(self.word("v", each), each)], self.called(each, known[each])) for each in by[:AT_MOST]]

    def side(self, label: str, numbers: list[tuple[Content, str]]) -> nodes.container:
        said = [nodes.paragraph("", self.words[label], classes=["recount-beside-head"])]
        for number, what in numbers:
            said.append(nodes.paragraph("", "", *number, classes=["recount-beside-number"]))
            if what:
                said.append(nodes.paragraph("", what, classes=["recount-beside-what"]))
        return nodes.container("", *said, classes=["recount-beside-side"])


class Pull(BoundBox):
    """One value set large, with a line of prose that says what it is."""

    has_content = True
    option_spec: ClassVar = {"value": directives.unchanged_required}

    def build(self) -> list[nodes.Node]:
        name = self.options.get("value", "")
        said = nodes.container(classes=["recount-pull-what"])
        self.state.nested_parse(self.content, self.content_offset, said)
        number = nodes.paragraph("", "", self.bound(self.word("v", name), name), classes=["recount-pull-number"])
        return [nodes.container("", number, said, classes=["recount-pull"])]
