"""A price floor as a caller states it, read with every fault collected, and written down to be asked again."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from pricing.contracts.floor import FloorTerms, MetalConversion
from pricing.contracts.measures import VatRule
from pricing.contracts.periods import Settlement
from pricing.errors import Fault
from pricing.materials import Form, Material
from pricing.price import Basis, Currency, Unit, Vat
from serving.book import Book
from serving.questions import read_day
from serving.reading import Fields, Span, got, refuse_if_any

OWN_INDEX = "own_index"  # an index we do not hold: every month comes from the caller's deck
FLOOR_BASES = {
    f"{form} {word} VAT": (form, vat) for form in Form for word, vat in (("ex", Vat.EXCLUDED), ("inc", Vat.INCLUDED))
}
EARLIEST, LATEST = date(2000, 1, 1), date(2099, 12, 31)  # of a contract
AMOUNT = Span(Decimal(0), Decimal(1_000_000), "USD per unit", above=True)
USD_PER_KG = Span(Decimal(0), Decimal(1_000_000), "USD/kg", above=True)
TONNES = Span(Decimal(0), Decimal(1_000_000), "t a year", above=True)  # the world separates a few hundred thousand
TOLL = Span(Decimal(0), Decimal(10_000), "USD per kg metal")
RATIO = Span(Decimal(1), Decimal("1.999999"), "kg oxide per kg metal (NdPr 1.176549)", above=True)
RATE = Span(Decimal(0), Decimal(1), "a year")
MAX_DECK_PRICES = 600  # fifty years of months
_DECK_KEY = re.compile(r"\d{4}(-(0[1-9]|1[0-2]))?", re.ASCII)
FLOOR_WANTED = "an object with amount, basis, reference, from, to and tonnes_per_year"
DECK_WANTED = "an object with flat (USD/kg), prices by month or year (USD/kg), or both"


@dataclass(frozen=True, slots=True)
class StatedDeck:
    """The caller's own prices, USD/kg oxide on the floor's VAT basis."""

    flat: Decimal | None = None
    prices: Mapping[str, Decimal] = field(default_factory=dict)

    def stated(self) -> dict[str, object]:
        """Return the deck as it was sent."""
        flat: dict[str, object] = {} if self.flat is None else {"flat": self.flat}
        return flat | ({"prices": dict(self.prices)} if self.prices else {})


@dataclass(frozen=True, slots=True)
class StatedFloor:
    """The fields of a floor, defaults filled in."""

    amount: Decimal
    basis: str
    currency: str
    unit: str
    reference: str
    first_day: date
    last_day: date
    tonnes_per_year: Decimal
    settlement: str
    vat_rule: str
    oxide_per_metal: Decimal | None
    toll: Decimal | None

    def terms(self, material: Material) -> FloorTerms:
        """Return the floor as contract terms."""
        form, vat = FLOOR_BASES[self.basis]
        metal = MetalConversion(self.oxide_per_metal, self.toll or Decimal(0)) if self.oxide_per_metal else None
        return FloorTerms(
            amount=self.amount,
            basis=Basis(material, Currency(self.currency), Unit(self.unit), form, vat=vat),
            first_day=self.first_day,
            last_day=self.last_day,
            tonnes_per_year=self.tonnes_per_year,
            settlement=Settlement(self.settlement),
            vat_rule=VatRule(self.vat_rule),
            metal=metal,
        )

    def stated(self) -> dict[str, object]:
        """Return the fields under the names they were sent with."""
        fields: dict[str, object] = {
            "amount": self.amount,
            "basis": self.basis,
            "currency": self.currency,
            "unit": self.unit,
            "reference": self.reference,
            "from": self.first_day.isoformat(),
            "to": self.last_day.isoformat(),
            "tonnes_per_year": self.tonnes_per_year,
            "settlement": self.settlement,
            "vat_rule": self.vat_rule,
            "oxide_per_metal": self.oxide_per_metal,
            "toll": self.toll,
        }
        return {name: value for name, value in fields.items() if value is not None}


@dataclass(frozen=True, slots=True)
class FloorRequest:
    """One question about a floor. `asked_on` is kept only when the caller left the day to us."""

    material: Material
    as_of: date
    asked_on: date | None
    floor: StatedFloor
    deck: StatedDeck
    discount_rate: Decimal | None

    def stated(self) -> dict[str, object]:
        """Return the request as a body that `read_floor` reads back, given `written=True`."""
        optional = {
            "asked_on": None if self.asked_on is None else self.asked_on.isoformat(),
            "deck": self.deck.stated() or None,
            "discount_rate": self.discount_rate,
        }
        always = {"material": self.material.value, "as_of": self.as_of.isoformat(), "floor": self.floor.stated()}
        return always | {name: value for name, value in optional.items() if value is not None}


def read_floor(book: Book, body: Mapping[str, object], today: date, *, written: bool = False) -> FloorRequest:
    """Return the floor request of a JSON body; InputError with every fault.

    `written` reads a request that `FloorRequest.stated` wrote: numbers as text, the day of asking beside as_of.
    """
    faults: list[Fault] = []
    fields = Fields(body, faults, text=written)
    material = fields.choice("material", book.materials)
    named = Material(material) if material else None
    as_of, asked_on = read_day(fields, book, named, today)
    if written:
        asked_on = fields.day("asked_on", EARLIEST, LATEST, required=False)
    rate = fields.number("discount_rate", RATE, required=False)
    floor = _floor(fields.section("floor", FLOOR_WANTED), book, named)
    deck = _deck(fields.section("deck", DECK_WANTED, required=False))
    fields.close()
    refuse_if_any(faults)
    return FloorRequest(got(named), got(as_of), asked_on, got(floor), deck, rate)


def _floor(floor: Fields | None, book: Book, material: Material | None) -> StatedFloor | None:
    """Return the floor's fields; None once a fault is noted."""
    if floor is None:
        return None
    before = len(floor.faults)
    amount = floor.number("amount", AMOUNT)
    basis = floor.choice("basis", FLOOR_BASES)
    currency = floor.choice("currency", (Currency.USD,), Currency.USD)
    unit = floor.choice("unit", Unit, Unit.KG)
    reference = floor.choice("reference", (*book.reference_names(material), OWN_INDEX))
    first, last = floor.day("from", EARLIEST, LATEST), floor.day("to", EARLIEST, LATEST)
    tonnes = floor.number("tonnes_per_year", TONNES)
    settlement = floor.choice("settlement", Settlement, Settlement.QUARTERLY)
    vat_rule = floor.choice("vat_rule", VatRule, VatRule.REFUSE)
    ratio, toll = _metal(floor, basis)
    floor.close()
    if first and last and first > last:
        floor.note("to", last, f"a day on or after {first}, the day the floor starts")
    if len(floor.faults) > before:
        return None
    return StatedFloor(
        *(got(amount), got(basis), got(currency), got(unit), got(reference), got(first), got(last), got(tonnes)),
        *(got(settlement), got(vat_rule), ratio, toll),
    )


def _metal(floor: Fields, basis: str | None) -> tuple[Decimal | None, Decimal | None]:
    """Return kg oxide per kg metal and the toll; a floor on metal needs the ratio, a floor on oxide takes neither."""
    on_metal = basis is not None and FLOOR_BASES[basis][0] is Form.METAL
    ratio = floor.number("oxide_per_metal", RATIO, required=on_metal)
    toll = floor.number("toll", TOLL, Decimal(0) if on_metal else None, required=False)
    if basis is not None and not on_metal:
        for name in ("oxide_per_metal", "toll"):
            if floor.has(name):
                floor.note(name, floor.values[name], "nothing: this floor is on oxide, as the index is")
    return ratio, toll


def _deck(deck: Fields | None) -> StatedDeck:
    if deck is None:
        return StatedDeck()
    flat = deck.number("flat", USD_PER_KG, required=False)
    section = deck.section("prices", DECK_WANTED, required=False)
    if not (deck.has("flat") or deck.values.get("prices")):
        deck.note("flat", "nothing", DECK_WANTED)
    deck.close()
    if section and len(section.values) > MAX_DECK_PRICES:
        deck.note("prices", f"{len(section.values)} prices", f"at most {MAX_DECK_PRICES}")
        return StatedDeck()
    prices = {month: _deck_price(section, month) for month in section.values} if section else {}
    return StatedDeck(flat, {month: price for month, price in prices.items() if price is not None})


def _deck_price(section: Fields, month: str) -> Decimal | None:
    if not is_deck_key(month):
        section.note(month, month, "a month such as 2027-03 or a year such as 2027")
        return None
    return section.number(month, USD_PER_KG)


def is_deck_key(text: str) -> bool:
    """Return whether a text names a year or a month of one.

    >>> [is_deck_key(text) for text in ("2027", "2027-03", "2027-13", "next year")]
    [True, True, False, False]
    """
    return _DECK_KEY.fullmatch(text) is not None
