"""What a command does not import, it does not wait for."""

from __future__ import annotations

import subprocess
import sys


def loaded(code: str) -> set[str]:
    done = subprocess.run([sys.executable, "-c", f"{code}\nimport sys\nprint(*[n for n, m in sys.modules.items() if m])"],
                          capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_the_command_and_the_runner_do_without_the_parsers_of_addresses():
    for module in ("recount.cli", "recount.kernel"):
        assert not loaded(f"import {module}\nimport nbformat") & {"rfc3987_syntax", "lark"}


def test_the_desk_leaves_them_to_a_notebook_that_wants_them():
    assert "rfc3987_syntax" in loaded("from recount import Desk\nimport rfc3987_syntax")


def test_the_command_leaves_papermill_to_the_processes_that_run_notebooks():
    assert not loaded("import recount.cli, recount.book") & {"papermill", "nbclient"}
    assert {"papermill.execute", "nbclient.exceptions", "recount.saving"} <= loaded("import recount.ahead")
