"""Clauses that pay a difference beside the price, or without one: floor, cap, collar, difference, share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar

from pricing.contracts.settlement_payoffs import Amount, difference, excess, shortfall
from pricing.contracts.terms.clause import Clause, crossed
from pricing.contracts.terms.schema import (
    named,
    price,
    share,
    stated,
)
from pricing.errors import Fault


class Direction(StrEnum):
    """Whom a contract for difference pays."""

    TWO_WAY = "two_way"
    TO_SELLER = "to_seller"
    TO_BUYER = "to_buyer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Floor(Clause):
    """The buyer pays what the reference lacks to a floor."""

    KIND: ClassVar[str] = "floor"
    LEVELS: ClassVar[tuple[str, ...]] = ("floor_usd_per_kg",)
    reference: str = named()
    floor_usd_per_kg: Decimal = price()

    def usd_per_kg(self, numbers: Mapping[str, Amount], references: Mapping[str, Amount]) -> Amount:
        """Return the shortfall."""
        return shortfall(numbers["floor_usd_per_kg"], references[self.reference])


@dataclass(frozen=True, slots=True, kw_only=True)
class Cap(Clause):
    """The seller pays what the reference has above a cap."""

    KIND: ClassVar[str] = "cap"
    LEVELS: ClassVar[tuple[str, ...]] = ("cap_usd_per_kg",)
    reference: str = named()
    cap_usd_per_kg: Decimal = price()

    def usd_per_kg(self, numbers: Mapping[str, Amount], references: Mapping[str, Amount]) -> Amount:
        """Return the excess, paid by the seller."""
        return -excess(numbers["cap_usd_per_kg"], references[self.reference])


@dataclass(frozen=True, slots=True, kw_only=True)
class Collar(Clause):
    """The buyer pays below a floor; the seller gives a share of what lies above a cap (1 is all of it)."""

    KIND: ClassVar[str] = "collar"
    LEVELS: ClassVar[tuple[str, ...]] = ("floor_usd_per_kg", "cap_usd_per_kg")
    reference: str = named()
    floor_usd_per_kg: Decimal = price()
    cap_usd_per_kg: Decimal = price()
    share_above_cap: Decimal = share()

    @staticmethod
    def checks(found: Mapping[str, Any]) -> Iterator[Fault]:
        """Yield a floor above its cap."""
        yield from Clause.checks(found)
        yield from crossed(found)

    @property
    def numbers(self) -> dict[str, Decimal]:
        """Return the levels and the share."""
        return {name: getattr(self, name) for name in (*self.LEVELS, "share_above_cap")}

    def usd_per_kg(self, numbers: Mapping[str, Amount], references: Mapping[str, Amount]) -> Amount:
        """Return the shortfall below the floor less the share above the cap."""
        reference = references[self.reference]
        above = excess(numbers["cap_usd_per_kg"], reference)
        return shortfall(numbers["floor_usd_per_kg"], reference) - above * numbers["share_above_cap"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference(Clause):
    """A contract for difference against a strike."""

    KIND: ClassVar[str] = "difference"
    LEVELS: ClassVar[tuple[str, ...]] = ("strike_usd_per_kg",)
    reference: str = named()
    strike_usd_per_kg: Decimal = price()
    direction: Direction = stated()

    def usd_per_kg(self, numbers: Mapping[str, Amount], references: Mapping[str, Amount]) -> Amount:
        """Return strike less reference, or the half of it that the direction leaves."""
        ways = (self.direction is not Direction.TO_BUYER, self.direction is not Direction.TO_SELLER)
        return difference(numbers["strike_usd_per_kg"], references[self.reference], *ways)


@dataclass(frozen=True, slots=True, kw_only=True)
class Share(Clause):
    """The seller gives a share of what lies above a level."""

    KIND: ClassVar[str] = "share"
    LEVELS: ClassVar[tuple[str, ...]] = ("above_usd_per_kg",)
    reference: str = named()
    above_usd_per_kg: Decimal = price()
    share_above: Decimal = share(above=True)

    @property
    def numbers(self) -> dict[str, Decimal]:
        """Return the level and the share."""
        return {"above_usd_per_kg": self.above_usd_per_kg, "share": self.share_above}

    def usd_per_kg(self, numbers: Mapping[str, Amount], references: Mapping[str, Amount]) -> Amount:
        """Return the share of the excess, paid by the seller."""
        return -excess(numbers["above_usd_per_kg"], references[self.reference]) * numbers["share"]
