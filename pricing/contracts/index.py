"""What a contract settles on: a reference index with its monthly fixings, and a deck for the months to come."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from pricing.errors import Fault, TermsError
from pricing.price import Vat


@dataclass(frozen=True, slots=True)
class Fixing:
    """One month of an index, USD/kg oxide as the index is quoted.

    `vat_rate` is the rate inside the amount, 0 when none can be taken out. `vat` None: the publisher does not say.
    `derived`: computed from another quotation, so that nobody publishes it under this name.
    """

    amount: Decimal
    vat: Vat | None
    vat_rate: Decimal = Decimal(0)
    source: str = ""
    derived: bool = False

    def __post_init__(self) -> None:
        if not (self.amount.is_finite() and self.amount > 0 and 0 <= self.vat_rate < 1):
            raise TermsError(
                Fault(
                    "fixing", f"{self.amount} at VAT {self.vat_rate}", "a positive price, a VAT rate from 0 to below 1"
                )
            )


@dataclass(frozen=True, slots=True)
class ReferenceIndex:
    """A published index by month; the fixings are what was known on the day of the answer."""

    name: str
    fixings: Mapping[str, Fixing] = field(default_factory=dict)

    @property
    def last_month(self) -> str:
        """Return the last month with a fixing; empty when there is none."""
        return max(self.fixings, default="")


@dataclass(frozen=True, slots=True)
class Deck:
    """Prices for months without a fixing, USD/kg oxide on the VAT basis of the floor.

    A key is a month (2027-03) or a year (2027); the month wins. `flat` covers every month after `flat_after`
    that has no price of its own.
    """

    name: str
    prices: Mapping[str, Decimal] = field(default_factory=dict)
    flat: Decimal | None = None
    flat_after: str = ""

    def __post_init__(self) -> None:
        stated = dict(self.prices) if self.flat is None else {**self.prices, "flat": self.flat}
        faults = [
            Fault(f"deck.{month}", str(price), "a positive price in USD/kg")
            for month, price in stated.items()
            if not (price.is_finite() and price > 0)
        ]
        if faults:
            raise TermsError(*faults)

    def price(self, month: str) -> Decimal | None:
        """Return the deck's price of a month; None where the deck says nothing."""
        stated = self.prices.get(month, self.prices.get(month[:4]))
        if stated is None and self.flat is not None and month > self.flat_after:
            return self.flat
        return stated


NO_DECK = Deck("none")
