"""The resident: a process that keeps one book, one edition in one language, and prints its pages when asked.

A process of its own, because Sphinx and docutils keep their state for the whole process, and because it may be
ended at any moment. It is told what to do by lines of JSON on its standard input and answers with one line each;
when that input closes, whoever started it is gone, and it goes too. While nobody asks, it reads the pages that
changed and are not in view.
"""

from __future__ import annotations

import recount.lean  # noqa: F401

# isort: split
import hashlib
import json
import os
import queue
import sys
import threading
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from recount.errors import Finding, RecountError
from recount.project import Project
from recount.serve.draft import Draft, Failed
from recount.serve.press import Press
from recount.site.build import Book, read_warnings

IDLE = 0.4  # seconds without a request after which it reads on by itself


class Resident:
    """One book, kept. ``answer`` never raises: what goes wrong with a page is a finding."""

    def __init__(self, project: Project, *, edition: str, lang: str) -> None:
        self.draft = Draft(project, edition=edition, lang=lang)
        self.book = Book(edition, lang, self.draft.source, self.draft.folder / "html", draft=True)
        self.press: Press | None = None
        self._unsaved = False
        self.findings: tuple[Finding, ...] = ()

    def answer(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Do what one request asks: ``refresh`` brings everything up to what is on disk, ``page`` prints from what is known.

        The answer has ``findings``, and under ``pages`` a digest for each page that was asked for and is there.
        """
        problems: list[Finding] = []
        try:
            if request["do"] == "refresh":
                failed = {stem: Failed(executed=Path(each["executed"]) if each["executed"] else None,
                                       findings=tuple(Finding(**one) for one in each["findings"]))
                          for stem, each in request["failed"].items()}  # fmt: skip
                self.findings = self.draft.refresh(failed=failed, checked=[Finding(**one) for one in request["checked"]])
                self._open()
        except RecountError as error:
            problems += error.findings
        except Exception as error:
            problems.append(self._fault("the book", error))
        printed = {}
        for name in request["pages"]:
            digest = self._printed(name, problems)
            if digest:
                printed[name] = digest
        warned = [finding for lines in (self.press.warned.values() if self.press else ())
                  for finding in read_warnings("\n".join(lines), self.book)]  # fmt: skip
        every = dict.fromkeys([*problems, *self.findings, *warned])
        return {"findings": [finding.as_dict() for finding in every], "pages": printed,
                "names": sorted(self.press.names) if self.press else []}  # fmt: skip

    def read_on(self) -> bool:
        """Read one page that changed; whether there was one."""
        if self.press is None:
            return False
        try:
            if self.press.read_one():
                self._unsaved = True
                return True
            if self._unsaved:
                self.press.save()
                self._unsaved = False
            return False
        except Exception:  # it will be said when the page is asked for
            traceback.print_exc()
            return False

    def _open(self) -> None:
        """Start Sphinx, or start it again where settings have changed that it reads once."""
        if self.press is not None and self.press.outdated:
            self.press.__exit__()
            self.press = None
        if self.press is None:
            self.press = Press(self.draft.source, self.book.output, lang=self.draft.lang).__enter__()
        self.press.retitle()

    def _printed(self, name: str, problems: list[Finding]) -> str:
        if self.press is None:
            return ""
        try:
            return hashlib.sha256(self.press.print_page(name).read_bytes()).hexdigest()[:16]
        except KeyError:
            if name in self.press.names:
                raise
            return ""
        except Exception as error:
            problems.append(self._fault(name, error))
            return ""

    def _fault(self, what: str, error: Exception) -> Finding:
        traceback.print_exc()
        return Finding(code="serve.page-failed", where=f"{what} ({self.book.name})", expected="a page that can be made",
                       found=f"{type(error).__name__}: {error}"[:600], done="nothing new is shown",
                       next="mend what was saved last; recount build --draft says more", notebook=what)  # fmt: skip


def main() -> None:
    """Serve requests until the standard input closes. Arguments: the book's folder, edition, language."""
    root, edition, lang = sys.argv[1:4]
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever a library prints is no answer
    requests: queue.Queue[dict[str, Any]] = queue.Queue()
    threading.Thread(target=_listen, args=(requests,), daemon=True).start()
    resident = Resident(Project(Path(root)), edition=edition, lang=lang)
    idle = False
    while True:
        try:
            request = requests.get(timeout=None if idle else IDLE)
        except queue.Empty:
            while requests.empty() and resident.read_on():
                pass
            idle = requests.empty()
            continue
        idle = False
        print(json.dumps({"id": request["id"], **resident.answer(request)}, ensure_ascii=False), file=answers, flush=True)


def _listen(requests: queue.Queue[dict[str, Any]]) -> None:
    for line in sys.stdin:
        requests.put(json.loads(line))
    os._exit(0)
