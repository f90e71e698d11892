"""A printed PDF made whole: names, dates, tags and identifiers, so that it is accessible and the same each time.

Chromium tags what it prints. What it leaves out for PDF/UA is added here: running heads and rules are declared
as decoration, tags that the standard does not know are mapped to ones it does, links say where they lead, and
the metadata name title, author and language. Dates are the edition's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import pikepdf
from pikepdf import Array, Dictionary, Name, String

from recount.site.imprint import Imprint

# Types of PDF 2.0 that Chromium writes into a PDF 1.4, and what they are there.
ROLES = {"Strong": "Span", "Em": "Span", "Title": "P", "Aside": "Div", "FENote": "Note", "Sub": "Span",
         "DocumentFragment": "Sect", "Artifact": "NonStruct"}  # fmt: skip
CONSTRUCTS = frozenset({b"m", b"l", b"c", b"v", b"y", b"h", b"re"})
PAINTS = frozenset({b"S", b"s", b"f", b"F", b"f*", b"B", b"B*", b"b", b"b*"})


def finish(path: Path, imprint: Imprint, *, title: str) -> None:
    """Finish a PDF in place. Raises ValueError for one without tags: what has none cannot be read aloud."""
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        root = pdf.Root
        if "/StructTreeRoot" not in root or not root.get("/MarkInfo", {}).get("/Marked"):
            raise ValueError(f"{path.name} was printed without tags")
        root.StructTreeRoot.RoleMap = Dictionary({f"/{name}": Name(f"/{role}") for name, role in ROLES.items()})
        root.Lang = String(imprint.code)
        root.ViewerPreferences = Dictionary(DisplayDocTitle=True)
        root.PageMode = Name.UseOutlines
        for page in pdf.pages:
            _mark_decoration(pdf, page)
            _name_links(page)
        every = list(elements(root.StructTreeRoot))
        for element in every:
            _mend_element(pdf, element)
        number_ids(root.StructTreeRoot, every)
        _describe(pdf, imprint, title)
        pdf.save(path, object_stream_mode=pikepdf.ObjectStreamMode.generate, compress_streams=True,
                 recompress_flate=False, deterministic_id=True, linearize=False)


def _describe(pdf: pikepdf.Pdf, imprint: Imprint, title: str) -> None:
    """Document information and XMP, with the edition's day for every date."""
    if "/Info" in pdf.trailer:
        del pdf.trailer["/Info"]
    moment = imprint.moment.strftime("D:%Y%m%d%H%M%S+00'00'")
    for name, value in {"Title": title, "Author": imprint.author, "Subject": imprint.footer, "Creator": "Recount",
                        "Producer": "Recount", "CreationDate": moment, "ModDate": moment}.items():
        pdf.docinfo[f"/{name}"] = value
    with pdf.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as meta:
        iso = imprint.moment.isoformat()
        meta["dc:title"], meta["dc:creator"] = title, [imprint.author]
        meta["dc:language"], meta["dc:description"] = {imprint.code}, imprint.footer
        meta["dc:rights"] = imprint.copyright
        meta["pdf:Producer"] = meta["xmp:CreatorTool"] = "Recount"
        meta["xmp:CreateDate"] = meta["xmp:ModifyDate"] = meta["xmp:MetadataDate"] = iso
        meta["pdfuaid:part"] = "1"


def _mark_decoration(pdf: pikepdf.Pdf, page: pikepdf.Page) -> None:
    page.obj.Contents = pdf.make_stream(mark_decoration(page.Contents.read_bytes()))


def mark_decoration(content: bytes) -> bytes:
    """A page's content with everything outside its tags declared as decoration: heads, rules, backgrounds.

    Reads content as Chromium writes it, each painting operator at the end of a line.

    >>> mark_decoration(b"0 0 5 5 re\\nf\\n/P <</MCID 0 >>BDC\\n1 1 5 5 re\\nf\\nEMC").decode().splitlines()
    ['/Artifact BMC', '0 0 5 5 re', 'f', 'EMC', '/P <</MCID 0 >>BDC', '1 1 5 5 re', 'f', 'EMC']
    """
    out: list[bytes] = []
    depth, path, text = 0, -1, False
    for line in content.split(b"\n"):
        operator = line.rsplit(b" ", 1)[-1]
        if text:
            out.append(line)
            if operator == b"ET":
                out.append(b"EMC")
                text = False
            continue
        if line.endswith((b"BDC", b"BMC")):
            depth += 1
        elif operator == b"EMC":
            depth -= 1
        elif depth == 0:
            if operator == b"BT":
                out += [b"/Artifact BMC", line]
                text = True
                continue
            if operator in CONSTRUCTS:
                path = len(out) if path < 0 else path
            elif operator in PAINTS:
                out.insert(path if path >= 0 else len(out), b"/Artifact BMC")
                out += [line, b"EMC"]
                path = -1
                continue
            elif operator == b"n":
                path = -1
            elif operator in (b"Do", b"sh"):
                out += [b"/Artifact BMC", line, b"EMC"]
                continue
        out.append(line)
    return b"\n".join(out)


def _name_links(page: pikepdf.Page) -> None:
    """Links in the order of their tags, each saying where it leads, as PDF/UA asks."""
    for link in page.obj.get("/Annots", ()):
        if link.get("/Subtype") != Name.Link or "/Contents" in link:
            continue
        action = link.get("/A")
        target = str(action.get("/URI", "")) if action is not None else str(link.get("/Dest", ""))
        link.Contents = String(target.removeprefix("/") or "link")
    if "/Annots" in page.obj:
        page.obj.Tabs = Name.S


def _mend_element(pdf: pikepdf.Pdf, element: pikepdf.Object) -> None:
    """A header cell without a scope heads its column; what a list item holds besides its mark is its body."""
    kind = element.get("/S")
    if kind == Name.TH and "/A" not in element:
        element.A = Dictionary(O=Name.Table, Scope=Name.Column)
    elif kind == Name.LI and "/K" in element:
        children = list(element.K) if isinstance(element.K, Array) else [element.K]
        loose = [each for each in children if not _is(each, "/Lbl", "/LBody")]
        if not loose:
            return
        body = pdf.make_indirect(Dictionary(Type=Name.StructElem, S=Name.LBody, P=element, K=Array(loose)))
        for each in loose:
            if isinstance(each, Dictionary) and "/S" in each:
                each.P = body
        element.K = Array([*(each for each in children if _is(each, "/Lbl", "/LBody")), body])


def number_ids(tree: pikepdf.Object, every: Sequence[pikepdf.Object]) -> None:
    """Ids counted from one: Chromium's are counters of a process, which is not always as old when it prints."""
    named = [element for element in every if "/ID" in element]
    ids = {old: f"node{number:08}" for number, old in enumerate(sorted({str(element.ID) for element in named}), 1)}
    for element in named:
        element.ID = String(ids[str(element.ID)])
    for element in every:
        attributes = element.get("/A", ())
        for each in attributes if isinstance(attributes, Array) else [attributes]:
            if isinstance(each, Dictionary) and "/Headers" in each:
                each.Headers = Array([String(ids.get(str(name), str(name))) for name in each.Headers])
    branches = [tree.IDTree] if "/IDTree" in tree else []
    while branches:
        branch = branches.pop()
        branches += list(branch.get("/Kids", ()))
        if "/Limits" in branch:
            branch.Limits = Array([String(ids[str(name)]) for name in branch.Limits])
        if "/Names" in branch:
            branch.Names = Array([String(ids[str(each)]) if isinstance(each, String) else each for each in branch.Names])


def _is(element: pikepdf.Object, *kinds: str) -> bool:
    return isinstance(element, Dictionary) and str(element.get("/S", "")) in kinds


def elements(tree: pikepdf.Object) -> Iterator[pikepdf.Object]:
    """Every structure element below a tree's root, in the order of reading."""
    stack = [tree.get("/K")]
    while stack:
        each = stack.pop()
        if isinstance(each, Array):
            stack.extend(reversed(list(each)))
        elif isinstance(each, Dictionary) and "/S" in each:
            yield each
            if "/K" in each:
                stack.append(each.K)


def plain(title: str) -> str:
    """A title as metadata take it: one line."""
    return re.sub(r"\s+", " ", title).strip()
