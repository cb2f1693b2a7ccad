"""What stands beside the clauses: volume, invoices, yearly obligations, and who bears what may happen."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from pricing.contracts.terms.clause import PartialYear
from pricing.contracts.terms.escalation import Escalator
from pricing.contracts.terms.schema import (
    Span,
    Term,
    keyed,
    named,
    number,
    price,
    share,
    stated,
    stated_all,
    whole,
)
from pricing.errors import Fault

PERIOD = re.compile(r"\d{4}-(0[1-9]|1[0-2]|Q[1-4])", re.ASCII)
PERIOD_WANTED = "a settlement period: a month such as 2026-03, or a quarter such as 2026-Q1"
TONNES = Span(Decimal(0), Decimal(1_000_000), "t")


class VolumeBasis(StrEnum):
    """Which tonnes a contract counts."""

    CONTRACTED = "contracted"
    SOLD = "sold"
    PRODUCED = "produced"
    DELIVERED = "delivered"
    DESIGNATED = "designated"  # by the seller, sold or stockpiled


class Party(StrEnum):
    """A side of the contract."""

    BUYER = "buyer"
    SELLER = "seller"


class BorneBy(StrEnum):
    """Who bears deliveries that cannot be made."""

    NOBODY = "nobody"  # nothing is delivered and nothing is due
    BUYER = "buyer"  # the price is due as if delivered
    SELLER = "seller"  # nothing is due, and the seller pays what cover costs above the price


class Cause(StrEnum):
    """Why deliveries stop."""

    FORCE_MAJEURE = "force_majeure"
    LICENCE_REFUSED = "licence_refused"
    ORIGIN_FAILED = "origin_failed"
    CONTROL_LIST = "control_list"


class MakeUpPrice(StrEnum):
    """What the buyer pays for tonnes made up later."""

    PAID = "paid"  # nothing more
    CURRENT = "current"  # the current price less what was paid


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume(Term):
    """The tonnes that clauses apply to: a yearly figure by calendar months, or figures by settlement period.

    With both, the periods' figures are what was delivered and the yearly one what was contracted.
    """

    basis: VolumeBasis = stated()
    tonnes_per_year: Decimal | None = number("t a year", above=True, high=Decimal(1_000_000), required=False)
    tonnes_by_period: Mapping[str, Decimal] = keyed(PERIOD, PERIOD_WANTED, TONNES)
    tolerance_share: Decimal | None = share(required=False)
    tolerance_at_option_of: Party | None = stated(required=False)

    @staticmethod
    def checks(found: Mapping[str, Any]) -> Iterator[Fault]:
        """Yield tonnes that are not stated, and a tolerance without its holder or its measure."""
        if {"tonnes_per_year", "tonnes_by_period"} <= found.keys():
            if found["tonnes_per_year"] is None and not found["tonnes_by_period"]:
                yield Fault("tonnes_per_year", "nothing", "tonnes_per_year, tonnes_by_period, or both")
            if stated_all(found, "tolerance_share") and found["tonnes_per_year"] is None:
                yield Fault("tonnes_per_year", "nothing", "the tonnes a year that the tolerance is a share of")
        if stated_all(found, "tolerance_share") and found.get("tolerance_at_option_of", 0) is None:
            yield Fault("tolerance_at_option_of", "nothing", f"one of {', '.join(Party)}")


@dataclass(frozen=True, slots=True, kw_only=True)
class VolumeOption(Term):
    """A right to choose the tonnes of each settlement period, perhaps with a total over the contract."""

    holder: Party = stated()
    least_tonnes_per_period: Decimal = number("t a settlement period")
    most_tonnes_per_period: Decimal = number("t a settlement period", above=True)
    total_tonnes: Decimal | None = number("t over the contract", required=False)

    @staticmethod
    def checks(found: Mapping[str, Any]) -> Iterator[Fault]:
        """Yield bounds that cross."""
        least, most = found.get("least_tonnes_per_period"), found.get("most_tonnes_per_period")
        if least is not None and most is not None and least > most:
            yield Fault("least_tonnes_per_period", str(least), f"at most {most}")


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeOrPay(Term):
    """A share of the yearly tonnes that is paid for whether taken or not, with the right to take it later."""

    take_share: Decimal = share(above=True)
    deficiency_usd_per_kg: Decimal = price()
    make_up_years: int = whole("calendar years in which a deficiency may be taken; 0 is none", high=50)
    make_up_price: MakeUpPrice | None = stated(required=False)
    partial_year: PartialYear = stated()

    @staticmethod
    def checks(found: Mapping[str, Any]) -> Iterator[Fault]:
        """Yield make-up without its price."""
        if found.get("make_up_years") and found.get("make_up_price", 0) is None:
            yield Fault("make_up_price", "nothing", f"one of {', '.join(MakeUpPrice)}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Guarantee(Term):
    """The buyer makes a yearly figure up to an amount; the seller may give a share of what lies above.

    An escalated amount rises on the contract's anniversaries; a calendar year is split there, by months.
    """

    measure: str = named()
    usd_per_year: Decimal = number("USD a calendar year", above=True)
    escalator: Escalator | None = stated(required=False)
    partial_year: PartialYear = stated()
    share_above: Decimal | None = share(required=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Interruption(Term):
    """What a cause of stopped deliveries does: to delivery, to payments of difference, and who bears it."""

    cause: Cause = stated()
    suspends_delivery: bool = stated()
    suspends_difference: bool = stated()
    borne_by: BorneBy = stated()
    cover_reference: str | None = named(required=False)

    @staticmethod
    def checks(found: Mapping[str, Any]) -> Iterator[Fault]:
        """Yield a seller who bears what nobody can measure."""
        if found.get("borne_by") is BorneBy.SELLER and found.get("cover_reference", 0) is None:
            yield Fault("cover_reference", "nothing", "the reference at which the buyer covers what is not delivered")


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceReview(Term):
    """Every so many months a clause's level is held against a reference; far enough away, it is set anew.

    `reset_share` 1 sets it to the reference, 0.5 half-way; left out, the outcome is negotiated and a fact to be given.
    """

    target: str = named()
    reference: str = named()
    first_review: date = stated()
    every_months: int = whole("months", low=1, high=240)
    trigger_share: Decimal = number("a share of the level: 0.1 is 10 %", high=Decimal(10))
    reset_share: Decimal | None = share(required=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class MostFavoured(Term):
    """A better price given to somebody else resets a clause's level, from the first period after notice."""

    target: str = named()
    favours: Party = stated()
    notice_days: int = whole("days after the other deal", high=1000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Provisional(Term):
    """What is invoiced before the final price is known: a stated price or a reference, and the share of it paid."""

    provisional_usd_per_kg: Decimal | None = price(required=False)
    reference: str | None = named(required=False)
    paid_share: Decimal = share(above=True)

    @staticmethod
    def checks(found: Mapping[str, Any]) -> Iterator[Fault]:
        """Yield neither or both prices."""
        names = ("provisional_usd_per_kg", "reference")
        if all(name in found for name in names) and sum(found[name] is not None for name in names) != 1:
            yield Fault("provisional_usd_per_kg", "neither or both", "either provisional_usd_per_kg or a reference")
