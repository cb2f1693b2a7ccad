"""Sums about supply: what a carbonate fetches, a price step in a product, a plant's price, a production credit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar

from pricing.contracts.measures import KG_PER_TONNE
from pricing.contracts.settlement_exposure import discount_for_floor, effective_cost
from pricing.contracts.settlement_payoffs import DiscountRule, basket, discounted
from pricing.contracts.sums.figures import BASKET_IS_NO_NDPR_PRICE, Amounts, Asks, Figures, Sum, percent, usd
from pricing.contracts.terms.conditions import TONNES
from pricing.contracts.terms.facts import YEAR
from pricing.contracts.terms.prices import Penalty
from pricing.contracts.terms.references import LEAST_RATIO, MOST_RATIO
from pricing.contracts.terms.schema import (
    NAME,
    NAME_WANTED,
    Span,
    Spec,
    keyed,
    listed,
    number,
    placed,
    price,
    share,
    stated,
    stated_all,
    whole,
)
from pricing.errors import Fault

ZERO, ONE = Decimal(0), Decimal(1)
OXIDE = Span(ZERO, ONE, "kg oxide per kg TREO", above=True)
USD_PER_KG = Span(ZERO, Decimal(10) ** 6, "USD/kg", above=True)
LOT = ("wet_tonnes", "moisture_share", "treo_share")


class PlantBasis(StrEnum):
    """Whose money the numbers of a plant are in; the rate is in the same."""

    REAL_PRE_TAX = "real_pre_tax"
    NOMINAL_PRE_TAX = "nominal_pre_tax"


@dataclass(frozen=True, slots=True, kw_only=True)
class CarbonateSum(Sum):
    """What mixed carbonate is worth and fetches per kg TREO, and what a wet lot of it does."""

    KIND: ClassVar[str] = "carbonate"
    oxide_kg_per_kg_treo: Mapping[str, Decimal] = keyed(NAME, NAME_WANTED, OXIDE, most=20)
    prices_usd_per_kg: Mapping[str, Decimal] = keyed(NAME, NAME_WANTED, USD_PER_KG, most=20)
    basket_usd_per_kg_treo: Decimal | None = number("USD/kg TREO", above=True, high=USD_PER_KG.high, required=False)
    payable_share: Decimal = share(above=True)
    penalties: tuple[Penalty, ...] = listed()
    wet_tonnes: Decimal | None = number("t wet", above=True, high=TONNES.high, required=False)
    moisture_share: Decimal | None = share(required=False)
    treo_share: Decimal | None = share(above=True, required=False)

    @staticmethod
    def checks(found: Mapping[str, Any]) -> Iterator[Fault]:
        """Yield a basket that is stated in two ways or in none, and a lot that is stated in part."""
        shares, prices = found.get("oxide_kg_per_kg_treo", {}), found.get("prices_usd_per_kg", {})
        if "basket_usd_per_kg_treo" in found and bool(shares) == (found["basket_usd_per_kg_treo"] is not None):
            told = "both" if shares else "nothing"
            yield Fault("oxide_kg_per_kg_treo", told, "oxide_kg_per_kg_treo with prices, or basket_usd_per_kg_treo")
        yield from (Fault(f"prices_usd_per_kg.{name}", "nothing", "USD/kg") for name in shares if name not in prices)
        allowed = f"an oxide of the carbonate: {', '.join(shares) or 'there is none'}"
        yield from (Fault(f"prices_usd_per_kg.{name}", name, allowed) for name in prices if name not in shares)
        if (whole := sum(one for one in shares.values() if one is not None)) > 1:
            yield Fault("oxide_kg_per_kg_treo", f"{whole} in all", "shares that add up to at most 1 kg per kg TREO")
        if any(stated_all(found, name) for name in LOT):
            yield from (Fault(name, "nothing", f"{', '.join(LOT)}") for name in LOT if found.get(name, 0) is None)

    def answer(self) -> Figures:
        """Return basket and payable per kg TREO and, of a lot, the tonnes TREO and the invoice."""
        stated_basket = self.basket_usd_per_kg_treo
        shares, prices = dict(self.oxide_kg_per_kg_treo), dict(self.prices_usd_per_kg)
        worth = basket(shares, prices) if stated_basket is None else stated_basket
        paid = worth * self.payable_share - sum((one.usd_per_kg for one in self.penalties), ZERO)
        found: dict[str, Decimal | None] = {
            "basket_usd_per_kg_treo": worth,
            "payable_usd_per_kg_treo": worth * self.payable_share,
            "paid_usd_per_kg_treo": paid,
        }
        says = f"Basket {usd(worth)}, paid {usd(paid)} USD/kg TREO."
        if self.wet_tonnes is not None and self.moisture_share is not None and self.treo_share is not None:
            treo = self.wet_tonnes * (1 - self.moisture_share) * self.treo_share
            found |= {"treo_tonnes": treo, "lot_usd": treo * KG_PER_TONNE * paid}
            says += f" {treo.normalize():,f} t TREO, {usd(treo * KG_PER_TONNE * paid)} USD."
        how = "payable x sum of shares x prices - penalties; t TREO = wet x (1 - moisture) x TREO share of the dry mass"
        return Figures(found, says, how, notes={"basket_is_not_ndpr": BASKET_IS_NO_NDPR_PRICE})


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceStep(Sum):
    """What a change of an oxide's price adds to a product with magnets in it."""

    KIND: ClassVar[str] = "price_step"
    change_usd_per_kg: Decimal = number("USD/kg oxide", low=Decimal(-1_000_000), high=Decimal(1_000_000))
    magnet_kg_per_unit: Decimal = number("kg magnet per unit", above=True, high=Decimal(1_000_000))
    metal_kg_per_kg_magnet: Decimal = share(above=True)
    oxide_kg_per_kg_metal: Decimal = number("kg oxide per kg metal", low=LEAST_RATIO, high=MOST_RATIO, above=True)
    units: Decimal | None = number("units", high=Decimal(10) ** 9, required=False)

    def answer(self) -> Figures:
        """Return the oxide in a unit and what the change adds to it."""
        kg = self.magnet_kg_per_unit * self.metal_kg_per_kg_magnet * self.oxide_kg_per_kg_metal
        more = kg * self.change_usd_per_kg
        found: dict[str, Decimal | None] = {"oxide_kg_per_unit": kg, "change_usd_per_unit": more}
        if self.units is not None:
            found["change_usd"] = more * self.units
        return Figures(
            found,
            f"{usd(abs(more))} USD {'less' if more < 0 else 'more'} a unit.",
            "change x kg magnet x metal in it x oxide per metal; no losses",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PlantPrice(Sum):
    """The flat price at which a plant earns its cost of capital, and what more capital cost adds."""

    KIND: ClassVar[str] = "plant_price"
    capex_usd: Decimal = number("USD, spent at the start")
    tonnes_per_year: Decimal = number("t a year", above=True, high=TONNES.high)
    opex_usd_per_kg: Decimal = number("USD/kg", high=USD_PER_KG.high)
    years: int = whole("years of output, sold at year ends", low=1, high=100)
    capital_cost_shares: tuple[Decimal, ...] = stated(
        Spec(span=Span(ZERO, ONE, "a share a year: 0.08 is 8 %"), least=1, most=10)
    )
    basis: PlantBasis = stated()

    @staticmethod
    def checks(found: Mapping[str, Any]) -> Iterator[Fault]:
        """Yield costs of capital that an answer could not tell apart."""
        told: set[str] = set()
        for place, rate in placed(found.get("capital_cost_shares", ())):
            if percent(rate) in told:
                allowed = f"a rate that is not {percent(rate)} once more: each has a row by its two decimals in percent"
                yield Fault(f"capital_cost_shares.{place}", str(rate), allowed)
            told.add(percent(rate))

    def answer(self) -> Figures:
        """Return the price at each cost of capital, and the last less the first."""
        cases: dict[str, Amounts] = {}
        found: list[Decimal] = []
        for rate in self.capital_cost_shares:
            capital = self.capex_usd * _annuity(rate, self.years) / (self.tonnes_per_year * KG_PER_TONNE)
            found.append(self.opex_usd_per_kg + capital)
            cases[percent(rate)] = {"price_usd_per_kg": found[-1], "capital_usd_per_kg": capital}
        told = ", ".join(f"{usd(one)} at {percent(r)}" for one, r in zip(found, self.capital_cost_shares, strict=True))
        more = found[-1] - found[0]
        figures: Amounts = {"price_usd_per_kg": found[0]}
        if len(found) > 1:
            figures = {**figures, "difference_usd_per_kg": more}
            told += f"; the last less the first {usd(more)}"
        how = f"opex + capex x annuity / tonnes; {self.basis}, flat output and price, the rate in the same money"
        return Figures(figures, f"{told} USD/kg.", how, cases)


def _annuity(rate: Decimal, years: int) -> Decimal:
    """Return the yearly payment for one dollar of today, at year ends."""
    return rate / (1 - (1 + rate) ** -years) if rate else ONE / years


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductionCredit(Sum):
    """A credit on the cost of production, with the years of its phase-out: the share still granted from a year on."""

    KIND: ClassVar[str] = "production_credit"
    cost_usd_per_kg: Decimal = price()
    credit_share: Decimal = share(above=True)
    phase_out: Mapping[str, Decimal] = keyed(
        YEAR, "a calendar year such as 2031", Span(ZERO, ONE, "share of the credit still granted from the year on")
    )
    calendar_years: tuple[int, ...] = stated(
        Spec(span=Span(Decimal(2000), Decimal(2100), "a calendar year", whole=True), most=100), required=False
    )

    def answer(self) -> Figures:
        """Return the full credit and the cost after it, and both in each year asked for."""
        steps = {int(year): granted for year, granted in self.phase_out.items()}
        cases = {str(year): self._after(steps, year) for year in self.calendar_years or ()}
        whole = self.cost_usd_per_kg * self.credit_share
        says = f"Credit {usd(whole)}, cost after it {usd(self.cost_usd_per_kg - whole)} USD/kg"
        told = "".join(f"; {year}: {usd(one['credit_usd_per_kg'] or ZERO)}" for year, one in cases.items())
        figures = {"credit_usd_per_kg": whole, "effective_cost_usd_per_kg": self.cost_usd_per_kg - whole}
        return Figures(figures, f"{says}{told}.", "cost x credit share x the share still granted in the year", cases)

    def _after(self, steps: Mapping[int, Decimal], year: int) -> Amounts:
        cost = effective_cost(self.cost_usd_per_kg, self.credit_share, steps, year)
        return {"credit_usd_per_kg": self.cost_usd_per_kg - cost, "effective_cost_usd_per_kg": cost}


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscountForFloor(Sum):
    """A floor offered for a discount off a flat index: what each is worth, and the discount that makes them even."""

    KIND: ClassVar[str] = "discount_for_floor"
    index_usd_per_kg: Decimal = price()
    floor_usd_per_kg: Decimal = price()
    discount_share: Decimal = share()
    discount_rule: DiscountRule | None = stated(required=False)

    def answer(self) -> Figures:
        """Return the floor's worth, the discount's cost, and price and break-even by rule; asks which rule."""
        index, floor = self.index_usd_per_kg, self.floor_usd_per_kg
        found = discount_for_floor(index, floor, self.discount_share)
        rules = [self.discount_rule] if self.discount_rule else list(DiscountRule)
        cases: dict[str, Amounts] = {}
        for rule in rules:
            paid = discounted(index, 1 - self.discount_share, rule, floor, None)
            even = found.break_even_share[rule]
            cases[rule] = {"break_even_share": even, "price_usd_per_kg": paid, "seller_gains_usd_per_kg": paid - index}
        shown = ((rule, cases[rule]["break_even_share"]) for rule in cases)
        told = "; ".join(f"{rule}: {'no break-even' if even is None else percent(even)}" for rule, even in shown)
        worth = {"floor_worth_usd_per_kg": found.floor_worth, "discount_costs_usd_per_kg": found.discount_costs}
        why = "the discount comes off the index beside the top-up, off the floored price, or before the floor is held"
        return Figures(
            worth if self.discount_rule is None else {**worth, **cases[self.discount_rule]},
            f"Floor worth {usd(found.floor_worth)}, discount costs {usd(found.discount_costs)} USD/kg. {told}.",
            "even where the price paid is the index itself, on a flat path",
            cases,
            None if self.discount_rule else Asks("discount_rule", tuple(DiscountRule), why),
        )
