"""Ask every address outside the book whether it still answers, and report; never fails, since no address is ours.

    .venv/bin/python .ci/outside_links.py [REPORT.json]

Sources go stale by nature and many are mirrors: a dead one is news for whoever keeps the data, no reason to stop a
page. Prints a Markdown table, also to the summary of a GitHub job where there is one, and writes the same as JSON.
Run by `.github/workflows/links.yml` once a week, never by `make book` or `make test`.
"""

from __future__ import annotations

import csv
import json
import os
import re
import sys
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import httpx

ROOT = Path(__file__).resolve().parents[1]
SECONDS = 30
AT_ONCE = 8
# Some hosts answer nothing to a program that does not look like a browser; this one says what it is.
AGENT = {"User-Agent": "Mozilla/5.0 (compatible; recount-links/1; checks whether cited pages still exist)"}
# They refuse a program, not a reader: whether the page exists is not known.
REFUSED = (401, 403, 405, 412, 418, 429, 503)


def addresses(root: Path) -> dict[str, list[str]]:
    """Every outside address of the book with where it stands: sources by id, pages and licences by file."""
    found: dict[str, list[str]] = {}
    with (root / "data" / "sources.csv").open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            if row["url"]:
                found.setdefault(row["url"], []).append(row["source_id"])
    for path in (*sorted((root / "book").rglob("*.md")), *sorted((root / "notebooks").glob("*.ipynb")), root / "data" / "datapackage.json"):
        for url in re.findall(r"https?://[^\s)>\"'\\\]]+", path.read_text("utf-8")):
            found.setdefault(url.rstrip(".,;"), []).append(path.relative_to(root).as_posix())
    return found


def ask(url: str, client: httpx.Client) -> str:
    """What became of an address: ``ok``, ``moved to …``, ``refused …``, ``gone …`` or ``no answer: …``."""
    try:
        # A body is not needed, but HEAD is answered wrongly by too many.
        with client.stream("GET", url) as answer:
            code = answer.status_code
            if code in REFUSED:
                return f"refused {code}"
            if code >= 400:
                return f"gone {code}"
            moved = urlsplit(str(answer.url))._replace(scheme="") != urlsplit(url)._replace(scheme="")
            return f"moved to {answer.url}" if moved else "ok"
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        return f"no answer: {type(error).__name__}"


def ask_host(urls: Iterable[str]) -> dict[str, str]:
    """All addresses of one host, one after the other: a host is not to be hurried."""
    with httpx.Client(timeout=SECONDS, follow_redirects=True, headers=AGENT) as client:
        return {url: ask(url, client) for url in urls}


def check(found: dict[str, list[str]]) -> dict[str, str]:
    hosts: dict[str, list[str]] = {}
    for url in found:
        hosts.setdefault(urlsplit(url).hostname or "", []).append(url)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return {url: state for answers in pool.map(ask_host, hosts.values()) for url, state in answers.items()}


def report(found: dict[str, list[str]], states: dict[str, str]) -> str:
    """The table of what does not simply answer, worst first, under a line of sums."""
    sums = Counter(state.split()[0] for state in states.values())
    lines = [f"{len(states)} outside addresses: " + ", ".join(f"{count} {state}" for state, count in sums.most_common()), "",
             "| address | state | stands in |", "|---|---|---|"]
    order = ("gone", "no", "refused", "moved")
    for url, state in sorted(states.items(), key=lambda pair: (order.index(pair[1].split()[0]) if pair[1] != "ok" else 9, pair[0])):
        if state != "ok":
            lines.append(f"| {url} | {state} | {', '.join(dict.fromkeys(found[url]))} |")
    return "\n".join(lines) + "\n"


def main(target: Path | None) -> int:
    found = addresses(ROOT)
    states = check(found)
    said = report(found, states)
    print(said)
    if summary := os.environ.get("GITHUB_STEP_SUMMARY"):
        with open(summary, "a", encoding="utf-8") as file:
            file.write(said)
    if target:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(json.dumps({url: {"state": states[url], "in": found[url]} for url in sorted(states)}, ensure_ascii=False, indent=1) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else None))
