"""What a settlement is told: fixings with the days they became known, exchange rates, VAT, and what happened."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from pricing.contracts.periods import month_shifted
from pricing.contracts.terms.conditions import Cause
from pricing.contracts.terms.fixings import MONTH_LETTERS, fixing_faults
from pricing.contracts.terms.schema import (
    MONTH,
    MONTH_WANTED,
    NAME,
    NAME_WANTED,
    Span,
    Spec,
    Term,
    keyed,
    listed,
    month,
    named,
    number,
    price,
    stated,
    stated_all,
)
from pricing.contracts.terms.splices import Splice, splice_faults
from pricing.errors import Fault
from pricing.materials import Form
from pricing.price import Currency, Unit, Vat

DAY_OR_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?", re.ASCII)
FIXING_WANTED = "a month such as 2026-03 or a day such as 2026-03-31"
MONTH_OR_YEAR = re.compile(r"\d{4}(-(0[1-9]|1[0-2]))?", re.ASCII)
YEAR = re.compile(r"\d{4}", re.ASCII)
POSITIVE = Span(Decimal(0), Decimal(10) ** 9, "above zero, in the money and unit of the index", above=True)
RATE = Span(Decimal(0), Decimal(10) ** 7, "units of the currency per USD", above=True)
LEVEL = Span(Decimal(0), Decimal(10) ** 9, "above zero", above=True)
VAT_INSIDE = Span(Decimal(0), Decimal("0.99"), "a share of the price before tax")
ANY_USD = Span(-(Decimal(10) ** 12), Decimal(10) ** 12, "USD")
MOST_FIXINGS = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Restatement(Term):
    """A later figure for a fixing, with the day it became known."""

    fixing: str = stated(Spec(shape=DAY_OR_MONTH, wanted=FIXING_WANTED))
    amount: Decimal = number("in the money and unit of the index", above=True)
    known_on: date = stated()


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexHistory(Term):
    """An index with its basis and its fixings by month or by day.

    `vat` left out: the publisher does not say. `vat_rates` has the rate inside a fixing where that is not the rate in
    force on its day; 0 where no tax can be told from it. `published` has the day a fixing became known, where that
    matters. `stopped_after`: the last month the index was published for. `splices`: where its specification changed;
    fixings stay as published, those of a later symbol count times the splice factors.
    """

    currency: Currency = stated()
    unit: Unit = stated()
    form: Form = stated()
    vat: Vat | None = stated(required=False)
    fixings: Mapping[str, Decimal] = keyed(DAY_OR_MONTH, FIXING_WANTED, POSITIVE, most=MOST_FIXINGS)
    vat_rates: Mapping[str, Decimal] = keyed(DAY_OR_MONTH, FIXING_WANTED, VAT_INSIDE, most=MOST_FIXINGS)
    published: Mapping[str, date] = keyed(DAY_OR_MONTH, FIXING_WANTED, most=MOST_FIXINGS)
    restatements: tuple[Restatement, ...] = listed(most=1000)
    stopped_after: str | None = month(required=False)
    splices: tuple[Splice, ...] = listed(most=20)

    @staticmethod
    def checks(found: Mapping[str, Any]) -> Iterator[Fault]:
        """Yield days that are none; restatements, rates and publishing days of fixings that are not there."""
        for fault in splice_faults(found.get("splices", ())):
            yield replace(fault, path=f"splices.{fault.path}")
        if not {"fixings", "vat_rates", "published", "restatements"} <= found.keys():
            return
        yield from fixing_faults(found)

    def splices_by(self, month: str) -> tuple[Splice, ...]:
        """Return the splices in force in a month; the method's version is one more than their number."""
        return tuple(splice for splice in self.splices if splice.from_month <= month)

    def symbols(self) -> dict[str, IndexHistory]:
        """Return each symbol of a spliced index by its name, with what was published of it."""
        begins = [("", self.splices[0].symbol_before), *((one.from_month, one.symbol_after) for one in self.splices)]
        ends = [*(month_shifted(one.from_month, -1) for one in self.splices), self.stopped_after]
        return {name: self._between(start, end) for (start, name), end in zip(begins, ends, strict=True)}

    def _between(self, start: str, end: str | None) -> IndexHistory:
        def within(key: str) -> bool:
            return start <= key[:MONTH_LETTERS] <= (end or key)

        return replace(
            self,
            fixings={key: price for key, price in self.fixings.items() if within(key)},
            vat_rates={key: rate for key, rate in self.vat_rates.items() if within(key)},
            published={key: day for key, day in self.published.items() if within(key)},
            restatements=tuple(one for one in self.restatements if within(one.fixing)),
            stopped_after=end,
            splices=(),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class FxHistory(Term):
    """Units of a currency per USD, by month or by day."""

    per_usd: Mapping[str, Decimal] = keyed(DAY_OR_MONTH, FIXING_WANTED, RATE, most=MOST_FIXINGS, least=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceIndex(Term):
    """A price index by month, on any base."""

    levels: Mapping[str, Decimal] = keyed(MONTH, MONTH_WANTED, LEVEL, most=MOST_FIXINGS, least=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeckPrices(Term):
    """Prices assumed for a reference from a month on, where its index has no fixing: USD/kg on the contract's basis.

    A month's own price wins over its year's, and both over the flat one. Earlier months are never filled.
    """

    from_month: str = month()
    flat_usd_per_kg: Decimal | None = price(required=False)
    usd_per_kg: Mapping[str, Decimal] = keyed(MONTH_OR_YEAR, "a month such as 2027-03, or a year such as 2027", LEVEL)

    @staticmethod
    def checks(found: Mapping[str, Any]) -> Iterator[Fault]:
        """Yield a deck without a price."""
        both_read = {"flat_usd_per_kg", "usd_per_kg"} <= found.keys()
        if both_read and found["flat_usd_per_kg"] is None and not found["usd_per_kg"]:
            yield Fault("flat_usd_per_kg", "nothing", "flat_usd_per_kg, usd_per_kg by month or year, or both")

    def price(self, wanted: str) -> Decimal | None:
        """Return the price assumed for a month; None where the deck says nothing."""
        if wanted < self.from_month:
            return None
        return self.usd_per_kg.get(wanted, self.usd_per_kg.get(wanted[:4], self.flat_usd_per_kg))


@dataclass(frozen=True, slots=True, kw_only=True)
class VatStep(Term):
    """A rate of value-added tax and the first day it was in force."""

    from_day: date = stated(Spec(row_name="from"))
    rate: Decimal = number("a share of the price before tax", high=Decimal("0.99"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop(Term):
    """Days on which deliveries could not be made, with the cause."""

    cause: Cause = stated()
    first_day: date = stated(Spec(row_name="from"))
    last_day: date = stated(Spec(row_name="to"))

    @staticmethod
    def checks(found: Mapping[str, Any]) -> Iterator[Fault]:
        """Yield days in the wrong order."""
        if stated_all(found, "first_day", "last_day") and found["first_day"] > found["last_day"]:
            yield Fault("to", str(found["last_day"]), f"a day on or after {found['first_day']}")


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherDeal(Term):
    """A price that somebody else was given, for a most-favoured clause."""

    day: date = stated()
    price_usd_per_kg: Decimal = price()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewed(Term):
    """The level that a price review ended with."""

    target: str = named()
    day: date = stated()
    level_usd_per_kg: Decimal = price()


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts(Term):
    """Everything a settlement rests on that is not in the contract.

    `as_of` is the day it is struck; `settle_through` leaves out periods and years that end after it.
    """

    as_of: date | None = stated(required=False)
    settle_through: date | None = stated(required=False)
    indices: Mapping[str, IndexHistory] = keyed(NAME, NAME_WANTED, most=20)
    decks: Mapping[str, DeckPrices] = keyed(NAME, NAME_WANTED, most=20)
    fx: Mapping[str, FxHistory] = keyed(NAME, NAME_WANTED, most=10)
    vat: tuple[VatStep, ...] = listed(most=20)
    price_indices: Mapping[str, PriceIndex] = keyed(NAME, NAME_WANTED, most=10)
    events: Mapping[str, date] = keyed(NAME, NAME_WANTED, most=20)
    measured_usd_by_year: Mapping[str, Decimal] = keyed(YEAR, "a calendar year such as 2026", ANY_USD)
    taken_tonnes_by_year: Mapping[str, Decimal] = keyed(
        YEAR, "a calendar year such as 2026", Span(Decimal(0), Decimal(1_000_000), "t a calendar year")
    )
    stops: tuple[Stop, ...] = listed()
    other_deals: tuple[OtherDeal, ...] = listed()
    reviewed: tuple[Reviewed, ...] = listed()

    def __post_init__(self) -> None:
        """Add the symbols of spliced indices under their own names, so that an old one still answers."""
        Term.__post_init__(self)
        symbols = [index.symbols() for index in self.indices.values() if index.splices]
        if symbols:
            known = {name: index for found in symbols for name, index in found.items()}
            object.__setattr__(self, "indices", {**known, **self.indices})

    def vat_on(self, day: date) -> Decimal | None:
        """Return the rate of VAT in force on a day; None where no rate is stated for it."""
        rates = [step for step in self.vat if step.from_day <= day]
        return max(rates, key=lambda step: step.from_day).rate if rates else None
