"""The gate: everything that must be true before a page is published.

Each check is plain data in, findings out. Nothing here has a flag that turns it off.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from recount.accepted import Change
from recount.bound import literal
from recount.editions import LANGS
from recount.errors import Finding
from recount.passages import Passage, tag_findings, twin_findings
from recount.prose import Allowed, bindings, lint, lint_spec, lint_text, render, sentences
from recount.records import is_echo, records_of
from recount.words import Unbound, resolve

NOTHING_PUBLISHED = "nothing was published"
NO_SENTENCE = "(no sentence)"


def prose_findings(all_passages: list[Passage], allowed: Allowed) -> list[Finding]:
    """Numbers typed by hand, malformed roles, and cells without their twin."""
    found = [*twin_findings(all_passages), *tag_findings(all_passages)]
    for passage in all_passages:
        found += lint(passage.markdown, where=passage.where, notebook=passage.notebook, cell=passage.cell,
                      lang=passage.lang or "zh", allowed=allowed)
    return found


def binding_findings(all_passages: list[Passage], ledger: Mapping[str, Any]) -> list[Finding]:
    """Roles that do not resolve, or words that are not true, in the passages that this edition prints."""
    found = []
    for passage in all_passages:
        place = {"where": passage.where, "notebook": passage.notebook, "cell": passage.cell, "lang": passage.lang,
                 "done": NOTHING_PUBLISHED}
        try:
            stands = passage.stands_in(ledger)
        except Unbound as unbound:
            found.append(Finding(code=f"tag.{unbound.code}", **place, expected="an id of the ledger", found=str(unbound)))
            continue
        if not stands or not passage.lang:
            continue
        for binding in bindings(passage.markdown):
            try:
                text = f"{binding.word} <{binding.id}>" if binding.kind == "holds" else f"{binding.id}|{binding.flag}"
                resolve(binding.kind, text, ledger=ledger, lang=passage.lang)
            except Unbound as unbound:
                found.append(Finding(code=f"binding.{unbound.code}", **place, found=str(unbound),
                                     expected=f"a bound word that holds in the {ledger['edition']['name']} edition",
                                     next=f"recount explain {binding.id}"))
    return found


def output_findings(executed: Mapping[str, Mapping[str, Any]], allowed: Allowed) -> list[Finding]:
    """What the notebooks printed: only what the desk recorded, and no number typed into its titles, alt texts,
    axes or readings."""
    found = []
    for stem, by_lang in executed.items():
        for lang, notebook in by_lang.items():
            for cell in notebook["cells"]:
                place = {"where": f"notebooks/{stem}.ipynb cell {cell['id']}", "notebook": stem, "cell": cell["id"],
                         "lang": lang}
                for output in cell.get("outputs", []):
                    if output["output_type"] == "stream" and output["name"] == "stderr":
                        found.append(Finding(code="output.stderr", **place, done=NOTHING_PUBLISHED,
                                             expected="no warning on a published page",
                                             found="".join(output["text"]).strip()[:200]))
                    record = records_of(output)
                    if record is None and output["output_type"] != "error" and not is_echo(output):
                        found += _unbound(output, place)
                    for text in _typed(record, lang) if record else ():
                        found += lint_text(text, **place, allowed=allowed)
    return list(dict.fromkeys(found))


def _unbound(output: Mapping[str, Any], place: dict[str, str]) -> list[Finding]:
    """Whatever a cell prints or displays by itself: its numbers have no unit, rows or receipt."""
    if output.get("name") == "stderr":
        return []
    shown = output["text"] if output["output_type"] == "stream" else next(iter(output["data"].values()), "")
    text = "".join(shown).strip() if isinstance(shown, str | list) else str(shown)
    return [Finding(code="output.unbound", **place, done=NOTHING_PUBLISHED, found=text[:200],
                    expected="only what the desk records: desk.value, desk.chart",
                    next="take the print or display out, or bind what it shows")] if text else []


def _typed(record: dict[str, Any], lang: str) -> Iterable[str]:
    """What an author typed into one record, in the page's language."""
    match record["record"]:
        case "chart":
            yield from (literal(record["typed"].get(part, "")) for part in ("title", "alt", "plate"))
            yield record["unit"]
            specs = [spec for spec in (record["spec"], record.get("narrow")) if isinstance(spec, dict)]
            yield from dict.fromkeys(word for spec in specs for word in lint_spec(spec))
            yield from record["typed"]["labels"]
        case "value" if not record["id"].startswith("edition."):
            yield (record["label"] or {}).get(lang, "")
            # A formula put together from a row names that row's own period.
            yield "" if record["generated"] else record["formula"][lang]
        case "judgement":
            yield record["reading"][lang]


def accepted_findings(changes: list[Change], affected: Mapping[str, list[str]]) -> list[Finding]:
    """What differs from the accepted ledger: first the cells of the data, then what follows from them.

    ``affected`` maps an id to the sentences it changes, before and after, in both languages.
    """
    found = []
    # A row that is newly cited, or no longer, is news of the value that cites it.
    rows = [change for change in changes if change.group == "rows" and change.before and change.after]
    for ref in dict.fromkeys(change.id for change in rows):
        found += _row_findings([change for change in rows if change.id == ref], changes)
    found += _new_findings(changes)
    for change in changes:
        if change.group == "rows" or change.before is None:
            continue
        what = {"values": "value", "predicates": "predicate", "claims": "verdict"}[change.group]
        lines = affected.get(change.id, [])
        found.append(Finding(code=f"ledger.{what}-{'gone' if change.after is None else 'changed'}",
                             where=f"{change.edition} edition, {change.id}", done=NOTHING_PUBLISHED,
                             expected=f"{change.text('before')} (accepted ledger)",
                             found="\n".join([change.text("after"), *lines]),
                             next=f"if it is right: recount accept {change.id}"))
    return found


def _new_findings(changes: list[Change]) -> list[Finding]:
    """One finding an edition for all that nobody has accepted yet: a new chapter is one step, not a hundred."""
    found = []
    for edition in dict.fromkeys(change.edition for change in changes):
        new = [change for change in changes
               if change.edition == edition and change.before is None and change.group != "rows"]
        if new:
            listed = "\n".join(f"{change.id}: {change.text('after')}" for change in new[:8])
            more = f"\nand {len(new) - 8} more (recount diff)" if len(new) > 8 else ""
            found.append(Finding(code="ledger.not-accepted", where=f"{edition} edition", done=NOTHING_PUBLISHED,
                                 expected="values and verdicts that an editor has accepted",
                                 found=f"{len(new)} new\n{listed}{more}", next="look at them, then: recount accept"))
    return found


def _row_findings(changed: list[Change], changes: list[Change]) -> list[Finding]:
    change = changed[0]
    table, _, key = change.id.partition("/")
    editions = {each.edition for each in changed}
    follows = sorted({each.id for each in changes if each.group != "rows" and each.edition in editions})
    return [Finding(code="ledger.data-changed", where=f"data/{table}.csv row {key}, column {column}",
                    expected=f"{change.before.get(column, '(empty)')} (accepted ledger, {', '.join(sorted(editions))})",
                    found=str(change.after.get(column, "(empty)")), done=NOTHING_PUBLISHED,
                    next=f"changes {', '.join(follows) or 'nothing'}; if the new figure is right: recount accept")
            for column in sorted(set(change.before) | set(change.after))
            if change.before.get(column) != change.after.get(column)]


def sentences_affected(all_passages: list[Passage], before: Mapping[str, Any], after: Mapping[str, Any],
                       ids: set[str]) -> dict[str, list[str]]:
    """For each changed id, the sentences that change with it, in both languages, before and after.

    A passage that comes or goes with what is known (``known:``, ``open:``) is told whole, under its tags' ids.
    """
    found: dict[str, list[str]] = {}
    for passage in all_passages:
        stood, stands = _stands(passage, before), _stands(passage, after)
        if passage.lang not in LANGS or not (stood or stands):
            continue
        turning = {tag.partition(":")[2] for tag in passage.tags if ":" in tag} & ids if stood != stands else set()
        for sentence in sentences(passage.markdown, passage.lang):
            mine = [name for name in dict.fromkeys([*sentence.ids, *sorted(turning)]) if name in ids]
            if not mine:
                continue
            was = render(sentence, before, passage.lang) if stood or not turning else NO_SENTENCE
            now = render(sentence, after, passage.lang) if stands else NO_SENTENCE
            if was != now:
                for name in mine:
                    found.setdefault(name, []).append(f"{passage.notebook} {passage.cell or 'page'}\n  − {was}\n  + {now}")
    return found


def _stands(passage: Passage, ledger: Mapping[str, Any]) -> bool:
    try:
        return passage.stands_in(ledger)
    except Unbound:
        return False
