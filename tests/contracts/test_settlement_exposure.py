"""Sums done before anything is settled."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricing.contracts.settlement import settle
from pricing.contracts.settlement_exposure import (
    discount_for_floor,
    effective_cost,
    floor_with_share,
    most_tonnes,
    supported_tonnes,
    take_or_pay_exposure,
    volume_bound,
    volume_bound_of,
)
from pricing.contracts.settlement_payoffs import DiscountRule, discounted
from pricing.contracts.terms.conditions import Party, VolumeOption
from pricing.errors import TermsError

from .conftest import contract, facts


def test_a_share_of_the_upside_makes_a_higher_floor_cheaper() -> None:
    states = {str(price): Decimal(price) for price in (80, 100, 125, 140)}
    both = floor_with_share(states, Decimal(110), Decimal("0.3"), Decimal(110))
    flat = floor_with_share(states, Decimal(104), Decimal(0), Decimal(104))
    assert (both, flat, flat - both) == (Decimal("6.625"), Decimal(7), Decimal("0.375"))  # acceptance question 7


def test_take_or_pay_binds_more_cash_than_it_loses_on_resale() -> None:
    bound = take_or_pay_exposure(Decimal("0.8"), Decimal(520), Decimal(110), Decimal(85))
    assert (bound.tonnes, bound.marked_to_market_usd, bound.cash_at_risk_usd) == (416, 10_400_000, 45_760_000)


def test_a_right_to_make_up_lowers_what_take_or_pay_binds() -> None:
    later = take_or_pay_exposure(Decimal("0.8"), Decimal(520), Decimal(110), Decimal(85), make_up_worth=Decimal(90))
    assert (later.marked_to_market_usd, later.cash_at_risk_usd) == (
        8_320_000,
        8_320_000,
    )  # kept: 20 x 416 t


def test_what_a_discount_pays_for_depends_on_what_it_is_taken_from() -> None:
    found = discount_for_floor(Decimal(95), Decimal(100), Decimal("0.03"))  # acceptance question 25
    assert (found.floor_worth, found.discount_costs) == (Decimal(5), Decimal("2.85"))
    shares = {rule: None if share is None else f"{share:.2%}" for rule, share in found.break_even_share.items()}
    assert shares == {
        DiscountRule.UNDISCOUNTED_INDEX: "5.26%",
        DiscountRule.FLOORED_PRICE: "5.00%",
        DiscountRule.GREATER_OF: None,
    }


PRICES = st.decimals(Decimal(20), Decimal(300), places=2)


@given(index=PRICES, floor=PRICES)
def test_at_the_break_even_discount_the_price_is_the_index(index: Decimal, floor: Decimal) -> None:
    for rule, share in discount_for_floor(index, floor, Decimal("0.03")).break_even_share.items():
        if share is not None:
            assert abs(discounted(index, 1 - share, rule, floor, None) - index) < Decimal("1e-20")
        else:
            assert floor > index


def test_a_letter_of_intent_buys_at_most_so_many_tonnes() -> None:
    most = most_tonnes(Decimal(96_000_000), Decimal(110))  # acceptance question 27
    assert (f"{most:.1f}", f"{most / 4:.0f}") == ("872.7", "218")
    support = supported_tonnes(Decimal(96_000_000), Decimal(110), Decimal(85))
    assert support == Decimal(3840) > most  # if the sum is support and not purchase value
    with pytest.raises(TermsError, match="below the floor"):
        supported_tonnes(Decimal(1), Decimal(110), Decimal(120))


def option(total: Decimal | None = None) -> VolumeOption:
    least, most = Decimal(50), Decimal(150)
    return VolumeOption(
        holder=Party.SELLER, least_tonnes_per_period=least, most_tonnes_per_period=most, total_tonnes=total
    )


GAINS = [Decimal(20), Decimal(-5), Decimal(0), Decimal(30)]


def test_a_right_to_choose_tonnes_is_worth_at_most_the_best_choice() -> None:
    free = volume_bound(option(), GAINS)
    assert free.best_tonnes == (150, 50, 50, 150)
    assert (free.best_usd, free.even_usd) == (7_250_000, 4_500_000)
    assert free.most_worth_usd == 2_750_000
    tied = volume_bound(option(Decimal(300)), GAINS)  # 100 t more than the least, all of it in the best period
    assert tied.best_tonnes == (50, 50, 50, 150)


def test_the_right_of_a_settled_contract_is_bounded_on_its_prices() -> None:
    said = {"holder": "seller", "least_tonnes_per_period": 0, "most_tonnes_per_period": 100, "total_tonnes": 100}
    told = facts({"2026-01": 100, "2026-02": 80, "2026-03": 120})
    found = volume_bound_of(settle(contract(settlement="monthly", volume_option=said), told))
    assert found.best_tonnes == (0, 100, 0)
    assert found.best_usd == 3_000_000  # (110 - 80) x 100,000
    with pytest.raises(TermsError, match="volume_option"):
        volume_bound_of(settle(contract(settlement="monthly"), told))


def test_a_capped_payment_of_the_holder_has_no_bound_by_the_kilogram() -> None:
    cap = {"usd_per_year": 1, "year_of": "delivery", "partial_year": "whole"}
    share = {
        "kind": "share", "name": "up", "reference": "benchmark", "above_usd_per_kg": 110, "share_above": 0.3,
        "annual_cap": cap,
    }  # fmt: skip
    said = {"holder": "seller", "least_tonnes_per_period": 0, "most_tonnes_per_period": 100}
    with pytest.raises(TermsError, match="an annual_cap on up"):
        volume_bound_of(settle(contract(clauses=[share], volume_option=said), facts({2026: 130})))


def test_a_production_credit_lowers_the_cost_until_it_is_phased_out() -> None:
    years = {2031: Decimal("0.75"), 2032: Decimal("0.5"), 2033: Decimal("0.25"), 2034: Decimal(0)}
    costs = [75 - effective_cost(Decimal(75), Decimal("0.1"), years, year) for year in range(2030, 2036)]
    assert [f"{credit:.4f}" for credit in costs] == ["7.5000", "5.6250", "3.7500", "1.8750", "0.0000", "0.0000"]


def test_a_total_that_the_periods_cannot_hold_is_refused() -> None:
    with pytest.raises(TermsError, match="200 to 600 t"):
        volume_bound(option(Decimal(601)), GAINS)


@given(gains=st.lists(st.decimals(-100, 100, places=1), min_size=2, max_size=5), data=st.data())
def test_no_choice_within_the_bounds_beats_the_bound(gains: list[Decimal], data: st.DataObject) -> None:
    chosen = [data.draw(st.decimals(50, 150, places=1)) for _ in gains]
    got = sum(tonnes * 1000 * gain for tonnes, gain in zip(chosen, gains, strict=True))
    assert got <= volume_bound(option(), gains).best_usd
    assert got <= volume_bound(option(sum(chosen, Decimal(0))), gains).best_usd
