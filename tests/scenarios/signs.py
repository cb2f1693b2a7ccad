"""Signs of levers that economics fixes, by family, and how they are measured in random states.

A state is a draw under random values of several levers; a lever is then pulled on top. What is claimed:

- `lost worth`: what a pull takes from the markets at the prices that follow (supply lost, demand won), valued at the
  change of these prices, is never negative. Supply rises with worth and demand falls with price, so that excess supply
  is monotone, with joint products too; single prices are open, as one oxide's loss is another's glut.
- `own`: the oxide's own price where the pull acts, one oxide in one region, moves one way.
- `gap`: what stands between the regions of one oxide lowers its price in China and raises it outside.
- `fair still`: the fair price, at today's plants and once plants have adjusted, is net of every distortion.
- `cost`: no source becomes cheaper (dearer), before distortions and net of what it sells beside.
- `payment`: a floor that goes up never pays less; one that draws no supply moves no price (`market still`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from pricing.levers import Lever, Override, Way
from pricing.market.clearing import Cleared, Trade, clear
from pricing.market.economy import MonthlyNet
from pricing.market.worlds import SMALLEST
from pricing.scenarios.base import ScenarioBase
from pricing.scenarios.conditions import Conditions, conditions
from pricing.scenarios.pushes import baselines, pushes
from pricing.scenarios.solve import Logs, _economy, _standing, adjusted, short_run

Floats = np.ndarray

LEFT = 1e-7  # of a log price: what a solver leaves
NOTHING = 1e-6  # USD a year: less than that is no shift
LEAST_PULL = 0.2  # of the way to the edge of evidence
SHAKEN = {
    "wages.all": (0.8, 1.2),
    "energy.all": (0.7, 1.4),
    "reagents.all": (0.7, 1.5),
    "demand.all": (0.85, 1.15),
    "quota.mining": (0.8, 1.25),
    "subsidy.all": (0.5, 1.7),
    "feed.myanmar": (0.4, 1.2),
    "capacity.incumbents_ex_china": (0.5, 1.1),
}
CHINA, OUTSIDE, FAIR = "china", "outside", "fair"

# families by the start of their levers' names; a lever belongs to the longest that fits
COST = {  # what raising the lever does to undistorted costs
    **dict.fromkeys(("wages", "energy", "reagents", "fx", "required_return.base", "country_risk"), 1),
    **dict.fromkeys(("environment.cost", "process"), 1),
    "by_product": -1,
}
OWN: Mapping[str, Mapping[str, int]] = {  # by family, what raising the lever does to its oxide's own price, and where
    "demand.china": {CHINA: 1},
    "demand.ex_china": {OUTSIDE: 1, FAIR: 1},
    "scrap.china": {CHINA: -1},
    "scrap.ex_china": {OUTSIDE: -1, FAIR: -1},
    "stockpiling": {CHINA: 1},
}
GAP = ("export_duty", "export_quota", "licence_severity", "vat_not_refunded", "tariff.oxide")
BORDER = (*GAP, "tariff.united_states", "tariff.elsewhere")
FLOORS = ("policy_floor", "policy_floor_paid")
STILL = (  # no fair price moves
    *BORDER,
    *("required_return.china_state", "environment.unpaid", "production_credit", "subsidy", "quota", "illegal_output"),
    *("stockpiling", *FLOORS),
)
STILL_ADJUSTED = (*STILL, "capacity")  # what is opened or closed by hand the fair world builds by its margins
OPEN = (  # no single price has a sign of its own; lost worth alone
    *("royalty", "demand.all", "demand.ev", "demand.wind", "demand.other", "substitution", "thrifting", "robots"),
    *("capacity", "limit", "feed"),
)
FAMILIES = tuple(dict.fromkeys((*COST, *OWN, *STILL_ADJUSTED, *OPEN)))


def family_of(name: str) -> str:
    """Return the family of a lever."""
    fits = [family for family in FAMILIES if name == family or name.startswith(f"{family}.")]
    return max(fits, key=len)


def members(base: ScenarioBase, family: str) -> list[Lever]:
    """Return the levers of a family."""
    return [lever for name, lever in base.levers.rows.items() if family_of(name) == family]


@dataclass(frozen=True)
class States:
    """Random conditions for every draw of a base, solved once at today's plants and once adjusted."""

    base: ScenarioBase
    overrides: Sequence[Sequence[Override]]

    @classmethod
    def shaken(cls, base: ScenarioBase, count: int, random: np.random.Generator) -> States:
        """Return random values of many levers at once, `count` times."""
        stands, rows = baselines(base, base.levers), base.levers.rows
        return cls(
            base,
            [
                [
                    Override(rows[name], Way.SCALE, float(random.uniform(*ends)), stands[name])
                    for name, ends in SHAKEN.items()
                ]
                for _ in range(count)
            ],
        )

    @cached_property
    def plain(self) -> list[Conditions]:
        """Return the conditions of each state."""
        return [conditions(self.base, pushes(self.base, state)) for state in self.overrides]

    @cached_property
    def now(self) -> Logs:
        """Return prices at today's plants (S, N, E)."""
        return short_run(self.base, self.plain)[0]

    @cached_property
    def rest(self) -> Logs:
        """Return prices once plants have adjusted (S, N, E)."""
        return adjusted(self.base, self.plain)


@dataclass(frozen=True)
class Pulled:
    """One lever of a family pulled in each state, up (+1) or down (-1) by a random part of the way to its edge."""

    states: States
    levers: Sequence[Lever]
    up: Floats  # (S,)
    cases: Sequence[Conditions]

    @classmethod
    def of(cls, states: States, family: str, random: np.random.Generator) -> Pulled:
        """Return the pulls of a family, its levers in turn."""
        base, levers = states.base, members(states.base, family)
        stands = baselines(base, base.levers)
        chosen = [levers[place % len(levers)] for place in range(len(states.overrides))]
        overrides = [_random_pull(lever, stands[lever.name], random) for lever in chosen]
        up = np.array([np.sign(one.value - one.baseline) for one in overrides])
        on_top = zip(states.overrides, overrides, strict=True)
        cases = [conditions(base, pushes(base, [*state, pulled])) for state, pulled in on_top]
        return cls(states, chosen, up, cases)

    @cached_property
    def now(self) -> Logs:
        """Return prices at today's plants (S, N, E)."""
        return short_run(self.states.base, self.cases)[0]

    @cached_property
    def moved(self) -> Logs:
        """Return what the pulls do at today's plants (S, N, E)."""
        return self.now - self.states.now

    @cached_property
    def moved_at_rest(self) -> Logs:
        """Return what the pulls do once plants have adjusted (S, N, E)."""
        return adjusted(self.states.base, self.cases) - self.states.rest


def _random_pull(lever: Lever, baseline: float, random: np.random.Generator) -> Override:
    """Return a lever part of the way to the edge of its evidence; where that has no width, of what makes sense."""
    low, high = lever.range(baseline)
    if not low < high:
        low, high = lever.bounds(baseline)
    edges = [edge for edge in (low, high) if abs(edge - baseline) > 1e-9 * max(abs(baseline), 1.0)]
    value = baseline + random.uniform(LEAST_PULL, 1.0) * (edges[random.integers(len(edges))] - baseline)
    if Way.SCALE in lever.ways and baseline:
        return Override(lever, Way.SCALE, float(value / baseline), baseline)
    return Override(lever, Way.SET, float(value), baseline)


def holds(pulled: Pulled, family: str) -> dict[str, Floats]:
    """Return by claim whether it holds at today's plants, by state and draw (S, N)."""
    found: dict[str, Floats] = {}
    if family not in BORDER:
        found |= _lost_worth(pulled)
    if family in COST:
        found["cost"] = _costs(pulled, COST[family])
    found |= own_prices(pulled, pulled.moved, family)
    if family in STILL:
        found["fair still"] = _still(pulled.moved, FAIR)
    if family in FLOORS:
        found["payment"] = _pays_more(pulled)
    if family == "policy_floor_paid":
        found["market still"] = _still(pulled.moved, CHINA, OUTSIDE)
    return found


def own_prices(pulled: Pulled, moved: Logs, family: str) -> dict[str, Floats]:
    """Return whether the own price of a family goes as it must at today's plants, by state and draw (S, N)."""
    signs = {CHINA: -1, OUTSIDE: 1} if family in GAP else OWN.get(family, {})
    name = "gap" if family in GAP else "own"
    return {f"{name} {side}": _own(pulled, getattr(moved, side), sign) for side, sign in signs.items()}


def still_adjusted(pulled: Pulled) -> Floats:
    """Return whether no fair price moves once plants have adjusted, by state and draw (S, N)."""
    return _still(pulled.moved_at_rest, FAIR)


def _own(pulled: Pulled, values: Floats, sign: int) -> Floats:
    materials = pulled.states.base.facts.materials
    own = [materials.index(lever.name.rpartition(".")[2]) for lever in pulled.levers]
    mine = np.stack([values[place, :, e] for place, e in enumerate(own)])
    return sign * pulled.up[:, None] * mine > -LEFT


def _costs(pulled: Pulled, sign: int) -> Floats:
    """Return whether no source's undistorted cost, less what it sells beside, goes against a sign (S, N)."""
    change = np.stack(
        [_cost(case) - _cost(plain) for case, plain in zip(pulled.cases, pulled.states.plain, strict=True)]
    )
    right = (sign * pulled.up[:, None] * change > -LEFT).all(axis=1)
    return np.repeat(right[:, None], pulled.states.base.size, axis=1)


def _cost(case: Conditions) -> Floats:
    facts = case.facts
    return (facts.cash + facts.capital + facts.environment - facts.credit)[0]


def _still(logs: Logs, *sides: str) -> Floats:
    return np.max([np.abs(getattr(logs, side)).max(axis=-1) for side in sides], axis=0) < LEFT


def _pays_more(pulled: Pulled) -> Floats:
    """Return whether a floor that goes up never pays less, on either region's price, by state and draw (S, N)."""
    base, right = pulled.states.base, []
    for place, (lever, case) in enumerate(zip(pulled.levers, pulled.cases, strict=True)):
        material = lever.name.rpartition(".")[2]
        e, plain = base.facts.materials.index(material), pulled.states.plain[place]
        ends = [base.deflator * one.facts.floor[0, e] + one.floor_paid[e] for one in (plain, case)]
        for region, side in (("china", CHINA), ("ex_china", OUTSIDE)):
            price = base.published[material].market[region]
            moved = price * np.exp(getattr(pulled.moved, side)[place, :, e])
            by = np.maximum(ends[1] - moved, 0.0) - np.maximum(ends[0] - price, 0.0)
            right.append(~(pulled.up[place] * by < -LEFT * price))  # no price: nothing is paid on it
    return np.array(right).reshape(len(pulled.cases), 2, base.size).all(axis=1)


def _lost_worth(pulled: Pulled) -> dict[str, Floats]:
    """Return whether the law holds in the fair world and in the world as it is, by state and draw (S, N)."""
    base, shape = pulled.states.base, (len(pulled.cases), 2, pulled.states.base.size)
    plain, case = (_Market.of(base, conditions_) for conditions_ in (pulled.states.plain, pulled.cases))
    then, now = plain.cleared, case.cleared
    missing, left = (market.net(now.china, now.ex_china) for market in (plain, case))
    slope = plain.trade.slope  # the same for every oxide: a dollar in China counts with what trade makes of it
    lost_china, lost_outside = slope * (missing.china - left.china), missing.ex_china - left.ex_china
    worth = (now.china - then.china) * lost_china + (now.ex_china - then.ex_china) * lost_outside
    scale = np.abs(now.china * lost_china) + np.abs(now.ex_china * lost_outside)
    right = (worth.sum(axis=1) > -LEFT * scale.sum(axis=1) - NOTHING).reshape(shape)
    return {"lost worth": right[:, 0], "lost worth fair": right[:, 1]}


@dataclass(frozen=True)
class _Market:
    """The markets of cases at today's plants, in the world as it is and the fair one: rows (S x 2 x N)."""

    net: MonthlyNet
    trade: Trade
    cleared: Cleared

    @classmethod
    def of(cls, base: ScenarioBase, cases: Sequence[Conditions]) -> _Market:
        """Return excess supply, trade and prices."""
        economy = _economy(base, [case.facts for case in cases], [case.export_cut for case in cases])
        stands = np.stack([_standing(base, case) for case in cases])
        stands = np.stack([stands, stands], axis=1).reshape(economy.limit.shape)
        habit = np.tile(base.now.habit, (2 * len(cases), 1))
        running, _ = economy.unit_cost(0)
        net = economy.net_supply(0, np.clip(stands, SMALLEST * economy.limit, economy.limit), running, habit)
        trade = economy.trade(0)
        return cls(net, trade, clear(net, trade, Cleared.guess(habit)))
