"""Normal value: factors x undistorted prices, plus overhead, capital, royalty, environment, less by-products.

The arithmetic is that of anti-dumping law (WTO Anti-Dumping Agreement, art. 2.2; Regulation (EU) 2016/1036, art.
2(6a)): cost of production at undistorted prices plus SG&A and a reasonable profit. Profit enters once, as the
required return on plant (capital charge) and on working capital (with SG&A).

Variants: `undistorted` for a route outside China. For a route with steps in China the state's support is taken out
cumulatively: `as_reported` (net of grants and tax concessions, abatement only as far as it is paid), `explicit`,
`financing`, `market_economy`; from `explicit` on, abatement stands at the ex-China standard.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

import numpy as np

from pricing.costs.capital import charge_factor
from pricing.costs.factors import Factor, FactorPrices, Floats, component_of
from pricing.costs.route import Route, Step
from pricing.costs.stack import Component, CostStack, Stage
from pricing.costs.support import Support
from pricing.errors import DataError

CHINA = "china"
Parts = dict[tuple[Stage, Component], Floats]


class Variant(StrEnum):
    """Which support has been taken out of a cost; each Chinese variant contains the one before."""

    UNDISTORTED = "undistorted"
    AS_REPORTED = "as_reported"
    EXPLICIT = "explicit"
    FINANCING = "financing"
    MARKET_ECONOMY = "market_economy"


CHINESE_VARIANTS = (Variant.AS_REPORTED, Variant.EXPLICIT, Variant.FINANCING, Variant.MARKET_ECONOMY)


def variants_of(route: Route) -> tuple[Variant, ...]:
    """Return the variants a route has: four with a step in China, else one."""
    return CHINESE_VARIANTS if CHINA in route.countries else (Variant.UNDISTORTED,)


def normal_value(
    route: Route, prices: FactorPrices, variant: Variant, support: Support, by_product_values: Mapping[str, float]
) -> CostStack:
    """Return the cost stack of a route in nominal USD per kg REO, parts (T,).

    `by_product_values` are stated constants, USD per kg in the money year; NdPr, Dy and Tb are not in them.
    """
    if variant not in variants_of(route):
        msg = f"{route.name} has no variant {variant}; it has {', '.join(variants_of(route))}."
        raise DataError(msg)
    parts: Parts = {}
    for step in route.steps:
        add_all(parts, operating_parts(route, step, prices))
        add(parts, step.stage, Component.ENVIRONMENT, environment(step, prices, variant))
        add(parts, step.stage, Component.CAPITAL, capital_charge(route, step, prices, support, variant))
    add(parts, Stage.WHOLE, Component.SGA_PROFIT, overhead(route, prices, parts))
    add_all(parts, support_parts(route, prices, support, variant))
    rate = prices.royalty_rate[route.royalty_country]
    add(parts, Stage.MINING, Component.ROYALTY, rate / (1 - rate) * np.sum(list(parts.values()), axis=0))
    credit = sum(kg * by_product_values[name] for name, kg in route.by_products.items())
    add(parts, Stage.WHOLE, Component.BY_PRODUCT_CREDIT, -credit * prices.price_level)
    return CostStack(route.name, variant.value, "REO", "nominal USD", parts)


def operating_parts(route: Route, step: Step, prices: FactorPrices) -> Parts:
    """Return labour, energy, reagents and other opex of one step (T,); labour and other opex are fixed with plant."""
    parts: Parts = {}
    for factor, quantity in step.inputs.items():
        fixed = route.utilisation if factor is Factor.LABOUR else 1.0
        price = route.opex_level * prices.price(step.country, factor)
        add(parts, step.stage, component_of(factor), quantity / fixed * price)
    other = route.opex_level * step.other_opex / route.utilisation
    add(parts, step.stage, Component.OTHER_OPEX, other * prices.price_level)
    return parts


def environment(step: Step, prices: FactorPrices, variant: Variant) -> Floats:
    """Return abatement at the ex-China standard and damage where counted (T,); as reported, the abatement paid."""
    if variant is Variant.AS_REPORTED:
        return (1 - prices.environment_unpaid[step.country]) * step.environment * prices.price_level
    return (step.environment + step.damage) * prices.price_level


def capital_charge(route: Route, step: Step, prices: FactorPrices, support: Support, variant: Variant) -> Floats:
    """Return the capital charge of one step (T,): at market-economy cost, or as the Chinese state provides it."""
    state = step.country == CHINA and variant is not Variant.MARKET_ECONOMY
    rate = prices.state_return if state else prices.required_return[route.risk_country(step)]
    undistorted = support.undistorted_plant_cost if step.country == CHINA else 1.0
    capex = step.capex * (support.plant_cost_ratio if state else undistorted)
    return capex * prices.price_level * charge_factor(rate, route.plant_life, route.build) / route.utilisation


def overhead(route: Route, prices: FactorPrices, parts: Parts) -> Floats:
    """Return SG&A and the return on working capital (T,), on the operating cost among the parts."""
    operating = (Component.LABOUR, Component.ENERGY, Component.REAGENTS, Component.OTHER_OPEX)
    opex = np.sum([value for (_, component), value in parts.items() if component in operating], axis=0)
    at_work = prices.required_return[route.risk_country(route.steps[-1])]
    return np.asarray(opex * (route.sga + route.working_capital * at_work))


def support_parts(route: Route, prices: FactorPrices, support: Support, variant: Variant) -> Parts:
    """Return what a variant adds for support taken out; grants still received stand as a negative line.

    Shares are of revenue at normal value, so that no market price enters, and only on what is made in China.
    """
    parts: Parts = {}
    if variant is Variant.UNDISTORTED:
        return parts
    revenue = revenue_in_china(route, prices, support)
    if variant is Variant.AS_REPORTED:
        add(parts, Stage.WHOLE, Component.SGA_PROFIT, -support.explicit * revenue)
        return parts
    if variant is Variant.EXPLICIT:
        return parts
    added = support.financing * revenue
    rest = 1 - support.credit_part - support.energy_part
    add(parts, Stage.WHOLE, Component.ENERGY, support.energy_part * added)
    add(parts, Stage.WHOLE, Component.OTHER_OPEX, rest * added)
    if variant is Variant.FINANCING:
        add(parts, Stage.WHOLE, Component.CAPITAL, support.credit_part * added)
    return parts


def revenue_in_china(route: Route, prices: FactorPrices, support: Support) -> Floats:
    """Return the revenue at normal value that the steps in China account for (T,), USD per kg REO."""
    total = np.zeros_like(prices.price_level)
    for step in route.steps:
        if step.country == CHINA:
            operating = np.sum(list(operating_parts(route, step, prices).values()), axis=0)
            capital = capital_charge(route, step, prices, support, Variant.MARKET_ECONOMY)
            total = total + operating + capital + step.environment * prices.price_level
    return total


def add(parts: Parts, stage: Stage, component: Component, value: Floats) -> None:
    """Add a value (T,) to one part, making the part when it is not there yet."""
    parts[stage, component] = parts.get((stage, component), 0.0) + np.asarray(value, dtype=float)


def add_all(parts: Parts, more: Parts) -> None:
    """Add every part of `more` to the parts."""
    for (stage, component), value in more.items():
        add(parts, stage, component, value)
