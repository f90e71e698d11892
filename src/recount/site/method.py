"""The directives of the method page: ``{rules}``, ``{kinds}`` and ``{rounding}``, from the modules that decide."""

from __future__ import annotations

from docutils import nodes

from recount.rules import kind_rows, reading_rows, rule_rows, step_rows, weight_rows
from recount.site.directive import LedgerDirective
from recount.site.page_labels import PAGE_LABELS
from recount.site.tables import table
from recount.units import UNITS
from recount.verdicts import WORDS


class Rules(LedgerDirective):
    """What each verdict needs, how the rules are tried, how evidence weighs and how a printed number is read."""

    def build(self) -> list[nodes.Node]:
        own = PAGE_LABELS[self.lang]
        needs = [[[self.verdict({"verdict": code})], self.text(what)] for code, what in rule_rows(self.lang)]
        weights = [[[nodes.strong("", name)], self.text(what)] for name, what in weight_rows(self.lang)]
        steps = [[self.text(str(number)), self.text(what), [self.verdict({"verdict": code})]]
                 for number, (code, what) in enumerate(step_rows(self.lang), 1)]
        readings = [[[nodes.strong("", form)], self.text(meaning)] for form, meaning in reading_rows(self.lang)]
        return [
            table([self.words["verdict"], self.words["needs"]], needs, widths=[20, 80], name="recount-rules"),
            nodes.paragraph("", own["weights_lead"]),
            table([own["weight"], own["given_by"]], weights, widths=[20, 80], name="recount-rules"),
            nodes.paragraph("", own["steps_lead"]),
            table([own["step"], own["when"], self.words["verdict"]], steps, widths=[10, 70, 20], name="recount-rules"),
            nodes.paragraph("", own["readings_lead"]),
            table([self.words["printed"], self.words["means"]], readings, widths=[20, 80], name="recount-rules"),
        ]


class Kinds(LedgerDirective):
    """The kinds of origin, and what one of each is enough for when it is independent."""

    def build(self) -> list[nodes.Node]:
        own = PAGE_LABELS[self.lang]
        said = {True: self.words["yes"], False: self.words["no"]}
        against = {True: self.words["yes"], False: own["takes_two"]}
        rows = [[[nodes.strong("", word)], self.text(what), self.text(said[settles]),
                 self.text(against[refutes] if settles else said[False])]
                for _, word, what, settles, refutes in kind_rows(self.lang)]
        heads = [own["kind_of_origin"], own["stands_for"], WORDS[self.lang]["confirmed"], WORDS[self.lang]["contradicted"]]
        heads[2:] = [own["alone_enough"].format(word) for word in heads[2:]]
        return [table(heads, rows, widths=[16, 48, 18, 18], name="recount-rules")]


class Rounding(LedgerDirective):
    """To how many decimals each unit is kept in the ledger."""

    def build(self) -> list[nodes.Node]:
        own = PAGE_LABELS[self.lang]
        by_decimals: dict[int, list[str]] = {}
        for unit in UNITS.values():
            name = unit.zh if self.lang == "zh" else unit.en
            if unit.code == "ratio":
                name = own["ratio"]
            listed = by_decimals.setdefault(unit.decimals, [])
            # Amounts in yuan are kept in the unit that the page printed, whatever word English puts after them.
            name = f"{unit.zh} ({unit.code})" if self.lang == "en" and unit.yuan else name
            if name and name not in listed:
                listed.append(name)
        rows = [[self.text(str(decimals)), self.text(self.words["comma"].join(names))]
                for decimals, names in sorted(by_decimals.items())]
        return [table([own["decimals"], self.words["unit"]], rows, widths=[20, 80], name="recount-rules")]
