"""The feed of corrections: valid when empty, made from the log alone, the same in every build."""

from xml.etree import ElementTree

import pytest

from recount.corrections import Entry
from recount.site.address import Address
from recount.site.feed import feed, feed_name

OWN = {"zh": {"title": "合成的书", "author": "合成"}, "en": {"title": "Synthetic book", "author": "Synthetic"}}
ENTRY = Entry(entry_id="synthetic-new", kind="correction", received="", published="2030-02-05", concerns=("projects.total",),
              from_zh="", from_en="", said_zh="合成的数错了 <&>", said_en="a synthetic number was wrong <&>", done_zh="改了",
              done_en="mended")
OLDER = Entry(entry_id="synthetic-old", kind="reply", received="2030-01-02", published="2030-01-05",
              concerns=("hands.buses", "06_projects"), from_zh="合成厂", from_en="Synthetic plant", said_zh="合成的答复",
              said_en="a synthetic reply", done_zh="照录", done_en="entered")
HERE = Address("https://example.org/b/")
A = "{http://www.w3.org/2005/Atom}"


def made(*entries, lang="zh", address=HERE):
    text = feed(entries, lang=lang, own=OWN[lang], address=address, page=f"{lang}/since/corrections.html", day="2026-11-22")
    return ElementTree.fromstring(text.encode())


def required(node):
    """What RFC 4287 asks of a feed and of an entry alike, each once."""
    for name in ("id", "title", "updated"):
        (found,) = node.findall(f"{A}{name}")
        assert found.text
    (alternate,) = [link for link in node.findall(f"{A}link") if link.get("rel") == "alternate"]
    return alternate.get("href")


@pytest.mark.parametrize("address", [HERE, Address()])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_an_empty_log_makes_a_valid_feed_as_old_as_the_book(lang, address):
    root = made(lang=lang, address=address)
    assert root.tag == f"{A}feed" and root.get("{http://www.w3.org/XML/1998/namespace}lang") == {"zh": "zh-CN", "en": "en"}[lang]
    assert required(root).endswith(f"{lang}/since/corrections.html")
    assert root.findtext(f"{A}author/{A}name") == OWN[lang]["author"]
    assert root.findtext(f"{A}updated") == "2026-11-22T00:00:00Z"
    assert root.findall(f"{A}entry") == []


def test_entries_stand_newest_first_with_their_days_words_and_places():
    root = made(ENTRY, OLDER, lang="en")
    new, old = root.findall(f"{A}entry")
    assert root.findtext(f"{A}updated") == new.findtext(f"{A}updated") == "2030-02-05T00:00:00Z"
    assert required(new) == "https://example.org/b/en/since/corrections.html#e-synthetic-new"
    assert new.findtext(f"{A}title") == "correction: a synthetic number was wrong <&>"
    said = old.findtext(f"{A}content")
    assert "Synthetic plant" in said and "hands.buses, 06_projects" in said and "entered" in said


def test_ids_are_all_different_and_made_from_the_address_or_from_the_entry_never_from_chance():
    for address, start in ((HERE, "https://example.org/b/corrections-"), (Address(), "urn:uuid:")):
        ids = [node.text for lang in ("zh", "en") for node in made(ENTRY, OLDER, lang=lang, address=address).iter(f"{A}id")]
        again = [node.text for lang in ("zh", "en") for node in made(ENTRY, OLDER, lang=lang, address=address).iter(f"{A}id")]
        assert len(set(ids)) == 6 and ids == again and all(each.startswith(start) for each in ids)
    first = made(OLDER, address=Address()).findtext(f"{A}entry/{A}id")
    assert first == made(ENTRY, OLDER, address=Address()).findall(f"{A}entry/{A}id")[1].text, "a new entry renames none"


def test_without_an_address_a_feed_names_none():
    links = [link.attrib for link in made(ENTRY, address=Address()).iter(f"{A}link")]
    assert all("://" not in link["href"] and link["rel"] != "self" for link in links)
    (own,) = [link["href"] for link in (each.attrib for each in made(ENTRY).iter(f"{A}link")) if link["rel"] == "self"]
    assert own == f"https://example.org/b/{feed_name('zh')}"
