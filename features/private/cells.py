"""A private table as cells of text, and each cell as the word, number or day it should be; a fault names its place."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from features.private.faults import Faults, unsafe

MAX_ROWS = 100_000
MAX_CELL = 500
_NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,20})?([eE][+-]?\d{1,3})?")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")


@dataclass(frozen=True)
class Row:
    """One row of a table: its file, its line, its cells by column."""

    file: str
    line: int
    cells: Mapping[str, str]
    faults: Faults

    def place(self, column: str) -> str:
        """Return where a cell stands, in words."""
        return f"{self.file}, line {self.line}, column {column}"

    def note(self, column: str, what: str, expected: str) -> None:
        """Note what is wrong with a cell."""
        self.faults.note(self.place(column), what, expected)

    def word(self, column: str, allowed: Iterable[str]) -> str:
        """Return a cell that must hold one of the allowed words."""
        self.faults.word(self.place(column), self.cells[column], allowed)
        return self.cells[column]

    def number(self, column: str, low: float, high: float, *, required: bool = True) -> float:
        """Return a finite number within bounds; NaN for an empty cell that may be empty, and for a refused one."""
        text = self.cells[column]
        if not text and not required:
            return math.nan
        number = float(text) if _NUMBER.fullmatch(text) else math.nan
        if not low <= number <= high:
            self.note(column, "no such number", f"a number from {low:g} to {high:g}, in plain digits")
            return math.nan
        return number

    def day(self, column: str, first: date, last: date, *, required: bool = True) -> date | None:
        """Return a day between two days, both included."""
        text = self.cells[column]
        if not text and not required:
            return None
        day = _day(text)
        if day is None or not first <= day <= last:
            self.note(column, "no such day", f"a day from {first} to {last}, written YYYY-MM-DD")
            return None
        return day

    def month(self, column: str) -> str | None:
        """Return a month written YYYY-MM."""
        if _MONTH.fullmatch(self.cells[column]):
            return self.cells[column]
        self.note(column, "no month", "a month written YYYY-MM")
        return None


def read_rows(name: str, text: str, faults: Faults) -> tuple[tuple[str, ...], list[Row]]:
    """Return the columns of a CSV table and its rows; cells that a spreadsheet would run are faults of their own."""
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error:
        faults.note(name, "no CSV that can be read", "comma-separated values with one heading line")
        return (), []
    if not lines or len(set(lines[0])) < len(lines[0]):
        faults.note(f"{name}, line 1", "no heading, or a column twice", "one heading line, each column once")
        return (), []
    if len(lines) - 1 > MAX_ROWS:
        faults.note(name, f"{len(lines) - 1:,} rows", f"at most {MAX_ROWS:,}")
        return (), []
    columns = tuple(lines[0])
    rows = [row for number, cells in enumerate(lines[1:], 2) if (row := _row(name, number, columns, cells, faults))]
    return columns, rows


def _row(name: str, number: int, columns: tuple[str, ...], cells: list[str], faults: Faults) -> Row | None:
    if len(cells) != len(columns):
        faults.note(f"{name}, line {number}", f"{len(cells)} cells", f"{len(columns)}, as in the heading")
        return None
    row = Row(name, number, dict(zip(columns, cells, strict=True)), faults)
    before = len(faults.found)
    for column, text in row.cells.items():
        if len(text) > MAX_CELL:
            row.note(column, f"more than {MAX_CELL} characters", "a shorter text")
        for why in () if _NUMBER.fullmatch(text) else unsafe(text):
            row.note(column, why, "plain text, or a number in plain digits")
    return row if len(faults.found) == before else None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        return None
