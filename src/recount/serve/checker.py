"""The whole check, in a process of its own: what ``recount check`` does, told in lines of JSON.

Its own process, because a save makes it pointless and it must then be gone at once, whatever it is in the middle
of. Everything it writes is written whole, and what it has run is kept, so that the next check goes on from there.
"""

from __future__ import annotations

import recount.lean  # noqa: F401

# isort: split
import json
import os
import signal
import sys
import threading
from pathlib import Path
from typing import Any

from recount import standing
from recount.errors import RecountError
from recount.project import Project


def main() -> None:
    """Check one book and tell how it goes. Arguments: the book's folder, and the template's socket or an empty text."""
    root, socket = sys.argv[1:3]
    told = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    threading.Thread(target=_die_with_parent, daemon=True).start()
    # An exception, not an end: what runs is then stopped and cleared away while the book's lock is still held.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    if hasattr(os, "nice"):
        os.nice(5)  # the page in view comes first

    def tell(**line: Any) -> None:
        print(json.dumps(line, ensure_ascii=False), file=told, flush=True)

    project = Project(Path(root))
    if standing.told(project, "check"):
        tell(findings=[], complete=True)
        return
    from recount.book import at_work, check
    from recount.provisioner import Lent

    tell(waiting=True)
    with at_work(project):
        before = standing.begin(project)
        try:
            checked = check(project, tell=lambda line: tell(line=line), kernels=Lent(Path(socket)) if socket else None)
        except RecountError as error:
            tell(findings=[finding.as_dict() for finding in error.findings], complete=False)
            return
        if not checked.findings:
            standing.finish(project, before, kind="check", told={"counts": checked.counts, "runs": checked.ran + checked.fresh})
    tell(findings=[finding.as_dict() for finding in checked.findings], complete=True)


def _die_with_parent() -> None:
    """Nothing is ever said on the standard input; it closes when the server is gone."""
    while os.read(0, 4096):
        pass
    os._exit(1)
