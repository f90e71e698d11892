"""What the repository promises about itself: locks, environments, commands, documents."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner
from conftest import TOGETHER, Together

from recount.cli import main

ROOT = Path(__file__).resolve().parents[1]
CONDA_NAMES = {"frictionless-py": "frictionless"}


def direct() -> dict[str, str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return {re.split(r"[=<>~! ]", line)[0]: line for line in project["dependencies"]}


def locked(name: str = "requirements.lock") -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9._-]+)==([^ ;\\]+)", (ROOT / name).read_text("utf-8"), flags=re.MULTILINE))


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-test.lock", "requirements-scale.lock"])
def test_every_locked_package_has_hashes_and_no_host_is_named(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    entries = re.split(r"\n(?=[a-z])", text.strip())
    assert len(entries) > 100
    assert all("--hash=sha256:" in entry for entry in entries)
    assert not re.search(r"https?://|--(extra-)?index-url|--find-links", text)


def test_the_lock_holds_every_direct_dependency() -> None:
    assert set(direct()) <= set(locked())


def test_the_test_lock_repeats_the_locks_versions() -> None:
    assert locked().items() <= locked("requirements-test.lock").items()


def test_the_lock_of_many_machines_is_a_whole_environment_and_quarrels_with_neither_of_the_others() -> None:
    scale, test = locked("requirements-scale.lock"), locked("requirements-test.lock")
    assert locked().items() <= scale.items()
    assert {name: version for name, version in scale.items() if test.get(name, version) != version} == {}
    assert {"distributed", "duckdb", "fsspec", "s3fs"} <= set(scale) and not {"pyarrow", "moto"} & set(scale)


def test_the_locks_hold_what_each_extra_asks_for() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    for extra, name in {"scale": "requirements-scale.lock", "s3": "requirements-scale.lock", "test": "requirements-test.lock"}.items():
        assert {re.split(r"[\[=<>~! ]", line)[0] for line in extras[extra]} <= set(locked(name)), extra


def test_the_conda_environment_carries_the_same_direct_dependencies_in_fitting_versions() -> None:
    listed = yaml.safe_load((ROOT / "environment.yml").read_text("utf-8"))["dependencies"]
    pip = next(entry["pip"] for entry in listed if isinstance(entry, dict))
    wanted: dict[str, str] = {}
    for line in [entry for entry in listed if isinstance(entry, str)] + [entry for entry in pip if entry != "-e ."]:
        name, version = re.fullmatch(r"([a-z0-9-]+)(?:[=>]=?)?(.*)", line).groups()
        wanted[CONDA_NAMES.get(name, name)] = version
    assert "-e ." in pip
    assert set(wanted) - {"python", "pip"} == set(direct())
    for name, version in wanted.items():
        if name not in ("python", "pip", "setuptools"):
            assert (locked()[name] + ".").startswith(version + "."), name


@pytest.mark.parametrize("readme", ["README.md", "README.zh.md"])
def test_the_readme_lists_every_command_and_no_other(readme: str) -> None:
    rows = re.findall(r"^\| `recount ([a-z]+)", (ROOT / readme).read_text("utf-8"), flags=re.MULTILINE)
    assert sorted(rows) == sorted(main.commands)


@pytest.mark.parametrize("name", sorted(main.commands))
def test_every_command_has_help(name: str) -> None:
    shown = CliRunner().invoke(main, [name, "--help"])
    assert shown.exit_code == 0
    assert main.commands[name].help and main.commands[name].help.splitlines()[0] in " ".join(shown.output.split())


def test_the_readmes_pictures_exist() -> None:
    for readme in ("README.md", "README.zh.md"):
        for path in re.findall(r"!\[[^\]]+\]\(([^)]+)\)", (ROOT / readme).read_text("utf-8")):
            assert (ROOT / path).is_file(), path


def test_no_module_is_longer_than_350_lines() -> None:
    long = {path.name: count for path in (ROOT / "src").rglob("*.py")
            if (count := len(path.read_text("utf-8").splitlines())) > 350}
    assert long == {}


def test_a_wrong_use_exits_with_two_and_says_what_was_meant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    shown = CliRunner().invoke(main, ["check"])
    assert shown.exit_code == 2
    assert "[use.no-book]" in shown.output + (shown.stderr if shown.stderr_bytes else "")


def test_the_files_whose_tests_one_worker_runs_are_there_and_are_kept_together():
    assert [name for name in TOGETHER if not (ROOT / "tests" / f"{name}.py").is_file()] == []
    split = Together._split_scope
    ids = [f"tests/test_{name}.py::test_{number}[a::b]" for name in ("engine", "runner", "clock") for number in (1, 2)]
    assert [split(None, each) for each in ids] == ["kernels"] * 4 + ids[4:]
