"""The list of claims as files: one row a claim, as CSV and JSON, beside the page that shows the same.

Field names and codes are the same in both languages, so that files of two languages or editions can be joined;
texts are in the page's language.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from io import StringIO
from pathlib import Path
from typing import Any

from recount.site.changed import write_changed
from recount.site.labels import LIST
from recount.verdicts import SETTLED, WORDS

FOLDER = "downloads"
# Every field with what it holds, in Chinese and English, in the order of the columns.
FIELDS: dict[str, tuple[str, str]] = {
    "id": ("说法的编号", "name of the claim"),
    "section": ("报道的哪一部分，代码", "part of the feature, as a code"),
    "section_name": ("同上，名称", "the same, in words"),
    "line": ("在报道全文中的行次", "line of the feature's text"),
    "printed": ("原文所印", "the token as printed, in Chinese"),
    "says": ("所印的意思；中文版与上一列相同", "what the token says"),
    "claim": ("说的是什么", "what it is said of"),
    "kind": ("说法类别，代码", "kind of claim, as a code"),
    "kind_name": ("同上，名称", "the same, in words"),
    "verdict": ("判定，代码", "verdict, as a code"),
    "verdict_name": ("同上，名称", "the same, in words"),
    "colour": ("颜色，代码", "colour, as a code"),
    "settled": ("是否销号：yes 或 no", "struck off the list: yes or no"),
    "rule": ("作出判定的规则，代码", "rule that decided, as a code"),
    "reason": ("判定的理由", "why the verdict is what it is"),
    "strength": ("证据强弱，文字", "strength of the evidence, in words"),
    "origins": ("独立出处的个数", "number of independent origins"),
    "others": ("没有独立出处的证据件数", "pieces of evidence without an independent origin"),
    "notebook": ("作出判定的笔记本", "notebook that judges it"),
    "address": ("固定地址：本站之内，从根目录起", "permanent address within this site, from its root"),
    "edition": ("版本", "edition"),
    "as_of": ("本版资料的截止日", "day up to which the edition's sources count"),
}


def address(claim: str) -> str:
    """Where a claim stands, from any page of its book: its row's anchor, which is its permanent address."""
    return f"09_ledger.html#c-{claim}"


def names(edition: str, lang: str) -> dict[str, str]:
    """The files' paths from the page, by format. The name tells edition and language when a file has left the site."""
    return {kind: f"{FOLDER}/claims-{edition}-{lang}.{kind}" for kind in ("csv", "json")}


def rows(ledger: Mapping[str, Any], *, lang: str, sections: Mapping[str, str]) -> list[dict[str, Any]]:
    """One row a claim under the names of ``FIELDS``, in the order of the feature's lines.

    ``sections`` gives the sections' names in the language.
    """
    edition, words = ledger["edition"], LIST[lang]
    found = []
    for name, claim in sorted(ledger["claims"].items(), key=lambda pair: (pair[1]["line"], pair[0])):
        row = {
            "id": name,
            "section": claim["section"],
            "section_name": sections.get(claim["section"], claim["section"]),
            "line": claim["line"],
            "printed": claim["printed"],
            "says": claim["shown"][lang]["full"],
            "claim": claim["label"][lang],
            "kind": claim["kind"],
            "kind_name": words["kinds"][claim["kind"]],
            "verdict": claim["verdict"],
            "verdict_name": WORDS[lang][claim["verdict"]],
            "colour": claim["colour"],
            "settled": "yes" if claim["verdict"] in SETTLED else "no",
            "rule": claim["rule"],
            "reason": claim["reason"][lang],
            "strength": claim["strength"].get(lang, ""),
            "origins": claim["origins"],
            "others": claim["others"],
            "notebook": claim["notebook"] or "",
            "address": f"{lang}/{edition['name']}/{address(name)}",
            "edition": edition["name"],
            "as_of": edition["as_of"],
        }
        found.append({field: row[field] for field in FIELDS})
    return found


def as_csv(listed: list[dict[str, Any]]) -> str:
    """The rows with a header, comma-separated, after a byte order mark.

    The mark is for Excel, which without it reads Chinese in UTF-8 as noise; LibreOffice and pandas
    (``encoding="utf-8-sig"``) take it or leave it. Who wants none takes the JSON.
    """
    out = StringIO()
    writer = csv.DictWriter(out, list(FIELDS), lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(listed)
    return "\ufeff" + out.getvalue()


def as_json(listed: list[dict[str, Any]], *, ledger: Mapping[str, Any], lang: str) -> str:
    """The same rows under the edition's header, with the meaning of every field; UTF-8 without a mark."""
    edition = ledger["edition"]
    document = {
        "edition": {"name": edition["name"], "title": edition["title"][lang], "as_of": edition["as_of"]},
        "language": lang,
        "fields": {field: meaning[lang == "en"] for field, meaning in FIELDS.items()},
        "claims": listed,
    }
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def write_files(folder: Path, *, ledger: Mapping[str, Any], lang: str, sections: Mapping[str, str]) -> None:
    """Write both files of a book's list into its source folder."""
    listed = rows(ledger, lang=lang, sections=sections)
    paths = {kind: folder / path for kind, path in names(ledger["edition"]["name"], lang).items()}
    (folder / FOLDER).mkdir(exist_ok=True)
    write_changed(paths["csv"], as_csv(listed))
    write_changed(paths["json"], as_json(listed, ledger=ledger, lang=lang))
