"""Recovery: the fair prices of many one-material economies seen whole, long-run and short-run, and how sure they are.

Where margins alone build plants, as in a simulated economy, the path of capacity tells of lags and costs what prices
do not: parameters are judged by the distorted world with plants as they stood (prices) *and* by the distorted world
with plants as its own margins would have built them (capacities). The fair prices are those of the undistorted worlds
under the most probable parameters; their spread is that of the undistorted worlds under draws around them (Laplace).
All months are seen at once: nothing here is as known.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from pricing.fair.laplace import Modes, modes
from pricing.fair.residuals import heavy_tailed, innovations, yearly_means
from pricing.market.distortions import Switches
from pricing.market.economy import Economy
from pricing.market.facts import Facts, facts_of
from pricing.market.history import MarketHistory
from pricing.market.side_by_side import rows_of, side_by_side
from pricing.market.simulated import Smoothing, market_of, with_rent
from pricing.market.supply import SupportSet
from pricing.market.worlds import World, as_built, as_grown
from pricing.prior import Draws, Prior

Floats = np.ndarray


@dataclass(frozen=True)
class Errors:
    """What is allowed for between model and observation, as standard deviations of the log of a yearly mean."""

    price: float
    gap: float  # between the two regions' prices
    capacity: float  # of capacity by region, where margins alone build it
    price_persistence: float  # of the errors of both prices and gap, from year to year
    capacity_persistence: float
    freedom: float  # degrees of freedom of Student's t
    learning_rate: float  # power of the likelihood, as the model is known to be wrong (Gruenwald 2012)
    scale_weight: float  # yearly residuals that these errors count for, when their scale is learned from the fit


@dataclass(frozen=True)
class Search:
    """How economies are searched; what is believed is in the prior and the errors."""

    errors: Errors
    smoothing: Smoothing
    rounds: int = 4
    more_rounds: int = 3  # once the scale of the errors is learned
    draws: int = 16  # around each mode, for the spread
    seed: int = 1


@dataclass(frozen=True)
class Found:
    """What was found of M economies, T months each: logs of fair prices (M, T), and what they rest on."""

    long_run: Floats
    short_run: Floats
    spread: Floats  # (M, T) standard deviation of the log long-run price
    built: World  # distorted, with plants as they stood; one row per economy
    grown: World  # distorted, with plants as margins built them
    modes: Modes
    scale: Floats  # (M,) of the errors, learned from the fit


def find(histories: Sequence[MarketHistory], prior: Prior, search: Search) -> Found:
    """Return what was found of economies of equal length. Raise DataError where lengths differ or none clears."""
    problem = _Problem.of(histories, prior, search)
    found = modes(problem.residuals, np.zeros((len(histories), problem.size)), search.rounds)
    problem = problem.rescaled(found)
    found = modes(problem.residuals, found.scores, search.more_rounds)
    here = np.arange(len(histories))
    built, grown = problem.distorted(found.scores, here)
    long_run, short_run = problem.fair(found.scores, here)
    around = found.draws(search.draws, search.seed)
    near, _ = problem.fair(around.reshape(-1, problem.size), np.repeat(here, search.draws))
    spread = near.reshape(len(here), search.draws, -1).std(axis=1)
    return Found(long_run, short_run, spread, built, grown, found, problem.scale)


@dataclass(frozen=True)
class _Problem:
    """The economies side by side, and what was seen of them (M, T), in logs."""

    facts: Facts
    prior: Prior
    search: Search
    price: Floats  # China's; the outside one where only that was seen
    gap: Floats  # outside over Chinese price, NaN where one was made from the other
    without_china: Floats  # (M, T) bool, months whose only price is the outside one
    capacity: Floats  # (M, T, 2)
    scale: Floats  # (M,)

    @classmethod
    def of(cls, histories: Sequence[MarketHistory], prior: Prior, search: Search) -> _Problem:
        """Return the problem of some histories."""
        facts = side_by_side([facts_of(market_of(history, search.smoothing)) for history in histories])
        with np.errstate(invalid="ignore"):
            china, outside = (_logs(histories, name) for name in ("china_price", "ex_china_price"))
        capacity = np.log(facts.capacity).transpose(1, 0, 2)
        known = np.stack([with_rent(history, search.smoothing.rent).gap_known for history in histories])
        gap = np.where(known, outside - china, np.nan)
        price = np.where(np.isfinite(china), china, outside)
        return cls(facts, prior, search, price, gap, ~np.isfinite(china), capacity, np.ones(len(histories)))

    @property
    def size(self) -> int:
        """Return how many parameters have a spread."""
        return int(self.prior.uncertain.sum())

    def rescaled(self, found: Modes) -> _Problem:
        """Return the problem with the scale of its errors learned from the residuals at the modes.

        The scale is the mode under a scaled inverse chi-squared belief that counts for `scale_weight` residuals.
        """
        seen = self._standard(found.scores, np.arange(len(self.scale)))
        weight = self.search.errors.scale_weight
        count = (seen != 0).sum(axis=1)
        scale = np.sqrt((weight + (seen**2).sum(axis=1)) / (weight + count))
        return replace(self, scale=scale)

    def residuals(self, scores: Floats, rows: Floats) -> Floats:
        """Return the residuals of points (n, P) of the economies `rows` (n,): of what was seen, then of the prior."""
        errors = self.search.errors
        seen = heavy_tailed(self._standard(scores, rows), errors.freedom, errors.learning_rate)
        return np.concatenate([seen, scores], axis=1)

    def _standard(self, scores: Floats, rows: Floats) -> Floats:
        built, grown = self.distorted(scores, rows)
        errors, scale = self.search.errors, self.scale[rows]
        price, gap = np.log(built.china[..., 0]), np.log(built.outside[..., 0] / built.china[..., 0])
        price = np.where(self.without_china[rows], price + gap, price)
        plant = self.capacity[rows] - np.log(grown.capacity)
        seen = (
            (self.price[rows] - price, errors.price, errors.price_persistence),
            (self.gap[rows] - gap, errors.gap, errors.price_persistence),
            (plant[..., 0], errors.capacity, errors.capacity_persistence),
            (plant[..., 1], errors.capacity, errors.capacity_persistence),
        )
        parts = [innovations(yearly_means(miss), scale * deviation, lasting) for miss, deviation, lasting in seen]
        return np.concatenate(parts, axis=1)

    def distorted(self, scores: Floats, rows: Floats) -> tuple[World, World]:
        """Return the distorted worlds of points: with plants as they stood, and as margins built them."""
        economy = self._economy(scores, rows, Switches.all_on(len(rows)))
        return as_built(economy), as_grown(economy, 0.0)

    def fair(self, scores: Floats, rows: Floats) -> tuple[Floats, Floats]:
        """Return the logs of the long-run and short-run fair price of points (n, T), ex-China delivered.

        The undistorted world starts with the share `moved_share` of China's plant outside.
        """
        economy = self._economy(scores, rows, Switches.fair(len(rows), SupportSet.MARKET_ECONOMY))
        start = economy.facts.capacity[0].copy()
        moved = economy.draws["moved_share"][:, None] * start[:, :1]
        start = start + np.concatenate([-moved, moved], axis=1)
        grown, built = as_grown(economy, 0.0, start), as_built(economy)
        return np.log(grown.outside[..., 0]), np.log(built.outside[..., 0])

    def _economy(self, scores: Floats, rows: Floats, switches: Switches) -> Economy:
        every = np.zeros((len(scores), len(self.prior.rows)))
        every[:, self.prior.uncertain] = scores
        return Economy.of(rows_of(self.facts, rows), _isoelastic(self.prior.at(every)), switches)


def _isoelastic(draws: Draws) -> Draws:
    """Return the draws with one demand elasticity at every horizon, as a simulated economy has."""
    return Draws({**draws.values, "demand_elasticity_long": draws["demand_elasticity_short"]}, draws.size)


def _logs(histories: Sequence[MarketHistory], column: str) -> Floats:
    return np.log(np.stack([history.column(column) for history in histories]))


@dataclass(frozen=True)
class Calibration:
    """How wide an interval must be to hold what it says, found on simulated economies."""

    least: float  # standard deviation of the log price that no parameter names, added in squares
    half_widths: Mapping[int, float]  # level in per cent -> half width in standard deviations

    def edges(self, centre: Floats, spread: Floats) -> dict[str, Floats]:
        """Return low50, high50, ... of log prices (M, T) with their standard deviation (M, T), in prices."""
        deviation = np.sqrt(spread**2 + self.least**2)
        sides = {"low": -1.0, "high": 1.0}
        return {
            f"{side}{level}": np.exp(centre + sign * width * deviation)
            for level, width in self.half_widths.items()
            for side, sign in sides.items()
        }


def recover(
    histories: Sequence[MarketHistory], prior: Prior, search: Search, calibration: Calibration
) -> list[pd.DataFrame]:
    """Return month, fair_long_run, fair_short_run and intervals of the former for every economy, USD/kg, all finite.

    The economies need the same number of months. Raise DataError where one of them does not clear.
    """
    found = find(histories, prior, search)
    columns = {"fair_long_run": np.exp(found.long_run), "fair_short_run": np.exp(found.short_run)}
    columns.update(calibration.edges(found.long_run, found.spread))
    return [
        pd.DataFrame({"month": history.months, **{name: values[row] for name, values in columns.items()}})
        for row, history in enumerate(histories)
    ]
