"""Customs: what an import costs once duty is paid, the tariff that lifts it to a reference price, and the way back.

Amounts are USD/kg of whatever is imported; a rate is a share of the dutiable value. Nothing is rounded here.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from pricing.errors import Fault, TermsError
from pricing.price import Vat

ZERO, ONE = Decimal(0), Decimal(1)
REFUND_WANTED = (
    "the share of VAT that is refunded on export, 0 to 1: 0 when none is (China refunds none on rare-earth oxides and "
    "metals), 1 when all is"
)
RATE_WANTED = (
    "VAT as a share of the price before tax: 0.13 in China since 2019-04-01, 0.16 from 2018-05-01, 0.17 before"
)


class DutyOn(StrEnum):
    """The value that an ad valorem duty falls on."""

    FOB = "fob"  # as in the United States, Canada and Australia: without freight and insurance
    CIF = "cif"  # as in the European Union, Japan and China: with them


@dataclass(frozen=True, slots=True)
class ExportTax:
    """VAT of the country of origin: its rate as a share of the price before tax, and the share refunded on export.

    Either may be None where the caller did not say; a conversion that needs it refuses.
    """

    vat_rate: Decimal | None = None
    refund_share: Decimal | None = None

    def __post_init__(self) -> None:
        faults = []
        if self.vat_rate is not None and not (self.vat_rate.is_finite() and 0 <= self.vat_rate < 1):
            faults.append(Fault("vat_rate", str(self.vat_rate), RATE_WANTED))
        if self.refund_share is not None and not (self.refund_share.is_finite() and 0 <= self.refund_share <= 1):
            faults.append(Fault("vat_refund_share", str(self.refund_share), REFUND_WANTED))
        if faults:
            raise TermsError(*faults)

    def missing(self, vat: Vat) -> list[Fault]:
        """Return what must be said before a domestic price including or excluding VAT becomes an export price."""
        if self.refund_share is None:
            return [Fault("vat_refund_share", "nothing", REFUND_WANTED)]
        if self.vat_rate is None and self.refund_share != _needs_no_rate(vat):
            return [Fault("vat_rate", "nothing", RATE_WANTED)]
        return []


def export_price(domestic: Decimal, vat: Vat, tax: ExportTax) -> Decimal:
    """Return the price at which a seller is as well off abroad as at home: home price less the VAT that is refunded.

    TermsError where nothing is said about the refund: with and without it, the two differ by the whole tax.

    >>> round(export_price(Decimal(100), Vat.EXCLUDED, ExportTax(Decimal("0.13"), Decimal(0))), 2)
    Decimal('113.00')
    """
    if faults := tax.missing(vat):
        raise TermsError(*faults)
    refund, rate = tax.refund_share or ZERO, tax.vat_rate or ZERO
    if refund == _needs_no_rate(vat):
        return domestic
    kept = ONE + rate * (1 - refund)
    return domestic * kept if vat is Vat.EXCLUDED else domestic * kept / (1 + rate)


def before_vat(domestic: Decimal, vat: Vat, tax: ExportTax) -> Decimal | None:
    """Return a domestic price without VAT; None where it includes VAT at a rate that nobody stated."""
    if vat is Vat.EXCLUDED:
        return domestic
    return None if tax.vat_rate is None else domestic / (1 + tax.vat_rate)


@dataclass(frozen=True, slots=True)
class Import:
    """A kilogram at the border: the value that duty falls on, and what is paid beside it and bears none.

    >>> oxide = Import(Decimal("94.73"))
    >>> round(oxide.rate_to(Decimal(110)), 3), oxide.landed(Decimal("0.25"))
    (Decimal('0.161'), Decimal('118.4125'))
    """

    dutiable: Decimal
    free_of_duty: Decimal = ZERO

    def __post_init__(self) -> None:
        faults = []
        if not (self.dutiable.is_finite() and self.dutiable > 0):
            faults.append(Fault("dutiable", str(self.dutiable), "a value above zero in USD/kg"))
        if not (self.free_of_duty.is_finite() and self.free_of_duty >= 0):
            faults.append(Fault("free_of_duty", str(self.free_of_duty), "zero or a positive amount in USD/kg"))
        if faults:
            raise TermsError(*faults)

    def landed(self, rate: Decimal) -> Decimal:
        """Return the landed price, duty paid, at an ad valorem rate."""
        return self.dutiable * (1 + rate) + self.free_of_duty

    def rate_to(self, reference: Decimal) -> Decimal:
        """Return the rate that lifts the landed price to a reference price; zero or below means none is needed."""
        return (reference - self.free_of_duty) / self.dutiable - 1


@dataclass(frozen=True, slots=True)
class Carriage:
    """Freight and insurance from the exporter's port to the border, USD/kg."""

    freight: Decimal = ZERO
    insurance: Decimal = ZERO

    def __post_init__(self) -> None:
        stated = {"freight": self.freight, "insurance": self.insurance}
        wrong = {name: value for name, value in stated.items() if not (value.is_finite() and value >= 0)}
        if wrong:
            allowed = "zero or a positive amount in USD/kg"
            raise TermsError(*(Fault(name, str(value), allowed) for name, value in wrong.items()))

    @property
    def total(self) -> Decimal:
        """Return freight and insurance together."""
        return self.freight + self.insurance


def shipped_fob(fob: Decimal, carriage: Carriage, duty_on: DutyOn) -> Import:
    """Return the import of a kilogram bought free on board."""
    if duty_on is DutyOn.CIF:
        return Import(fob + carriage.total)
    return Import(fob, carriage.total)


def shipped_cif(cif: Decimal, carriage: Carriage, duty_on: DutyOn) -> Import:
    """Return the import of a kilogram bought with freight and insurance paid; TermsError when they eat up the price."""
    if duty_on is DutyOn.CIF:
        return Import(cif)
    return Import(cif - carriage.total, carriage.total)


def _needs_no_rate(vat: Vat) -> Decimal:
    """Return the refund at which the home price is the export price as it stands: none with VAT in it, all without."""
    return ONE if vat is Vat.EXCLUDED else ZERO
