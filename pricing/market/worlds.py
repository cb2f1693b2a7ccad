"""Worlds: the market month by month, with plants as they stood or with plants as margins would have built them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pricing.market.clearing import Cleared, Trade, clear
from pricing.market.economy import Economy

Floats = np.ndarray

REST_STEP = 0.25  # years
REST_YEARS = 20.0  # a few investment lags: what the first month's plant was no longer matters
SMALLEST = 1e-6  # of a source's limit, so that an absent plant keeps a price


@dataclass(frozen=True)
class World:
    """Real prices in each region, the lagged price that thrifting answers, and China's output, each (N, T, E).

    `capacity` (N, T, 2) is what plants in China and outside could yield of the first material.
    """

    china: Floats
    outside: Floats
    habit: Floats
    output_china: Floats
    capacity: Floats

    @classmethod
    def empty(cls, size: int, months: int, materials: int) -> World:
        """Return a world to be filled month by month."""
        return cls(*(np.empty((size, months, n)) for n in (materials, materials, materials, materials, 2)))

    def take(self, rows: Floats) -> World:
        """Return the worlds of some draws."""
        fields = (self.china, self.outside, self.habit, self.output_china, self.capacity)
        return World(*(values[rows] for values in fields))


def as_built(economy: Economy, habit: Floats | None = None) -> World:
    """Return the world with the capacities that stood in each month, under the economy's switches.

    With `habit` (N, T, E) demand has the thrift that another world taught it; without, it learns from this one.
    """
    facts = economy.facts
    size, e = economy.basket.shape[0], economy.basket.shape[2]
    world = World.empty(size, facts.months, e)
    lag = economy.reference
    found = Cleared.guess(lag)
    for month in range(facts.months):
        current = lag if habit is None else habit[:, month]
        capacity = _standing(economy, month)
        running, _ = economy.unit_cost(month)
        net = economy.net_supply(month, capacity, running, current)
        found = clear(net, economy.trade(month), found)
        world.capacity[:, month] = _by_region(economy, capacity)
        world.china[:, month], world.outside[:, month] = found.china, found.ex_china
        world.habit[:, month] = current
        world.output_china[:, month] = net.output_china(found.china)
        lag = _learn(economy, lag, found.ex_china, facts.step)
    return world


def as_grown(
    economy: Economy, rest_years: float = REST_YEARS, start: Floats | None = None, plants: Floats | None = None
) -> World:
    """Return the world whose plants margins built, from `start` (N, K; else what stood), after `rest_years` of rest.

    Capacity grows, a year, by `investment_speed` x (lagged log of revenue over full cost - `investment_threshold`) plus
    `foresight` x the trend of demand, between `closure_rate` and `build_rate`, on the plant that stands or, where none
    does, on a seed of the limit. What is decided today stands after `gestation_years`; what was decided before the
    first month grows plant by `growth_before`. Rest means years at the first month's conditions, without gestation.
    `plants` (N, T, K) is filled with the plant that stands in each month, where it is given.
    """
    facts = economy.facts
    size, e = economy.basket.shape[0], economy.basket.shape[2]
    world = World.empty(size, facts.months, e)
    plant = Plants(economy, start)
    for _ in range(round(rest_years / REST_STEP)):
        plant.settle(0, economy.trade_before(), REST_STEP)
    for month in range(facts.months):
        plant.capacity = plant.capacity * facts.revision[month]  # a market found larger had larger plant
        world.habit[:, month] = plant.lag
        world.capacity[:, month] = _by_region(economy, plant.capacity)
        if plants is not None:
            plants[:, month] = plant.capacity
        world.china[:, month], world.outside[:, month], world.output_china[:, month] = plant.step(month)
    return world


def _by_region(economy: Economy, capacity: Floats) -> Floats:
    """Return what plants in China and outside could yield of the first material (N, 2)."""
    yields = capacity * economy.basket[..., 0]
    outside = economy.facts.outside
    return np.stack([yields[:, ~outside].sum(axis=1), yields[:, outside].sum(axis=1)], axis=1)


def _standing(economy: Economy, month: int) -> Floats:
    return np.maximum(economy.facts.capacity[month], SMALLEST * economy.limit)


def _learn(economy: Economy, lag: Floats, price: Floats, years: float, *, resting: bool = False) -> Floats:
    """Return the thrifting price after `years`: it follows the price with the lag `thrift_years`.

    A market that is `resting` moves in long steps: by no more of the way in one than short over long elasticity, or
    use would overshoot and swing for ever.
    """
    weight = 1 - np.exp(-years / economy.draws["thrift_years"])[:, None]
    if resting:
        weight = np.minimum(weight, economy.short_run / np.maximum(economy.long_run, economy.short_run))
    return np.exp(np.log(lag) + weight * (np.log(price) - np.log(lag)))


def _trend(economy: Economy) -> Floats:
    """Return the growth of demand a year that investors see (T, N, 1): the mean of the last `trend_years`.

    Years before the first month grew by `demand_growth_before`. What was only a revision of the scale is no growth.
    """
    facts, draws = economy.facts, economy.draws
    log = np.log(facts.demand_china[..., 0] + facts.demand_outside[..., 0])
    log = log - np.cumsum(np.log(facts.revision[..., 0]), axis=0)
    log = np.broadcast_to(log.reshape(len(log), -1), (len(log), draws.size))
    back = np.arange(len(log))[:, None] - draws["trend_years"] / facts.step
    first = np.maximum(np.floor(back), 0).astype(int)
    column, share = np.arange(draws.size), np.where(back > 0, back - np.floor(back), 0.0)
    then = (1 - share) * log[first, column] + share * log[np.minimum(first + 1, len(log) - 1), column]
    before = draws["demand_growth_before"] * np.maximum(-back, 0.0) * facts.step
    return ((log - then + before) / draws["trend_years"])[..., None]


class Plants:
    """The state that grows: capacity, lagged margin, lagged price.

    It starts from `start` (N, K), else from what stood in the first month; with `habit` (N, E) thrift starts there and
    the margin at what plants earn at first, else both start at rest.
    """

    def __init__(self, economy: Economy, start: Floats | None = None, habit: Floats | None = None) -> None:
        self.economy = economy
        facts, draws = economy.facts, economy.draws
        self.reference_share = draws["reference_share"][:, None] * economy.limit
        self.seed = draws["seed_share"][:, None] * economy.limit
        self.capacity = np.maximum(
            _standing(economy, 0) if start is None else start,
            np.where(facts.opens <= 0, self.seed, SMALLEST * economy.limit),
        )
        self.margin = None if habit is not None else np.zeros_like(self.capacity)
        self.trend = _trend(economy)
        self.lag = economy.reference if habit is None else habit
        self.found = Cleared.guess(self.lag)
        self.settling = False
        self.gestation = _Gestation(economy)

    def settle(self, month: int, trade: Trade, years: float) -> Cleared:
        """Move plants and habits on by so many years at a month's conditions and the given terms of trade.

        Nothing grows. Return the market as it cleared before plants moved.
        """
        *_, decided = self._cleared(month, years, np.zeros_like(self.trend[0]), trade, resting=True)
        self.settling = True
        self._build(month, decided, years)
        return self.found

    def step(self, month: int) -> tuple[Floats, Floats, Floats]:
        """Clear a month, move plants and habits on by it; return both prices and China's output (N, E)."""
        china, outside, output, decided = self._cleared(
            month, self.economy.facts.step, self.trend[month], self.economy.trade(month)
        )
        self._build(month, self.gestation.ripe(month, decided), self.economy.facts.step)
        return china, outside, output

    def _cleared(
        self, month: int, years: float, trend: Floats, trade: Trade, *, resting: bool = False
    ) -> tuple[Floats, Floats, Floats, Floats]:
        """Return both prices and China's output (N, E), and the growth a year they make investors decide (N, K)."""
        economy, facts, draws = self.economy, self.economy.facts, self.economy.draws
        scale = self.capacity / np.maximum(facts.capacity[month], self.reference_share)
        running, full = economy.unit_cost(month, scale)
        net = economy.net_supply(month, self.capacity, running, self.lag)
        self.found = found = clear(net, trade, self.found, as_before=resting and self.settling)
        self.lag = _learn(economy, self.lag, found.ex_china, years, resting=resting)
        revenue = self._revenue(month, found.china, found.ex_china)
        weight = 1 - np.exp(-years / draws["investment_lag"])[:, None]
        earned = np.log(revenue / full)
        self.margin = margin = earned if self.margin is None else self.margin + weight * (earned - self.margin)
        pull = draws["investment_speed"][:, None] * (margin - draws["investment_threshold"][:, None])
        pull = pull + draws["foresight"][:, None] * trend
        decided = np.clip(pull, -draws["closure_rate"][:, None], draws["build_rate"][:, None])
        return found.china, found.ex_china, net.output_china(found.china), decided

    def _revenue(self, month: int, china: Floats, outside: Floats) -> Floats:
        facts = self.economy.facts
        price = np.where(facts.outside[None, :, None], outside[:, None, :], china[:, None, :])
        revenue = np.einsum("nke,nke->nk", price, self.economy.basket)
        return revenue * (1 - facts.royalty[month]) + facts.credit[month]

    def _build(self, month: int, rate: Floats, years: float) -> None:
        base = np.where(rate > 0, np.maximum(self.capacity, self.seed), self.capacity)
        grown = self.capacity + rate * base * years
        most = self.economy.limit
        open_now = self.economy.facts.opens[None, :] <= month
        self.capacity = np.where(open_now, np.clip(grown, SMALLEST * most, most), self.capacity)


class _Gestation:
    """Decisions to build or close on their way to standing plant."""

    def __init__(self, economy: Economy) -> None:
        draws, (size, sources) = economy.draws, economy.limit.shape
        self.months = draws["gestation_years"] / economy.facts.step
        self.before = np.tile(draws["growth_before"][:, None], (1, sources))
        self.decided = np.empty((economy.facts.months if self.months.any() else 0, size, sources))

    def ripe(self, month: int, decided: Floats) -> Floats:
        """Return the growth that takes effect this month (N, K), given what is decided in it; months interpolate."""
        if not len(self.decided):
            return decided
        self.decided[month] = decided
        due = month - self.months
        first = np.floor(due).astype(int)
        share = (due - first)[:, None]
        return (1 - share) * self._of(first) + share * self._of(np.minimum(first + 1, month))

    def _of(self, month: Floats) -> Floats:
        return np.where((month < 0)[:, None], self.before, self.decided[np.maximum(month, 0), np.arange(len(month))])
