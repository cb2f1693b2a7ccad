"""Rows that any fair price must beat: a constant, and a running mean of the market.

A row that never moves follows no market, and a running mean looks calm. So each row is read from two sides: how far it
follows the market, and whether it follows what oxide costs to make. Both stand in one regression of its changes over a
year, in real money, on those of the market and of unit cost: market should get nothing and cost something.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pricing.market.supply import Market, Region
from training.metrics import YEAR, fair, of_material, slope_of_changes

Floats = np.ndarray
LATEST, KNOWN, TODAY = "fair, latest", "fair, as known", "fair at today's capacities, latest"
CONSTANT, RUNNING, SPOT = "a constant", "running mean of the market", "the market itself"
COLUMNS = ("material", "region", "row", "slope", "on_market", "on_cost", "with_cost", "returns", "months")


@dataclass(frozen=True)
class Spans:
    """Counts of months: of the running mean, of market that it needs, and over which a gap may close."""

    mean: int
    least: int
    ahead: int


def yardsticks(latest: pd.DataFrame, known: pd.DataFrame, market: Market, spans: Spans) -> pd.DataFrame:
    """Return one row per material, region and candidate.

    `slope` of 12-month changes on the market alone; `on_market` and `on_cost` in one regression; `with_cost` the
    correlation with changes of unit cost; `returns` the correlation of the gap market over row with what the market did
    over the months ahead (negative where the market comes back to the row).
    """
    rows = []
    for material in market.histories:
        own, then = of_material(latest, material), of_material(known, material)
        cost = unit_cost(market, material).reindex(own.index)
        for region in Region:
            price = own[f"market.{region}"] / own["deflator"]
            for name, row in candidates(own, then, price, spans).items():
                rows.append((material, region.value, name, *judged(row, price, cost, spans)))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def candidates(latest: pd.DataFrame, known: pd.DataFrame, price: pd.Series, spans: Spans) -> Mapping[str, pd.Series]:
    """Return every row in real money (T,); the constant is the mean in logs of all months and so knows the future."""
    level = float(np.exp(_log(price).mean()))
    return {
        LATEST: fair(latest) / latest["deflator"],
        KNOWN: fair(known) / known["deflator"],
        TODAY: fair(latest, horizon="short_run") / latest["deflator"],
        CONSTANT: pd.Series(level, index=price.index),
        RUNNING: price.rolling(spans.mean, min_periods=spans.least).mean(),
        SPOT: price,
    }


def judged(row: pd.Series, price: pd.Series, cost: pd.Series, spans: Spans) -> tuple[float, ...]:
    """Return slope, both coefficients, both correlations and the months behind them, as in `yardsticks`."""
    changes = pd.DataFrame({"row": _changes(row), "market": _changes(price), "cost": _changes(cost)}).dropna()
    on_market, on_cost = _two_slopes(changes)
    gap = _log(price) - _log(row)
    ahead = _log(price).shift(-spans.ahead) - _log(price)
    return (
        slope_of_changes(row, price),
        on_market,
        on_cost,
        _correlation(changes["row"], changes["cost"]),
        _correlation(gap, ahead),
        len(changes),
    )


def unit_cost(market: Market, material: str) -> pd.Series:
    """Return the undistorted unit cost of the plants that yield a material, real USD/kg REO, weighted by mean yield."""
    weight = np.array([s.basket.get(material, 0.0) * float(np.mean(s.capacity)) for s in market.sources])
    cost = np.stack([s.cash_cost + s.capital_charge + s.environment - s.co_product_credit for s in market.sources])
    return pd.Series(weight @ cost / weight.sum(), index=pd.Index(market.months, name="month"))


def _log(values: pd.Series) -> pd.Series:
    return pd.Series(np.log(values.to_numpy(dtype=float)), index=values.index)


def _changes(values: pd.Series) -> pd.Series:
    return _log(values).diff(YEAR)


def _two_slopes(changes: pd.DataFrame) -> tuple[float, float]:
    if len(changes) < 4:
        return np.nan, np.nan
    design = np.column_stack([np.ones(len(changes)), changes["market"], changes["cost"]])
    found = np.linalg.lstsq(design, changes["row"].to_numpy(dtype=float), rcond=None)[0]
    return float(found[1]), float(found[2])


def _correlation(one: pd.Series, other: pd.Series) -> float:
    both = pd.DataFrame({"one": one, "other": other}).dropna()
    if len(both) < 4 or both.std().min() < 1e-9:
        return np.nan
    return float(both["one"].corr(both["other"]))
