"""The directive ``{claims}``: what a chapter settles, and the whole list, which a script can filter and sort.

The list is complete without a script. The controls stand in the page, hidden; `static/claims.js` shows them
and reads what a row is from its ``data-`` attributes, so that no claim is described twice.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx

from recount.site.claims_file import FIELDS, FOLDER, address, names
from recount.site.directive import LedgerDirective, link
from recount.site.figures import escape
from recount.site.labels import LIST
from recount.verdicts import COLOURS, SETTLED, VERDICTS, WORDS
from recount.words import receipt_address

Claim = Mapping[str, Any]
Named = list[tuple[str, Claim]]
SCRIPT = "claims.js"


class ListedClaim(nodes.row):
    """A row of the list; its ``data`` are the attributes that the script filters and sorts by."""


class SectionHead(nodes.Part, nodes.TextElement):
    """The head of a section's rows, across all columns."""


def visit_claim(translator: Any, node: ListedClaim) -> None:
    translator.body.append(translator.starttag(node, "tr", "", **{f"data-{key}": text for key, text in node["data"].items()}))
    node.column = 0


def depart_claim(translator: Any, node: ListedClaim) -> None:
    translator.body.append("</tr>\n")


def visit_head(translator: Any, node: SectionHead) -> None:
    translator.body.append(translator.starttag(node, "tr", "", CLASS="recount-group") + '<th colspan="3" scope="rowgroup">')


def depart_head(translator: Any, node: SectionHead) -> None:
    translator.body.append("</th></tr>\n")


def strength(claim: Claim) -> str:
    """How strong a claim's evidence is, in four steps: two or more independent origins, one, others, nothing."""
    origins = claim["origins"]
    return "several" if origins > 1 else "one" if origins else "other" if claim["others"] else "nothing"


def facets(claim: Claim) -> dict[str, str]:
    """What a row of the list answers to: words that filters ask for, and numbers that it is sorted by.

    ``verdict`` holds three words: the verdict, its colour, and whether it is struck off.
    """
    verdict = claim["verdict"]
    return {
        "section": claim["section"],
        "verdict": f"{verdict} {COLOURS[verdict]} {'settled' if verdict in SETTLED else 'unsettled'}",
        "kind": claim["kind"],
        "strength": strength(claim),
        "line": str(claim["line"]),
        "rank": str(VERDICTS.index(verdict)),
        "origins": str(claim["origins"]),
        "others": str(claim["others"]),
    }


class Claims(LedgerDirective):
    """All claims, section by section, each with its colour, word, reason and strength.

    With ``:chapter: 06_projects`` the claims that this chapter judges, in one table: what it settles. With
    ``:fields:`` the fields of the list as a download.
    """

    option_spec: ClassVar = {"chapter": directives.unchanged_required, "fields": directives.flag}

    def build(self) -> list[nodes.Node]:
        self.own = LIST[self.lang]
        ordered = sorted(self.ledger["claims"].items(), key=lambda pair: (pair[1]["line"], pair[0]))
        if "fields" in self.options:
            return [self.files(), self.fields()]
        if chapter := self.options.get("chapter"):
            judged = [(name, claim) for name, claim in ordered if claim["notebook"] == chapter]
            return [self.chapter_table(judged)] if judged else []
        sections: dict[str, Named] = {}
        for name, claim in ordered:
            sections.setdefault(claim["section"], []).append((name, claim))
        return [self.files(), self.controls(sections), self.whole_list(sections)]

    # ---- the whole list

    def whole_list(self, sections: Mapping[str, Named]) -> nodes.table:
        """One row a claim, one body a section."""
        group = nodes.tgroup("", *[nodes.colspec(colwidth=width) for width in (15, 31, 54)], cols=3)
        heads = [self.words["verdict"], self.own["claim"], self.own["why"]]
        group += nodes.thead("", nodes.row("", *[nodes.entry("", nodes.paragraph("", head)) for head in heads]))
        for section, claims in sections.items():
            body = nodes.tbody()
            body += SectionHead("", self.section_name(section), ids=[f"section-{section}"])
            body += [self.row(name, claim) for name, claim in claims]
            group += body
        return nodes.table("", group, classes=["recount-list"])

    def row(self, name: str, claim: Claim) -> ListedClaim:
        settled = claim["verdict"] in SETTLED
        verdict = [nodes.paragraph("", "", self.verdict(claim))]
        if settled:
            verdict.append(nodes.paragraph("", self.own["settled"], classes=["recount-struck"]))
        says = claim["shown"][self.lang]["full"]
        permanent = link(self.own["permanent"], f"#c-{name}", "recount-permanent")
        permanent["reftitle"] = self.own["permanent_to"].format(says)
        stem = claim["notebook"]
        section = self.section_name(claim["section"])
        pieces = [link(section, f"{stem}.html") if stem in self.config.recount_titles else nodes.Text(section),
                  nodes.Text(self.own["line"].format(claim["line"])), nodes.Text(self.own["kinds"][claim["kind"]]),
                  permanent]
        facts: list[nodes.Node] = []
        for piece in pieces:
            facts += [nodes.Text(" · "), piece] if facts else [piece]
        stated = [nodes.paragraph("", "", *self.printed(claim)), nodes.paragraph("", claim["label"][self.lang]),
                  nodes.paragraph("", "", *facts, classes=["recount-strength"])]
        cells = [nodes.entry("", *content) for content in (verdict, stated, self.grounds(claim))]
        return ListedClaim("", *cells, data=facets(claim), ids=[f"c-{name}"],
                           classes=["recount-settled"] if settled else [])

    def section_name(self, section: str) -> str:
        return self.config.recount_sections.get(section, section)

    def controls(self, sections: Mapping[str, Named]) -> nodes.raw:
        """The form that the script shows: one choice a facet, of what this edition's list really holds."""
        own, claims = self.own, [claim for listed in sections.values() for _, claim in listed]
        held = {name: {word for claim in claims for word in facets(claim)[name].split()}
                for name in ("verdict", "kind", "strength")}

        def options(words: Mapping[str, str], facet: str) -> str:
            return "".join(f'<option value="{code}">{escape(word)}</option>' for code, word in words.items()
                           if code in held[facet])

        marks = {code: own[code] for code in ("settled", "unsettled")}
        groups = [("by_colour", self.colours()), ("by_word", WORDS[self.lang]), ("by_mark", marks)]
        choices = {
            "section": "".join(f'<option value="{code}">{escape(self.section_name(code))}</option>' for code in sections),
            "verdict": "".join(f'<optgroup label="{escape(own[label])}">{options(words, "verdict")}</optgroup>'
                               for label, words in groups),
            "kind": options(own["kinds"], "kind"),
            "strength": options(own["strengths"], "strength"),
        }
        first = f'<option value="">{escape(own["all"])}</option>'
        fields = [(name, first + listed) for name, listed in choices.items()]
        fields.append(("sort", "".join(f'<option value="{"" if code == "section" else code}">{escape(word)}</option>'
                                       for code, word in own["sorts"].items())))
        selects = "".join(f'<div><label for="list-{name}">{escape(own["facets"][name])}</label>'
                          f'<select id="list-{name}" name="{name}" autocomplete="off">{listed}</select></div>'
                          for name, listed in fields)
        return nodes.raw("", (
            f'<form class="recount-filters" data-held="{escape(own["held"])}" hidden><fieldset><legend>{escape(own["legend"])}</legend>{selects}'
            f'<button type="reset">{escape(own["reset"])}</button></fieldset>'
            f'<p role="status" data-shown="{escape(own["shown"])}" data-empty="{escape(own["empty"])}"></p></form>'
        ), format="html")

    def colours(self) -> dict[str, str]:
        """Each colour with the verdicts it stands for: a colour alone says nothing to many readers."""
        words: dict[str, list[str]] = {}
        for code in VERDICTS:
            words.setdefault(COLOURS[code], []).append(WORDS[self.lang][code])
        said = {colour: self.own["or"].join(each) for colour, each in words.items()}
        return {colour: f"{self.own['colours'][colour]}{self.words['stop']}{text}" for colour, text in said.items()}

    def files(self) -> nodes.raw:
        paths = names(self.ledger["edition"]["name"], self.lang)
        links = self.words["comma"].join(f'<a href="{path}" download>{kind.upper()}</a>' for kind, path in paths.items())
        said = escape(f"{self.own['download']}{self.words['stop']}")
        return nodes.raw("", f'<p class="recount-download">{said}{links}</p>', format="html")

    def fields(self) -> nodes.table:
        group = nodes.tgroup("", nodes.colspec(colwidth=30), nodes.colspec(colwidth=70), cols=2)
        group += nodes.thead("", self.cells([self.text(self.own["field"]), self.text(self.own["meaning"])]))
        group += nodes.tbody("", *[self.cells([self.code(name), self.text(meaning[self.lang == "en"])])
                                   for name, meaning in FIELDS.items()])
        return nodes.table("", group)

    # ---- what a chapter settles

    def chapter_table(self, claims: Named) -> nodes.table:
        """One row a claim; the last column leads to the list."""
        heads = [self.words[word] for word in ("verdict", "printed", "claim", "reason", "list")]
        group = nodes.tgroup("", *[nodes.colspec(colwidth=width) for width in (11, 16, 22, 42, 9)], cols=5)
        group += nodes.thead("", self.cells([[nodes.Text(head)] for head in heads]))
        body = nodes.tbody()
        for name, claim in claims:
            row = self.cells([[self.verdict(claim)], self.printed(claim), self.text(claim["label"][self.lang]),
                              [link(self.words["listed"], address(name))]])
            if claim["verdict"] in SETTLED:
                row["classes"].append("recount-settled")
            row.insert(3, nodes.entry("", *self.grounds(claim)))
            body += row
        group += body
        return nodes.table("", group, classes=["recount-claims"])

    # ---- what both print

    def printed(self, claim: Claim) -> list[nodes.Node]:
        """The token as printed; in another language what it says, and the token after it."""
        token = nodes.inline("", claim["printed"], classes=["recount-printed"])
        if self.lang == "zh":
            return [token]
        shown = claim["shown"][self.lang]["full"]
        return [nodes.inline("", shown, classes=["recount-printed"]), nodes.Text(" "),
                nodes.inline("", claim["printed"], classes=["recount-token"])]

    def grounds(self, claim: Claim) -> list[nodes.paragraph]:
        """Why the verdict is what it is: the reason, how strong it is, and the receipts it rests on."""
        told = (claim.get("strength") or {}).get(self.lang)
        known = {each: value for each in claim.get("by") or ()
                 if (value := self.ledger["values"].get(each)) and value["kind"] != "unknown"}
        receipts = [link(self.shown(value), receipt_address("v", each, value)) for each, value in known.items()]
        out = [nodes.paragraph("", claim["reason"][self.lang])]
        if told:
            out.append(nodes.paragraph("", told, classes=["recount-strength"]))
        if receipts:
            named = nodes.Text(self.words["evidence"] + self.words["stop"])
            out.append(nodes.paragraph("", "", named, *self.join(receipts), classes=["recount-strength"]))
        return out

    def cells(self, columns: list[list[nodes.Node]]) -> nodes.row:
        return nodes.row("", *[nodes.entry("", nodes.paragraph("", "", *cell)) for cell in columns])


def load_script(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Load the script on the page that has the list, and on no other."""
    if doctree is not None and next(iter(doctree.findall(ListedClaim)), None) is not None:
        app.add_js_file(SCRIPT, loading_method="defer")


def publish_files(app: Sphinx, exception: Exception | None) -> None:
    """Put the downloads beside the pages."""
    made = Path(app.srcdir, FOLDER)
    if exception is None and app.builder.format == "html" and made.is_dir():
        shutil.copytree(made, Path(app.outdir, FOLDER), dirs_exist_ok=True)


def setup(app: Sphinx) -> None:
    app.add_node(ListedClaim, html=(visit_claim, depart_claim))
    app.add_node(SectionHead, html=(visit_head, depart_head))
    app.add_directive("claims", Claims)
    app.connect("html-page-context", load_script, priority=100)
    app.connect("build-finished", publish_files)
