"""Whether code looks at the clock: what it shows then changes by itself, and no recorded run stands for it.

Reading the clock raises no event that a trace could record, so the code is read for it: the notebook's cells and
every module of the book that a run imported. A clock behind another library's function is not found.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from functools import lru_cache

# Of whatever they are asked: `datetime.now`, `date.today`, `Timestamp.utcnow`, `Path.stat().st_mtime`.
ALWAYS = frozenset(
    {"now", "today", "utcnow", "getmtime", "getctime", "getatime",
     *(f"st_{letter}time{unit}" for letter in "mca" for unit in ("", "_ns"))}
)  # fmt: skip
OF_TIME = frozenset(
    {"time", "time_ns", "monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns", "process_time", "process_time_ns",
     "thread_time", "thread_time_ns", "clock_gettime", "clock_gettime_ns", "localtime", "gmtime", "ctime", "asctime",
     "strftime"}
)  # fmt: skip
# Functions to which the words "now" and "today" are dates.
DATES = frozenset({"Timestamp", "to_datetime", "datetime64", "Period", "date_range", "DatetimeIndex"})
MAGICS = frozenset({"time", "timeit", "prun"})


def looks_at_clock(sources: Iterable[str]) -> str:
    """The first expression by which one of these pieces of code looks at the clock; empty where none does.

    Magics are understood as IPython understands them. Code that is no Python is skipped: it does not run either.

    >>> looks_at_clock(["from datetime import date", "age = date.today() - born"])
    'date.today'
    >>> looks_at_clock(["days = frame['today']"])
    ''
    """
    return _first_look(tuple(sources))


@lru_cache(maxsize=1000)  # the same cells run for many editions
def _first_look(sources: tuple[str, ...]) -> str:
    trees = [tree for source in sources if (tree := _parsed(source))]
    modules = {"time"}  # names that stand for the module, and for functions of it, in any of the cells
    functions: set[str] = set()
    for node in (node for tree in trees for node in ast.walk(tree)):
        if isinstance(node, ast.Import):
            modules |= {alias.asname for alias in node.names if alias.name == "time" and alias.asname}
        elif isinstance(node, ast.ImportFrom) and node.module == "time":
            functions |= {alias.asname or alias.name for alias in node.names if alias.name in OF_TIME}
    return next((ast.unparse(node) for tree in trees for node in _looks(tree, modules, functions)), "")


def _looks(tree: ast.AST, modules: set[str], functions: set[str]) -> Iterator[ast.AST]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            of_time = isinstance(node.value, ast.Name) and node.value.id in modules and node.attr in OF_TIME
            if node.attr in ALWAYS or of_time:
                yield node
        elif isinstance(node, ast.Name):
            if node.id in functions:
                yield node
        elif isinstance(node, ast.Call):
            called = getattr(node.func, "attr", getattr(node.func, "id", ""))
            words = [each.value for each in (*node.args, *(word.value for word in node.keywords)) if isinstance(each, ast.Constant)]
            dated = called in DATES and {"now", "today"}.intersection(words)
            magic = called in ("run_line_magic", "run_cell_magic") and words and words[0] in MAGICS
            if dated or magic:
                yield node


def _parsed(source: str) -> ast.AST | None:
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError):
        pass
    from IPython.core.inputtransformer2 import TransformerManager  # half a second: only for who uses magics

    try:
        return ast.parse(TransformerManager().transform_cell(source))
    except (SyntaxError, ValueError):
        return None
