"""What only a sweep on a larger scale needs, and what to install where it is not there."""

from __future__ import annotations

import importlib
from types import ModuleType

from recount.errors import Finding, WrongUse

INSTALL = "pip install 'recount[scale]', or the locked versions: pip install --require-hashes --no-deps -r requirements-scale.lock"


def extra(name: str, *, wanted_for: str) -> ModuleType:
    """Import a module of the extra ``scale``. Raises WrongUse (``sweep.extra-missing``) that says how to get it.

    None of them is imported by a notebook's kernel: there it would count as a library that reads unseen.
    """
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise WrongUse(Finding(code="sweep.extra-missing", where=f"module {name}", expected=f"installed, for {wanted_for}",
                               found=str(error), done="nothing was run", next=INSTALL)) from None
