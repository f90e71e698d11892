"""Recount: a newspaper feature told again by counting it again.

A journalist imports one name, the Desk; everything else is the engine behind it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from recount.desk import Desk

__all__ = ["Desk"]
__version__ = "0.1.0"


def __getattr__(name: str) -> object:
    # Lazy, so that the command and the Sphinx extension do not pay for what only notebooks use.
    if name == "Desk":
        from recount.desk import Desk

        return Desk
    raise AttributeError(f"module 'recount' has no attribute {name!r}")
