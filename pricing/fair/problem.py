"""What one economy seen whole says of the parameters: residuals of its distorted worlds, and the fair prices of points.

With plants as they stood the distorted world must meet the prices, with plants as its own margins would have built them
it must meet the capacities. Many economies stand side by side; every point belongs to one of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from pricing.fair.laplace import Modes, Residuals
from pricing.fair.residuals import block_means, heavy_tailed, innovations
from pricing.market.distortions import Switches
from pricing.market.economy import Economy
from pricing.market.facts import Facts, facts_of
from pricing.market.history import MarketHistory
from pricing.market.side_by_side import merged, rows_of, side_by_side
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
    months_a_row: int = 3  # of the grid on which parameters are sought; prices are then computed by month
    starts: int = 8  # of which the first is the centre of the prior
    start_width: float = 0.8  # standard deviations of the prior over which the other starts lie
    rounds: int = 6
    more_rounds: int = 8  # once the scale of the errors is learned
    members: int = 128  # of the ensemble
    steps: int = 4  # in which it takes the evidence in
    seed: int = 1


@dataclass(frozen=True)
class Problem:
    """The economies side by side, and what was seen of them (M, rows of the grid), in logs."""

    facts: Facts  # by month
    grid: Facts  # the same, merged to the rows of the search
    prior: Prior
    search: Search
    price: Floats  # China's; the outside one where only that was seen
    gap: Floats  # outside over Chinese price, NaN where it is no evidence
    without_china: Floats  # bool, rows whose only price is the outside one
    capacity: Floats  # (M, rows, 2)
    unseen: Floats  # (M,) share of months without an outside price of its own
    scale: Floats  # (M,)

    @classmethod
    def of(cls, histories: Sequence[MarketHistory], prior: Prior, search: Search) -> Problem:
        """Return the problem of some histories."""
        facts = side_by_side([facts_of(market_of(history, search.smoothing)) for history in histories])
        grid = merged(facts, search.months_a_row)
        china, outside = (_logs(histories, name) for name in ("china_price", "ex_china_price"))
        known = np.stack([with_rent(history, search.smoothing.rent).gap_known for history in histories])
        gap = np.where(known, outside - china, np.nan)
        china, outside, gap = (
            block_means(values, search.months_a_row)[:, : grid.months] for values in (china, outside, gap)
        )
        alone = ~np.isfinite(china)
        capacity = np.log(grid.capacity).transpose(1, 0, 2)
        price = np.where(alone, outside, china)
        unseen = np.array([_unseen(history) for history in histories])
        return cls(facts, grid, prior, search, price, gap, alone, capacity, unseen, np.ones(len(histories)))

    @property
    def size(self) -> int:
        """Return how many parameters have a spread."""
        return int(self.prior.uncertain.sum())

    def rescaled(self, found: Modes) -> Problem:
        """Return the problem with the scale of its errors learned from the residuals at the modes of every economy.

        At each mode it is that of a scaled inverse chi-squared belief that counts for `scale_weight` residuals.
        """
        economies = len(self.scale)
        seen = self._standard(found.scores, np.repeat(np.arange(economies), self.search.starts))
        weight, count = self.search.errors.scale_weight, (seen != 0).sum(axis=1)
        scale = np.sqrt((weight + (seen**2).sum(axis=1)) / (weight + count)).reshape(economies, -1)
        return replace(self, scale=(found.shares(self.search.starts) * scale).sum(axis=1))

    def of_rows(self, economies: Floats) -> Residuals:
        """Return the residuals of problems that stand for the given economies, several of which may be one."""
        return lambda scores, rows: self.residuals(scores, economies[rows])

    def residuals(self, scores: Floats, rows: Floats) -> Floats:
        """Return the residuals of points (n, P) of the economies `rows` (n,): of what was seen, then of the prior."""
        return np.concatenate([self.evidence(scores, rows), scores], axis=1)

    def evidence(self, scores: Floats, rows: Floats) -> Floats:
        """Return the residuals of points (n, P) of the economies `rows` (n,), of what was seen alone."""
        errors = self.search.errors
        return heavy_tailed(self._standard(scores, rows), errors.freedom, errors.learning_rate)

    def _standard(self, scores: Floats, rows: Floats) -> Floats:
        built, grown = self._distorted(self.grid, scores, rows)
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
        year = round(1 / self.grid.step)
        parts = [innovations(block_means(miss, year), scale * deviation, lasting) for miss, deviation, lasting in seen]
        return np.concatenate(parts, axis=1)

    def distorted(self, scores: Floats, rows: Floats) -> tuple[World, World]:
        """Return the distorted worlds of points by month: with plants as they stood, and as margins built them."""
        return self._distorted(self.facts, scores, rows)

    def _distorted(self, facts: Facts, scores: Floats, rows: Floats) -> tuple[World, World]:
        economy = self._economy(facts, scores, rows, Switches.all_on(len(rows)))
        return as_built(economy), as_grown(economy, 0.0)

    def fair(self, facts: Facts, scores: Floats, rows: Floats) -> tuple[Floats, Floats]:
        """Return the logs of the long-run and short-run fair price of points (n, rows of `facts`), ex-China delivered.

        In the long run the undistorted world starts with the share `moved_share` of China's plant outside.
        """
        economy = self._economy(facts, scores, rows, Switches.fair(len(rows), SupportSet.MARKET_ECONOMY))
        start = economy.facts.capacity[0].copy()
        moved = economy.draws["moved_share"][:, None] * start[:, :1]
        start = start + np.concatenate([-moved, moved], axis=1)
        worlds = as_grown(economy, 0.0, start), as_built(economy)
        long_run, short_run = (np.log(world.outside[..., 0]) for world in worlds)
        return long_run, short_run

    def by_month(self, values: Floats) -> Floats:
        """Return values on the grid (..., rows) by month (..., T), the last one held to the end."""
        months = np.arange(self.facts.months) // self.search.months_a_row
        return values[..., np.minimum(months, values.shape[-1] - 1)]

    def _economy(self, facts: Facts, scores: Floats, rows: Floats, switches: Switches) -> Economy:
        every = np.zeros((len(scores), len(self.prior.rows)))
        every[:, self.prior.uncertain] = scores
        return Economy.of(rows_of(facts, rows), isoelastic(self.prior.at(every)), switches)


def isoelastic(draws: Draws) -> Draws:
    """Return the draws with one demand elasticity at every horizon, as a simulated economy has."""
    return Draws({**draws.values, "demand_elasticity_long": draws["demand_elasticity_short"]}, draws.size)


def _unseen(history: MarketHistory) -> float:
    """Return the share of months without an outside price, or with one that was made from China's."""
    return float(np.mean(~(np.isfinite(history.column("ex_china_price")) & history.gap_known)))


def _logs(histories: Sequence[MarketHistory], column: str) -> Floats:
    return np.log(np.stack([history.column(column) for history in histories]))
