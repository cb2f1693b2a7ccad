"""What a price floor pays, period by period, in exact decimals.

payment = max(0, floor - average of the reference over the period) x eligible mass, never negative. A floor changes
payments between its parties; no fair price enters and none comes out.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from pricing.contracts.index import NO_DECK, Deck, Fixing, ReferenceIndex
from pricing.contracts.measures import CENT, KG_PER_TONNE, KG_PER_UNIT, VatRule
from pricing.contracts.periods import PRO_RATA_RULE, Period, Settlement, contract_year, first_named, periods
from pricing.errors import Fault, TermsError
from pricing.materials import Form
from pricing.price import Basis, Currency, Vat

RULES = {
    "average": "simple mean of the period's monthly fixings, not rounded",
    "volume": PRO_RATA_RULE,
    "rounding": "each payment is rounded half up to the cent; totals add the rounded payments",
    "present_value": "a payment falls due at the end of its contract year and is discounted to the first day",
}


class SettledOn(StrEnum):
    """What the reference of a period rests on."""

    HISTORY = "history"
    DECK = "deck"
    BOTH = "history and deck"


@dataclass(frozen=True, slots=True)
class MetalConversion:
    """How an oxide index becomes a metal reference: kg oxide per kg metal and a toll in USD per kg metal."""

    oxide_per_metal: Decimal
    toll_usd_per_kg: Decimal = Decimal(0)

    def __post_init__(self) -> None:
        ratio = self.oxide_per_metal
        if not (ratio.is_finite() and 1 < ratio < 2):  # conservation of mass below, half lost above
            raise TermsError(Fault("floor.oxide_per_metal", str(ratio), "kg oxide per kg metal, above 1 and below 2"))
        if not (self.toll_usd_per_kg.is_finite() and self.toll_usd_per_kg >= 0):
            raise TermsError(Fault("floor.toll", str(self.toll_usd_per_kg), "zero or a positive amount in USD/kg"))


@dataclass(frozen=True, slots=True)
class FloorTerms:
    """A price floor: `amount` on `basis`, against a reference, on tonnes of the basis' form a year."""

    amount: Decimal
    basis: Basis
    first_day: date
    last_day: date
    tonnes_per_year: Decimal
    settlement: Settlement = Settlement.QUARTERLY
    vat_rule: VatRule = VatRule.REFUSE
    metal: MetalConversion | None = None

    def __post_init__(self) -> None:
        faults = [fault for fault in self._faults() if fault is not None]
        if faults:
            raise TermsError(*faults)

    def _faults(self) -> tuple[Fault | None, ...]:
        dollars = self.basis.currency is Currency.USD
        ordered = self.first_day <= self.last_day
        ratio_stated = self.basis.form is Form.OXIDE or self.metal is not None
        return (
            _unless_positive("floor.amount", self.amount),
            _unless_positive("floor.tonnes_per_year", self.tonnes_per_year),
            None if dollars else Fault("floor.currency", self.basis.currency, "USD; state the floor in dollars"),
            None if ordered else Fault("floor.to", str(self.last_day), f"a day on or after {self.first_day}"),
            None if ratio_stated else Fault("floor.oxide_per_metal", "nothing", _RATIO_WANTED),
        )


_RATIO_WANTED = "kg oxide per kg metal, since the index is on oxide; 1.176549 is NdPr's stoichiometry"


@dataclass(frozen=True, slots=True)
class Payment:
    """One period's payment to the seller in USD, with all it was computed from; prices are in the floor's basis."""

    period: Period
    reference: Decimal
    shortfall: Decimal
    tonnes: Decimal
    usd: Decimal
    settled_on: SettledOn


@dataclass(frozen=True, slots=True)
class FloorPayments:
    """Payments in order of time; the totals add them."""

    terms: FloorTerms
    payments: tuple[Payment, ...]

    @property
    def total_usd(self) -> Decimal:
        """Return the sum of all payments in USD."""
        return sum((payment.usd for payment in self.payments), Decimal(0))

    def total_usd_on(self, settled_on: SettledOn) -> Decimal:
        """Return the sum of the payments that rest on history, on the deck, or on both."""
        return sum((p.usd for p in self.payments if p.settled_on is settled_on), Decimal(0))

    def total_usd_by_year(self) -> dict[int, Decimal]:
        """Return the payments in USD by the calendar year in which their period ends."""
        years: dict[int, Decimal] = {}
        for payment in self.payments:
            year = payment.period.last_day.year
            years[year] = years.get(year, Decimal(0)) + payment.usd
        return years

    def present_value_usd(self, rate: Decimal) -> Decimal:
        """Return the payments in USD discounted at a yearly rate by RULES['present_value'], to the cent."""
        start = self.terms.first_day
        value = sum((p.usd / (1 + rate) ** contract_year(start, p.period.last_day) for p in self.payments), Decimal(0))
        return value.quantize(CENT, ROUND_HALF_UP)


def settle(terms: FloorTerms, index: ReferenceIndex, deck: Deck = NO_DECK) -> FloorPayments:
    """Return what the floor pays per period: fixings where the index has them, else the deck.

    TermsError for a VAT mismatch without a rule, and for months that neither the index nor the deck covers.
    """
    schedule = periods(terms.first_day, terms.last_day, terms.settlement)
    references = _references(terms, index, deck, [month for period in schedule for month in period.months])
    return FloorPayments(terms, tuple(_payment(terms, period, references, index) for period in schedule))


def on_floor_basis(terms: FloorTerms, fixing: Fixing) -> Decimal:
    """Return a fixing in USD/kg oxide on the floor's VAT basis, by the terms' rule; TermsError where none is given."""
    wanted = terms.basis.vat
    if fixing.vat is wanted or terms.vat_rule is VatRule.AS_QUOTED:
        return fixing.amount
    if terms.vat_rule is VatRule.CONVERT and wanted is Vat.EXCLUDED and fixing.vat is not None:
        return fixing.amount / (1 + fixing.vat_rate)
    raise TermsError(_vat_fault(wanted, fixing))


def _vat_fault(wanted: Vat, fixing: Fixing) -> Fault:
    found = f"an index with VAT {fixing.vat or 'not stated'} against a floor with VAT {wanted}"
    possible = wanted is Vat.EXCLUDED and fixing.vat is not None
    ways = "'convert' (VAT taken out at each month's rate) or 'as_quoted'" if possible else "'as_quoted'"
    return Fault("floor.vat_rule", found, f"one VAT basis, or vat_rule {ways}")


def _references(terms: FloorTerms, index: ReferenceIndex, deck: Deck, months: list[str]) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    missing: list[str] = []
    for month in months:
        fixing = index.fixings.get(month)
        price = on_floor_basis(terms, fixing) if fixing else deck.price(month)
        if price is None:
            missing.append(month)
        else:
            found[month] = price
    if missing:
        raise TermsError(_missing_fault(index, missing))
    return found


def _missing_fault(index: ReferenceIndex, missing: list[str]) -> Fault:
    found = f"no price for {first_named(missing)}"
    return Fault("deck", found, f"a deck price for each month that {index.name} does not cover")


def _payment(terms: FloorTerms, period: Period, prices: dict[str, Decimal], index: ReferenceIndex) -> Payment:
    average = sum((prices[month] for month in period.months), Decimal(0)) / len(period.months)
    reference = _in_floor_unit(terms, average)
    shortfall = max(Decimal(0), terms.amount - reference)
    tonnes = period.tonnes(terms.tonnes_per_year)
    usd = shortfall * tonnes * KG_PER_TONNE / KG_PER_UNIT[terms.basis.unit]
    return Payment(period, reference, shortfall, tonnes, usd.quantize(CENT, ROUND_HALF_UP), _rests_on(period, index))


def _in_floor_unit(terms: FloorTerms, usd_per_kg_oxide: Decimal) -> Decimal:
    per_kg = usd_per_kg_oxide
    if terms.metal is not None and terms.basis.form is Form.METAL:
        per_kg = per_kg * terms.metal.oxide_per_metal + terms.metal.toll_usd_per_kg
    return per_kg * KG_PER_UNIT[terms.basis.unit]


def _rests_on(period: Period, index: ReferenceIndex) -> SettledOn:
    fixed = sum(month in index.fixings for month in period.months)
    if fixed == len(period.months):
        return SettledOn.HISTORY
    return SettledOn.BOTH if fixed else SettledOn.DECK


def _unless_positive(path: str, value: Decimal) -> Fault | None:
    if value.is_finite() and value > 0:
        return None
    return Fault(path, str(value), "a finite number above zero")
