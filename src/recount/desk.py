"""The Desk: the only thing a journalist imports.

It hands out rows that were public by a day, and records what is made of them: values, predicates, judgements and
charts. Each record is displayed in the notebook (a receipt for the eye) and carried in its outputs (plain data).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from recount import records
from recount.bound import BoundText, bind
from recount.charts import Plate, chart_record, new_figure, picture
from recount.claims import Claim, claim_named, read_claims
from recount.config import read_config
from recount.direction import Direction, direction_of
from recount.errors import BadInput, Finding, WrongUse, did_you_mean
from recount.evidence import CLAIM, claim_input, support
from recount.intervals import APPROX_BAND
from recount.ledger_file import read_judged, read_swept
from recount.periods import span
from recount.project import Project
from recount.reader import Reader
from recount.rows import Rows
from recount.rowtexts import formula_of
from recount.tooltips import Written
from recount.units import unit_of
from recount.values import OPERATORS, VALUE_ID, Value, compare, settle
from recount.verdicts import ASPECTS, BEARINGS

if TYPE_CHECKING:
    import pandas as pd

Texts = tuple[str, str]


class Desk:
    """One notebook's desk for one edition and language.

    ``as_of`` is the ISO day of the edition, ``lang`` zh or en, ``approx_band`` how far from a printed 约 a
    value may lie (a share of it).
    """

    def __init__(self, *, as_of: str, lang: str, approx_band: float = APPROX_BAND) -> None:
        if lang not in ("zh", "en"):
            raise WrongUse(Finding(code="desk.language", where="Desk(lang=)", expected="zh or en", found=repr(lang)))
        try:
            self.as_of = date.fromisoformat(as_of)
            if self.as_of.isoformat() != as_of:  # 20220224 and 2022-W08-4 are days to Python
                raise ValueError
        except (TypeError, ValueError):
            raise WrongUse(Finding(code="desk.as-of", where="Desk(as_of=)", expected="a day: 'YYYY-MM-DD'",
                                   found=repr(as_of))) from None
        if not isinstance(approx_band, int | float) or not 0 <= approx_band < 1:
            raise WrongUse(Finding(code="desk.approx-band", where="Desk(approx_band=)", expected="a share: 0.1 is a tenth",
                                   found=repr(approx_band)))
        self.lang = lang
        self.approx_band = approx_band
        root = os.environ.get("RECOUNT_ROOT")
        self.project = Project.find() if root is None else Project.find(start=Path(root))
        self._charts = os.environ.get("RECOUNT_CHARTS") != "none"  # a sweep prints no page: verdicts are all it wants
        self._reader = Reader(self.project.data, self.as_of)
        self._package, self._data = self._reader.package, self._reader.data
        self._claims = read_claims(self._package)
        self._values: dict[str, Value] = {}
        self._predicates: dict[str, bool | None] = {}
        self._recorded: set[str] = set()
        self.value("edition.as_of", by=lambda: as_of, unit="date", assumption=True,
                   formula=("本版所依据资料的截止日", "the day up to which this edition's sources count"))

    # ---- rows

    def table(self, name: str) -> pd.DataFrame:
        """A table of the data package: typed, indexed by key, only rows known by ``as_of``.

        ``source_kind``, ``origin``, ``independent`` and ``known_from`` of each row's source come as columns.
        """
        return self._reader.table(name)

    def pick(self, table: str | pd.DataFrame,
             keys: Iterable[str] | Mapping[str, str | Iterable[str]] | Callable[[pd.DataFrame], Any]) -> Rows:
        """Some rows of a table, by key, by the texts in some columns, or by a condition on its columns.

        Keys that exist but were not public by ``as_of`` make what rests on them unknown; keys that do not
        exist raise WrongUse. ``{column: text}`` (or several texts, any of which will do) or a condition takes
        the rows of a table (or of a part of one) that fit; where none is known yet it waits for those that
        come later. By columns rather than by condition, an edit to any other row reruns nothing.
        """
        return self._reader.pick(table, keys)

    def one(self, *, place: str, indicator: str, period: str | None = None, subject: str | None = None) -> Rows:
        """The single observation of an indicator at a place (and period, and subject): nobody types a row id."""
        wanted = {"place": place, "indicator": indicator, "period": period, "subject": subject}
        return self._reader.one("observations", {column: text for column, text in wanted.items() if text is not None})

    def claim(self, claim_id: str) -> Claim:
        """A claim of the feature, to be an input of a value (its printed figure, not evidence for it)."""
        return claim_named(self._claims, claim_id)

    # ---- values

    def value(self, id: str, *, of: Any = None, inputs: Iterable[str | Value | Claim] = (),
              by: Callable[..., Any] | None = None, unit: str | None = None, formula: Texts | None = None,
              label: Texts | None = None, comparator: str | None = None, decimals: int | None = None,
              assumption: bool = False) -> Value:
        """Record one value: what was computed, from which rows or other values, by which rule.

        ``of`` is Rows, a filtered table, or a list of them, handed to ``by`` as DataFrames; ``inputs`` are ids
        of values (or Claims), handed to ``by`` as numbers. Where a row or an input is unknown by ``as_of`` the
        value is unknown and ``by`` is not called. For one observation, rule, unit, comparator and formula
        default to the row's own. Raises BadInput for a value without unit, formula or rows.
        """
        for what, given in (("formula", formula), ("label", label)):
            if given is not None and not _is_pair(given):
                raise BadInput(Finding(code=f"value.no-{what}", where=f"value {id}", expected=f"{what}=(zh, en)",
                                       found=repr(given)[:60]))
        parts = [] if of is None else [self._rows(part) for part in (of if isinstance(of, list) else [of])]
        names = [self._input(item) for item in ([inputs] if isinstance(inputs, str) else inputs)]
        single = parts[0] if len(parts) == 1 and parts[0].table == "observations" and not names else None
        row = self._observation(single) if single else None
        generated = False
        if row is not None:
            generated = formula is None
            unit = unit or row["unit"]
            formula = formula or formula_of(row)
            by = by or (lambda frame: frame["value"].iloc[0])
        if unit is None or by is None:
            raise BadInput(Finding(code="value.no-unit" if unit is None else "value.no-rule", where=f"value {id}",
                                   expected="unit= and by=", found=f"unit={unit!r}, by={'given' if by else None}"))
        the_unit = unit_of(unit, where=f"value {id}")
        places = the_unit.decimals if decimals is None else decimals
        waits = tuple(dict.fromkeys([wait for part in parts for wait in part.waits_for]
                                    + [wait for name in names if name in self._values
                                       for wait in self._values[name].waits_for]))
        blocked = waits or any(not self._known(name) for name in names) or any(part.frame.empty for part in parts)
        outcome = {"kind": "unknown"} if blocked else settle(
            by(*[part.frame for part in parts], *[self._number(name) for name in names]), the_unit, places)
        zh, en = formula or ("", "")
        label_zh, label_en = label or ("", "")
        value = Value(
            id=id, unit=the_unit, decimals=places, formula_zh=zh, formula_en=en, label_zh=label_zh, label_en=label_en,
            comparator=self._comparator(id, comparator, parts, row), inputs=tuple(names), waits_for=waits,
            rows=tuple(ref for part in parts for ref in part.refs) if outcome["kind"] != "unknown" else (),
            assumption=assumption, generated=generated, **outcome)
        self._claim_name(id)
        self._values[id] = value
        records.show(value.record(), self.lang)
        return value

    def assume(self, id: str, number: float, *, unit: str, label: Texts, decimals: int | None = None) -> Value:
        """Record an assumption of ours (a notebook parameter), so that what rests on it says so."""
        return self.value(id, by=lambda: number, unit=unit, label=label, decimals=decimals, assumption=True,
                          formula=("本书的假定，可在笔记本参数中更改", "an assumption of ours, a parameter of the notebook"))

    def unknown(self, id: str, *, unit: str, label: Texts, formula: Texts) -> Value:
        """Record that something was looked for and not found, so that what would rest on it is open.

        ``formula`` says what was looked for. It stays unknown until a row is found and a value takes its place.
        """
        return self.value(id, by=lambda: None, unit=unit, label=label, formula=formula, assumption=True)

    def holds(self, id: str, left: str | Value, op: str, right: str | Value) -> bool | None:
        """Record a predicate: a comparison of two values that a word in the prose may rest on.

        None while one side is unknown. An interval is above a number when all of it is.
        """
        if op not in OPERATORS:
            raise WrongUse(Finding(code="holds.operator", where=f"predicate {id}", expected=" ".join(OPERATORS), found=op))
        names = [self._input(item) for item in (left, right)]
        self._comparable(names[0], names[1], where=f"predicate {id}")
        known = all(self._known(name) for name in names)
        outcome = compare(self._ends(names[0]), op, self._ends(names[1])) if known else None
        self._claim_name(id)
        self._predicates[id] = outcome
        records.show({"record": "predicate", "id": id, "left": names[0], "op": op, "right": names[1],
                      "holds": outcome}, self.lang)
        return outcome

    def judge(self, claim_id: str, *, by: str | Value, bearing: str = "direct", aspect: str = "met",
              reading: Texts | None = None) -> None:
        """Set a value beside a claim. The verdict follows from the rules once all notebooks have run.

        ``bearing`` is ``direct`` (the value measures what is claimed) or ``benchmark`` (a range of comparable
        cases); ``aspect`` of a plan or forecast is ``stated`` (is it stated elsewhere) or ``met`` (was it
        plausible, or met). ``reading`` says under which reading of the claim the value bears on it.
        """
        claim = claim_named(self._claims, claim_id)
        name = self._input(by)
        if bearing not in BEARINGS or aspect not in ASPECTS:
            raise WrongUse(Finding(code="judge.words", where=f"claim {claim_id}", found=f"{bearing!r}, {aspect!r}",
                                   expected=f"bearing {' or '.join(BEARINGS)}, aspect {' or '.join(ASPECTS)}"))
        self._comparable(name, CLAIM + claim.id, where=f"claim {claim_id}")
        zh, en = reading or ("", "")
        records.show({"record": "judgement", "claim": claim.id, "by": name, "bearing": bearing, "aspect": aspect,
                      "band": self.approx_band, "reading": {"zh": zh, "en": en}}, self.lang)

    def text(self, zh: str, en: str) -> BoundText:
        """A text for titles and alt texts: ``{id}`` a value, ``{id|bare}``, ``{claim:id}``, ``{id?word}`` a
        word that a predicate must bear out."""
        return bind(zh, en, shown=self._shown, holds=self._require if self._charts else lambda name, word: None)

    def chart(self, id: str, chart: Any, *, data: pd.DataFrame, of: Any, title: BoundText, alt: BoundText,
              unit: Texts = ("", ""), plate: Plate | None = None, narrow: Any = None,
              written: Mapping[str, Written] | None = None) -> None:
        """Record a chart (Altair, or a matplotlib figure) with its finding, alt text, plotted data and source.

        ``data`` holds exactly the plotted rows; ``of`` the rows or value ids they came from; ``plate`` the photograph
        in whose place it stands; ``written`` the units of its tooltips by field; ``narrow`` a phone's chart.
        """
        refs: list[str] = []
        for part in of if isinstance(of, list) else [of]:
            refs += support(self._input(part), self._values).rows if isinstance(part, str | Value) else self._rows(part).refs
        self._claim_name(id)
        if not self._charts:
            return
        record = chart_record(id, chart, data=data, title=title, alt=alt, unit=unit, lang=self.lang, plate=plate,
                              sources=self._sources(refs), project=self.project, narrow=narrow, written=written)
        records.show(record, self.lang, svg=picture(record, self.project))

    def figure(self, *, width: float = 7.2, height: float = 4.0) -> tuple[Any, Any]:
        """A matplotlib figure and axes in the book's type and colours, in inches."""
        return new_figure(self.project, width=width, height=height)

    def direction(self) -> Direction:
        """The colours of a rise and a fall in this language, with a sign for each: colour is never the only cue."""
        return direction_of(read_config(self.project)["recount"], self.lang)

    def ledger(self) -> dict[str, Any]:
        """The judged ledger of this edition. A notebook that asks for it runs in the second wave."""
        return read_judged(self.project, self.as_of.isoformat())

    def sweep(self) -> pd.DataFrame:
        """The verdicts as of each month from the day of print to this edition's day: ``as_of``, ``claim``,
        ``section``, ``verdict``, ``rule``. A notebook that asks for it runs in the second wave."""
        import pandas as pd

        return pd.DataFrame(read_swept(self.project, self.as_of.isoformat()))

    # ---- inside

    def _rows(self, part: Any) -> Rows:
        return part if isinstance(part, Rows) else self._data.of_frame(part)

    def _observation(self, rows: Rows) -> dict[str, Any] | None:
        keys = [*rows.frame.index, *(key for key, _ in rows.missing)]
        return self._package.loaded("observations").loc[keys[0]].to_dict() if len(keys) == 1 else None

    def _comparator(self, id: str, given: str | None, parts: list[Rows], row: dict[str, Any] | None) -> str:
        if given:
            return given
        if row is not None:
            return row["comparator"]
        loose = {ref for part in parts if part.table == "observations"
                 for ref, word in zip(part.refs, part.frame["comparator"], strict=True) if word != "eq"}
        if loose:
            raise BadInput(Finding(code="value.comparator", where=f"value {id}", found=f"not exact: {sorted(loose)}",
                                   expected="comparator=, since some rows are floors or approximations"))
        return "eq"

    def _input(self, item: str | Value | Claim) -> str:
        if isinstance(item, Claim):
            return claim_input(item)
        name = item.id if isinstance(item, Value) else item
        if not isinstance(name, str):
            raise WrongUse(Finding(code="value.no-id", where=f"input {item!r}", expected="a value, a claim or an id",
                                   found=type(item).__name__, next="a number of ours is recorded with desk.assume(...)"))
        if name.startswith(CLAIM):
            return claim_input(claim_named(self._claims, name.removeprefix(CLAIM)))
        if name not in self._values:
            raise WrongUse(Finding(code="value.unknown-id", where=f"input {name}", found=name,
                                   expected="the id of a value recorded earlier in this notebook",
                                   next=did_you_mean(name, list(self._values))))
        return name

    def _comparable(self, left: str, right: str, *, where: str) -> None:
        """Refuse to set yuan beside people, 万 beside 亿, or anything beside a name."""
        units = [self._claims[name.removeprefix(CLAIM)].unit if name.startswith(CLAIM) else self._values[name].unit
                 for name in (left, right)]
        named = [name for name in (left, right) if name in self._values and self._values[name].kind == "name"]
        if named or units[0].measure != units[1].measure:
            raise BadInput(Finding(code="value.units-differ", where=where, expected="numbers of one unit",
                                   found=f"{named[0]} is a name" if named else
                                   f"{left} in {units[0].code}, {right} in {units[1].code}"))

    def _known(self, name: str) -> bool:
        return name.startswith(CLAIM) or self._values[name].known

    def _number(self, name: str) -> Any:
        if name.startswith(CLAIM):
            claim = self._claims[name.removeprefix(CLAIM)]
            return claim.day or claim.value
        value = self._values[name]
        if value.kind == "interval":
            return value.number, value.high
        return value.text_en if value.kind == "date" else value.number

    def _ends(self, name: str) -> tuple[Any, Any]:
        number = self._number(name)
        if isinstance(number, str):
            # A month is neither before nor after a day in it.
            first, last = span(number)
            return first.isoformat(), last.isoformat()
        return number if isinstance(number, tuple) else (number, number)

    def _shown(self, name: str, lang: str, flag: str) -> str:
        if name.startswith(CLAIM):
            shown = claim_named(self._claims, name.removeprefix(CLAIM)).shown(lang)
        elif name in self._values:
            shown = self._values[name].shown(lang)
        else:
            raise WrongUse(Finding(code="text.unknown-id", where=f"text {{{name}}}", expected="a value of this notebook",
                                   found=name, next=did_you_mean(name, list(self._values))))
        if flag not in shown:
            raise WrongUse(Finding(code="text.flag", where=f"text {{{name}|{flag}}}", expected=", ".join(shown),
                                   found=flag))
        return shown[flag]

    def _require(self, name: str, word: str) -> None:
        if self._predicates.get(name) is not True:
            raise BadInput(Finding(code="holds.false", where=f"text {{{name}?{word}}}", expected="a true predicate",
                                   found=str(self._predicates.get(name, "no such predicate"))))

    def _sources(self, refs: list[str]) -> list[str]:
        """Names of the origins behind some rows, in the page's language, first come first."""
        sources = self._package.loaded("sources")  # part of each row's answer
        names = []
        for ref in refs:
            table, _, key = ref.partition("/")
            source = sources.loc[self._data.source_of(table, key)]
            name = "publisher" if source["origin"] == "unknown" else "origin"
            names.append(source[name] if self.lang == "zh" else source[f"{name}_en"])
        return list(dict.fromkeys(names))

    def _claim_name(self, id: str) -> None:
        # Interactively a cell may run twice; in a run of the book a second value of one name is a mistake.
        if id in self._recorded and os.environ.get("RECOUNT_RUN"):
            raise BadInput(Finding(code="value.duplicate-id", where=f"id {id}", expected="a name used once",
                                   found="recorded twice in this notebook"))
        if not VALUE_ID.fullmatch(id):
            raise BadInput(Finding(code="value.bad-id", where=f"id {id}", expected="section.name_with_underscores",
                                   found=id))
        self._recorded.add(id)


def _is_pair(texts: Any) -> bool:
    return isinstance(texts, tuple | list) and len(texts) == 2 and all(isinstance(text, str) for text in texts)
