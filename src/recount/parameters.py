"""The parameters of a notebook, and whether a notebook is one at all: asked before anything runs.

papermill accepts a misspelt parameter with a warning and runs the chapter with its default. So the first cell
declares each parameter with its type, and what is passed must match.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from recount.errors import BadInput, Finding, did_you_mean

TYPES: dict[str, type | None] = {
    "str": str, "int": int, "float": float, "bool": bool, "list": list, "dict": dict, "None": None,
}  # fmt: skip
CONFLICT = ("<<<<<<< ", ">>>>>>> ")


@dataclass(frozen=True)
class Parameter:
    """One name that the parameters cell assigns, with its type as written there."""

    name: str
    annotation: str

    def accepts(self, value: object) -> bool:
        """Whether a value has the declared type. An int will do for a float; a bool is no number."""
        for word in self.annotation.split("|"):
            word = word.strip().split("[")[0]
            wanted = TYPES.get(word)
            if word == "None" and value is None:
                return True
            if wanted is bool or isinstance(value, bool):
                if wanted is bool and isinstance(value, bool):
                    return True
            elif wanted and isinstance(value, (int, float) if wanted is float else wanted):
                return True
        return False


def read_notebook(path: Path, *, name: str = "") -> NotebookNode:
    """Read a notebook that can be run.

    Raises BadInput with ``notebook.missing``, ``notebook.malformed``, ``notebook.merge-conflict``,
    ``notebook.no-parameters`` or ``parameter.untyped``, each with its line or cell.
    """
    notebook, findings = _read(path, name or _name(path))
    if findings:
        raise BadInput(findings)
    assert notebook is not None
    return notebook


def check_notebook(path: Path, *, name: str = "") -> list[Finding]:
    """What is wrong with a notebook as a file; empty when it can be run."""
    return _read(path, name or _name(path))[1]


def check_parameters(notebook: NotebookNode, values: Mapping[str, object], *, name: str) -> list[Finding]:
    """What is wrong with the values that are to be passed to a notebook's parameters cell."""
    declared, findings = _declared(notebook, name)
    for key, value in values.items():
        if key not in declared:
            findings.append(
                Finding(code="parameter.unknown", where=f"{name} parameter {key}", notebook=_stem(name),
                        expected=", ".join(declared) or "no parameter at all", found=key,
                        done="nothing was run", next=did_you_mean(key, list(declared))))  # fmt: skip
        elif not declared[key].accepts(value):
            findings.append(
                Finding(code="parameter.wrong-type", where=f"{name} parameter {key}", notebook=_stem(name),
                        expected=declared[key].annotation, found=f"{value!r} ({type(value).__name__})",
                        done="nothing was run"))  # fmt: skip
    return findings


def declared_names(notebook: NotebookNode) -> frozenset[str]:
    """The names that a notebook's parameters cell declares; none where the cell is not in order."""
    return frozenset(declared_parameters(notebook))


def declared_parameters(notebook: NotebookNode) -> dict[str, Parameter]:
    """What a notebook's parameters cell declares, by name; nothing where the cell is not in order."""
    return _declared(notebook, "")[0]


def _name(path: Path) -> str:
    return f"{path.parent.name}/{path.name}" if path.parent.name else path.name


def _stem(name: str) -> str:
    return Path(name).stem


def _read(path: Path, name: str) -> tuple[NotebookNode | None, list[Finding]]:
    def bad(where: str, found: str, *, code: str = "notebook.malformed",
            expected: str = "a Jupyter notebook, format 4.5, UTF-8", then: str = "") -> Finding:  # fmt: skip
        return Finding(code=code, where=where, expected=expected, found=found, done="nothing was run",
                       next=then, notebook=_stem(name))  # fmt: skip

    try:
        text = path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        return None, [bad(name, "no such file", code="notebook.missing")]
    except IsADirectoryError:
        return None, [bad(name, "a folder")]
    except UnicodeDecodeError as error:
        return None, [bad(f"{name} byte {error.start}", "not UTF-8")]
    for number, line in enumerate(text.splitlines(), 1):
        # The marker stands at the line's start where git wrote it, inside quotes where an editor saved it.
        if line.lstrip(' "').startswith(CONFLICT):
            return None, [bad(f"{name} line {number}", line.strip()[:60], code="notebook.merge-conflict",
                              expected="no merge-conflict marker",
                              then="keep one side and delete the marker lines, "
                                   "or git checkout --ours|--theirs")]  # fmt: skip
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        return None, [bad(f"{name} line {error.lineno}", f"not JSON: {error.msg}")]
    if not isinstance(data, dict) or not isinstance(data.get("cells"), list):
        return None, [bad(name, "JSON without a list of cells")]
    version = (data.get("nbformat"), data.get("nbformat_minor"))
    if version[0] != 4 or not isinstance(version[1], int) or version[1] < 5:
        return None, [bad(name, f"format {version[0]}.{version[1]}",
                          then="open and save it in JupyterLab (recount edit)")]  # fmt: skip
    ids = [cell.get("id") for cell in data["cells"] if isinstance(cell, dict)]
    if twice := sorted({str(key) for key in ids if ids.count(key) > 1}):
        return None, [bad(f"{name} cell {twice[0]}", "two cells of this id", expected="cell ids used once")]
    if wrong := _wrong(text):
        return None, [bad(name, wrong)]
    notebook = nbformat.v4.reads(text)
    return notebook, _declared(notebook, name)[1]


@lru_cache(maxsize=64)
def _wrong(text: str) -> str:
    """What nbformat says against a notebook's text; a check reads each some ten times, and the schema takes longest."""
    try:
        nbformat.validate(nbformat.v4.reads(text))
    except Exception as error:  # nbformat's, jsonschema's, KeyError: all the same here
        return str(error).strip().splitlines()[0][:200]
    return ""


def _declared(notebook: NotebookNode, name: str) -> tuple[dict[str, Parameter], list[Finding]]:
    """The parameters that a notebook declares, and what is wrong with the declaration."""
    cells = [cell for cell in notebook.cells
             if cell.cell_type == "code" and "parameters" in cell.metadata.get("tags", [])]  # fmt: skip
    if len(cells) != 1:
        return {}, [
            Finding(code="notebook.no-parameters", where=name, notebook=_stem(name),
                    expected="one code cell tagged parameters", found=f"{len(cells) or 'none'}",
                    done="nothing was run",
                    next="tag the first code cell (JupyterLab: property inspector, cell tags)")]  # fmt: skip
    cell = cells[0]
    place = f"{name} cell {cell.id}"
    try:
        body = ast.parse(cell.source).body
    except SyntaxError as error:
        return {}, [
            Finding(code="notebook.malformed", where=f"{place} line {error.lineno}", notebook=_stem(name),
                    cell=cell.id, expected="Python", found=error.msg, done="nothing was run")]  # fmt: skip
    declared: dict[str, Parameter] = {}
    findings = []
    for line in body:
        if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name):
            parameter = Parameter(line.target.id, ast.unparse(line.annotation).strip("'\""))
            declared[parameter.name] = parameter
            words = [word.strip().split("[")[0] for word in parameter.annotation.split("|")]
            unknown = [word for word in words if word not in TYPES]
            expected, found = f"one of {', '.join(TYPES)}, joined by |", ", ".join(unknown)
            if not unknown:
                try:
                    default = ast.literal_eval(line.value) if line.value is not None else ...
                except ValueError:  # an expression: its type shows when it runs
                    continue
                if default is ... or not parameter.accepts(default):
                    unknown, expected = ["default"], f"a default of type {parameter.annotation}"
                    found = "none" if default is ... else repr(default)
            if unknown:
                findings.append(
                    Finding(code="parameter.wrong-type", where=f"{place} line {line.lineno}", cell=cell.id,
                            notebook=_stem(name), expected=expected, found=found,
                            done="nothing was run"))  # fmt: skip
        elif isinstance(line, ast.Assign):
            findings.append(
                Finding(code="parameter.untyped", where=f"{place} line {line.lineno}", cell=cell.id,
                        notebook=_stem(name), expected='a type, as in  lang: str = "zh"',
                        found=ast.unparse(line)[:80], done="nothing was run"))  # fmt: skip
    return declared, findings
