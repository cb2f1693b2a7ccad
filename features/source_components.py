"""What each supply source spends on each component of its cost stack, at actual and at steady exchange rates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from features.cost_drivers import Vintage
from features.costs import cost_model_of, monthly_drivers
from features.dataset import Dataset
from pricing.costs.model import CostModel
from pricing.costs.normal_value import normal_value, variants_of
from pricing.costs.price_paths import Drivers
from pricing.explain.changes import ComponentCosts
from pricing.explain.lines import SPENT

Floats = np.ndarray


def component_costs(
    dataset: Dataset, months: Sequence[str], vintage: Vintage, sources: Sequence[str]
) -> ComponentCosts:
    """Return the undistorted costs of the sources by component (T, K, C), real USD of the base month per kg REO."""
    model = cost_model_of(dataset)
    drivers = monthly_drivers(dataset, months, vintage, model)
    steady = replace(model, structure={**model.structure, "follows": _without_rates(model.structure["follows"])})
    actual, still = (_by_source(each, drivers, sources) for each in (model, steady))
    return ComponentCosts(actual, still)


def _without_rates(follows: Mapping[str, Any]) -> dict[str, Any]:
    """Return the rules that prices follow with exchange rates held where they stood in each rule's base year."""
    return {
        factor: {
            country: [{key: value for key, value in rule.items() if key != "fx"} for rule in rules]
            for country, rules in countries.items()
        }
        for factor, countries in follows.items()
    }


def _by_source(model: CostModel, drivers: Drivers, sources: Sequence[str]) -> Floats:
    prices, support, values = model.factor_prices(drivers), model.support(), model.by_product_values()
    deflator = model.deflator(drivers)

    def spent(name: str) -> Floats:
        route = model.route(name)
        stack = normal_value(route, prices, variants_of(route)[-1], support, values)
        return np.stack([stack.component(component) for component in SPENT], axis=-1) / deflator[:, None]

    def of_source(name: str) -> Floats:
        routes = list(model.structure["market_sources"][name])
        weights = np.asarray(model.route_tonnes(name))
        return np.tensordot(weights / weights.sum(), np.stack([spent(route) for route in routes]), axes=1)

    return np.stack([of_source(name) for name in sources], axis=1)
