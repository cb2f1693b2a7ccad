"""Scores of an estimator on N economies with known truth, over months 61 to 190.

Every score is a function of means over economies, so one bootstrap over economies serves them all. An economy's twins
count for leakage alone. Interval score: Gneiting and Raftery (2007), on logs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from pricing.market.synthetic import Economies
from training.leaderboard.estimates import LEVELS, Estimates

Floats = np.ndarray

FIRST = 60  # position of month 61, the first that counts
YEAR = 12  # months
TWINS = ("more_subsidy", "tighter_quota", "tighter_licence", "more_stockpiling")
STILL = 1e-12  # a standard deviation of log changes below this is none
UNMOVED = 1e-8  # a mean squared log change below this, a hundredth of a per cent: the twin's distortion did not bind


def root(means: Floats) -> Floats:
    """Return the root of the first mean, (K, ...) -> (...)."""
    return np.sqrt(means[0])


def mean(means: Floats) -> Floats:
    """Return the first mean, (K, ...) -> (...)."""
    return means[0]


def leak(means: Floats) -> Floats:
    """Return the RMS change of the estimate over that of the market that moved more, (3, ...) -> (...), NaN if none."""
    moved = np.maximum(means[1], means[2])
    return np.sqrt(np.divide(means[0], moved, out=np.full_like(moved, np.nan), where=moved > UNMOVED))


FORMULAS: dict[str, Callable[[Floats], Floats]] = {"root": root, "mean": mean, "leak": leak}


@dataclass(frozen=True)
class Score:
    """A score as means over economies: what each economy gives, and the formula that makes one number of the means."""

    formula: str  # a name of FORMULAS
    parts: Floats  # (K, N)

    def value(self) -> float:
        """Return the score over all economies."""
        return float(FORMULAS[self.formula](self.parts.mean(axis=1)))

    def resampled(self, picks: Floats) -> Floats:
        """Return the score (B,) of B samples of economies, picks (B, N) by position."""
        return FORMULAS[self.formula](self.parts[:, picks].mean(axis=2))


def picked(economies: int, samples: int, seed: int) -> Floats:
    """Return B samples of N economies with replacement, (B, N): the same for the same seed, so that scores pair."""
    return np.random.default_rng(seed).integers(0, economies, size=(samples, economies))


def scores(estimates: Estimates, economies: Economies) -> dict[str, Score]:
    """Return every score by name; distortions without twins and peers without intervals leave theirs out."""
    alone = np.flatnonzero(economies.base == np.arange(len(economies.base)))
    return {
        **_errors("long_run", estimates.long_run[alone], economies.fair_long_run[alone]),
        **_errors("short_run", estimates.short_run[alone], economies.fair_short_run[alone]),
        "correlation_12m": _correlation(estimates.long_run[alone], economies.fair_long_run[alone]),
        **_intervals(estimates, economies, alone),
        **dict(_leakage(estimates.long_run, economies)),
    }


def _errors(horizon: str, estimate: Floats, truth: Floats) -> dict[str, Score]:
    miss = np.log(estimate / truth)[:, FIRST:]
    return {
        f"rmse_{horizon}": Score("root", np.mean(miss**2, axis=1)[None]),
        f"bias_{horizon}": Score("mean", np.mean(miss, axis=1)[None]),
    }


def _correlation(estimate: Floats, truth: Floats) -> Score:
    """Return the mean correlation of 12-month log changes within economies; an estimate that never moves has none."""
    said, was = (np.log(price)[:, FIRST:] - np.log(price)[:, FIRST - YEAR : -YEAR] for price in (estimate, truth))
    spreads = said.std(axis=1), was.std(axis=1)
    still = (spreads[0] < STILL) | (spreads[1] < STILL)
    together = np.mean((said - said.mean(axis=1, keepdims=True)) * (was - was.mean(axis=1, keepdims=True)), axis=1)
    scale = np.where(still, 1.0, spreads[0] * spreads[1])
    return Score("mean", np.where(still, 0.0, together / scale)[None])


def _intervals(estimates: Estimates, economies: Economies, alone: Floats) -> dict[str, Score]:
    found: dict[str, Score] = {}
    truth = np.log(economies.fair_long_run[alone])[:, FIRST:]
    for level in LEVELS if estimates.edges else ():
        low, high = (np.log(estimates.edges[f"{end}{level}"][alone])[:, FIRST:] for end in ("low", "high"))
        penalty = 2 / (1 - level / 100)
        missed = np.maximum(low - truth, 0) + np.maximum(truth - high, 0)
        inside = (low <= truth) & (truth <= high)
        found[f"coverage{level}"] = Score("mean", inside.mean(axis=1)[None])
        found[f"interval_score{level}"] = Score("mean", np.mean(high - low + penalty * missed, axis=1)[None])
    return found


def _leakage(estimate: Floats, economies: Economies) -> Iterator[tuple[str, Score]]:
    """Yield per distortion what the estimate and both observed prices move between an economy and its twin.

    Leakage = sqrt(mean d^2 / max(mean c^2, mean x^2)); d, c, x are the log changes of the estimate and of the prices
    in China and outside; means run over months 61 to 190 (a price: those observed in both), then over pairs.
    """
    prices = (estimate, economies.observed["china_price"], economies.observed["ex_china_price"])
    for twin in TWINS:
        changed = np.flatnonzero(np.array(economies.twin) == twin)
        if len(changed):
            origin = economies.base[changed]
            yield f"leak_{twin}", Score("leak", np.array([_moved(price[changed], price[origin]) for price in prices]))


def _moved(changed: Floats, origin: Floats) -> Floats:
    """Return the mean squared log change by pair (N,), 0 for a price that is never seen in both."""
    squares = np.log(np.asarray(changed, dtype=float) / origin)[:, FIRST:] ** 2
    seen = np.isfinite(squares)
    return np.where(seen, squares, 0.0).sum(axis=1) / np.maximum(seen.sum(axis=1), 1)
