"""Conditions: costs, policy, demand and plant of one moment under pushes, as the solver needs them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from pricing.costs.factors import Factor, FactorPrices
from pricing.costs.model import CostModel
from pricing.costs.normal_value import CHINA
from pricing.costs.price_paths import Drivers
from pricing.costs.route import Route
from pricing.costs.source_costs import SourceCosts, source_costs
from pricing.market.facts import Facts
from pricing.market.supply import SupportSet
from pricing.scenarios.base import ScenarioBase
from pricing.scenarios.pushes import Push, Pushes
from pricing.scenarios.reading import BY_MATERIAL, BY_SOURCE, MONEY
from pricing.scenarios.targets import IMPORT_TARIFF, Target

Floats = np.ndarray
OF_COSTS = ("parameter", "series", "price", "royalty", "unpaid", "stage")


@dataclass(frozen=True)
class CostsNow:
    """The cost side of one moment."""

    model: CostModel
    drivers: Drivers  # (1,)
    prices: FactorPrices
    stages: Mapping[tuple[str, str], float]  # by stage and region, times what the routes say

    def route(self, name: str) -> Route:
        """Return a route, its stages pushed."""
        return staged(self.model.route(name), self.stages)

    def by_source(self) -> dict[str, SourceCosts]:
        """Return what each supply source costs, real USD/kg REO (1,)."""
        return source_costs(self.model, self.route, self.prices, self.model.deflator(self.drivers))


@dataclass(frozen=True)
class Conditions:
    """What holds at one moment. `facts` (T = 1); capacity is pushed by source, exports cut by material."""

    facts: Facts
    costs: CostsNow
    capacity: tuple[Push, ...]  # (K,) on the plant that stands
    export_cut: Floats  # (E,) share
    floor_paid: Floats  # (E,) nominal USD/kg of floors that draw no supply
    tariffs: Mapping[str, float]  # of importers, by importer, stage and origin


def conditions(base: ScenarioBase, pushed: Pushes) -> Conditions:
    """Return what holds under pushes. With none it is the baseline, bit for bit."""
    changed = {target: push for target, push in pushed.items() if target[0] in OF_COSTS}
    costs = _costs(base, changed)
    facts = with_costs(base.facts, costs.by_source()) if changed else base.facts
    facts = _with_facts(facts, base, pushed)
    nil = np.zeros(len(facts.materials))
    cut, paid = nil.copy(), nil.copy()
    for e, material in enumerate(facts.materials):
        cut[e] = pushed.get(("export_cut", material), Push()).on(0.0)
        paid[e] = pushed.get(("floor_paid", material), Push()).on(0.0)
    capacity = tuple(pushed.get(("capacity", source), Push()) for source in facts.names)
    tariffs = {
        name: pushed.get((IMPORT_TARIFF, *name.split(".")), Push()).on(rate) for name, rate in base.tariffs.items()
    }
    return Conditions(facts, costs, capacity, cut, paid, tariffs)


def staged(route: Route, stages: Mapping[tuple[str, str], float]) -> Route:
    """Return a route whose steps cost what the pushed stages say."""
    steps = []
    for step in route.steps:
        times = stages.get((step.stage.name.lower(), "china" if step.country == CHINA else "ex_china"), 1.0)
        inputs = {factor: times * quantity for factor, quantity in step.inputs.items()}
        steps.append(replace(step, inputs=inputs, other_opex=times * step.other_opex, capex=times * step.capex))
    return replace(route, steps=tuple(steps))


def _costs(base: ScenarioBase, pushed: Pushes) -> CostsNow:
    values = {
        ".".join(target[1:]): push.on(base.costs.parameters.value(".".join(target[1:])))
        for target, push in pushed.items()
        if target[0] == "parameter"
    }
    series = {
        name: pushed[target].on(old) if (target := ("series", name)) in pushed else old
        for name, old in base.drivers.series.items()
    }
    model, drivers = base.costs.with_values(values), replace(base.drivers, series=series)
    stages = {(t[1], t[2]): push.factor for t, push in pushed.items() if t[0] == "stage"}
    return CostsNow(model, drivers, _pushed_prices(model.factor_prices(drivers), pushed), stages)


def _pushed_prices(prices: FactorPrices, pushed: Pushes) -> FactorPrices:
    def by_country(family: str, rates: Mapping[str, Floats]) -> dict[str, Floats]:
        return {c: pushed[family, c].on(rate) if (family, c) in pushed else rate for c, rate in rates.items()}

    def price(country: str, factor: Factor, old: Floats) -> Floats:
        push = pushed.get(("price", country, factor.value))
        return old if push is None else push.on(old)

    return replace(
        prices,
        prices={(country, factor): price(country, factor, old) for (country, factor), old in prices.prices.items()},
        royalty_rate=by_country("royalty", prices.royalty_rate),
        environment_unpaid=by_country("unpaid", prices.environment_unpaid),
    )


def costs_at(model: CostModel, drivers: Drivers) -> CostsNow:
    """Return the costs of a model where nothing is pushed."""
    return CostsNow(model, drivers, model.factor_prices(drivers), {})


def with_costs(facts: Facts, costs: Mapping[str, SourceCosts]) -> Facts:
    """Return the facts of one moment with these costs of their sources."""
    rows = [costs[name] for name in facts.names]
    return replace(
        facts,
        cash=np.stack([row.cash_cost for row in rows], axis=1),
        capital=np.stack([row.capital_charge for row in rows], axis=1),
        environment=np.stack([row.environment for row in rows], axis=1),
        unpaid=np.stack([row.environment_unpaid for row in rows], axis=1),
        credit=np.stack([row.co_product_credit for row in rows], axis=1),
        royalty=np.stack([row.royalty_rate for row in rows], axis=1),
        support=np.stack([np.stack([row.support[s] for row in rows], axis=1) for s in SupportSet]),
    )


def _with_facts(facts: Facts, base: ScenarioBase, pushed: Pushes) -> Facts:
    changed: dict[str, Any] = {}
    for target, push in pushed.items():
        place = _place(facts, target)
        if place is None:
            continue
        field, column = place
        values = np.array(changed.get(field, getattr(facts, field)))
        real = push.in_money(base.deflator) if target[0] in MONEY else push
        values[..., column] = real.on(values[..., column])
        changed[field] = values
    found = replace(facts, **changed)
    return _supported(found, pushed)


def _place(facts: Facts, target: Target) -> tuple[str, Any] | None:
    """Return the field of a target and its last index; None where it is none of the facts."""
    family = ".".join(target[:-1])
    if target == ("quota",):
        return "quota_share", slice(None)
    if target == ("illegal",):
        return "illegal", slice(None)
    if family in BY_MATERIAL:
        return BY_MATERIAL[family], facts.materials.index(target[-1])
    if family in (*BY_SOURCE, "limit"):
        return family, facts.names.index(target[-1])
    return None


def _supported(facts: Facts, pushed: Pushes) -> Facts:
    """Return facts whose support sets take off more or less; each set's own part is pushed, then they cumulate."""
    own = np.diff(facts.support, axis=0, prepend=0.0)
    factors = [pushed.get(("support", support.value), Push()).factor for support in SupportSet]
    if all(factor == 1.0 for factor in factors):
        return facts
    return replace(facts, support=np.cumsum(own * np.array(factors)[:, None, None], axis=0))
