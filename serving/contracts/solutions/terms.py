"""A question solved backwards as a caller states it: which number makes two sides of an equation meet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar

from pricing.contracts.periods import Settlement
from pricing.contracts.settlement_payoffs import DiscountRule
from pricing.contracts.terms.clause import crossed
from pricing.contracts.terms.conditions import Party
from pricing.contracts.terms.contract import Contract
from pricing.contracts.terms.facts import Facts
from pricing.contracts.terms.references import deck_faults
from pricing.contracts.terms.schema import (
    Term,
    contract_day,
    named,
    number,
    price,
    share,
    stated,
    stated_all,
    whole,
)
from pricing.contracts.terms.words import nearest
from pricing.errors import Fault
from pricing.materials import Material
from serving.contracts.outlook.terms import AnyOutlook

MOST_TONNES = Decimal(1_000_000)


class Counted(StrEnum):
    """When a project's money counts."""

    YEAR_END = "year_end"  # of the project's own years, as in a textbook annuity
    AS_PAID = "as_paid"  # at the end of the month it is paid in


class RightTo(StrEnum):
    """What a right to choose tonnes is a right to."""

    FLOOR = "floor"  # the seller is paid the shortfall below the level
    FIXED = "fixed"  # goods change hands at the level
    CAP = "cap"  # the buyer is paid the excess above the level


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery(Term):
    """A delivery in few words: one index, no lag, averaged over each settlement period, ex VAT, on oxide."""

    material: Material = stated()
    first_day: date = contract_day("from")
    last_day: date = contract_day("to")
    settlement: Settlement = stated()
    tonnes_per_year: Decimal = number("t a year", above=True, high=MOST_TONNES)

    @staticmethod
    def checks(found: Mapping[str, Any]) -> Iterator[Fault]:
        """Yield days in the wrong order."""
        if stated_all(found, "first_day", "last_day") and found["first_day"] > found["last_day"]:
            yield Fault("to", str(found["last_day"]), f"a day on or after {found['first_day']}")


@dataclass(frozen=True, slots=True, kw_only=True)
class FloorForReturn(Term):
    """The floor at which a project earns a rate and no more: its net present value at that rate is nil.

    Real or nominal, as prices and costs are; before tax. `annual_cap_usd` and `first_period` limit the floor.
    """

    KIND: ClassVar[str] = "floor_for_return"
    capex_usd: Decimal = number("USD, spent on the day of valuation")
    opex_usd_per_kg: Decimal = number("USD/kg", high=Decimal(1_000_000))
    counted: Counted = stated()
    annual_cap_usd: Decimal | None = number("USD a calendar year", required=False)
    first_period: int | None = whole("settlement periods that pass before the floor begins", high=2000, required=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakEvenDiscount(Term):
    """The discount to the index that pays for a floor; without a rule, under each of them.

    `discount_share` is a discount on offer, to be held against it.
    """

    KIND: ClassVar[str] = "discount_for_floor"
    floor_usd_per_kg: Decimal = price()
    discount_rule: DiscountRule | None = stated(required=False)
    discount_share: Decimal | None = number("a share off the index", low=Decimal(-1), high=Decimal(1), required=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ZeroCostCollar(Term):
    """The cap above which giving away a share pays for a floor."""

    KIND: ClassVar[str] = "zero_cost_collar"
    floor_usd_per_kg: Decimal = price()
    share_above_cap: Decimal = share(above=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class EqualFlatFloor(Term):
    """The floor without a share that costs as much as a floor with a share of what lies above a level."""

    KIND: ClassVar[str] = "equal_flat_floor"
    floor_usd_per_kg: Decimal = price()
    above_usd_per_kg: Decimal = price()
    share_above: Decimal = share(above=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class FixedPrice(Term):
    """The fixed price worth as much as an indexed one with its bounds, and how often each wins."""

    KIND: ClassVar[str] = "fixed_price"
    fixed_usd_per_kg: Decimal = price()
    floor_usd_per_kg: Decimal | None = price(required=False)
    cap_usd_per_kg: Decimal | None = price(required=False)
    discount_share: Decimal | None = number("a share off the index", low=Decimal(-1), high=Decimal(1), required=False)
    discount_rule: DiscountRule | None = stated(required=False)

    @staticmethod
    def checks(found: Mapping[str, Any]) -> Iterator[Fault]:
        """Yield bounds that cross, and a discount beside a bound without a rule."""
        yield from crossed(found)
        bounds = stated_all(found, "floor_usd_per_kg") or stated_all(found, "cap_usd_per_kg")
        if bounds and found.get("discount_share") and found.get("discount_rule", 0) is None:
            yield Fault(
                "discount_rule", "nothing", f"one of {', '.join(DiscountRule)}: a bound stands beside a discount"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class VolumeRight(Term):
    """What a right to choose the tonnes of each period is worth: what a rule earns, and what foresight would.

    Of a contract with a volume_option nothing more is stated; beside a delivery in few words, all but the total.
    """

    KIND: ClassVar[str] = "volume_option"
    holder: Party | None = stated(required=False)
    right_to: RightTo | None = stated(required=False)
    level_usd_per_kg: Decimal | None = price(required=False)
    least_tonnes_per_period: Decimal | None = number("t a settlement period", high=MOST_TONNES, required=False)
    most_tonnes_per_period: Decimal | None = number("t a settlement period", high=MOST_TONNES, required=False)
    total_tonnes: Decimal | None = number("t over all periods", required=False)

    @staticmethod
    def checks(found: Mapping[str, Any]) -> Iterator[Fault]:
        """Yield bounds that cross, and rights that the holder cannot have."""
        if stated_all(found, "least_tonnes_per_period", "most_tonnes_per_period"):
            least, most = found["least_tonnes_per_period"], found["most_tonnes_per_period"]
            if least > most:
                yield Fault("least_tonnes_per_period", str(least), f"at most {most}")
        wrong = {Party.SELLER: RightTo.CAP, Party.BUYER: RightTo.FLOOR}
        holder, right = found.get("holder"), found.get("right_to")
        if holder is not None and right is wrong[holder]:
            allowed = f"fixed, or {wrong[_other(holder)]}: a {holder} does not hold a {right}"
            yield Fault("right_to", str(right), allowed)

    @property
    def stated(self) -> tuple[str, ...]:
        """Return the fields that are stated."""
        return tuple(item.name for item in fields(self) if getattr(self, item.name) is not None)


OverDeliveries = FloorForReturn | BreakEvenDiscount | ZeroCostCollar | EqualFlatFloor | FixedPrice
Solve = FloorForReturn | BreakEvenDiscount | ZeroCostCollar | EqualFlatFloor | FixedPrice | VolumeRight


@dataclass(frozen=True, slots=True, kw_only=True)
class SolutionRequest(Term):
    """What is solved for, over the deliveries of a contract or those stated in few words, on an outlook.

    `reference` names the contract's reference where it has several. `discount_rate` is a year's, for both sides.
    """

    contract: Contract | None = stated(required=False)
    delivery: Delivery | None = stated(required=False)
    reference: str | None = named(required=False)
    facts: Facts | None = stated(required=False)
    outlook: AnyOutlook = stated()
    discount_rate: Decimal = number("a share a year: 0.08 is 8 %", high=Decimal(1))
    solve: Solve = stated()

    @staticmethod
    def checks(found: Mapping[str, Any]) -> Iterator[Fault]:
        """Yield neither or both ways to state deliveries, and a reference that the contract does not have."""
        if {"contract", "delivery"} <= found.keys():
            contract, delivery = found["contract"], found["delivery"]
            if (contract is None) is (delivery is None):
                told = "nothing" if contract is None else "both"
                yield Fault("delivery", told, "either a contract, or a delivery in few words")
        contract = found.get("contract")
        yield from _reference_faults(found, contract)
        facts = found.get("facts")
        if contract is not None and contract.references and facts is not None and facts.decks:
            yield from (replace(one, path=f"facts.{one.path}") for one in deck_faults(contract.references, facts.decks))
        if isinstance(found.get("solve"), VolumeRight):
            yield from _right_faults(found["solve"], contract, found.get("delivery"))


def _reference_faults(found: Mapping[str, Any], contract: Contract | None) -> Iterator[Fault]:
    """Yield a reference that is not there; a right to tonnes rests on all clauses and names none."""
    name, whole = found.get("reference"), isinstance(found.get("solve"), VolumeRight)
    if contract is None:
        if name is not None and found.get("delivery") is not None:
            yield Fault("reference", name, "nothing: a delivery has one index")
        return
    names = list(contract.references or ())
    if name is None and len(names) != 1 and not whole:
        yield Fault("reference", "nothing", f"one of {', '.join(names) or 'the references of a contract'}")
    if name is not None and name not in names:
        yield Fault("reference", name, f"one of {', '.join(names)}", nearest(name, names))


def _right_faults(asked: VolumeRight, contract: Contract | None, delivery: Delivery | None) -> Iterator[Fault]:
    """Yield a right that is stated twice, or that nothing states in full."""
    if contract is not None:
        if contract.volume_option is None:
            yield Fault("contract.volume_option", "nothing", "the holder, the least and the most tonnes of a period")
        for name in asked.stated:
            yield Fault(f"solve.{name}", "beside a contract", "nothing: the contract's own volume_option counts")
    elif delivery is not None:
        for name in _RIGHT:
            if name not in asked.stated:
                yield Fault(f"solve.{name}", "nothing", f"all but total_tonnes: {', '.join(_RIGHT)}")


_RIGHT = tuple(item.name for item in fields(VolumeRight) if item.name != "total_tonnes")


def _other(party: Party) -> Party:
    return Party.BUYER if party is Party.SELLER else Party.SELLER
