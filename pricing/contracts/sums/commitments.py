"""Sums about what a contract commits: exposure, take-or-pay, tonnes for a sum of money, a yearly cap on a share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar

from pricing.contracts.measures import KG_PER_TONNE
from pricing.contracts.settlement_exposure import most_tonnes, supported_tonnes, take_or_pay_exposure
from pricing.contracts.settlement_payoffs import cap_binds_at, excess, shortfall
from pricing.contracts.sums.figures import Amounts, Asks, Figures, Sum, usd
from pricing.contracts.terms.conditions import TONNES
from pricing.contracts.terms.schema import number, price, share, stated, stated_all, whole
from pricing.errors import Fault

ZERO, HALF = Decimal(0), Decimal("0.5")


class Paid(StrEnum):
    """When a year's payment falls due, for discounting."""

    YEAR_END = "year_end"
    MID_YEAR = "mid_year"


class SumIs(StrEnum):
    """What a sum of money stands for."""

    PURCHASE = "purchase"  # the value of the goods
    SUPPORT = "support"  # what the buyer pays on top of the market price


def _tonnes_a_year() -> Any:
    return number("t a year", above=True, high=TONNES.high)


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure(Sum):
    """What a floor costs the buyer on a flat reference, a year, in all, and in present value."""

    KIND: ClassVar[str] = "exposure"
    tonnes_per_year: Decimal = _tonnes_a_year()
    reference_usd_per_kg: Decimal = price()
    floor_usd_per_kg: Decimal = price()
    years: int = whole("years", low=1, high=100)
    discount_share_per_year: Decimal | None = share(required=False)
    paid: Paid | None = stated(required=False)

    @staticmethod
    def checks(found: Mapping[str, Any]) -> Iterator[Fault]:
        """Yield a rate without the time of payment."""
        if stated_all(found, "discount_share_per_year") and found.get("paid", 0) is None:
            yield Fault("paid", "nothing", f"one of {', '.join(Paid)}: when a year's payment falls due")

    def answer(self) -> Figures:
        """Return the yearly payment, the total, and its present value."""
        lacks = shortfall(self.floor_usd_per_kg, self.reference_usd_per_kg)
        yearly = lacks * self.tonnes_per_year * KG_PER_TONNE
        found: dict[str, Decimal | None] = {"usd_per_year": yearly, "total_usd": yearly * self.years}
        says = (
            f"{usd(yearly)} USD a year, {usd(yearly * self.years)} in {self.years} year{'' if self.years == 1 else 's'}"
        )
        if self.discount_share_per_year is not None:
            rate, early = self.discount_share_per_year, HALF if self.paid is Paid.MID_YEAR else ZERO
            worth = sum((yearly / (1 + rate) ** (year + 1 - early) for year in range(self.years)), ZERO)
            found["present_value_usd"] = worth
            says += f", {usd(worth)} in present value"
        return Figures(found, f"{says}.", "max(0, floor - reference) x tonnes a year, discounted by years")


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeOrPayExposure(Sum):
    """What a year of take-or-pay binds at a price against the spot market."""

    KIND: ClassVar[str] = "take_or_pay"
    take_share: Decimal = share(above=True)
    tonnes_per_year: Decimal = _tonnes_a_year()
    price_usd_per_kg: Decimal = price()
    spot_usd_per_kg: Decimal = price()
    make_up_worth_usd_per_kg: Decimal | None = number("USD/kg that a kg taken later is worth", required=False)

    def answer(self) -> Figures:
        """Return the tonnes bound, the loss if they are resold, and the cash at risk if they are not."""
        later = self.make_up_worth_usd_per_kg or ZERO
        args = (self.take_share, self.tonnes_per_year, self.price_usd_per_kg, self.spot_usd_per_kg, later)
        bound = take_or_pay_exposure(*args)
        says = (
            f"{bound.tonnes.normalize():,f} t a year: {_resold(bound.marked_to_market_usd)} if resold at spot, "
            f"{usd(bound.cash_at_risk_usd)} at risk with no need and no resale."
        )
        notes = {"no_make_up": "No right to take the tonnes later is counted: make_up_worth_usd_per_kg would be."}
        return Figures(
            {
                "tonnes_per_year": bound.tonnes,
                "marked_to_market_usd_per_year": bound.marked_to_market_usd,
                "cash_at_risk_usd_per_year": bound.cash_at_risk_usd,
            },
            says,
            "share x tonnes x (price - the better of spot and make-up); at risk: share x tonnes x (price - make-up)",
            notes=notes if self.make_up_worth_usd_per_kg is None else {},
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class TonnesForSum(Sum):
    """How many tonnes a sum of money stands for at a floor: bought, or supported."""

    KIND: ClassVar[str] = "tonnes_for_sum"
    usd: Decimal = number("USD in all", above=True)
    floor_usd_per_kg: Decimal = price()
    years: Decimal | None = number("years", above=True, high=Decimal(100), required=False)
    usd_is: SumIs | None = stated(required=False)
    reference_usd_per_kg: Decimal | None = price(required=False)

    @staticmethod
    def checks(found: Mapping[str, Any]) -> Iterator[Fault]:
        """Yield support without the price it is on top of, and a price under which it pays nothing."""
        if found.get("usd_is") is SumIs.SUPPORT and found.get("reference_usd_per_kg", 0) is None:
            yield Fault("reference_usd_per_kg", "nothing", "the market price that the support lifts to the floor")
        both = stated_all(found, "reference_usd_per_kg", "floor_usd_per_kg")
        supports = both and found.get("usd_is") is not SumIs.PURCHASE
        if supports and found["reference_usd_per_kg"] >= found["floor_usd_per_kg"]:
            allowed = f"a price below the floor, {found['floor_usd_per_kg']}: else nothing is supported"
            yield Fault("reference_usd_per_kg", str(found["reference_usd_per_kg"]), allowed)

    def answer(self) -> Figures:
        """Return the tonnes under each reading that is open; asks which where none is stated."""
        readings = {self.usd_is} if self.usd_is else set(SumIs)
        cases = {kind.value: self._tonnes(kind) for kind in SumIs if kind in readings}
        cases = {name: found for name, found in cases.items() if found}
        told = "; ".join(f"{name}: {_bound(name)}{found['tonnes']:,.1f} t" for name, found in cases.items())
        asks = None
        if self.usd_is is None:
            why = "as support the sum stands for more tonnes than as purchase value; they need reference_usd_per_kg"
            asks = Asks("usd_is", tuple(SumIs), why)
        notes = {
            "upper_bound": "As purchase value an upper bound: other products and prices above the floor cost more."
        }
        return Figures(
            next(iter(cases.values())) if self.usd_is else {},
            f"{told}.",
            "purchase: usd / floor; support: usd / (floor - market price)",
            cases,
            asks,
            notes if SumIs.PURCHASE in readings else {},
        )

    def _tonnes(self, kind: SumIs) -> Amounts:
        if kind is SumIs.PURCHASE:
            tonnes = most_tonnes(self.usd, self.floor_usd_per_kg)
        elif self.reference_usd_per_kg is None:
            return {}
        else:
            tonnes = supported_tonnes(self.usd, self.floor_usd_per_kg, self.reference_usd_per_kg)
        return {"tonnes": tonnes, "tonnes_per_year": None if self.years is None else tonnes / self.years}


def _bound(name: str) -> str:
    return "at most " if name == SumIs.PURCHASE else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CapOnShare(Sum):
    """From which flat price a yearly money cap on an upside share binds, and what a price pays under it."""

    KIND: ClassVar[str] = "annual_cap"
    above_usd_per_kg: Decimal = price()
    share_above: Decimal = share(above=True)
    cap_usd_per_year: Decimal = number("USD a calendar year", above=True)
    tonnes_per_year: Decimal = _tonnes_a_year()
    price_usd_per_kg: Decimal | None = price(required=False)

    def answer(self) -> Figures:
        """Return the price from which the cap binds and, at a price, the share before and after it."""
        binds = cap_binds_at(self.share_above, self.above_usd_per_kg, self.cap_usd_per_year, self.tonnes_per_year)
        found: dict[str, Decimal | None] = {"cap_binds_from_usd_per_kg": binds}
        says = f"The cap binds from {usd(binds)} USD/kg"
        if self.price_usd_per_kg is not None:
            kg = self.tonnes_per_year * KG_PER_TONNE
            due = excess(self.above_usd_per_kg, self.price_usd_per_kg) * self.share_above * kg
            paid = min(due, self.cap_usd_per_year)
            net = self.price_usd_per_kg - paid / kg
            found |= {"share_usd_per_year": due, "paid_usd_per_year": paid, "net_usd_per_kg": net}
            says += f"; at {usd(self.price_usd_per_kg)} the share is {usd(due)}, {usd(paid)} is paid, net {usd(net)}"
        return Figures(found, f"{says}.", "binds from level + cap / (share x tonnes); paid = min(cap, share)")


def _resold(lost_usd: Decimal) -> str:
    """Return what a resale loses, or gains where that is below nothing.

    >>> _resold(Decimal(5)), _resold(Decimal(-5))
    ('a loss of 5.00 USD', 'a gain of 5.00 USD')
    """
    return f"a {'gain' if lost_usd < 0 else 'loss'} of {usd(abs(lost_usd))} USD"
