from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from features.costs import build_cost_stacks, source_costs
from features.dataset import Dataset
from features.panel import vintage_day
from pricing.costs.factors import FactorPrices
from pricing.costs.model import CostModel
from pricing.costs.source_costs import SourceCosts, blended, route_costs
from pricing.costs.stack import Component
from pricing.market.supply import SupportSet
from pricing.materials import Material

from .conftest import MONTHS

NAMES = {
    "bayan_obo", "sichuan", "southern_clays", "myanmar_feed", "imported_concentrate", "incumbents_ex_china",
    "brownfield_ex_china", "greenfield_ex_china", "brazil_clay",
}  # fmt: skip
ARRAYS = ("cash_cost", "capital_charge", "environment", "environment_unpaid", "co_product_credit", "royalty_rate")
OUTSIDE = ("incumbents_ex_china", "brownfield_ex_china", "greenfield_ex_china", "brazil_clay")


@pytest.fixture(scope="module")
def found(dataset: Dataset) -> dict[str, SourceCosts]:
    return source_costs(dataset, MONTHS, "latest")


def test_every_source_of_the_market_has_finite_costs_in_every_month(found: dict[str, SourceCosts]) -> None:
    assert set(found) == NAMES
    for source in found.values():
        for field in ARRAYS:
            values = getattr(source, field)
            assert values.shape == (len(MONTHS),), (source.name, field)
            assert (np.isfinite(values) & (values >= 0)).all(), (source.name, field)


def test_support_is_nested_and_nil_outside_china(found: dict[str, SourceCosts]) -> None:
    for source in found.values():
        explicit, financing, market = (source.support[s] for s in SupportSet)
        assert (explicit <= financing).all()
        assert (financing <= market).all()
        if source.name in OUTSIDE:
            assert not market.any()
        else:
            assert (explicit > 0).all()


def test_unpaid_abatement_is_part_of_abatement_and_nil_outside_china(found: dict[str, SourceCosts]) -> None:
    for source in found.values():
        assert (source.environment_unpaid <= source.environment).all()
        assert source.environment_unpaid.any() == (source.name not in OUTSIDE)


def test_undistorted_cost_less_support_and_unpaid_abatement_is_cost_as_reported(
    model: CostModel, flat_prices: FactorPrices, dataset: Dataset
) -> None:
    stacks = build_cost_stacks(dataset, MONTHS[-1:], "latest")
    source = source_costs(dataset, MONTHS[-1:], "latest")["bayan_obo"]
    reported = stacks["bayan_obo", "as_reported"]
    net = source.undistorted - source.support[SupportSet.MARKET_ECONOMY] - source.environment_unpaid
    assert net == pytest.approx(reported.total - reported.component(Component.ROYALTY))  # base month: real is nominal


def test_a_basket_is_content_times_recovery(model: CostModel, found: dict[str, SourceCosts]) -> None:
    own = model.parameters.under("routes.southern_clays.parameters")
    recovery = model.parameters.value("shared.heavy_recovery")
    assert found["southern_clays"].basket[Material.DY] == pytest.approx(own.value("dy") * recovery)


def test_two_routes_blend_by_tonnes(model: CostModel, flat_prices: FactorPrices) -> None:
    level = np.ones(2)
    one, two = (route_costs(model.route(name), model, flat_prices, level) for name in ("nolans", "eneabba"))
    both = blended("both", [one, two], [3, 1])
    assert both.cash_cost == pytest.approx(0.75 * one.cash_cost + 0.25 * two.cash_cost)
    ndpr = 0.75 * one.basket[Material.NDPR] + 0.25 * two.basket[Material.NDPR]
    assert both.basket[Material.NDPR] == pytest.approx(ndpr)
    same = blended("same", [one, one], [5, 2])
    assert all(getattr(same, field) == pytest.approx(getattr(one, field)) for field in ARRAYS)


def test_real_money_does_not_depend_on_the_unit_of_nominal_money(model: CostModel, flat_prices: FactorPrices) -> None:
    doubled = replace(
        flat_prices,
        prices={key: 2 * price for key, price in flat_prices.prices.items()},
        price_level=2 * flat_prices.price_level,
    )
    route = model.route("bayan_obo")
    one = route_costs(route, model, flat_prices, np.ones(2))
    two = route_costs(route, model, doubled, np.full(2, 2.0))
    assert two.cash_cost == pytest.approx(one.cash_cost)
    assert two.support[SupportSet.MARKET_ECONOMY] == pytest.approx(one.support[SupportSet.MARKET_ECONOMY])


@pytest.mark.parametrize("month", ["2013-02", "2019-09"])
def test_no_row_known_later_moves_a_cost_as_known(dataset: Dataset, month: str) -> None:
    months = [m for m in MONTHS if m <= month]
    whole = source_costs(dataset, months, "as_known")
    then = source_costs(dataset.as_known(vintage_day(month)), months, "as_known")
    for name, source in whole.items():
        for field in ARRAYS:
            assert (getattr(source, field) == getattr(then[name], field)).all(), (name, field)


def test_as_known_and_latest_differ_where_a_yearly_wage_came_late(dataset: Dataset) -> None:
    known, latest = (source_costs(dataset, ["2017-03"], v)["bayan_obo"].cash_cost for v in ("as_known", "latest"))
    assert known != latest
    assert known == pytest.approx(latest, rel=0.1)


def test_stacks_cover_the_routes_in_both_units(dataset: Dataset) -> None:
    months = [str(m) for m in pd.period_range("2024-01", "2024-03", freq="M")]
    for unit in ("REO", "NdPr oxide"):
        stacks = build_cost_stacks(dataset, months, "latest", unit_of=unit)
        assert {stack.unit_of for stack in stacks.values()} == {unit}
        variants = {variant for route, variant in stacks if route == "bayan_obo"}
        assert variants == {"as_reported", "explicit", "financing", "market_economy"}
        assert ("nolans", "undistorted") in stacks


def test_a_scenario_names_only_what_it_replaces(model: CostModel, dataset: Dataset) -> None:
    months = ["2024-06"]
    dear = model.with_values({"prices.labour.china": 10.0})
    stacks = [build_cost_stacks(dataset, months, "latest", m)["bayan_obo", "market_economy"] for m in (model, dear)]
    ratio = stacks[1].component(Component.LABOUR) / stacks[0].component(Component.LABOUR)
    assert ratio == pytest.approx([10.0 / model.parameters.value("prices.labour.china")])


def test_new_plant_outside_china_yields_dy_and_tb_as_the_projects_together_do(found: dict[str, SourceCosts]) -> None:
    """By hand: 18.4, 20 and 15 kt of 53.4 at Dy 0, 0.0012 and 0.020, recovered at 0.90."""
    basket = found["greenfield_ex_china"].basket
    assert basket[Material.DY] == pytest.approx((20 * 0.0012 + 15 * 0.020) / 53.4 * 0.90)
    assert basket[Material.TB] > 0
    costs = [found[name].undistorted for name in ("greenfield_ex_china", "incumbents_ex_china")]
    assert (costs[0] > costs[1]).all()
