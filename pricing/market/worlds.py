"""Worlds: the market month by month, with plants as they stood or with plants as margins would have built them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pricing.market.clearing import clear
from pricing.market.economy import Economy

Floats = np.ndarray

MONTH = 1 / 12  # years
SPIN_UP_STEP = 0.5  # years
SPIN_UP_STEPS = 40
SMALLEST = 1e-6  # of a source's limit, so that an absent plant keeps a price


@dataclass(frozen=True)
class World:
    """Real prices in each region (N, T, E) and the lagged price that thrifting answers (N, T, E)."""

    china: Floats
    outside: Floats
    habit: Floats


def as_built(economy: Economy, habit: Floats | None = None) -> World:
    """Return the world with the capacities that stood in each month, under the economy's switches.

    With `habit` (N, T, E) demand has the thrift that another world taught it; without, it learns from this one.
    """
    facts = economy.facts
    size, e = economy.basket.shape[0], economy.basket.shape[2]
    shape = (size, facts.months, e)
    china, outside, habits = np.empty(shape), np.empty(shape), np.empty(shape)
    price = np.tile(facts.reference, (size, 1))
    lag = np.tile(facts.reference, (size, 1))
    for month in range(facts.months):
        current = lag if habit is None else habit[:, month]
        capacity = _standing(economy, month)
        running, _ = economy.unit_cost(month)
        found = clear(economy.net_supply(month, capacity, running, current), economy.trade(month), price)
        price, china[:, month], outside[:, month], habits[:, month] = found.china, found.china, found.ex_china, current
        lag = _learn(economy, lag, found.ex_china, MONTH)
    return World(china, outside, habits)


def as_grown(economy: Economy) -> World:
    """Return the world whose plants margins built, from a long rest at the first month's conditions.

    Capacity grows by `investment_speed` x (lagged log of revenue over full cost - `investment_threshold`), a year,
    between `closure_rate` and `build_rate`, on the plant that stands or, where none does, on a seed of the limit.
    """
    facts = economy.facts
    size, e = economy.basket.shape[0], economy.basket.shape[2]
    shape = (size, facts.months, e)
    china, outside, habits = np.empty(shape), np.empty(shape), np.empty(shape)
    plant = _Plant(economy)
    for _ in range(SPIN_UP_STEPS):
        plant.step(0, SPIN_UP_STEP, ease=True)
    for month in range(facts.months):
        habits[:, month] = plant.lag
        china[:, month], outside[:, month] = plant.step(month, MONTH)
    return World(china, outside, habits)


def _standing(economy: Economy, month: int) -> Floats:
    size = economy.basket.shape[0]
    return np.tile(np.maximum(economy.facts.capacity[month], SMALLEST * economy.facts.limit), (size, 1))


def _learn(economy: Economy, lag: Floats, price: Floats, years: float) -> Floats:
    """Return the thrifting price after `years`: it follows the price with the lag `thrift_years`."""
    weight = 1 - np.exp(-years / economy.draws["thrift_years"])[:, None]
    return np.exp(np.log(lag) + weight * (np.log(price) - np.log(lag)))


class _Plant:
    """The state that grows: capacity, lagged margin, lagged price."""

    def __init__(self, economy: Economy) -> None:
        self.economy = economy
        facts, draws = economy.facts, economy.draws
        size = economy.basket.shape[0]
        self.reference_share = draws["reference_share"][:, None] * facts.limit
        self.seed = draws["seed_share"][:, None] * facts.limit
        self.capacity = np.maximum(_standing(economy, 0), np.where(facts.opens <= 0, self.seed, SMALLEST * facts.limit))
        self.margin = np.zeros_like(self.capacity)
        self.lag = np.tile(facts.reference, (size, 1))
        self.price = np.tile(facts.reference, (size, 1))

    def step(self, month: int, years: float, *, ease: bool = False) -> tuple[Floats, Floats]:
        """Clear one month, then let plants and habits move on by `years`; return both prices (N, E)."""
        economy, facts, draws = self.economy, self.economy.facts, self.economy.draws
        scale = self.capacity / np.maximum(facts.capacity[month], self.reference_share)
        running, full = economy.unit_cost(month, scale)
        net = economy.net_supply(month, self.capacity, running, self.lag)
        found = clear(net, economy.trade(month), self.price)
        self.price = found.china
        self.lag = _learn(economy, self.lag, found.ex_china, years)
        revenue = self._revenue(month, found.china, found.ex_china)
        weight = 1 - np.exp(-years / (draws["investment_lag"] * (0.5 if ease else 1.0)))[:, None]
        self.margin += weight * (np.log(revenue / full) - self.margin)
        self._build(month, years)
        return found.china, found.ex_china

    def _revenue(self, month: int, china: Floats, outside: Floats) -> Floats:
        facts = self.economy.facts
        price = np.where(facts.outside[None, :, None], outside[:, None, :], china[:, None, :])
        revenue = np.einsum("nke,nke->nk", price, self.economy.basket)
        return revenue * (1 - facts.royalty[month]) + facts.credit[month]

    def _build(self, month: int, years: float) -> None:
        facts, draws = self.economy.facts, self.economy.draws
        pull = draws["investment_speed"][:, None] * (self.margin - draws["investment_threshold"][:, None])
        rate = np.clip(pull, -draws["closure_rate"][:, None], draws["build_rate"][:, None])
        base = np.where(rate > 0, np.maximum(self.capacity, self.seed), self.capacity)
        grown = self.capacity + rate * base * years
        open_now = facts.opens[None, :] <= month
        self.capacity = np.where(open_now, np.clip(grown, SMALLEST * facts.limit, facts.limit), self.capacity)
