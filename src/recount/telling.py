"""How an outcome and the progress towards it are told, to people and to machines."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable
from typing import Any

import click

from recount.errors import Finding


def report(findings: Iterable[Finding], *, machine: bool) -> None:
    """Print findings: text on stderr, or one JSON object on stdout."""
    found = list(findings)
    if machine:
        click.echo(json.dumps({"findings": [finding.as_dict() for finding in found]}, ensure_ascii=False, indent=1))
        return
    for finding in found:
        click.echo(f"{finding}\n", err=True)
    click.echo(f"{len(found)} finding{'s' if len(found) != 1 else ''}", err=True)


def teller(machine: bool) -> Any:
    """Progress: a line that renews itself on a terminal, plain lines without one, nothing for machines."""
    if machine:
        return lambda line: None
    if not sys.stderr.isatty():
        return lambda line: click.echo(line, err=True)

    def renew(line: str) -> None:
        width = os.get_terminal_size(sys.stderr.fileno()).columns
        click.echo(f"\r\x1b[2K{line[:width - 1]}", nl=False, err=True)

    return renew


def done_telling(machine: bool) -> None:
    if not machine and sys.stderr.isatty():
        click.echo("\r\x1b[2K", nl=False, err=True)
