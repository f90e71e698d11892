"""What a template of kernels imports before it forks one, and what it does once so that no kernel has to.

Standard library only at the top: whoever forks kernels imports this first.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import os
import sys

# In the order of a notebook's first cell. Nothing of a book's own: that may be edited while this runs.
# Not `matplotlib_inline`: its import hooks itself to the running shell, and here none runs.
PRELOADED = (
    "ipykernel.kernelapp", "ipykernel.ipkernel", "ipykernel.debugger", "ipykernel.comm", "ipykernel.subshell_manager",
    "IPython.core.completer", "IPython.core.completerlib", "IPython.core.debugger", "IPython.core.magics", "IPython.core.oinspect",
    "IPython.extensions.storemagic", "jupyter_client.localinterfaces", "ipykernel_launcher", "recount.wired_kernel",
    "tornado.platform.asyncio", "faulthandler", "pdb", "sqlite3", "stack_data", "numpy", "pandas", "pandas.io.formats.html", "matplotlib.pyplot",
    "matplotlib.backends.backend_agg", "matplotlib.backends.backend_svg", "PIL.PngImagePlugin", "altair", "jsonschema",
    "narwhals",
)  # fmt: skip
# What a template imports, by whom it is for: a notebook that uses no library, any notebook, and a notebook of a book.
IMPORTS = {"kernel": PRELOADED[: PRELOADED.index("numpy")], "libraries": PRELOADED, "desk": (*PRELOADED, "recount.desk", "recount.trace")}


def preload(names: tuple[str, ...]) -> None:
    """Import these modules, as a kernel would that is started in this folder."""
    if sys.path and sys.path[0] in ("", os.getcwd()):
        del sys.path[0]  # as ipykernel_launcher does
    for name in names:
        # A module that is not there costs time in each kernel, and no more.
        with contextlib.suppress(ImportError):
            importlib.import_module(name)


def warm_up() -> None:
    """Fill caches that change no output: fonts, the schema of Vega-Lite, the renderers of figures.

    No pyplot and no chart with parameters: both count what they make.
    """
    with contextlib.suppress(ImportError):
        from matplotlib.backends.backend_svg import FigureCanvasSVG
        from matplotlib.figure import Figure

        figure = Figure(figsize=(1, 1))
        FigureCanvasSVG(figure)
        figure.subplots().plot([0, 1])
        figure.savefig(io.BytesIO(), format="svg")
    with contextlib.suppress(ImportError):
        import altair
        import pandas

        frame = pandas.DataFrame({"a": [1.0], "b": ["x"]})
        altair.Chart(frame).mark_bar().encode(x="a:Q", y="b:N").to_dict()
        frame._repr_html_()
