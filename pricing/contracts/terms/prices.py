"""Clauses that price goods: fixed, indexed, mixed carbonate."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar

from pricing.contracts.settlement_payoffs import Amount, DiscountRule, basket, discounted
from pricing.contracts.terms.clause import Clause, crossed
from pricing.contracts.terms.schema import (
    NAME,
    NAME_WANTED,
    Span,
    Term,
    keyed,
    listed,
    named,
    number,
    price,
    share,
    stated,
    stated_all,
)
from pricing.errors import Fault


@dataclass(frozen=True, slots=True, kw_only=True)
class Fixed(Clause):
    """A fixed price."""

    KIND: ClassVar[str] = "fixed"
    PRICES: ClassVar[bool] = True
    LEVELS: ClassVar[tuple[str, ...]] = ("price_usd_per_kg",)
    price_usd_per_kg: Decimal = price()

    def usd_per_kg(self, numbers: Mapping[str, Amount], references: Mapping[str, Amount]) -> Amount:
        """Return the price."""
        return numbers["price_usd_per_kg"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Indexed(Clause):
    """An index with a discount (a premium is a negative one), a sum on top, and perhaps bounds of its own."""

    KIND: ClassVar[str] = "indexed"
    PRICES: ClassVar[bool] = True
    LEVELS: ClassVar[tuple[str, ...]] = ("floor_usd_per_kg", "cap_usd_per_kg")
    reference: str = named()
    discount_share: Decimal = number("a share off the index; negative is a premium", low=Decimal(-1), high=Decimal(1))
    added_usd_per_kg: Decimal | None = number(
        "USD/kg on top of the index; negative is a discount",
        low=Decimal(-100_000),
        high=Decimal(100_000),
        required=False,
    )
    discount_rule: DiscountRule | None = stated(required=False)
    floor_usd_per_kg: Decimal | None = price(required=False)
    cap_usd_per_kg: Decimal | None = price(required=False)

    @staticmethod
    def checks(found: Mapping[str, Any]) -> Iterator[Fault]:
        """Yield bounds that cross, and a discount beside a bound without a rule."""
        yield from Clause.checks(found)
        yield from crossed(found)
        is_bounded = stated_all(found, "floor_usd_per_kg") or stated_all(found, "cap_usd_per_kg")
        moved = found.get("discount_share") or found.get("added_usd_per_kg")
        if is_bounded and moved and found.get("discount_rule", 0) is None:
            yield Fault(
                "discount_rule", "nothing", f"one of {', '.join(DiscountRule)}: a bound stands beside a discount"
            )

    @property
    def moved(self) -> bool:
        """Return whether the price is not the index itself."""
        return bool(self.discount_share or self.added_usd_per_kg)

    @property
    def numbers(self) -> dict[str, Decimal]:
        """Return the bounds and the share of the index that is kept."""
        return {name: getattr(self, name) for name in self.LEVELS if getattr(self, name)} | {
            "kept": 1 - self.discount_share,
            "added": self.added_usd_per_kg or Decimal(0),
        }

    def usd_per_kg(self, numbers: Mapping[str, Amount], references: Mapping[str, Amount]) -> Amount:
        """Return the index less its discount, between the bounds, by the rule."""
        floor, cap = numbers.get("floor_usd_per_kg"), numbers.get("cap_usd_per_kg")
        return discounted(references[self.reference], numbers["kept"], self.discount_rule, floor, cap, numbers["added"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Penalty(Term):
    """An amount taken off the price of carbonate."""

    reason: str = stated()
    usd_per_kg: Decimal = number("USD/kg TREO")


@dataclass(frozen=True, slots=True, kw_only=True)
class Carbonate(Clause):
    """Mixed carbonate: a payable share of the basket, less penalties, per kg of the oxides in the wet tonnes."""

    KIND: ClassVar[str] = "carbonate"
    PRICES: ClassVar[bool] = True
    oxide_kg_per_kg_treo: Mapping[str, Decimal] = keyed(
        NAME, NAME_WANTED, Span(Decimal(0), Decimal(1), "kg oxide per kg TREO", above=True), most=20, least=1
    )
    payable_share: Decimal = share(above=True)
    moisture_share: Decimal = share()
    treo_share: Decimal = share(above=True)
    penalties: tuple[Penalty, ...] = listed()

    @staticmethod
    def checks(found: Mapping[str, Any]) -> Iterator[Fault]:
        """Yield shares of more than the whole."""
        yield from Clause.checks(found)
        shares = [one for one in found.get("oxide_kg_per_kg_treo", {}).values() if one is not None]
        if sum(shares) > 1:
            yield Fault(
                "oxide_kg_per_kg_treo", f"{sum(shares)} in all", "shares that add up to at most 1 kg per kg TREO"
            )

    @property
    def references(self) -> tuple[str, ...]:
        """Return the oxides' references, which are named as the oxides are."""
        return tuple(self.oxide_kg_per_kg_treo or ())

    @property
    def numbers(self) -> dict[str, Decimal]:
        """Return the shares, the penalties and the kg TREO in a wet kg."""
        treo = (1 - self.moisture_share) * self.treo_share
        off = sum((one.usd_per_kg for one in self.penalties), Decimal(0))
        return {"treo": treo, "payable": self.payable_share, "off": off, **self.oxide_kg_per_kg_treo}

    def usd_per_kg(self, numbers: Mapping[str, Amount], references: Mapping[str, Amount]) -> Amount:
        """Return the price in USD per wet kg."""
        shares = {name: numbers[name] for name in self.oxide_kg_per_kg_treo}
        worth = basket(shares, {name: references[name] for name in shares})
        return (worth * numbers["payable"] - numbers["off"]) * numbers["treo"]

    def parts(self, numbers: Mapping[str, Decimal], references: Mapping[str, Decimal]) -> dict[str, Decimal]:
        """Return the basket and what is paid for it in USD/kg TREO, and the kg TREO in a wet kg."""
        worth = basket({name: numbers[name] for name in self.references}, dict(references))
        paid = worth * numbers["payable"] - numbers["off"]
        return {
            "basket_usd_per_kg_treo": worth,
            "paid_usd_per_kg_treo": paid,
            "treo_kg_per_wet_kg": numbers["treo"],
        }
