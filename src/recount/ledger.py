"""The ledger: all values, predicates, claims and verdicts of one edition, the same for every language."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from recount.claims import Claim
from recount.editions import LANGS, Edition
from recount.errors import Finding
from recount.evidence import CLAIM, evidence_of, support, values_from
from recount.reasons import counted, reason_of, strength_of
from recount.records import records_of
from recount.rows import FEATURE, Evidenced
from recount.rowtexts import row_entry, source_entry
from recount.verdicts import COLOURS, Evidence, Verdict, judge

# Fields in which the runs of two languages may differ.
_OF_LANGUAGE = ("title", "alt", "source", "spec", "svg", "narrow", "data", "unit", "lang")


def collect(executed: dict[str, dict[str, Any]]) -> tuple[list[dict[str, Any]], list[Finding]]:
    """The records of one edition from its executed notebooks, ``{stem: {lang: notebook}}``.

    Each record gains ``notebook`` and ``cell``. Findings: an id used by two notebooks or two kinds of record,
    and a record that differs between languages, since a number has no language.
    """
    found: list[Finding] = []
    merged: list[dict[str, Any]] = []
    owner: dict[str, tuple[str, str]] = {}
    for stem, by_lang in executed.items():
        per_lang = {lang: list(_records(notebook, stem)) for lang, notebook in by_lang.items()}
        first = per_lang.get("zh") or next(iter(per_lang.values()), [])
        for lang, records in per_lang.items():
            if [_common(record) for record in records] != [_common(record) for record in first]:
                odd = _first_difference(first, records)
                found.append(Finding(code="ledger.languages-differ", where=f"notebooks/{stem}.ipynb", lang=lang,
                                     notebook=stem, expected="the same values in every language", found=odd,
                                     next="compute from data and parameters, never from lang"))
        for record in first:
            if record["record"] == "chart":
                # By id, not by position: where the languages differ, one of them may lack a record before this.
                twins = {lang: next((each for each in records if each.get("id") == record["id"] and "alt" in each), record)
                         for lang, records in per_lang.items()}
                record = {**_common(record), "title": {lang: twin["title"] for lang, twin in twins.items()},
                          "alt": {lang: twin["alt"] for lang, twin in twins.items()},
                          "typed": {lang: twin["typed"] for lang, twin in twins.items()},
                          "points": len(record["data"]["rows"])}
            if "id" in record and not record["id"].startswith("edition."):
                here = (stem, record["record"])
                if record["id"] in owner:
                    found.append(Finding(code="ledger.duplicate-id", where=f"notebooks/{stem}.ipynb {record['id']}",
                                         notebook=stem, cell=record["cell"], expected="a name used once in the book",
                                         found=f"also a {owner[record['id']][1]} of {owner[record['id']][0]}"))
                owner.setdefault(record["id"], here)
            merged.append(record)
    return merged, found


def _records(notebook: dict[str, Any], stem: str) -> Iterable[dict[str, Any]]:
    for cell in notebook["cells"]:
        for output in cell.get("outputs", []):
            record = records_of(output)
            if record is not None:
                yield {**record, "notebook": stem, "cell": cell["id"]}


def _common(record: dict[str, Any]) -> dict[str, Any]:
    if record["record"] != "chart":
        return record
    return {key: content for key, content in record.items() if key not in (*_OF_LANGUAGE, "typed")}


def _first_difference(first: list[dict[str, Any]], other: list[dict[str, Any]]) -> str:
    for one, two in zip(first, other, strict=False):
        if _common(one) != _common(two):
            return f"{one.get('id', one.get('claim'))}: {_brief(one)} in zh, {_brief(two)} in the other"
    return f"{len(first)} records in zh, {len(other)} in the other"


def _brief(record: dict[str, Any]) -> str:
    return str(record.get("value", record.get("holds", record.get("by", record.get("id")))))


def make_ledger(records: list[dict[str, Any]], *, edition: Edition, claims: dict[str, Claim],
                data: Evidenced) -> dict[str, Any]:
    """Judge every claim and gather what a receipt needs. Plain data in, plain data out."""
    values = values_from(records)
    entries = {record["id"]: {key: content for key, content in record.items() if key != "record"}
               for record in records if record["record"] == "value"}
    for record in records:
        if record["record"] == "value":
            rests = support(record["id"], values)
            entries[record["id"]]["rests_on"] = {"rows": list(rests.rows), "claims": list(rests.claims),
                                                 "assumed": rests.assumed}
    ledger: dict[str, Any] = {
        "edition": {"name": edition.name, "as_of": edition.as_of.isoformat(),
                    "title": {lang: edition.title(lang) for lang in LANGS}},
        "values": entries,
        "predicates": {record["id"]: {**{key: content for key, content in record.items() if key != "record"},
                                      "shown": _predicate_shown(record, values, claims)}
                       for record in records if record["record"] == "predicate"},
        "claims": judged(records, edition=edition, claims=claims, data=data),
        "charts": {record["id"]: {key: record[key] for key in ("id", "notebook", "cell", "title", "alt", "points", "used", "plate")
                                        if key in record}
                   for record in records if record["record"] == "chart"},
    }
    refs = sorted({ref for entry in entries.values() for ref in entry["rows"]}
                  | {wait["row"] for entry in entries.values() for wait in entry["waits_for"]})
    ledger["rows"] = {ref: row_entry(ref, data) for ref in refs}
    ledger["sources"] = {entry["source"]: source_entry(entry["source"], data) for entry in ledger["rows"].values()}
    ledger["sources"].setdefault(FEATURE, source_entry(FEATURE, data))
    return ledger


def judged(records: list[dict[str, Any]], *, edition: Edition, claims: dict[str, Claim],
           data: Evidenced) -> dict[str, dict[str, Any]]:
    """The entry of every claim, with the verdict that follows from the judgements among some records."""
    values = values_from(records)
    judgements: dict[str, list[dict[str, Any]]] = {}
    for record in records:
        if record["record"] == "judgement":
            judgements.setdefault(record["claim"], []).append(record)
    return {claim.id: _claim_entry(claim, judgements.get(claim.id, []), values, data, edition) for claim in claims.values()}


def _claim_entry(claim: Claim, judgements: list[dict[str, Any]], values: dict[str, Any], data: Evidenced,
                 edition: Edition) -> dict[str, Any]:
    entry = {
        "id": claim.id, "section": claim.section, "line": claim.line, "printed": claim.printed, "kind": claim.kind,
        "label": {"zh": claim.label_zh, "en": claim.label_en}, "shown": {lang: claim.shown(lang) for lang in LANGS},
        "by": [judgement["by"] for judgement in judgements],
        "notebook": judgements[0]["notebook"] if judgements else None,
        "cell": judgements[0]["cell"] if judgements else None,
        "aspects": {},
    }
    pieces: dict[str, list[Evidence]] = {}
    for judgement in judgements:
        pieces.setdefault(judgement["aspect"], []).append(
            evidence_of(judgement, values, data, band=judgement["band"]))
    for aspect, evidence in pieces.items():
        band = max(judgement["band"] for judgement in judgements)
        verdict = judge(claim.interval(band), evidence)
        # A reading speaks of its evidence; where that is not known yet there is nothing to read.
        readings: list[dict[str, str]] = []
        for judgement in judgements:
            reading = judgement["reading"]
            if judgement["aspect"] == aspect and values[judgement["by"]].known and reading["zh"] and (
                    reading not in readings):
                readings.append(reading)
        entry["aspects"][aspect] = _verdict_entry(verdict, claim, values, readings, edition)
    entry.update(_main(entry["aspects"]))
    return entry


def _main(aspects: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """The verdict that colours a claim: on what came of it where there is evidence, else on what was stated."""
    if not aspects:
        empty = {"zh": "", "en": ""}
        return {"verdict": "unexamined", "colour": COLOURS["unexamined"], "rule": "unexamined",
                "reason": {"zh": "相关章节尚未写成。", "en": "Its chapter is still to come."}, "strength": empty,
                "origins": 0, "others": 0, "decided_by": [], "voices": []}
    ranked = [aspects[name] for name in ("met", "stated") if name in aspects]
    return next((entry for entry in ranked if entry["verdict"] != "open"), ranked[0])


def _verdict_entry(verdict: Verdict, claim: Claim, values: dict[str, Any], readings: list[dict[str, str]],
                   edition: Edition) -> dict[str, Any]:
    origins, others = counted(verdict)
    return {"verdict": verdict.word, "colour": verdict.colour, "rule": verdict.rule,
            "reason": {lang: reason_of(verdict, claim, values, readings, edition, lang) for lang in LANGS},
            "strength": {lang: strength_of(verdict, lang) for lang in LANGS}, "origins": origins, "others": others,
            # For the queue: which values the verdict hangs on, and whose word they are.
            "decided_by": list(dict.fromkeys(item.value_id for item in (*verdict.decided_by, *verdict.against))),
            "voices": [asdict(origin) for origin in dict.fromkeys(
                origin for item in (*verdict.decided_by, *verdict.against) for origin in item.origins)]}


def _predicate_shown(record: dict[str, Any], values: dict[str, Any], claims: dict[str, Claim]) -> dict[str, str]:
    def side(name: str, lang: str) -> str:
        if name.startswith(CLAIM):
            return claims[name.removeprefix(CLAIM)].shown(lang)["full"]
        return values[name].shown(lang)["full"]

    signs = {">=": "≥", "<=": "≤", "==": "=", "!=": "≠"}
    sign = signs.get(record["op"], record["op"])
    return {lang: f"{side(record['left'], lang)} {sign} {side(record['right'], lang)}" for lang in LANGS}
