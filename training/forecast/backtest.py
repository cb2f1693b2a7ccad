"""The backtest: every origin from the first on, every horizon, models and intervals as they would have been served."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from joblib import Parallel, delayed

from features.dataset import Dataset
from features.forecast_settings import numbers, whole
from features.forecast_spread import walk_spread
from features.panel import FloatArray
from pricing.forecast.published import HORIZONS
from pricing.forecast.skill import chained
from training.backend import shared
from training.config import Progress
from training.forecast.examples import DOMESTIC, FOB, Examples, examples
from training.forecast.models import blended, walk
from training.forecast.served import Served, judge, serve

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
        """Return the spread of a Gaussian random walk (M, T), scaled: of all changes of one market known by then."""
        rows = self.examples.places(place)
        spread: FloatArray = walk_spread(self.examples.quotes)[rows] / self.examples.volatility[rows]
        return spread


def backtest(dataset: Dataset, progress: Progress, jobs: int = 1) -> Backtest:
    """Return the backtest of a dataset, horizons side by side in processes; no number depends on how many.

    With too few months for an origin it is empty of forecasts.
    """
    progress(STAGE, 0.0)
    found = examples(dataset)
    first = min(_first(found.months), len(found.months) - 1)
    blends: dict[int, FloatArray] = {}
    fits: dict[int, dict[str, Mapping[str, float] | str]] = {}
    given = shared(found)
    work = Parallel(n_jobs=jobs, return_as="generator")(delayed(walk)(given, horizon, first) for horizon in HORIZONS)
    for horizon, walked in zip(HORIZONS, work, strict=True):
        blends[horizon] = blended(walked)
        fits[horizon] = {name: one.last_fit for name, one in walked.items()}
        progress(STAGE, horizon / len(HORIZONS))
    served = {key: one for place in PLACES for key, one in placed(found, place, blends)}
    return Backtest(found, first, served, fits)


def placed(found: Examples, place: str, blends: Mapping[int, FloatArray]) -> Iterator[tuple[tuple[str, int], Served]]:
    """Yield what is served at a place, shortest horizon first."""
    judged = chained([judge(found, place, horizon, blend) for horizon, blend in blends.items()])
    for (horizon, blend), verdict in zip(blends.items(), judged, strict=True):
        yield (place, horizon), serve(found, place, horizon, blend, verdict)


def _first(months: tuple[str, ...]) -> int:
    wanted = f"{whole('record.first_origin')}-01"
    return next((place for place, month in enumerate(months) if month >= wanted), len(months))
