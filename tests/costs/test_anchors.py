"""The cost model beside figures of producers and studies: see worked_cases/costs_anchors.yaml."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from features.costs import monthly_drivers
from features.dataset import Dataset
from features.expert import FOLDER
from pricing.costs.factors import FactorPrices
from pricing.costs.model import CostModel
from pricing.costs.normal_value import normal_value, variants_of
from pricing.costs.route import Route
from pricing.costs.stack import Component, CostStack, Stage
from pricing.materials import Material

from .conftest import MONTHS, worked

ANCHORS: list[dict[str, Any]] = worked("costs_anchors")  # type: ignore[assignment]
OPERATING = (Component.LABOUR, Component.ENERGY, Component.REAGENTS, Component.OTHER_OPEX)
README = FOLDER / "costs" / "README.md"


@pytest.fixture(scope="module")
def prices(model: CostModel, dataset: Dataset) -> FactorPrices:
    return model.factor_prices(monthly_drivers(dataset, MONTHS, "latest", model))


def stack_of(model: CostModel, prices: FactorPrices, route: Route, place: int = 0) -> CostStack:
    variant = variants_of(route)[place]
    return normal_value(route, prices, variant, model.support(), model.by_product_values())


def line(name: str, model: CostModel, prices: FactorPrices, route: Route, stages: list[Stage]) -> np.ndarray:
    """One line of cost (T,), USD/kg REO, over some stages, as the producer reports it."""
    stack = stack_of(model, prices, route)
    wanted = {
        "operating": OPERATING,
        "capital charge": (Component.CAPITAL,),
        "environment": (Component.ENVIRONMENT,),
        "by-product credit": (Component.BY_PRODUCT_CREDIT,),
    }
    if name == "overhead":
        overhead = stack.component(Component.SGA_PROFIT)
        share = overhead / sum(stack.component(c) for c in OPERATING)
        return overhead if Stage.WHOLE in stages else share * line("operating", model, prices, route, stages)
    if name == "phosphate":
        return -model.by_product_values()["phosphate"] * route.by_products["phosphate"] * prices.price_level
    if name in ("unpaid abatement", "capital gap"):
        component = Component.CAPITAL if name == "capital gap" else Component.ENVIRONMENT
        undistorted = stack_of(model, prices, route, -1)
        return undistorted.component(component) - stack.component(component)
    return np.sum([v for (s, c), v in stack.parts.items() if s in stages and c in wanted[name]], axis=0)


def kg_of(per: str, route: Route, model: CostModel) -> float:
    reference = model.reference_values()
    equivalent = sum(kg * reference[m] / reference[Material.NDPR] for m, kg in route.basket.items())
    return {"REO": 1.0, "NdPr": route.basket[Material.NDPR], "equivalent": equivalent}[per]


def ours(anchor: dict[str, Any], model: CostModel, prices: FactorPrices) -> float:
    asked = anchor["ours"]
    route = model.route(asked["route"])
    stages = list(Stage) if asked["stages"] == "all" else [Stage(name) for name in asked["stages"]]
    slow = [Stage(name) for name in asked.get("of_stages", [])]
    idle = replace(route, utilisation=asked.get("utilisation", 1.0))
    total = np.zeros(len(MONTHS))
    for name in asked["cost"]:
        total = total + line(name, model, prices, route, [s for s in stages if s not in slow])
        if slow:
            total = total + line(name, model, prices, idle, slow)
    first, last = (MONTHS.index(month) for month in asked["months"])
    per_reo = float(total[first : last + 1].mean()) + asked.get("plus", 0.0)
    return per_reo * asked.get("times", 1.0) / kg_of(asked["per"], route, model)


def readme_row(anchor: dict[str, Any]) -> str:
    low, high = anchor["said"]
    said = f"{low:g}" if low == high else f"{low:g}-{high:g}"
    return f"| {anchor['name']} | {said} | {anchor['is']:g} | {anchor['unit']} | {anchor['gap']} |"


@pytest.mark.parametrize("anchor", ANCHORS, ids=lambda anchor: anchor["name"])
def test_the_cost_model_stands_where_its_table_says(
    anchor: dict[str, Any], model: CostModel, prices: FactorPrices
) -> None:
    assert ours(anchor, model, prices) == pytest.approx(anchor["is"], rel=0.02)


@pytest.mark.parametrize("anchor", ANCHORS, ids=lambda anchor: anchor["name"])
def test_ours_lies_near_what_is_said_or_the_gap_is_stated(anchor: dict[str, Any]) -> None:
    low, high = anchor["said"]
    outside = not 0.97 * low <= anchor["is"] <= 1.03 * high
    assert not outside or anchor["gap"] != "none"
    assert 0.85 * low <= anchor["is"] <= 1.45 * high


def test_the_readme_prints_the_table() -> None:
    printed = Path(README).read_text(encoding="utf-8").splitlines()
    assert [row for row in map(readme_row, ANCHORS) if row not in printed] == []
