"""Conformal half-widths: quantiles of past scaled errors and of what is known beside them, at levels that adapt.

Outcomes of a horizon overlap: an origin month is worth one window over the horizon, however many materials it has.
Few windows say little, so errors of other series and a Gaussian walk stand beside them, each worth a few windows.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

Floats = NDArray[np.float64]

_GAUSSIAN_POINTS = 199  # a half normal as equally likely errors
_OWN, _OTHER, _GAUSSIAN = range(3)
_NO_ORIGIN = -1


@dataclass(frozen=True)
class Adaptation:
    """How fast a level answers to misses (Gibbs and Candes 2021), and how near to 0 and 1 it may come.

    The step is `rate` times the miss rate wanted, over the horizon: overlapping outcomes count once, and what comes
    late must be answered slowly lest the level swings.
    """

    rate: float
    margin: float

    def after(self, miss: Floats, wanted: Floats, missed: Floats, horizon: int) -> Floats:
        """Return the miss rates aimed at (levels,) after a resolved forecast of which shares (levels,) missed.

        >>> one = np.array([0.2])
        >>> Adaptation(0.5, 0.01).after(one, one, np.array([1.0]), 1).round(2)  # one miss: aim at fewer
        array([0.12])
        """
        step = self.rate * wanted / horizon
        return np.clip(miss + step * (wanted - missed), self.margin, 1 - self.margin)


@dataclass(frozen=True)
class Beside:
    """How many windows the errors of other series are worth, all together, and how many a Gaussian walk."""

    others: float
    gaussian: float


@dataclass(frozen=True)
class PastErrors:
    """Absolute scaled errors by origin month: of the place itself (M, T), of other series (S, T); NaN unresolved."""

    own: Floats
    others: Floats
    horizon: int

    def quantiles(self, resolved: int, levels: Floats, beside: Beside) -> Floats:
        """Return the quantiles (levels,) of errors of origins up to index `resolved`, -1 for none.

        >>> none = np.full((1, 1), np.nan)  # a Gaussian walk alone
        >>> PastErrors(none, none, 1).quantiles(-1, np.array([0.8]), Beside(5, 5)).round(1)
        array([1.3])
        """
        error, origin, share, whose = self._sorted
        known = origin <= resolved
        weight = np.where(known & (whose == _OWN), share / self.horizon, 0.0)
        other = known & (whose == _OTHER)
        weight[other] = min(beside.others, other.sum() / self.horizon) / max(other.sum(), 1)
        weight[whose == _GAUSSIAN] = beside.gaussian / _GAUSSIAN_POINTS
        reached = np.cumsum(weight)
        places = np.searchsorted(reached, levels * reached[-1])
        return error[np.minimum(places, len(error) - 1)]

    @cached_property
    def _sorted(self) -> tuple[Floats, NDArray[np.int64], Floats, NDArray[np.int64]]:
        """Return errors, smallest first, with the origin of each, its share of its month, and whose it is."""
        errors = np.vstack([self.own, self.others])
        whose = np.repeat([_OWN, _OTHER], [len(self.own), len(self.others)])
        row, origin = np.nonzero(np.isfinite(errors))
        share = 1 / np.maximum(np.isfinite(self.own).sum(axis=0), 1)
        walk = norm.ppf(0.5 + (np.arange(_GAUSSIAN_POINTS) + 0.5) / (2 * _GAUSSIAN_POINTS))
        found = np.r_[errors[row, origin], walk]
        order = np.argsort(found, kind="stable")
        return (
            found[order],
            np.r_[origin, np.full(len(walk), _NO_ORIGIN)][order],
            np.r_[share[origin], np.ones(len(walk))][order],
            np.r_[whose[row], np.full(len(walk), _GAUSSIAN)][order],
        )
