"""What negotiators ask of scenarios, with the answers that must hold."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from pricing.costs.normal_value import variants_of
from pricing.costs.stack import Component
from pricing.levers import Override
from pricing.scenarios.answer import answer
from pricing.scenarios.base import ScenarioBase
from pricing.scenarios.found import Effects, MaterialFound, ScenarioFound
from pricing.scenarios.scenario import Scenario

Pull = Callable[..., Override]
CENT = 0.005


def solved(base: ScenarioBase, *overrides: Override) -> ScenarioFound:
    return answer(base, Scenario.of(overrides))


def of(found: ScenarioFound, material: str) -> MaterialFound:
    return next(m for m in found.materials if m.material == material)


def prices(found: ScenarioFound, material: str) -> Effects:
    effects = of(found, material).effects
    assert effects is not None
    return effects


def test_nothing_changed_is_the_baseline_to_the_last_bit(base: ScenarioBase) -> None:
    found = solved(base)
    for material, published in base.published.items():
        moves = prices(found, material)
        assert moves.fair.scenario == moves.fair.baseline
        assert (moves.fair.scenario.value, moves.fair.scenario.low) == published.fair_long_run[:2]
        assert repr(moves.market["china"].scenario) == repr(moves.market["china"].baseline)
        assert moves.fair_short_run is not None
        assert moves.fair_short_run.scenario == moves.fair_short_run.baseline


def test_a_lost_by_product_credit_raises_normal_value_by_what_it_was_and_the_fair_price_by_a_part(
    base: ScenarioBase, pull: Pull
) -> None:
    found = solved(base, pull("by_product.lanthanum_cerium", set=0.0))
    route = base.costs.route("mt_weld_gebeng")  # holds Dy and Tb: without them both allocations are one
    lost = (
        route.by_products["lanthanum_cerium"]
        * base.costs.by_product_values()["lanthanum_cerium"]
        * float(base.prices.price_level[0])
        / route.basket[next(iter(route.basket))]
    )
    [moved] = [n for n in found.normal_values if n.route == "mt_weld_gebeng"]
    assert moved.scenario - moved.baseline == pytest.approx(lost, abs=1e-9)
    assert moved.by_component == {Component.BY_PRODUCT_CREDIT.value: pytest.approx(lost, abs=1e-9)}
    shared = moved.value_share_scenario - moved.value_share_baseline
    assert shared > 0
    assert shared != pytest.approx(lost, abs=CENT)
    change = prices(found, "NdPr").fair
    most = max(n.scenario - n.baseline for n in found.normal_values if n.variant in ("undistorted", "market_economy"))
    assert 0 < change.scenario.value - change.baseline.value < most


def test_a_ban_on_dy_for_a_year_moves_dy_outside_and_leaves_the_long_run_fair_price(
    base: ScenarioBase, pull: Pull
) -> None:
    found = solved(base, pull("export_quota.Dy", "2027-01", "2027-12", set=1.0))
    dy, ndpr = of(found, "Dy").path, of(found, "NdPr").path
    year = [quarter for quarter in dy if quarter.startswith("2027")]
    before = [quarter for quarter in dy if quarter.startswith("2026")]
    first = dy[year[0]]
    assert all(dy[quarter].market["ex_china"].change.value == 0 for quarter in before)
    assert first.market["ex_china"].change.value > 0
    assert first.market["china"].change.value <= 0
    assert abs(ndpr[year[0]].market["ex_china"].change.value) < first.market["ex_china"].change.value
    wide = first.market["ex_china"].change
    assert wide.high - wide.low > 0
    for path in (dy, ndpr):
        assert all(effects.fair.change.value == 0 for effects in path.values())
    [line] = of(found, "Dy").bridge
    mean = np.mean([math.log1p(dy[quarter].market["ex_china"].change.value) for quarter in year])
    assert np.isnan(line.market_ex_china)  # no price outside China was published
    assert of(found, "Dy").mean.market["ex_china"].change.value == pytest.approx(math.expm1(mean))


def test_less_feed_from_myanmar_raises_dy_and_tb_more_than_ndpr(base: ScenarioBase, pull: Pull) -> None:
    found = solved(base, pull("feed.myanmar", scale=0.6))
    ndpr, dy, tb = (prices(found, material) for material in ("NdPr", "Dy", "Tb"))
    for heavy in (dy, tb):
        assert heavy.market["china"].change.value > ndpr.market["china"].change.value > 0
        assert heavy.fair.change.value > ndpr.fair.change.value >= 0


def test_a_higher_quota_lowers_chinese_prices_and_wedge_and_leaves_the_fair_price(
    base: ScenarioBase, pull: Pull
) -> None:
    found = solved(base, pull("quota.mining", scale=1.1))
    ndpr = prices(found, "NdPr")
    assert ndpr.market["china"].change.value <= 0
    assert ndpr.wedge["china"].scenario.value <= ndpr.wedge["china"].baseline.value
    assert ndpr.fair.scenario == ndpr.fair.baseline
    assert 0 < of(found, "NdPr").bridge[0].moved <= 1


def test_a_quota_that_does_not_bind_moves_nothing(base: ScenarioBase, pull: Pull) -> None:
    freed = solved(base, pull("quota.mining", set=4.0))
    freer = solved(base, pull("quota.mining", set=5.0))
    assert prices(freed, "NdPr").market["china"].scenario.value == pytest.approx(
        prices(freer, "NdPr").market["china"].scenario.value, rel=1e-4
    )


def test_a_stronger_yuan_raises_the_market_and_the_fair_price_through_chinese_inputs_alone(
    base: ScenarioBase, pull: Pull
) -> None:
    found = solved(base, pull("fx.cny", scale=1.05))
    ndpr = prices(found, "NdPr")
    assert ndpr.market["china"].change.value > 0
    assert ndpr.fair.change.value > 0
    assert {n.route for n in found.normal_values} == {
        name for name in base.costs.route_names if "china" in base.costs.route(name).countries
    }


def test_us_wages_move_us_normal_values_by_labours_share_and_the_fair_price_by_no_more(
    base: ScenarioBase, pull: Pull
) -> None:
    found = solved(base, pull("wages.united_states", scale=1.1))
    [moved] = [n for n in found.normal_values if n.route == "mountain_pass"]
    route, prices_now = base.costs.route("mountain_pass"), base.prices
    hours = sum(step.inputs.get(factor, 0.0) for step in route.steps for factor in step.inputs if factor == "labour")
    wage = base.costs.parameters.value("prices.labour.united_states")
    level = prices_now.prices["united_states", next(f for _, f in prices_now.prices if f == "labour")][0]
    labour = hours * level / route.utilisation / route.basket[next(iter(route.basket))]
    assert wage > 0
    assert moved.by_component["labour"] == pytest.approx(0.1 * labour, rel=1e-9)
    fair = prices(found, "NdPr").fair
    change = fair.scenario.value - fair.baseline.value
    assert 0 < change <= moved.scenario - moved.baseline
    assert {n.route for n in found.normal_values} <= {
        name for name in base.costs.route_names if "united_states" in base.costs.route(name).countries
    }


def test_wages_twice_and_three_times_as_high_differ_and_both_are_extrapolated_and_wider(
    base: ScenarioBase, pull: Pull
) -> None:
    twice, thrice = (solved(base, pull("wages.china", scale=times)) for times in (2.0, 3.0))
    assert twice.extrapolated == thrice.extrapolated == ("wages.china",)
    a, b = (prices(found, "NdPr").fair for found in (twice, thrice))
    assert b.scenario.value > 1.01 * a.scenario.value
    widths = [math.log(m.scenario.high / m.scenario.low) for m in (a, b)]
    usual = math.log(a.baseline.high / a.baseline.low)
    assert usual < widths[0] < widths[1]


def test_a_floor_changes_payments_and_never_the_fair_price(base: ScenarioBase, pull: Pull) -> None:
    for name in ("policy_floor.NdPr", "policy_floor_paid.NdPr"):
        found = solved(base, pull(name, set=125.0))
        payment = next(p for p in found.payments if p.floor == pytest.approx(125.0))
        effects = prices(found, "NdPr")
        market = effects.market["china"].scenario.value
        due = payment.per_kg["china"]
        assert due.value == pytest.approx(125.0 - market)
        assert 0 <= due.low < due.value < due.high
        assert effects.fair.scenario == effects.fair.baseline or "policy_floor" in found.extrapolated[0]
        assert effects.fair.scenario.value == effects.fair.baseline.value


def test_the_bridge_adds_up_and_names_every_override(base: ScenarioBase, pull: Pull) -> None:
    found = solved(base, pull("wages.all", scale=1.1), pull("feed.myanmar", scale=0.8), pull("demand.ev", scale=1.3))
    for material in base.published:
        lines, fair = of(found, material).bridge, prices(found, material).fair
        assert [line.lever for line in lines] == ["demand.ev", "feed.myanmar", "wages.all", "together"]
        total = math.fsum(line.fair for line in lines)
        assert total == pytest.approx(fair.scenario.value - fair.baseline.value, abs=1e-9)


def test_every_number_of_an_answer_is_finite_or_has_no_price(base: ScenarioBase, pull: Pull) -> None:
    found = solved(base, pull("process.separation.all", scale=0.7), pull("tariff.oxide.NdPr", set=0.1))
    for material in found.materials:
        effects = prices(found, material.material)
        assert np.isfinite([effects.fair.scenario.value, effects.fair.scenario.low, effects.fair.scenario.high]).all()
    assert all(variants_of(base.costs.route(n.route)) for n in found.normal_values)
    assert [step.tonnes for step in found.incentive] == base.costs.structure["incentive_tonnes"]
