"""papermill's own tests, with its stock engine and with ours as the default, side by side.

    .venv/bin/python bench/papermill_tests.py [--only recount]

Its source distribution and what its tests want come from PyPI, into ``_build/bench``. Tests of remote stores
are left out: no engine has a part in them. With ``--only`` the other engine's last log is read again.
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
    words.add_argument("--only", choices=("stock", "recount"))
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
    for engine, extra in (("stock", []), ("recount", ["-p", "recount_by_default"])):
        log = KEPT / f"papermill-tests-{engine}.log"
        if asked.only in (None, engine):
            done = subprocess.run([str(python), "-m", "pytest", "-q", "-rA", "-p", "no:cacheprovider", *extra, *tests], cwd=KEPT / name,
                                  capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(plugins)})  # fmt: skip
            log.write_text(done.stdout + done.stderr)
        found[engine] = {test: outcome for outcome, test in RESULT.findall(log.read_text())}
        counts = {word: list(found[engine].values()).count(word) for word in ("PASSED", "FAILED", "ERROR", "SKIPPED")}
        print(f"{engine:8} {', '.join(f'{count} {word.lower()}' for word, count in counts.items())}")
    differ = {test: [found[engine].get(test, "-") for engine in found] for test in {**found["stock"], **found["recount"]}
              if found["stock"].get(test) != found["recount"].get(test)}  # fmt: skip
    for test, outcomes in differ.items():
        print(f"differs: {test}: {outcomes[0]} with stock, {outcomes[1]} with recount")
    write("papermill_tests", {"tests": found, "differ": differ})


if __name__ == "__main__":
    main()
