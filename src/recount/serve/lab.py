"""JupyterLab on the notebooks, alone or beside the draft."""

from __future__ import annotations

import os
import sys

from recount.errors import Finding, WrongUse, did_you_mean
from recount.project import Project


def lab_command(project: Project, notebook: str | None = None) -> list[str]:
    """What starts JupyterLab on one notebook, or on all. Raises WrongUse for a notebook that is not there."""
    path = project.notebooks / f"{notebook}.ipynb" if notebook else project.notebooks
    if not path.exists():
        stems = [each.stem for each in project.notebook_paths()]
        raise WrongUse(Finding(code="edit.no-notebook", where=project.short(path), expected=", ".join(stems),
                               found=str(notebook), next=did_you_mean(str(notebook), stems)))
    command = [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={project.root}"]
    command += ["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    return [*command, str(path)]
