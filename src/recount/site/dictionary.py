"""The directive ``{dictionary}``: every table and column of the data package, from its own descriptor."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from docutils import nodes

from recount.site.directive import LedgerDirective, link
from recount.site.page_labels import PAGE_LABELS
from recount.site.roles import read_beside
from recount.site.tables import Cell, muted, table
from recount.units import UNITS

FOLDER = "../../data/"  # of the site, seen from a page of a book


def table_anchor(name: str) -> str:
    return f"t-{name}"


def column_anchor(name: str, column: str) -> str:
    return f"f-{name}.{column}"


class Dictionary(LedgerDirective):
    """What each table is, its rows, key, columns, references and file; nothing of it is typed on the page."""

    def build(self) -> list[nodes.Node]:
        self.own = PAGE_LABELS[self.lang]
        package = read_beside(self.env, "package.json")
        tables = package["tables"]
        self.titles = {each["name"]: each["title"][self.lang] for each in tables}
        return [self.overview(tables), *self.licences(package["licences"], package["files"]), *[self.table(each) for each in tables]]

    def overview(self, tables: list[Mapping[str, Any]]) -> nodes.table:
        rows = [
            [
                [link(each["title"][self.lang], f"#{table_anchor(each['name'])}")],
                self.text(str(each["rows"])),
                [self.file(each["path"], each["bytes"])],
            ]
            for each in tables
        ]
        heads = [self.own["table"], self.own["row_count"], self.own["file"]]
        return table(heads, rows, widths=[45, 15, 40], name="recount-overview")

    def licences(self, licences: list[Mapping[str, Any]], files: list[str]) -> list[nodes.Node]:
        """The licences with their files, and the descriptor for whoever reads the package with a program."""
        stops = [link(name, FOLDER + name) for name in files]
        said = [
            [nodes.Text(each["title"][self.lang]), *([muted(" CC BY 4.0")] if "by/4.0" in each["path"] else [])]
            for each in licences
        ]
        listing = nodes.bullet_list("", *[nodes.list_item("", nodes.paragraph("", "", *each)) for each in said])
        return [
            nodes.paragraph("", "", nodes.Text(self.own["descriptor"] + self.words["stop"]), *self.join(stops)),
            *([nodes.paragraph("", self.own["licence"] + self.words["stop"].rstrip()), listing] if licences else []),
        ]

    def file(self, path: str, size: int) -> nodes.inline:
        kilobytes = f"{max(1, round(size / 1000))} kB"
        return nodes.inline("", "", link(path, FOLDER + path), nodes.Text(" "), muted(kilobytes))

    def table(self, each: Mapping[str, Any]) -> nodes.section:
        name = each["name"]
        references = [
            nodes.inline(
                "", "", nodes.literal("", column), nodes.Text(" → "),
                link(self.titles.get(other, other), f"#{column_anchor(other, target)}"),
            )
            for column, other, target in each["references"]
        ]
        facts = self.facts(
            [
                (self.own["name"], self.code(name)),
                (self.own["row_count"], self.text(str(each["rows"]))),
                (self.own["key"], self.join(nodes.literal("", column) for column in each["key"])),
                (self.own["references"], self.join(references)),
                (self.own["file"], [self.file(each["path"], each["bytes"])]),
            ]
        )
        fields = each["fields"]
        columns = table(
            [self.own["column"], self.own["meaning"], self.own["codes"]],
            [[self.named(field), self.meaning(field), self.codes(field)] for field in fields],
            widths=[28, 40, 32],
            name="recount-columns",
            anchors=[column_anchor(name, field["name"]) for field in fields],
        )
        described = nodes.paragraph("", each["description"][self.lang])
        return self.section(table_anchor(name), each["title"][self.lang], described, facts, columns)

    def named(self, field: Mapping[str, Any]) -> Cell:
        kind = self.own["types"].get(field["type"], field["type"])
        need = self.own["required"] if field["required"] else self.own["optional"]
        return [nodes.literal("", field["name"]), nodes.Text(" "), muted(f"{kind}{self.words['comma']}{need}")]

    def meaning(self, field: Mapping[str, Any]) -> Cell:
        title, text = field["title"][self.lang], field["description"][self.lang]
        return [nodes.strong("", title), nodes.Text(f"{self.words['stop']}{text}" if text else "")]

    def codes(self, field: Mapping[str, Any]) -> Cell:
        """The values a cell can have: codes in words, units as they are printed."""
        said = []
        for code in field["codes"]:
            if pair := field["words"].get(code):
                word = pair[self.lang == "en"]
            else:
                unit = UNITS.get(code)
                word = (unit.zh if self.lang == "zh" else unit.en) if unit else ""
            said.append(nodes.inline("", "", nodes.literal("", code), nodes.Text(f" {word}" if word else "")))
        return self.join(said)
