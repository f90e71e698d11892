"""What each process that runs a notebook would do first, done once by the server that forks them all.

Half of what such a process costs beside its notebook: jupyter_client imports IPython to ask where kernelspecs
lie, nbformat compiles its schema, and the provisioner of kernels is looked for among all installed packages. For
that server alone, by ``runner.AHEAD``; nobody else imports this.
"""

from __future__ import annotations

import recount.lean

# isort: split
import contextlib

import nbformat
import papermill.execute  # noqa: F401
from jupyter_client.provisioning import KernelProvisionerFactory

import recount.kernel
import recount.saving
import recount.wired_client  # noqa: F401

with contextlib.suppress(Exception):  # whatever fails here says so where it is needed
    import IPython.paths  # noqa: F401

    nbformat.reads(nbformat.writes(nbformat.v4.new_notebook()), as_version=4)
    KernelProvisionerFactory.instance()
