"""Pages as they are served: the printed page with the script that keeps it alive, under the policy that published pages have."""

from __future__ import annotations

import html
import json
from typing import Any

from recount.errors import Finding
from recount.serve.residents import Key
from recount.serve.words import WORDS
from recount.site.policy import policy_for

LIVE = "/_recount/"  # where the server's own files are; no page of a book begins so


def alive(page: str, *, key: Key, name: str, digest: str) -> str:
    """A printed page with the live script at the end of its head. The file on disk stays without."""
    head, end, body = page.partition("</head>")
    return f"{head}{_tags(key, name, digest)}{end}{body}"


def shell(key: Key, name: str, *, title: str, text: str, home: bool = False) -> str:
    """A page of our own in the place of one that is not there: it has the panel, and gives way when there is one."""
    words = WORDS[key.lang]
    lang = "zh-CN" if key.lang == "zh" else "en"
    link = f'<p><a href="/{key.lang}/{key.edition}/index.html">{words["home"]}</a></p>' if home else ""
    return (f'<!DOCTYPE html>\n<html lang="{lang}">\n<head><meta charset="utf-8">'
            f'<meta name="viewport" content="width=device-width, initial-scale=1"><title>{html.escape(title)}</title>'
            f'{_tags(key, name, "")}</head>\n<body class="recount-shell"><main><h1>{html.escape(title)}</h1>'
            f"<p>{html.escape(text)}</p>{link}</main></body></html>\n")  # fmt: skip


def policy(page: str) -> str:
    """The policy for a page as it is served, as a header; nobody may show it in a frame."""
    return f"{policy_for(page)}; frame-ancestors 'none'"


def told(findings: tuple[Finding, ...], *, key: Key, name: str, names: frozenset[str], busy: str, what: str, digest: str) -> dict[str, Any]:
    """What a page is told of the state of the work: what is being done, its own digest, every finding with its page."""
    listed = []
    for finding in findings:
        here = finding.notebook == name and finding.lang in ("", key.lang)
        lang = finding.lang or key.lang
        leads = finding.notebook in names
        anchor = f"#cell-{finding.cell}" if finding.cell and leads else ""
        listed.append({**finding.as_dict(), "here": here or not leads,
                       "page": f"/{lang}/{key.edition}/{finding.notebook}.html{anchor}" if leads else ""})  # fmt: skip
    listed.sort(key=lambda each: not each["here"])
    return {"busy": busy, "what": what, "digest": digest, "findings": listed}


def _tags(key: Key, name: str, digest: str) -> str:
    words = html.escape(json.dumps(dict(WORDS[key.lang]), ensure_ascii=False))
    return (f'<link rel="stylesheet" href="{LIVE}live.css"><script src="{LIVE}live.js" defer data-digest="{digest}" '
            f'data-page="{html.escape(f"{key.lang}/{key.edition}/{name}")}" data-words="{words}"></script>')  # fmt: skip
