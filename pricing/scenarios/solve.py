"""The economy solved again: prices at today's plants, where they come to rest, and on a path of quarters.

Every set of conditions is solved for the same draws, in the world as it is and in the fair one, side by side. What a
scenario does is the log of its prices less that of the baseline's, draw by draw: both are solved in the same way from
the same start, so what is held flat (demand, policy, money) cancels, and no conditions at all give exactly nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from pricing.market.clearing import Cleared, clear
from pricing.market.distortions import Switches
from pricing.market.economy import Economy
from pricing.market.facts import Facts
from pricing.market.side_by_side import DATED, rows_of, side_by_side
from pricing.market.worlds import SMALLEST, Plants
from pricing.prior import Draws
from pricing.scenarios.base import STEP_YEARS, ScenarioBase, Standing, switches
from pricing.scenarios.conditions import Conditions

Floats = np.ndarray

ADJUSTMENT_YEARS = 30.0  # after which a change for good counts as adjusted to
QUARTER = 0.25  # years


@dataclass(frozen=True)
class Logs:
    """Logs of real prices: China's and the outside one in the world as it is, the fair one outside, (..., N, E)."""

    china: Floats
    outside: Floats
    fair: Floats

    def __sub__(self, other: Logs) -> Logs:
        """Return what lies between two sets of prices."""
        return Logs(self.china - other.china, self.outside - other.outside, self.fair - other.fair)

    def at(self, case: int) -> Logs:
        """Return the prices of one case, or of one quarter, where these lie along the first axis."""
        return Logs(self.china[case], self.outside[case], self.fair[case])


def short_run(base: ScenarioBase, cases: Sequence[Conditions]) -> tuple[Logs, Floats]:
    """Return logs at today's plants (C, N, E), and China's exports in the world as it is (C, N, E), t a year."""
    economy = _economy(base, [case.facts for case in cases], [case.export_cut for case in cases])
    capacity = np.stack([_standing(base, case) for case in cases])
    capacity = np.stack([capacity, capacity], axis=1).reshape(economy.limit.shape)
    found = _cleared(economy, capacity, np.tile(base.now.habit, (2 * len(cases), 1)))
    return _logs(found, len(cases), base.size), _by_case(found.exports, len(cases), base.size)[:, 0]


def exports_of(facts: Facts, draws: Draws, now: Standing) -> Floats:
    """Return what China exports in the world as it is, at the plants that stand (N, E), t a year."""
    economy = Economy.of(facts, draws, Switches.all_on(draws.size))
    return _cleared(economy, now.capacity, now.habit).exports


def _cleared(economy: Economy, capacity: Floats, habit: Floats) -> Cleared:
    """Return the market of one moment at these plants (rows, K), as far as geology and permits let them run."""
    running, _ = economy.unit_cost(0)
    stands = np.clip(capacity, SMALLEST * economy.limit, economy.limit)
    return clear(economy.net_supply(0, stands, running, habit), economy.trade(0), Cleared.guess(habit))


def adjusted(
    base: ScenarioBase, cases: Sequence[Conditions], years: float = ADJUSTMENT_YEARS, step: float = STEP_YEARS
) -> Logs:
    """Return logs once plants have adjusted for some years, in steps, to conditions that hold for good (C, N, E).

    A plant that was closed stays closed and one that was opened stays open; all others follow their margins.
    """
    economy = _economy(base, [case.facts for case in cases], [case.export_cut for case in cases])
    start = _both(base.rest, base.rest_fair, len(cases))
    plants = Plants(economy, np.minimum(start.capacity, economy.limit), start.habit)
    for _ in range(round(years / step)):
        plants.capacity = _kept(base, plants.capacity, cases)
        plants.settle(0, economy.trade(0), step)
    return _logs(plants.found, len(cases), base.size)


def path(base: ScenarioBase, cases: Sequence[Sequence[Conditions]]) -> Logs:
    """Return logs of each case on its path of quarters (C, Q, N, E)."""
    facts = [_in_a_row([quarter.facts for quarter in case], base.facts.limit) for case in cases]
    cuts = [np.stack([quarter.export_cut for quarter in case]) for case in cases]
    economy = _economy(base, facts, cuts)
    start = _both(base.now, base.now_fair, len(cases))
    plants = Plants(economy, start.capacity, start.habit)
    found = []
    for quarter in range(economy.facts.months):
        plants.economy = replace(economy, limit=_limit(base, economy, cases, quarter))
        plants.capacity = _disturbed(base, plants.capacity, cases, quarter)
        cleared = plants.settle(quarter, economy.trade(quarter), QUARTER)
        found.append(_logs(cleared, len(cases), base.size))
    return Logs(*(np.stack([getattr(q, name) for q in found], axis=1) for name in ("china", "outside", "fair")))


def _economy(base: ScenarioBase, facts: Sequence[Facts], cuts: Sequence[Floats]) -> Economy:
    """Return the economy of every case: as it is for all draws, then fair for all draws, case after case."""
    each = 2 * base.size
    rows = rows_of(side_by_side(facts), np.repeat(np.arange(len(facts)), each))
    draws = base.draws.take(np.tile(np.arange(base.size), 2 * len(facts)))
    on = switches(base.size)
    on.on = np.tile(on.on, (len(facts), 1))
    return Economy.of(replace(rows, export_limit=_limits(base, cuts, rows.months)), draws, on)


def _limits(base: ScenarioBase, cuts: Sequence[Floats], months: int) -> Floats:
    """Return what China may export (T, rows, E): what it would export at the baseline, less the cut."""
    usual = np.tile(np.maximum(base.exports, 0.0), (2, 1))
    limits = []
    for cut in cuts:
        share = np.broadcast_to(np.atleast_2d(cut), (months, usual.shape[1]))[:, None, :]
        limits.append(np.where(share > 0, (1 - share) * usual, np.inf))
    return np.concatenate(limits, axis=1)


def _limit(base: ScenarioBase, economy: Economy, cases: Sequence[Sequence[Conditions]], quarter: int) -> Floats:
    """Return what geology and permits allow in a quarter (rows, K), t REO a year."""
    ratio = np.stack([case[quarter].facts.limit / base.facts.limit for case in cases])
    return economy.limit * np.repeat(ratio, 2 * base.size, axis=0)


def _standing(base: ScenarioBase, case: Conditions) -> Floats:
    """Return the plant that stands in the world as it is under a case (N, K)."""
    return np.stack([push.on(base.now.capacity[:, k]) for k, push in enumerate(case.capacity)], axis=1)


def _kept(base: ScenarioBase, capacity: Floats, cases: Sequence[Conditions]) -> Floats:
    """Return the plants (rows, K), in the world as it is at most what closures and at least what openings leave."""
    stands = base.now.capacity
    pushed = np.stack([_standing(base, case) for case in cases])
    kept = capacity.reshape(len(cases), 2, base.size, -1).copy()
    kept[:, 0] = np.where(pushed < stands, np.minimum(kept[:, 0], pushed), kept[:, 0])
    kept[:, 0] = np.where(pushed > stands, np.maximum(kept[:, 0], pushed), kept[:, 0])
    return np.maximum(kept, SMALLEST * base.facts.limit).reshape(capacity.shape)


def _disturbed(base: ScenarioBase, capacity: Floats, cases: Sequence[Sequence[Conditions]], quarter: int) -> Floats:
    """Return the plants (rows, K) after what opens, closes or returns at the start of a quarter, as it is only."""
    pushed = np.stack([_standing(base, case[quarter]) for case in cases])
    before = np.stack([_standing(base, case[quarter - 1]) if quarter else base.now.capacity for case in cases])
    moved = capacity.reshape(len(cases), 2, base.size, -1).copy()
    moved[:, 0] += pushed - before
    return _kept(base, moved.reshape(capacity.shape), [case[quarter] for case in cases])


def _in_a_row(quarters: Sequence[Facts], limit: Floats) -> Facts:
    """Return facts of one moment each as one path of quarters."""
    dated: dict[str, Any] = {
        name: np.concatenate([getattr(q, name) for q in quarters]) for name in (*DATED, "deflator", "years")
    }
    return replace(
        quarters[0],
        **dated,
        support=np.concatenate([q.support for q in quarters], axis=1),
        revision=np.ones((len(quarters), len(quarters[0].names))),
        limit=limit,
        step=QUARTER,
    )


def _both(as_it_is: Standing, fair: Standing, cases: int) -> Standing:
    return Standing(
        np.tile(np.concatenate([as_it_is.capacity, fair.capacity]), (cases, 1)),
        np.tile(np.concatenate([as_it_is.habit, fair.habit]), (cases, 1)),
    )


def _by_case(values: Floats, cases: int, size: int) -> Floats:
    """Return rows (C x 2 x N, E) by case and world (C, 2, N, E)."""
    return values.reshape(cases, 2, size, -1)


def _logs(found: Cleared, cases: int, size: int) -> Logs:
    china, outside = (_by_case(np.log(price), cases, size) for price in (found.china, found.ex_china))
    return Logs(china[:, 0], outside[:, 0], outside[:, 1])
