"""The outputs of a run, without what differs from run to run: times, paths, counters, addresses."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path

import nbformat
from nbformat import NotebookNode

ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")
INJECTED = "injected-parameters"


def normalise(notebook: NotebookNode, folders: Sequence[Path]) -> NotebookNode:
    """A copy that is the same bytes for every run of the same notebook on the same data.

    Keeps the notebook's own cells in order with their ids, sources and tags; drops what papermill and the
    kernel added. Paths under ``folders`` become relative (the first that fits, so name the innermost first).
    Text on stderr is kept: the gate fails on it.
    """
    forms = [str(form) for folder in folders for form in dict.fromkeys((folder, folder.resolve()))]
    # /book, but not /bookshop. What is looked for is nearly never there, and found absent faster without a pattern.
    paths = [(form, re.compile(re.escape(form) + r"(?![\w-])")) for form in forms]
    made = nbformat.from_dict({**notebook, "metadata": {}, "cells": []})
    made.metadata = nbformat.from_dict(
        {
            "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
            "language_info": {"name": "python"},
        }
    )
    for cell in notebook.cells:
        tags = list(cell.metadata.get("tags", []))
        if INJECTED in tags:
            continue
        kept = nbformat.from_dict({**cell, "metadata": {"tags": tags} if tags else {}})
        if cell.cell_type == "code":
            kept.execution_count = None
            kept.outputs = [_output(output, paths) for output in _joined(cell.outputs)]
        made.cells.append(kept)
    return made


def written(notebook: NotebookNode) -> str:
    """A notebook as JSON for a program to read: in one line, which json's own C code writes, ten times as fast as
    the lines that nbformat makes for people."""
    return json.dumps(notebook, ensure_ascii=False, sort_keys=True)


def plain(text: str) -> str:
    """Text as a log keeps it: no colours."""
    return ANSI.sub("", text)


def _joined(outputs: Sequence[NotebookNode]) -> list[NotebookNode]:
    """Outputs with neighbouring chunks of one stream joined: where they break is a matter of milliseconds."""
    joined: list[NotebookNode] = []
    for output in outputs:
        last = joined[-1] if joined else None
        if last and output.output_type == last.output_type == "stream" and output.name == last.name:
            joined[-1] = nbformat.from_dict({**last, "text": last.text + output.text})
        else:
            joined.append(output)
    return joined


def _output(output: NotebookNode, paths: list[tuple[str, re.Pattern[str]]]) -> NotebookNode:
    clean = _clean(dict(output), paths)
    if "execution_count" in clean:
        clean["execution_count"] = None
    return nbformat.from_dict(clean)


def _clean(data: object, paths: list[tuple[str, re.Pattern[str]]]) -> object:
    if isinstance(data, dict):
        return {key: _clean(item, paths) for key, item in data.items()}
    if isinstance(data, list):
        return [_clean(item, paths) for item in data]
    if isinstance(data, str):
        for form, path in paths:
            if form in data:
                data = path.sub(".", data)
        data = ANSI.sub("", data) if "\x1b" in data else data
        return ADDRESS.sub("", data) if " at 0x" in data else data
    return data
