"""Where every row comes from: one card per publisher, and what is known of each series.

Users may keep private sources beside the shipped ones: a dataset folder of their own with the same layout.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from pricing.errors import DataError

GEOPOLITICS, FEATURE, CONTEXT = "geopolitics", "feature", "context"
COST = "cost:"


@dataclass(frozen=True)
class Card:
    """One publisher: who, under which licence, in which units and on which basis, how late, how good."""

    id: str
    publisher: str
    licence: Mapping[str, Any]
    units: tuple[str, ...]
    basis: str
    publication_lag_days: tuple[int, ...]
    quality: str
    citation: tuple[str, ...]
    rows: int
    sha256: str

    def as_dict(self) -> dict[str, Any]:
        """Return the card as plain values, in the order in which it is written."""
        return {
            "id": self.id, "publisher": self.publisher, "licence": dict(self.licence), "units": list(self.units),
            "basis": self.basis, "publication_lag_days": list(self.publication_lag_days), "quality": self.quality,
            "citation": list(self.citation), "rows": self.rows, "sha256": self.sha256,
        }  # fmt: skip


@dataclass(frozen=True)
class Catalogue:
    """All cards by id, and the table of series indexed by name."""

    cards: Mapping[str, Card]
    series: pd.DataFrame

    def card(self, source: str) -> Card:
        """Return the card of a source; a source without a card cannot be used."""
        if source not in self.cards:
            msg = f"source {source} has no card in cards/. Write one before its rows are loaded."
            raise DataError(msg)
        return self.cards[source]

    def unit(self, series: str) -> str:
        """Return the unit of a series."""
        return str(self._row(series)["unit"])

    def drives(self, series: str) -> tuple[str, ...]:
        """Return what a series drives: MarketHistory columns, geopolitics, `cost:` drivers, feature or context."""
        return tuple(part.strip() for part in str(self._row(series)["drives"]).split(";"))

    def _row(self, series: str) -> dict[Any, Any]:
        if series not in self._rows:
            msg = f"series {series} is not in the catalogue (series.csv). Add it with unit, source and what it drives."
            raise DataError(msg)
        return self._rows[series]

    @cached_property
    def _rows(self) -> dict[str, dict[Any, Any]]:
        return {str(row["series"]): row for row in self.series.reset_index().to_dict("records")}


def rows_digest(rows: pd.DataFrame) -> str:
    """Return the SHA-256 of rows as CSV: the checksum a card carries."""
    buffer = io.StringIO()
    rows.to_csv(buffer, index=False, lineterminator="\n", date_format="%Y-%m-%d")
    return hashlib.sha256(buffer.getvalue().encode()).hexdigest()


def read_cards(folder: Path) -> dict[str, Card]:
    """Return the cards of a folder by id; DataError names a card that is torn or lacks a field."""
    cards = [_read_card(path) for path in sorted(folder.glob("*.yaml"))]
    return {card.id: card for card in cards}


def _read_card(path: Path) -> Card:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        fields = yaml.load(path.read_text("utf-8"), Loader=loader)  # noqa: S506 - both loaders are the safe ones
        lists = {name: tuple(fields[name]) for name in ("units", "publication_lag_days", "citation")}
        return Card(**{**fields, **lists})
    except (yaml.YAMLError, TypeError, KeyError) as error:
        msg = f"cards/{path.name} is not a source card ({type(error).__name__}: {error}). Import the dataset again."
        raise DataError(msg) from error
