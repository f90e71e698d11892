"""Records: what a Desk call leaves in the notebook, as plain data beside something a person can read."""

from __future__ import annotations

import html
from typing import Any

MIME = "application/vnd.recount.v1+json"


def show(record: dict[str, Any], lang: str, *, svg: str = "") -> None:
    """Display a record in the running notebook.

    The data travels under its own MIME type; the HTML beside it is the receipt an editor sees in JupyterLab
    and never reaches the book. Outside a kernel nothing is displayed.
    """
    try:
        from IPython import get_ipython
        from IPython.display import display
    except ImportError:
        return
    if get_ipython() is None:
        return
    display({MIME: record, "text/plain": _plain(record, lang), "text/html": _html(record, lang, svg)}, raw=True)


def records_of(output: dict[str, Any]) -> dict[str, Any] | None:
    """The record in one notebook output, or None."""
    return output.get("data", {}).get(MIME)


def is_echo(output: dict[str, Any]) -> bool:
    """Whether an output is only what a console echoes (``True``): no part of a page."""
    return output["output_type"] == "execute_result" and set(output["data"]) <= {"text/plain"}


def _plain(record: dict[str, Any], lang: str) -> str:
    match record["record"]:
        case "value":
            return f"{record['id']} = {record['shown'][lang]['full']}  ({record['formula'][lang]})"
        case "predicate":
            return f"{record['id']}: {record['left']} {record['op']} {record['right']} is {record['holds']}"
        case "judgement":
            return f"{record['claim']} set beside {record['by']} ({record['bearing']}, {record['aspect']})"
        case kind:
            return f"{kind} {record['id']}"


def _html(record: dict[str, Any], lang: str, svg: str) -> str:
    if record["record"] == "chart":
        return f"<figure>{svg}<figcaption>{html.escape(record['title'])}</figcaption></figure>"
    return f"<pre style='margin:0;font-size:90%'>{html.escape(_plain(record, lang))}</pre>"
