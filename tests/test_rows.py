"""Rows as a notebook sees them: what was public by a day, and whose word it is."""

from dataclasses import replace
from datetime import date

import pandas as pd
import pytest
from synthetic_data import TABLES, make_data

from recount.errors import BadInput, WrongUse
from recount.package import OF_OURS, Package
from recount.rows import Evidenced, Rows, not_one
from recount.verdicts import Origin

BUREAU = Origin(name="合成统计局", name_en="合成统计局 in English", kind="official", independent="yes")
PAPER = Origin(name="合成晨报", name_en="合成晨报 in English", kind="press", independent="yes")


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    return Package(make_data(tmp_path_factory.mktemp("synthetic")))


@pytest.fixture(scope="module")
def then(package):
    return Evidenced(package, date(2022, 2, 24))


@pytest.fixture(scope="module")
def later(package):
    return Evidenced(package, date(2030, 1, 1))


def test_a_table_holds_only_rows_public_by_the_day_that_day_included(then, later, package):
    assert list(then.table("observations").index) == ["R001", "R002", "R004", "R005", "R006"]
    assert list(later.table("observations").index) == ["R001", "R002", "R003", "R004", "R005", "R006"]
    eve = Evidenced(package, date(2029, 12, 31))
    assert "R003" not in eve.table("observations").index


def test_a_row_brings_its_sources_kind_origin_independence_and_day(then):
    row = then.table("observations").loc["R004"]
    assert row[["source_kind", "origin", "independent", "known_from"]].tolist() == ["unknown", "unknown", "unknown", "2022-02-02"]


def test_tables_without_a_source_are_filtered_through_their_events(then, later):
    assert list(then.table("ceremonies").index) == ["syn-early", "syn-main"]
    assert then.known_from("ceremony_breakdowns").tolist() == ["2022-01-15", "2022-01-15"]
    assert then.known_from("projects").to_dict() == {"syn-plant": "2022-02-01"}
    assert list(then.table("project_events").index) == ["E001"]
    assert list(later.table("project_events").index) == ["E001", "E002"]


def test_a_breakdown_of_a_later_event_is_not_known_before_it(tmp_path):
    rows = [row | {"ceremony_id": "syn-late"} for row in TABLES["ceremony_breakdowns"]]
    package = Package(make_data(tmp_path, ceremony_breakdowns=rows))
    assert Evidenced(package, date(2022, 2, 24)).table("ceremony_breakdowns").empty
    assert len(Evidenced(package, date(2030, 1, 1)).table("ceremony_breakdowns")) == 2


def test_a_project_without_any_event_is_never_known(tmp_path):
    projects = [*TABLES["projects"], TABLES["projects"][0] | {"project_id": "syn-silent", "name_zh": "合成无声厂"}]
    package = Package(make_data(tmp_path, projects=projects))
    assert list(Evidenced(package, date(2030, 1, 1)).table("projects").index) == ["syn-plant"]


def test_the_features_own_tables_are_known_with_the_feature_and_not_before(then, package):
    assert len(then.table("claims")) == 6
    assert Evidenced(package, date(2022, 2, 23)).table("claims").empty


def test_the_same_tables_as_of_another_day_know_what_that_day_knew(then):
    assert "R003" not in then.table("observations").index
    assert "R003" in replace(then, as_of=date(2030, 1, 1)).table("observations").index


def test_a_copy_of_a_table_may_be_changed_without_changing_the_next(then):
    table = then.table("observations")
    table.loc["R001", "value"] = -1
    assert then.table("observations").loc["R001", "value"] == 100


@pytest.mark.parametrize(("table", "key", "source"), [
    ("observations", "R004", "syn-repost"), ("sources", "syn-paper", "syn-paper"), ("claims", "projects.total", "feature-2022-02-24"),
    ("claim_lists", "drive.fronts.1", "feature-2022-02-24"), ("ceremony_breakdowns", "syn-main.sector.a", "syn-bureau"),
    ("projects", "syn-plant", "syn-paper"), ("mechanisms", "M01", "syn-bureau"),
])
def test_every_row_has_a_source_its_own_or_its_events(then, table, key, source):
    assert then.source_of(table, key) == source


def test_rows_not_public_yet_are_named_with_their_day_in_the_order_asked_for(then):
    rows = then.rows("observations", ["R003", "R002", "R001"])
    assert list(rows.frame.index) == ["R002", "R001"]
    assert rows.missing == (("R003", "2030-01-01"),)
    assert rows.refs == ("observations/R002", "observations/R001")
    assert rows.waits_for == (("observations/R003", "2030-01-01"),)


def test_a_key_that_no_row_has_is_a_mistake_with_the_near_keys(then):
    with pytest.raises(WrongUse) as caught:
        then.rows("ceremonies", ["syn-mian"])
    (finding,) = caught.value.findings
    assert (finding.code, finding.where, finding.found) == ("rows.no-such-key", "table ceremonies", "syn-mian")
    assert "syn-main" in finding.next


def test_a_filtered_table_still_knows_its_rows(then):
    table = then.table("observations")
    rows = then.of_frame(table[table["value"] > 90])
    assert rows == Rows("observations", rows.frame)
    assert rows.refs == ("observations/R001", "observations/R004")


@pytest.mark.parametrize("make", [
    lambda table: pd.DataFrame({"value": [1.0]}), lambda table: table.reset_index(drop=True),
    lambda table: table.groupby("indicator")["value"].sum().to_frame(),
])
def test_a_frame_whose_rows_cannot_be_named_is_refused(then, make):
    with pytest.raises(BadInput) as caught:
        then.of_frame(make(then.table("observations")))
    assert caught.value.findings[0].code == "rows.unknown-table"


def test_origins_are_named_once_and_the_features_tables_are_none(then):
    refs = ["observations/R001", "observations/R002", "observations/R005", "claim_lists/drive.fronts.1"]
    assert then.origins(refs) == (BUREAU, PAPER)
    assert then.origins(["claims/projects.total"]) == ()


def test_pages_of_unknown_origin_are_kept_apart_by_their_publisher(then):
    (origin,) = then.origins(["observations/R004"])
    assert (origin.name, origin.kind, origin.independent) == ("unknown (合成网 syn-repost)", "unknown", "unknown")


def test_where_not_one_row_fits_what_there_is_is_listed(then):
    frame = then.package.frame("observations")
    several = not_one(frame[frame["indicator"] == "synthetic_money"], {"indicator": "synthetic_money", "period": None},
                      describe="observation").findings[0]
    assert (several.code, several.where) == ("rows.several", "observation indicator='synthetic_money'")
    assert several.found == "3: R001 (合成县, 2021); R002 (合成县, 2020); R003 (合成县, 2022)"
    assert not_one(frame[:0], {"indicator": "none"}, describe="observation").findings[0].code == "rows.none"


def test_the_real_package_knows_more_later_and_forgets_nothing():
    from synthetic_data import REAL

    package = Package(REAL)
    then, since = Evidenced(package, date(2022, 2, 24)), Evidenced(package, date(2026, 11, 22))
    for name in package.resources:
        if name in ("sum_exceptions", *OF_OURS):
            continue
        early, late = set(then.table(name).index), set(since.table(name).index)
        assert early <= late == set(package.frame(name).index), name
        for key in late:
            assert since.source_of(name, key) in package.frame("sources").index


@pytest.mark.parametrize("ask", [lambda data: data.table("to_settle"), lambda data: data.rows("to_settle", ["projects.record"])])
def test_our_own_remarks_are_no_evidence(later, ask):
    with pytest.raises(WrongUse) as caught:
        ask(later)
    (finding,) = caught.value.findings
    assert (finding.code, finding.where, finding.found) == ("rows.no-evidence", "table to_settle", "remarks of our own")
