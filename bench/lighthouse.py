"""Lighthouse, as on a mid-range phone with a slow line, over a server that compresses: the table of a book's pages.

    .venv/bin/python bench/lighthouse.py            the front page and the heaviest chapter of the front edition
    .venv/bin/python bench/lighthouse.py zh/since/03_holiday.html …

Needs a built site (`make book`), Chromium, Node and npm; Lighthouse itself is put under ``_build/bench`` on first
use, as ``bench/lighthouse_npm/package-lock.json`` has it. Prints one table and writes ``_build/bench/lighthouse.json``.
Each page is measured `RUNS` times and the run with the median performance counts, since the score moves by a few
points with whatever else the machine does. Exit code 1 where a score is below its aim.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache, partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from recount import browser
from recount.config import read_config
from recount.project import Project

ROOT = Path(__file__).resolve().parents[1]
LOCKED = ROOT / "bench" / "lighthouse_npm"
BENCH = ROOT / "_build" / "bench"
AIMS = {"performance": 95, "accessibility": 100, "best-practices": 100, "seo": 100}
RUNS = 3


@lru_cache(maxsize=256)
def _compressed(path: str, mtime: int) -> bytes:
    return gzip.compress(Path(path).read_bytes(), 6)


class Compressing(SimpleHTTPRequestHandler):
    """Files of a folder, with text compressed and a day in the cache, as hosts of static sites serve them."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *args: object) -> None:
        pass

    def do_GET(self) -> None:
        path = Path(self.translate_path(self.path))
        path = path / "index.html" if path.is_dir() else path
        if not path.is_file():
            self.send_error(404)
            return
        kind = self.guess_type(str(path))
        text = kind.startswith("text/") or kind in ("application/json", "image/svg+xml", "application/javascript")
        body = _compressed(str(path), path.stat().st_mtime_ns) if text else path.read_bytes()
        self.send_response(200)
        self.send_header("Content-Type", f"{kind}; charset=utf-8" if kind.startswith("text/") else kind)
        self.send_header("Cache-Control", "max-age=86400")
        self.send_header("Content-Length", str(len(body)))
        if text:
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def served(site: Path) -> Iterator[str]:
    """The address of a site while it is served."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Compressing, directory=str(site)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()


def heaviest(site: Path, edition: str) -> str:
    """The chapter whose page is the longest when compressed, in either language."""
    chapters = [path for lang in ("zh", "en") for path in (site / lang / edition).glob("[0-9][0-9]_*.html")]
    longest = max(chapters, key=lambda path: (len(gzip.compress(path.read_bytes(), 6)), path.as_posix()))
    return longest.relative_to(site).as_posix()


def installed() -> Path:
    """Lighthouse's command, installed as locked if it is not there yet."""
    place = BENCH / f"lighthouse-{hashlib.sha256((LOCKED / 'package-lock.json').read_bytes()).hexdigest()[:12]}"
    if not (place / "done").is_file():
        print("installing Lighthouse (some 110 MB, once)", file=sys.stderr)
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(LOCKED, place)
        subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=place, check=True, stdout=sys.stderr)
        (place / "done").touch()
    return place / "node_modules" / "lighthouse" / "cli" / "index.js"


def measure(command: Path, url: str, *, chromium: Path, fonts: Path) -> dict:
    """One run of Lighthouse, as its report."""
    options = browser.launch_options(browser.BrowserPath(chromium, "path"), fonts=fonts)
    flags = " ".join(["--headless=new", *options["args"]])  # type: ignore[misc]
    environment = {**options["env"], "CHROME_PATH": str(chromium)}  # type: ignore[dict-item]
    done = subprocess.run(
        ["node", str(command), url, "--output=json", "--output-path=stdout", "--quiet", "--form-factor=mobile",
         f"--only-categories={','.join(AIMS)}", f"--chrome-flags={flags}"],
        capture_output=True, text=True, encoding="utf-8", env=environment, check=False)
    if done.returncode:
        raise SystemExit(f"Lighthouse failed at {url}:\n{done.stderr[-2000:]}")
    return json.loads(done.stdout)


def main(wanted: list[str]) -> int:
    project = Project(ROOT)
    front = read_config(project)["recount"].get("front") or "since"
    pages = wanted or [f"zh/{front}/index.html", heaviest(project.site, front)]
    found = browser.find()
    if found is None:
        raise SystemExit("no Chromium found: .venv/bin/python -m recount.browser --install")
    fonts = next(path for path in project.fonts.iterdir() if path.is_dir())
    command, measured, missed = installed(), [], False
    with served(project.site) as address:
        for page in pages:
            runs = [measure(command, address + page, chromium=found.path, fonts=fonts) for _ in range(RUNS)]
            report = sorted(runs, key=lambda run: run["categories"]["performance"]["score"])[RUNS // 2]
            scores = {name: round(100 * report["categories"][name]["score"]) for name in AIMS}
            failing = sorted({ref["id"] for name in AIMS for ref in report["categories"][name]["auditRefs"] if ref["weight"]
                              and (report["audits"][ref["id"]].get("score") or 0) < 0.9
                              and report["audits"][ref["id"]]["scoreDisplayMode"] not in ("notApplicable", "manual", "informative")})
            audits = report["audits"]
            measured.append({"page": page, "scores": scores, "failing": failing, "runs": [
                round(100 * run["categories"]["performance"]["score"]) for run in runs],
                "kilobytes": round(audits["total-byte-weight"]["numericValue"] / 1000),
                "largest_paint_s": round(audits["largest-contentful-paint"]["numericValue"] / 1000, 2),
                "blocked_ms": round(audits["total-blocking-time"]["numericValue"]),
                "shift": round(audits["cumulative-layout-shift"]["numericValue"], 3)})
            missed |= any(scores[name] < aim for name, aim in AIMS.items())
    head = ["page", *AIMS, "kB", "LCP s", "TBT ms", "CLS", "below"]
    rows = [[each["page"], *map(str, each["scores"].values()), str(each["kilobytes"]), str(each["largest_paint_s"]),
             str(each["blocked_ms"]), str(each["shift"]), " ".join(each["failing"]) or "-"] for each in measured]
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]
    for row in (head, *rows):
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
    BENCH.mkdir(parents=True, exist_ok=True)
    (BENCH / "lighthouse.json").write_text(json.dumps({"aims": AIMS, "cpus": os.cpu_count(), "pages": measured}, indent=1) + "\n", "utf-8")
    return int(missed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
