"""The data package as typed tables, read once, and refused with a code where it does not fit its schema."""

import json

import pandas as pd
import pytest
from synthetic_data import REAL, TABLES, make_data, observation

from recount.errors import BadInput, WrongUse
from recount.package import OF_THE_FEATURE, Package


@pytest.fixture
def package(tmp_path):
    return Package(make_data(tmp_path))


def refused(call, kind=BadInput):
    with pytest.raises(kind) as caught:
        call()
    (finding,) = caught.value.findings
    return finding


def test_a_table_is_typed_by_the_schema_and_indexed_by_its_key(package):
    frame = package.frame("ceremonies")
    assert list(frame.index) == ["syn-early", "syn-main", "syn-late"] and frame.index.name is None
    row = frame.loc["syn-main"]
    assert (row["ceremony_id"], row["inv_total"], row["n_total"], row["note_zh"]) == ("syn-main", 100.5, 5, "")
    assert (frame["inv_total"].dtype, frame["n_total"].dtype, frame["date"].dtype) == ("float64", "Int64", "object")
    assert pd.isna(row["inv_complete"]) and pd.isna(row["n_complete"])
    assert package.frame("projects")["is_peer"].tolist() == [False]


def test_texts_that_pandas_takes_for_missing_stay_texts(tmp_path):
    rows = [observation("R001", 1, subject="NA"), observation("R002", 1, subject="null", period="2020")]
    assert package_of(tmp_path, observations=rows).frame("observations")["subject"].tolist() == ["NA", "null"]


def package_of(folder, **tables):
    return Package(make_data(folder, **tables))


def test_a_table_is_read_once(package):
    first = package.frame("observations")
    (package.folder / "observations.csv").unlink()
    assert package.frame("observations") is first


def test_labels_follow_the_language_and_the_key_names_a_row(package):
    resource = package.resource("ceremonies")
    assert (resource.label("place", "zh"), resource.label("place_en", "en")) == ("地点", "place")
    assert resource.of_type("integer") == {"n_start", "n_complete", "n_topped_out", "n_sign", "n_total"}
    assert resource.key_of({"ceremony_id": "syn-main"}) == "syn-main"
    assert package.resource("not_claims").key_of({"line": "17", "offset": "15"}) == "17/15"
    assert resource.references == (("source_id", "sources", "source_id"),)


def test_an_unknown_table_is_met_with_the_near_names(package):
    finding = refused(lambda: package.frame("ceremony"), WrongUse)
    assert finding.code == "table.unknown" and "ceremonies" in finding.next


@pytest.mark.parametrize(("break_it", "code", "found"), [
    (lambda path: path.unlink(), "data.unreadable", "No such file"),
    (lambda path: path.write_bytes(path.read_text("utf-8").encode("gb18030")), "data.unreadable", "utf-8"),
    (lambda path: path.write_bytes(path.read_bytes()[3:]), "data.columns", "missing: obs_id"),
    (lambda path: path.write_text(path.read_text("utf-8").replace(",100,", ",1oo,", 1), "utf-8"), "data.wrong-type", "1oo"),
    (lambda path: path.write_text(path.read_text("utf-8").replace("R002", "R001", 1), "utf-8"), "data.duplicate-key", "R001"),
    (lambda path: path.write_text("obs_id,obs_id\n<<<<<<< HEAD\n", "utf-8"), "data.columns", "missing"),
])
def test_a_table_edited_by_hand_between_checks_is_refused_with_a_code(package, break_it, code, found):
    break_it(package.folder / "observations.csv")
    finding = refused(lambda: package.frame("observations"))
    assert finding.code == code and finding.where.startswith("data/observations.csv") and found in finding.found


@pytest.mark.parametrize(("text", "found"), [
    ("{", "Expecting property name"), ("[]", "no list of resources"), ('{"resources": {}}', "no list of resources"),
    ('{"resources": [{}]}', "table 1: 'schema'"), ('{"resources": [{"name": "syn", "path": "syn.csv"}]}', "table syn: 'schema'"),
    ('{"resources": ["syn"]}', "table 1: "), ('\ufeff{"resources": []}', "BOM"),
    ('{"resources": [{"name": "syn", "path": "a", "title": "t", "schema": {"fields": []}}]}', "table syn: 'primaryKey'"),
])
def test_a_descriptor_that_cannot_be_used_says_which_table_lacks_what(tmp_path, text, found):
    (tmp_path / "datapackage.json").write_text(text, "utf-8")
    finding = refused(lambda: Package(tmp_path).resources)
    assert (finding.code, finding.where) == ("data.descriptor", "data/datapackage.json")
    assert found in finding.found


def test_a_missing_descriptor_is_named(tmp_path):
    assert refused(lambda: Package(tmp_path).descriptor).found == "no such file"


def test_the_real_package_describes_every_csv_beside_it_and_no_other():
    package = Package(REAL)
    assert {resource.path for resource in package.resources.values()} == {path.name for path in REAL.glob("*.csv")}
    assert set(OF_THE_FEATURE) < set(package.resources)
    assert set(TABLES) == set(package.resources)


def test_every_column_of_the_real_package_has_a_label_in_both_languages():
    descriptor = json.loads((REAL / "datapackage.json").read_text("utf-8"))
    for table in descriptor["resources"]:
        assert table["title"] and table["title_zh"], table["name"]
        for field in table["schema"]["fields"]:
            assert field.get("title") and field.get("title_zh"), (table["name"], field["name"])


def test_every_row_of_the_real_package_with_a_caution_says_it_in_both_languages():
    package = Package(REAL)
    cautioned = 0
    for name, resource in package.resources.items():
        if "note_zh" in resource.columns:
            frame = package.frame(name)
            assert ((frame["note_zh"] == "") == (frame["note_en"] == "")).all(), name
            cautioned += (frame["note_zh"] != "").sum()
    assert cautioned > 100
