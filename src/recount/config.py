"""The two files that Jupyter Book reads: `_config.yml` and `_toc.yml`, read once and named when they are at fault."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from recount.errors import BadInput, Finding
from recount.project import Project


def read_config(project: Project) -> dict[str, Any]:
    """The settings of the book, ``recount`` among them. Raises BadInput (``config.malformed``)."""
    config = _read(project.root / "_config.yml")
    if not isinstance(config, dict) or not isinstance(config.get("recount"), dict):
        raise _malformed("_config.yml", "settings with a part `recount`", "none")
    return config


def read_contents(project: Project) -> dict[str, Any]:
    """The table of contents. Raises BadInput (``config.malformed``)."""
    contents = _read(project.root / "_toc.yml")
    try:
        for part in contents.get("parts", ()):
            part["caption"], [chapter["file"] for chapter in part["chapters"]]
        return {**contents, "root": contents["root"]}
    except (AttributeError, KeyError, TypeError) as error:
        raise _malformed("_toc.yml", "root, and parts with caption and chapters, each a file", str(error)) from None


# An address that a reader can open: a letter or a page. Anything else in a link could run or mislead.
_CONTACT = re.compile(r"mailto:[^\s@<>\"'?]+@[^\s@<>\"'?]+\.[^\s@<>\"'?]+|https://[^\s/<>\"']+\.[^\s<>\"']+")


def contact_of(settings: Mapping[str, Any]) -> str:
    """Where a reader can write to, from `recount: contact:`; empty where none is set, or none that can be used."""
    given = settings["recount"].get("contact")
    return given if isinstance(given, str) and _CONTACT.fullmatch(given) else ""


def contact_findings(project: Project) -> list[Finding]:
    """An address for corrections that no reader could write to. None at all is allowed: the pages then say so."""
    settings = read_config(project)
    given = settings["recount"].get("contact")
    if given in (None, "") or contact_of(settings):
        return []
    return [Finding(code="config.contact", where="_config.yml recount.contact", found=repr(given)[:80],
                    expected="mailto:NAME@HOST or https://HOST/…, as the publisher of this copy has it",
                    done="the gate stays shut", next="correct the address, or leave it empty: the pages then say so")]


# A folder that pages lie in: scheme, host, perhaps a port and a path; no user, query, fragment, dots or escapes.
_ADDRESS = re.compile(r"https?://[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?(/[A-Za-z0-9._~-]+)*/?", re.IGNORECASE)


def address_of(settings: Mapping[str, Any]) -> str:
    """The address at which this copy is published, from `recount: address:`, with a slash at its end.

    Empty where none is set, or none that can be used: pages then name no address, for there is none to name.
    """
    given = settings["recount"].get("address")
    if not isinstance(given, str) or not _ADDRESS.fullmatch(given):
        return ""
    if any(step in (".", "..") for step in urlsplit(given).path.split("/")):
        return ""
    return given.rstrip("/") + "/"


def address_findings(project: Project) -> list[Finding]:
    """What machines would be told wrongly: an address that is none, and a switch that is neither on nor off."""
    settings = read_config(project)
    own = settings["recount"]
    found = []
    if own.get("address") not in (None, "") and not address_of(settings):
        found.append(Finding(code="config.address", where="_config.yml recount.address", found=repr(own["address"])[:80],
                             expected="https://HOST/… or http://HOST/…, absolute, without query or fragment",
                             done="the gate stays shut", next="correct the address, or leave it empty: pages then name none"))
    if own.get("claim_review") not in (None, True, False):
        found.append(Finding(code="config.claim-review", where="_config.yml recount.claim_review",
                             found=repr(own["claim_review"])[:80], expected="true or false", done="the gate stays shut",
                             next="leave it false unless the originals behind the verdicts have been read"))
    return found


def unlisted(project: Project, notebooks: Iterable[Path]) -> list[Finding]:
    """Notebooks that run and are judged, and that no reader would find."""
    listed = {chapter["file"] for part in read_contents(project).get("parts", ()) for chapter in part["chapters"]}
    return [Finding(code="contents.missing", where=project.short(path), notebook=path.stem, found="not listed",
                    expected="a place in _toc.yml", next=f"add `- file: notebooks/{path.stem}` to _toc.yml")
            for path in notebooks if f"notebooks/{path.stem}" not in listed]


def _read(path: Path) -> Any:
    try:
        return yaml.safe_load(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        found = "no such file" if isinstance(error, FileNotFoundError) else " ".join(str(error).split())
        raise _malformed(path.name, "a YAML file of the book", found) from None


def _malformed(name: str, expected: str, found: str) -> BadInput:
    return BadInput(Finding(code="config.malformed", where=name, expected=expected, found=found, done="nothing was built"))
