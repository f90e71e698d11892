"""The command ``recount``: what each word does, and with which exit code it ends."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
import traceback
from typing import TYPE_CHECKING, Any

import click

import recount.lean  # noqa: F401
from recount import standing
from recount.errors import (
    EXIT_CHECK_FAILED,
    EXIT_DONE,
    EXIT_INTERNAL,
    EXIT_WRONG_USE,
    CheckFailed,
    Finding,
    RecountError,
)
from recount.grid.command import grid_options, is_grid, sweep_of_grid
from recount.project import Project
from recount.telling import done_telling, report, teller

if TYPE_CHECKING:
    from recount.book import Checked
    from recount.site.bindery import Bindery

# What the machine refuses, and not the book: a folder that may not be written, a disk that is full.
_REFUSED = frozenset({errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT})

as_json = click.option("--json", "machine", is_flag=True, help="Print JSON for machines instead of text.")


class Command(click.Group):
    """A group whose errors are findings, and whose exit codes are 0 done, 1 failed, 2 wrong use, 3 internal."""

    def invoke(self, ctx: click.Context) -> Any:
        machine = "--json" in sys.argv
        try:
            return super().invoke(ctx)
        except RecountError as error:
            done_telling(machine)
            report(error.findings, machine=machine)
            ctx.exit(error.exit_code)
        except click.UsageError as error:
            if not machine:
                raise
            where = error.ctx.command_path if error.ctx else "recount"
            report([Finding(code="use.command-line", where=where, found=error.format_message(), next=f"{where} --help")],
                   machine=True)
            ctx.exit(EXIT_WRONG_USE)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:
            done_telling(machine)
            if isinstance(error, OSError) and error.errno in _REFUSED:
                report([Finding(code="use.refused", where=str(error.filename or os.getcwd()), found=str(error.strerror),
                                expected="a place that recount may read and write")], machine=machine)
                ctx.exit(EXIT_WRONG_USE)
            what = "a fault of recount itself, not of the book; please report it"
            click.echo(f"[internal.error] {what}\n{traceback.format_exc()}", err=True)
            if machine:
                report([Finding(code="internal.error", where="recount", expected=what, found=repr(error))], machine=True)
            ctx.exit(EXIT_INTERNAL)


@click.group(cls=Command, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="recount")
def main() -> None:
    """Tell a newspaper feature again by counting it again."""


@main.command()
@click.option("--draft", is_flag=True, help="Only the draft: ungated and watermarked, with the gate's findings in place.")
@click.option("--pages", is_flag=True, help="Only the pages: PDF, EPUB and zip are neither made nor offered.")
@click.option("--workers", type=click.IntRange(min=1), default=2, show_default=True, help="Notebooks that run at once.")
@as_json
def build(draft: bool, pages: bool, workers: int, machine: bool) -> None:
    """Check everything, then build the site. A shut gate leaves the site as it was and builds the draft."""
    project = Project.find()
    if not (draft or pages) and (told := standing.told(project, "build")):
        index, fresh = project.short(project.site / "index.html"), f"{told['counts']}; 0 runs, {told['runs']} unchanged"
        if machine:
            click.echo(json.dumps({"index": index, "summary": fresh, "pages": told["pages"], "built": [], "reused": told["books"]},
                                  ensure_ascii=False))
        else:
            click.echo(f"{index}\nchecked: {fresh}; {told['pages']} pages stand as they were built")
        return
    from recount.book import at_work
    from recount.site.bindery import Bindery

    with at_work(project), Bindery() as bindery:
        _build(project, draft=draft, pages=pages, workers=workers, machine=machine, bindery=bindery)


def _build(project: Project, *, draft: bool, pages: bool, workers: int, machine: bool, bindery: Bindery) -> None:
    from recount.book import check as check_book
    from recount.site.build import build_site

    tell = teller(machine)
    before = standing.begin(project)
    # Where a notebook runs there will be pages to bind, be it those of a draft. Its imports fill the core that waits for
    # those of the template of kernels.
    checked = check_book(project, tell=tell, workers=workers, stale=bindery.start)
    if draft or checked.findings:
        tell("site: building the draft")
        made = build_site(project, checked.editions, checked.ledgers, checked.executed, draft=True,
                          findings=checked.findings, bindery=bindery)
        done_telling(machine)
        if checked.findings:
            report(checked.findings, machine=machine)
        if not machine:
            click.echo(f"draft, not published: {project.short(made.index)}", err=bool(checked.findings))
        raise SystemExit(EXIT_CHECK_FAILED if checked.findings and not draft else EXIT_DONE)
    tell("site: building")
    made = build_site(project, checked.editions, checked.ledgers, checked.executed, formats=not pages, bindery=bindery)
    standing.finish(project, before, kind="check", told=_kept(checked))
    # Where something was left out, by wish or for want of a browser, the next build tries again.
    if not pages and not made.notes:
        standing.finish(project, before, kind="build", told={**_kept(checked), "pages": made.pages,
                                                              "books": sorted([*made.built, *made.reused])})
    done_telling(machine)
    if machine:
        click.echo(json.dumps({"index": project.short(made.index), "summary": checked.summary, "pages": made.pages,
                               "built": made.built, "reused": made.reused, "notes": made.notes}, ensure_ascii=False))
    else:
        click.echo(project.short(made.index))
        for note in made.notes:
            click.echo(note, err=True)
        click.echo(f"checked: {checked.summary}; {made.pages} pages in {made.seconds:.1f} s")


@main.command()
@click.option("--workers", type=click.IntRange(min=1), default=2, show_default=True, help="Notebooks that run at once.")
@click.option("--sealed", is_flag=True, help="Then run each notebook once more, able to open only what the record of its run "
              "names: a proof that the records miss nothing. Needs Linux with Landlock.")
@as_json
def check(workers: int, sealed: bool, machine: bool) -> None:
    """Validate the data, execute what is stale, and hold everything against what was accepted."""
    project = Project.find()
    if sealed:
        from recount.sealed import prove, require

        require()
    if told := standing.told(project, "check"):
        findings, lines = (), {"summary": f"{told['counts']}; 0 runs, {told['runs']} unchanged"}
    else:
        findings, lines = _all_checked(project, machine=machine, workers=workers)
    if sealed:
        proved = prove(project, workers=workers, tell=teller(machine))
        done_telling(machine)
        findings, lines["sealed"] = (*findings, *proved.findings), proved.summary
    if findings:
        report(findings, machine=machine)
        raise SystemExit(EXIT_CHECK_FAILED)
    if machine:
        click.echo(json.dumps({"findings": [], **lines}, ensure_ascii=False))
    else:
        click.echo("\n".join(f"{'checked' if name == 'summary' else name}: {line}" for name, line in lines.items()))


def _all_checked(project: Project, *, machine: bool, workers: int) -> tuple[tuple[Finding, ...], dict[str, str]]:
    from recount.book import at_work

    with at_work(project):
        before = standing.begin(project)
        checked = _told(project, machine=machine, workers=workers)
        if not checked.findings:
            standing.finish(project, before, kind="check", told=_kept(checked))
    return checked.findings, {"summary": checked.summary}


def _kept(checked: Checked) -> dict[str, Any]:
    """What is told again when all stands as it is now."""
    return {"counts": checked.counts, "runs": checked.ran + checked.fresh}


def _checked(project: Project, *, machine: bool, workers: int = 2) -> Checked:
    from recount.book import at_work

    with at_work(project):
        return _told(project, machine=machine, workers=workers)


def _told(project: Project, *, machine: bool, workers: int = 2) -> Checked:
    """Check with progress told. The caller is at work on the book already."""
    from recount.book import check as check_book

    checked = check_book(project, tell=teller(machine), workers=workers)
    done_telling(machine)
    return checked


def _compared(checked: Checked) -> Checked:
    """The check, where there is something to compare: what a failed notebook left out is neither gone nor the same."""
    if checked.failures:
        raise CheckFailed(checked.failures)
    return checked


@main.command()
@click.argument("ids", nargs=-1)
@click.option("--undo", "back", is_flag=True, help="Take back the last accept.")
@as_json
def accept(ids: tuple[str, ...], back: bool, machine: bool) -> None:
    """Show what changed against the accepted ledgers, and accept it: everything, or only some IDS."""
    from recount import accepted
    from recount.book import at_work

    if back and ids:
        raise click.UsageError("--undo takes back the last accept whole: name no ids")
    project = Project.find()
    with at_work(project):
        if back:
            restored = accepted.undo(project)
            click.echo(json.dumps({"restored": restored}) if machine else f"restored: {', '.join(restored)}")
        else:
            _accept(project, ids, machine=machine)


def _accept(project: Project, ids: tuple[str, ...], *, machine: bool) -> None:
    from recount import accepted
    from recount.changes import as_text, wanted
    from recount.package import Package

    checked = _compared(_told(project, machine=machine))
    changes, questions = wanted(checked, ids)
    click.echo(as_text(changes, checked.affected, machine=machine))
    package = Package(project.data)
    current = {name: accepted.slim(ledger, package) for name, ledger in checked.ledgers.items()}
    if changes or questions:
        accepted.record(project, current if changes else {}, tuple(change.id for change in changes), questions)
    if not machine:
        click.echo(f"accepted: {len(changes)} changes, {len(questions)} warnings; take back: recount accept --undo")


@main.command()
@as_json
def diff(machine: bool) -> None:
    """Sentences, values and verdicts that changed against the accepted ledgers."""
    from recount.changes import as_text

    checked = _compared(_checked(Project.find(), machine=machine))
    click.echo(as_text(checked.changes, checked.affected, machine=machine))


@main.command()
@click.argument("id")
@click.option("--edition", default="since", show_default=True, help="The edition to explain it in.")
@click.option("--lang", type=click.Choice(["zh", "en"]), default="en", show_default=True, help="The language.")
@as_json
def explain(id: str, edition: str, lang: str, machine: bool) -> None:
    """What stands behind a value, claim, predicate, row or source: formula, rows, sources, verdict and why."""
    from recount.explain import explained, in_words

    entry = explained(Project.find(), id, edition=edition)
    click.echo(json.dumps(entry, ensure_ascii=False, indent=1) if machine else in_words(entry, lang))


@main.command()
@click.argument("old")
@click.argument("new")
def rename(old: str, new: str) -> None:
    """Rename an id of a value, predicate, chart or claim everywhere it is used."""
    from recount.book import at_work
    from recount.rename import rename_id

    project = Project.find()
    with at_work(project):
        counts = rename_id(project, old, new)
    for name, count in counts.items():
        click.echo(f"{name}: {count}")


@main.command()
@click.option("--as-of", "period", metavar="FROM..TO", default="..", help="Days or months, 2022-03..2022-12; from the day of "
              "print to the edition's day where a side is left out.")
@click.option("--edition", default="since", show_default=True, help="The edition that lends its assumptions and its day.")
@click.option("--workers", type=click.IntRange(min=1), default=2, show_default=True, help="Notebooks that run at once.")
@grid_options
@as_json
def sweep(period: str, edition: str, workers: int, machine: bool, **asked: Any) -> None:
    """Judge every claim as of each month; a notebook runs only where a month changes what it asks of the data.

    With any of --lang, --set, --book, --out, --scheduler, --sites: make a grid of editions, here or on many machines,
    into one Parquet table. What is finished is never run again.
    """
    if is_grid(asked):
        sweep_of_grid(asked, period=period, edition=edition, workers=workers, machine=machine, tell=teller(machine),
                      done=done_telling, report=report)
        return
    from recount.book import at_work
    from recount.editions import edition_named, read_editions
    from recount.fonts import prepare
    from recount.sweep import as_text, days_of
    from recount.sweep import sweep as swept

    project = Project.find()
    chosen = edition_named(read_editions(project.book / "editions.toml"), edition)
    with at_work(project):
        prepare(project)
        made = swept(project, chosen, days=days_of(project, chosen, period), workers=workers, tell=teller(machine))
    done_telling(machine)
    if machine:
        click.echo(json.dumps({"edition": made.edition, "days": made.days, "rows": made.rows, "ran": made.ran, "stood": made.stood},
                              ensure_ascii=False))
    else:
        click.echo(as_text(made))
        click.echo(f"{made.ran} runs, {made.stood} times a run stood for another day; {project.short(made.csv)}")


@main.command()
@click.option("--port", type=click.IntRange(0, 65535), default=8622, show_default=True, help="The port; 0 takes a free one.")
@click.option("--edition", default="since", show_default=True, help="The edition to open.")
@click.option("--lang", type=click.Choice(["zh", "en"]), default="zh", show_default=True, help="The language to open.")
@click.option("--open/--no-open", "opens", default=True, help="Open the browser at the draft.")
@click.option("--edit", "edits", is_flag=True, help="Open JupyterLab beside it.")
def serve(port: int, edition: str, lang: str, opens: bool, edits: bool) -> None:
    """Serve a live draft to this machine: what an editor saves is on the page, run where it is stale, with its findings."""
    from recount.serve.command import serve_draft

    serve_draft(Project.find(), port=port, edition=edition, lang=lang, opens=opens, edits=edits)


@main.command()
@click.argument("notebook", required=False)
def edit(notebook: str | None) -> None:
    """Open JupyterLab on the notebooks."""
    from recount.serve.lab import lab_command

    project = Project.find()
    raise SystemExit(subprocess.call(lab_command(project, notebook), cwd=project.root))


if __name__ == "__main__":
    main()
