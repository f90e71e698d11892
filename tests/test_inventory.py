"""The inventory of the feature's numbers, and the tables that account for it."""

from __future__ import annotations

import csv
import hashlib
import re
from decimal import Decimal
from pathlib import Path

import pytest

from recount.inventory import (
    FEATURE_SHA256,
    NumberToken,
    number_tokens,
    read_inventory,
    render_inventory,
    uncovered,
)

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT / "data"
FEATURE = ROOT.parent / "shared" / "feature.txt"

CLAIM_COLUMNS = ["claim_id", "section", "line", "printed", "comparator", "value", "value_max", "unit", "kind",
                 "label_zh", "label_en", "note"]
SECTIONS = ["targets", "drive", "holiday", "factories", "hands", "projects", "flagships"]
COMPARATORS = {"eq", "ge", "gt", "le", "lt", "approx", "near_below", "range"}
KINDS = {"fact", "plan", "forecast", "count_of_list", "rule", "superlative"}
COMPARATOR_WORDS = {"以上": "ge", "超": "gt", "约": "approx", "近": "near_below", "内": "le"}
CHINESE = {"一": 1, "两": 2, "三": 3, "四": 4, "五": 5, "七": 7, "八": 8,
           "百": 100, "千": 1000, "百亿": 100 * 10**8}
POWERS = {"万": 10**4, "亿": 10**8}


def rows(name: str) -> list[dict[str, str]]:
    with open(DATA / name, encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def tokens_of(text: str) -> list[str]:
    return [token.token for token in number_tokens(text)]


def amount(token: str) -> Decimal:
    """The number a token stands for, with 万 and 亿 written out."""
    if token in CHINESE:
        return Decimal(CHINESE[token])
    digits = token.rstrip("%万亿")
    return Decimal(digits) * POWERS.get(token[len(digits):], 1)


CLAIMS = rows("claims.csv")
LISTS = rows("claim_lists.csv")
NOT_CLAIMS = rows("not_claims.csv")
INVENTORY = read_inventory(DATA / "feature_numbers.csv")
claim_by_claim = pytest.mark.parametrize("claim", CLAIMS, ids=lambda row: row["claim_id"])


# --- finding numbers -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("118个", ["118"]),
        ("500.1亿元", ["500.1亿"]),
        ("20万套", ["20万"]),
        ("3.5万亿元", ["3.5万亿"]),
        ("15%以上", ["15%"]),
        ("１５．５％", ["１５．５％"]),
        ("1 月 12 日", ["1", "12"]),
        ("40MW", ["40"]),
        ("第十五次", ["十五"]),
        ("近百款", ["百"]),
        ("百亿级", ["百亿"]),
        ("一十百千", ["一十百千"]),
        ("两批次、三步、半点", ["两", "三", "半"]),
        ("统一", ["一"]),
        ("第3. 完", ["3"]),
        ("没有", []),
        ("", []),
    ],
)
def test_a_number_is_found_as_it_is_printed(text, found):
    assert tokens_of(text) == found


def test_a_number_knows_its_line_from_one_and_its_offset_from_zero():
    assert number_tokens("无\n共58个，5月") == [NumberToken(2, 1, "58"), NumberToken(2, 5, "5")]


def test_windows_line_ends_move_no_number():
    assert number_tokens("一\r\n共2") == number_tokens("一\n共2")


def test_a_number_wrapped_over_two_lines_gives_a_token_in_each():
    assert number_tokens("一十\n百千") == [NumberToken(1, 0, "一十"), NumberToken(2, 0, "百千")]


# --- covering numbers ------------------------------------------------------------------


def test_a_claim_covers_the_number_it_prints_on_its_line_only():
    tokens = number_tokens("98亿元以上\n98亿元")
    claims = [{"line": "1", "printed": "98亿元以上"}]
    assert uncovered(tokens, claims, []) == [NumberToken(2, 0, "98亿")]


def test_spaces_in_the_printed_form_do_not_matter():
    assert uncovered(number_tokens("1 月 12 日"), [{"line": 1, "printed": "1 月 12 日"}], []) == []
    assert uncovered(number_tokens("1 月 12 日"), [{"line": 1, "printed": "1月12日"}], []) == []


def test_a_longer_number_does_not_hide_a_shorter_one():
    tokens = number_tokens("118个和18个")
    assert uncovered(tokens, [{"line": 1, "printed": "118个"}], []) == [NumberToken(1, 5, "18")]


def test_one_claim_does_not_hide_the_same_number_twice():
    tokens = number_tokens("千人千企")
    assert uncovered(tokens, [{"line": 1, "printed": "千企"}], []) == [NumberToken(1, 2, "千")]


def test_a_reason_covers_exactly_its_own_token():
    tokens = number_tokens("一手一手")
    reason = [{"line": "1", "offset": "0", "token": "一"}]
    assert uncovered(tokens, [], reason) == [NumberToken(1, 2, "一")]


def test_a_reason_at_the_wrong_place_covers_nothing():
    tokens = number_tokens("共58个")
    assert uncovered(tokens, [], [{"line": 1, "offset": 0, "token": "58"}]) == tokens


def test_a_row_without_its_fields_is_an_error():
    with pytest.raises(KeyError):
        uncovered([], [{"line": 1}], [])
    with pytest.raises(ValueError):
        uncovered([], [], [{"line": "x", "offset": 0, "token": "1"}])


# --- reading the inventory -------------------------------------------------------------


def test_an_inventory_reads_back_as_it_was_written(tmp_path):
    tokens = number_tokens("58个\n一十\n638.7亿元，15%")
    path = tmp_path / "numbers.csv"
    path.write_bytes(render_inventory(tokens).encode())
    assert read_inventory(path) == tokens


@pytest.mark.parametrize(
    ("content", "row", "found"),
    [
        ("", 1, "an empty file"),
        ("\ufeffline,offset,token\n", 1, "line,offset"),
        ("offset,line,token\n1,1,58\n", 1, "offset,line,token"),
        ("line,offset,token\n1,58\n", 2, "2"),
        ("line,offset,token\n0,1,58\n", 2, "'0'"),
        ("line,offset,token\n1,-1,58\n", 2, "'-1'"),
        ("line,offset,token\n1,1,58\n１,2,5\n", 3, "'１'"),
        ("line,offset,token\n1,1,many\n", 2, "'many'"),
        ("line,offset,token\n1,1,58\n1,1,58\n", 3, "58"),
        ("line,offset,token\n2,1,58\n1,1,5\n", 3, "line=1"),
    ],
)
def test_a_broken_inventory_is_refused_with_its_row(tmp_path, content, row, found):
    path = tmp_path / "numbers.csv"
    path.write_bytes(content.encode())
    with pytest.raises(ValueError) as error:
        read_inventory(path)
    assert f"{path} row {row}" in str(error.value)
    assert found in str(error.value)


def test_a_missing_inventory_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        read_inventory(tmp_path / "none.csv")


# --- the feature -----------------------------------------------------------------------


def test_every_number_of_the_feature_is_a_claim_or_has_a_reason():
    assert uncovered(INVENTORY, CLAIMS, NOT_CLAIMS) == []


def test_every_reason_belongs_to_a_number_of_the_feature():
    reasons = [NumberToken(int(r["line"]), int(r["offset"]), r["token"]) for r in NOT_CLAIMS]
    assert set(reasons) <= set(INVENTORY)
    assert reasons == sorted(set(reasons))
    assert all(row["reason_zh"] and row["reason_en"] for row in NOT_CLAIMS)


def test_no_number_is_both_a_claim_and_given_a_reason():
    claimed = sum(len(tokens_of(claim["printed"])) for claim in CLAIMS)
    assert claimed + len(NOT_CLAIMS) == len(INVENTORY)


def test_the_committed_inventory_has_the_one_form_that_is_written():
    committed = (DATA / "feature_numbers.csv").read_bytes()
    assert committed == render_inventory(INVENTORY).encode()


@pytest.mark.skipif(not FEATURE.exists(), reason="the feature's text is not beside the repository")
def test_the_inventory_is_that_of_the_real_text():
    content = FEATURE.read_bytes()
    assert hashlib.sha256(content).hexdigest() == FEATURE_SHA256
    text = content.decode("utf-8")
    assert number_tokens(text) == INVENTORY
    flat = re.sub(r"\s", "", text)
    lines = [re.sub(r"\s", "", line) for line in text.split("\n")]
    for row, printed in [(c, c["printed"]) for c in CLAIMS] + [(i, i["item_zh"]) for i in LISTS]:
        number = int(row["line"])
        around = "".join(lines[max(0, number - 3) : number + 2])
        assert printed in around, row
    for table in (CLAIMS, LISTS, NOT_CLAIMS):
        for cell in (cell for row in table for cell in row.values()):
            runs = [cell[i : i + 14] for i in range(len(cell) - 13)]
            assert not [run for run in runs if run in flat], "a sentence of the feature was copied"


# --- the claims ------------------------------------------------------------------------


def test_claims_have_the_agreed_columns_and_order():
    assert list(CLAIMS[0]) == CLAIM_COLUMNS
    ids = [claim["claim_id"] for claim in CLAIMS]
    assert len(ids) == len(set(ids))
    places = [(SECTIONS.index(claim["section"]), int(claim["line"])) for claim in CLAIMS]
    assert places == sorted(places)


@claim_by_claim
def test_a_claim_is_written_in_the_agreed_words(claim):
    assert re.fullmatch(rf"{claim['section']}\.[a-z0-9]+(-[a-z0-9]+)*", claim["claim_id"])
    assert claim["comparator"] in COMPARATORS
    assert claim["kind"] in KINDS
    assert (claim["value_max"] != "") == (claim["comparator"] == "range")
    assert all(claim[column] for column in ("printed", "unit", "label_zh", "label_en", "note"))
    assert len(claim["printed"]) <= 10 and not re.search(r"\s", claim["printed"])
    assert not re.search(r"[㐀-鿿]", claim["label_en"])


@claim_by_claim
def test_the_numbers_a_claim_prints_stand_on_its_line(claim):
    there = [token.token for token in INVENTORY if token.line == int(claim["line"])]
    for token in tokens_of(claim["printed"]):
        assert token in there


@claim_by_claim
def test_the_value_of_a_claim_is_its_printed_number_in_its_unit(claim):
    tokens = tokens_of(claim["printed"])
    if claim["unit"] == "日期":
        month, day = map(int, tokens)
        assert claim["value"] == ""
        assert re.match(rf"date=2022-{month:02}-{day:02} ", claim["note"])
    elif tokens:
        unit = POWERS.get(claim["unit"][0], 1)
        assert [amount(token) for token in tokens] == [Decimal(claim["value"]) * unit]
    else:  # printed as a word: all, record
        assert claim["claim_id"] in {"factories.staff-back", "projects.record"}


@claim_by_claim
def test_the_comparator_of_a_claim_is_the_word_it_prints(claim):
    words = {meaning for word, meaning in COMPARATOR_WORDS.items() if word in claim["printed"]}
    if words:
        assert {claim["comparator"]} == words
    elif claim["comparator"] == "approx":
        assert "round figure" in claim["note"]
    elif claim["comparator"] != "eq":
        assert claim["claim_id"] in {"projects.record", "flagships.solar-scale"}


def test_the_record_is_that_of_the_two_batches():
    value = {claim["claim_id"]: claim["value"] for claim in CLAIMS}
    assert value["projects.record"] == value["projects.two-batches-investment"]


# --- the feature's own lists -----------------------------------------------------------


def test_every_list_belongs_to_a_count_of_a_list_and_is_numbered_from_one():
    counts = {claim["claim_id"] for claim in CLAIMS if claim["kind"] == "count_of_list"}
    assert {item["claim_id"] for item in LISTS} <= counts
    for claim_id in counts:
        items = [item for item in LISTS if item["claim_id"] == claim_id]
        assert [item["position"] for item in items] == [str(i + 1) for i in range(len(items))]
        assert [item["item_id"] for item in items] == [
            f"{claim_id}.{item['position']}" for item in items
        ]


@pytest.mark.parametrize(
    "claim",
    [claim for claim in CLAIMS if claim["kind"] == "count_of_list"],
    ids=lambda row: row["claim_id"],
)
def test_a_count_says_so_where_the_feature_does_not_list_what_it_counts(claim):
    items = [item for item in LISTS if item["claim_id"] == claim["claim_id"]]
    assert all(item["item_zh"] and item["item_en"] for item in items)
    if not items:
        assert "does not list" in claim["note"]
    elif len(items) < int(claim["value"]):
        assert "names only" in claim["note"]
    else:
        assert "only" not in claim["note"]
