"""What a fair price is made of, month by month: the cost of the sources that supply it, and what the price adds to it.

The fair price is a simulated equilibrium, so its month is opened with an identity that holds in every draw. Per kg of
rare-earth oxide, and with sources weighted by how much of the material each of them makes,

    price = cost x (revenue / cost) x (price / revenue):

the full cost of the sources, the margin of their revenue over it (demand against the plant that stands), and what a kg
of the material fetches beside all that its sources sell (co-products, by-product credits, royalty). Means over
draws are taken in logs, as the published price is, so that the identity holds for them too. What demand and news did is
found by clearing the month again without them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from pricing.market.clearing import Cleared, clear
from pricing.market.economy import Economy
from pricing.market.worlds import World

Floats = np.ndarray

BUCKETS = ("cash", "environment", "capital")  # of a source's cost
# A month with the demand of the month before, before its news, before its lesson, and with all three.
STILL, UNHEARD, UNLEARNED, NOW = range(4)
SIZES = ("demand_china", "demand_outside", "scrap_china", "scrap_outside", "years")  # facts that make up demand


@dataclass(frozen=True)
class FairStack:
    """Real USD per kg REO and ratios, of every month in four states (T, 4, ...), by material (E) and source (K).

    STILL: the month's costs and plants with demand, scrap and thrift of the month before, draws weighted as then.
    UNHEARD: with the month's demand, without what its news did to the size of the market. UNLEARNED: with the news.
    NOW: draws weighted by all evidence of the month. Where nothing was heard or learned the last states are the same.
    """

    materials: tuple[str, ...]
    sources: tuple[str, ...]
    cost: Floats  # (T, 4, E)
    margin: Floats  # (T, 4, E) revenue over cost
    share: Floats  # (T, 4, E) price over revenue, kg REO per kg of the material
    spent: Floats  # (T, 4, E, K, B) share of the cost by source and bucket
    rise: Floats  # (T, 4, K) factor on a source's cost for the tonnes beyond today's size
    demand: Floats  # (T, E) t a year wanted at the reference price
    capacity: Floats  # (T, E) t a year that plants could yield
    learned: Floats  # (T,) bool, months from which draws are weighed anew


def fair_stack(economy: Economy, world: World, plants: Floats, weight: Floats, news: Floats) -> FairStack:
    """Return the stack of a grown world: `plants` (N, T, K) is what stood, `weight` (N, T) what each draw weighs.

    `news` (T, E) is the factor by which a month's news moved the demand of the month before, one without news.
    """
    opened = _Opened(economy, world, plants, weight, news)
    months = [opened.month(t) for t in range(economy.facts.months)]

    def gathered(field: str) -> Floats:
        return np.stack([np.stack([getattr(state, field) for state in month.states]) for month in months])

    facts = economy.facts
    return FairStack(
        materials=facts.materials,
        sources=facts.names,
        cost=gathered("cost"),
        margin=gathered("margin"),
        share=gathered("share"),
        spent=gathered("spent"),
        rise=gathered("rise"),
        demand=np.stack([month.demand for month in months]),
        capacity=np.stack([month.capacity for month in months]),
        learned=np.array([opened.learned(t) for t in range(facts.months)]),
    )


@dataclass(frozen=True)
class _State:
    """The means over draws of one state of one month."""

    cost: Floats
    margin: Floats
    share: Floats
    spent: Floats
    rise: Floats


@dataclass(frozen=True)
class _Month:
    """The states of one month, and its quantities."""

    states: tuple[_State, ...]
    demand: Floats
    capacity: Floats


@dataclass(frozen=True)
class _Cleared:
    """One cleared month of every draw: output, revenue and costs by source (N, K), and price."""

    made: Floats
    revenue: Floats
    running: Floats
    full: Floats
    price: Floats  # (N, E), delivered outside China


@dataclass(frozen=True)
class _Opened:
    """A grown world, opened month by month."""

    economy: Economy
    world: World
    plants: Floats
    weight: Floats
    news: Floats

    def learned(self, t: int) -> bool:
        """Return whether draws are weighed anew from a month on."""
        return bool(t and np.any(self.weight[:, t] != self.weight[:, t - 1]))

    def month(self, t: int) -> _Month:
        """Return a month in its four states."""
        facts, habit, plant = self.economy.facts, self.world.habit[:, t], self.plants[:, t]
        prices = (self.world.china[:, t], self.world.outside[:, t])
        now, before = self.weight[:, t], self.weight[:, max(t - 1, 0)]
        seen = self._opened(self.economy, t, plant, habit, prices)
        last = self._state(seen, t, now)
        unlearned = self._state(seen, t, before) if self.learned(t) else last
        unheard, smaller = unlearned, plant / facts.revision[t]
        if np.any(self.news[t] != 1):
            unheard = self._state(self._again(self._with_demand(t, t, self.news[t]), t, smaller, habit), t, before)
        still = unheard
        if t:
            earlier = self.world.habit[:, t - 1]
            still = self._state(self._again(self._with_demand(t, t - 1, 1.0), t, smaller, earlier), t, before)
        return _Month((still, unheard, unlearned, last), *self._quantities(t, now))

    def _with_demand(self, t: int, of: int, news: Floats | float) -> Economy:
        """Return the economy with the demand of month `of`, and the scrap that use returns, less news, in month t."""
        facts = self.economy.facts
        moved = {name: getattr(facts, name).copy() for name in SIZES}
        for name, values in moved.items():
            values[t] = values[of] if name == "years" else values[of] / news
        return replace(self.economy, facts=replace(facts, **moved))

    def _again(self, economy: Economy, t: int, plant: Floats, habit: Floats) -> _Cleared:
        """Return a month cleared anew, with another plant and another demand."""
        running, _ = economy.unit_cost(t, self._scale(t, plant))
        net = economy.net_supply(t, plant, running, habit)
        found = clear(net, economy.trade(t), Cleared.guess(self.world.china[:, t]))
        return self._opened(economy, t, plant, habit, (found.china, found.ex_china))

    def _opened(
        self, economy: Economy, t: int, plant: Floats, habit: Floats, prices: tuple[Floats, Floats]
    ) -> _Cleared:
        facts, (china, outside) = economy.facts, prices
        running, full = economy.unit_cost(t, self._scale(t, plant))
        net = economy.net_supply(t, plant, running, habit)
        made = np.empty_like(plant)
        made[:, ~facts.outside], _ = net.china.output(china, slice(None))
        made[:, facts.outside], _ = net.outside.output(outside, slice(None))
        price = np.where(facts.outside[None, :, None], outside[:, None, :], china[:, None, :])
        revenue = (price * economy.basket).sum(axis=2) * (1 - facts.royalty[t]) + facts.credit[t]
        return _Cleared(made, revenue, running, full, outside)

    def _scale(self, t: int, plant: Floats) -> Floats:
        """Return a plant over the size at which its cost study holds (N, K)."""
        reference = self.economy.draws["reference_share"][:, None] * self.economy.limit
        return plant / np.maximum(self.economy.facts.capacity[t], reference)

    def _state(self, seen: _Cleared, t: int, weight: Floats) -> _State:
        each = seen.made[:, :, None] * self.economy.basket  # (N, K, E) kg of the material
        part = (each / each.sum(axis=1, keepdims=True)).transpose(0, 2, 1)  # (N, E, K)
        full = part * seen.full[:, None, :]
        cost, revenue = full.sum(axis=2), (part * seen.revenue[:, None, :]).sum(axis=2)
        rise, buckets = self._buckets(seen, t)
        spent = full[..., None] * buckets[:, None] / cost[..., None, None]
        return _State(
            cost=_log_mean(cost, weight),
            margin=_log_mean(revenue / cost, weight),
            share=_log_mean(seen.price / revenue, weight),
            spent=np.tensordot(weight, spent, axes=1),
            rise=_log_mean(rise, weight),
        )

    def _buckets(self, seen: _Cleared, t: int) -> tuple[Floats, Floats]:
        """Return the rise of each source's cost (N, K), and the share of each bucket in its full cost (N, K, B)."""
        economy = self.economy
        rise = seen.full / economy.unit_cost(t)[1]
        capital = (seen.full - seen.running) / (1 - economy.draws["running_capital_share"][:, None])
        green = economy.draws["environment_factor"][:, None] * economy.facts.environment[t] * rise
        parts = np.stack([seen.full - green - capital, green, capital], axis=-1)
        return rise, parts / seen.full[..., None]

    def _quantities(self, t: int, weight: Floats) -> tuple[Floats, Floats]:
        economy, facts = self.economy, self.economy.facts
        running, _ = economy.unit_cost(t)
        net = economy.net_supply(t, self.plants[:, t], running, self.world.habit[:, t])
        wanted = (net.china.demand + net.outside.demand) * facts.reference**-economy.short_run
        could = (self.plants[:, t, :, None] * economy.basket).sum(axis=1)
        return _log_mean(wanted, weight), _log_mean(could, weight)


def _log_mean(values: Floats, weight: Floats) -> Floats:
    """Return the mean in logs of values (N, ...) over draws."""
    return np.exp(np.tensordot(weight, np.log(values), axes=1))
