"""Social cards: what is shown where a page is shared, a finding with its bound number and the verdicts behind it.

What a card says is taken from the page and the edition's ledger; `card_drawing` draws it.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from recount.errors import CheckFailed, Finding
from recount.fonts import FAMILY, Fonts
from recount.site.card_drawing import SIZE, TooLong, draw, picture
from recount.site.labels import LABELS
from recount.site.machine_labels import MACHINE_LABELS
from recount.site.page_labels import PAGE_LABELS
from recount.verdicts import VERDICTS, WORDS
from recount.words import ROLE, plain_text

FOLDER = "cards"
LISTED = "cards.json"
CHAPTER = re.compile(r"\d\d_")
HEADING = re.compile(r"^# +(.+?)\s*$", flags=re.MULTILINE)
__all__ = ["FOLDER", "LISTED", "SIZE", "Card", "Figured", "alt", "make", "write_cards"]


@dataclass(frozen=True, kw_only=True)
class Figured:
    """The number of a card: as it is printed, what it is, and the claim's verdict where it stands for a claim."""

    shown: str
    label: str
    verdict: str = ""


@dataclass(frozen=True, kw_only=True)
class Card:
    """All that a card says; every number of it is bound to the ledger."""

    lang: str
    book: str
    edition: str
    as_of: str
    title: str
    figure: Figured | None
    tally_of: str
    tally: tuple[tuple[str, int], ...]

    @property
    def texts(self) -> str:
        """Every character that is drawn, for the check of glyphs."""
        said = [self.book, self.edition, self.as_of, self.title, self.tally_of, *WORDS[self.lang].values(), "0123456789"]
        return "".join(said + ([self.figure.shown, self.figure.label] if self.figure else []))


def make(markdown: str, *, stem: str, ledger: Mapping[str, Any], lang: str, book: str) -> Card:
    """The card of a page from its Markdown: its title, its first bound number, the verdicts on its claims.

    A number of the title comes before one of the text, and a computed value before a printed claim; an assumption
    of ours is no finding. A claim in the title, or the one that the number decides, brings its verdict along.
    """
    heading = HEADING.search(markdown)
    title = heading[1] if heading else stem
    own = {name: claim for name, claim in ledger["claims"].items() if claim["notebook"] == stem}
    chapter = bool(CHAPTER.match(stem)) and bool(own)
    counts = Counter(claim["verdict"] for claim in (own if chapter else ledger["claims"]).values())
    labels = MACHINE_LABELS[lang]
    return Card(
        lang=lang,
        book=book,
        edition=ledger["edition"]["title"][lang],
        as_of=ledger["edition"]["as_of"],
        title=plain_text(title, ledger=ledger, lang=lang),
        figure=_figure(title, own, ledger=ledger, lang=lang) or _figure(markdown, own, ledger=ledger, lang=lang),
        tally_of=labels["chapter_claims" if chapter else "all_claims"],
        tally=tuple((word, counts[word]) for word in VERDICTS if counts[word]),
    )


def _figure(markdown: str, own: Mapping[str, Any], *, ledger: Mapping[str, Any], lang: str) -> Figured | None:
    found: Figured | None = None
    for role, text in ROLE.findall(markdown):
        name = re.split(r"[\\|]", text)[0].strip()
        value = ledger["values"].get(name) if role == "v" else None
        if value and value["kind"] == "number" and not value.get("assumption"):
            judged = next((claim["verdict"] for claim in own.values() if name in (claim.get("by") or ())), "")
            label = (value.get("label") or {}).get(lang) or (value.get("formula") or {}).get(lang) or ""
            return Figured(shown=value["shown"][lang]["full"], label=_opened(label, lang), verdict=judged)
        claim = ledger["claims"].get(name) if role == "claim" else None
        if claim and found is None:
            label = f"{MACHINE_LABELS[lang]['printed']}{LABELS[lang]['stop']}{claim['label'][lang]}"
            found = Figured(shown=claim["shown"][lang]["full"], label=_opened(label, lang), verdict=claim["verdict"])
    return found


def _opened(label: str, lang: str) -> str:
    """A label as a line of its own: some begin small, since they are made to follow a value."""
    return label[:1].upper() + label[1:] if lang == "en" else label


def alt(card: Card) -> str:
    """What a card shows, in words."""
    if card.figure is None:
        return card.title
    stop = LABELS[card.lang]["stop"]
    figure = f"{card.figure.label}{stop}{card.figure.shown}" if card.figure.label else card.figure.shown
    if card.figure.verdict:
        figure = PAGE_LABELS[card.lang]["bracketed"].format(figure, WORDS[card.lang][card.figure.verdict])
    return MACHINE_LABELS[card.lang]["card"].format(title=card.title, figure=figure)


def write_cards(folder: Path, cards: Mapping[str, Card], *, fonts: Fonts, cache: Path) -> None:
    """Draw every card of a book into its source folder, with ``cards.json``: the pages' alt texts.

    Raises CheckFailed: ``card.missing-glyph`` where a character would be a box, ``card.too-long`` where a title or
    a number does not fit, both of which would be seen only by those to whom the page is sent.
    """
    findings, alts = [], {}
    (folder / FOLDER).mkdir(exist_ok=True)
    for stem, card in sorted(cards.items()):
        place = {"where": f"card of {stem} ({card.lang}, {card.edition})", "done": "nothing was published",
                 "notebook": stem, "lang": card.lang}
        if missing := fonts.missing_glyphs(card.texts):
            findings.append(Finding(code="card.missing-glyph", expected=f"glyphs of {FAMILY}", found=" ".join(missing), **place))
            continue
        try:
            png = picture(draw(card, fonts=fonts), fonts=fonts, cache=cache)
        except TooLong as long:
            findings.append(Finding(code="card.too-long", expected="words that fit the card", found=str(long), **place,
                                    next="shorten the title or the label"))
            continue
        (folder / FOLDER / f"{stem}.png").write_bytes(png)
        alts[stem] = alt(card)
    if findings:
        raise CheckFailed(findings)
    (folder / LISTED).write_text(json.dumps(alts, ensure_ascii=False, sort_keys=True, indent=1) + "\n", "utf-8")
