"""Prices that others name, beside ours of the same months: incentive prices, the floor, what a producer received."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import nan

import numpy as np
import pandas as pd

from features.dataset import Dataset
from pricing.bundle_tables import INCENTIVE_TONNES, fair_column
from pricing.materials import Material
from training.incentive import incentive
from training.metrics import HEADLINE, of_material
from training.page_anchors import REALISED, STUDIES, floor_level

COLUMNS = ("kind", "anchor", "span", "low", "price", "high", "fair_low", "fair", "fair_high")
FLOOR, INCENTIVE, RECEIVED, PUBLISHED = "floor", "incentive", "realised", "published"
NDPR = Material.NDPR.value
WHOLE_YEAR = 360  # days at least: of what was received, whole years only


@dataclass(frozen=True)
class Anchor:
    """A price that is not ours, USD/kg NdPr oxide, when it held, and the months of ours it is set beside."""

    kind: str
    name: str
    span: str
    price: float
    beside: tuple[str, str]
    low: float = nan
    high: float = nan


def anchors(dataset: Dataset, known: pd.DataFrame) -> pd.DataFrame:
    """Return one row per anchor with the fair price as known over its months; beside a study the last month's."""
    rows = of_material(known, NDPR)
    last = str(rows.index[-1])
    curve = incentive(dataset, list(rows.index), "as_known", known)
    floor = Anchor(FLOOR, "US price floor", last, floor_level(dataset), (last, last))
    found = [*_incentives(curve, last), floor, *_received(dataset, last), *_published(dataset, last)]
    table = [(a.kind, a.name, a.span, a.low, a.price, a.high, *_ours(rows, a.beside)) for a in found]
    return pd.DataFrame(table, columns=list(COLUMNS))


def _ours(rows: pd.DataFrame, months: tuple[str, str]) -> tuple[float, ...]:
    chosen = rows[(rows.index >= months[0]) & (rows.index <= months[1])]
    columns = [fair_column("long_run", HEADLINE, statistic) for statistic in ("p10", "mean", "p90")]
    return tuple(float(chosen[column].mean()) for column in columns)


def _incentives(curve: pd.DataFrame, month: str) -> Iterator[Anchor]:
    steps = curve[(curve["month"] == month) & curve["tonnes_ndpr"].isin(INCENTIVE_TONNES)]
    for _, step in steps.sort_values("tonnes_ndpr").iterrows():
        name = f"own incentive price, {step['tonnes_ndpr']:,.0f} t a year outside China"
        yield Anchor(INCENTIVE, name, month, step["price"], (month, month), step["low"], step["high"])


def _received(dataset: Dataset, last: str) -> Iterator[Anchor]:
    sold = dataset.anchors[(dataset.anchors["basis"] == REALISED) & (dataset.anchors["material"] == NDPR)]
    for _, sale in sold.sort_values(["start", "end"]).iterrows():
        months = f"{sale['start']:%Y-%m}", f"{sale['end']:%Y-%m}"
        if (sale["end"] - sale["start"]).days >= WHOLE_YEAR and months[1] <= last:
            yield Anchor(RECEIVED, "MP realised", months[0][:4], float(sale["value"]), months)


def _published(dataset: Dataset, last: str) -> Iterator[Anchor]:
    said = dataset.facts[dataset.facts["topic"] == STUDIES]
    for _, row in said[said[["low", "central"]].notna().any(axis=1)].iterrows():
        low, central, high = (float(row[edge]) for edge in ("low", "central", "high"))
        price = central if np.isfinite(central) else (low + high) / 2
        yield Anchor(PUBLISHED, str(row["item"]), str(row["as_of"]), price, (last, last), low, high)
