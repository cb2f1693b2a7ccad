"""Weights: how well each draw's distorted world explains what was observed, month by month.

The error of a model of this kind lasts: a price it misses in one month it misses in the next. So the residual of the
log price is an AR(1) process, and what a month adds to the likelihood is only what the months before did not say.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from pricing.market.history import Evidence, MarketHistory
from pricing.market.worlds import World

Floats = np.ndarray


@dataclass(frozen=True)
class Errors:
    """What is allowed for between model and observation, as standard deviations of logs."""

    price: Mapping[str, float]  # by material
    persistence: float  # of the residual, a month
    derived_factor: float  # on the deviation of a derived figure
    output: float  # of China's output of the lead material
    output_persistence: float


@dataclass(frozen=True)
class Observed:
    """One observed series: log values (T,) with NaN for none, deviation (T,), where it starts and what models it."""

    log_value: Floats
    deviation: Floats
    log_model: Floats  # (N, T)
    persistence: float


def log_likelihood(histories: Mapping[str, MarketHistory], world: World, errors: Errors) -> Floats:
    """Return what each month adds to each draw's log likelihood (N, T)."""
    months = world.china.shape[1]
    total = np.zeros(world.china.shape[:2])
    for e, (name, history) in enumerate(histories.items()):
        start = months - len(history.frame)
        for column, modelled in (("china_price", world.china), ("ex_china_price", world.outside)):
            total[:, start:] += _increments(_price(history, column, np.log(modelled[:, start:, e]), errors, name))
    lead = next(iter(histories.values()))
    if "output_china" in lead.frame:
        total[:, months - len(lead.frame) :] += _increments(_output(lead, world, errors))
    return total


def _price(history: MarketHistory, column: str, model: Floats, errors: Errors, name: str) -> Observed:
    real = history.column(column) / np.nan_to_num(history.column("deflator", 1.0), nan=1.0)
    evidence = history.evidence(column)
    used = np.isin(evidence, (Evidence.OBSERVED, Evidence.DERIVED)) & ~_second_hand(history, column)
    factor = np.where(evidence == Evidence.DERIVED, errors.derived_factor, 1.0)
    return Observed(np.log(np.where(used, real, np.nan)), errors.price[name] * factor, model, errors.persistence)


def _second_hand(history: MarketHistory, column: str) -> Floats:
    """Return the months whose price in this region was made from the other region's: they say nothing twice."""
    if column != "ex_china_price" or "price_basis" not in history.frame:
        return np.zeros(len(history.frame), dtype=bool)
    return np.array(["derived:" in str(basis) for basis in history.frame["price_basis"]])


def _output(lead: MarketHistory, world: World, errors: Errors) -> Observed:
    start = world.china.shape[1] - len(lead.frame)
    value = np.log(lead.column("output_china"))
    model = np.log(world.output_china[:, start:, 0])
    return Observed(value, np.full(len(value), errors.output), model, errors.output_persistence)


def _increments(seen: Observed) -> Floats:
    """Return the log density of each month's residual given the last one seen (N, T); constants are left out."""
    added = np.zeros_like(seen.log_model)
    residual = seen.log_value - seen.log_model
    last = None
    for month in np.flatnonzero(np.isfinite(seen.log_value)):
        kept = 0.0 if last is None else seen.persistence ** (month - last)
        mean = 0.0 if last is None else kept * residual[:, last]
        deviation = seen.deviation[month] * np.sqrt(1 - kept**2)
        added[:, month] = -0.5 * ((residual[:, month] - mean) / deviation) ** 2
        last = month
    return added


def weights(log_added: Floats) -> Floats:
    """Return the normalised weights of the draws as each month leaves them (N, T)."""
    running = np.cumsum(log_added, axis=1)
    raw = np.exp(running - running.max(axis=0, keepdims=True))
    return raw / raw.sum(axis=0, keepdims=True)


def effective_size(weight: Floats) -> Floats:
    """Return the effective sample size 1 / sum of squared weights, by month (T,); Kish (1965)."""
    return 1.0 / (weight**2).sum(axis=0)


def mean(values: Floats, weight: Floats) -> Floats:
    """Return the weighted mean over draws of values (N, T) by month (T,)."""
    return (values * weight).sum(axis=0)


def quantiles(values: Floats, weight: Floats, levels: tuple[float, ...]) -> Floats:
    """Return weighted quantiles (L, T) of values (N, T), at the midpoint of each draw's weight."""
    order = np.argsort(values, axis=0, kind="stable")
    ranked = np.take_along_axis(values, order, axis=0)
    mass = np.take_along_axis(weight, order, axis=0)
    middle = np.cumsum(mass, axis=0) - mass / 2
    found = [np.interp(levels, middle[:, t], ranked[:, t]) for t in range(values.shape[1])]
    return np.array(found).T
