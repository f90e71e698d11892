"""Fonts that were cut once on a machine are not cut again there, and nothing damaged is ever used."""

from __future__ import annotations

import os
import stat

import pytest
from synthetic_run import make_project

from recount import font_cache, fonts


@pytest.fixture
def cuts(tmp_path, monkeypatch) -> list[str]:
    """The books for which fonts were cut; the cutting itself is a stand-in."""
    made: list[str] = []

    def cut(source, wanted, folder):
        made.append(folder.parents[2].name)
        folder.mkdir(parents=True)
        for name in ("NotoSansSC-Regular.ttf", "NotoSansSC-Bold.ttf"):
            (folder / name).write_text("synthetic font", "ascii")
        (folder / "characters.json").write_text("[[65, 90]]", "ascii")

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(fonts, "_cut", cut)
    return made


def prepared(folder) -> fonts.Fonts:
    return fonts.prepare(make_project(folder))


def test_a_second_book_takes_the_fonts_that_were_cut_for_the_first(tmp_path, cuts):
    first, second = prepared(tmp_path / "one"), prepared(tmp_path / "two")
    assert cuts == ["one"]
    assert second.regular != first.regular and second.regular.read_bytes() == first.regular.read_bytes()
    assert second.characters == first.characters
    assert sorted(path.name for path in second.regular.parent.iterdir()) == sorted(path.name for path in first.regular.parent.iterdir())


@pytest.mark.parametrize("harm", [lambda entry: (entry / "NotoSansSC-Bold.ttf").write_text("half a fo"),
                                  lambda entry: (entry / "NotoSansSC-Bold.ttf").unlink(),
                                  lambda entry: (entry / "digests.json").write_text("{")])
def test_a_damaged_entry_is_cut_again_and_replaced(tmp_path, cuts, harm):
    prepared(tmp_path / "one")
    (entry,) = (path for path in font_cache.place().iterdir() if path.is_dir())
    harm(entry)
    assert prepared(tmp_path / "two").bold.read_text() == "synthetic font"
    prepared(tmp_path / "three")
    assert cuts == ["one", "two"]


def test_the_entries_least_recently_used_are_dropped_and_one_in_use_is_not(tmp_path, cuts):
    folder = prepared(tmp_path / "one").regular.parent
    for number in range(1, font_cache.MOST):
        font_cache.keep(f"other{number}", folder)
    for age, name in enumerate((folder.name, *(f"other{number}" for number in range(1, font_cache.MOST)))):
        os.utime(font_cache.place() / name, (age, age))
    assert font_cache.take(folder.name, tmp_path / "used")
    font_cache.keep("one more", folder)
    entries = {path.name for path in font_cache.place().iterdir() if path.is_dir()}
    assert len(entries) == font_cache.MOST
    assert folder.name in entries and "one more" in entries and "other1" not in entries


def test_where_nothing_can_be_kept_the_fonts_are_cut_for_each_book(tmp_path, cuts, monkeypatch):
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    prepared(tmp_path / "one"), prepared(tmp_path / "two")
    assert cuts == ["one", "two"]
    assert stat.S_IMODE((tmp_path / "two" / "_build" / "fonts").stat().st_mode) & 0o755 == 0o755
