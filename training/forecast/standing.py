"""What the record allowed one to claim at every origin: the error of what was served over that of the last quote."""

from __future__ import annotations

import numpy as np

from features.panel import FloatArray
from pricing.forecast.published import HEADLINE
from pricing.forecast.scores import diebold_mariano
from training.forecast.backtest import Backtest
from training.forecast.judge import Scored, banded, claim_rule, plain, regimes, scored

Standing = list[float | bool | None]  # RMSSE, the ends of its band, and whether skill may be claimed


def standings(
    found: Backtest, place: str, number: int, rows: list[int], horizons: tuple[int, ...]
) -> list[list[Standing | None]]:
    """Return by origin and horizon a material's RMSSE, its band and a verdict, of headline origins resolved by then.

    None where the last quote was served at every origin until then: there is nothing to judge.
    """
    headline = regimes(found.examples.months, found.first)[HEADLINE]
    start = int(np.argmax(np.r_[headline, True]))
    judged = [_standing(scored(found, place, horizon), number, horizon, start) for horizon in horizons]
    return [[by_origin[at] for by_origin in judged] for at in rows]


def _standing(one: Scored, number: int, horizon: int, start: int) -> dict[int, Standing | None]:
    ours, base = (error[number, start:] ** 2 for error in (one.error, one.base_error))
    months = one.error.shape[1]
    return {at: _until(ours, base, at - start, horizon) for at in range(months)}


def _until(ours: FloatArray, base: FloatArray, last: int, horizon: int) -> Standing | None:
    """Return the standing from squared errors by origin (T,), NaN unjudged, as known at origin index `last`."""
    resolved = np.isfinite(ours) & (np.arange(len(ours)) <= last - horizon)
    above, below = (np.where(resolved, squared, 0.0)[: max(last + 1, 0)] for squared in (ours, base))
    if np.array_equal(above, below) or not below.any():
        return None
    months = int(resolved.sum())
    low, high = banded(above, below, months, horizon, root=True)
    dm = diebold_mariano(ours[resolved], base[resolved], horizon)
    ratio = [plain(value) for value in (float(np.sqrt(above.sum() / below.sum())), low, high)]
    return [*ratio, claim_rule().verdict(months, horizon, high, dm)]
