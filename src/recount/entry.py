"""What papermill loads when it is itself imported: the engine's name, behind which the engine comes when it is used.

A module of its own, because ``recount.engine`` imports papermill: loaded from there, a program that imports the
engine before papermill would find it half made. And who runs no notebook pays for nothing.
"""

from __future__ import annotations


class _Later(type):
    def __getattr__(cls, name: str) -> object:
        from recount.engine import RecountEngine as Engine

        return getattr(Engine, name)


class RecountEngine(metaclass=_Later):
    """The papermill engine ``recount``; whatever is asked of it, ``recount.engine.RecountEngine`` answers."""
