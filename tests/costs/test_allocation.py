import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from features.costs import build_cost_stacks
from features.dataset import Dataset
from features.expert import FOLDER
from pricing.costs.allocation import per_kg_ndpr, value_share_cost
from pricing.costs.factors import FactorPrices
from pricing.costs.model import CostModel
from pricing.costs.normal_value import normal_value, variants_of
from pricing.costs.stack import Component, CostStack, Stage
from pricing.materials import Material

from .test_normal_value import envelope_route

LEVEL = np.ones(1)
REFERENCE = {Material.NDPR: 60.0, Material.DY: 300.0, Material.TB: 1000.0}


def envelope_stack() -> CostStack:
    return CostStack("envelope", "undistorted", "REO", "nominal USD", {(Stage.MINING, Component.LABOUR): 17.0 * LEVEL})


def test_ndpr_bears_what_dy_and_tb_do_not_pay_for() -> None:
    """17 USD/kg REO less 0.01 x 300 and 0.002 x 1000 is 12; over 0.2 kg NdPr it is 60."""
    per_kg = per_kg_ndpr(envelope_stack(), envelope_route(), REFERENCE, LEVEL)
    assert (float(per_kg.total[0]), per_kg.unit_of) == (pytest.approx(60.0), "NdPr oxide")
    assert float(per_kg.component(Component.BY_PRODUCT_CREDIT)[0]) == pytest.approx(-25.0)


def test_by_value_each_oxide_bears_its_share() -> None:
    """Values 12 + 3 + 2 = 17 equal the cost, so every oxide costs what it is worth: NdPr 60, as above."""
    costs = [float(value_share_cost(envelope_stack(), envelope_route(), m, REFERENCE)[0]) for m in Material]
    assert costs == pytest.approx([60.0, 300.0, 1000.0])


def test_the_readme_prints_the_gap_between_the_methods(model: CostModel, dataset: Dataset) -> None:
    printed = (FOLDER / "costs" / "README.md").read_text(encoding="utf-8").splitlines()
    stacks, per_kg = (build_cost_stacks(dataset, ["2026-02"], "as_known", unit_of=u) for u in ("REO", "NdPr oxide"))
    for (name, variant), stack in stacks.items():
        if variant in ("undistorted", "market_economy"):
            by_value = value_share_cost(stack, model.route(name), Material.NDPR, model.reference_values())
            assert f"| {name} | {per_kg[name, variant].total[0]:.0f} | {by_value[0]:.0f} |" in printed


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(dy=st.floats(50, 2000), tb=st.floats(200, 5000))
def test_value_shares_give_out_the_whole_cost(
    model: CostModel, flat_prices: FactorPrices, dy: float, tb: float
) -> None:
    route = model.route("southern_clays")
    values = {Material.NDPR: 60.0, Material.DY: dy, Material.TB: tb}
    stack = normal_value(route, flat_prices, variants_of(route)[-1], model.support(), model.by_product_values())
    given_out = sum(kg * value_share_cost(stack, route, m, values) for m, kg in route.basket.items())
    assert given_out == pytest.approx(stack.total)
