"""A file is written whole, by however many at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from recount.browser import _fonts_conf
from recount.whole import write_whole


def test_a_file_is_one_text_or_another_when_threads_write_it_at_once(tmp_path):
    path, texts = tmp_path / "made" / "file.txt", [str(number) * 100_000 for number in range(8)]
    ready = Barrier(len(texts), timeout=10)

    def write(text: str) -> None:
        for _ in range(20):
            ready.wait()
            write_whole(path, text)

    with ThreadPoolExecutor(len(texts)) as pool:
        list(pool.map(write, texts))
    assert path.read_text("utf-8") in texts
    assert [each.name for each in path.parent.iterdir()] == ["file.txt"]


def test_two_printers_may_look_for_the_fonts_at_once(tmp_path):
    for round_ in range(40):
        folder = tmp_path / str(round_)
        folder.mkdir()
        ready = Barrier(4, timeout=10)

        def look(folder=folder, ready=ready):
            ready.wait()
            return _fonts_conf(folder)

        with ThreadPoolExecutor(4) as pool:
            made = {future.result() for future in [pool.submit(look) for _ in range(4)]}
        assert made == {folder / "fonts.conf"}
