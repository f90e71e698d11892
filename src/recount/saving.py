"""papermill's own engine, saving once at the end, however it ends: a partial notebook feeds the draft.

A module of its own, because it imports papermill, which costs half a second: for the processes that run notebooks
(``recount.kernel``), and not for the command that starts them and has the template of kernels to start meanwhile.
"""

from __future__ import annotations

from pathlib import Path

import recount.lean  # noqa: F401

# isort: split
from papermill.engines import NBClientEngine

from recount.outputs import written
from recount.whole import write_whole


class SavingEngine(NBClientEngine):
    """The engine of every run of the book; ``save_to`` is the file that it writes."""

    @classmethod
    def execute_managed_notebook(cls, nb_man, kernel_name, *, save_to, **kwargs):  # type: ignore[no-untyped-def]
        try:
            return super().execute_managed_notebook(nb_man, kernel_name, **kwargs)
        finally:
            write_whole(Path(save_to), written(nb_man.nb))
            # papermill goes on to look for errors, and to lay the notebook out once more for nobody.
            for cell in nb_man.nb.cells:
                if cell.cell_type == "code":
                    cell.outputs = [output for output in cell.outputs if output.output_type == "error"]
