"""Prices at which a two-region market of one material clears, found by bracketing, row by row.

Each region's supply less demand rises with its price. China, at an outside price, sells at what is left after freight,
duty and tax where that is above the price that clears it alone, buys at that price plus freight where that is below,
and stays alone between; what it sells never exceeds the export limit. So the outside's supply and what China sends
rise with the outside price throughout, and no way of trading has to be guessed (Takayama and Judge 1971).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

Floats = np.ndarray

LOWEST, HIGHEST = 1e-2, 1e7  # USD/kg
TOLERANCE = 1e-12  # of a log price
MOST_STEPS = 200  # halving alone would need 45

Excess = Callable[[Floats], Floats]


@dataclass(frozen=True)
class Trade:
    """What stands between the regions, each (N,) or (months, N)."""

    slope: Floats  # (1 + duty) x (1 + unrefunded VAT)
    freight: Floats  # USD/kg, either way
    export_limit: Floats  # quantity a year; infinity without one


@dataclass(frozen=True)
class Prices:
    """What clears, in the shape of the terms of trade: USD/kg in each region, quantity a year across the border."""

    china: Floats
    ex_china: Floats
    exports: Floats


def clear(china: Excess, ex_china: Excess, trade: Trade) -> Prices:
    """Return the prices at which both regions clear; each excess is supply less demand at a log price."""
    size = trade.export_limit.shape
    alone = np.exp(root(china, size))

    def inside(outside: Floats) -> Floats:
        netback = (outside - trade.freight) / trade.slope
        return np.log(np.clip(alone, netback, outside + trade.freight))

    def sent(outside: Floats) -> Floats:
        return np.minimum(china(inside(outside)), trade.export_limit)

    def world(log_price: Floats) -> Floats:
        return ex_china(log_price) + sent(np.exp(log_price))

    outside = np.exp(root(world, size))
    exports, log_china = sent(outside), inside(outside)
    limited = exports == trade.export_limit
    if limited.any():
        log_china = np.where(limited, root(lambda log_price: china(log_price) - exports, size), log_china)
    return Prices(np.exp(log_china), outside, exports)


def root(rising: Excess, shape: tuple[int, ...]) -> Floats:
    """Return the log price where a rising function is zero, each row on its own (Chandrupatla 1997).

    Inverse quadratic steps where they are safe, halving where not. A row that has arrived stays where it is, so that
    its price is the same to the last bit whatever stands beside it.
    """
    old, new = np.full(shape, np.log(LOWEST)), np.full(shape, np.log(HIGHEST))
    f_old, f_new = rising(old), rising(new)
    found, arrived, t = new, np.zeros(shape, dtype=bool), np.full(shape, 0.5)
    with np.errstate(divide="ignore", invalid="ignore"):
        for _ in range(MOST_STEPS):
            middle = new + t * (old - new)
            f = rising(middle)
            found = np.where(arrived, found, middle)
            same = (f > 0) == (f_new > 0)
            last, f_last = np.where(same, new, old), np.where(same, f_new, f_old)
            old, f_old = np.where(same, old, new), np.where(same, f_old, f_new)
            new, f_new = middle, f
            width = np.abs(old - new)
            arrived |= (width < TOLERANCE) | (f == 0)
            if arrived.all():
                break
            t = _step((new, old, last), (f_new, f_old, f_last), width)
    return found


def _step(x: tuple[Floats, Floats, Floats], f: tuple[Floats, Floats, Floats], width: Floats) -> Floats:
    """Return the share of the bracket to step by, from three points (N,) of which the first two bracket the root."""
    xi, phi = (x[0] - x[1]) / (x[2] - x[1]), (f[0] - f[1]) / (f[2] - f[1])
    safe = (phi * phi < xi) & ((1 - phi) * (1 - phi) < 1 - xi)
    across = f[0] / (f[1] - f[0]) * f[2] / (f[1] - f[2])
    across += (x[2] - x[0]) / (x[1] - x[0]) * f[0] / (f[2] - f[0]) * f[1] / (f[2] - f[1])
    least = np.minimum(0.5, 0.25 * TOLERANCE / width)
    return np.clip(np.where(safe, across, 0.5), least, 1 - least)
