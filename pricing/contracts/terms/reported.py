"""A payment that somebody reported, to be read backwards."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from pricing.contracts.terms.clause import share_below
from pricing.contracts.terms.references import Window
from pricing.contracts.terms.schema import (
    ENOUGH,
    NAME,
    NAME_WANTED,
    Span,
    Term,
    keyed,
    number,
    price,
    share,
    stated,
    whole,
)
from pricing.errors import Fault

ZERO = Decimal(0)
TONNES = Span(ZERO, Decimal(1_000_000), "t in the period", above=True)
VAT_RATES = Span(ZERO, Decimal("0.99"), "VAT inside the index, a share of the price before tax; 0 is an index ex VAT")
AVERAGES = Span(ZERO, Decimal(10) ** 6, "a published average in USD/kg as the index is quoted", above=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported(Term):
    """A payment that was reported, and what is known of its terms: one volume and one VAT basis where they are known.

    `rounded_to_usd` is the step the figure was rounded to; `averages` are published averages, as the index is quoted,
    to hold readings against, named by window and lag.
    """

    usd: Decimal = number("USD from buyer to seller; negative is paid by the seller", low=-ENOUGH)
    rounded_to_usd: Decimal = number("USD, the step the figure is rounded to")
    floor_usd_per_kg: Decimal = price()
    share_above: Decimal | None = share(above=True, required=False)
    share_above_usd_per_kg: Decimal | None = price(required=False)
    share_in_force: bool | None = stated(required=False)
    window: Window | None = stated(required=False)
    lag_months: int | None = whole("months after the month of delivery", low=-24, high=24, required=False)
    tonnes: Mapping[str, Decimal] = keyed(NAME, NAME_WANTED, TONNES, most=12)
    vat_rates: Mapping[str, Decimal] = keyed(NAME, NAME_WANTED, VAT_RATES, most=6)
    averages: Mapping[str, Decimal] = keyed(NAME, NAME_WANTED, AVERAGES, most=40)

    @staticmethod
    def checks(found: Mapping[str, Any]) -> Iterator[Fault]:
        """Yield the level of a share below the floor, and a payment by the seller where no share was in force."""
        yield from share_below(found, "share_above_usd_per_kg")
        if found.get("share_in_force") is False and found.get("usd", ZERO) < 0:
            allowed = "true, or a payment from buyer to seller: without a share the seller pays nothing"
            yield Fault("share_in_force", "false", allowed)
