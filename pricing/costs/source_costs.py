"""SourceCosts: what the market model needs to know of one supply source's cost, per kg REO."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pricing.costs.factors import FactorPrices
from pricing.costs.model import CostModel
from pricing.costs.normal_value import Variant, normal_value, variants_of
from pricing.costs.route import Route
from pricing.costs.stack import Component, CostStack
from pricing.market.supply import SupportSet
from pricing.materials import Material

Floats = np.ndarray

# the variant that still holds the support a set takes out
_BEFORE = {
    SupportSet.EXPLICIT: Variant.EXPLICIT,
    SupportSet.FINANCING: Variant.FINANCING,
    SupportSet.MARKET_ECONOMY: Variant.MARKET_ECONOMY,
}


TERMS = (
    *("cash_cost", "capital_charge", "environment", "environment_unpaid"),
    *("support", "co_product_credit", "royalty_rate"),
)


@dataclass(frozen=True)
class SourceCosts:
    """Cost of one supply source, arrays (T,) in real USD of the base month per kg REO.

    `cash_cost`, `capital_charge` and `environment` are undistorted; `support[s]` is what support set `s` takes off
    them, cumulative; `environment_unpaid` is the part of `environment` not spent today. Cash cost holds SG&A and
    the return on working capital, not royalty. `basket` is kg of separated oxide per kg REO, after recovery.
    """

    name: str
    cash_cost: Floats
    capital_charge: Floats
    environment: Floats
    environment_unpaid: Floats
    support: Mapping[SupportSet, Floats]
    co_product_credit: Floats
    royalty_rate: Floats
    basket: Mapping[Material, float]

    @property
    def terms(self) -> dict[str, Any]:
        """Return what a market's source holds of these costs, by the field's name."""
        return {name: getattr(self, name) for name in TERMS}

    @property
    def undistorted(self) -> Floats:
        """Return cash, capital and environment less the co-product credit, before royalty (T,)."""
        return self.cash_cost + self.capital_charge + self.environment - self.co_product_credit


def route_costs(route: Route, model: CostModel, prices: FactorPrices, deflator: Floats) -> SourceCosts:
    """Return the costs of one route as a source; `deflator` (T,) is 1 in the base month."""
    support, values = model.support(), model.by_product_values()
    stacks = {v: normal_value(route, prices, v, support, values) for v in variants_of(route)}
    whole = stacks[variants_of(route)[-1]]
    environment = whole.component(Component.ENVIRONMENT)
    paid = stacks[variants_of(route)[0]].component(Component.ENVIRONMENT)
    outside = whole.component(Component.CAPITAL) + environment + whole.component(Component.ROYALTY)
    credit = -whole.component(Component.BY_PRODUCT_CREDIT)
    return SourceCosts(
        name=route.name,
        cash_cost=(whole.total - outside + credit) / deflator,
        capital_charge=whole.component(Component.CAPITAL) / deflator,
        environment=environment / deflator,
        environment_unpaid=(environment - paid) / deflator,
        support={s: taken_off(stacks, s) / deflator for s in SupportSet},
        co_product_credit=credit / deflator,
        royalty_rate=prices.royalty_rate[route.royalty_country],
        basket=route.basket,
    )


def source_costs(
    model: CostModel, route: Callable[[str], Route], prices: FactorPrices, deflator: Floats
) -> dict[str, SourceCosts]:
    """Return the costs of each supply source of a model, arrays (T,); `route` gives a route by its name."""
    routes = {name: route_costs(route(name), model, prices, deflator) for name in model.route_names}
    return {
        name: blended(name, [routes[part] for part in parts], model.route_tonnes(name))
        for name, parts in model.structure["market_sources"].items()
    }


def taken_off(stacks: Mapping[Variant, CostStack], chosen: SupportSet) -> Floats:
    """Return what a support set takes off the undistorted cost (T,), royalty and environment apart."""
    if Variant.UNDISTORTED in stacks:
        return np.zeros_like(stacks[Variant.UNDISTORTED].total)
    return _cost(stacks[_BEFORE[chosen]]) - _cost(stacks[Variant.AS_REPORTED])


def blended(name: str, parts: Sequence[SourceCosts], tonnes: Sequence[float]) -> SourceCosts:
    """Return several routes as one source, weighted by tonnes REO; the royalty is the weighted rate."""
    weights = np.asarray(tonnes, dtype=float) / np.sum(tonnes)

    def mean(field: str) -> Floats:
        return np.sum([w * getattr(part, field) for w, part in zip(weights, parts, strict=True)], axis=0)

    fields = ("cash_cost", "capital_charge", "environment", "environment_unpaid", "co_product_credit", "royalty_rate")
    return SourceCosts(
        name=name,
        **{field: mean(field) for field in fields},
        support={
            s: np.sum([w * p.support[s] for w, p in zip(weights, parts, strict=True)], axis=0) for s in SupportSet
        },
        basket={m: float(sum(w * p.basket[m] for w, p in zip(weights, parts, strict=True))) for m in Material},
    )


def _cost(stack: CostStack) -> Floats:
    apart = (Component.ROYALTY, Component.ENVIRONMENT, Component.BY_PRODUCT_CREDIT)
    return np.sum([value for (_, component), value in stack.parts.items() if component not in apart], axis=0)
