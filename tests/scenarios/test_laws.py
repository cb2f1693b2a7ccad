"""Laws of the solved economy: signs that economics fixes, levers that commute, scales that cancel."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.levers import load_levers
from pricing.levers import Override
from pricing.prior import Draws
from pricing.scenarios.answer import answer
from pricing.scenarios.base import ScenarioBase, Standing
from pricing.scenarios.conditions import conditions
from pricing.scenarios.pushes import pushes
from pricing.scenarios.scenario import Scenario
from pricing.scenarios.solve import adjusted, short_run

Pull = Callable[..., Override]
SWING = 0.02  # of a log price in half a year: what moves more than that does not rest
LEFT = 1e-7  # of a log price: what a solver leaves
TOGETHER = (
    *("wages.all", "energy.all", "reagents.all", "demand.all", "quota.mining", "subsidy.all", "feed.myanmar"),
    "capacity.incumbents_ex_china",
)


@pytest.fixture(scope="session")
def exporting(base: ScenarioBase) -> ScenarioBase:
    """Return the draws in which China exports most of each oxide."""
    return base.take(np.unique(np.argsort(base.exports, axis=0)[-2:].ravel()))


@settings(max_examples=20)
@given(st.permutations(TOGETHER))
def test_levers_commute(small: ScenarioBase, pull: Pull, names: list[str]) -> None:
    pulled = [pull(name, scale=0.8) for name in names]
    cases = [conditions(small, pushes(small, order)) for order in (pulled, pulled[::-1])]
    one, other = (short_run(small, [case])[0] for case in cases)
    for name in ("china", "outside", "fair"):
        np.testing.assert_allclose(getattr(one, name), getattr(other, name), atol=1e-9)


LEVERS = sorted(load_levers().rows)


@settings(max_examples=200)
@given(st.sampled_from(LEVERS), st.sampled_from(LEVERS), st.floats(0.1, 1.0))
def test_any_two_levers_commute(small: ScenarioBase, pull: Pull, one: str, other: str, way: float) -> None:
    pulled = [at_edge(small, pull, name, way) for name in dict.fromkeys((one, other))]
    assert pushes(small, pulled) == pushes(small, pulled[::-1])


def at_edge(base: ScenarioBase, pull: Pull, name: str, way: float) -> Override:
    """Return a lever part of the way from its baseline to the most that makes sense."""
    still = pull(name, set=0.0)
    return pull(name, set=still.baseline + way * (still.lever.bounds(still.baseline)[1] - still.baseline))


@pytest.mark.parametrize("rate", [0.25, 1.0])
def test_a_tariff_of_one_importer_is_its_share_of_a_mean_tariff(
    exporting: ScenarioBase, pull: Pull, rate: float
) -> None:
    for importer, share in exporting.importer_shares.items():
        one = pushes(exporting, [pull(f"tariff.{importer}.oxide.china", set=rate)])
        mean = pushes(exporting, [pull(f"tariff.oxide.{m}", set=share * rate) for m in exporting.facts.materials])
        logs, _ = short_run(exporting, [conditions(exporting, pushed) for pushed in ({}, one, mean)])
        for side in ("china", "outside", "fair"):
            found = getattr(logs, side)
            np.testing.assert_allclose(found[1], found[2], atol=1e-9)
        assert np.abs(logs.outside[1] - logs.outside[0]).max() > LEFT


def test_tariffs_of_importers_add_up_whatever_their_order(small: ScenarioBase, pull: Pull) -> None:
    both = [pull("tariff.united_states.oxide.china", set=0.5), pull("tariff.elsewhere.oxide.china", set=0.1)]
    for order in (both, both[::-1]):
        case = conditions(small, pushes(small, order))
        assert case.facts.tariff[0].tolist() == pytest.approx([0.1 * 0.5 + 0.9 * 0.1] * 3)
    fixed = pull("tariff.oxide.Dy", set=0.3)
    tariff = conditions(small, pushes(small, [*both, fixed])).facts.tariff[0]
    assert tariff.tolist() == pytest.approx([0.14, 0.3, 0.14])  # what is set stands


def test_the_order_in_which_overrides_are_sent_changes_no_byte(small: ScenarioBase, pull: Pull) -> None:
    pulled = [pull("wages.china", scale=1.2), pull("feed.myanmar", scale=0.7)]
    one, other = (repr(answer(small, Scenario.of(order))) for order in (pulled, pulled[::-1]))
    assert one == other


def test_a_lever_pulled_out_and_back_is_the_baseline(small: ScenarioBase, pull: Pull) -> None:
    there, back = pull("wages.china", scale=1.25), pull("wages.all", scale=0.8)
    others = [pull(f"wages.{country}", scale=1.25) for country in ("united_states", "australia", "malaysia")]
    rest = [pull(f"wages.{country}", scale=1.25) for country in ("brazil", "myanmar")]
    logs, _ = short_run(small, [conditions(small, {}), conditions(small, pushes(small, [there, *others, *rest, back]))])
    assert np.abs(logs.fair[1] - logs.fair[0]).max() < LEFT


def scaled(base: ScenarioBase, *, money: float = 1.0, quantity: float = 1.0) -> ScenarioBase:
    """Return the same economy in other units of money and of quantity."""
    of_money = (
        *("cash", "capital", "environment", "unpaid", "support", "credit", "quota_rent", "licence_rent"),
        *("floor", "western_credit", "reference"),
    )
    of_quantity = (
        *("capacity", "limit", "demand_china", "demand_outside", "scrap_china", "scrap_outside", "stockpile"),
    )
    facts = replace(
        base.facts,
        **{name: money * getattr(base.facts, name) for name in of_money},
        **{name: quantity * getattr(base.facts, name) for name in of_quantity},
    )
    now = Standing(quantity * base.now.capacity, money * base.now.habit)
    draws = Draws({**base.draws.values, "freight": money * base.draws["freight"]}, base.size)
    return replace(base, facts=facts, now=now, draws=draws, exports=quantity * base.exports)


@pytest.mark.parametrize("times", [0.25, 3.0])
def test_prices_follow_the_unit_of_money_and_not_that_of_quantity(small: ScenarioBase, times: float) -> None:
    plain, _ = short_run(small, [conditions(small, {})])
    dearer = scaled(small, money=times)
    larger = scaled(small, quantity=times)
    in_money, _ = short_run(dearer, [conditions(dearer, {})])
    in_quantity, exports = short_run(larger, [conditions(larger, {})])
    np.testing.assert_allclose(in_money.fair, plain.fair + np.log(times), atol=1e-6)
    np.testing.assert_allclose(in_money.china, plain.china + np.log(times), atol=1e-6)
    np.testing.assert_allclose(in_quantity.china, plain.china, atol=1e-6)
    np.testing.assert_allclose(exports[0], times * small.exports, rtol=1e-4, atol=1e-2)


def test_half_years_of_settling_stand_for_finer_steps(small: ScenarioBase, pull: Pull) -> None:
    pulled = [("demand.all", 1.5), ("process.separation.all", 2.0)]
    cases = [conditions(small, {}), *(conditions(small, pushes(small, [pull(n, scale=s)])) for n, s in pulled)]
    coarse, fine = adjusted(small, cases), adjusted(small, cases, step=0.125)
    for case in (1, 2):
        ratio = np.exp((coarse.at(case) - coarse.at(0)).fair - (fine.at(case) - fine.at(0)).fair)
        assert ((ratio > 0.98) & (ratio < 1.02)).all()


def test_the_baseline_rests_in_every_draw(base: ScenarioBase) -> None:
    case = [conditions(base, {})]
    found = [adjusted(base, case, years).at(0) for years in (30.0, 30.5, 31.0)]
    for one, other in pairwise(found):
        assert np.abs(one.outside - other.outside).max() < SWING
        assert np.abs(one.fair - other.fair).max() < SWING


def test_each_case_is_solved_as_if_it_were_alone(small: ScenarioBase, pull: Pull) -> None:
    cases = [conditions(small, pushes(small, [pull("wages.all", scale=s)])) for s in (0.9, 1.1)]
    both = short_run(small, cases)[0]
    for c, case in enumerate(cases):
        np.testing.assert_allclose(both.at(c).china, short_run(small, [case])[0].at(0).china, atol=1e-9)
