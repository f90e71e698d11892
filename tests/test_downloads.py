"""What readers can take away: listed with sizes from the files, packed with the site, gone where there is none."""

import re
import zipfile

import pytest

from recount.site.downloads import ZIP, publish_downloads, seal
from recount.site.formats import Offer

MARK = '<div class="recount-downloads"></div>'
ROOT = ('<html><body><section lang="zh-CN"><h2>甲</h2><ul><li><a href="zh/print/index.html" data-front>甲</a></li></ul></section>'
        '<section lang="en"><h2>A</h2></section></body></html>')


@pytest.fixture
def site(tmp_path):
    return fresh(tmp_path / "site")


def fresh(folder):
    (folder / "zh" / "print").mkdir(parents=True)
    (folder / "index.html").write_text(ROOT, "utf-8")
    for name, body in (("about", MARK), ("01_a", "<p>甲</p>")):
        (folder / "zh" / "print" / f"{name}.html").write_text(f"<article>{body}</article>", "utf-8")
    return folder


@pytest.fixture
def offers(tmp_path):
    made = []
    for kind, page, name, size in (("epub", "", "b.epub", 552_735), ("pdf", "", "b.pdf", 3_617_037), ("chapter", "01_a", "b-01_a.pdf", 80_665)):
        (tmp_path / name).write_bytes(b"x" * size)
        made.append(Offer(kind=kind, lang="zh", edition="print", page=page, path=tmp_path / name))
    return made


def text(site, name):
    return (site / "zh" / "print" / f"{name}.html").read_text("utf-8")


def test_a_list_names_each_file_with_its_size_and_a_chapter_offers_its_own(site, offers):
    publish_downloads(site, offers)
    said = re.findall(r'<li><a href="([^"]+)">([^<]+)</a><span class="recount-size">([^<]+)</span>', text(site, "about"))
    assert said == [("../../downloads/b.epub", "电子书 EPUB", "，0.6 MB"), ("../../downloads/b.pdf", "全书 PDF", "，3.6 MB")]
    assert 'href="../../downloads/b-01_a.pdf">本章 PDF</a><span class="recount-size">，0.08 MB' in text(site, "01_a")
    assert "本章 PDF" not in text(site, "about")
    assert {path.name for path in (site / "downloads").iterdir()} == {"b.epub", "b.pdf", "b-01_a.pdf"}


def test_the_root_page_offers_the_edition_that_it_leads_to(site, offers):
    publish_downloads(site, offers)
    root = (site / "index.html").read_text("utf-8")
    assert 'href="downloads/b.pdf"' in root[: root.index('lang="en"')] and "downloads/" not in root[root.index('lang="en"'):]


def test_without_files_no_mark_is_left(site):
    publish_downloads(site, [])
    assert text(site, "about") == "<article></article>" and not (site / "downloads").exists()
    assert (site / "index.html").read_text("utf-8") == ROOT


def test_the_zip_holds_everything_but_itself_and_is_offered_with_its_size_outside_only(site, offers, tmp_path):
    publish_downloads(site, offers)
    archive = tmp_path / ZIP
    seal(site, archive)
    with zipfile.ZipFile(archive) as opened:
        assert "recount-site/downloads/b.pdf" in opened.namelist() and f"recount-site/downloads/{ZIP}" not in opened.namelist()
        assert ZIP not in opened.read("recount-site/zh/print/about.html").decode()
    assert re.search(rf'downloads/{ZIP}">[^<]+</a><span class="recount-size">，\d+\.\d+ MB</span>', text(site, "about"))
    assert (site / "downloads" / ZIP).read_bytes() == archive.read_bytes()


def test_a_site_that_did_not_change_is_not_packed_again(site, offers, tmp_path, monkeypatch):
    publish_downloads(site, offers)
    seal(site, tmp_path / ZIP)
    again = fresh(tmp_path / "again")
    publish_downloads(again, offers)
    with monkeypatch.context() as patch:
        patch.setattr("recount.site.downloads.pack", lambda entries: pytest.fail("packed again"))
        seal(again, tmp_path / ZIP)
    assert text(again, "about") == text(site, "about")
    (again / "zh" / "print" / "01_a.html").write_text("<article>改过</article>", "utf-8")
    before = (tmp_path / ZIP).read_bytes()
    seal(again, tmp_path / ZIP)
    assert (tmp_path / ZIP).read_bytes() != before
