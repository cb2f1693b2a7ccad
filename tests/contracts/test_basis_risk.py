"""Basis risk between two indices: what a person can check by hand, laws, and overlaps too short to tell."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricing.contracts.basis_risk import BasisRisk, basis_risk
from pricing.contracts.periods import month_shifted, months_between
from pricing.contracts.terms.basis import LEAST_MONTHS, BasisQuestion
from pricing.contracts.terms.reading import read
from pricing.errors import TermsError

FIRST = "2024-01"
MONTHS = list(months_between(FIRST, month_shifted(FIRST, LEAST_MONTHS)))  # one more than the least
SIDE = {"window": "month", "lag_months": 0}


def index(prices: Any, first: str = FIRST, **more: Any) -> dict[str, Any]:
    fixings = {month_shifted(first, place): float(price) for place, price in enumerate(prices)}
    return {"currency": "USD", "unit": "kg", "form": "oxide", "vat": "excluded", "fixings": fixings, **more}


def asked(smm: dict[str, Any], outside: dict[str, Any], **more: Any) -> BasisRisk:
    row = {
        "contract": SIDE | {"index": "smm"} | more.pop("contract", {}),
        "cargo": SIDE | {"index": "outside"} | more.pop("cargo", {}),
        "form": "oxide",
        "vat": "excluded",
        "tonnes": 100,
        "facts": {"indices": {"smm": smm, "outside": outside}, **more.pop("facts", {})},
    }
    return basis_risk(read(row | more, BasisQuestion))


def zigzag(low: float, high: float) -> list[float]:
    return [high if place % 2 else low for place in range(len(MONTHS))]


def test_an_index_against_itself_leaves_nothing_open() -> None:
    found = asked(index(zigzag(50, 60)), index(zigzag(50, 60)))
    assert (found.correlation, found.hedge_ratio) == (pytest.approx(1), pytest.approx(1))
    assert found.hedged_one_to_one_usd_per_kg == pytest.approx(0)
    assert (found.spread.low, found.spread.high) == (0, 0)


def test_a_constant_premium_is_a_spread_and_no_risk() -> None:
    found = asked(index(zigzag(50, 60)), index(zigzag(57, 67)))
    assert (found.spread.low, found.spread.mean, found.spread.high) == (7, 7, 7)
    assert found.hedged_at_ratio_usd_per_kg == pytest.approx(0, abs=1e-9)


def test_twice_the_move_asks_for_twice_the_hedge() -> None:
    """Changes of +-10 and +-20: one to one leaves +-10, 24 changes, mean 0: sqrt(24 x 100 / 23) = 10.2151."""
    found = asked(index(zigzag(50, 60)), index(zigzag(100, 120)))
    assert found.hedge_ratio == pytest.approx(2)
    assert found.hedged_one_to_one_usd_per_kg == pytest.approx(10.2151, abs=1e-4)
    assert found.unhedged_usd_per_kg == pytest.approx(20.4302, abs=1e-4)
    assert found.usd(found.hedged_one_to_one_usd_per_kg) == pytest.approx(1_021_508, rel=1e-6)


def test_the_range_is_that_of_the_last_months_alone() -> None:
    cargo = zigzag(57, 67)
    cargo[0] = 500.0
    found = asked(index(zigzag(50, 60)), index(cargo))
    assert (found.spread.first_month, found.spread.high) == (MONTHS[1], 7)
    assert asked(index(zigzag(50, 60)), index(cargo), last_months=len(MONTHS)).spread.high == 450


def test_the_month_in_which_the_spread_moved_most_is_named() -> None:
    cargo = np.array(zigzag(57, 67))
    cargo[10:] += 30
    found = asked(index(zigzag(50, 60)), index(cargo))
    assert (found.worst_month, found.worst_month_usd_per_kg) == (MONTHS[10], 30)


def test_each_side_is_priced_by_its_own_rule() -> None:
    """The cargo on M+1 of the same index: its month is the next one's, so the last month has none."""
    risen = index(np.arange(50, 50 + len(MONTHS)))
    found = asked(risen, risen, cargo={"lag_months": 1})
    assert (found.spread.low, found.spread.high, found.months) == (1, 1, len(MONTHS) - 1)


def test_yuan_with_tax_becomes_the_basis_of_the_question() -> None:
    yuan = index([113 * 7] * len(MONTHS), currency="CNY", vat="included")
    facts = {
        "fx": {"CNY": {"per_usd": dict.fromkeys(MONTHS, 7)}},
        "vat": [{"from": "2019-04-01", "rate": 0.13}],
    }
    rule = {"vat_rule": "convert", "fx_rule": "mean_of_conversions"}
    found = asked(yuan, index([101] * len(MONTHS)), contract=rule, facts=facts)
    assert found.spread.mean == pytest.approx(1)
    assert (found.correlation, found.hedge_ratio) == (0, 0)


def test_an_index_on_another_basis_is_refused_unless_the_rule_converts() -> None:
    with pytest.raises(TermsError, match=r"contract\.vat_rule") as caught:
        asked(index([1] * 25, vat="included"), index([1] * 25), cargo={"index": "outsde"})
    assert [fault.path for fault in caught.value.faults] == ["contract.vat_rule", "cargo.index"]


@pytest.mark.parametrize("months", [0, 1, 23])
def test_a_short_overlap_is_refused_and_says_how_short(months: int) -> None:
    later = index(zigzag(50, 60), first=MONTHS[-months] if months else month_shifted(MONTHS[-1], 1))
    with pytest.raises(TermsError, match=rf"found {months} months with both prices; allowed: at least 24"):
        asked(index(zigzag(50, 60)), later)


def test_months_without_neighbours_do_not_count_as_changes() -> None:
    every_other = {month: 50.0 for month in months_between("2020-01", "2024-12") if int(month[-2:]) % 2}
    gappy = index([]) | {"fixings": every_other}
    with pytest.raises(TermsError, match="0 changes between neighbouring months; not both prices in 2020-02"):
        asked(gappy, gappy)


def test_a_gap_is_named_and_the_rest_answered() -> None:
    longer = index(np.arange(50, 90))
    del longer["fixings"]["2025-01"]
    found = asked(longer, index(np.arange(50, 90)))
    assert (found.left_out, found.months, found.changes) == (("2025-01",), 39, 37)


def test_a_fallback_has_no_place_here() -> None:
    rule = {"fallback": [{"use": "x", "after_days_late": 1}], "fallback_for": "month"}
    with pytest.raises(TermsError, match=r"cargo\.fallback"):
        asked(index(zigzag(50, 60)), index(zigzag(50, 60)), cargo=rule)


@given(st.lists(st.floats(40, 120), min_size=25, max_size=25), st.lists(st.floats(40, 120), min_size=25, max_size=25))
def test_the_best_ratio_leaves_no_more_than_any_other(contract: list[float], cargo: list[float]) -> None:
    found = asked(index(contract), index(cargo))
    for other in (found.unhedged_usd_per_kg, found.hedged_one_to_one_usd_per_kg):
        assert found.hedged_at_ratio_usd_per_kg <= other * (1 + 1e-9) + 1e-9
    assert -1 - 1e-9 <= found.correlation <= 1 + 1e-9
    assert found.spread.low <= found.spread.mean + 1e-9
    assert found.spread.mean <= found.spread.high + 1e-9


@given(st.decimals("0.5", "2000", places=1))
def test_money_goes_with_the_tonnes(tonnes: Decimal) -> None:
    found = asked(index(zigzag(50, 60)), index(zigzag(57, 70)), tonnes=tonnes)
    assert found.usd(1.0) == pytest.approx(float(tonnes) * 1000)
