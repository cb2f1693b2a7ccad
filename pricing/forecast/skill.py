"""Whether models earned their place by a day: their past forecasts resolved by then, against the last quote."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Verdicts:
    """For each origin month (T,): RMSSE of past forecasts against the last quote, months behind it, and the choice."""

    ratio: Floats
    resolved: NDArray[np.int64]
    used: NDArray[np.bool_]


def verdicts(error: Floats, base_error: Floats, horizon: int, least_months: int) -> Verdicts:
    """Return the causal verdict of every origin from scaled errors (S, T) by origin, NaN where not resolved.

    At origin t only origins up to t - horizon count. Models are used where at least `least_months` origin months are
    resolved and their pooled errors are smaller than those of the last quote.
    """
    both = np.isfinite(error) & np.isfinite(base_error)
    above, below = (np.where(both, values, 0.0) ** 2 for values in (error, base_error))
    by_origin = np.sum(above, axis=0), np.sum(below, axis=0), both.any(axis=0).astype(float)
    sums = [resolved_sums(part, horizon) for part in by_origin]
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = np.sqrt(sums[0] / sums[1])
    resolved = sums[2].astype(np.int64)
    return Verdicts(ratio, resolved, (resolved >= least_months) & (ratio < 1.0))


def chained(by_horizon: Sequence[Verdicts]) -> list[Verdicts]:
    """Return verdicts, shortest horizon first, that use models only where every shorter horizon does.

    What a model knows of the future fades with the horizon: a gain that comes back further out is chance.
    """
    found: list[Verdicts] = []
    for one in by_horizon:
        found.append(replace(one, used=one.used & found[-1].used) if found else one)
    return found


def resolved_sums(by_origin: Floats, horizon: int) -> Floats:
    """Return the running sum over origins whose outcome is known at each month (T, ...)."""
    total = np.zeros_like(by_origin)
    total[horizon:] = np.cumsum(by_origin, axis=0)[: max(len(by_origin) - horizon, 0)]
    return total
