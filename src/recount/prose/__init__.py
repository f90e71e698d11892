"""Prose: what a reader sees of a Markdown cell, which numbers in it are bound, and which were typed.

Pure functions on text. `bindings` lists what a cell binds; `lint` and `lint_text` find what the gate
refuses; `sentences` and `render` show a sentence as a reader would meet it, before and after an edit;
`lint_spec` digs the visible words out of a chart; `read_allowed` reads the names that may hold digits.
"""

from recount.prose.allowed import Allowed, Name, read_allowed
from recount.prose.blocks import Binding, Block, Role, bindings, blocks
from recount.prose.lint import lint, lint_spec, lint_text
from recount.prose.sentences import Sentence, render, sentences

__all__ = ["Allowed", "Binding", "Block", "Name", "Role", "Sentence", "bindings", "blocks", "lint",
           "lint_spec", "lint_text", "read_allowed", "render", "sentences"]
