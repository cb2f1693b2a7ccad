"""Laws of the solved economy: signs that economics fixes, levers that commute, scales that cancel."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pricing.levers import Override
from pricing.prior import Draws
from pricing.scenarios.answer import answer
from pricing.scenarios.base import ScenarioBase, Standing
from pricing.scenarios.conditions import conditions
from pricing.scenarios.pushes import pushes
from pricing.scenarios.scenario import Scenario
from pricing.scenarios.solve import Logs, adjusted, short_run

Pull = Callable[..., Override]
STATES = 1000  # of each lever: draws and random conditions together
SWING = 0.02  # of a log price in half a year: what moves more than that does not rest
LEFT = 1e-7  # of a log price: what a solver leaves
SHAKEN = {
    "wages.all": (0.8, 1.2),
    "energy.all": (0.7, 1.4),
    "reagents.all": (0.7, 1.5),
    "demand.all": (0.85, 1.15),
    "quota.mining": (0.8, 1.25),
    "subsidy.all": (0.5, 1.7),
    "feed.myanmar": (0.4, 1.2),
    "capacity.incumbents_ex_china": (0.5, 1.1),
}


def shaken(pull: Pull, count: int) -> list[list[Override]]:
    """Return random overrides of many levers at once: states in which a lever is then pulled."""
    random = np.random.default_rng(20261126)
    return [[pull(name, scale=float(random.uniform(*ends))) for name, ends in SHAKEN.items()] for _ in range(count)]


def moved(base: ScenarioBase, states: list[list[Override]], pulled: Override) -> list[Logs]:
    """Return what one lever does at today's plants in each state (N, E)."""
    plain = [conditions(base, pushes(base, state)) for state in states]
    under = [conditions(base, pushes(base, [*state, pulled])) for state in states]
    logs, _ = short_run(base, [*plain, *under])
    return [logs.at(len(states) + i) - logs.at(i) for i in range(len(states))]


# what a pull does to an oxide's own price: +1 never down, -1 never up, 0 not at all; None where economics fixes no sign
SIGNS: Mapping[str, tuple[dict[str, float], str, tuple[int | None, int | None, int | None]]] = {
    "demand.china.NdPr": ({"scale": 1.1}, "NdPr", (1, None, 1)),
    "demand.ex_china.Dy": ({"scale": 1.3}, "Dy", (None, 1, 1)),
    "scrap.china.Tb": ({"scale": 1.3}, "Tb", (-1, None, -1)),
    "stockpiling.NdPr": ({"set": 1500.0}, "NdPr", (1, None, 0)),
    "export_duty.NdPr": ({"set": 0.15}, "NdPr", (-1, 1, 0)),
    "tariff.oxide.NdPr": ({"set": 0.1}, "NdPr", (-1, 1, 0)),
    "export_quota.Dy": ({"set": 0.5}, "Dy", (-1, 1, 0)),
    "vat_not_refunded.NdPr": ({"set": 0.0}, "NdPr", (1, -1, 0)),
}


@pytest.mark.parametrize("name", SIGNS)
def test_an_oxides_own_price_moves_as_economics_has_it_in_random_states(
    base: ScenarioBase, pull: Pull, name: str
) -> None:
    stated, material, signs = SIGNS[name]
    e = base.facts.materials.index(material)
    states = shaken(pull, -(-STATES // base.size))
    for logs in moved(base, states, pull(name, **stated)):
        for sign, values in zip(signs, (logs.china, logs.outside, logs.fair), strict=True):
            if sign is not None:
                own = values[:, e]
                assert (np.abs(own) < LEFT).all() if sign == 0 else (sign * own > -LEFT).all()


DEARER = {
    "wages.australia": "incumbents_ex_china",
    "royalty.myanmar": "myanmar_feed",
    "energy.power.malaysia": "incumbents_ex_china",
}


@pytest.mark.parametrize("name", DEARER)
def test_what_makes_one_source_dearer_never_lowers_the_worth_of_its_basket(
    base: ScenarioBase, pull: Pull, name: str
) -> None:
    k = base.facts.names.index(DEARER[name])
    for state in shaken(pull, 4):
        cases = [conditions(base, pushes(base, state)), conditions(base, pushes(base, [*state, pull(name, scale=1.3)]))]
        logs, _ = short_run(base, cases)
        prices = np.exp(logs.outside if base.facts.outside[k] else logs.china)
        worth = prices @ base.facts.basket[k]
        assert (worth[1] > worth[0] * (1 - LEFT)).all()


@settings(max_examples=20)
@given(st.permutations(sorted(SHAKEN)))
def test_levers_commute(small: ScenarioBase, pull: Pull, names: list[str]) -> None:
    pulled = [pull(name, scale=SHAKEN[name][0]) for name in names]
    cases = [conditions(small, pushes(small, order)) for order in (pulled, pulled[::-1])]
    one, other = (short_run(small, [case])[0] for case in cases)
    for name in ("china", "outside", "fair"):
        np.testing.assert_allclose(getattr(one, name), getattr(other, name), atol=1e-9)


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
