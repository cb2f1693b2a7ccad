"""Laws that every settlement obeys."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from pricing.contracts.floor import FloorTerms
from pricing.contracts.floor import settle as settle_floor
from pricing.contracts.index import Deck, ReferenceIndex
from pricing.contracts.periods import months_between
from pricing.contracts.settlement import settle
from pricing.contracts.settlement_payoffs import DiscountRule, begun, discounted
from pricing.contracts.settlement_table import Settled
from pricing.materials import Material
from pricing.price import Basis

from .conftest import contract, facts

MONTHS = list(months_between("2026-01", "2027-06"))
FEW = settings(max_examples=40, deadline=None)
CENTS = Decimal("0.10")  # of rounding, over the payments compared
PRICES = st.lists(st.decimals(Decimal(20), Decimal(300), places=2), min_size=18, max_size=18)
LEVELS = st.decimals(Decimal(50), Decimal(200), places=2)
SHARES = st.decimals(Decimal("0.01"), Decimal(1), places=2)


def settled(clauses: list[dict[str, Any]], prices: list[Decimal], **change: Any) -> Settled:
    rows = [{"name": f"leg{n}", "reference": "benchmark", **clause} for n, clause in enumerate(clauses)]
    terms = contract(**{"to": "2027-06-30", "clauses": rows, **change})
    return settle(terms, facts(dict(zip(MONTHS, prices, strict=True))))


def total(*clauses: dict[str, Any], prices: list[Decimal], **change: Any) -> Decimal:
    return settled(list(clauses), prices, **change).total_usd


def floor(level: Decimal) -> dict[str, Any]:
    return {"kind": "floor", "floor_usd_per_kg": level}


@FEW
@given(prices=PRICES, level=LEVELS)
def test_a_dollar_more_of_floor_never_pays_less_and_at_most_the_volume(prices: list[Decimal], level: Decimal) -> None:
    low, mid, high = (total(floor(level + step), prices=prices) for step in (0, 1, 2))
    assert 0 <= mid - low <= 6_000_000 + CENTS  # 1,000 t in each of six quarters
    assert high - mid >= mid - low - CENTS  # convex


@FEW
@given(prices=PRICES, low=LEVELS, width=st.decimals(Decimal(0), Decimal(80), places=2))
def test_a_whole_collar_is_a_floor_and_a_cap(prices: list[Decimal], low: Decimal, width: Decimal) -> None:
    collar = {"kind": "collar", "floor_usd_per_kg": low, "cap_usd_per_kg": low + width, "share_above_cap": 1}
    parts = total(floor(low), {"kind": "cap", "cap_usd_per_kg": low + width}, prices=prices)
    assert total(collar, prices=prices) == parts


@FEW
@given(prices=PRICES, strike=LEVELS)
def test_an_index_with_a_difference_is_a_fixed_price(prices: list[Decimal], strike: Decimal) -> None:
    index = {"kind": "indexed", "discount_share": 0}
    swap = {"kind": "difference", "strike_usd_per_kg": strike, "direction": "two_way"}
    rows = [{"kind": "fixed", "name": "price", "price_usd_per_kg": strike}]
    fixed = settle(contract(to="2027-06-30", clauses=rows), facts(dict(zip(MONTHS, prices, strict=True)))).total_usd
    assert abs(total(index, swap, prices=prices) - fixed) <= CENTS


@FEW
@given(prices=PRICES, strike=LEVELS)
def test_the_two_ways_of_a_difference_add_up(prices: list[Decimal], strike: Decimal) -> None:
    both, seller, buyer = (
        total({"kind": "difference", "strike_usd_per_kg": strike, "direction": way}, prices=prices)
        for way in ("two_way", "to_seller", "to_buyer")
    )
    assert both == seller + buyer
    assert buyer <= 0 <= seller


@FEW
@given(prices=PRICES, level=LEVELS, share=SHARES, cap=st.integers(0, 50_000_000))
def test_a_yearly_cap_holds_in_each_year_and_cuts_nothing_below_it(
    prices: list[Decimal], level: Decimal, share: Decimal, cap: int
) -> None:
    free = {"kind": "share", "above_usd_per_kg": level, "share_above": share}
    capped = {**free, "annual_cap": {"usd_per_year": cap, "year_of": "delivery", "partial_year": "whole"}}
    loose, tight = (settled([one], prices).usd_by_year() for one in (free, capped))
    assert tight == {year: max(-Decimal(cap), usd) for year, usd in loose.items()}


@FEW
@given(prices=PRICES)
def test_splitting_a_period_changes_nothing_for_what_is_linear(prices: list[Decimal]) -> None:
    index = {"kind": "indexed", "discount_share": Decimal("0.02")}
    by_month, by_quarter = (total(index, prices=prices, settlement=each) for each in ("monthly", "quarterly"))
    assert abs(by_month - by_quarter) <= CENTS


@FEW
@given(prices=PRICES, level=LEVELS)
def test_splitting_a_period_never_lowers_what_a_floor_pays(prices: list[Decimal], level: Decimal) -> None:
    by_month, by_quarter = (total(floor(level), prices=prices, settlement=each) for each in ("monthly", "quarterly"))
    assert by_month >= by_quarter - CENTS


@FEW
@given(prices=PRICES, level=LEVELS)
def test_a_floor_alone_pays_what_the_floor_of_the_first_release_pays(prices: list[Decimal], level: Decimal) -> None:
    terms = contract(clauses=[{"name": "floor", "reference": "benchmark", **floor(level)}], to="2027-06-30")
    old = FloorTerms(level, Basis(Material.NDPR), terms.first_day, terms.last_day, Decimal(4000))
    deck = dict(zip(MONTHS, prices, strict=True))
    paid = settle_floor(old, ReferenceIndex("given"), Deck("stated", deck))
    assert [flow.usd for flow in settle(terms, facts(deck)).periods] == [payment.usd for payment in paid.payments]


@FEW
@given(prices=PRICES, index=LEVELS, bound=LEVELS, off=SHARES)
def test_the_floored_price_less_a_discount_is_never_above_the_greater_of_both(
    prices: list[Decimal], index: Decimal, bound: Decimal, off: Decimal
) -> None:
    by_rule = {rule: discounted(index, 1 - off, rule, bound, None) for rule in DiscountRule}
    assert by_rule[DiscountRule.FLOORED_PRICE] <= by_rule[DiscountRule.GREATER_OF]
    assert by_rule[DiscountRule.FLOORED_PRICE] <= by_rule[DiscountRule.UNDISCOUNTED_INDEX]


def test_a_start_by_an_average_is_for_good_and_looks_back_only() -> None:
    prices = [Decimal(p) for p in (90, 115, 80, 80)]
    assert begun(prices, Decimal(100), 2) == [False, False, True, True]
    assert begun(prices, Decimal(100), 1) == [False, False, True, True]
    assert begun([*prices[:2], Decimal(1000)], Decimal(110), 3) == [False, False, False]
