"""Conformal half-widths: quantiles of past scaled errors, and levels that adapt to past misses once they are known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Adaptation:
    """How fast a level answers to misses (Gibbs and Candes 2021), and how near to 0 and 1 it may come."""

    rate: float
    margin: float

    def after(self, miss: float, wanted: float, missed_share: float) -> float:
        """Return the miss rate aimed at after a resolved forecast of which a share missed.

        >>> round(Adaptation(0.1, 0.01).after(0.2, 0.2, 1.0), 2)  # one miss: aim at fewer
        0.12
        """
        return float(np.clip(miss + self.rate * (wanted - missed_share), self.margin, 1 - self.margin))


def weighted_quantile(scores: Floats, weights: Floats, level: float) -> float:
    """Return the smallest score below which a share `level` of the weight lies, one more score at infinity counted.

    The largest score where even that is too little (split conformal prediction, Lei et al. 2018, with weights of
    Tibshirani et al. 2019); NaN without scores.

    >>> weighted_quantile(np.array([3.0, 1.0, 2.0, 4.0]), np.ones(4), 0.5)
    3.0
    """
    if not len(scores):
        return np.nan
    order = np.argsort(scores, kind="stable")
    reached = np.cumsum(weights[order])
    place = int(np.searchsorted(reached, level * (reached[-1] + 1.0)))
    return float(scores[order][min(place, len(scores) - 1)])
