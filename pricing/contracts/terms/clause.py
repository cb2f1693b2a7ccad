"""What every clause has: a name, days, a yearly cap, an escalator, numbers by name and references by name.

Amounts are USD/kg, positive where the buyer pays the seller. Numbers and references have names, so that one function
works on decimals and, with the same names, on arrays.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar

from pricing.contracts.settlement_payoffs import Amount
from pricing.contracts.terms.escalation import Escalator
from pricing.contracts.terms.schema import (
    Term,
    contract_day,
    named,
    number,
    price,
    stated,
    stated_all,
    whole,
)
from pricing.errors import Fault


class YearOf(StrEnum):
    """The day that says which calendar year's cap a payment uses."""

    DELIVERY = "delivery"
    SETTLEMENT = "settlement"


class PartialYear(StrEnum):
    """What a yearly amount is in a year that the clause covers in part."""

    SCALES = "scales"  # with the months covered
    WHOLE = "whole"


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnualCap(Term):
    """The most that a clause moves in a calendar year."""

    usd_per_year: Decimal = number("USD a calendar year")
    year_of: YearOf = stated()
    partial_year: PartialYear = stated()


@dataclass(frozen=True, slots=True, kw_only=True)
class StartsAbove(Term):
    """A clause that begins once its reference has averaged a level over some periods: in the next one, for good."""

    average_usd_per_kg: Decimal = price()
    over_periods: int = whole("settlement periods", low=1, high=400)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause(Term):
    """What every clause has: a name, days of its own within the contract, a cap a year, a way to escalate.

    `starts_with` names an event whose day the facts must give; before it the clause pays nothing. `starts_above` waits
    for the clause's own reference.
    """

    PRICES: ClassVar[bool] = False  # True where the clause is the price of goods, not a payment beside it
    LEVELS: ClassVar[tuple[str, ...]] = ()  # the numbers that escalate

    name: str = named()
    first_day: date | None = contract_day("from", required=False)
    last_day: date | None = contract_day("to", required=False)
    starts_with: str | None = named(required=False)
    starts_above: StartsAbove | None = stated(required=False)
    annual_cap: AnnualCap | None = stated(required=False)
    escalator: Escalator | None = stated(required=False)

    @staticmethod
    def checks(found: Mapping[str, Any]) -> Iterator[Fault]:
        """Yield days in the wrong order."""
        if stated_all(found, "first_day", "last_day") and found["first_day"] > found["last_day"]:
            yield Fault("to", str(found["last_day"]), f"a day on or after {found['first_day']}")

    @property
    def numbers(self) -> dict[str, Decimal]:
        """Return every number that the clause computes with."""
        return {name: getattr(self, name) for name in self.LEVELS if getattr(self, name) is not None}

    @property
    def references(self) -> tuple[str, ...]:
        """Return the references that the clause settles on."""
        found = getattr(self, "reference", None)
        return () if found is None else (found,)

    def parts(self, numbers: Mapping[str, Decimal], references: Mapping[str, Decimal]) -> dict[str, Decimal]:
        """Return what the amount per kg was made of, where that is more than a level and a reference."""
        return {}

    def usd_per_kg(self, numbers: Mapping[str, Amount], references: Mapping[str, Amount]) -> Amount:
        """Return what the clause pays per kg at the numbers in force and the references of a period."""
        raise NotImplementedError


def share_below(found: Mapping[str, Any], level: str) -> Iterator[Fault]:
    """Yield the level of an upside share that lies below the floor, `level` its field."""
    if stated_all(found, "floor_usd_per_kg", level) and found[level] < found["floor_usd_per_kg"]:
        yield Fault(level, str(found[level]), f"at least the floor, {found['floor_usd_per_kg']}")


def crossed(found: Mapping[str, Any]) -> Iterator[Fault]:
    """Yield a floor above its cap."""
    if stated_all(found, "floor_usd_per_kg", "cap_usd_per_kg"):
        floor, cap = found["floor_usd_per_kg"], found["cap_usd_per_kg"]
        if floor > cap:
            yield Fault("floor_usd_per_kg", str(floor), f"at most the cap, {cap}")
