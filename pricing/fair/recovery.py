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
from scipy.stats import norm, qmc

from pricing.fair.laplace import Modes, Residuals, modes
from pricing.fair.misspecification import Cloud, Likeness, ratios
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
    draws: int = 16  # around each mode, for the spread
    seed: int = 1


@dataclass(frozen=True)
class Found:
    """What was found of M economies, T months each: logs of fair prices (M, T), and what they rest on."""

    long_run: Floats
    short_run: Floats
    spread: Floats  # (M, T) standard deviation of the log long-run price
    built: World  # distorted, with plants as they stood, under the most probable mode; one row per economy
    grown: World  # distorted, with plants as margins built them
    scores: Floats  # (M, P) of the modes, weighted mean
    misfit: Floats  # (M,) sum of squared residuals at the most probable mode
    scale: Floats  # (M,) of the errors, learned from the fit
    unseen: Floats  # (M,) share of months without an outside price of its own


def find(histories: Sequence[MarketHistory], prior: Prior, search: Search) -> Found:
    """Return what was found of economies of equal length. Raise DataError where lengths differ or none clears.

    Every economy is sought from several starts; its most probable modes are weighted by height times volume, each
    counted once however many starts lead to it, so that a small change of the data never flips the answer.
    """
    problem = Problem.of(histories, prior, search)
    tried = np.repeat(np.arange(len(histories)), search.starts)
    start = np.tile(_starts(problem.size, search), (len(histories), 1))
    found = modes(problem.of_rows(tried), start, search.rounds)
    problem = problem.rescaled(found)
    found = modes(problem.of_rows(tried), found.scores, search.more_rounds)
    return _summed(problem, found, tried)


def _starts(size: int, search: Search) -> Floats:
    points = qmc.Sobol(d=size, scramble=True, rng=np.random.default_rng(search.seed)).random(search.starts)
    start: Floats = search.start_width * norm.ppf(points)
    start[0] = 0.0
    return start


def _best(found: Modes, each: int) -> Floats:
    """Return the row of the most probable of every `each` modes."""
    weight = found.log_weight.reshape(-1, each)
    return weight.argmax(axis=1) + each * np.arange(len(weight))


def _summed(problem: Problem, found: Modes, tried: Floats) -> Found:
    """Return what the modes of every economy say together."""
    each, starts = problem.search.draws, problem.search.starts
    weight = found.shares(starts)
    long_run, short_run = (mode.reshape(*weight.shape, -1) for mode in problem.fair(found.scores, tried))
    around = found.draws(each, problem.search.seed).reshape(-1, problem.size)
    near = problem.long_run(problem.grid, around, np.repeat(tried, each))
    within = problem.by_month(near.reshape(*weight.shape, each, -1).var(axis=2))
    centre, short = (np.einsum("mk,mkt->mt", weight, mode) for mode in (long_run, short_run))
    between = (long_run - centre[:, None]) ** 2
    best = _best(found, starts)
    built, grown = problem.distorted(found.scores[best], tried[best])
    return Found(
        centre,
        short,
        np.sqrt(np.einsum("mk,mkt->mt", weight, within + between)),
        built,
        grown,
        np.einsum("mk,mkp->mp", weight, found.scores.reshape(*weight.shape, -1)),
        found.misfit[best],
        problem.scale,
        problem.unseen,
    )


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
        errors = self.search.errors
        seen = heavy_tailed(self._standard(scores, rows), errors.freedom, errors.learning_rate)
        return np.concatenate([seen, scores], axis=1)

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

    def fair(self, scores: Floats, rows: Floats) -> tuple[Floats, Floats]:
        """Return the logs of the long-run and short-run fair price of points by month (n, T), ex-China delivered."""
        built = as_built(self._undistorted(self.facts, scores, rows))
        return self.long_run(self.facts, scores, rows), np.log(built.outside[..., 0])

    def long_run(self, facts: Facts, scores: Floats, rows: Floats) -> Floats:
        """Return the log of the long-run fair price of points (n, rows of `facts`), ex-China delivered.

        The undistorted world starts with the share `moved_share` of China's plant outside.
        """
        economy = self._undistorted(facts, scores, rows)
        start = economy.facts.capacity[0].copy()
        moved = economy.draws["moved_share"][:, None] * start[:, :1]
        start = start + np.concatenate([-moved, moved], axis=1)
        return np.log(as_grown(economy, 0.0, start).outside[..., 0])

    def by_month(self, values: Floats) -> Floats:
        """Return values on the grid (..., rows) by month (..., T), the last one held to the end."""
        months = np.arange(self.facts.months) // self.search.months_a_row
        return values[..., np.minimum(months, values.shape[-1] - 1)]

    def _undistorted(self, facts: Facts, scores: Floats, rows: Floats) -> Economy:
        return self._economy(facts, scores, rows, Switches.fair(len(rows), SupportSet.MARKET_ECONOMY))

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


@dataclass(frozen=True)
class Calibration:
    """How wide an interval must be to hold what it says, found on simulated economies."""

    least: float  # standard deviation of the log price that no parameter names, added in squares
    unseen: float  # the same where no month has an outside price of its own; less in proportion to their share
    usual_scale: float  # of the errors; an economy that fits worse than most has wider intervals in proportion
    half_widths: Mapping[int, float]  # level in per cent -> half width in standard deviations
    outside_factor: float  # on all of them for an economy that lies outside the cloud of simulated ones
    cloud: Cloud

    def edges(self, found: Found, outside: Floats) -> dict[str, Floats]:
        """Return low50, high50, ... of the long-run prices found (M, T), USD/kg; `outside` (M,) the cloud or not."""
        centre = found.long_run
        lacking = self.unseen * found.unseen[:, None]
        misfit = (found.scale * np.where(outside, self.outside_factor, 1.0))[:, None] / self.usual_scale
        deviation = misfit * np.sqrt(found.spread**2 + self.least**2 + lacking**2)
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
    return with_likeness(histories, prior, search, calibration)[0]


def with_likeness(
    histories: Sequence[MarketHistory], prior: Prior, search: Search, calibration: Calibration
) -> tuple[list[pd.DataFrame], Likeness]:
    """Return what `recover` returns, and how the economies stand to the cloud of simulated ones."""
    found = find(histories, prior, search)
    stands = calibration.cloud.likeness(ratios(histories, found.built, found.grown, found.scale, found.unseen))
    columns = {"fair_long_run": np.exp(found.long_run), "fair_short_run": np.exp(found.short_run)}
    columns.update(calibration.edges(found, stands.outside))
    answers = [
        pd.DataFrame({"month": history.months, **{name: values[row] for name, values in columns.items()}})
        for row, history in enumerate(histories)
    ]
    return answers, stands
