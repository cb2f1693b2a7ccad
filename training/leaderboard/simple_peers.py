"""Peers that read a price or a cost off and compute nothing: what any estimator has to beat."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pricing.market.synthetic import Economies
from training.leaderboard.estimates import LEVELS, Estimates, Estimator, both, chinese, normal_value, outside
from training.leaderboard.scores import FIRST

Floats = np.ndarray

WINDOW = 60  # months of the trailing mean


def chinese_price(economies: Economies) -> Estimates:
    """Return the Chinese price taken as fair."""
    return both(chinese(economies))


def outside_price(economies: Economies) -> Estimates:
    """Return the price outside China taken as fair: the basis of the fair price, with every wedge in it."""
    return both(outside(economies))


def constant(economies: Economies) -> Estimates:
    """Return the mean price outside China over all months, as a flat line."""
    return both(np.broadcast_to(outside(economies).mean(axis=1, keepdims=True), economies.fair_long_run.shape).copy())


def trailing_mean(economies: Economies) -> Estimates:
    """Return the mean price outside China over the last 60 months, over fewer at the start."""
    prices = pd.DataFrame(outside(economies).T)
    return both(prices.rolling(WINDOW, min_periods=1).mean().to_numpy().T)


def cost(economies: Economies) -> Estimates:
    """Return the normal value of the reference plant as it stands."""
    return both(normal_value(economies))


def times_chinese_price(training: Economies) -> Estimator:
    """Return the best constant x the Chinese price, the constant and its errors found on training economies."""
    return _scaled(chinese_price, training)


def times_cost(training: Economies) -> Estimator:
    """Return the best constant x normal value, the constant and its errors found on training economies."""
    return _scaled(cost, training)


def _scaled(peer: Estimator, training: Economies) -> Estimator:
    base = peer(training).long_run
    miss = np.log(training.fair_long_run / base)[:, FIRST:]
    short = float(np.exp(np.mean(np.log(training.fair_short_run / base)[:, FIRST:])))
    centre, errors = float(np.exp(miss.mean())), miss - miss.mean()

    def estimate(economies: Economies) -> Estimates:
        found = peer(economies).long_run
        return Estimates(centre * found, short * found, edges_around(centre * found, errors))

    return estimate


def edges_around(centre: Floats, errors: Floats) -> dict[str, Floats]:
    """Return intervals around a price (N, T) as wide as log errors made on training economies were."""
    found: dict[str, Floats] = {}
    for level in LEVELS:
        tail = (1 - level / 100) / 2
        found[f"low{level}"] = centre * np.exp(np.quantile(errors, tail))
        found[f"high{level}"] = centre * np.exp(np.quantile(errors, 1 - tail))
    return found
