"""Misspecification: how far what is seen of an economy lies from what the model makes of simulated ones.

The most probable *distorted* world never meets its data, and how it misses them is told in ratios alone: no level of a
price, no date. A cloud of simulated economies, searched in the same way, says which misses are ordinary when the data
come from a two-region economy of a known kind. The score of an economy is its Mahalanobis (1936) distance from that
cloud, per ratio: 1 is ordinary. `farther` is the share of the cloud's economies that lie farther out, each measured
from all others; the economy counts as one of them, so it is never nought. It is an empirical p-value, near exact when
the economy is one more of the cloud. It says how unlike the cloud an economy looks, not how wrong its fair price is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pricing.errors import DataError
from pricing.fair.residuals import block_means
from pricing.market.history import MarketHistory
from pricing.market.worlds import World

Floats = np.ndarray

YEAR = 12  # months
LEAST_YEARS = 4  # of yearly means from which a ratio is taken

PRICE_RATIOS = {
    "price_miss": "RMS of yearly means of ln(seen / modelled price)",
    "price_persistence": "autocorrelation of these from year to year, about nought",
    "price_swing": "RMS by which a month's ln(seen / modelled) differs from its year's mean",
    "price_variance": "ln of the RMS of modelled over seen yearly changes of the log price",
}
RATIOS = {
    **PRICE_RATIOS,
    "gap_miss": "RMS of yearly means of ln(seen / modelled price outside over China's)",
    "china_plant_miss": "RMS of yearly means of ln(seen / grown capacity), China",
    "outside_plant_miss": "the same outside China",
    "error_scale": "learned scale of all errors, over what the prior allows",
    "unseen": "share of months without an outside price of its own",
}


def price_ratios(seen: Floats, modelled: Floats) -> Floats:
    """Return PRICE_RATIOS (M, 4) of logs of prices by month (M, T), NaN where nothing was seen.

    A ratio of fewer than LEAST_YEARS yearly means is NaN.
    """
    miss = seen - modelled
    yearly = block_means(miss, YEAR)
    by_month = np.repeat(yearly, YEAR, axis=1)[:, : miss.shape[1]]
    changes = [np.diff(block_means(np.where(np.isfinite(miss), one, np.nan), YEAR)) for one in (modelled, seen)]
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = np.log(_rms(changes[0]) / _rms(changes[1]))
    enough = np.isfinite(yearly).sum(axis=1) >= LEAST_YEARS
    found = np.stack([_rms(yearly), _persistence(yearly), _rms(miss - by_month), variance], axis=1)
    return np.where(enough[:, None] & np.isfinite(found), found, np.nan)


def ratios(histories: Sequence[MarketHistory], built: World, grown: World, scale: Floats, unseen: Floats) -> Floats:
    """Return RATIOS (M, R) of M economies beside their distorted worlds by month, NaN where nothing tells one.

    `built` has the plants that stood, `grown` those that margins built; `scale` and `unseen` (M,) as in a search.
    """
    china, outside = (_logs(histories, f"{region}_price") for region in ("china", "ex_china"))
    known = np.stack([history.gap_known for history in histories])
    model_china, model_outside = np.log(built.china[..., 0]), np.log(built.outside[..., 0])
    alone = ~np.isfinite(china)
    price = price_ratios(np.where(alone, outside, china), np.where(alone, model_outside, model_china))
    gap = np.where(known, outside - china, np.nan) - (model_outside - model_china)
    plants = [_logs(histories, f"capacity_{region}_est") for region in ("china", "ex_china")]
    misses = (gap, *(plant - np.log(grown.capacity[..., side]) for side, plant in enumerate(plants)))
    return np.column_stack([price, *(_yearly_miss(miss) for miss in misses), scale, unseen])


def _logs(histories: Sequence[MarketHistory], column: str) -> Floats:
    return np.log(np.stack([history.column(column) for history in histories]))


def _yearly_miss(miss: Floats) -> Floats:
    yearly = block_means(miss, YEAR)
    return np.where(np.isfinite(yearly).sum(axis=1) >= LEAST_YEARS, _rms(yearly), np.nan)


def _rms(values: Floats) -> Floats:
    """Return the root mean square of what is finite in each row (M,), nought where nothing is."""
    seen = np.isfinite(values)
    squares = np.where(seen, values, 0.0) ** 2
    return np.sqrt(squares.sum(axis=1) / np.maximum(seen.sum(axis=1), 1))


def _persistence(yearly: Floats) -> Floats:
    """Return the autocorrelation (M,) between a year and the next, both seen; NaN where none follows another."""
    now, last = yearly[:, 1:], yearly[:, :-1]
    both = np.isfinite(now) & np.isfinite(last)
    now, last = np.where(both, now, 0.0), np.where(both, last, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return 2 * (now * last).sum(axis=1) / (now**2 + last**2).sum(axis=1)


@dataclass(frozen=True)
class Likeness:
    """How M economies stand to a cloud: NaN, and not outside, where no ratio is known."""

    score: Floats  # (M,) Mahalanobis distance from the cloud over the root of the number of ratios compared
    farther: Floats  # (M,) share of the cloud that lies farther out, the economy counted in
    outside: Floats  # (M,) bool


@dataclass(frozen=True)
class Cloud:
    """Ratios (N, R) of simulated economies, and the share of them farther out below which an economy is outside.

    Raise DataError for fewer than three economies a ratio, or where one of them lacks every ratio.
    """

    names: tuple[str, ...]  # of the ratios
    ratios: Floats
    level: float

    def __post_init__(self) -> None:
        count, each = self.ratios.shape
        if count < 3 * each or each != len(self.names) or not np.isfinite(self.ratios).any(axis=1).all():
            msg = f"A cloud of {count} economies and {each} ratios for {len(self.names)} names; take three a ratio."
            raise DataError(msg)

    def of(self, names: Sequence[str]) -> Cloud:
        """Return the same cloud told in some of its ratios."""
        columns = [self.names.index(name) for name in names]
        return Cloud(tuple(names), self.ratios[:, columns], self.level)

    def likeness(self, ratios: Floats) -> Likeness:
        """Return how economies (M, R) stand to the cloud, each in the ratios it has."""
        found = [self._of_one(one) for one in ratios]
        score, farther = np.array(found).reshape(-1, 2).T
        return Likeness(score, farther, farther < self.level)

    def _of_one(self, one: Floats) -> tuple[float, float]:
        known = np.isfinite(one)
        if not known.any():
            return np.nan, np.nan
        cloud = self.ratios[:, known]
        cloud = cloud[np.isfinite(cloud).all(axis=1)]
        distance = float(distances(cloud, one[known][None])[0])
        others = left_out(cloud)
        return distance / np.sqrt(known.sum()), (1 + (others >= distance).sum()) / (1 + len(cloud))


def distances(cloud: Floats, points: Floats) -> Floats:
    """Return the Mahalanobis distances (M,) of points (M, K) from a cloud (N, K)."""
    apart = points - cloud.mean(axis=0)
    inverse = np.linalg.pinv(np.atleast_2d(np.cov(cloud.T)))
    return np.sqrt(np.einsum("mi,ij,mj->m", apart, inverse, apart))


def left_out(cloud: Floats) -> Floats:
    """Return the distance (N,) of each of a cloud (N, K) from all others, by the formula of a rank-one update."""
    count = len(cloud)
    share = distances(cloud, cloud) ** 2 / (count - 1)
    scaled = (count / (count - 1)) ** 2 * (count - 2) * share
    return np.sqrt(scaled / (1 - count / (count - 1) * share))
