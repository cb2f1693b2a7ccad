"""The fair price against another predictor of the market: ratio of errors, its band, a test, and what may be said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import t as student

from pricing.forecast.scores import Floats, ratio_band
from pricing.scoreboard.revisions import Ends
from pricing.scoreboard.settings import Settings

NEARER, FARTHER = "nearer", "farther"
NOT_SHOWN, NO_NEARER = "not shown to be nearer", "no nearer"
TOO_FEW, MOSTLY_DERIVED = "too few windows", "mostly derived prices"
LEAST_BLOCKS = 2  # a spread of block means needs two


@dataclass(frozen=True, slots=True)
class Against:
    """RMS error of the fair price over a rival's, with band; statistic and two-sided p of a test of equal errors.

    Below 1, and a statistic below 0: the fair price was nearer to what came.
    """

    ratio: float | None
    band: Ends
    statistic: float | None
    p: float | None

    def side(self, most_p: float) -> str:
        """Return which was nearer where the whole band and the test agree, and else whether the ratio hints at it."""
        low, high = self.band or (0.0, np.inf)
        sure = self.p is not None and self.p <= most_p
        if sure and high < 1.0:
            return NEARER
        if sure and low > 1.0:
            return FARTHER
        return NOT_SHOWN if self.ratio is not None and self.ratio < 1.0 else NO_NEARER


def against(ours: Floats, rival: Floats, count: Floats, ahead: int, settings: Settings, *, several: bool) -> Against:
    """Return the fair price against a rival, from squared errors summed over the materials of each month (T,).

    `count` (T,) is how many materials were summed; months without one are left out of the test. Band and test come
    where `several` windows lie side by side.
    """
    ratio = float(np.sqrt(ours.sum() / rival.sum())) if rival.sum() > 0 else None
    if not several:
        return Against(ratio, None, None, None)
    resolved = count > 0
    statistic, p = block_means_t(ours[resolved] / count[resolved], rival[resolved] / count[resolved], ahead)
    low, high = ratio_band(ours, rival, ahead, settings.how, root=True)
    return Against(ratio, None if np.isnan(low) else (low, high), _known(statistic), _known(p))


def block_means_t(loss: Floats, other: Floats, length: int) -> tuple[float, float]:
    """Return Student's t and two-sided p for equal loss, from means of the latest blocks side by side.

    Errors over spans that overlap hang together, and with a few spans a sum of autocovariances rejects far too often.
    Means of blocks as long as a span hardly do: t over them has one degree of freedom less than there are blocks
    (Ibragimov and Mueller 2010, Journal of Business and Economic Statistics 28). NaN below two, or without spread.

    >>> loss, other = np.array([9.0, 1.0, 1.0, 2.0, 2.0]), np.array([9.0, 2.0, 2.0, 4.0, 6.0])
    >>> [round(one, 3) for one in block_means_t(loss, other, 2)]  # blocks -1 and -3
    [-2.0, 0.295]
    """
    blocks = len(loss) // length
    if blocks < LEAST_BLOCKS:
        return np.nan, np.nan
    apart = (loss - other)[len(loss) - blocks * length :].reshape(blocks, length).mean(axis=1)
    spread = float(apart.std(ddof=1))
    if not spread > 0:
        return np.nan, np.nan
    statistic = float(apart.mean()) / spread * float(np.sqrt(blocks))
    return statistic, float(2 * student.sf(abs(statistic), blocks - 1))


def verdict(rivals: Sequence[Against], quoted: float, settings: Settings) -> str:
    """Return what may be said of the fair price against all rivals: nearer only where it beats each of them.

    Farther than one is farther. Nothing is said without a band, or where too few pairs are `quoted` at both ends.
    """
    if any(one.band is None for one in rivals):
        return TOO_FEW
    if quoted < settings.least_quoted:
        return MOSTLY_DERIVED
    sides = {one.side(settings.most_p) for one in rivals}
    return next(said for said in (FARTHER, NO_NEARER, NOT_SHOWN, NEARER) if said in sides)


def _known(value: float) -> float | None:
    return value if np.isfinite(value) else None
