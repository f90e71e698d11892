"""Renaming an id is one step over notebooks, pages, claims and ledgers, or no step at all."""

import pytest
from synthetic_data import make_book

from recount.errors import WrongUse
from recount.rename import rename_id


@pytest.fixture
def book(tmp_path):
    book = make_book(tmp_path)
    (book.notebooks / "06_syn.ipynb").write_text(
        '{"a": "desk.value(\\"syn.two\\")", "tags": ["known:syn.two"], "b": "{v}`syn.two_batches` {v}`syn.two|bare`。{syn.two?高} x.syn.two"}', "utf-8")
    (book.book / "zh").mkdir()
    (book.book / "zh" / "method.md").write_text("共{v}`syn.two`。见{claim}`projects.total`，{holds}`高 <syn.two>`。syn.two-batches\n", "utf-8")
    book.accepted.mkdir()
    (book.accepted / "print.json").write_text('{"values": {"syn.two": 1}}\n', "utf-8")
    return book


def state(book):
    return {path: path.read_bytes() for path in sorted(book.root.rglob("*")) if path.is_file()}


def test_an_id_is_replaced_everywhere_as_a_whole_and_the_places_are_counted(book):
    assert rename_id(book, "syn.two", "syn.both") == {"notebooks/06_syn.ipynb": 4, "book/zh/method.md": 2, "book/ledger/print.json": 1}
    notebook = (book.notebooks / "06_syn.ipynb").read_text("utf-8")
    assert notebook == ('{"a": "desk.value(\\"syn.both\\")", "tags": ["known:syn.both"], '
                        '"b": "{v}`syn.two_batches` {v}`syn.both|bare`。{syn.both?高} x.syn.two"}')
    assert "syn.two-batches" in (book.book / "zh" / "method.md").read_text("utf-8")


def test_a_claim_is_renamed_in_the_data_too(book):
    found = rename_id(book, "projects.total", "projects.both-batches")
    assert found == {"book/zh/method.md": 1, "data/claims.csv": 3}
    assert "\nprojects.both-batches,projects," in (book.data / "claims.csv").read_text("utf-8")
    assert rename_id(book, "drive.fronts", "drive.lines")["data/claim_lists.csv"] >= 2


def test_renaming_there_and_back_changes_nothing(book):
    before = state(book)
    rename_id(book, "syn.two", "syn.both")
    rename_id(book, "syn.both", "syn.two")
    assert state(book) == before


@pytest.mark.parametrize(("old", "new", "code"), [
    ("syn.two", "syn.two_batches", "rename.taken"), ("syn.two", "syn.two", "rename.taken"), ("syn.tow", "syn.both", "rename.unknown"),
    ("syn.two", "both", "rename.bad-id"), ("syn.two", "syn.Both", "rename.bad-id"), ("syn.two", "syn.both-batches", "rename.bad-id"),
    ("projects.total", "projects.both_batches", "rename.bad-id"), ("syn.two", "syn.both ", "rename.bad-id"), ("syn.two", "", "rename.bad-id"),
])
def test_a_rename_that_cannot_be_done_is_refused_and_touches_nothing(book, old, new, code):
    before = state(book)
    with pytest.raises(WrongUse) as caught:
        rename_id(book, old, new)
    assert caught.value.findings[0].code == code
    assert state(book) == before


@pytest.mark.parametrize(("old", "words"), [("syn.two", "underscores"), ("projects.total", "hyphens")])
def test_an_id_of_the_wrong_form_is_told_the_form_of_its_kind(book, old, words):
    with pytest.raises(WrongUse) as caught:
        rename_id(book, old, "syn.both_twin-batches")
    assert caught.value.findings[0].expected == f"section.name, words joined by {words}"


def test_a_misspelt_id_is_met_with_the_near_ones(book):
    with pytest.raises(WrongUse) as caught:
        rename_id(book, "syn.two_batchs", "syn.both")
    assert "syn.two_batches" in caught.value.findings[0].next
