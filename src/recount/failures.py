"""Why a run failed, as findings that name notebook, cell and line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from nbformat import NotebookNode

from recount.errors import Finding
from recount.outputs import plain

WORDS = ("expected", "found", "done", "next")
HEAD = re.compile(r"\[([a-z0-9-]+(?:\.[a-z0-9-]+)+)\] (\S.*)")
FRAME = re.compile(r"Cell In\[(\d+)\], line (\d+)")


def explain(result: Mapping[str, str], notebook: NotebookNode | None, *, name: str, lang: str, log: str,
            kept: str) -> tuple[tuple[Finding, ...], str]:  # fmt: skip
    """What went wrong in a run, and the text to keep of it; nothing and "" for a run that went well.

    Any error output is a failure, whatever papermill made of it: a cell that calls ``sys.exit(0)`` ends the
    notebook early and counts as success there.
    """
    common = {"notebook": Path(name).stem, "lang": lang,
              "done": f"nothing was published; the traceback is in {kept}"}  # fmt: skip
    cell, error = _error(notebook)
    if cell is not None and error is not None:
        trace = plain("\n".join(error.traceback)) or f"{error.ename}: {error.evalue}"
        line = _line(trace, cell.execution_count)
        place = f"{name} cell {cell.id}" + (f" line {line}" if line else "")
        text = f"{place}\n\n{trace}\n"
        told = read_findings(plain(error.evalue))
        if told:  # the package said what is wrong: keep its words, and say where it was met
            return tuple(
                replace(finding, **{**common, "where": f"{place}: {finding.where}", "cell": cell.id})
                for finding in told
            ), text
        found = f"{error.ename}: {plain(error.evalue)}".strip().removesuffix(":")
        return (
            Finding(code="cell.failed", where=place, cell=cell.id, expected="a cell that runs",
                    found=_short(found), **common),
        ), text  # fmt: skip
    status, message, begun = result["status"], result["message"], result["cell"]
    if status == "done":
        return (), ""
    place = f"{name} cell {begun}" if begun else name
    text = f"{place}\n\n{message}\n\n{plain(log)}"
    if status == "timeout":
        finding = Finding(code="cell.timeout", where=place, cell=begun, expected=f"an end within {message}",
                          found="the cell was still running", **common)  # fmt: skip
    elif status in {"died", "failed"}:
        finding = Finding(code="kernel.died", where=place, cell=begun, expected="a kernel that lives",
                          found=_short(message), **common)  # fmt: skip
    else:
        last = message.strip().splitlines()[-1] if message.strip() else "no message"
        finding = Finding(code="kernel.failed", where=place, cell=begun, expected="a kernel that answers",
                          found=_short(last), **common)  # fmt: skip
    return (finding,), text


def read_findings(text: str) -> list[Finding]:
    """Read back what ``str`` made of a RecountError: its text is all that a kernel hands over.

    Empty for the text of any other error.
    """
    found: list[dict[str, str]] = []
    word = ""
    for line in text.splitlines():
        label = line[:12].strip()
        if head := HEAD.fullmatch(line):
            found.append({"code": head[1], "where": head[2]})
            word = "where"
        elif found and line[:2] == "  " and line[2:3] != " " and label in WORDS:
            word = label
            found[-1][word] = line[12:]
        elif found and word:
            # A further line of a text: indented below a word, as it came below the place.
            found[-1][word] += "\n" + (line[12:] if line[:12].isspace() else line)
        else:
            return []
    return [Finding(**fields) for fields in found]


def _error(notebook: NotebookNode | None) -> tuple[NotebookNode | None, NotebookNode | None]:
    for cell in notebook.cells if notebook else []:
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                return cell, output
    return None, None


def _line(trace: str, count: int | None) -> str:
    """The line of the failing cell itself, not of a function that it called from an earlier cell."""
    frames = FRAME.findall(trace)
    return next((line for number, line in frames if number == str(count)), frames[0][1] if frames else "")


def _short(text: str) -> str:
    return text if len(text) <= 600 else text[:600] + " …"
