"""What was once answered wrongly, or could be: one case each."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from pricing.levers import Override
from pricing.scenarios.answer import answer
from pricing.scenarios.base import ScenarioBase
from pricing.scenarios.conditions import conditions
from pricing.scenarios.found import Effects, MaterialFound, ScenarioFound
from pricing.scenarios.pushes import pushes
from pricing.scenarios.scenario import Scenario
from pricing.scenarios.solve import short_run

Pull = Callable[..., Override]


def solved(base: ScenarioBase, *overrides: Override) -> ScenarioFound:
    return answer(base, Scenario.of(overrides))


def ndpr(found: ScenarioFound) -> MaterialFound:
    return next(m for m in found.materials if m.material == "NdPr")


def prices(found: ScenarioFound) -> Effects:
    return ndpr(found).mean


def test_an_empty_scenario_has_the_published_ranges_and_wedge(small: ScenarioBase) -> None:
    found, published = prices(solved(small)), small.published["NdPr"]
    for region in ("china", "ex_china"):
        move = found.market[region].scenario
        assert (move.value, (move.low, move.high)) == (published.market[region], published.market_range[region])
    assert found.wedge["china"].scenario.value == pytest.approx(
        published.market["china"] - published.fair_long_run[0] + published.freight
    )


def test_two_values_one_after_the_other_never_count_together(small: ScenarioBase, pull: Pull) -> None:
    first = pull("wages.united_states", "2027-01", "2027-12", scale=1.1)
    then = pull("wages.united_states", "2028-01", scale=1.2)
    [alone] = [n for n in solved(small, first).normal_values if n.route == "mountain_pass"]
    [both] = [n for n in solved(small, first, then).normal_values if n.route == "mountain_pass"]
    assert both.by_component["labour"] == pytest.approx(alone.by_component["labour"])
    floors = [
        pull("policy_floor_paid.NdPr", f"{year}-01", f"{year}-12", set=120.0 + year - 2027) for year in (2027, 2028)
    ]
    payment = next(p for p in solved(small, *floors).payments if not p.draws_supply)
    assert payment.floor == pytest.approx(120.5)


def test_a_lever_beyond_the_evidence_widens_what_it_moves_and_nothing_else(small: ScenarioBase, pull: Pull) -> None:
    plain = prices(solved(small, pull("wages.all", scale=1.1)))
    beside = prices(solved(small, pull("wages.all", scale=1.1), pull("policy_floor_paid.Dy", set=1.0)))
    assert beside.fair.scenario == plain.fair.scenario
    wide = prices(solved(small, pull("wages.all", scale=3.0)))
    assert wide.fair.change.high - wide.fair.change.low > 2 * (plain.fair.change.high - plain.fair.change.low)


def test_a_ban_that_never_lowers_the_outside_price_has_no_range_below_nil(base: ScenarioBase, pull: Pull) -> None:
    found = solved(base, pull("export_quota.Dy", set=0.5))
    dy = next(m for m in found.materials if m.material == "Dy").mean.market["ex_china"].change
    assert dy.low > -1e-6
    assert dy.high > dy.value > 0


def test_what_is_set_stands_whatever_it_rests_on(small: ScenarioBase, pull: Pull) -> None:
    case = conditions(small, pushes(small, [pull("wages.china", set=10.5), pull("fx.cny", scale=1.05)]))
    wage = next(v[0] for (c, f), v in case.costs.prices.prices.items() if (c, f.value) == ("china", "labour"))
    assert wage == pytest.approx(10.5)
    scaled = conditions(small, pushes(small, [pull("wages.china", scale=1.1), pull("wages.all", scale=1.1)]))
    moved = next(v[0] for (c, f), v in scaled.costs.prices.prices.items() if (c, f.value) == ("china", "labour"))
    assert moved == pytest.approx(1.21 * small.prices.prices["china", next(f for _, f in small.prices.prices)][0])


def test_levers_that_meet_beyond_the_evidence_are_extrapolated(small: ScenarioBase, pull: Pull) -> None:
    alone = solved(small, pull("wages.china", scale=1.1))
    both = solved(small, pull("wages.china", scale=1.1), pull("wages.all", scale=1.1))
    assert alone.extrapolated == ()
    assert both.extrapolated == ("wages.china",)


def test_a_plant_that_is_closed_for_good_stays_closed(small: ScenarioBase, pull: Pull) -> None:
    found = prices(solved(small, pull("capacity.bayan_obo", set=100.0)))
    assert found.market_adjusted["china"].change.value > 0.05
    assert found.fair.scenario == found.fair.baseline
    reopened = solved(small, pull("capacity.bayan_obo", "2027-01", "2027-12", set=0.0))
    assert all(math.isfinite(e.market["china"].change.value) for e in ndpr(reopened).path.values())


def test_a_floor_that_is_taken_away_shows_what_it_no_longer_pays(small: ScenarioBase, pull: Pull) -> None:
    [payment] = solved(small, pull("policy_floor.NdPr", set=0.0)).payments
    assert (payment.floor, {due.high for due in payment.per_kg.values()}) == (0.0, {0.0})


def test_a_production_credit_lowers_the_market_and_leaves_the_fair_price(base: ScenarioBase, pull: Pull) -> None:
    cases = [conditions(base, {}), conditions(base, pushes(base, [pull("production_credit.all", set=0.1)]))]
    logs, _ = short_run(base, cases)
    moved = logs.at(1) - logs.at(0)
    assert (moved.outside[:, 0] <= 1e-7).all()
    assert moved.outside[:, 0].min() < -0.01
    assert not np.abs(moved.fair).max() > 1e-7


def test_money_is_stated_nominal_and_solved_real(small: ScenarioBase, pull: Pull) -> None:
    later = replace(small, facts=replace(small.facts, deflator=np.array([1.25])))
    case = conditions(later, pushes(later, [pull("licence_severity.NdPr", set=50.0)]))
    assert case.facts.licence_rent[0, 0] == pytest.approx(40.0)


def test_a_passing_change_credits_a_mine_of_twenty_years_nothing(small: ScenarioBase, pull: Pull) -> None:
    passing = solved(small, pull("demand.china.Dy", "2027-01", "2027-12", scale=1.4))
    assert all(step.scenario == step.baseline for step in passing.incentive)
    assert any(step.scenario != step.baseline for step in solved(small, pull("demand.china.Dy", scale=1.4)).incentive)


def test_robots_thrift_as_other_uses_do(small: ScenarioBase, pull: Pull) -> None:
    e = small.facts.materials.index("Dy")
    robots, thrift = pull("robots.units", set=1_400_000.0), pull("thrifting.Dy", set=0.5)
    demand = [conditions(small, pushes(small, o)).facts.demand_china[0, e] for o in ([robots], [robots, thrift])]
    assert demand[1] == pytest.approx(demand[0] / 2)
