"""What a notebook's code says of when it runs: in the first wave or after it, once for many days or for each.

Read from the cells; nothing runs for it.
"""

from __future__ import annotations

import ast
import sys
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from nbformat import NotebookNode

from recount.keys import file_digest
from recount.parameters import read_notebook

# Through these, code reaches a name without naming it.
ANY_NAME = ("globals", "locals", "vars", "eval", "exec", "user_ns", "environ", "getenv")


def calls(path: Path, method: str) -> bool:
    """Whether a notebook's code calls this method of the desk."""
    return f".{method}(" in _all_code(path, file_digest(path))


@lru_cache(maxsize=100)
def _all_code(path: Path, _digest: str | None) -> str:
    return "\n".join(cell.source for cell in code_cells(read_notebook(path, name=path.name)))


def second_wave(path: Path) -> bool:
    """Whether a notebook reads what the others were judged to say, and so runs after them."""
    return calls(path, "ledger") or calls(path, "sweep")


def names_the_day(notebook: NotebookNode) -> bool:
    """Whether code uses the edition's day other than to open its desk: then each day is a run of its own.

    >>> import nbformat.v4 as v4
    >>> cells = ["desk = Desk(as_of=as_of, lang=lang)", "desk.table('projects')"]
    >>> names_the_day(v4.new_notebook(cells=[v4.new_code_cell(source) for source in cells]))
    False
    """
    for cell in code_cells(notebook):
        if "parameters" in cell.metadata.get("tags", ()):
            continue
        try:
            tree = ast.parse(cell.source)
        except SyntaxError:  # a magic: it might do anything
            return True
        opens = {id(word.value) for call in ast.walk(tree) if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "Desk"
                 for word in call.keywords if word.arg == "as_of"}
        for node in ast.walk(tree):
            named = node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else (
                node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else "")
            if id(node) not in opens and ("as_of" in named or named in ANY_NAME):
                return True
            # A module of the book's own may do as it likes.
            modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else (
                [node.module or ""] if isinstance(node, ast.ImportFrom) else [])
            if any(not _installed(module.partition(".")[0]) for module in modules):
                return True
    return False


def code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    """The code cells of a notebook, in order."""
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def _installed(module: str) -> bool:
    """Whether a module comes with Python, the lock or this package, and so knows nothing of an edition."""
    if module in sys.stdlib_module_names or module == __package__:
        return True
    try:
        found = find_spec(module)
    except (ImportError, ValueError):
        return False
    return found is not None and "site-packages" in str(found.origin)
