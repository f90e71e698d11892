"""The other forms of a book: made from its pages, remade where these changed, left out where nothing can print."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import pytest
import synthetic_leaves as synthetic

from recount.browser import BrowserPath
from recount.project import Project
from recount.site import formats
from recount.site.leaves import Leaf, read_article, read_leaves
from recount.site.sheets import one_chapter, whole_book


@pytest.fixture
def press(tmp_path, monkeypatch):
    """Formats with a stand-in for Chromium and fonts: what was printed, by name."""
    printed: list[str] = []

    class Press:
        def __init__(self, browser, *, fonts):
            pass

        def __enter__(self):
            return self

        def __exit__(self, *exc):
            pass

        def print(self, page: Path) -> bytes:
            return page.read_bytes()

    def finish(path, imprint, *, title):
        printed.append(path.stem)

    browser = tmp_path / "chromium"
    browser.write_text("")
    monkeypatch.setattr(formats, "find", lambda: BrowserPath(browser, "path"))
    monkeypatch.setattr(formats, "prepare", lambda project: SimpleNamespace(regular=tmp_path / "font" / "regular.ttf"))
    monkeypatch.setattr(formats.printer, "Printer", Press)
    monkeypatch.setattr(formats.pdf_tags, "finish", finish)
    monkeypatch.setattr(formats, "ProcessPoolExecutor", lambda workers, mp_context: ThreadPoolExecutor(workers))
    monkeypatch.setattr(formats.cover, "paint_cover", lambda svg, fonts: svg.encode())
    return printed


def made(tmp_path: Path, **pages: str):
    return formats.make_formats(Project(tmp_path), [synthetic.write(tmp_path / "book", **pages)])


def test_a_book_and_each_chapter_are_offered_under_names_that_say_edition_and_language(tmp_path, press):
    offers, notes = made(tmp_path)
    assert notes == ()
    assert [(each.kind, each.page, each.path.name) for each in offers] == [
        ("epub", "", "recount-zh-print.epub"),
        ("pdf", "", "recount-zh-print.pdf"),
        ("chapter", "01_a", "recount-zh-print-01_a.pdf"),
        ("chapter", "02_b", "recount-zh-print-02_b.pdf"),
    ]
    assert all(each.path.stat().st_size for each in offers)


def test_nothing_changed_means_nothing_made_again(tmp_path, press, monkeypatch):
    made(tmp_path)
    press.clear()
    monkeypatch.setattr(formats.leaves, "read_leaves", lambda source, pages: pytest.fail("the pages were read again"))
    made(tmp_path)
    assert press == []


def test_an_edit_prints_its_chapter_and_the_whole_book_and_nothing_else(tmp_path, press):
    made(tmp_path)
    press.clear()
    made(tmp_path, **{"02_b": "<h1>乙章</h1><p>改过的话。</p>"})
    assert sorted(press) == ["recount-zh-print", "recount-zh-print-02_b"]


def test_a_print_that_failed_is_made_the_next_time(tmp_path, press, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(formats.pdf_tags, "finish", lambda *args, **named: (_ for _ in ()).throw(ValueError("no tags")))
        with pytest.raises(ValueError, match="no tags"):
            made(tmp_path)
    made(tmp_path)
    assert len(press) == 3


def test_without_a_chromium_there_is_an_epub_and_a_line_that_says_what_to_install(tmp_path, press, monkeypatch):
    monkeypatch.setattr(formats, "find", lambda: None)
    offers, notes = made(tmp_path)
    assert [each.kind for each in offers] == ["epub"] and press == []
    assert "Chromium" in notes[0] and "apt-get install chromium" in notes[0] and "\n" not in notes[0]


def leaves_of(tmp_path: Path):
    book = synthetic.write(tmp_path)
    return read_leaves(book.source, book.pages)


def test_ids_of_a_whole_book_are_used_once_and_its_links_lead_inside(tmp_path):
    sheet = whole_book(leaves_of(tmp_path), synthetic.imprint())
    ids = re.findall(r' id="([^"]+)"', sheet)
    assert len(ids) == len(set(ids))
    targets = re.findall(r' href="([^"]+)"', sheet)
    assert {"#01_a", "#receipts--v-a.b", "#receipts--r-x"} <= set(targets)
    assert all(target[1:] in ids for target in targets), "a file beside the page is no place in a book"


def leaf(name: str, body: str) -> Leaf:
    page = f'<article class="bd-article"><h1>{name}</h1>{body}</article>'
    return Leaf(name=name, title=name, part="", chapter=False, article=read_article(page))


def test_a_chapter_brings_the_receipts_it_links_to_and_the_rows_these_link_to_and_no_others():
    entry = "<dt id='{}'>{}</dt><dd><p>{}</p></dd>"
    chapter = leaf("01_a", "<p>合成数<a href='receipts-01_a.html#v-a.b'>1</a></p>")
    receipts = leaf("receipts-01_a", "<dl>" + entry.format("v-a.b", "合成总额", "<a href='rows.html#r-x'>行</a>")
                    + entry.format("v-other", "别的", "x") + "</dl>")
    rows = leaf("rows", "<dl>" + entry.format("r-x", "合成行", "y") + entry.format("r-other", "别的", "z") + "</dl>")
    plain = leaf("02_b", "<p>无</p>")
    every = (chapter, plain, receipts, rows)
    sheet = one_chapter(chapter, every, synthetic.imprint())
    assert 'href="#receipts-01_a--v-a.b"' in sheet and 'id="receipts-01_a--v-a.b"' in sheet and 'id="rows--r-x"' in sheet
    assert "<html:" not in sheet and "别的" not in sheet and "本章凭据" in sheet
    assert "本章凭据" not in one_chapter(plain, every, synthetic.imprint())


def test_links_out_of_the_book_lead_to_the_site_where_it_has_an_address(tmp_path):
    every = leaves_of(tmp_path)
    sheet = one_chapter(every[1], every, synthetic.imprint())
    assert "文件" in sheet and 'href="http' not in sheet
    sheet = one_chapter(every[1], every, synthetic.imprint(address="https://recount.example/"))
    assert 'href="https://recount.example/zh/print/downloads/x.csv"' in sheet


def test_a_sheet_carries_no_second_drawing_and_no_second_picture_around_the_drawing(tmp_path):
    sheet = whole_book(leaves_of(tmp_path), synthetic.imprint())
    assert sheet.count("<svg") == 1 and "<figure" not in sheet
    assert 'role="img" aria-label="合成的说明"' in sheet


def test_running_heads_name_chapter_edition_and_day_with_their_quotes_kept(tmp_path):
    book = synthetic.write(tmp_path, **{"02_b": '<h1>乙"章"</h1>'})
    sheet = whole_book(read_leaves(book.source, book.pages), synthetic.imprint())
    assert r'@top-left { content: "乙\"章\"" }' in sheet
    assert '@bottom-left { content: "合成的书（见报当日） · 2022-02-24" }' in sheet
