"""The directives of the front page: ``{score}``, ``{editions}`` and ``{chapters}``."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Mapping

from docutils import nodes

from recount.editions import LANGS
from recount.periods import spell
from recount.site.directive import LedgerDirective, link
from recount.site.page_labels import PAGE_LABELS
from recount.site.settings import LANGUAGE_NAMES
from recount.site.tables import table
from recount.verdicts import VERDICTS, WORDS

CHAPTER = re.compile(r"\d\d_")


class Score(LedgerDirective):
    """How many claims have which verdict: a bar for the eye, and a table that says the same in words."""

    def build(self) -> list[nodes.Node]:
        own = PAGE_LABELS[self.lang]
        counts = Counter(claim["verdict"] for claim in self.ledger["claims"].values())
        found = [word for word in VERDICTS if counts[word] or word != "unexamined"]
        said = self.words["comma"].join(f"{WORDS[self.lang][word]} {counts[word]}" for word in found)
        parts = "".join(
            f'<span class="verdict-{word}" style="flex-grow:{counts[word]}" title="{WORDS[self.lang][word]}">'
            f"{counts[word]}</span>" for word in found if counts[word])
        bar = f'<div class="recount-score" role="img" aria-label="{html.escape(said, quote=True)}">{parts}</div>'
        rows = [[[self.verdict({"verdict": word})], self.text(str(counts[word])), self.text(own["colours"][word])]
                for word in found]
        heads = [self.words["verdict"], own["claim_count"], own["stands_for"]]
        return [nodes.raw("", bar, format="html"), table(heads, rows, widths=[18, 12, 70], name="recount-legend")]


class Editions(LedgerDirective):
    """The editions and languages of this book, what each can know, with links to this page in each."""

    def build(self) -> list[nodes.Node]:
        own = PAGE_LABELS[self.lang]
        listing = nodes.bullet_list(classes=["recount-editions"])
        for each in self.config.recount_switch.get("editions", ()):
            here = own["here"] if each["here"] else ""
            name = each["root"].strip("./")
            links = [link(LANGUAGE_NAMES[lang][0], f"../../{lang}/{name}/index.html") for lang in LANGS]
            listing += nodes.list_item("", nodes.paragraph(
                "", "", nodes.strong("", each["title"]), nodes.Text(here + self.words["stop"]),
                nodes.Text(own["knows"].format(day=spell(each["as_of"], self.lang))), *self.join(links)))
        return [listing]


class Chapters(LedgerDirective):
    """The chapters, each with its finding and the verdicts on its claims."""

    def build(self) -> list[nodes.Node]:
        titles: Mapping[str, str] = self.config.recount_titles
        listing = nodes.definition_list(classes=["recount-chapters"])
        for stem in sorted(name for name in titles if CHAPTER.match(name)):
            counts = Counter(claim["verdict"] for claim in self.ledger["claims"].values() if claim["notebook"] == stem)
            body = nodes.paragraph("", "", *self.score(counts), classes=["recount-tally"])
            short = self.config.recount_sections.get(stem.partition("_")[2])
            term: list[nodes.Node] = [nodes.inline("", short, classes=["recount-muted"]), nodes.Text(" ")] if short else []
            listing += nodes.definition_list_item(
                "", nodes.term("", "", *term, link(titles[stem], f"{stem}.html")),
                nodes.definition("", *([body] if counts else [])))
        return [listing]

    def score(self, counts: Mapping[str, int]) -> list[nodes.Node]:
        out: list[nodes.Node] = []
        for word in VERDICTS:
            if counts[word]:
                out += [nodes.Text(" ")] if out else []
                out.append(self.verdict({"verdict": word}))
                out.append(nodes.Text(f" {counts[word]}"))
        return out
