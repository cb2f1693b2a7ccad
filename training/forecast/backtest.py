"""The backtest: every origin from the first on, every horizon, models and intervals as they would have been served."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from joblib import Parallel, delayed

from features.dataset import Dataset
from features.forecast_settings import numbers, whole
from features.panel import FloatArray
from pricing.forecast.published import HORIZONS
from training.config import Progress
from training.forecast.examples import DOMESTIC, FOB, Examples, examples
from training.forecast.models import blended, walk
from training.forecast.served import Served, serve

PLACES = (FOB, DOMESTIC)
STAGE = "market forecast"


@dataclass(frozen=True)
class Backtest:
    """What would have been served at every origin, by place and horizon, and the models as last fitted by horizon."""

    examples: Examples
    first: int  # index of the first origin
    served: Mapping[tuple[str, int], Served]
    last_fits: Mapping[int, Mapping[str, Mapping[str, float] | str]]

    def widths(self, place: str, horizon: int) -> FloatArray:
        """Return half-widths as served (levels, M, T), scaled: wider where quotes are few."""
        one = self.served[place, horizon]
        return one.half * np.where(one.thin, numbers().value("intervals.thin_factor"), 1.0)

    def walk_width(self, place: str) -> FloatArray:
        """Return the spread of a Gaussian random walk (M, T), scaled: root mean square of all known monthly changes."""
        rows = self.examples.places(place)
        levels = [pd.Series(np.log(self.examples.quotes[row].last)) for row in rows]
        least = whole("volatility.least_changes")
        spread = [np.sqrt(level.diff().pow(2).expanding(least).mean()).to_numpy(dtype=float) for level in levels]
        return np.array(spread) / self.examples.volatility[rows]


def backtest(dataset: Dataset, progress: Progress, jobs: int = 1) -> Backtest:
    """Return the backtest of a dataset, horizons side by side in processes; no number depends on how many.

    With too few months for an origin it is empty of forecasts.
    """
    progress(STAGE, 0.0)
    found = examples(dataset)
    first = min(_first(found.months), len(found.months) - 1)
    served: dict[tuple[str, int], Served] = {}
    fits: dict[int, dict[str, Mapping[str, float] | str]] = {}
    work = Parallel(n_jobs=jobs, return_as="generator")(delayed(_at)(found, horizon, first) for horizon in HORIZONS)
    for horizon, (by_place, last_fits) in zip(HORIZONS, work, strict=True):
        served |= {(place, horizon): one for place, one in by_place.items()}
        fits[horizon] = last_fits
        progress(STAGE, horizon / len(HORIZONS))
    return Backtest(found, first, served, fits)


def _at(found: Examples, horizon: int, first: int) -> tuple[dict[str, Served], dict[str, Mapping[str, float] | str]]:
    """Return what is served at one horizon by place, and the models as last fitted."""
    walked = walk(found, horizon, first)
    blend = blended(walked)
    served = {place: serve(found, place, horizon, blend) for place in PLACES}
    return served, {name: one.last_fit for name, one in walked.items()}


def _first(months: tuple[str, ...]) -> int:
    wanted = f"{whole('record.first_origin')}-01"
    return next(_places(months, wanted), len(months))


def _places(months: tuple[str, ...], wanted: str) -> Iterator[int]:
    return (place for place, month in enumerate(months) if month >= wanted)
