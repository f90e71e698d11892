"""Explain an id: everything that stands behind one number, from the ledger of an edition."""

from __future__ import annotations

from typing import Any

from recount.editions import edition_named, read_editions
from recount.errors import Finding, WrongUse, did_you_mean
from recount.evidence import CLAIM
from recount.ledger_file import read_json
from recount.project import Project
from recount.verdicts import WORDS

GROUPS = {"values": "value", "claims": "claim", "predicates": "predicate", "charts": "chart", "rows": "row",
          "sources": "source"}


def explained(project: Project, id: str, *, edition: str) -> dict[str, Any]:
    """The entry of an id, with its rows, their sources and its inputs resolved.

    Raises WrongUse for an unknown id (with the near ones) or before the first check.
    """
    edition_named(read_editions(project.book / "editions.toml"), edition)
    path = project.ledgers / f"{edition}.json"
    if not path.is_file():
        raise WrongUse(Finding(code="explain.no-ledger", where=project.short(path), expected="a ledger",
                               found="none yet", next="recount check"))
    ledger = read_json(path, name=project.short(path))
    # As it prints a claim among inputs, and as a cell may bind it beside a value of the same name.
    groups = {"claims": "claim"} if id.startswith(CLAIM) else GROUPS
    id = id.removeprefix(CLAIM)
    group = next((group for group in groups if id in ledger[group]), None)
    if group is None:
        known = [name for group in GROUPS for name in ledger[group]]
        raise WrongUse(Finding(code="explain.unknown-id", where=f"explain {id}", found=id,
                               expected="an id of the ledger", next=did_you_mean(id, known)))
    what, entry = groups[group], ledger[group][id]
    found = {"what": what, "edition": edition, "id": id, **entry}
    if what == "value":
        found["row_entries"] = [_row(ref, ledger) for ref in entry["rows"]]
        found["input_entries"] = [_brief(name, ledger) for name in entry["inputs"]]
        found["waiting"] = [{**wait, **_row(wait["row"], ledger)} for wait in entry["waits_for"]]
        found["claims"] = [_brief(CLAIM + name, ledger) for name, claim in ledger["claims"].items()
                           if id in claim["by"]]
    elif what == "claim":
        found["values"] = [explained(project, name, edition=edition) for name in dict.fromkeys(entry["by"])]
    elif what == "predicate":
        found["input_entries"] = [_brief(entry[side], ledger) for side in ("left", "right")]
    elif what == "row":
        found["source_entry"] = ledger["sources"][entry["source"]]
    return found


def _row(ref: str, ledger: dict[str, Any]) -> dict[str, Any]:
    row = ledger["rows"][ref]
    return {"ref": ref, **row, "source_entry": ledger["sources"][row["source"]]}


def _brief(name: str, ledger: dict[str, Any]) -> dict[str, Any]:
    if name.startswith(CLAIM):
        claim = ledger["claims"][name.removeprefix(CLAIM)]
        return {"id": name, "shown": claim["shown"], "verdict": claim["verdict"]}
    return {"id": name, "shown": ledger["values"][name]["shown"]}


def in_words(entry: dict[str, Any], lang: str) -> str:
    """An explained entry as plain lines."""
    lines = [f"{entry['what']} {entry['id']}  ({entry['edition']} edition)"]
    match entry["what"]:
        case "value":
            lines += _value_lines(entry, lang)
        case "claim":
            lines += [f"  printed   {entry['shown'][lang]['full']}  (line {entry['line']}: {entry['label'][lang]})",
                      f"  verdict   {WORDS[lang][entry['verdict']]} [{entry['colour']}], {entry['strength'][lang]}",
                      f"  because   {entry['reason'][lang]}"]
            lines += [f"  {aspect:<9} {WORDS[lang][each['verdict']]}: {each['reason'][lang]}"
                      for aspect, each in entry["aspects"].items() if len(entry["aspects"]) > 1]
            for value in entry["values"]:
                lines += ["", f"  set beside {value['id']}", *("  " + line for line in _value_lines(value, lang))]
        case "predicate":
            lines += [f"  {entry['shown'][lang]}: {entry['holds']}", f"  recorded in {entry['notebook']}"]
        case "chart":
            lines += [f"  {entry['title'][lang]}", f"  {entry['alt'][lang]}", f"  recorded in {entry['notebook']}"]
        case "row":
            lines += _row_lines({"ref": entry["id"], **entry}, lang)
        case "source":
            lines += _source_lines(entry, lang)
    return "\n".join(lines)


def _value_lines(entry: dict[str, Any], lang: str) -> list[str]:
    lines = [f"  value     {entry['shown'][lang]['full']}", f"  formula   {entry['formula'][lang]}",
             f"  notebook  {entry['notebook']} cell {entry['cell']}"]
    lines += [f"  input     {item['id']}: {item['shown'][lang]['full']}" for item in entry["input_entries"]]
    lines += [f"  waits for {item['ref']}, public by {item['known_from']}" for item in entry["waiting"]]
    for row in entry["row_entries"]:
        lines += _row_lines(row, lang)
    lines += [f"  bears on  {item['id']}: {WORDS[lang][item['verdict']]}" for item in entry["claims"]]
    return lines


def _row_lines(row: dict[str, Any], lang: str) -> list[str]:
    pick = {"zh": (0, 2), "en": (1, 3)}[lang]
    cells = "; ".join(f"{cell[pick[0]]}: {cell[pick[1]]}" for cell in row["cells"])
    lines = [f"  row       {row['ref']}  {row['title'][lang]}", f"            {cells}"]
    if row["note"][lang]:
        lines.append(f"            note: {row['note'][lang]}")
    return [*lines, *_source_lines(row["source_entry"], lang)]


def _source_lines(source: dict[str, Any], lang: str) -> list[str]:
    own = "" if lang == "zh" else "_en"
    return [f"  source    {source['id']}: {source['title']} ({source['publisher' + own]}, {source['published'] or 'undated'})",
            f"            origin {source['origin' + own]} ({source['origin_kind']}); independent: {source['independent']}, "
            f"{source['independent_reason'][lang]}; public by {source['known_from']}"
            + (f"; {source['url']}" if source["url"] else "")]
