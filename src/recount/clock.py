"""Whether code looks at the clock: what it shows then changes by itself, and no recorded run stands for it.

Reading the clock raises no event that a trace could record, so the code is read for it: the notebook's cells and
every module of the book that a run imported. A clock behind another library's function is not found.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass
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
    read = [_read(source) for source in sources]
    # A name of the module, or of a function of it, stands for it in all the cells.
    meant = {"": {""}, "module": {"time"}.union(*(each.modules for each in read)), "function": set().union(*(each.functions for each in read))}
    return next((look.text for each in read for look in each.looks if look.name in meant[look.of]), "")


@dataclass(frozen=True)
class _Look:
    """An expression that looks at the clock: always, or where a name in it is one ``of`` the module or of a function of it."""

    text: str
    of: str = ""
    name: str = ""


@dataclass(frozen=True)
class _Read:
    """One piece of code: its names for the module ``time`` and for functions of it, and what may be looks at the clock."""

    modules: frozenset[str] = frozenset()
    functions: frozenset[str] = frozenset()
    looks: tuple[_Look, ...] = ()


@lru_cache(maxsize=5000)  # the same cells run for many editions, and one that is edited runs among others that are not
def _read(source: str) -> _Read:
    tree = _parsed(source)
    if tree is None:
        return _Read()
    modules: set[str] = set()
    functions: set[str] = set()
    looks: dict[_Look, None] = {}  # in the order of the code
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            modules |= {alias.asname for alias in node.names if alias.name == "time" and alias.asname}
        elif isinstance(node, ast.ImportFrom) and node.module == "time":
            functions |= {alias.asname or alias.name for alias in node.names if alias.name in OF_TIME}
        elif look := _look(node):
            looks[look] = None
    return _Read(frozenset(modules), frozenset(functions), tuple(looks))


def _look(node: ast.AST) -> _Look | None:
    if isinstance(node, ast.Attribute):
        if node.attr in ALWAYS:
            return _Look(ast.unparse(node))
        if isinstance(node.value, ast.Name) and node.attr in OF_TIME:
            return _Look(ast.unparse(node), "module", node.value.id)
    elif isinstance(node, ast.Name):
        return _Look(node.id, "function", node.id)
    elif isinstance(node, ast.Call):
        called = getattr(node.func, "attr", getattr(node.func, "id", ""))
        words = [each.value for each in (*node.args, *(word.value for word in node.keywords)) if isinstance(each, ast.Constant)]
        dated = called in DATES and {"now", "today"}.intersection(words)
        magic = called in ("run_line_magic", "run_cell_magic") and words and words[0] in MAGICS
        if dated or magic:
            return _Look(ast.unparse(node))
    return None


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
