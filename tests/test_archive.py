"""Archives: the same bytes from the same contents."""

import zipfile
from io import BytesIO

from recount.site.archive import pack


def opened(data: bytes) -> zipfile.ZipFile:
    return zipfile.ZipFile(BytesIO(data))


def test_order_and_day_do_not_show():
    entries = [("b/乙.html", b"x" * 100), ("a.pdf", b"y" * 100)]
    assert pack(entries) == pack(entries[::-1])
    infos = opened(pack(entries)).infolist()
    assert [each.filename for each in infos] == ["a.pdf", "b/乙.html"]
    assert {each.date_time for each in infos} == {(1980, 1, 1, 0, 0, 0)}


def test_what_is_packed_already_is_not_packed_again():
    infos = opened(pack([("b.html", b"x" * 100), ("a.pdf", b"y" * 100)])).infolist()
    assert [each.compress_type for each in infos] == [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED]


def test_the_type_of_an_epub_stands_first_and_plain():
    data = pack([("a", b"1")], first=("mimetype", b"application/epub+zip"))
    assert data[30:58] == b"mimetypeapplication/epub+zip"
