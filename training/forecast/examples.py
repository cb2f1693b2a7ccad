"""What models learn from and forecast: features and scaled changes of every series, month by month."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from features.dataset import Dataset
from features.forecast_features import GAP, Own, own_columns, own_features, shared_features
from features.forecast_quotes import DOMESTIC, FOB, METAL, TEACHER, Quotes, forecast_months, forecast_quotes
from features.forecast_settings import numbers
from features.forecast_spread import interval_volatility
from features.panel import FloatArray

__all__ = ["DOMESTIC", "FOB", "METAL", "Examples", "examples"]


@dataclass(frozen=True)
class Examples:
    """Series (S) by months (T): features (S, T, K), ln of last quotes, their scale, and what may be learnt from."""

    months: tuple[str, ...]
    quotes: tuple[Quotes, ...]
    columns: tuple[str, ...]
    features: FloatArray  # (S, T, K), cut at the bound, 0 where missing
    usable: np.ndarray  # (S, T): a year of own past stands behind the features
    level: FloatArray  # (S, T): ln of the last quote, carried a little
    age: FloatArray  # (S, T): months since that quote
    volatility: FloatArray  # (S, T): of ln changes a month
    market_volatility: FloatArray  # (S, T): of ln changes a month between quotes of one market

    def changes(self, horizon: int) -> FloatArray:
        """Return the scaled change to the last quote `horizon` months on (S, T), NaN unless quoted at both ends."""
        ahead = np.full(self.level.shape, np.nan)
        fresh = np.where(self.quoted, self.level, np.nan)
        ahead[:, : len(self.months) - horizon] = fresh[:, horizon:]
        found: FloatArray = (ahead - fresh) / self.scale(horizon)
        return found

    def scale(self, horizon: int) -> FloatArray:
        """Return the spread of a random walk over a horizon (S, T)."""
        scale: FloatArray = self.volatility * np.sqrt(horizon)
        return scale

    def spread(self, horizon: int) -> FloatArray:
        """Return the spread over a horizon (S, T) that intervals stand on: of a random walk of one market's quotes.

        Metals are monthly means. The change of a mean over one month has two thirds of the variance of the price's,
        over h months (h - 1/3) of it (Working 1960), so that a mean over h months moves by more than root h months.
        """
        months = np.where([one.place == METAL for one in self.quotes], (3 * horizon - 1) / 2, horizon)
        spread: FloatArray = self.market_volatility * np.sqrt(months)[:, None]
        return spread

    def places(self, place: str) -> list[int]:
        """Return the series that are forecast at a place, in the order of materials."""
        return [n for n, one in enumerate(self.quotes) if one.place == place and one.name != TEACHER]

    def at(self, columns: list[str]) -> list[int]:
        """Return where features stand."""
        return [self.columns.index(name) for name in columns]

    @cached_property
    def quoted(self) -> np.ndarray:
        """Return which months hold a quote of the series' own market (S, T)."""
        return np.array([one.quoted for one in self.quotes])

    @cached_property
    def weights(self) -> FloatArray:
        """Return what a month of each series weighs in learning (S,): domestic prices mirror FOB and weigh nothing."""
        by_place = {FOB: 1.0, DOMESTIC: 0.0, METAL: numbers().value("models.metal_weight")}
        return np.array([by_place[one.place] for one in self.quotes])


def examples(dataset: Dataset) -> Examples:
    """Return what the dataset teaches, each month as known on its vintage day."""
    months = forecast_months(dataset)
    quotes = tuple(forecast_quotes(dataset))
    shared = shared_features(dataset.panel, months)
    owns = [own_features(one) for one in quotes]
    bound = numbers().value("features.bound")
    tables = [pd.concat([own.features, shared], axis=1) for own in owns]
    volatility = np.array([own.volatility for own in owns])
    return Examples(
        months=months,
        quotes=quotes,
        columns=tuple(tables[0].columns),
        features=np.array([table.fillna(0.0).clip(-bound, bound).to_numpy(dtype=float) for table in tables]),
        usable=np.array([_usable(own) for own in owns]),
        level=np.array([own.level for own in owns]),
        age=np.array([own.age for own in owns]),
        volatility=volatility,
        market_volatility=interval_volatility(quotes, volatility),
    )


def _usable(own: Own) -> np.ndarray:
    return own.features.drop(columns=GAP)[own_columns()].notna().all(axis=1).to_numpy()
