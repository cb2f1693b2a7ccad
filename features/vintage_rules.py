"""Which series have no true vintages: what stands for their day of knowledge, if they are revised, what they feed.

A replay of the past is as good as real time only where the first figure stands.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import yaml

from features.catalogue import CONTEXT, FEATURE, Catalogue, read_cards
from features.dataset import SHIPPED
from features.forecast_settings import recipe
from features.tables import read_table
from pricing.errors import DataError

FILE = SHIPPED / "vintage_rules.yaml"
REVISED = ("often", "sometimes", "never")
FORECAST = "forecast"
_PERIOD = {"year": "the year", "span": "the span"}


@dataclass(frozen=True, slots=True)
class WithoutVintage:
    """One series (or kind of figures) of which only today's values are stored.

    `revised` is often, sometimes or never; `feeds` names columns of the market history, cost drivers, or the forecast.
    """

    name: str
    publisher: str
    rule: str
    revised: str
    why: str
    feeds: tuple[str, ...]


@cache
def shipped_without_vintages() -> tuple[WithoutVintage, ...]:
    """Return what the shipped dataset holds one vintage of, of all that a price or forecast reads."""
    catalogue = Catalogue(read_cards(SHIPPED / "cards"), read_table(SHIPPED / "series.csv").set_index("series"))
    return without_vintages(catalogue)


def without_vintages(catalogue: Catalogue) -> tuple[WithoutVintage, ...]:
    """Return every series without true vintages that feeds a price or a forecast, those revised often first.

    DataError where a source that feeds something has no rule.
    """
    rules = yaml.safe_load(FILE.read_text("utf-8"))
    found = [*_beside(rules["beside"]), *_series(catalogue, rules["sources"])]
    return tuple(sorted(found, key=lambda one: REVISED.index(one.revised)))


def _beside(rows: list[dict[str, Any]]) -> Iterator[WithoutVintage]:
    for row in rows:
        yield WithoutVintage(row["name"], "", row["rule"], row["revised"], row["why"], tuple(row["feeds"]))


def _series(catalogue: Catalogue, sources: Mapping[str, Mapping[str, str]]) -> Iterator[WithoutVintage]:
    for name, row in catalogue.series.iterrows():
        feeds = _feeds(catalogue, str(name))
        if not feeds:
            continue
        source = str(row["source"])
        if source not in sources:
            msg = f"source {source} of {name} has no rule in {FILE.name}. Say there whether its figures are revised."
            raise DataError(msg)
        yield WithoutVintage(
            name=str(name),
            publisher=catalogue.card(source).publisher,
            rule=sources[source].get("rule") or _lag(str(row["frequency"]), int(row["publication_lag_days"])),
            revised=sources[source]["revised"],
            why=sources[source]["why"],
            feeds=feeds,
        )


def _feeds(catalogue: Catalogue, name: str) -> tuple[str, ...]:
    columns = tuple(column for column in catalogue.drives(name) if column not in (FEATURE, CONTEXT))
    read = recipe()
    return (*columns, FORECAST) if name in {*read.metals, *(one.series for one in read.shared)} else columns


def _lag(frequency: str, days: int) -> str:
    """Return the publisher's usual lag in words."""
    period = _PERIOD.get(frequency, "the month")
    return f"{days} days after the end of {period}" if days else f"the end of {period}"
