"""A synthetic book of two small chapters for the tests of the live draft. Nothing here is real."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import yaml
from synthetic_data import make_data

from recount.project import Project

REPO = Path(__file__).parents[1]
PATIENCE = 240  # seconds until a test gives up; none asks how fast it was
SETUP = "from recount import Desk\ndesk = Desk(as_of=as_of, lang=lang)"
VALUE = ('desk.value("{name}.total", of=desk.table("ceremonies"), by=lambda t: t["inv_total"].sum(), unit="CNY_100M",\n'
         '           formula=("合成相加", "synthetic rows added"))')


def notebook(name: str) -> dict:
    """A chapter that computes one value and prints it in both languages."""
    def cell(kind: str, key: str, source: str, *tags: str) -> dict:
        more = {"outputs": [], "execution_count": None} if kind == "code" else {}
        return {"cell_type": kind, "id": key, "metadata": {"tags": list(tags)}, "source": source, **more}

    return {"cells": [
        cell("code", "parameters", 'as_of: str = "2022-02-24"\nlang: str = "zh"', "parameters"),
        cell("markdown", "head-zh", "# 合成的一章", "zh"), cell("markdown", "head-en", "# A synthetic chapter", "en"),
        cell("code", "setup", SETUP, "setup"), cell("code", "total", VALUE.format(name=name)),
        cell("markdown", "says-zh", f"合计{{v}}`{name}.total`。", "zh"), cell("markdown", "says-en", f"In all {{v}}`{name}.total`.", "en"),
        cell("code", "last", "pass"),
    ], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}  # fmt: skip


def make(root: Path) -> Project:
    """A book with a front page, two chapters and a page of receipts; its fonts not yet cut."""
    make_data(root / "data")
    shutil.copyfile(REPO / "_config.yml", root / "_config.yml")
    chapters = [{"file": f"notebooks/{stem}"} for stem in ("01_one", "02_two")]
    contents = {"format": "jb-book", "root": "book/index", "parts": [{"caption": "chapters", "chapters": chapters},
                {"caption": "workings", "chapters": [{"file": "book/receipts"}, {"file": "book/method"}]}]}
    (root / "_toc.yml").write_text(yaml.safe_dump(contents), "utf-8")
    for lang, title in (("zh", "合成的书"), ("en", "A synthetic book")):
        (root / "book" / lang).mkdir(parents=True)
        for page in ("index", "receipts", "method"):
            (root / "book" / lang / f"{page}.md").write_text(f"# {title} {page}\n\nsynthetic {lang}\n", "utf-8")
    shutil.copyfile(REPO / "book" / "allowed_numbers.csv", root / "book" / "allowed_numbers.csv")
    for name in ("editions.toml", "corrections.csv"):
        shutil.copyfile(REPO / "book" / name, root / "book" / name)
    text = (root / "book" / "editions.toml").read_text("utf-8")
    (root / "book" / "editions.toml").write_text(text.partition("[since.assumptions]")[0].replace("[print.assumptions]", ""), "utf-8")
    (root / "notebooks").mkdir()
    for stem in ("01_one", "02_two"):
        write(root, stem, notebook(stem.partition("_")[2]))
    return Project(root.resolve())


def write(root: Path, stem: str, made: dict) -> None:
    """Save as editors do: another file first, then its name."""
    path = root / "notebooks" / f"{stem}.ipynb"
    fresh = path.with_name(f".{path.name}.new")
    fresh.write_text(json.dumps(made, ensure_ascii=False, indent=1) + "\n", "utf-8")
    os.replace(fresh, path)


def edit(root: Path, stem: str, key: str, source: str) -> None:
    """Put another source into one cell."""
    made = json.loads((root / "notebooks" / f"{stem}.ipynb").read_text("utf-8"))
    next(cell for cell in made["cells"] if cell["id"] == key)["source"] = source
    write(root, stem, made)


class Reader:
    """A page that is open in a browser that does no more than listen and fetch."""

    def __init__(self, address: str, page: str) -> None:
        self.address, self.page = address, page
        self._events = urllib.request.urlopen(f"{address}_recount/events?page={page}", timeout=PATIENCE)

    def wait(self, met: Callable[[dict], bool]) -> dict:
        """The first state of which this is true."""
        for line in self._events:
            if line.startswith(b"data: ") and met(state := json.loads(line[6:])):
                return state
        raise AssertionError("the server went")

    def sees(self, met: Callable[[str], bool]) -> str:
        """The page as soon as it is so, fetched each time that the server says it is another."""
        seen, text = None, ""

        def look(state: dict) -> bool:
            nonlocal seen, text
            if state["digest"] and state["digest"] != seen:
                seen, text = state["digest"], self.text()
            return bool(text) and met(text)

        self.wait(look)
        return text

    def text(self, page: str = "") -> str:
        with urllib.request.urlopen(f"{self.address}{page or self.page}.html", timeout=PATIENCE) as answer:
            return answer.read().decode("utf-8")


def status(address: str, path: str, **headers: str) -> int:
    """The status that an address answers with."""
    try:
        with urllib.request.urlopen(urllib.request.Request(address + path, headers=headers), timeout=PATIENCE) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


@contextmanager
def serving(root: Path, *words: str) -> Iterator[tuple[str, subprocess.Popen]]:
    """The address of a book's live draft, and the process that serves it."""
    command = [sys.executable, "-m", "recount.cli", "serve", "--no-open", "--port", "0", *words]
    with (root / "serve.log").open("w") as errors:
        process = subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, stderr=errors, text=True)
        try:
            yield process.stdout.readline().strip(), process
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)


def family(pid: int) -> set[int]:
    """A process and all below it. Linux. As `cpu_of_tree` of the benchmarks walks it; tests import nothing of theirs."""
    parents: dict[int, list[int]] = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                fields = Path("/proc", name, "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            parents.setdefault(int(fields[1]), []).append(int(name))
    found, due = set(), [pid]
    while due:
        found.add(one := due.pop())
        due += parents.get(one, [])
    return found
