"""Imported first by a process of ours that reads notebooks: spares it an import that costs and brings nothing.

jsonschema, which checks notebooks, imports `rfc3987_syntax` where it is installed, for a check of addresses that
no schema of ours asks for. That package builds 38 parsers when it is imported: one to two seconds of every
command, of every book and of the process that runs the notebooks. JupyterLab brings it. Never imported in a
kernel: a notebook may want it.
"""

from __future__ import annotations

import sys

sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]  # to Python: this import fails
