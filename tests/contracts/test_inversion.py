"""From a reported payment back to a reference: one number only where every term is stated."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricing.contracts.inversion import implied_reference, implied_tonnes, invert, readings
from pricing.contracts.settlement_payoffs import cap_binds_at, shortfall
from pricing.contracts.terms.reading import read
from pricing.contracts.terms.reported import Reported
from pricing.errors import TermsError

from .conftest import CASES

CASE = CASES["reported"]
KNOWN = {"window": "quarter", "lag_months": 0, "share_in_force": False}


def reported(**change: Any) -> Reported:
    row = {name: CASE[name] for name in ("usd", "rounded_to_usd", "floor_usd_per_kg", "tonnes", "vat_rates")}
    return read({**row, **change}, Reported)


@pytest.mark.parametrize("basis", ["sold", "produced"])
def test_a_payment_implies_one_reference_where_every_term_is_stated(basis: str) -> None:
    found = invert(reported(tonnes={basis: CASE["tonnes"][basis]}, vat_rates={"ex_vat": 0}, **KNOWN)).identified
    assert found is not None
    assert f"{found.implied_usd_per_kg:.2f}" == CASE["implied"][basis]
    assert found.low_usd_per_kg < found.implied_usd_per_kg < found.high_usd_per_kg


def test_without_its_terms_a_payment_identifies_nothing_and_every_reading_is_listed() -> None:
    found = invert(reported())
    assert found.identified is None
    assert [fault.path for fault in found.missing] == ["tonnes", "vat_rates", "window", "lag_months", "share_in_force"]
    assert {(one.volume_basis, one.vat_basis) for one in found.readings} == {
        (basis, vat) for basis in ("sold", "produced") for vat in ("ex_vat", "inc_vat")
    }
    quoted = {
        one.volume_basis: f"{one.as_quoted_usd_per_kg:.2f}" for one in found.readings if one.vat_basis == "inc_vat"
    }
    assert quoted == CASE["as_quoted_inc_vat"]
    assert "identifies none" in found.says


@pytest.mark.parametrize("left_out", [*KNOWN, "tonnes", "vat_rates"])
def test_one_open_term_is_enough_to_conclude_nothing(left_out: str) -> None:
    stated = {**KNOWN, "tonnes": {"sold": 1006}, "vat_rates": {"ex_vat": 0}}
    del stated[left_out]
    more = {left_out: {}} if left_out in ("tonnes", "vat_rates") else {}
    found = invert(reported(**stated, **more))
    assert found.identified is None
    assert [fault.path for fault in found.missing] == [left_out]


def test_readings_stand_against_published_averages() -> None:
    one = next(readings(reported(averages={"month_m": 70, "month_m1": 66})))
    assert {name: f"{gap:.2f}" for name, gap in one.gap_to_average.items()} == {"month_m": "-2.02", "month_m1": "1.98"}


def test_a_reading_that_needs_a_negative_price_is_none() -> None:
    found = invert(reported(usd=200_000_000, tonnes={"sold": 1006}, vat_rates={"ex_vat": 0}, **KNOWN))
    assert (found.identified, found.missing, found.readings) == (None, (), ())
    zero = "it is not below floor x tonnes, 110,660,000.00 USD, what a price of zero would cost"
    assert found.says == f"No reading agrees with the payment: {zero}."


def test_a_payment_by_the_seller_is_read_through_the_share() -> None:
    share = {"share_above": 0.3, "share_above_usd_per_kg": 150}
    one = next(readings(reported(usd=-1_350_000, tonnes={"sold": 1000}, vat_rates={"ex_vat": 0}, **share)))
    assert one.implied_usd_per_kg == Decimal("154.5")
    with pytest.raises(TermsError, match="share_above"):
        invert(reported(usd=-1))


def test_a_share_below_the_floor_or_not_in_force_pays_the_buyer_nothing() -> None:
    share = {"usd": -1_350_000, "share_above": 0.3}
    with pytest.raises(TermsError, match="share_above_usd_per_kg: found 100; allowed: at least the floor, 110"):
        reported(**share, share_above_usd_per_kg=100)
    with pytest.raises(TermsError, match="share_in_force: found false"):
        reported(**share, share_above_usd_per_kg=150, share_in_force=False)


def test_nothing_due_is_no_reading() -> None:
    with pytest.raises(TermsError, match="at the floor or above"):
        invert(reported(usd=0))


PRICES = st.decimals(Decimal(1), Decimal(109), places=4)
TONNES = st.decimals(Decimal(1), Decimal(20_000), places=2)


@given(reference=PRICES, tonnes=TONNES)
def test_inversion_undoes_the_payment(reference: Decimal, tonnes: Decimal) -> None:
    usd = shortfall(Decimal(110), reference) * tonnes * 1000
    assert abs(implied_reference(usd, Decimal(110), tonnes) - reference) < Decimal("1e-20")
    assert abs(implied_tonnes(usd, Decimal(110), reference) - tonnes) < Decimal("1e-18")


def test_tonnes_are_not_read_from_a_reference_above_the_floor() -> None:
    with pytest.raises(TermsError, match="below the floor"):
        implied_tonnes(Decimal(1), Decimal(110), Decimal(110))


def test_a_larger_volume_meets_its_cap_at_a_lower_price() -> None:
    binds = [cap_binds_at(Decimal("0.3"), Decimal(150), Decimal(10_000_000), Decimal(t)) for t in (5000, 7200)]
    assert [f"{price:.2f}" for price in binds] == ["156.67", "154.63"]  # acceptance questions 4 and 50
