"""The checkers that are no Python: the Nu HTML checker (Java) and schema.org as types (TypeScript), from npm.

``python tests/checkers.py --install`` is what ``make test`` calls before pytest: it puts them under
``_build/checkers``, exactly as ``tests/checkers_npm/package-lock.json`` has them, and asks Debian for Java and npm
where they are missing. Nothing is skipped in silence: without them it fails and says what to do.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from java import QUICK

ROOT = Path(__file__).resolve().parents[1]
LOCKED = ROOT / "tests" / "checkers_npm"
LEAVE_OUT = "make test PYTEST_ARGS=\"-m 'not checkers'\""
# What is needed, how it shows that it works, and the Debian package that brings it.
TOOLS = {"java": (["java", "-version"], "default-jre-headless"), "node": (["node", "--version"], "nodejs"),
         "npm": (["npm", "--version"], "npm")}


def folder() -> Path:
    """Where the packages lie: named by the lock, so that another lock is another folder."""
    key = hashlib.sha256((LOCKED / "package-lock.json").read_bytes()).hexdigest()[:12]
    return ROOT / "_build" / "checkers" / key


@dataclass(frozen=True)
class Message:
    """One thing that the HTML checker says: ``error``, ``warning`` or ``info``, the page, the words, the place."""

    kind: str
    page: Path
    text: str
    extract: str


def check_html(pages: Sequence[Path]) -> list[Message]:
    """What the Nu HTML checker says of these pages, all in one Java process. Raises RuntimeError where it cannot run."""
    jar = folder() / "node_modules" / "vnu-jar" / "build" / "dist" / "vnu.jar"
    if not jar.is_file() or not shutil.which("java"):
        raise RuntimeError(_advice("the HTML checker is not installed"))
    # -Xss: the checker recurses through what it checks, and the page of receipts is long.
    command = ["java", *QUICK, "-Xss16m", "-jar", str(jar), "--format", "json", "--exit-zero-always", "--stdout", *map(str, pages)]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=600)
    try:
        said = json.loads(done.stdout)["messages"]
    except (ValueError, KeyError):
        raise RuntimeError(f"the HTML checker did not finish: {(done.stderr or done.stdout)[-500:]}") from None
    return [Message(each.get("subType") or each["type"], Path(each.get("url", "").removeprefix("file:")), each["message"],
                    each.get("extract", "")) for each in said]


def check_types(source: str) -> list[str]:
    """What the TypeScript compiler says of a module that imports ``schema-dts``; empty where all is well."""
    compiler = folder() / "node_modules" / "typescript" / "bin" / "tsc"
    if not compiler.is_file() or not shutil.which("node"):
        raise RuntimeError(_advice("the TypeScript compiler is not installed"))
    # In the folder of the packages, where imports are looked for.
    with tempfile.TemporaryDirectory(prefix="types-", dir=folder()) as work:
        path = Path(work, "said.ts")
        path.write_text(source, "utf-8")
        done = subprocess.run(["node", str(compiler), "--noEmit", "--strict", "--skipLibCheck", "--moduleResolution", "node10",
                               "--module", "es2020", "--target", "es2020", str(path)],
                              capture_output=True, text=True, encoding="utf-8", timeout=600)
    return [line for line in done.stdout.splitlines() if line.strip()]


def install(*, say=print) -> int:  # type: ignore[no-untyped-def]
    """Make sure that the checkers are there; 0 when they are, 2 when they cannot be. Does nothing where they are
    left out by name."""
    if "not checkers" in os.environ.get("PYTEST_ARGS", ""):
        say("checkers are left out by name: none is looked for")
        return 0
    for command, package in TOOLS.values():
        if not _works(command) and (problem := _debian(package, say) or ("" if _works(command) else f"{command[0]} does not start")):
            print(_advice(problem), file=sys.stderr)
            return 2
    place = folder()
    if not (place / "done").is_file():
        say("installing the checkers of HTML and structured data (some 60 MB, once)")
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(LOCKED, place)
        done = subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=place, capture_output=True, text=True)
        if done.returncode:
            print(_advice(f"npm ci: {(done.stderr or done.stdout).strip()[-300:]}"), file=sys.stderr)
            return 2
        (place / "done").touch()
    say(f"checkers: {place.relative_to(ROOT)}")
    return 0


def _works(command: list[str]) -> bool:
    return bool(shutil.which(command[0])) and subprocess.run(command, capture_output=True).returncode == 0


def _debian(package: str, say) -> str:  # type: ignore[no-untyped-def]
    """Install a package of Debian's; why not, where that is not possible."""
    if not shutil.which("apt-get"):
        return f"{package} is missing, and this is no Debian"
    if os.geteuid() != 0:
        return f"{package} is missing, and apt-get needs root"
    say(f"installing Debian's {package} (once)")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["apt-get", "update"], ["apt-get", "install", "-y", "--no-install-recommends", package]):
        done = subprocess.run(command, env=environment, capture_output=True, text=True)
        if done.returncode:
            return f"{' '.join(command)}: {(done.stderr or done.stdout).strip()[-200:]}"
    return ""


def _advice(problem: str) -> str:
    return (
        f"[setup.no-checker] {problem}\n"
        "  expected   Java, Node and npm, for the tests that have HTML and structured data checked\n"
        "  next       install them (Debian: sudo apt-get install default-jre-headless nodejs npm; macOS: brew install\n"
        "             openjdk node), then: .venv/bin/python tests/checkers.py --install\n"
        f"             or leave these tests out by name: {LEAVE_OUT}"
    )


if __name__ == "__main__":
    sys.exit(install() if sys.argv[1:] == ["--install"] else print(__doc__))
