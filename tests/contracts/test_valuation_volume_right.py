"""The worth of choosing tonnes: exact on known prices, between its bounds on paths, refused where tonnes interact."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pricing.contracts.settlement import settle
from pricing.contracts.settlement_exposure import volume_bound_of
from pricing.contracts.settlement_layout import Paths, begins, layout_of, per_tonne
from pricing.contracts.settlement_plan import plan
from pricing.contracts.terms.contract import Contract
from pricing.contracts.valuation.book import Book
from pricing.contracts.valuation.parties import Parties
from pricing.contracts.valuation.volume_right import VolumeRight, volume_right
from pricing.errors import TermsError
from pricing.paths.process import PriceProcess, TwoFactor
from pricing.paths.simulate import Sampling

from .conftest import contract, facts

NDPR = TwoFactor.from_moments(0.374, 2.6, 1.0, 0.3)
SURE = TwoFactor(1.0, 0.0, 0.0)
PATHS = Paths({"benchmark": 0}, "2026-01")
FLOOR = {"kind": "floor", "name": "floor", "reference": "benchmark", "floor_usd_per_kg": 110}
PRICE = {"kind": "fixed", "name": "price", "price_usd_per_kg": 100}


def terms(*clauses: dict[str, Any], **option: Any) -> Contract:
    row = {"holder": "seller", "least_tonnes_per_period": 500, "most_tonnes_per_period": 1500, **option}
    return contract(to="2027-12-31", clauses=list(clauses), volume_option=row)


def right(
    said: Contract,
    deck: list[float],
    factor: TwoFactor = NDPR,
    alternative: str | None = None,
    named: list[float | None] | None = None,
) -> VolumeRight:
    paths = replace(PATHS, alternative=alternative)
    laid_out = plan(said, facts({}))
    layout = layout_of(per_tonne(laid_out), facts({}), paths)
    process = PriceProcess(("NdPr",), (factor,), ((1.0,),))
    years = tuple(month / 12 for month in range(1, 25))
    book = Book(
        process, np.repeat([deck], 3, axis=1), years, layout.legs, layout.schedule, Parties(0.0, 0.0), Sampling(1024)
    )
    assert said.volume_option is not None
    return volume_right(said.volume_option, book, begins(laid_out, paths), named or [None] * 8)


@settings(max_examples=15, deadline=None)
@given(
    deck=st.lists(st.integers(70, 150), min_size=8, max_size=8),
    total=st.sampled_from([None, 4000, 6500, 12000]),
    holder=st.sampled_from(["seller", "buyer"]),
)
def test_on_known_prices_foresight_is_worth_the_bound_of_the_settlement(
    deck: list[int], total: int | None, holder: str
) -> None:
    said = terms(FLOOR, **({} if total is None else {"total_tonnes": total}), holder=holder)
    prices = {f"202{6 + n // 12}-{n % 12 + 1:02d}": Decimal(deck[n // 3]) for n in range(24)}
    exact = volume_bound_of(settle(said, facts(prices)))
    found = right(said, [float(price) for price in deck], SURE)
    assert found.at_most.value == pytest.approx(float(exact.most_worth_usd), abs=1e-3)
    assert found.even.value == pytest.approx(float(exact.even_usd), abs=1e-3)
    assert found.at_least.value == pytest.approx(found.at_most.value, abs=1e-3)  # nothing is left to foresee


@pytest.mark.parametrize("total", [None, 4500, 8000])
@pytest.mark.parametrize("holder", ["seller", "buyer"])
def test_a_right_is_worth_nothing_at_the_least_and_foresight_at_the_most(holder: str, total: int | None) -> None:
    option = {"holder": holder, **({} if total is None else {"total_tonnes": total})}
    found = right(terms(PRICE, **option), [100.0] * 8, alternative="benchmark")
    assert -1e-6 <= found.at_least.value < found.at_most.value
    assert found.at_most.standard_error < 0.05 * found.at_most.value


def test_tonnes_that_follow_the_market_earn_where_prices_persist_and_tonnes_without_a_range_earn_nothing() -> None:
    # a fixed price of 100 against a market of 100 in the mean: fixed tonnes gain nothing whatever they are
    found = right(terms(PRICE, total_tonnes=8000), [100.0] * 8, alternative="benchmark")
    assert found.rule == "tonnes that follow the last known gain"
    assert found.at_least.value > 4 * found.at_least.standard_error
    none = right(terms(PRICE, least_tonnes_per_period=1000, most_tonnes_per_period=1000), [100.0] * 8)
    assert (none.at_least.value, none.at_most.value) == (0.0, 0.0)


def test_where_no_price_tells_of_the_next_only_foresight_earns() -> None:
    forgetful = TwoFactor(short_reversion=200.0, short_volatility=4.0, long_volatility=0.0)
    found = right(terms(PRICE), [100.0] * 8, forgetful, "benchmark")
    assert found.at_most.value > 1e6
    assert abs(found.at_least.value) < 0.05 * found.at_most.value


def test_a_total_out_of_reach_and_a_yearly_cap_are_refused() -> None:
    with pytest.raises(TermsError, match="4000 to 12000 t"):
        right(terms(FLOOR, total_tonnes=3000), [100.0] * 8)
    cap = {"annual_cap": {"usd_per_year": 10, "year_of": "delivery", "partial_year": "whole"}}
    with pytest.raises(TermsError, match="annual_cap: found beside volume_option"):
        right(terms({**FLOOR, **cap}), [100.0] * 8)


def test_tonnes_that_are_named_are_facts_and_the_right_is_over_the_periods_that_are_open() -> None:
    # a floor of 110 pays 20,000 USD/t in the third quarter, at 90, and nothing at 120. With 2 x 1,500 t named, 3,500 of
    # 6,500 t are left for six quarters of at least 500: the third takes 500 + 500, evenly spread it takes 3,500 / 6
    deck = [100.0, 100.0, 90.0, 120.0, 120.0, 120.0, 120.0, 120.0]
    named: list[float | None] = [1500.0, 1500.0, *[None] * 6]
    found = right(terms(FLOOR, total_tonnes=6500), deck, SURE, named=named)
    assert found.even.value == pytest.approx(3500 / 6 * 20_000)
    assert found.at_most.value == pytest.approx((1000 - 3500 / 6) * 20_000)
    assert found.at_least.value == pytest.approx(found.at_most.value)


def test_a_total_counts_what_is_named_and_no_right_is_left_when_all_is() -> None:
    with pytest.raises(TermsError, match="12000, of which 1000 are named; allowed: 4500 to 11500 t"):
        right(terms(FLOOR, total_tonnes=12_000), [100.0] * 8, named=[1000.0, *[None] * 7])
    with pytest.raises(TermsError, match="no period whose tonnes are open"):
        right(terms(FLOOR), [100.0] * 8, named=[1000.0] * 8)
