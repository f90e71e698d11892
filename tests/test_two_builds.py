"""Two clean builds in other folders, time zones, locales and hash seeds give the same site, byte for byte."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from conftest import recount

from recount.project import Project

pytestmark = pytest.mark.slow


def digests(folder: Path) -> dict[str, str]:
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(folder.rglob("*")) if path.is_file()}


def test_a_clean_build_elsewhere_gives_the_same_bytes(built: Project, copy, tmp_path: Path) -> None:
    folder = copy("elsewhere, 别处", runs=False)
    done = recount("build", cwd=folder, env={"TZ": "Pacific/Kiritimati", "PYTHONHASHSEED": "4242", "LC_ALL": "C",
                                             "LANG": "C", "XDG_CACHE_HOME": str(tmp_path / "no fonts kept")})
    assert done.returncode == 0, done.stderr
    one, two = digests(built.site), digests(folder / "_build" / "site")
    assert sorted(one) == sorted(two)
    assert {name for name in one if one[name] != two[name]} == set()


def test_a_second_build_does_no_work_twice(built: Project) -> None:
    before = digests(built.site)
    done = recount("build", "--json", cwd=built.root)
    assert done.returncode == 0
    assert " 0 runs, " in done.stdout and '"built": []' in done.stdout
    assert digests(built.site) == before
