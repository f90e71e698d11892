"""The pages of a swept edition: a draft in one language, beside the results.

Accepted ledgers are of the book's own editions, so nothing here has passed the gate: the pages carry the watermark
of a draft, and their title says that the edition is not accepted. They are laid down before the result is, so that
an edition is finished only when its pages are there, too.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from recount.grid.judging import Bench, raise_failures
from recount.grid.place import Place
from recount.grid.wanted import Wanted
from recount.ledger import collect, make_ledger
from recount.ledger_file import judged_path, write_json
from recount.parameters import declared_names, read_notebook
from recount.runner import Job
from recount.site.build import build_draft
from recount.sweep import sweep
from recount.waves import calls


def publish(bench: Bench, wanted: Wanted, place: Place) -> str:
    """Build the pages of an edition that was just made and lay them into the place; where in it they lie.

    Raises CheckFailed where a notebook of the second wave fails or Jupyter Book makes no pages.
    """
    project, edition = bench.project, bench.edition(wanted)
    executed: dict[str, Any] = {chapter.stem: chapter.notebook(wanted) for chapter in bench.chapters}
    data = replace(bench.evidence, as_of=date.fromisoformat(wanted.as_of))

    def ledger() -> dict[str, Any]:
        records, _ = collect({stem: {wanted.lang: executed[stem]} for stem in sorted(executed)})
        return make_ledger(records, edition=edition, claims=bench.claims, data=data)

    try:
        if bench.second:
            write_json(judged_path(project, edition.name), ledger())
            if any(calls(path, "sweep") for path in bench.second):
                sweep(project, edition, workers=1, kernels=bench.kernels)
            outcomes = bench.run([_job(bench, path, wanted, edition.name) for path in bench.second])
            raise_failures(outcomes)
            executed |= {outcome.job.stem: outcome.notebook for outcome in outcomes}
        pages = build_draft(project, edition=edition, lang=wanted.lang, ledger=ledger(), executed=executed, bindery=bench.bindery)
        return _laid(pages, wanted, place)
    finally:  # a worker grows no larger, however many editions it makes
        for folder in (project.build / "draft-html", project.build / "draft-book", project.runs / edition.name):
            shutil.rmtree(folder, ignore_errors=True)
        judged_path(project, edition.name).unlink(missing_ok=True)


def folder_of(wanted: Wanted) -> str:
    """Where the pages of an edition lie: by book, day and language, and where it assumes something by a digest of that."""
    assumed = json.dumps(dict(wanted.assumptions), ensure_ascii=False, sort_keys=True)
    mark = f"-{hashlib.sha256(assumed.encode('utf-8')).hexdigest()[:8]}" if wanted.assumptions else ""
    return f"sites/{wanted.book}/{wanted.as_of}/{wanted.lang}{mark}"


def _job(bench: Bench, path: Path, wanted: Wanted, name: str) -> Job:
    names = declared_names(read_notebook(path, name=bench.project.short(path)))
    extra = {key: value for key, value in wanted.assumptions.items() if key in names}
    return Job(notebook=path, edition=name, lang=wanted.lang, parameters={"as_of": wanted.as_of, "lang": wanted.lang, **extra})


def _laid(pages: Path, wanted: Wanted, place: Place) -> str:
    where = folder_of(wanted)
    # The front page last: who finds it finds the others.
    files = sorted((path for path in pages.rglob("*") if path.is_file()), key=lambda path: (path == pages / "index.html", path))
    for path in files:
        place.take(f"{where}/{path.relative_to(pages).as_posix()}", path)
    return where
