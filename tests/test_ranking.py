"""The ranking of sections by how much of each is settled: recomputed here from the claims, another way."""

from __future__ import annotations

import re
from fractions import Fraction

import pytest

pytestmark = [pytest.mark.slow]
BOOKS = [(lang, edition) for lang in ("zh", "en") for edition in ("print", "since")]


def shares(ledger, middle):
    """The share of points of each section when a plausible or doubtful claim earns ``middle`` and a settled one 1."""
    earned = {"confirmed": 1, "contradicted": 1, "plausible": middle, "doubtful": middle}
    of_section: dict[str, list] = {}
    for claim in ledger["claims"].values():
        of_section.setdefault(claim["section"], []).append(earned.get(claim["verdict"], 0))
    return {section: Fraction(sum(points), len(points)) for section, points in of_section.items()}


def ranks(by_share):
    return {section: 1 + sum(other > share for other in by_share.values()) for section, share in by_share.items()}


@pytest.mark.parametrize("edition", ["print", "since"])
def test_points_shares_and_ranks_follow_from_the_verdicts(ledgers, edition):
    ledger = ledgers[edition]
    number = {name.removeprefix("ledger."): value["value"] for name, value in ledger["values"].items()}
    middle = Fraction(number["points_leaning"]) / Fraction(number["points_settled"])
    expected = shares(ledger, middle)
    for section, share in expected.items():
        assert number[f"{section}_share"] == pytest.approx(float(100 * share), abs=0.05)
        assert number[f"{section}_points"] == float(share * number[f"{section}_claims"] * Fraction(number["points_settled"]))
        assert number[f"{section}_rank"] == ranks(expected)[section]


@pytest.mark.parametrize("edition", ["print", "since"])
def test_how_far_ranks_move_follows_from_the_points_tried(ledgers, edition):
    ledger = ledgers[edition]
    values = ledger["values"]
    tried = values["ledger.points_tried"]["value"]
    ours = Fraction(values["ledger.points_leaning"]["value"]) / Fraction(values["ledger.points_settled"]["value"])
    middles = [*(Fraction(step, tried + 1) for step in range(1, tried + 1)), ours]
    places: dict[str, set[int]] = {}
    for middle in middles:
        for section, rank in ranks(shares(ledger, middle)).items():
            places.setdefault(section, set()).add(rank)
    assert values["ledger.moved"]["value"] == sum(len(each) > 1 for each in places.values())
    reach = max(max(each) - min(each) for each in places.values())
    assert values["ledger.mover_worst"]["value"] - values["ledger.mover_best"]["value"] == reach


def test_equal_shares_share_the_better_rank(ledgers):
    tied = [edition for edition, ledger in ledgers.items()
            for by_rank in [[value["value"] for name, value in ledger["values"].items() if name.endswith("_rank")]]
            if len(set(by_rank)) < len(by_rank)]
    assert tied, "no edition has a tie any more: look for one elsewhere"


@pytest.mark.parametrize(("lang", "edition"), BOOKS)
def test_the_table_stands_in_the_order_of_its_ranks(built, ledgers, lang, edition):
    page = (built.site / lang / edition / "09_ledger.html").read_text("utf-8")
    table = page[page.index("recount-ranked"):]
    rows = re.findall(r"<tr.*?</tr>", table[: table.index("</table>")], flags=re.DOTALL)[1:]
    cells = [[re.sub(r"<[^>]+>", "", cell).strip() for cell in re.findall(r"<td.*?</td>", row, flags=re.DOTALL)] for row in rows]
    ordered = [int(row[0]) for row in cells]
    assert ordered == sorted(ordered) and ordered[0] == 1
    assert len(cells) == len({claim["section"] for claim in ledgers[edition]["claims"].values()})
    first = page.index("积分与排名" if lang == "zh" else "Points and ranks")
    assert ledgers[edition]["values"]["ledger.leader"]["shown"][lang]["full"] in re.sub(r"<[^>]+>", "", page[first:first + 400])
