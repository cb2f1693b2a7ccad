from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pricing.costs.capital import BARE
from pricing.costs.factors import Factor, FactorPrices, component_of
from pricing.costs.model import CostModel
from pricing.costs.normal_value import Variant, normal_value, variants_of
from pricing.costs.route import Route, Step
from pricing.costs.stack import Component, CostStack, Stage
from pricing.costs.support import Support
from pricing.errors import DataError, InputError
from pricing.materials import Material

from .conftest import flat, worked

CASES = worked("costs_normal_value")
SUPPORT = Support(explicit=0.025, broad=0.05, credit_part=0.5, energy_part=0.25, plant_cost_ratio=1 / 3)
BY_PRODUCTS = {"cerium": 2.0}
ROUTES = st.sampled_from(["mountain_pass", "mt_weld_gebeng", "nolans", "bayan_obo", "southern_clays", "myanmar_feed"])
LAWS = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def envelope_route() -> Route:
    mining = Step(Stage.MINING, "australia", {Factor.LABOUR: 0.1, Factor.POWER: 5.0}, 0.40, 0.30, 10.0)
    separation = Step(Stage.SEPARATION, "china", {Factor.SULPHURIC_ACID: 4.0}, 0.50, 0.20, 30.0)
    return Route(
        name="envelope",
        title="Back of an envelope",
        royalty_country="australia",
        steps=(mining, separation),
        basket={Material.NDPR: 0.2, Material.DY: 0.01, Material.TB: 0.002},
        by_products={"cerium": 0.3},
        plant_life=20,
        build=BARE,
        sga=0.10,
        working_capital=0.25,
    )


def envelope_prices() -> FactorPrices:
    at = {key: np.array([value]) for key, value in CASES["shared"].items()}
    return FactorPrices(
        prices={
            ("australia", Factor.LABOUR): at["labour"],
            ("world", Factor.POWER): at["power"],
            ("world", Factor.SULPHURIC_ACID): at["acid"],
        },
        price_level=np.ones(1),
        required_return={"australia": at["rate"], "china": at["rate"]},
        royalty_rate={"australia": at["royalty"]},
        environment_unpaid={"australia": np.zeros(1), "china": at["unpaid"]},
        state_return=at["state_rate"],
    )


def stack_of(model: CostModel, prices: FactorPrices, name: str, variant: Variant | None = None) -> CostStack:
    route = model.route(name)
    chosen = variant or variants_of(route)[-1]
    return normal_value(route, prices, chosen, model.support(), model.by_product_values())


def dearer(prices: FactorPrices, factor: Factor, extra: float) -> FactorPrices:
    moved = {key: price + extra * (key[1] is factor) for key, price in prices.prices.items()}
    return replace(prices, prices=moved)


@pytest.mark.parametrize("variant", list(CASES["cases"]))
def test_a_small_plant_by_hand(variant: str) -> None:
    stack = normal_value(envelope_route(), envelope_prices(), Variant(variant), SUPPORT, BY_PRODUCTS)
    for line, expected in CASES["cases"][variant].items():
        found = stack.total if line == "total" else stack.component(Component(line))
        assert float(found[0]) == pytest.approx(expected, abs=2e-6), line


def test_the_variants_take_out_support_and_never_add_it(model: CostModel, flat_prices: FactorPrices) -> None:
    for name in model.route_names:
        totals = [stack_of(model, flat_prices, name, v).total for v in variants_of(model.route(name))]
        assert all((later >= earlier).all() for earlier, later in pairwise(totals)), name


@LAWS
@given(name=ROUTES, scale=st.floats(0.1, 10))
def test_scaling_all_usd_inputs_scales_every_part(
    model: CostModel, flat_prices: FactorPrices, name: str, scale: float
) -> None:
    scaled = replace(
        flat_prices,
        prices={key: scale * price for key, price in flat_prices.prices.items()},
        price_level=scale * flat_prices.price_level,
    )
    before, after = stack_of(model, flat_prices, name), stack_of(model, scaled, name)
    for where, value in before.parts.items():
        assert after.parts[where] == pytest.approx(scale * value, rel=1e-9)


@LAWS
@given(name=ROUTES, factor=st.sampled_from(list(Factor)), extra=st.floats(0, 5))
def test_a_dearer_factor_never_lowers_the_cost(
    model: CostModel, flat_prices: FactorPrices, name: str, factor: Factor, extra: float
) -> None:
    before = stack_of(model, flat_prices, name).total
    after = stack_of(model, dearer(flat_prices, factor, extra), name).total
    assert (after >= before - 1e-12).all()


@LAWS
@given(name=ROUTES, extra=st.floats(0.001, 5))
def test_dearer_power_raises_energy_and_leaves_labour_reagents_and_capital(
    model: CostModel, flat_prices: FactorPrices, name: str, extra: float
) -> None:
    before, after = (stack_of(model, p, name) for p in (flat_prices, dearer(flat_prices, Factor.POWER, extra)))
    assert (after.component(Component.ENERGY) > before.component(Component.ENERGY)).all()
    for untouched in (Component.LABOUR, Component.REAGENTS, Component.CAPITAL, Component.ENVIRONMENT):
        assert after.component(untouched) == pytest.approx(before.component(untouched))


def test_parts_sum_to_the_total_by_stage_and_by_component(model: CostModel, flat_prices: FactorPrices) -> None:
    for name in model.route_names:
        for variant in variants_of(model.route(name)):
            stack = stack_of(model, flat_prices, name, variant)
            by_stage = sum(stack.stage(stage) for stage in Stage)
            by_component = sum(stack.component(component) for component in Component)
            assert by_stage == pytest.approx(stack.total, abs=1e-9)
            assert by_component == pytest.approx(stack.total, abs=1e-9)


def test_a_plant_at_half_output_pays_its_labour_and_capital_twice(model: CostModel, flat_prices: FactorPrices) -> None:
    full = model.route("mountain_pass")
    half = replace(full, utilisation=0.5)
    stacks = [
        normal_value(route, flat_prices, Variant.UNDISTORTED, model.support(), model.by_product_values())
        for route in (full, half)
    ]
    for fixed in (Component.LABOUR, Component.OTHER_OPEX, Component.CAPITAL):
        assert stacks[1].component(fixed) == pytest.approx(2 * stacks[0].component(fixed))
    assert stacks[1].component(Component.REAGENTS) == pytest.approx(stacks[0].component(Component.REAGENTS))


def test_counted_damage_stands_on_the_environment_line_and_nowhere_else(
    model: CostModel, flat_prices: FactorPrices
) -> None:
    counted = model.under_assumption("external damage counted")
    before, after = (stack_of(m, flat_prices, "bayan_obo") for m in (model, counted))
    added = model.parameters.value("external_damage.bayan_obo") * flat_prices.price_level
    rest = 1 / (1 - flat_prices.royalty_rate["bayan_obo"])
    assert after.component(Component.ENVIRONMENT) - before.component(Component.ENVIRONMENT) == pytest.approx(added)
    assert after.total - before.total == pytest.approx(added * rest)
    assert stack_of(counted, flat_prices, "nolans").total == pytest.approx(stack_of(model, flat_prices, "nolans").total)


def test_skill_lowers_market_economy_plant_and_nothing_as_reported(model: CostModel, flat_prices: FactorPrices) -> None:
    """With plant at 0.33 of its market-economy cost, half of the gap leaves 1 - 0.5 x 0.67 = 0.665 of the charge."""
    skilled = model.under_assumption("half the plant gap is skill")
    reported = [stack_of(m, flat_prices, "bayan_obo", Variant.AS_REPORTED) for m in (model, skilled)]
    whole = [stack_of(m, flat_prices, "bayan_obo").component(Component.CAPITAL) for m in (model, skilled)]
    assert whole[1] == pytest.approx(0.665 * whole[0])
    assert reported[1].component(Component.CAPITAL) == pytest.approx(reported[0].component(Component.CAPITAL))


def test_every_assumption_set_moves_the_headline(model: CostModel) -> None:
    headline = stack_of(model, model.factor_prices(flat(model)), "bayan_obo").total
    for name in model.structure["assumption_sets"]:
        moved = model.under_assumption(name)
        other = stack_of(moved, moved.factor_prices(flat(moved)), "bayan_obo").total
        assert (np.abs(other / headline - 1) > 0.02).all(), name


def test_an_unknown_assumption_is_named_with_the_nearest(model: CostModel) -> None:
    with pytest.raises(InputError) as caught:
        model.under_assumption("return of 9 %")
    assert caught.value.faults[0].nearest in ("return of 8 %", "return of 12 %")


def test_only_a_route_through_china_has_variants(model: CostModel, flat_prices: FactorPrices) -> None:
    with pytest.raises(DataError, match="has no variant explicit; it has undistorted"):
        stack_of(model, flat_prices, "nolans", Variant.EXPLICIT)
    with pytest.raises(DataError, match="has no variant undistorted"):
        stack_of(model, flat_prices, "bayan_obo", Variant.UNDISTORTED)


def test_an_input_without_a_price_is_named() -> None:
    priceless = replace(envelope_prices(), prices={})
    with pytest.raises(DataError, match="No price of labour in australia or world"):
        normal_value(envelope_route(), priceless, Variant.EXPLICIT, SUPPORT, BY_PRODUCTS)


def test_every_factor_is_booked_under_labour_energy_or_reagents() -> None:
    booked = {component_of(factor) for factor in Factor}
    assert booked == {Component.LABOUR, Component.ENERGY, Component.REAGENTS}


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"explicit": 0.06}, "explicit <= broad"),
        ({"broad": float("nan")}, "explicit <= broad"),
        ({"credit_part": 0.8}, "shares within 1"),
        ({"plant_cost_ratio": 0.0}, "above 0"),
        ({"skill_part": 1.1}, "up to 1"),
    ],
)
def test_support_that_contradicts_itself_is_refused(change: dict[str, float], word: str) -> None:
    with pytest.raises(DataError, match=word):
        replace(SUPPORT, **change)


def test_an_impossible_route_is_refused() -> None:
    route = envelope_route()
    with pytest.raises(DataError, match="utilisation"):
        replace(route, utilisation=0.0)
    with pytest.raises(DataError, match="no NdPr"):
        replace(route, basket={Material.DY: 0.1})
    with pytest.raises(DataError, match="at most 1"):
        replace(route, basket={Material.NDPR: 0.9, Material.DY: 0.2})
