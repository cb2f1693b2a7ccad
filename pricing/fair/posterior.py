"""Weights: how well each draw's distorted world explains what was observed, year by year.

The error of a model of this kind lasts: a level it misses in one year it misses in the next, and a month's swing says
nothing about slopes and costs. So the evidence is the mean log residual of each twelve months, an AR(1) process from
year to year with Student's t innovations, counted once per material: the two regions share one error, and only the
gap between them is evidence of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from pricing.market.history import Evidence, MarketHistory
from pricing.market.worlds import World

Floats = np.ndarray


YEAR = 12  # months


@dataclass(frozen=True)
class Errors:
    """What is allowed for between model and observation, as standard deviations of the log of a yearly mean."""

    price: Mapping[str, float]  # by material
    persistence: float  # of the residual, from year to year
    gap: float  # between the two regions' prices
    learning_rate: float  # power of the likelihood: less than one, as the model is known to be wrong (Gruenwald 2012)
    freedom: float  # degrees of freedom of Student's t: panics happen, and must not decide
    derived_factor: float  # on the deviation of a derived figure
    output: float  # of China's output of the lead material
    output_persistence: float  # from year to year


def log_likelihood(histories: Mapping[str, MarketHistory], world: World, errors: Errors) -> Floats:
    """Return what each month adds to each draw's log likelihood (N, T): nothing but in the last month of a year."""
    months = world.china.shape[1]
    total = np.zeros(world.china.shape[:2])
    for e, (name, history) in enumerate(histories.items()):
        start = months - len(history.frame)
        residual, deviation = _price_residual(history, world, e, start, errors, name)
        total[:, start:] += _yearly(residual, deviation, errors.persistence, errors.freedom)
        gap = _gap_residual(history, world, e, start)
        total[:, start:] += _yearly(gap, np.full(gap.shape[1], errors.gap), errors.persistence, errors.freedom)
    lead = next(iter(histories.values()))
    if "output_china" in lead.frame:
        start = months - len(lead.frame)
        residual = _log_seen(lead, "output_china") - np.log(world.output_china[:, start:, 0])
        total[:, start:] += _yearly(
            residual, np.full(len(lead.frame), errors.output), errors.output_persistence, errors.freedom
        )
    return errors.learning_rate * total


def _price_residual(
    history: MarketHistory, world: World, e: int, start: int, errors: Errors, name: str
) -> tuple[Floats, Floats]:
    """Return the log residual (N, T) and its deviation (T,): China's where China has a price, else the outside one."""
    china, outside = _log_real(history, "china_price"), _log_real(history, "ex_china_price")
    residual = np.where(
        np.isfinite(china), china - np.log(world.china[:, start:, e]), outside - np.log(world.outside[:, start:, e])
    )
    derived = history.evidence("china_price") == Evidence.DERIVED
    return residual, errors.price[name] * np.where(derived, errors.derived_factor, 1.0)


def _gap_residual(history: MarketHistory, world: World, e: int, start: int) -> Floats:
    """Return the log residual of outside over Chinese price (N, T), NaN where the gap is no evidence."""
    seen = _log_real(history, "ex_china_price") - _log_real(history, "china_price")
    seen = np.where(history.gap_known, seen, np.nan)
    return seen - np.log(world.outside[:, start:, e] / world.china[:, start:, e])


def _log_real(history: MarketHistory, column: str) -> Floats:
    """Return the log of a price in real money (T,), NaN where it was not observed nor derived from a quote."""
    return _log_seen(history, column) - np.log(np.nan_to_num(history.column("deflator", 1.0), nan=1.0))


def _log_seen(history: MarketHistory, column: str) -> Floats:
    """Return the log of a column (T,), NaN where it rests on a prior: what was assumed is no evidence."""
    seen = np.isin(history.evidence(column), (Evidence.OBSERVED, Evidence.DERIVED))
    return np.log(np.where(seen, history.column(column), np.nan))


def _yearly(residual: Floats, deviation: Floats, persistence: float, freedom: float) -> Floats:
    """Return the log density of each year's mean residual given the last year's (N, T), in the year's last month."""
    added = np.zeros_like(residual)
    last = None
    for end in range(YEAR - 1, residual.shape[1], YEAR):
        seen = np.flatnonzero(np.isfinite(residual[0, end - YEAR + 1 : end + 1])) + end - YEAR + 1
        if not len(seen):
            last = None
            continue
        mean_now = residual[:, seen].mean(axis=1)
        expected = 0.0 if last is None else persistence * last
        spread = deviation[seen].mean() * (1.0 if last is None else np.sqrt(1 - persistence**2))
        added[:, end] = -(freedom + 1) / 2 * np.log1p(((mean_now - expected) / spread) ** 2 / freedom)
        last = mean_now
    return added


def effective_size(weight: Floats) -> Floats:
    """Return the effective sample size 1 / sum of squared weights, by month (T,); Kish (1965)."""
    return 1.0 / (weight**2).sum(axis=0)


def mean(values: Floats, weight: Floats) -> Floats:
    """Return the weighted mean over draws of values (N, T) by month (T,)."""
    return (values * weight).sum(axis=0)


def log_mean(prices: Floats, weight: Floats) -> Floats:
    """Return the weighted mean in logs of prices (N, T) by month (T,): the centre of what errs by a factor."""
    return np.exp(mean(np.log(prices), weight))


def quantiles(values: Floats, weight: Floats, levels: tuple[float, ...]) -> Floats:
    """Return weighted quantiles (L, T) of values (N, T), at the midpoint of each draw's weight."""
    found = np.empty((len(levels), values.shape[1]))
    for month in range(values.shape[1]):
        held = weight[:, month] > 0
        value, mass = values[held, month], weight[held, month]
        order = np.argsort(value, kind="stable")
        middle = np.cumsum(mass[order]) - mass[order] / 2
        found[:, month] = np.interp(levels, middle, value[order])
    return found
