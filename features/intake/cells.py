"""The cells of a row of text as words, numbers and days, each fault a reason to hold the row back."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Any

import pandas as pd

from features.dataset import Dataset
from features.intake.kinds import Kind
from features.intake.rows import Held, about
from features.private.cells import Row
from features.private.observations import LAST_DATE
from features.private.prices import FIRST_DAY
from features.rules import intake_rules

_NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,20})?([eE][+-]?\d{1,3})?")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
_MANY = 12  # words told one by one


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
class Cells:
    """The cells of one row, read one by one; each fault is a reason to hold the row back."""

    row: Row
    kind: Kind
    known: Known
    held: list[Held] = field(default_factory=list)

    def fault(
        self, rule: str, column: str, expected: str, found: str | None = None, *, acceptable: bool = False
    ) -> None:
        """Note a reason to hold the row back."""
        cell = self.row.cells.get(column, "")
        told = found or f"{column} {cell!r}" if cell else f"no {column}"
        name = about(self.kind, self.row.cells)
        self.held.append(Held(self.row.file, self.row.line, rule, name, told, expected, acceptable))

    def text(self, column: str) -> str:
        """Return a text that is not empty."""
        if not self.row.cells[column].strip():
            self.fault("missing", column, "a text")
        return self.row.cells[column]

    def word(self, column: str, allowed: Iterable[str], rule: str = "word") -> str:
        """Return a word, which must be one of the allowed."""
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
        """Return a number within bounds, NaN for an empty cell that may be empty and for one refused."""
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
        """Return a day, None for an empty cell that may be empty and for one refused."""
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
        """Return a month written YYYY-MM, or what stands there."""
        if not MONTH.fullmatch(self.row.cells[column]):
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
