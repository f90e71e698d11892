"""Editions: what was known by a day, read from a file that says so and nothing else."""

from datetime import date
from pathlib import Path

import pytest

from recount.editions import Edition, edition_named, read_editions
from recount.errors import BadInput, WrongUse

GOOD = '[print]\nas_of = 2022-02-24\ntitle_zh = "见报"\ntitle_en = "In print"\n'


def read(tmp_path, text):
    path = tmp_path / "editions.toml"
    path.write_text(text, "utf-8")
    return read_editions(path)


def test_the_book_has_the_day_of_print_and_a_literal_later_day():
    editions = read_editions(Path(__file__).parents[1] / "book" / "editions.toml")
    assert list(editions) == ["print", "since"]
    assert editions["print"].as_of == date(2022, 2, 24) < editions["since"].as_of
    assert all(each.title("zh") and each.title("en") for each in editions.values())


def test_an_edition_carries_its_assumptions(tmp_path):
    made = read(tmp_path, GOOD + "[print.assumptions]\nvat = 0.13\n")
    assert made == {"print": Edition(name="print", as_of=date(2022, 2, 24), title_zh="见报", title_en="In print", assumptions={"vat": 0.13})}
    assert read(tmp_path, GOOD)["print"].assumptions == {}


@pytest.mark.parametrize(("text", "code", "where"), [
    (GOOD.replace("as_of", "as_off"), "edition.bad-key", "[print] as_of"),
    (GOOD + 'colour = "red"\n', "edition.bad-key", "[print] colour"),
    (GOOD.replace("2022-02-24", '"2022-02-24"'), "edition.bad-key", "[print] as_of"),
    (GOOD.replace("2022-02-24", "2022-02-24T08:00:00"), "edition.bad-key", "[print] as_of"),
    (GOOD.replace('"见报"', "7"), "edition.bad-key", "[print] title_zh"),
    (GOOD.replace('title_en = "In print"\n', ""), "edition.bad-key", "[print] title_en"),
    (GOOD + "assumptions = 3\n", "edition.bad-key", "[print] assumptions"),
    (GOOD.replace("[print]", '["in print"]'), "edition.bad-name", "in print"),
    ("print = 2022-02-24\n", "edition.bad-name", "print"),
    ("", "edition.none", ""), (GOOD.replace("2022-02-24", "2022-02-30"), "edition.malformed", ""), ("[print\n", "edition.malformed", ""),
])
def test_a_file_that_does_not_describe_editions_is_refused_where_it_fails(tmp_path, text, code, where):
    with pytest.raises(BadInput) as caught:
        read(tmp_path, text)
    (finding,) = caught.value.findings
    assert (finding.code, finding.where) == (code, f"book/editions.toml {where}".strip())
    assert finding.expected and finding.found


@pytest.mark.parametrize("fields", [{"name": "in print"}, {"as_of": "2022-02-24"}])
def test_an_edition_without_a_name_or_a_day_cannot_be_made(fields):
    with pytest.raises(ValueError, match="not an edition"):
        Edition(**({"name": "print", "as_of": date(2022, 2, 24), "title_zh": "见报", "title_en": "In print"} | fields))


def test_a_misspelt_key_is_met_with_the_near_ones(tmp_path):
    with pytest.raises(BadInput) as caught:
        read(tmp_path, GOOD + 'titel_en = "x"\n')
    assert "title_en" in caught.value.findings[0].next


def test_a_missing_file_and_one_in_another_encoding_are_named(tmp_path):
    with pytest.raises(BadInput) as caught:
        read_editions(tmp_path / "editions.toml")
    assert caught.value.findings[0].code == "edition.missing-file"
    (tmp_path / "editions.toml").write_bytes(GOOD.encode("gb18030"))
    with pytest.raises(BadInput) as caught:
        read_editions(tmp_path / "editions.toml")
    assert caught.value.findings[0].code == "edition.malformed"


def test_a_misspelt_edition_is_met_with_the_near_names(tmp_path):
    editions = read(tmp_path, GOOD)
    assert edition_named(editions, "print").name == "print"
    with pytest.raises(WrongUse) as caught:
        edition_named(editions, "pirnt")
    assert (caught.value.findings[0].code, caught.value.findings[0].next) == ("edition.unknown", "did you mean print?")
