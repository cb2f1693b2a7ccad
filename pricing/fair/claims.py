"""What a month may claim: how likely the market is below fair, how wide the answer is, and what each part rests on."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri

from pricing.explain.gap import OBSERVED_BY
from pricing.fair.posterior import mean
from pricing.market.distortions import Distortion
from pricing.market.history import Evidence, MarketHistory

Floats = np.ndarray

EDGE = float(ndtri(0.9))  # a market's low and high are its 10th and 90th percentile
LEAST_SPREAD = 1e-9  # of a log price: a market without a band is certain
STRENGTH = (Evidence.OBSERVED, Evidence.DERIVED, Evidence.PRIOR)
MISSED = "unexplained"


def below(market: Floats, low: Floats, high: Floats, fair: Floats, weight: Floats) -> Floats:
    """Return the probability that the market is below fair (T,), over draws of fair (N, T) and the market's own band.

    The market is taken as split-lognormal with its band as 10th and 90th percentile; without a band as certain, without
    a point as not known.
    """
    above = fair > 0
    distance = np.log(np.where(above, fair, 1.0)) - np.log(market)
    edge = np.where(distance < 0, np.log(market / low), np.log(high / market))
    spread = np.maximum(np.nan_to_num(edge), LEAST_SPREAD) / EDGE
    found: Floats = mean(np.where(above, ndtr(distance / spread), 0.0), weight)
    return np.where(np.isfinite(market), found, np.nan)


def usual_width(width: pd.Series, months: int) -> pd.Series:
    """Return the median width of the last `months`, this one among them: a month near the limit does not flip alone."""
    return width.rolling(months, min_periods=1).median()


def standard_error(log_price: Floats, weight: Floats, effective: Floats) -> Floats:
    """Return the Monte Carlo standard error of the log centre (T,): another seed moves the centre by about as much.

    Two samples stand behind it: all draws, by their effective size, and those resampled from them, by theirs.
    """
    centre = mean(log_price, weight)
    variance = mean((log_price - centre) ** 2, weight)
    found: Floats = np.sqrt(variance * (1 / effective + (weight**2).sum(axis=0)))
    return found


def rests_on(item: str, region: str, history: MarketHistory) -> np.ndarray:
    """Return what a part of the wedge rests on, month by month (T,): the strongest evidence among its inputs.

    The licence rests on a prior: its size is read from a spot market in which hardly anything is traded, and how much
    of it the rest pays is assumed. So do export duty and quota once they are no longer in force: what they left behind
    is plant, by a law of investment that is assumed. What is unexplained rests on the region's own price.
    """
    if item == MISSED:
        return history.evidence(f"{region}_price")
    found = np.full(len(history.frame), Evidence.PRIOR.value, dtype=object)
    if item == Distortion.EXPORT_LICENCE:
        return found
    for kind in reversed(STRENGTH):
        for column in OBSERVED_BY.get(item, ()):
            found = np.where(history.evidence(column) == kind, kind.value, found)
    if item == Distortion.EXPORT_DUTY_AND_QUOTA:
        ended = (history.column("export_tax_rate") == 0) & (history.column("export_quota_in_force") == 0)
        return np.where(ended, Evidence.PRIOR.value, found)
    return found
