"""The proof on the real book: its runs end the same where they can open nothing but what their records name."""

from __future__ import annotations

import sys
from dataclasses import replace

import pytest

from recount import runner
from recount.book import at_work, jobs_of
from recount.editions import read_editions
from recount.freshness import Store
from recount.runner import kept_of
from recount.sealed import run_sealed

pytestmark = [pytest.mark.slow,
              pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Landlock is part of Linux")]  # fmt: skip


@pytest.fixture
def jobs(built):
    """One edition in one language; `recount check --sealed` seals all."""
    editions = read_editions(built.book / "editions.toml")
    return [job for job in jobs_of(built, [editions["print"]], built.notebook_paths()) if job.lang == "zh"]


def test_the_records_of_the_real_book_miss_nothing(built, jobs):
    with at_work(built):
        made = run_sealed(built, jobs)
    assert [str(finding) for finding in made.findings] == []
    assert (made.ran, dict(made.left)) == (9, {})


def test_a_record_that_missed_one_table_of_the_real_book_would_be_found(built, jobs, monkeypatch):
    (job,) = [job for job in jobs if job.stem == "06_projects"]
    plan, forgotten = runner._seal, []

    def without(*given):
        told = plan(*given)
        return {**told, "files": [name for name in told["files"] if name != "data/ceremonies.csv"]}

    monkeypatch.setattr(runner, "_seal", without)
    monkeypatch.setattr(Store, "forget", lambda store: forgotten.append(store.folder.name))
    with at_work(built):
        (finding,) = run_sealed(built, [job]).findings
    assert (finding.code, finding.found) == ("sealed.denied", "it opens data/ceremonies.csv")
    assert forgotten == ["06_projects"]
    kept_of(built, replace(job, sealed=True)).unlink()
