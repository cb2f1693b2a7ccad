"""What a price floor pays: worked cases, refusals, and the laws every floor obeys."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from pricing.contracts.floor import FloorTerms, MetalConversion, SettledOn, settle
from pricing.contracts.index import Deck, Fixing, ReferenceIndex
from pricing.contracts.measures import VatRule
from pricing.contracts.periods import Settlement, months_between, periods
from pricing.errors import TermsError
from pricing.materials import Form, Material
from pricing.price import Basis, Currency, Unit, Vat

CASES: dict[str, Any] = yaml.safe_load((Path(__file__).parents[1] / "worked_cases/floor_payments.yaml").read_text())
NDPR = Basis(Material.NDPR)
NO_INDEX = ReferenceIndex("own index")
TERMS = FloorTerms(Decimal(110), NDPR, date(2025, 10, 1), date(2026, 9, 30), Decimal(1200))


def index_at(amount: str, first: str, last: str, vat: Vat | None = Vat.EXCLUDED, rate: str = "0") -> ReferenceIndex:
    fixing = Fixing(Decimal(amount), vat, Decimal(rate))
    return ReferenceIndex("china_domestic", dict.fromkeys(months_between(first, last), fixing))


def terms_of(case: dict[str, Any]) -> FloorTerms:
    return FloorTerms(
        amount=Decimal(case["amount"]),
        basis=replace(NDPR, unit=Unit(case.get("unit", "kg"))),
        first_day=case["from"],
        last_day=case["to"],
        tonnes_per_year=Decimal(case["tonnes_per_year"]),
        settlement=Settlement(case.get("settlement", "quarterly")),
        vat_rule=VatRule(case.get("vat_rule", "refuse")),
    )


@pytest.mark.parametrize("case", CASES["cases"], ids=lambda case: case["name"])
def test_a_floor_pays_the_shortfall_to_the_cent(case: dict[str, Any]) -> None:
    index = NO_INDEX
    if quoted := case.get("fixing"):
        index = index_at(quoted["amount"], "2026-01", "2026-03", Vat(quoted["vat"]), quoted["vat_rate"])
    deck = Deck("stated", {month: Decimal(price) for month, price in case.get("deck", {}).items()})
    paid = settle(terms_of(case), index, deck)
    assert [str(payment.usd) for payment in paid.payments] == case["payments"]


def test_ten_years_below_the_floor_cost_one_and_a_half_billion() -> None:
    case = CASES["exposure"]
    paid = settle(terms_of(case), NO_INDEX, Deck("flat", flat=Decimal(case["flat"])))
    assert set(paid.total_usd_by_year().values()) == {Decimal(case["per_year"])}
    assert paid.total_usd == Decimal(case["total"])
    present_value = paid.present_value_usd(Decimal(case["rate"])) / 1_000_000
    assert round(present_value, 1) == Decimal(case["present_value_musd"])


def test_a_floor_on_metal_settles_on_oxide_through_ratio_and_toll() -> None:
    metal = MetalConversion(Decimal("1.20"), Decimal(12))
    terms = replace(TERMS, amount=Decimal(150), basis=replace(NDPR, form=Form.METAL), metal=metal)
    paid = settle(terms, NO_INDEX, Deck("flat", flat=Decimal(110)))
    assert paid.payments[0].reference == Decimal("144.00")
    assert paid.payments[0].shortfall == Decimal("6.00")


def test_a_floor_on_metal_without_a_ratio_is_refused() -> None:
    with pytest.raises(TermsError, match="oxide_per_metal"):
        replace(TERMS, basis=replace(NDPR, form=Form.METAL))


@pytest.mark.parametrize("vat", [Vat.INCLUDED, Vat.NOT_REFUNDED, None])
def test_a_floor_ex_vat_against_another_vat_basis_is_refused_without_a_rule(vat: Vat | None) -> None:
    with pytest.raises(TermsError, match="vat_rule"):
        settle(TERMS, index_at("107.05", "2025-10", "2026-09", vat, "0.13"))


def test_vat_of_an_index_that_does_not_state_it_is_never_converted() -> None:
    with pytest.raises(TermsError, match="as_quoted"):
        settle(replace(TERMS, vat_rule=VatRule.CONVERT), index_at("107.05", "2025-10", "2026-09", None))


def test_history_is_settled_on_history_and_the_rest_on_the_deck() -> None:
    paid = settle(TERMS, index_at("80", "2025-10", "2026-02"), Deck("flat", flat=Decimal(90), flat_after="2026-02"))
    assert [payment.settled_on.value for payment in paid.payments] == ["history", "history and deck", "deck", "deck"]
    assert paid.payments[1].reference == (Decimal(80) + 80 + 90) / 3
    assert sum(paid.total_usd_on(kind) for kind in SettledOn) == paid.total_usd


def test_a_deck_never_replaces_a_fixing() -> None:
    index = index_at("80", "2025-10", "2026-09")
    assert settle(TERMS, index, Deck("flat", flat=Decimal(1))).total_usd == settle(TERMS, index).total_usd


def test_a_missing_fixing_is_an_error_that_names_the_months() -> None:
    with pytest.raises(TermsError, match=r"2026-03, 2026-04.* and 1 more"):
        settle(TERMS, index_at("80", "2025-10", "2026-02"))


def test_a_gap_inside_history_is_not_filled_by_a_deck_that_starts_later() -> None:
    full = index_at("80", "2025-10", "2026-09")
    holed = ReferenceIndex("china_domestic", {m: f for m, f in full.fixings.items() if m != "2025-12"})
    with pytest.raises(TermsError, match="2025-12"):
        settle(TERMS, holed, Deck("flat", flat=Decimal(90), flat_after="2026-02"))


def test_contradicting_terms_are_refused_with_every_fault() -> None:
    with pytest.raises(TermsError) as refused:
        FloorTerms(
            Decimal("NaN"), replace(NDPR, currency=Currency.CNY), date(2026, 1, 1), date(2025, 1, 1), Decimal(-5)
        )
    paths = [fault.path for fault in refused.value.faults]
    assert paths == ["floor.amount", "floor.tonnes_per_year", "floor.currency", "floor.to"]


@pytest.mark.parametrize("bad", ["NaN", "Infinity", "-1", "0"])
def test_a_price_that_cannot_be_is_refused_where_it_is_made(bad: str) -> None:
    with pytest.raises(TermsError):
        Fixing(Decimal(bad), Vat.EXCLUDED)
    with pytest.raises(TermsError):
        Deck("flat", flat=Decimal(bad))
    with pytest.raises(TermsError):
        MetalConversion(Decimal(bad))


MONEY = st.decimals(Decimal(1), Decimal(500), places=2)
TONNES = st.decimals(Decimal(1), Decimal(20_000), places=1)
DECKS = st.lists(MONEY, min_size=12, max_size=12).map(
    lambda prices: Deck("stated", dict(zip(months_between("2025-10", "2026-09"), prices, strict=True)))
)


@given(deck=DECKS, floor=MONEY, tonnes=TONNES, settlement=st.sampled_from(Settlement))
def test_raising_a_floor_never_lowers_what_it_pays_and_by_at_most_the_volume(
    deck: Deck, floor: Decimal, tonnes: Decimal, settlement: Settlement
) -> None:
    terms = replace(TERMS, amount=floor, tonnes_per_year=tonnes, settlement=settlement)
    low, mid, high = (
        settle(replace(terms, amount=floor + step), NO_INDEX, deck).total_usd for step in (Decimal(0), 1, 2)
    )
    cents = Decimal("0.12")  # half a cent of rounding per payment, twelve payments, two differences
    assert 0 <= mid - low <= tonnes * 1000 + cents
    assert high - mid >= mid - low - cents  # convex


@given(deck=DECKS, floor=MONEY, tonnes=TONNES)
def test_monthly_settlement_never_pays_less_than_quarterly(deck: Deck, floor: Decimal, tonnes: Decimal) -> None:
    terms = replace(TERMS, amount=floor, tonnes_per_year=tonnes)
    monthly = settle(replace(terms, settlement=Settlement.MONTHLY), NO_INDEX, deck).total_usd
    assert monthly >= settle(terms, NO_INDEX, deck).total_usd - Decimal("0.12")


@given(
    first=st.dates(date(2020, 1, 1), date(2029, 12, 31)),
    days=st.integers(0, 4000),
    settlement=st.sampled_from(Settlement),
)
def test_periods_cover_every_day_once(first: date, days: int, settlement: Settlement) -> None:
    last = date.fromordinal(first.toordinal() + days)
    cut = periods(first, last, settlement)
    assert (cut[0].first_day, cut[-1].last_day) == (first, last)
    assert all(a.last_day.toordinal() + 1 == b.first_day.toordinal() for a, b in itertools.pairwise(cut))


def test_a_whole_year_carries_the_whole_volume() -> None:
    year = periods(date(2024, 1, 1), date(2024, 12, 31), Settlement.QUARTERLY)
    assert [period.tonnes(Decimal(6000)) for period in year] == [Decimal(1500)] * 4
