"""The tables that take new rows: their columns, what one row is about, and what a later row on it may change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from features.tables import DAYS, NUMBERS, PRICE_KEY, REGIME_KEY

STATED = "stated_at"  # the day a file says a figure became public; `known_at` is the day it counts from


@dataclass(frozen=True)
class Kind:
    """One table. Rows with the same key speak of the same figure: the later one revises the earlier."""

    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...]
    order: tuple[str, ...]  # how the dataset sorts its rows
    optional: tuple[str, ...] = ()  # columns a file may have, which are checked and not kept

    @property
    def days(self) -> tuple[str, ...]:
        """Return the columns that hold days."""
        return DAYS[self.name]

    @property
    def numbers(self) -> tuple[str, ...]:
        """Return the columns that hold numbers."""
        return NUMBERS.get(self.name, ())

    @property
    def figures(self) -> tuple[str, ...]:
        """Return the columns that a revision may change."""
        return tuple(name for name in self.columns if name not in (*self.key, "known_at"))

    def fits(self, columns: tuple[str, ...]) -> bool:
        """Return whether a heading is one of this table, in any order."""
        return set(self.columns) <= set(columns) <= {*self.columns, *self.optional}

    def table(self, rows: list[dict[str, object]]) -> pd.DataFrame:
        """Return typed rows as the dataset holds them."""
        table = pd.DataFrame(rows, columns=list(self.columns)).astype(dict.fromkeys(self.numbers, float))
        text = [name for name in self.columns if name not in (*self.days, *self.numbers)]
        days = {name: pd.to_datetime(table[name]).astype("datetime64[s]") for name in self.days}
        return table.assign(**days).astype(dict.fromkeys(text, str))


_PRICED = ("publisher_class", "source", "vat", "currency", "unit")
_PRICE_ORDER = ("material", "form", "month", "basis", "publisher_class", "vat", "currency", "unit", "source")
_ANCHOR_KEY = ("material", "form", "start", "end", "kind", "basis", "value", "source")
PANEL = Kind(
    "panel",
    ("series", "date", "known_at", "value"),
    ("series", "date"),
    ("series", "date", "known_at"),
    ("unit", "source"),
)
PRICES = Kind(
    "prices_monthly",
    (
        *("material", "form", "month", "basis"), *_PRICED,
        *("mean", "low", "high", "last", "last_day", "count", "quality", "known_at"),
    ),
    PRICE_KEY,
    (*_PRICE_ORDER, "known_at"),
)  # fmt: skip
ANCHORS = Kind(
    "price_anchors",
    ("material", "form", "start", "end", "kind", "basis", *_PRICED, "low", "value", "high", "quality", "known_at"),
    _ANCHOR_KEY,
    (*_ANCHOR_KEY, "known_at"),
)
POLICY = Kind(
    "policy",
    ("instrument", "material", "start", "end", "value", "unit", "status", "source", "known_at"),
    REGIME_KEY,
    (*REGIME_KEY, "known_at"),
)
EVENTS = Kind(
    "events",
    ("date", "instrument", "label", "material", "direction", "source", "known_at"),
    ("date", "label"),
    ("date", "instrument", "label"),
)
KINDS: Mapping[str, Kind] = {kind.name: kind for kind in (PANEL, PRICES, ANCHORS, POLICY, EVENTS)}


def kind_of(columns: tuple[str, ...]) -> Kind | None:
    """Return the table that a heading is of, or None."""
    return next((kind for kind in KINDS.values() if kind.fits(columns)), None)
