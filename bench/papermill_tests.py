"""papermill's own tests, with its stock engine and with ours as the default, by ZMQ and by a wire, side by side.

    .venv/bin/python bench/papermill_tests.py [--only recount]

Its source distribution and what its tests want come from PyPI, into ``_build/bench``. Tests of remote stores
are left out: no engine has a part in them. With ``--only`` the others' last logs are read again, where there are any.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tarfile
from importlib.metadata import version

from measure import KEPT, environment_with, write

TESTS = ("autosave", "cli", "clientwrap", "conf", "engines", "exceptions", "execute", "inspect", "parameterize", "translators", "utils")
WANTED = ("pytest-mock==3.15.1", "pytest-env==1.2.0", "ipywidgets==8.1.8")
# Read by pytest with -p: from here on a notebook without an engine's name is ours.
PLUGIN = "from papermill.engines import papermill_engines\nfrom recount.engine import RecountEngine\npapermill_engines.register(None, RecountEngine)\n"
RESULT = re.compile(r"^(PASSED|FAILED|ERROR|SKIPPED) (\S.*?)(?: - .*)?$", re.M)


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    words.add_argument("--only", choices=("stock", "recount", "wire"))
    asked = words.parse_args()
    name = f"papermill-{version('papermill')}"
    if not (KEPT / name).is_dir():
        KEPT.mkdir(parents=True, exist_ok=True)
        subprocess.run([sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps", "--no-build-isolation",
                        "--no-binary", "papermill", name.replace("-", "=="), "-d", str(KEPT)], check=True)  # fmt: skip
        with tarfile.open(KEPT / f"{name}.tar.gz") as file:
            file.extractall(KEPT, filter="data")
    python = environment_with("papermill", *WANTED) / "python"
    plugins = KEPT / "plugins"
    plugins.mkdir(exist_ok=True)
    (plugins / "recount_by_default.py").write_text(PLUGIN)
    tests = [f"papermill/tests/test_{each}.py" for each in TESTS]
    found: dict[str, dict[str, str]] = {}
    ours = ["-p", "recount_by_default"]
    for engine, extra, transport in (("stock", [], "zmq"), ("recount", ours, "zmq"), ("wire", ours, "wire")):
        log = KEPT / f"papermill-tests-{engine}.log"
        if asked.only in (None, engine):
            done = subprocess.run([str(python), "-m", "pytest", "-q", "-rA", "-p", "no:cacheprovider", *extra, *tests], cwd=KEPT / name,
                                  capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(plugins), "RECOUNT_TRANSPORT": transport})  # fmt: skip
            log.write_text(done.stdout + done.stderr)
        if not log.is_file():
            continue
        found[engine] = {test: outcome for outcome, test in RESULT.findall(log.read_text())}
        counts = {word: list(found[engine].values()).count(word) for word in ("PASSED", "FAILED", "ERROR", "SKIPPED")}
        print(f"{engine:8} {', '.join(f'{count} {word.lower()}' for word, count in counts.items())}")
    outcomes = {test: {engine: told.get(test, "-") for engine, told in found.items()} for told in found.values() for test in told}
    differ = {test: told for test, told in outcomes.items() if len(set(told.values())) > 1}
    for test, told in differ.items():
        print(f"differs: {test}: " + ", ".join(f"{outcome} with {engine}" for engine, outcome in told.items()))
    write("papermill_tests", {"tests": found, "differ": differ})


if __name__ == "__main__":
    main()
