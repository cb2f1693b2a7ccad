"""Shapes of series over time, months first: a turn, a wander, a burst, a panic."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce

import numpy as np
from scipy.special import expit

from pricing.market.synthetic.draws import MONTHS

Floats = np.ndarray

SLOWER = 3.0  # times the life of a panic: that of the stocks it left


def added(parts: Iterable[Floats]) -> Floats:
    """Return the sum of arrays, first to last.

    numpy adds along an axis in an order that depends on the shape, so that a sum beside others may differ from the same
    sum alone in its last bit.
    """
    return reduce(np.add, parts)


def mean(values: Floats) -> Floats:
    """Return the mean over months (N,) of values (T, N), added first to last."""
    return added(values) / len(values)


def turning(middle: Floats, width: Floats) -> Floats:
    """Return a path (T, N) from nothing to one around a month, `width` months from half to 73 %."""
    return expit((np.arange(MONTHS)[:, None] - middle) / width)


def decaying(shocks: Floats, life: Floats) -> Floats:
    """Return the sum of past shocks (T, N), each fading with a mean life in months."""
    kept, path = np.exp(-1 / life), np.empty_like(shocks)
    state = np.zeros_like(shocks[0])
    for month, shock in enumerate(shocks):
        state = kept * state + shock
        path[month] = state
    return path


def wander(normals: Floats, size: Floats, life: Floats) -> Floats:
    """Return an autoregressive path (T, N) that starts at rest; `size` is the standard deviation of a month's shock."""
    return decaying(size * normals, life)


def pulses(starts: Floats, lengths: Floats, longest: Floats) -> Floats:
    """Return how many bursts run in each month (T, N): a burst that starts lasts 1 month to `longest`, by a uniform."""
    left = np.where(starts, np.ceil(lengths * longest), 0.0)
    running = np.zeros_like(left)
    for age in range(int(np.max(left, initial=0.0))):
        running[age:] += left[: MONTHS - age] > age
    return running


def panic(starts: Floats, size: Floats, life: Floats, release: Floats) -> Floats:
    """Return the log of precautionary buying (T, N): hoarding that fades, and its stocks run down more slowly after.

    Where `release` is one, all that was hoarded comes back to the market in the end.
    """
    shocks, slower = size * starts, SLOWER * life
    outflow = release * np.expm1(-1 / slower) / np.expm1(-1 / life)
    return decaying(shocks, life) - outflow * decaying(shocks, slower)
