"""The EPUB: well-formed, linked within itself, no scripts, the same bytes each time, and epubcheck agrees."""

from __future__ import annotations

import re
import subprocess
import zipfile
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

import pytest
import synthetic_leaves as synthetic
from java import QUICK, jar, java
from lxml import etree

from recount.site.cover import draw_cover
from recount.site.epub import LONG, cut, make_epub
from recount.site.leaves import XHTML, read_leaves

BOOKS = [f"recount-{lang}-{edition}" for lang in ("zh", "en") for edition in ("print", "since")]
OPF, DC = "{http://www.idpf.org/2007/opf}", "{http://purl.org/dc/elements/1.1/}"


def opened(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def made(tmp_path, **pages: str) -> bytes:
    book = synthetic.write(tmp_path, **pages)
    return make_epub(read_leaves(book.source, book.pages), synthetic.imprint(), cover=b"png")


def test_the_same_pages_give_the_same_bytes(tmp_path):
    assert made(tmp_path / "one") == made(tmp_path / "two")


def test_it_names_title_language_author_day_and_cover(tmp_path):
    package = etree.fromstring(opened(made(tmp_path))["EPUB/package.opf"])
    said = {name: package.findtext(f"{OPF}metadata/{DC}{name}") for name in ("title", "language", "creator", "date")}
    assert said == {"title": "合成的书（见报当日）", "language": "zh-CN", "creator": "合成者", "date": "2022-02-24"}
    assert package.find(f"{OPF}manifest/{OPF}item[@properties='cover-image']").attrib["href"] == "cover.png"


def test_links_lead_to_files_inside_and_a_file_that_is_not_there_is_no_link(tmp_path):
    page = opened(made(tmp_path))["EPUB/01_a.xhtml"].decode()
    assert re.findall(r'<a[^>]* href="([^"]+)"', page) == ["receipts.xhtml#v-a.b"]


def test_a_long_leaf_is_cut_at_its_sections_and_links_follow(tmp_path):
    entry = "<p>" + "长" * (LONG // 2) + "</p>"
    long = f"<h1>凭据</h1><section id='s1'><h2>一</h2>{entry}</section><section id='s2'><h2>二</h2><p id='v-a.b'>乙</p>{entry}</section>"
    book = synthetic.write(tmp_path, receipts=long)
    leaves = read_leaves(book.source, book.pages)
    assert [piece.file for piece in cut(leaves[-1])] == ["receipts.xhtml", "receipts-01.xhtml", "receipts-02.xhtml"]
    files = opened(make_epub(leaves, synthetic.imprint(), cover=b"png"))
    assert 'href="receipts-02.xhtml#v-a.b"' in files["EPUB/01_a.xhtml"].decode()
    assert 'href="receipts-01.xhtml#s1"' in files["EPUB/nav.xhtml"].decode()


def test_the_cover_says_how_many_claims_were_judged_how(tmp_path):
    words = re.findall(r">([^<>]+)</text>", draw_cover(synthetic.imprint(), synthetic.LEDGER))
    assert words == ["合成的书", "见报当日", "报道的说法，逐条判定", "1", "属实", "1", "待证", "2022年2月24日"]


@pytest.fixture(scope="module")
def epubs(built) -> dict[str, dict[str, bytes]]:
    return {name: opened((built.site / "downloads" / f"{name}.epub").read_bytes()) for name in BOOKS}


@pytest.mark.slow
@pytest.mark.parametrize("name", BOOKS)
def test_every_page_is_well_formed_without_scripts_and_every_link_leads_somewhere(epubs, name):
    trees = {path: etree.fromstring(data) for path, data in epubs[name].items() if path.endswith(".xhtml")}
    ids = {path: {each.attrib["id"] for each in tree.iter() if "id" in each.attrib} for path, tree in trees.items()}
    receipts = 0
    for path, tree in trees.items():
        assert not list(tree.iter(f"{{{XHTML}}}script", f"{{{XHTML}}}button", f"{{{XHTML}}}form")), path
        for link in tree.iter(f"{{{XHTML}}}a"):
            parts = urlsplit(link.attrib["href"])
            if parts.scheme:
                assert parts.scheme in ("https", "http", "mailto"), link.attrib["href"]
                continue
            target = str(PurePosixPath(path).parent / parts.path) if parts.path else path
            assert target in trees, (path, link.attrib["href"])
            assert not parts.fragment or unquote(parts.fragment) in ids[target], (path, link.attrib["href"])
            receipts += parts.fragment.startswith("v-")
    assert receipts > 500, "bound numbers lead to their receipts"


@pytest.mark.slow
@pytest.mark.parametrize("name", BOOKS)
def test_every_chart_is_a_drawing_with_words(built, epubs, name):
    _, lang, edition = name.split("-")
    charts = sum(page.read_text("utf-8").count('<figure class="recount-chart')
                 for page in (built.site / lang / edition).glob("*.html"))
    seen = 0
    for path, data in epubs[name].items():
        if path.endswith(".xhtml"):
            for plot in etree.fromstring(data).iter(f"{{{XHTML}}}div"):
                if "chart-plot" in plot.attrib.get("class", "").split():
                    seen += 1
                    assert plot.find(".//{http://www.w3.org/2000/svg}svg") is not None, path
                    assert bool(re.search(r"[\u4e00-\u9fff]", plot.attrib["aria-label"])) == (lang == "zh"), path
    assert seen == charts > 0


@pytest.mark.slow
@pytest.mark.java
def test_epubcheck_finds_no_error_and_no_warning(built):
    """W3C's own checker on one book of each language and edition: it takes half a minute for each.

    Its exit code is 1 for an error or, with --failonwarnings, for a warning.
    """
    names = ["recount-zh-since", "recount-en-print"]
    checker = [java(), *QUICK, "-jar", str(jar("epubcheck", "epubcheck.jar")), "--failonwarnings"]
    with ThreadPoolExecutor(2) as pool:
        runs = list(pool.map(lambda name: subprocess.run([*checker, str(built.site / "downloads" / f"{name}.epub")],
                                                         capture_output=True, text=True, timeout=600), names))
    assert [(run.returncode, run.stderr.strip()[:2000]) for run in runs] == [(0, "")] * len(names)
    assert all("No errors or warnings detected" in run.stdout for run in runs)
