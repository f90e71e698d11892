"""Rename an id everywhere: notebooks, pages, data and accepted ledgers, in one go or not at all."""

from __future__ import annotations

import re
from pathlib import Path

from recount.errors import Finding, WrongUse, did_you_mean
from recount.project import Project
from recount.whole import write_whole

_ID = re.compile(r"[a-z][a-z0-9]*\.[a-z0-9]+([_-][a-z0-9]+)*")


def rename_id(project: Project, old: str, new: str) -> dict[str, int]:
    """Replace an id by another in every file that uses it; the number of places by file.

    Raises WrongUse when the old id is nowhere, the new one is taken, or its form is not that of its kind (a
    claim's words are joined by hyphens, all others' by underscores).
    """
    files = _files(project)
    texts = {path: path.read_text("utf-8") for path in files}
    is_claim = any(line.startswith(f"{old},") for line in texts.get(project.data / "claims.csv", "").splitlines())
    if not _ID.fullmatch(new) or ("_" if is_claim else "-") in new:
        raise WrongUse(Finding(code="rename.bad-id", where=f"rename {old} {new}", found=new,
                               expected=f"section.name, words joined by {'hyphens' if is_claim else 'underscores'}"))
    if any(_places(text, new) for text in texts.values()):
        raise WrongUse(Finding(code="rename.taken", where=f"rename {old} {new}", expected="a new id",
                               found=f"{new} is in use"))
    counts = {path: len(_places(text, old)) for path, text in texts.items()}
    if not any(counts.values()):
        known = sorted({name for text in texts.values() for name in re.findall(_ID.pattern.replace("(", "(?:"), text)})
        raise WrongUse(Finding(code="rename.unknown", where=f"rename {old} {new}", expected="an id in use", found=old,
                               next=did_you_mean(old, known)))
    for path, count in counts.items():
        if count:
            write_whole(path, _pattern(old).sub(new, texts[path]))
    return {project.short(path): count for path, count in counts.items() if count}


def _files(project: Project) -> list[Path]:
    patterns = ((project.notebooks, "*.ipynb"), (project.book, "**/*.md"), (project.accepted, "*.json"),
                (project.data, "claims.csv"), (project.data, "claim_lists.csv"))
    return [path for folder, pattern in patterns for path in sorted(folder.glob(pattern))]


def _pattern(name: str) -> re.Pattern[str]:
    # As a whole: projects.two must not hit projects.two_batches.
    return re.compile(rf"(?<![A-Za-z0-9_.-]){re.escape(name)}(?![A-Za-z0-9_-])")


def _places(text: str, name: str) -> list[str]:
    return _pattern(name).findall(text)
