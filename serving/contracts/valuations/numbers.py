"""How figures leave a valuation, or a measure of risk: money half up to the cent, away from zero; never -0.0."""

from __future__ import annotations

from math import copysign, floor, isfinite

import numpy as np

Floats = np.ndarray
CENTS_PER_USD = 100.0
PROBABILITY_DIGITS = 6
_TIE = 1e-6  # of a cent: half a cent counts as half, whatever the last bits say


def usd(amount: float) -> float:
    """Return an amount in USD to the cent.

    >>> usd(6.625), usd(-6.625), usd(-0.001)
    (6.63, -6.63, 0.0)
    """
    if not isfinite(amount):
        return float(amount)
    return copysign(floor(abs(amount) * CENTS_PER_USD + 0.5 + _TIE), amount) / CENTS_PER_USD + 0.0


def usd_each(amounts: Floats) -> Floats:
    """Return amounts in USD to the cent."""
    cents: Floats = np.floor(np.abs(amounts) * CENTS_PER_USD + 0.5 + _TIE)
    return np.copysign(cents, amounts) / CENTS_PER_USD + 0.0
