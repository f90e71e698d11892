"""The address of a published copy: what counts as one, and how pages refer to each other with it and without."""

import pytest

from recount.config import address_findings, address_of
from recount.project import Project
from recount.site.address import Address, alternates


def book(tmp_path, setting):
    (tmp_path / "_config.yml").write_text(f"recount:\n  {setting}\n", "utf-8")
    return Project(tmp_path)


@pytest.mark.parametrize("given", ["https://example.org/", "https://example.org", "http://localhost:8000",
                                   "https://example.org/books/recount", "https://xn--fiqs8s.example/~desk/"])
def test_an_absolute_address_is_taken_and_ends_in_a_slash(tmp_path, given):
    assert address_findings(book(tmp_path, f"address: {given}")) == []
    assert address_of({"recount": {"address": given}}) == given.rstrip("/") + "/"


@pytest.mark.parametrize("given", ["example.org", "/books/", "//example.org/", "ftp://example.org/", "https://",
                                   "https://example.org/?a=1", "https://example.org/#top", "https://user@example.org/",
                                   "https://example.org/a b/", "https://example.org/../", "https://-a/", "42"])
def test_what_is_no_base_of_pages_shuts_the_gate_and_is_not_used(tmp_path, given):
    (finding,) = address_findings(book(tmp_path, f"address: '{given}'"))
    assert (finding.code, finding.where) == ("config.address", "_config.yml recount.address")
    assert address_of({"recount": {"address": given}}) == ""


def test_a_copy_without_an_address_is_no_fault(tmp_path):
    for setting in ("address:", "address: ''", "front: since"):
        assert address_findings(book(tmp_path, setting)) == []


def test_a_switch_of_reviews_that_is_neither_on_nor_off_shuts_the_gate(tmp_path):
    (finding,) = address_findings(book(tmp_path, "claim_review: perhaps"))
    assert finding.code == "config.claim-review"
    assert address_findings(book(tmp_path, "claim_review: true")) == []


def test_pages_refer_to_each_other_by_address_where_there_is_one_and_by_the_way_where_there_is_none():
    assert Address().seen_from("zh/since/data.html", "en/since/data.html") == "../../en/since/data.html"
    assert Address().seen_from("index.html", "corrections-zh.xml") == "corrections-zh.xml"
    assert Address().absolute("zh/since/data.html") == ""
    there = Address("https://example.org/b/")
    assert there.seen_from("zh/since/data.html", "en/since/data.html") == "https://example.org/b/en/since/data.html"
    assert there.absolute("index.html") == "https://example.org/b/"


@pytest.mark.parametrize("path", ["index.html", "zh/since/index.html", "en/print/06_projects.html", "zh/print/index.html"])
def test_every_page_of_a_group_names_the_same_group(path):
    group = alternates(path, front="since")
    assert set(group) == {"zh-CN", "en", "x-default"}
    for twin in group.values():
        assert alternates(twin, front="since") == group
    assert group["x-default"] == ("index.html" if path in ("index.html", "zh/since/index.html") else
                                  "en/" + path.partition("/")[2])
