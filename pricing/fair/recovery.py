"""Recovery: the fair prices of many one-material economies seen whole, long-run and short-run, and how sure they are.

Where margins alone build plants, as in a simulated economy, the path of capacity tells of lags and costs what prices
do not: both are evidence. The most probable parameters say how large the errors are; with these an ensemble of the
prior is moved onto the evidence. The fair prices are the mean of the undistorted worlds under its members, their spread
is that of these worlds. All months are seen at once: nothing here is as known.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import norm, qmc

from pricing.fair.laplace import Modes, modes
from pricing.fair.misspecification import Cloud, Likeness, ratios
from pricing.fair.problem import Problem, Search
from pricing.fair.smoother import smoothed
from pricing.market.history import MarketHistory
from pricing.market.worlds import World
from pricing.prior import Prior

Floats = np.ndarray


@dataclass(frozen=True)
class Found:
    """What was found of M economies, T months each: logs of fair prices (M, T), and what they rest on."""

    long_run: Floats
    short_run: Floats
    spread: Floats  # (M, T) standard deviation of the log long-run price over the ensemble
    built: World  # distorted, with plants as they stood, under the most probable mode; one row per economy
    grown: World  # distorted, with plants as margins built them
    scores: Floats  # (M, P) mean over the ensemble
    misfit: Floats  # (M,) sum of squared residuals at the most probable mode
    scale: Floats  # (M,) of the errors, learned from the fit
    unseen: Floats  # (M,) share of months without an outside price of its own


def find(histories: Sequence[MarketHistory], prior: Prior, search: Search) -> Found:
    """Return what was found of economies of equal length. Raise DataError where lengths differ or none clears.

    Modes tell the scale of an economy's errors and what its distorted worlds look like; the fair price is an ensemble's
    mean, as a mode jumps where a small change of the data makes another one the higher.
    """
    problem, found, tried = climbed(histories, prior, search)
    first = prior.scores(search.members, search.seed)[:, prior.uncertain]
    members = smoothed(problem.evidence, first, len(histories), search.steps)
    best = _best(found, search.starts)
    built, grown = problem.distorted(found.scores[best], tried[best])
    return Found(
        *_answers(problem, members),
        built,
        grown,
        members.mean(axis=1),
        found.misfit[best],
        problem.scale,
        problem.unseen,
    )


def climbed(histories: Sequence[MarketHistory], prior: Prior, search: Search) -> tuple[Problem, Modes, Floats]:
    """Return the problem with the scale of its errors learned, the modes from every start, and each one's economy."""
    problem = Problem.of(histories, prior, search)
    tried = np.repeat(np.arange(len(histories)), search.starts)
    start = np.tile(_starts(problem.size, search), (len(histories), 1))
    found = modes(problem.of_rows(tried), start, search.rounds)
    problem = problem.rescaled(found)
    return problem, modes(problem.of_rows(tried), found.scores, search.more_rounds), tried


def _starts(size: int, search: Search) -> Floats:
    points = qmc.Sobol(d=size, scramble=True, rng=np.random.default_rng(search.seed)).random(search.starts)
    start: Floats = search.start_width * norm.ppf(points)
    start[0] = 0.0
    return start


def _best(found: Modes, each: int) -> Floats:
    """Return the row of the most probable of every `each` modes."""
    weight = found.log_weight.reshape(-1, each)
    return weight.argmax(axis=1) + each * np.arange(len(weight))


def _answers(problem: Problem, members: Floats) -> tuple[Floats, Floats, Floats]:
    """Return the logs of both fair prices (M, T), and the spread of the former, of an ensemble (M, N, P).

    Members are priced on the grid of the search; what their mean lies above the price at their middle is added to that
    price by month.
    """
    economies, each = members.shape[:2]
    here, middle = np.arange(economies), members.mean(axis=1)
    flat = problem.fair(problem.grid, members.reshape(-1, problem.size), np.repeat(here, each))
    priced = [prices.reshape(economies, each, -1) for prices in flat]
    coarse, fine = (problem.fair(facts, middle, here) for facts in (problem.grid, problem.facts))
    above = [problem.by_month(prices.mean(axis=1) - one) for prices, one in zip(priced, coarse, strict=True)]
    return fine[0] + above[0], fine[1] + above[1], problem.by_month(priced[0].std(axis=1))


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
