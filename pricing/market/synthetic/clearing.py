"""Prices at which a two-region market of one material clears, by bisection over the price outside China.

The rest of the world is offered what China exports at the price left after duty, tax and freight, up to the export
limit, and asked for what China would import at the price plus freight; the sum rises with the price throughout
(Takayama and Judge 1971), so that no way of trading has to be guessed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

Floats = np.ndarray

LOWEST, HIGHEST = 1e-2, 1e7  # USD/kg
HALVINGS = 46  # of ln(HIGHEST / LOWEST) = 21: the last is 3e-13

Excess = Callable[[Floats], Floats]


@dataclass(frozen=True)
class Trade:
    """What stands between the regions, each (N,)."""

    slope: Floats  # (1 + duty) x (1 + unrefunded VAT)
    freight: Floats  # USD/kg, either way
    export_limit: Floats  # quantity a year; infinity without one


@dataclass(frozen=True)
class Prices:
    """What clears, each (N,): USD/kg in each region, quantity a year across the border."""

    china: Floats
    ex_china: Floats
    exports: Floats


def clear(china: Excess, ex_china: Excess, trade: Trade) -> Prices:
    """Return the prices at which each region's excess supply (a rising function of its log price) meets trade."""

    def exports(log_price: Floats) -> Floats:
        price = np.exp(log_price)
        netback = np.maximum((price - trade.freight) / trade.slope, LOWEST)
        sold = np.clip(china(np.log(netback)), 0.0, trade.export_limit)
        bought = np.minimum(china(np.log(price + trade.freight)), 0.0)
        return sold + bought

    outside = _root(lambda log_price: ex_china(log_price) + exports(log_price), trade.freight.shape)
    traded = exports(outside)
    inside = _root(lambda log_price: china(log_price) - traded, trade.freight.shape)
    return Prices(np.exp(inside), np.exp(outside), traded)


def _root(rising: Excess, shape: tuple[int, ...]) -> Floats:
    """Return the log price where a rising function is zero, row by row."""
    low, high = np.full(shape, np.log(LOWEST)), np.full(shape, np.log(HIGHEST))
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        above = rising(middle) > 0
        low, high = np.where(above, low, middle), np.where(above, middle, high)
    return 0.5 * (low + high)
