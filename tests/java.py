"""Java for the checkers of EPUB and PDF: found on the machine or installed, never passed over in silence."""

from __future__ import annotations

import os
import shutil
import subprocess
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

# Checkers run for seconds: half of that would go into machine code that is never needed, on a processor that others need.
QUICK = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
LEAVE_OUT = "make test PYTEST_ARGS=\"-m 'not java'\""


class NoJava(Exception):
    """There is no Java that can run the checkers, and none could be installed; the message says what to do."""


@lru_cache(maxsize=1)
def java() -> str:
    """A Java with a compiler (veraPDF is driven by one source file); Debian's is installed where root asks."""
    if problem := _problem():
        if shutil.which("apt-get") and hasattr(os, "geteuid") and os.geteuid() == 0:
            environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
            for words in (["update"], ["install", "-y", "--no-install-recommends", "default-jdk-headless"]):
                subprocess.run(["apt-get", *words], env=environment, capture_output=True, check=False)
            problem = _problem()
        if problem:
            raise NoJava(f"[setup.no-java] {problem}\n  expected   a JDK, for the checkers of EPUB and PDF\n"
                         "  next       install it (Debian: sudo apt-get install default-jdk-headless; macOS: brew install "
                         f"openjdk),\n             or leave these tests out by name: {LEAVE_OUT}")
    return str(shutil.which("java"))


def _problem() -> str:
    path = shutil.which("java")
    if path is None:
        return "no java on the PATH"
    modules = subprocess.run([path, "--list-modules"], capture_output=True, text=True, check=False).stdout
    return "" if "jdk.compiler" in modules else f"{path} is a runtime without a compiler"


def jar(package: str, pattern: str) -> Path:
    """A jar inside an installed Python package."""
    found = find_spec(package)
    assert found and found.origin, f"{package} is not installed: make test installs requirements-test.lock"
    return next(Path(found.origin).parent.glob(pattern))
