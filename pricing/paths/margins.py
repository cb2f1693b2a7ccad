"""Growths whose distribution in every single month is the exact lognormal, on the ranks of simulated logarithms.

In each month, paths are put in order and the k-th of n gets the mean of the lognormal between its quantiles (k - 1) / n
and k / n. The mean over the paths is then one, exactly, and a payoff of one month is as good as its closed form; what
is simulated is which month's high meets which other month's high. Without it the few paths of a far tail, where the
mean of a wide lognormal sits, would move every price that is scaled to the mean.
"""

from __future__ import annotations

import numpy as np
from scipy.special import ndtr, ndtri

Floats = np.ndarray

RUN = 512  # paths; means of matched runs differ as little as they err, longer runs blur averages of months less


def matched_growths(logs: Floats, deviation: Floats) -> Floats:
    """Return growths (D, N) of mean one with the ranks of centred logs (D, N) and deviations of the logarithm (D,)."""
    dimensions, paths = logs.shape
    run = min(RUN, paths)
    order = np.argsort(logs.reshape(dimensions, -1, run), axis=2)
    edges = ndtri(np.linspace(0.0, 1.0, run + 1))
    growths = np.empty(order.shape)
    for row, spread in enumerate(deviation):
        means = run * np.diff(ndtr(edges - spread)) if spread else np.ones(run)  # the past is fixed, to the bit
        for place, ranked in enumerate(order[row]):
            growths[row, place, ranked] = means
    return growths.reshape(dimensions, paths)
