"""Price and Basis: an amount never travels without saying what it is per, where, in which money and with which tax.

Adding or ordering prices on two bases is a BasisError. A conversion is a named step, carries the dated fact it rests
on (the VAT rate of a day, the exchange rate of a month, an oxide-to-metal ratio) and leaves its trace in `steps`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import NoReturn

from pricing.errors import BasisError, Fault
from pricing.materials import Form, Material, oxide_per_metal_kg

KG_PER_UNIT = {"kg": 1.0, "t": 1000.0, "lb": 0.45359237}  # the pound by definition (NIST SP 811, appendix B)


class Currency(StrEnum):
    """Money a price is quoted in."""

    USD = "USD"
    CNY = "CNY"
    EUR = "EUR"
    JPY = "JPY"
    KRW = "KRW"
    AUD = "AUD"
    GBP = "GBP"


class Unit(StrEnum):
    """Mass that a price is per."""

    KG = "kg"
    T = "t"
    LB = "lb"


class Vat(StrEnum):
    """What a price says about value-added tax."""

    INCLUDED = "included"
    EXCLUDED = "excluded"
    NOT_REFUNDED = "not refunded"  # an export price that bears the tax because the exporter gets none of it back


class Place(StrEnum):
    """Where and on which delivery term a price holds."""

    CHINA_WORKS = "at works, China"
    FOB_CHINA = "FOB China"
    CIF_EUROPE = "CIF Rotterdam"
    EX_CHINA = "delivered outside China"


@dataclass(frozen=True, slots=True)
class Basis:
    """What an amount is: money, per mass of which material, form and purity, where, and with which tax."""

    material: Material
    currency: Currency = Currency.USD
    unit: Unit = Unit.KG
    form: Form = Form.OXIDE
    place: Place = Place.EX_CHINA
    vat: Vat = Vat.EXCLUDED
    purity: str = "99.5 % min"

    def __str__(self) -> str:
        tax = {Vat.INCLUDED: "including VAT", Vat.EXCLUDED: "ex VAT", Vat.NOT_REFUNDED: "VAT not refunded"}[self.vat]
        return f"{self.currency}/{self.unit} {self.material} {self.form}, {self.place}, {tax}"


@dataclass(frozen=True, slots=True)
class VatRate:
    """Value-added tax as a share of the price before tax, with the day it was in force."""

    rate: float
    in_force_on: date

    def __post_init__(self) -> None:
        if not 0 <= self.rate < 1:
            _refuse("vat_rate", str(self.rate), "a share from 0 to below 1, such as 0.13")


@dataclass(frozen=True, slots=True)
class FxRate:
    """Units of a currency per US dollar, with the month or day it is the rate of."""

    currency: Currency
    per_usd: float
    of: str

    def __post_init__(self) -> None:
        if not 0 < self.per_usd < math.inf:
            _refuse("fx.per_usd", str(self.per_usd), "a positive number of currency units per USD")


@dataclass(frozen=True, slots=True)
class MetalRatio:
    """kg of oxide spent per kg of metal, and where the ratio comes from."""

    oxide_per_metal: float
    source: str

    def __post_init__(self) -> None:
        if not 1 < self.oxide_per_metal < 2:  # below 1 breaks conservation of mass; 2 is half lost
            _refuse("oxide_per_metal", str(self.oxide_per_metal), "kg oxide per kg metal, above 1 and below 2")

    @classmethod
    def stoichiometric(cls, material: Material, recovery: float = 1.0) -> MetalRatio:
        """Return the ratio of the formula weights over the plant's recovery."""
        return cls(oxide_per_metal_kg(material, recovery), f"stoichiometry at recovery {recovery:g}")


@dataclass(frozen=True, slots=True)
class Price:
    """An amount on a basis; `steps` tells how it was converted, oldest first."""

    amount: float
    basis: Basis
    steps: tuple[str, ...] = field(default=(), compare=False)

    def __post_init__(self) -> None:
        if not math.isfinite(self.amount):
            _refuse("amount", str(self.amount), "a finite number")

    def __add__(self, other: Price) -> Price:
        self._same_basis(other)
        return Price(self.amount + other.amount, self.basis)

    def __sub__(self, other: Price) -> Price:
        self._same_basis(other)
        return Price(self.amount - other.amount, self.basis)

    def __lt__(self, other: Price) -> bool:
        self._same_basis(other)
        return self.amount < other.amount

    def __le__(self, other: Price) -> bool:
        self._same_basis(other)
        return self.amount <= other.amount

    def __str__(self) -> str:
        return f"{self.amount:,.2f} {self.basis}"

    def _same_basis(self, other: Price) -> None:
        if self.basis != other.basis:
            _refuse("basis", str(other.basis), f"{self.basis}; convert one price by a named step first")


def remove_vat(price: Price, vat: VatRate) -> Price:
    """Return the price before tax, at the rate in force on a day.

    Also takes tax out of an export price that bears it unrefunded; whether it does is the caller's knowledge.
    """
    if price.basis.vat is Vat.EXCLUDED:
        _refuse("basis.vat", Vat.EXCLUDED, "a price that includes VAT; this one has none to remove")
    step = f"VAT {vat.rate:.0%} of {vat.in_force_on} removed"
    return _stepped(price, price.amount / (1 + vat.rate), replace(price.basis, vat=Vat.EXCLUDED), step)


def to_usd(price: Price, fx: FxRate) -> Price:
    """Return the price in US dollars at a dated exchange rate."""
    if price.basis.currency is not fx.currency:
        _refuse("fx.currency", fx.currency, f"{price.basis.currency}, the currency of the price")
    step = f"{fx.currency} at {fx.per_usd:g} per USD of {fx.of}"
    return _stepped(price, price.amount / fx.per_usd, replace(price.basis, currency=Currency.USD), step)


def from_usd(price: Price, fx: FxRate) -> Price:
    """Return a dollar price in another currency at a dated exchange rate."""
    if price.basis.currency is not Currency.USD:
        _refuse("basis.currency", price.basis.currency, "USD")
    step = f"USD at {fx.per_usd:g} {fx.currency} of {fx.of}"
    return _stepped(price, price.amount * fx.per_usd, replace(price.basis, currency=fx.currency), step)


def oxide_to_metal(price: Price, ratio: MetalRatio, toll: float = 0.0) -> Price:
    """Return what the metal costs: oxide times kg oxide per kg metal, plus a toll per unit of metal.

    The toll is in the price's own money and mass unit.
    """
    if price.basis.form is not Form.OXIDE:
        _refuse("basis.form", price.basis.form, Form.OXIDE)
    if not 0 <= toll < math.inf:
        _refuse("toll", str(toll), "zero or a positive amount")
    step = f"oxide to metal at {ratio.oxide_per_metal:.6f} kg/kg ({ratio.source}), toll {toll:g}"
    return _stepped(price, price.amount * ratio.oxide_per_metal + toll, replace(price.basis, form=Form.METAL), step)


def metal_to_oxide(price: Price, ratio: MetalRatio, toll: float = 0.0) -> Price:
    """Return what a metal price leaves for the oxide: the way back from `oxide_to_metal`."""
    if price.basis.form is not Form.METAL:
        _refuse("basis.form", price.basis.form, Form.METAL)
    step = f"metal to oxide at {ratio.oxide_per_metal:.6f} kg/kg ({ratio.source}), toll {toll:g}"
    return _stepped(price, (price.amount - toll) / ratio.oxide_per_metal, replace(price.basis, form=Form.OXIDE), step)


def per(price: Price, unit: Unit) -> Price:
    """Return the same price per kilogram, tonne or pound.

    >>> strike = Price(25.0, Basis(Material.NDPR, unit=Unit.LB))
    >>> round(per(strike, Unit.KG).amount, 2)
    55.12
    """
    amount = price.amount * KG_PER_UNIT[unit] / KG_PER_UNIT[price.basis.unit]
    return _stepped(price, amount, replace(price.basis, unit=unit), f"per {price.basis.unit} to per {unit}")


def _stepped(price: Price, amount: float, basis: Basis, step: str) -> Price:
    return Price(amount, basis, (*price.steps, step))


def _refuse(path: str, found: str, allowed: str) -> NoReturn:
    raise BasisError(Fault(path, found, allowed))
