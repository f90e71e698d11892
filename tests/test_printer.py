"""The printer: a Chromium asked through a pipe, for one PDF after another."""

from __future__ import annotations

import os

import pytest

from recount.browser import find
from recount.errors import RecountError
from recount.site.printer import Printer

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def sheet(folder, name: str, body: str = "<h1>甲</h1>"):
    path = folder / name
    path.write_text(f'<!DOCTYPE html><html lang="zh-CN"><head><meta charset="utf-8"><title>x</title></head><body>{body}</body></html>', "utf-8")
    return path


def test_it_prints_one_page_after_another_however_many_files_are_open(built, tmp_path):
    fonts = next(path for path in built.fonts.iterdir() if path.is_dir())
    held = [os.open(os.devnull, os.O_RDONLY) for _ in range(20)]
    try:
        with Printer(find(), fonts=fonts) as press:
            one, two = (press.print(sheet(tmp_path, f"{name}.html", f"<h1>{name}</h1>")) for name in ("甲", "乙 b"))
            assert one.startswith(b"%PDF-") and two.startswith(b"%PDF-") and b"StructTreeRoot" in one
            # A browser that died is started again; what cannot be printed is an error with a code.
            press._running.kill()
            press._running.wait()
            assert press.print(sheet(tmp_path, "c.html")).startswith(b"%PDF-")
            with pytest.raises(RecountError) as caught:
                press.print(tmp_path / "nowhere.html")
        assert caught.value.findings[0].code == "format.print-failed" and "nowhere.html" in caught.value.findings[0].found
    finally:
        for each in held:
            os.close(each)
