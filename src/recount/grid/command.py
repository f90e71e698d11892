"""The sweep of a grid as the command line asks for it. Imported with every command: nothing heavy at its top."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import click

from recount.errors import EXIT_CHECK_FAILED, Finding

if TYPE_CHECKING:
    from recount.grid.sweep import Swept

OPTIONS = (
    click.option("--lang", metavar="zh,en", help="Languages; makes it a grid."),
    click.option("--set", "settings", metavar="NAME=VALUE,…", multiple=True, help="Values of an assumption that notebooks declare; "
                 "makes it a grid. May be repeated."),
    click.option("--book", "books", metavar="FOLDER|URL", multiple=True, help="A feature's book, by default the one you are in; "
                 "makes it a grid. May be repeated."),
    click.option("--out", metavar="FOLDER|URL", help="Where results go (a folder, s3://…, any URL of fsspec); by default "
                 "_build/grid. What is finished there is not run again."),
    click.option("--scheduler", metavar="ADDRESS", help="A Dask scheduler, tcp://HOST:8786, whose workers make the editions."),
    click.option("--sites", is_flag=True, help="Also each edition's pages, as drafts."),
)  # fmt: skip


def grid_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options of a grid."""
    for option in reversed(OPTIONS):
        command = option(command)
    return command


def is_grid(asked: dict[str, Any]) -> bool:
    """Whether any of these options was given: without them a sweep is that of the book's own verdicts."""
    return any(asked.values())


def sweep_of_grid(asked: dict[str, Any], *, period: str, edition: str, workers: int, machine: bool, tell: Callable[[str], None],
                  done: Callable[[bool], None], report: Callable[..., None]) -> None:
    """Make the grid that was asked for and tell what became of it. Exits with 1 where an edition failed."""
    from recount.grid.axes import read_langs
    from recount.grid.place import Folder, place_of
    from recount.grid.sweep import grid_of, place_to_write, sweep_grid
    from recount.project import Project

    books = [place_of(text) for text in asked["books"]] or [Folder(Project.find().root)]
    langs = read_langs(asked["lang"] or "zh")
    tell("sweep: reading the books")
    grid = grid_of(books, period=period, langs=langs, settings=asked["settings"], edition=edition, pages=asked["sites"])
    out = place_to_write(asked["out"] or str(Project.find().build / "grid"))
    made = sweep_grid(grid, out, workers=workers, scheduler=asked["scheduler"] or "", tell=tell)
    done(machine)
    if machine:
        click.echo(json.dumps(as_data(made), ensure_ascii=False))
    else:
        if made.findings:
            report(made.findings, machine=False)
        click.echo(as_text(made))
    if made.failures:
        raise SystemExit(EXIT_CHECK_FAILED)


def as_text(made: Swept) -> str:
    """Two lines: what became of the editions, and where the table is."""
    failed = f", {len(made.failures)} failed" if made.failures else ""
    return (f"{made.editions} editions: {made.there} finished before, {made.made} made{failed}; {made.ran} runs, {made.stood} times a run "
            f"stood for another edition; {made.seconds:.1f} s\n{made.rows} rows: {made.table}")


def as_data(made: Swept) -> dict[str, Any]:
    """The same for machines, with the findings."""
    findings: Iterable[Finding] = made.findings
    return {"editions": made.editions, "there": made.there, "made": made.made, "failed": sorted(made.failures), "ran": made.ran,
            "stood": made.stood, "rows": made.rows, "table": made.table, "findings": [finding.as_dict() for finding in findings]}
