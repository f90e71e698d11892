"""Entries of a list told apart: those whose words are the same get their ids beside them.

On the receipts page a dozen values that are not known yet read alike; without a name of its own a reader cannot
say which of them is meant, and a screen reader's list of terms repeats itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from docutils import nodes


def tell_apart(made: Iterable[nodes.Node]) -> None:
    """Add its id to every term that another of its list equals."""
    for node in made:
        for listing in node.findall(nodes.definition_list):
            terms = [item[0] for item in listing if item and isinstance(item[0], nodes.term)]
            said = Counter(term.astext() for term in terms)
            for term in terms:
                if said[term.astext()] > 1 and term["ids"]:
                    name = term["ids"][0].partition("-")[2]
                    term += [nodes.Text(" "), nodes.inline("", name, classes=["recount-muted"])]
