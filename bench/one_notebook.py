"""What one notebook costs: stock papermill, our engine, our runner, nbmake, and the floor.

    .venv/bin/python bench/one_notebook.py [--rounds 5] [--without-nbmake] [--warm]

Ours by ZMQ and by a wire (``recount.wire``). The floor is the same code as a script, in one process that has imported
everything already. ``--warm`` leaves out stock papermill and the commands, which take most of a round: for many rounds
of ours against the floor, whose quarter of a second is easily disturbed.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import logging
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import papermill.engines  # noqa: F401  (loads our engine by its entry point; the warm variants count no import)
from measure import environment_with, rounds, told
from synthetic import as_script, write_notebook

from recount.client import TRANSPORT
from recount.project import Project
from recount.runner import Job, kernels_of, run

NBMAKE = "nbmake==1.5.5"


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    words.add_argument("--rounds", type=int, default=5)
    words.add_argument("--without-nbmake", action="store_true")
    words.add_argument("--warm", action="store_true", help="ours and the floor alone")
    asked = words.parse_args()
    from papermill.execute import execute_notebook

    logging.getLogger("papermill").setLevel(logging.ERROR)
    os.environ["MPLBACKEND"] = "agg"
    os.environ.pop(TRANSPORT, None)
    with tempfile.TemporaryDirectory(prefix="bench-") as place:
        folder = Path(place)
        project = Project(folder / "book")
        (project.data).mkdir(parents=True)
        source = write_notebook(project.notebooks / "01_synthetic.ipynb")
        job = Job(notebook=source, edition="synthetic", lang="zh")
        papermill = str(Path(sys.executable).with_name("papermill"))
        script = compile(as_script(), "floor", "exec")

        def command(*words: str) -> None:
            subprocess.run(words, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder)

        def floor() -> None:
            with contextlib.redirect_stdout(io.StringIO()):
                exec(script, {"__name__": "floor"})

        def in_process(engine: str, **options: str) -> None:
            execute_notebook(source, folder / "out.ipynb", engine_name=engine, progress_bar=False, **options)

        with kernels_of(project) as kernels, kernels_of(project, transport="wire") as wired:
            variants = {
                "papermill": lambda: command(papermill, str(source), str(folder / "out.ipynb")),
                "papermill --engine recount": lambda: command(papermill, "--engine", "recount", str(source), str(folder / "out.ipynb")),
                "execute_notebook, warm process": lambda: in_process("nbclient"),
                "the same, engine recount": lambda: in_process("recount"),
                "the same, by a wire": lambda: in_process("recount", transport="wire"),
                "recount's runner": lambda: run(project, [job], force=True, kernels=kernels),
                "the same runner, by a wire": lambda: run(project, [job], force=True, kernels=wired),
                "floor": floor,
            }
            if asked.warm:
                variants = {name: act for name, act in variants.items() if name.startswith(("the same", "recount", "floor"))}
            elif not asked.without_nbmake:
                try:
                    python = environment_with("nbmake", NBMAKE) / "python"
                    variants["nbmake"] = lambda: command(str(python), "-m", "pytest", "-q", "-p", "no:cacheprovider", "--nbmake", str(source))
                except subprocess.CalledProcessError:
                    print("nbmake cannot be had here", file=sys.stderr)
            found = rounds(variants, count=asked.rounds)
    told(found, name="one_notebook", against="the same, engine recount" if asked.warm else "papermill", floor="floor",
         note="One synthetic notebook of 11 code cells: pandas, two figures, one chart.")


if __name__ == "__main__":
    main()
