"""How good forecasts were. Errors are of ln(price) in units of the monthly volatility known at the origin."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student

Floats = NDArray[np.float64]

LEVELS = (50, 80, 95)  # per cent of outcomes that an interval is to hold


def rmsse(error: Floats, base_error: Floats) -> float:
    """Return the root of the mean squared error over that of the last quote, errors scaled (n,); NaN without pairs.

    >>> rmsse(np.array([1.0, -1.0]), np.array([2.0, 2.0]))
    0.5
    """
    both = np.isfinite(error) & np.isfinite(base_error)
    below = float(np.sum(base_error[both] ** 2))
    return float(np.sqrt(np.sum(error[both] ** 2) / below)) if below > 0 else np.nan


def interval_score(error: Floats, half_width: Floats, level: float) -> Floats:
    """Return the interval score (n,) of symmetric intervals (Gneiting and Raftery 2007, eq. 43); less is better.

    >>> interval_score(np.array([0.5, 3.0]), np.array([1.0, 1.0]), 0.5)
    array([ 2., 10.])
    """
    missed = np.maximum(np.abs(error) - half_width, 0.0)
    return 2 * half_width + 2 / (1 - level) * missed


def pinball(error: Floats, half_width: Floats, level: float) -> Floats:
    """Return the mean pinball loss (n,) of both ends of symmetric intervals; error is outcome less point."""
    tail = (1 - level) / 2
    losses = [np.where(d >= 0, q * d, (q - 1) * d) for q, d in _ends(error, half_width, tail)]
    return (losses[0] + losses[1]) / 2


def _ends(error: Floats, half_width: Floats, tail: float) -> list[tuple[float, Floats]]:
    return [(tail, error + half_width), (1 - tail, error - half_width)]


def independent_windows(months: int, horizon: int) -> int:
    """Return how many spans of a horizon fit side by side into the months forecast from.

    >>> independent_windows(146, 24)
    6
    """
    return months // horizon


def block_length(horizon: int, least: int) -> int:
    """Return the months of a bootstrap block: errors of overlapping horizons hang together for a horizon."""
    return max(horizon, least)


@dataclass(frozen=True)
class Bootstrap:
    """How the band of a score is drawn: samples, least months of a block, share of samples inside, seed."""

    samples: int
    least_block: int
    level: float
    seed: int


def block_draws(months: int, horizon: int, how: Bootstrap) -> NDArray[np.int64] | None:
    """Return which months each sample holds (samples, months), by a moving-block bootstrap; None below two blocks."""
    length = block_length(horizon, how.least_block)
    if months < 2 * length:
        return None
    rng = np.random.default_rng(how.seed)
    starts = rng.integers(0, months - length + 1, size=(how.samples, -(-months // length)))
    return (starts[:, :, None] + np.arange(length)).reshape(how.samples, -1)[:, :months]


def ratio_band(above: Floats, below: Floats, horizon: int, how: Bootstrap, *, root: bool) -> tuple[float, float]:
    """Return the band of sum(above) / sum(below), or of its root, by a moving-block bootstrap over months.

    `above` and `below` (T,) are sums over the materials of each origin month, in order of time; months without a
    resolved forecast hold 0 in both. NaN when there are fewer months than two blocks, or nothing below.
    """
    drawn = block_draws(len(above), horizon, how)
    if drawn is None:
        return np.nan, np.nan
    low = np.sum(below[drawn], axis=1)
    if not np.any(low > 0):
        return np.nan, np.nan
    ratios = np.sum(above[drawn], axis=1)[low > 0] / low[low > 0]
    tail = (1 - how.level) / 2
    ends = np.quantile(np.sqrt(ratios) if root else ratios, [tail, 1 - tail])
    return float(ends[0]), float(ends[1])


def diebold_mariano(loss: Floats, other: Floats, horizon: int) -> tuple[float, float]:
    """Return the statistic and two-sided p-value for equal loss; below 0 means `loss` is the smaller.

    Diebold and Mariano (1995) with the correction and Student's t of Harvey, Leybourne and Newbold (1997); losses are
    monthly (n,). Where the sum of autocovariances to horizon - 1 is not positive, Bartlett weights take its place.
    NaN with fewer than two horizons of months, or where the two never differ.
    """
    apart = loss - other
    n = len(apart)
    if n < 2 * horizon or n < 3 or not np.any(apart):
        return np.nan, np.nan
    centred = apart - apart.mean()
    covariance = np.array([np.sum(centred[lag:] * centred[: n - lag]) / n for lag in range(horizon)])
    variance = covariance[0] + 2 * np.sum(covariance[1:])
    if not variance > 0:
        weights = 1 - np.arange(1, horizon) / horizon
        variance = covariance[0] + 2 * np.sum(weights * covariance[1:])
    if not variance > 0:
        return np.nan, np.nan
    correction = np.sqrt((n + 1 - 2 * horizon + horizon * (horizon - 1) / n) / n)
    statistic = float(apart.mean() / np.sqrt(variance / n) * correction)
    return statistic, float(2 * student.sf(abs(statistic), n - 1))
