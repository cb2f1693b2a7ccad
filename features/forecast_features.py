"""Features of the market forecast: each series' own momentum and distance from its past, and what all share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from features.forecast_quotes import Quotes
from features.forecast_settings import Shared, numbers, recipe, whole
from features.panel import FloatArray, Panel, monthly_as_first_known

GAP = "gap"


@dataclass(frozen=True)
class Own:
    """One series by month (T,): ln(last quote) carried a little, its age in months, volatility a month, features."""

    level: FloatArray
    age: FloatArray
    volatility: FloatArray
    features: pd.DataFrame


def own_columns() -> list[str]:
    """Return the names of a series' own features without the gap of last quote to mean."""
    plan = recipe()
    return [*(f"momentum{k}" for k in plan.momentum_months), *(f"distance{k}" for k in plan.mean_months)]


def own_features(quotes: Quotes) -> Own:
    """Return a series' own features, each month from that month and earlier ones alone."""
    fresh: pd.Series[float] = pd.Series(np.log(quotes.last))
    level = fresh.ffill(limit=whole("features.carried_months"))
    volatility = monthly_volatility(fresh)
    return Own(
        level=np.asarray(level, dtype=np.float64),
        age=np.where(np.isnan(level), np.nan, _months_since(fresh.notna().to_numpy())),
        volatility=np.asarray(volatility, dtype=np.float64),
        features=_features(level, pd.Series(np.log(quotes.mean)), volatility),
    )


def shared_features(panel: Panel, months: Sequence[str]) -> pd.DataFrame:
    """Return the features that all series share (T, k), from values as first known."""
    return pd.DataFrame({one.name: _shared(panel, months, one) for one in recipe().shared})


def monthly_volatility(level: pd.Series) -> pd.Series:
    """Return the volatility of monthly changes of ln(price) (T,): part recent, part of all months known."""
    squared = level.diff().pow(2)
    least, share = whole("volatility.least_changes"), numbers().value("volatility.recent_share")
    recent = squared.ewm(halflife=numbers().value("volatility.halflife_months"), min_periods=least).mean()
    always = squared.expanding(least).mean()
    spread = (share * recent + (1 - share) * always).pow(0.5)
    return spread.where(spread > 0)


def _features(level: pd.Series, mean: pd.Series, volatility: pd.Series) -> pd.DataFrame:
    plan, least = recipe(), whole("features.least_mean_months")
    made = {f"momentum{k}": (level - level.shift(k)) / (volatility * np.sqrt(k)) for k in plan.momentum_months}
    made |= {
        f"distance{k}": (level - level.rolling(k, min_periods=least).mean()) / (volatility * np.sqrt(k))
        for k in plan.mean_months
    }
    return pd.DataFrame({**made, GAP: (level - mean) / volatility})


def _shared(panel: Panel, months: Sequence[str], one: Shared) -> pd.Series:
    value = pd.Series(monthly_as_first_known(panel, one.series, months, how="carry"))
    least = whole("features.least_shared_months")
    if one.kind == "distance":
        return value - one.centre
    if one.kind == "growth":
        change = pd.Series(np.log(value.to_numpy(dtype=float))).diff(one.months)
        return change / change.expanding(least).std()
    return (value - value.expanding(least).mean()) / value.expanding(least).std()


def _months_since(known: np.ndarray) -> FloatArray:
    places = np.arange(len(known))
    return (places - np.maximum.accumulate(np.where(known, places, -len(known)))).astype(float)
