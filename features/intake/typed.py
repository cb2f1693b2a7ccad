"""Rows of text as words, numbers and days that the dataset allows; every fault of a row at once.

What is refused here nobody may accept: the dataset could not be loaded with it, or it would not be known what it is.
Only names of a material, a form, an instrument and the like may be new, if a person says so.
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cached_property
from typing import Any

import pandas as pd

from features.dataset import Dataset
from features.intake.kinds import Kind
from features.intake.received import Received
from features.intake.rules import intake_rules
from features.intake.rows import Entry, Held, about
from features.private.cells import Row
from features.private.observations import LAST_DATE
from features.private.prices import FIRST_DAY, MOST_QUOTES
from features.quality import quality_rules
from features.tables import BASES, CLASSES, CURRENCIES, MOST, QUALITIES, STATUSES, VAT

_NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,20})?([eE][+-]?\d{1,3})?")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
_MANY = 12  # words told one by one
_DATED = {"month": ("-01",), "month with gaps": ("-01",), "half-year": ("-01-01", "-07-01"), "year": ("-12-31",)}
ANY = (-math.inf, math.inf)


@dataclass(frozen=True)
class Known:
    """What a row may name: the series, sources, materials and instruments of a dataset, and the day of receipt."""

    dataset: Dataset
    received_on: date

    @cached_property
    def series(self) -> dict[str, dict[str, Any]]:
        """Return the catalogue's row of each series."""
        table = self.dataset.catalogue.series.reset_index()
        return {str(row["series"]): {str(name): cell for name, cell in row.items()} for row in table.to_dict("records")}

    @cached_property
    def ahead(self) -> frozenset[str]:
        """Return the series that may be known before the day they are dated: quotas and rates, announced ahead."""
        groups = intake_rules()["announced_ahead_groups"]
        return frozenset(name for name, card in self.series.items() if card["group"] in groups)

    def words(self, table: pd.DataFrame, column: str, **where: str) -> list[str]:
        """Return the words of a column, of the rows that have the given ones."""
        for name, word in where.items():
            table = table[table[name] == word]
        return sorted(str(word) for word in table[column].unique())


@dataclass
class _Cells:
    """The cells of one row, read one by one; each fault is a reason to hold the row back."""

    row: Row
    kind: Kind
    known: Known
    held: list[Held] = field(default_factory=list)

    def fault(
        self, rule: str, column: str, expected: str, found: str | None = None, *, acceptable: bool = False
    ) -> None:
        cell = self.row.cells.get(column, "")
        told = found or f"{column} {cell!r}" if cell else f"no {column}"
        name = about(self.kind, self.row.cells)
        self.held.append(Held(self.row.file, self.row.line, rule, name, told, expected, acceptable))

    def text(self, column: str) -> str:
        if not self.row.cells[column].strip():
            self.fault("missing", column, "a text")
        return self.row.cells[column]

    def word(self, column: str, allowed: Iterable[str], rule: str = "word") -> str:
        found, words = self.row.cells[column], list(allowed)
        if found not in words:
            near = difflib.get_close_matches(found, words, n=1)
            listed = f"one of {', '.join(words)}" if len(words) <= _MANY else f"one of {len(words)} known names"
            self.fault(rule, column, f"{listed}{f'; nearest name: {near[0]}' if near else ''}")
        return found

    def word_so_far(self, column: str, used: Iterable[str], rule: str = "word") -> str:
        """Return a word that may be used for the first time, if a person says so; any where none was used yet."""
        before, words = len(self.held), list(used)
        found = self.word(column, words, rule) if words else self.text(column)
        self.held[before:] = [replace(one, acceptable=bool(found)) for one in self.held[before:]]
        return found

    def number(self, column: str, low: float, high: float, unit: str = "", *, required: bool = True) -> float:
        text = self.row.cells[column]
        if not text and not required:
            return math.nan
        number = float(text) if _NUMBER.fullmatch(text) else math.nan
        if not low <= number <= high:
            rule = "missing" if not text else "range" if number == number else "number"  # noqa: PLR0124 - NaN
            self.fault(rule, column, f"{low:g} to {high:g} {unit}".strip(), f"{column} {text} {unit}".strip())
            return math.nan
        return number

    def day(self, column: str, *, required: bool = True) -> date | None:
        text = self.row.cells[column]
        if not text and not required:
            return None
        try:
            day = date.fromisoformat(text) if _DAY.fullmatch(text) else None
        except ValueError:
            day = None
        if day is None or not FIRST_DAY <= day <= LAST_DATE:
            self.fault("missing" if not text else "day", column, f"a day from {FIRST_DAY}, written YYYY-MM-DD")
            return None
        return day

    def month(self, column: str) -> str:
        if not _MONTH.fullmatch(self.row.cells[column]):
            self.fault("day", column, "a month written YYYY-MM")
        return self.row.cells[column]

    def known_at(self, first: date | None, what: str) -> date | None:
        """Return the day a figure became public: not before a first day, not after the day of receipt."""
        day, last = self.day("known_at"), self.known.received_on
        if day and day > last:
            self.fault("future", "known_at", f"a day up to {last}, the day of receipt")
        if day and first and day < first:
            self.fault("known_before_date", "known_at", f"a day from {first}, {what}")
        return day


def entries_of(file: Received, known: Known) -> tuple[list[Entry], list[Held]]:
    """Return the rows of a file that the dataset could hold, and why the others could not."""
    entries: list[Entry] = []
    held = list(file.held)
    for row in file.rows if file.kind else ():
        assert file.kind is not None  # noqa: S101 - rows come with their kind
        cells = _Cells(row, file.kind, known)
        values = _READERS[file.kind.name](cells)
        held += cells.held
        if all(one.acceptable for one in cells.held):
            entries.append(Entry.of(row, file.kind, values))
    return entries, held


def _observation(cells: _Cells) -> dict[str, Any]:
    known = cells.known
    name = cells.word("series", known.series, "series")
    card = known.series.get(name, {})
    unit = str(card.get("unit", ""))
    for column in ("unit", "source"):
        if column in cells.row.cells and card:
            cells.word(column, [str(card[column])], column)
    low, high = quality_rules()["units"].get(unit, ANY)
    day = cells.day("date")
    if day and not _dated_right(day, str(card.get("frequency", ""))):
        expected = f"a day ending in {' or '.join(_DATED[card['frequency']])}: a value of each {card['frequency']}"
        cells.fault("date", "date", expected)
    ahead = name in known.ahead
    return {
        "series": name,
        "date": day,
        "known_at": cells.known_at(None if ahead else day, "the date it speaks of"),
        "value": cells.number("value", low, high, unit),
    }


def _dated_right(day: date, frequency: str) -> bool:
    return day.isoformat().endswith(_DATED.get(frequency, ("",)))


def _priced(cells: _Cells) -> dict[str, Any]:
    prices = cells.known.dataset.prices
    cards, believable = cells.known.dataset.catalogue.cards, quality_rules()["oxide_prices"]
    words = {
        "material": cells.word_so_far("material", cells.known.words(prices, "material"), "series"),
        "form": cells.word_so_far("form", cells.known.words(prices, "form")),
        "basis": cells.word("basis", BASES, "basis"),
        "publisher_class": cells.word("publisher_class", CLASSES),
        "source": cells.text("source"),
        "vat": cells.word("vat", VAT, "basis"),
        "currency": cells.word("currency", CURRENCIES, "unit"),
        "unit": cells.word("unit", ("kg",), "unit"),
        "quality": cells.word("quality", QUALITIES),
    }
    unit = f"{words['currency']}/{words['unit']}"
    for source in words["source"].split(";"):
        if source not in cards:
            near = difflib.get_close_matches(source, cards, n=1)
            hint = f"; nearest name: {near[0]}" if near else ""
            cells.fault("source", "source", f"publishers with a card, joined by semicolons{hint}")
        elif unit not in cards[source].units:
            cells.fault("unit", "currency", f"a unit of its card: {', '.join(cards[source].units)}", f"unit {unit}")
    span = believable.get(words["material"], {}).get(words["currency"], (0.0, MOST))
    oxide = words["form"] == "oxide"
    return {**words, "_low": span[0] if oxide else 0.0, "_high": span[1] if oxide else MOST, "_unit": unit}


def _monthly_price(cells: _Cells) -> dict[str, Any]:
    words = _priced(cells)
    low, high, unit = words.pop("_low"), words.pop("_high"), words.pop("_unit")
    month = cells.month("month")
    numbers = {
        "mean": cells.number("mean", low, high, unit),
        "count": cells.number("count", 1, MOST_QUOTES),
        **{name: cells.number(name, 0, MOST, unit, required=False) for name in ("low", "high", "last")},
    }
    if numbers["low"] > numbers["mean"] * 1.0001 or numbers["high"] < numbers["mean"] * 0.9999:
        cells.fault("order", "mean", "low <= mean <= high")
    if not _MONTH.fullmatch(month):
        return {**words, **numbers, "month": month, "known_at": cells.day("known_at")}
    span = pd.Period(month, "M")
    quoted = cells.day("last_day", required=False)
    if quoted and not span.start_time.date() <= quoted <= span.end_time.date():
        cells.fault("day", "last_day", f"a day of {month}")
    end = (span + 1).start_time.date()
    return {**words, **numbers, "month": month, "last_day": quoted, "known_at": cells.known_at(end, "its month over")}


def _anchor(cells: _Cells) -> dict[str, Any]:
    words = _priced(cells)
    unit = words.pop("_unit")
    words = {name: word for name, word in words.items() if not name.startswith("_")}
    start, end = cells.day("start"), cells.day("end")
    _ordered(cells, start, end)
    kinds = cells.known.words(cells.known.dataset.anchors, "kind")
    numbers = {name: cells.number(name, 0, MOST, unit, required=name == "value") for name in ("low", "value", "high")}
    last = end + timedelta(days=1) if end else None
    times = {"start": start, "end": end, "known_at": cells.known_at(last, "its span over")}
    return {**words, "kind": cells.word_so_far("kind", kinds), **numbers, **times}


def _regime(cells: _Cells) -> dict[str, Any]:
    policy, known = cells.known.dataset.policy, cells.known
    name = cells.word_so_far("instrument", known.words(policy, "instrument"), "series")
    start, end = cells.day("start"), cells.day("end", required=False)
    _ordered(cells, start, end)
    unit = cells.word_so_far("unit", known.words(policy, "unit", instrument=name), "unit")
    low, high = (0.0, 1.0) if unit == "0/1" else quality_rules()["units"].get(unit, ANY)
    return {
        "instrument": name,
        "material": cells.word_so_far("material", known.words(policy, "material", instrument=name)),
        "start": start,
        "end": end,
        "value": cells.number("value", low, high, unit),
        "unit": unit,
        "status": cells.word("status", STATUSES),
        "source": cells.text("source"),
        "known_at": cells.known_at(None, ""),
    }


def _event(cells: _Cells) -> dict[str, Any]:
    events, known = cells.known.dataset.events, cells.known
    words = {name: cells.word_so_far(name, known.words(events, name)) for name in ("instrument", "direction")}
    texts = {name: cells.text(name) for name in ("label", "material", "source")}
    return {**words, **texts, "date": cells.day("date"), "known_at": cells.known_at(None, "")}


def _ordered(cells: _Cells, start: date | None, end: date | None) -> None:
    if start and end and start > end:
        cells.fault("order", "end", f"a day from {start}, its start")


_READERS: dict[str, Callable[[_Cells], dict[str, Any]]] = {
    "panel": _observation,
    "prices_monthly": _monthly_price,
    "price_anchors": _anchor,
    "policy": _regime,
    "events": _event,
}


def all_held(parts: Iterable[Iterable[Held]]) -> Iterator[Held]:
    """Yield every reason, in order of file and line."""
    yield from sorted((one for part in parts for one in part), key=lambda one: (one.file, one.line, one.rule))
