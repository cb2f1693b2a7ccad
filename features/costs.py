"""Normal value month by month: cost stacks by route and variant, and the costs of each supply source in real money."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

from features.cost_drivers import Vintage, read_drivers
from features.dataset import Dataset
from features.expert import FOLDER, load_expert
from pricing.costs.allocation import per_kg_ndpr
from pricing.costs.model import CostModel
from pricing.costs.normal_value import normal_value, variants_of
from pricing.costs.price_paths import Drivers
from pricing.costs.source_costs import SourceCosts
from pricing.costs.source_costs import source_costs as costs_of
from pricing.costs.stack import CostStack
from pricing.parameters import ParameterSet

FILES = (
    "factor_prices",
    "processes",
    "capital",
    "support",
    "taxes_and_environment",
    "co_products",
    "routes",
    "projects",
    "assumption_sets",
)


@cache
def cost_model() -> CostModel:
    """Return the shipped cost model: all expert numbers on costs and the structure around them."""
    parameters, structure = ParameterSet([]), dict[str, object]()
    for name in FILES:
        found, tree = load_expert(FOLDER / "costs" / f"{name}.yaml")
        parameters = parameters.joined(found)
        structure |= tree
    return CostModel(parameters, structure)


def cost_model_of(dataset: Dataset) -> CostModel:
    """Return the cost model with a user's own parameters in it, where the dataset holds some."""
    model = cost_model()
    if not dataset.costs:
        return model
    return replace(model, parameters=ParameterSet([dataset.costs.get(name, p) for name, p in model.parameters.items()]))


def monthly_drivers(dataset: Dataset, months: Sequence[str], vintage: Vintage, model: CostModel) -> Drivers:
    """Return the series that drive costs (T,), from all rows of the panel or each month as first known."""
    cap = model.parameters.value("wage_growth_cap")
    return read_drivers(dataset.panel, model.series, months, vintage, cap)


def build_cost_stacks(
    dataset: Dataset, months: Sequence[str], vintage: Vintage, model: CostModel | None = None, unit_of: str = "REO"
) -> dict[tuple[str, str], CostStack]:
    """Return every route's stack by (route, variant), nominal USD per kg of `unit_of`, parts (T,).

    `unit_of` is "REO" or "NdPr oxide"; the second books Dy and Tb as co-products at stated constants.
    """
    model = model or cost_model_of(dataset)
    prices = model.factor_prices(monthly_drivers(dataset, months, vintage, model))
    found = {}
    for name in model.route_names:
        route = model.route(name)
        for variant in variants_of(route):
            stack = normal_value(route, prices, variant, model.support(), model.by_product_values())
            if unit_of != "REO":
                stack = per_kg_ndpr(stack, route, model.reference_values(), prices.price_level)
            found[name, variant.value] = stack
    return found


def source_costs(
    dataset: Dataset, months: Sequence[str], vintage: Vintage, model: CostModel | None = None
) -> dict[str, SourceCosts]:
    """Return the costs of each supply source, arrays (T,) in real USD of the base month per kg REO."""
    model = model or cost_model_of(dataset)
    drivers = monthly_drivers(dataset, months, vintage, model)
    prices, deflator = model.factor_prices(drivers), model.deflator(drivers)
    return costs_of(model, model.route, prices, deflator)
