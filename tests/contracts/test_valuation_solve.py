"""Terms solved from their price: hand-worked answers, laws, and answers that there is none."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from pricing.contracts.settlement_payoffs import DiscountRule
from pricing.contracts.solve import (
    NoSolution,
    Outlook,
    Project,
    Solution,
    discount_for_floor,
    equal_flat_floor,
    fixed_against_indexed,
    floor_for_return,
    zero_cost_collar,
)
from pricing.contracts.valuation.legs import Leg, Payer, Side
from pricing.contracts.valuation.limits import AnnualCap, Start
from pricing.errors import TermsError

PLANT = Project.level(capex_usd=1.2e9, opex_usd_per_kg=55.0, kg_per_year=4.0e6, years=20)
STATES = arrays(float, (3, 6), elements=st.floats(20.0, 300.0))


def outlook(references: np.ndarray) -> Outlook:
    periods = len(references)
    return Outlook(references, np.full(periods, 1000.0), 1.08 ** -np.arange(1.0, periods + 1))


def one_period(*states: float) -> Outlook:
    return Outlook(np.array([states]), np.ones(1), np.ones(1))


def flat(price: float, years: int = 20) -> np.ndarray:
    return np.full((1, years, 1), price)


def floor_leg(years: int = 20, cap: float | None = None, start: Start | None = None) -> Leg:
    limit = None if cap is None else AnnualCap(cap)
    kg = np.full(years, 4.0e6)
    return Leg("floor", Payer.BUYER, Side.BELOW, np.array(0.0), kg, annual_cap=limit, start=start)


def needed_floor(references: np.ndarray, rate: float, **leg: float | Start) -> Solution | NoSolution:
    return floor_for_return(PLANT, floor_leg(**leg), references, np.arange(20), rate)  # type: ignore[arg-type]


def test_a_plant_of_1200_million_needs_85_56_at_8_percent_and_95_16_at_12() -> None:
    # 1.2 bn x .08 / (1 - 1.08^-20) = 122.22 m a year over 4,000 t = 30.56 above 55; at 12 %: 160.65 m = 40.16
    at_8, at_12 = PLANT.price_needed(0.08), PLANT.price_needed(0.12)
    assert (round(at_8, 2), round(at_12, 2), round(at_12 - at_8, 2)) == (85.56, 95.16, 9.61)


def test_the_floor_that_makes_a_project_worth_nothing_is_the_price_it_needs() -> None:
    for rate, price in ((0.08, 85.56), (0.12, 95.16)):
        found = needed_floor(flat(60.0), rate)
        assert isinstance(found, Solution)
        assert found.value == pytest.approx(price, abs=0.01)


def test_under_uncertainty_a_lower_floor_is_enough_and_earns_the_rate() -> None:
    references = np.linspace(40.0, 110.0, 64)[None, None, :] * np.ones((1, 20, 1))
    found = needed_floor(references, 0.08)
    assert isinstance(found, Solution)
    income = np.maximum(references[0], found.value).mean(axis=1) * PLANT.kg
    assert PLANT.net_present_value(income, 0.08) == pytest.approx(0.0, abs=1.0)
    assert found.value < 85.56


def test_a_project_that_lives_without_a_floor_needs_none() -> None:
    found = needed_floor(flat(90.0), 0.08)
    assert isinstance(found, NoSolution)
    assert "no floor is needed" in found.reason


@pytest.mark.parametrize("leg", [{"cap": 1.0e6}, {"start": Start(first_period=20)}])
def test_a_capped_or_late_floor_may_be_too_little_at_any_strike(leg: dict[str, float | Start]) -> None:
    found = needed_floor(flat(60.0), 0.08, **leg)
    assert isinstance(found, NoSolution)
    assert "no floor is enough" in found.reason


@pytest.mark.parametrize(
    ("rule", "percent"), [(DiscountRule.UNDISCOUNTED_INDEX, 5.26), (DiscountRule.FLOORED_PRICE, 5.00)]
)
def test_a_floor_of_100_on_a_flat_95_is_paid_for_by_a_discount_that_depends_on_the_rule(
    rule: DiscountRule, percent: float
) -> None:
    # 5 / 95 = 5.26 %; 1 - 95 / 100 = 5.00 %
    found = discount_for_floor(one_period(95.0), 100.0, rule)
    assert isinstance(found, Solution)
    assert round(found.value * 100, 2) == percent


def test_no_discount_pays_for_a_price_that_is_never_below_the_floor() -> None:
    found = discount_for_floor(one_period(95.0), 100.0, DiscountRule.GREATER_OF)
    assert isinstance(found, NoSolution)
    assert "no discount helps" in found.reason


@given(references=STATES, floor=st.floats(10.0, 300.0))
def test_a_break_even_discount_leaves_the_price_worth_the_index(references: np.ndarray, floor: float) -> None:
    view = outlook(references)
    index = view.per_kg(references)
    prices = {
        DiscountRule.UNDISCOUNTED_INDEX: lambda d: (1 - d) * references + np.maximum(floor - references, 0.0),
        DiscountRule.FLOORED_PRICE: lambda d: (1 - d) * np.maximum(references, floor),
        DiscountRule.GREATER_OF: lambda d: np.maximum((1 - d) * references, floor),
    }
    for rule, price in prices.items():
        found = discount_for_floor(view, floor, rule)
        if isinstance(found, Solution):
            assert view.per_kg(price(found.value)) == pytest.approx(index, rel=1e-8)


def test_a_floor_worth_more_than_the_index_is_no_discount() -> None:
    found = discount_for_floor(one_period(10.0), 100.0, DiscountRule.UNDISCOUNTED_INDEX)
    assert found == NoSolution("the floor is worth 900% of the index")


def test_a_floor_with_a_share_costs_a_flat_floor_of_103_25() -> None:
    # the four states of 80, 100, 125, 140: (K - 80) / 4 + (K - 100) / 4 = 6.625
    found = equal_flat_floor(one_period(80.0, 100.0, 125.0, 140.0), 110.0, 110.0, 0.3)
    assert isinstance(found, Solution)
    assert found.value == pytest.approx(103.25)


def test_a_share_that_gives_more_back_than_the_floor_pays_equals_no_floor() -> None:
    assert isinstance(equal_flat_floor(one_period(109.0, 300.0), 110.0, 110.0, 0.5), NoSolution)


def test_a_zero_cost_collar_gives_away_above_its_cap_what_the_floor_pays() -> None:
    # a floor of 90 pays 10 in one of two states; above a cap of 110 the other gives 120 - 110 = 10
    assert zero_cost_collar(one_period(80.0, 120.0), 90.0) == Solution(pytest.approx(110.0))


def test_a_floor_that_never_pays_and_one_too_dear_have_no_zero_cost_cap() -> None:
    never, dear = (zero_cost_collar(one_period(80.0, 120.0), floor) for floor in (70.0, 105.0))
    assert isinstance(never, NoSolution)
    assert isinstance(dear, NoSolution)
    assert "any cap would cost the seller" in never.reason
    assert "the floor costs 12.5 USD/kg" in dear.reason


@given(references=STATES, floor=st.floats(20.0, 300.0), share=st.floats(0.1, 1.0))
def test_a_collar_found_costs_nothing_and_has_its_cap_above_its_floor(
    references: np.ndarray, floor: float, share: float
) -> None:
    view = outlook(references)
    found = zero_cost_collar(view, floor, share)
    if isinstance(found, Solution):
        assert found.value >= floor
        assert share * view.above(found.value) == pytest.approx(view.floor(floor), abs=1e-6)


def test_a_fixed_price_against_a_floored_index_at_9_percent() -> None:
    # five years of 1 kg; index 100 or 140 for good: floored 110 or 140, break-even 125, each wins once
    years = np.arange(1.0, 6.0)
    view = Outlook(np.tile([100.0, 140.0], (5, 1)), np.ones(5), 1.09**-years)
    floored = np.maximum(view.references, 110.0)
    found = fixed_against_indexed(view, 115.0, floored)
    annuity = (1 - 1.09**-5) / 0.09
    assert (found.fixed_usd, found.indexed_usd) == pytest.approx((115 * annuity, 125 * annuity))
    assert (found.fixed_wins, found.indexed_wins) == (0.5, 0.5)
    assert view.per_kg(floored) == pytest.approx(125.0)


def test_a_fixed_price_never_loses_to_a_lower_floor_when_the_index_is_the_floor() -> None:
    view = outlook(np.full((5, 4), 110.0))
    found = fixed_against_indexed(view, 115.0, np.maximum(view.references, 110.0))
    assert found.fixed_wins == 1.0
    tie = fixed_against_indexed(view, 110.0, view.references)
    assert (tie.fixed_wins, tie.indexed_wins) == (0.0, 0.0)


@given(references=STATES)
def test_a_fixed_price_of_the_indexs_mean_is_worth_as_much(references: np.ndarray) -> None:
    view = outlook(references)
    found = fixed_against_indexed(view, view.per_kg(references), references)
    assert found.fixed_usd == pytest.approx(found.indexed_usd)


def test_an_outlook_without_volume_or_with_odd_shapes_is_refused() -> None:
    with pytest.raises(TermsError, match="volume"):
        Outlook(np.ones((2, 3)), np.zeros(2), np.ones(2))
    with pytest.raises(TermsError, match="shapes"):
        Outlook(np.ones((2, 3)), np.ones(3), np.ones(2))
