"""A limit that the operating system keeps, on a synthetic cgroup tree: what is asked of it, and where it is left alone."""

from __future__ import annotations

import pytest

from recount import cgroup
from recount.cgroup import Group, group_for


@pytest.fixture
def tree(tmp_path, monkeypatch):
    """As systemd delegates one: our own group holds processes, the one above it limits those below by memory."""
    monkeypatch.setattr(cgroup, "ROOT", tmp_path / "fs")
    monkeypatch.setattr(cgroup, "OWN", tmp_path / "own")
    (tmp_path / "own").write_text("0::/app.slice/run.scope\n")
    (tmp_path / "fs/app.slice/run.scope").mkdir(parents=True)
    (tmp_path / "fs/cgroup.controllers").write_text("cpu memory pids\n")
    (tmp_path / "fs/app.slice/cgroup.subtree_control").write_text("memory pids\n")
    (tmp_path / "fs/app.slice/run.scope/cgroup.subtree_control").write_text("\n")
    return tmp_path / "fs"


def test_a_process_is_put_into_a_group_of_its_own_with_the_limit(tree):
    made = group_for(42, 1000)
    assert made == Group(tree / "app.slice/recount-42")
    assert {path.name: path.read_text() for path in made.folder.iterdir()} == {
        "memory.max": "1000", "memory.swap.max": "0", "memory.oom.group": "1", "cgroup.procs": "42"}  # fmt: skip


def test_below_our_own_group_where_that_may_have_some(tree):
    (tree / "app.slice/run.scope/cgroup.subtree_control").write_text("memory\n")
    assert group_for(42, 1000).folder == tree / "app.slice/run.scope/recount-42"


def test_it_tells_whether_something_was_killed_and_the_most_it_held(tree):
    made = group_for(42, 1000)
    assert not made.overrun and made.most == 0
    (made.folder / "memory.events").write_text("low 0\nmax 9\noom 1\noom_kill 0\n")
    assert not made.overrun
    (made.folder / "memory.events").write_text("low 0\nmax 9\noom 1\noom_kill 2\n")
    (made.folder / "memory.peak").write_text("1024\n")
    assert made.overrun and made.most == 1024


@pytest.mark.parametrize("plant", [
    lambda tree: (tree / "cgroup.controllers").unlink(),
    lambda tree: (tree / "app.slice/cgroup.subtree_control").write_text("pids\n"),
    lambda tree: (tree.parent / "own").write_text("4:memory:/x\n"),
    lambda tree: (tree.parent / "own").unlink(),
    lambda tree: (tree / "app.slice/recount-42").mkdir(),
])  # fmt: skip
def test_where_none_can_be_made_there_is_none(tree, plant):
    plant(tree)
    assert group_for(42, 1000) is None


def test_one_that_cannot_be_limited_is_taken_away_again(tree, monkeypatch):
    def refuse(self, text):
        raise PermissionError

    monkeypatch.setattr(cgroup.Path, "write_text", refuse)
    assert group_for(42, 1000) is None and not (tree / "app.slice/recount-42").exists()
