"""Closed forms for a lognormal reference (Black 1976): the oracles of every simulation. Nothing here is discounted."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.special import ndtr

Floats = np.ndarray
Numbers = float | Floats


def floorlet(forward: Numbers, deviation: Numbers, strike: Numbers) -> Floats:
    """Return the mean of max(0, strike - reference); `deviation` is that of the reference's logarithm at its fixing.

    >>> round(float(floorlet(100.0, 0.30, 110.0)), 2)
    18.14
    """
    up, down = _scores(forward, deviation, strike)
    return np.asarray(strike * ndtr(-down) - forward * ndtr(-up))


def caplet(forward: Numbers, deviation: Numbers, strike: Numbers) -> Floats:
    """Return the mean of max(0, reference - strike)."""
    up, down = _scores(forward, deviation, strike)
    return np.asarray(forward * ndtr(up) - strike * ndtr(down))


def probability_below(forward: Numbers, deviation: Numbers, strike: Numbers) -> Floats:
    """Return the probability that the reference fixes below the strike: that a floor binds."""
    return np.asarray(ndtr(-_scores(forward, deviation, strike)[1]))


def vega(forward: Numbers, deviation: Numbers, strike: Numbers) -> Floats:
    """Return by how much a floorlet, or a caplet, moves with the deviation of the logarithm."""
    up = _scores(forward, deviation, strike)[0]
    return np.asarray(forward * np.exp(-(up**2) / 2) / np.sqrt(2 * np.pi))


def strip(payoffs: Floats, kg: Floats, discount: Floats) -> float:
    """Return the value of a strip in USD: mean payoffs in USD/kg (P,), volumes (P,), discount factors (P,)."""
    return float(np.sum(payoffs * kg * discount))


def average(forwards: Floats, covariance: Floats, weights: Sequence[float]) -> tuple[float, float]:
    """Return forward and deviation of the lognormal with the first two moments of a weighted mean of lognormals.

    Levy (1992), Turnbull and Wakeman (1991): forwards (T,), covariance of the logarithms (T, T), weights (T,).
    """
    parts = np.asarray(weights, dtype=float) * forwards
    mean = float(parts.sum())
    second = float(parts @ np.exp(covariance) @ parts)
    return mean, float(np.sqrt(np.log(second / mean**2)))


def _scores(forward: Numbers, deviation: Numbers, strike: Numbers) -> tuple[Floats, Floats]:
    """Return d1 and d2; where nothing is uncertain they are infinite, with the sign of forward less strike."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        middle = np.log(np.divide(forward, strike)) / deviation
    middle = np.where(np.isnan(middle), 0.0, middle)
    half = np.divide(deviation, 2)
    return middle + half, middle - half
