"""How much of its capacity a region works at a price: three curves that rise from nothing to all of it.

Each works half of capacity where price equals unit cost; slope is that of the logistic in the log of price over cost.
"""

from __future__ import annotations

import numpy as np
from scipy.special import expit

from pricing.market.synthetic.family import CURVES

Floats = np.ndarray

CHEAP_SHARE = 0.5  # of capacity, in the two-step curve
STEP_APART = 1.0  # slopes between each step and the unit cost
STEP_SLOPE = 0.5  # of the slope of the whole
LOGISTIC, SATURATING, TWO_STEP = range(len(CURVES))


def utilisation(curve: Floats, slope: Floats, log_margin: Floats) -> Floats:
    """Return output over capacity at ln(price / unit cost); curve holds places in CURVES, all arrays (N,)."""
    z = log_margin / slope
    worked = expit(z)
    for place, other in ((SATURATING, _saturating), (TWO_STEP, _two_step)):
        here = curve == place
        if here.any():
            worked = np.where(here, other(z), worked)
    return worked


def _saturating(z: Floats) -> Floats:
    """Return 1 - 2 ** -((price / cost) ** a), a such that the slope at cost is that of the logistic."""
    a = 1 / (2 * np.log(2))
    return -np.expm1(-np.log(2) * np.exp(np.minimum(a * z, 50.0)))  # beyond that it is one to the last bit


def _two_step(z: Floats) -> Floats:
    """Return a kinked cost curve: half of the plants cheap and half dear, each rising steeply."""
    cheap, dear = expit((z + STEP_APART) / STEP_SLOPE), expit((z - STEP_APART) / STEP_SLOPE)
    return CHEAP_SHARE * cheap + (1 - CHEAP_SHARE) * dear
