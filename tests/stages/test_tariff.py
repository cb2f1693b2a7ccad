"""The tariff that lifts an import to a reference price, and the way back."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from pricing.errors import TermsError
from pricing.price import Vat
from pricing.stages.tariff import Carriage, DutyOn, ExportTax, Import, export_price, shipped_cif, shipped_fob

CASES: dict[str, Any] = yaml.safe_load((Path(__file__).parents[1] / "worked_cases/stages.yaml").read_text())
CENT, TENTH, TINY = Decimal("0.01"), Decimal("0.1"), Decimal("1E-15")


def rounded(value: Decimal, to: Decimal = CENT) -> str:
    return str(value.quantize(to, ROUND_HALF_UP))


@pytest.mark.parametrize("case", CASES["tariffs"], ids=lambda case: case["name"])
def test_a_tariff_lifts_what_is_dutiable_to_the_reference(case: dict[str, Any]) -> None:
    shipped = Import(Decimal(case["dutiable"]), Decimal(case.get("beside", 0)))
    assert rounded(100 * shipped.rate_to(Decimal(case["reference"])), TENTH) == case["percent"]
    assert rounded(shipped.landed(Decimal(case["at"]))) == case["landed"]


@pytest.mark.parametrize("case", CASES["exports"], ids=lambda case: case["name"])
def test_an_export_price_is_the_home_price_less_the_vat_refunded(case: dict[str, Any]) -> None:
    tax = ExportTax(Decimal(case["rate"]) if "rate" in case else None, Decimal(case["refund"]))
    assert rounded(export_price(Decimal(case["price"]), Vat(case["vat"]), tax)) == case["export"]


@pytest.mark.parametrize("vat", [Vat.INCLUDED, Vat.EXCLUDED])
def test_without_a_word_on_the_refund_a_home_price_is_no_export_price(vat: Vat) -> None:
    with pytest.raises(TermsError, match="refunded on export") as refused:
        export_price(Decimal(100), vat, ExportTax(Decimal("0.13")))
    assert [fault.path for fault in refused.value.faults] == ["vat_refund_share"]


@pytest.mark.parametrize(("vat", "refund"), [(Vat.INCLUDED, "0.5"), (Vat.INCLUDED, "1"), (Vat.EXCLUDED, "0")])
def test_where_the_rate_matters_it_has_to_be_said(vat: Vat, refund: str) -> None:
    with pytest.raises(TermsError) as refused:
        export_price(Decimal(100), vat, ExportTax(None, Decimal(refund)))
    assert [fault.path for fault in refused.value.faults] == ["vat_rate"]


MONEY = st.decimals(Decimal("0.01"), Decimal(5_000), places=4)
RATES = st.decimals(Decimal("-0.9"), Decimal(5), places=6)
CARRIAGES = st.builds(
    Carriage, st.decimals(Decimal(0), Decimal(20), places=2), st.decimals(Decimal(0), Decimal(5), places=2)
)
SHARES = st.decimals(Decimal(0), Decimal(1), places=4)


@given(fob=MONEY, carriage=CARRIAGES, duty_on=st.sampled_from(DutyOn), rate=RATES)
def test_the_tariff_of_the_landed_price_is_the_rate_it_landed_at(
    fob: Decimal, carriage: Carriage, duty_on: DutyOn, rate: Decimal
) -> None:
    shipped = shipped_fob(fob, carriage, duty_on)
    assert abs(shipped.rate_to(shipped.landed(rate)) - rate) <= TINY * 10**4


@given(fob=MONEY, carriage=CARRIAGES, duty_on=st.sampled_from(DutyOn), reference=MONEY)
def test_what_lands_at_the_tariff_is_the_reference(
    fob: Decimal, carriage: Carriage, duty_on: DutyOn, reference: Decimal
) -> None:
    shipped = shipped_fob(fob, carriage, duty_on)
    assert abs(shipped.landed(shipped.rate_to(reference)) - reference) <= TINY * (1 + reference)


@given(fob=MONEY, carriage=CARRIAGES, reference=MONEY, more=MONEY)
def test_a_higher_reference_needs_a_higher_tariff_and_a_higher_value_a_lower_one(
    fob: Decimal, carriage: Carriage, reference: Decimal, more: Decimal
) -> None:
    shipped = shipped_fob(fob, carriage, DutyOn.CIF)
    assert shipped.rate_to(reference + more) > shipped.rate_to(reference)
    assert shipped_fob(fob + more, carriage, DutyOn.CIF).rate_to(reference) < shipped.rate_to(reference)


@given(fob=MONEY, carriage=CARRIAGES, reference=MONEY, factor=st.sampled_from([Decimal(2), Decimal("0.5")]))
def test_a_tariff_has_no_currency(fob: Decimal, carriage: Carriage, reference: Decimal, factor: Decimal) -> None:
    scaled = Carriage(carriage.freight * factor, carriage.insurance * factor)
    rate = shipped_fob(fob, carriage, DutyOn.FOB).rate_to(reference)
    again = shipped_fob(fob * factor, scaled, DutyOn.FOB).rate_to(reference * factor)
    assert abs(again - rate) <= TINY * (1 + abs(rate))


@given(fob=MONEY, carriage=CARRIAGES, duty_on=st.sampled_from(DutyOn), rate=RATES)
def test_bought_fob_or_cif_a_kilogram_lands_at_the_same_price(
    fob: Decimal, carriage: Carriage, duty_on: DutyOn, rate: Decimal
) -> None:
    cif = shipped_cif(fob + carriage.total, carriage, duty_on)
    assert cif.landed(rate) == shipped_fob(fob, carriage, duty_on).landed(rate)


@given(fob=MONEY, carriage=CARRIAGES, rate=st.decimals(Decimal(0), Decimal(3), places=4))
def test_duty_on_cif_never_lands_cheaper(fob: Decimal, carriage: Carriage, rate: Decimal) -> None:
    on_fob, on_cif = (shipped_fob(fob, carriage, duty_on).landed(rate) for duty_on in DutyOn)
    assert on_cif >= on_fob


@given(price=MONEY, rate=st.decimals(Decimal(0), Decimal("0.3"), places=2), refund=SHARES, more=SHARES)
def test_more_refund_makes_the_export_cheaper_by_at_most_the_tax(
    price: Decimal, rate: Decimal, refund: Decimal, more: Decimal
) -> None:
    low, high = sorted((refund, more))
    dear, cheap = (export_price(price, Vat.EXCLUDED, ExportTax(rate, share)) for share in (low, high))
    assert price <= cheap <= dear <= price * (1 + rate)


@given(price=MONEY, rate=st.decimals(Decimal(0), Decimal("0.3"), places=2), refund=SHARES)
def test_a_home_price_before_and_with_vat_is_one_export_price(price: Decimal, rate: Decimal, refund: Decimal) -> None:
    tax = ExportTax(rate, refund)
    before, after = export_price(price, Vat.EXCLUDED, tax), export_price(price * (1 + rate), Vat.INCLUDED, tax)
    assert abs(before - after) <= TINY * (1 + price)


@pytest.mark.parametrize("bad", ["NaN", "Infinity", "-1"])
def test_what_cannot_be_is_refused_with_every_fault(bad: str) -> None:
    value = Decimal(bad)
    for made in (
        lambda: Import(value, value),
        lambda: Carriage(value, value),
        lambda: ExportTax(value, value),
    ):
        with pytest.raises(TermsError) as refused:
            made()
        assert len(refused.value.faults) == 2


def test_carriage_that_eats_up_a_cif_price_is_refused() -> None:
    with pytest.raises(TermsError, match="above zero"):
        shipped_cif(Decimal(3), Carriage(Decimal(3)), DutyOn.FOB)
