"""A price never travels without its basis, and every conversion is a named, dated step."""

from __future__ import annotations

import math
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from pricing.errors import BasisError
from pricing.materials import Material
from pricing.price import (
    Basis,
    Currency,
    FxRate,
    MetalRatio,
    Place,
    Price,
    Unit,
    Vat,
    VatRate,
    from_usd,
    metal_to_oxide,
    oxide_to_metal,
    per,
    remove_vat,
    to_usd,
)

CASES: dict[str, Any] = yaml.safe_load((Path(__file__).parents[1] / "worked_cases/price_bases.yaml").read_text())
DOMESTIC = Basis(Material.NDPR, Currency.CNY, Unit.T, place=Place.CHINA_WORKS, vat=Vat.INCLUDED)
OXIDE = Basis(Material.NDPR)
CENT = 0.005


@pytest.mark.parametrize("case", CASES["vat_and_fx"], ids=lambda case: case["name"])
def test_a_chinese_quote_compares_with_a_dollar_floor_only_after_vat_and_fx(case: dict[str, Any]) -> None:
    quote = Price(case["amount"], DOMESTIC)
    in_usd = per(to_usd(quote, FxRate(Currency.CNY, case["fx_per_usd"], "2026-02")), Unit.KG)
    ex_vat = remove_vat(in_usd, VatRate(case["vat_rate"], date(2026, 2, 15)))
    assert in_usd.amount == pytest.approx(case["including_vat"], abs=CENT)
    assert ex_vat.amount == pytest.approx(case["ex_vat"], abs=CENT)
    assert len(ex_vat.steps) == 3
    assert "2026-02-15" in ex_vat.steps[-1]


@pytest.mark.parametrize("case", CASES["oxide_to_metal"], ids=lambda case: case["name"])
def test_a_floor_on_oxide_has_a_price_of_metal(case: dict[str, Any]) -> None:
    metal = oxide_to_metal(Price(case["oxide"], OXIDE), MetalRatio(case["ratio"], "contract"), case["toll"])
    assert metal.amount == pytest.approx(case["metal"], abs=CENT)


@pytest.mark.parametrize(("name", "ratio"), CASES["stoichiometric_ratio"].items())
def test_kilograms_of_oxide_per_kilogram_of_metal_follow_from_the_formula(name: str, ratio: float) -> None:
    assert MetalRatio.stoichiometric(Material(name)).oxide_per_metal == pytest.approx(ratio, abs=5e-7)


@pytest.mark.parametrize("case", CASES["mass"], ids=lambda case: case["name"])
def test_a_price_per_pound_or_tonne_is_a_price_per_kilogram(case: dict[str, Any]) -> None:
    price = Price(case["amount"], Basis(Material.NDPR, unit=Unit(case["from"])))
    assert per(price, Unit(case["to"])).amount == pytest.approx(case["expected"], abs=CENT)


OTHER_BASES = [
    Basis(Material.DY),
    Basis(Material.NDPR, Currency.CNY),
    Basis(Material.NDPR, unit=Unit.T),
    Basis(Material.NDPR, place=Place.FOB_CHINA),
    Basis(Material.NDPR, vat=Vat.NOT_REFUNDED),
    Basis(Material.NDPR, purity="99.9 %"),
]


@pytest.mark.parametrize("basis", OTHER_BASES, ids=str)
def test_two_bases_are_neither_added_nor_compared(basis: Basis) -> None:
    here, there = Price(100.0, OXIDE), Price(100.0, basis)
    for attempt in (here.__add__, here.__sub__, here.__lt__, here.__le__):
        with pytest.raises(BasisError, match="convert one price"):
            attempt(there)


def test_prices_on_one_basis_add_subtract_and_order() -> None:
    low, high = Price(60.0, OXIDE), Price(90.0, OXIDE)
    assert (low + high).amount == 150.0
    assert (high - low).amount == 30.0
    assert low < high
    assert low <= low


def test_vat_is_taken_out_once_only() -> None:
    once = remove_vat(Price(113.0, Basis(Material.NDPR, vat=Vat.INCLUDED)), VatRate(0.13, date(2024, 1, 1)))
    with pytest.raises(BasisError, match="none to remove"):
        remove_vat(once, VatRate(0.13, date(2024, 1, 1)))


def test_a_conversion_from_the_wrong_form_or_currency_is_refused() -> None:
    ratio = MetalRatio.stoichiometric(Material.NDPR)
    metal = oxide_to_metal(Price(100.0, OXIDE), ratio)
    with pytest.raises(BasisError):
        oxide_to_metal(metal, ratio)
    with pytest.raises(BasisError):
        metal_to_oxide(Price(100.0, OXIDE), ratio)
    with pytest.raises(BasisError):
        to_usd(Price(100.0, OXIDE), FxRate(Currency.CNY, 7.0, "2026-01"))
    with pytest.raises(BasisError):
        from_usd(Price(100.0, DOMESTIC), FxRate(Currency.CNY, 7.0, "2026-01"))


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf, -1.0])
def test_facts_that_cannot_be_are_refused_where_they_are_made(bad: float) -> None:
    with pytest.raises(BasisError):
        VatRate(bad, date(2024, 1, 1))
    with pytest.raises(BasisError):
        FxRate(Currency.CNY, bad, "2024-01")
    with pytest.raises(BasisError):
        MetalRatio(bad, "contract")
    with pytest.raises(BasisError):
        oxide_to_metal(Price(1.0, OXIDE), MetalRatio(1.2, "contract"), toll=bad)


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_an_amount_is_a_finite_number(bad: float) -> None:
    with pytest.raises(BasisError):
        Price(bad, OXIDE)


@given(amount=st.floats(0.01, 1e6), toll=st.floats(0, 100), recovery=st.floats(0.8, 1.0))
def test_metal_to_oxide_and_back_returns_the_start(amount: float, toll: float, recovery: float) -> None:
    ratio = MetalRatio.stoichiometric(Material.NDPR, recovery)
    there = oxide_to_metal(Price(amount, OXIDE), ratio, toll)
    assert metal_to_oxide(there, ratio, toll).amount == pytest.approx(amount)


@given(amount=st.floats(0.01, 1e6), per_usd=st.floats(0.1, 2000), unit=st.sampled_from(Unit))
def test_money_and_mass_round_trips_return_the_start(amount: float, per_usd: float, unit: Unit) -> None:
    fx = FxRate(Currency.CNY, per_usd, "2026-01")
    there = per(from_usd(Price(amount, OXIDE), fx), unit)
    assert to_usd(per(there, Unit.KG), fx).amount == pytest.approx(amount)
