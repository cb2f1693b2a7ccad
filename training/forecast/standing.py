"""What the record allowed one to claim at every origin: the error of what was served over that of the last quote."""

from __future__ import annotations

import numpy as np

from features.panel import FloatArray
from pricing.forecast.scores import ratio_band
from training.forecast.backtest import Backtest
from training.forecast.judge import HEADLINE, Scored, how_banded, plain, regimes, scored

Standing = list[list[list[float | None] | None]]


def standings(found: Backtest, place: str, number: int, rows: list[int], horizons: tuple[int, ...]) -> Standing:
    """Return by origin and horizon the RMSSE of a material and its band, of headline origins resolved by then.

    None where the last quote was served at every origin until then: there is nothing to judge.
    """
    headline = regimes(found.examples.months, found.first)[HEADLINE]
    start = int(np.argmax(np.r_[headline, True]))
    judged = [_standing(scored(found, place, horizon), number, horizon, start) for horizon in horizons]
    return [[by_origin[at] for by_origin in judged] for at in rows]


def _standing(one: Scored, number: int, horizon: int, start: int) -> dict[int, list[float | None] | None]:
    ours, base = (np.nan_to_num(error[number, start:]) ** 2 for error in (one.error, one.base_error))
    months = one.error.shape[1]
    return {at: _until(ours, base, at - start, horizon) for at in range(months)}


def _until(ours: FloatArray, base: FloatArray, last: int, horizon: int) -> list[float | None] | None:
    """Return the ratio and its band from squared errors by origin (T,), as known at origin index `last`."""
    resolved = np.arange(len(ours)) <= last - horizon
    above, below = (np.where(resolved, squared, 0.0)[: max(last + 1, 0)] for squared in (ours, base))
    if np.array_equal(above, below) or not below.any():
        return None
    low, high = ratio_band(above, below, horizon, how_banded(), root=True)
    return [plain(value) for value in (float(np.sqrt(above.sum() / below.sum())), low, high)]
