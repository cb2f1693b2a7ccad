"""Sums about a level: its real value, its unit, and what a quotation on another basis is against it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar

from pricing.contracts.measures import KG_PER_TONNE, KG_PER_UNIT
from pricing.contracts.settlement_exposure import floor_with_share
from pricing.contracts.settlement_payoffs import WIDE, shortfall
from pricing.contracts.sums.figures import Figures, Sum, usd
from pricing.contracts.terms.clause import share_below
from pricing.contracts.terms.conditions import TONNES
from pricing.contracts.terms.facts import RATE
from pricing.contracts.terms.schema import Span, Spec, number, price, share, stated, stated_all
from pricing.errors import Fault
from pricing.price import Currency, Unit, Vat

ONE = Decimal(1)
WHOLE_WITHIN = Decimal("1E-20")  # years: what the logarithms leave of a whole number of them
AMOUNT = Span(Decimal(0), Decimal(10) ** 9, "of the currency per unit", above=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class RealValue(Sum):
    """What a price that is not indexed is worth in today's money, and when it falls below a level."""

    KIND: ClassVar[str] = "real_value"
    price_usd_per_kg: Decimal = price()
    inflation_share_per_year: Decimal = number("a share a year: 0.025 is 2.5 %", low=Decimal("-0.2"), high=ONE)
    years: Decimal = number("years from today", high=Decimal(200))
    level_usd_per_kg: Decimal | None = price(required=False)

    def answer(self) -> Figures:
        """Return the real price, and the years until it is below the level."""
        worth = self.price_usd_per_kg / (1 + self.inflation_share_per_year) ** self.years
        spent = f"{self.years.normalize():f} year{'' if self.years == 1 else 's'}"
        says = f"{usd(self.price_usd_per_kg)} in {spent} is worth {usd(worth)} of today."
        found: dict[str, Decimal | None] = {"real_usd_per_kg": worth}
        how = "real price = price / (1 + inflation) ** years"
        if self.level_usd_per_kg is not None:
            years = self._years_until_below(self.level_usd_per_kg)
            found["years_until_below"] = years
            found["first_year_below"] = None if years is None else years.to_integral_value("ROUND_FLOOR") + 1
            says += f" {self._told(years, self.level_usd_per_kg)}"
            how += "; years until below = ln(price / level) / ln(1 + inflation)"
        return Figures(found, says, how)

    def _years_until_below(self, level: Decimal) -> Decimal | None:
        """Return the years until the price is below a level of today; None where it never is."""
        if self.price_usd_per_kg < level:
            return Decimal(0)
        if self.inflation_share_per_year <= 0:
            return None
        ratio = self.price_usd_per_kg / level
        years = ratio.ln() / (1 + self.inflation_share_per_year).ln()
        return years.quantize(WHOLE_WITHIN, context=WIDE)

    def _told(self, years: Decimal | None, level: Decimal) -> str:
        if years is None:
            return f"It never falls below {usd(level)} of today."
        if self.price_usd_per_kg < level:
            return f"It is below {usd(level)} already."
        year = years.to_integral_value("ROUND_FLOOR") + 1
        return f"It falls below {usd(level)} of today after {years:.2f} years, in year {year}."


@dataclass(frozen=True, slots=True, kw_only=True)
class Units(Sum):
    """A strike and a market price in any of USD/kg, USD/lb and USD/t, and what lies between."""

    KIND: ClassVar[str] = "units"
    strike_usd_per_kg: Decimal = price()
    market_usd_per_kg: Decimal = price()
    tonnes: Decimal | None = number("t", high=TONNES.high, required=False)

    def answer(self) -> Figures:
        """Return both prices and the shortfall in each unit."""
        lacks = shortfall(self.strike_usd_per_kg, self.market_usd_per_kg)
        prices = {"strike": self.strike_usd_per_kg, "market": self.market_usd_per_kg, "payment": lacks}
        found = {
            f"{name}_usd_per_{unit}": amount * KG_PER_UNIT[unit] for unit in Unit for name, amount in prices.items()
        }
        says = f"Strike {usd(self.strike_usd_per_kg)}, market {usd(self.market_usd_per_kg)}, pays {usd(lacks)} USD/kg."
        if self.tonnes is not None:
            found["payment_usd"] = lacks * self.tonnes * KG_PER_TONNE
        return Figures(found, says, "1 lb is 0.45359237 kg, 1 t is 1,000 kg; payment = max(0, strike - market)")


@dataclass(frozen=True, slots=True, kw_only=True)
class QuoteAgainstFloor(Sum):
    """A quotation in any money, unit and tax against a floor ex VAT."""

    KIND: ClassVar[str] = "quote"
    amount: Decimal = stated(Spec(span=AMOUNT))
    currency: Currency = stated()
    unit: Unit = stated()
    vat: Vat = stated()
    fx_per_usd: Decimal | None = stated(Spec(span=RATE), required=False)
    vat_rate: Decimal | None = number("a share of the price before tax", high=Decimal("0.99"), required=False)
    floor_usd_per_kg: Decimal | None = price(required=False)
    tonnes: Decimal | None = number("t", high=TONNES.high, required=False)

    @staticmethod
    def checks(found: Mapping[str, Any]) -> Iterator[Fault]:
        """Yield a basis that is not stated in full."""
        if found.get("currency", Currency.USD) is not Currency.USD and found.get("fx_per_usd", 0) is None:
            yield Fault("fx_per_usd", "nothing", f"units of {found['currency']} per USD")
        if found.get("vat", Vat.EXCLUDED) is not Vat.EXCLUDED and found.get("vat_rate", 0) is None:
            yield Fault("vat_rate", "nothing", "the rate in force on the day of the quotation, such as 0.13")
        if found.get("currency") is Currency.USD and stated_all(found, "fx_per_usd"):
            yield Fault("fx_per_usd", str(found["fx_per_usd"]), "nothing: the quotation is in USD")
        if found.get("vat") is Vat.EXCLUDED and stated_all(found, "vat_rate"):
            yield Fault("vat_rate", str(found["vat_rate"]), "nothing: the quotation is before VAT")
        if stated_all(found, "tonnes") and found.get("floor_usd_per_kg", 0) is None:
            yield Fault("floor_usd_per_kg", "nothing", "the floor that the tonnes are paid on")

    def answer(self) -> Figures:
        """Return the quotation in USD/kg with and before tax and, against a floor, the shortfall under either."""
        quoted = self.amount / (self.fx_per_usd or ONE) / KG_PER_UNIT[self.unit]
        before = quoted / (1 + (self.vat_rate or 0)) if self.vat is not Vat.EXCLUDED else quoted
        found: dict[str, Decimal | None] = {"as_quoted_usd_per_kg": quoted, "ex_vat_usd_per_kg": before}
        says = f"{usd(quoted)} USD/kg as quoted (VAT {self.vat}), {usd(before)} before VAT."
        if self.floor_usd_per_kg is not None:
            lacks, naive = (shortfall(self.floor_usd_per_kg, one) for one in (before, quoted))
            found |= {"shortfall_ex_vat_usd_per_kg": lacks, "shortfall_as_quoted_usd_per_kg": naive}
            says += f" The floor pays {usd(lacks)}, not {usd(naive)}, USD/kg."
            if self.tonnes is not None:
                kg = self.tonnes * KG_PER_TONNE
                found |= {"payment_usd": lacks * kg, "difference_usd": (lacks - naive) * kg}
        return Figures(found, says, "USD/kg = amount / FX / kg per unit; before VAT = USD/kg / (1 + rate)")


@dataclass(frozen=True, slots=True, kw_only=True)
class States(Sum):
    """What a floor, perhaps with an upside share, costs on equally likely prices, beside a flat floor."""

    KIND: ClassVar[str] = "states"
    prices_usd_per_kg: tuple[Decimal, ...] = stated(
        Spec(span=Span(Decimal(0), Decimal(10) ** 6, "USD/kg", above=True), least=1, most=1000)
    )
    floor_usd_per_kg: Decimal = price()
    share_above: Decimal | None = share(above=True, required=False)
    above_usd_per_kg: Decimal | None = price(required=False)
    other_floor_usd_per_kg: Decimal | None = price(required=False)

    @staticmethod
    def checks(found: Mapping[str, Any]) -> Iterator[Fault]:
        """Yield a share without its level, a level without its share, and a level below the floor."""
        yield from share_below(found, "above_usd_per_kg")
        names = ("share_above", "above_usd_per_kg")
        if all(name in found for name in names) and len([n for n in names if found[n] is None]) == 1:
            missing = next(name for name in names if found[name] is None)
            yield Fault(missing, "nothing", "share_above and above_usd_per_kg, or neither")

    def answer(self) -> Figures:
        """Return the mean cost to the buyer of each, and the difference."""
        prices = {str(place): one for place, one in enumerate(self.prices_usd_per_kg)}
        level = self.above_usd_per_kg or self.floor_usd_per_kg
        cost = floor_with_share(prices, self.floor_usd_per_kg, self.share_above or Decimal(0), level)
        found: dict[str, Decimal | None] = {"cost_usd_per_kg": cost}
        says = f"Costs {cost:,.3f} USD/kg on average"
        if self.other_floor_usd_per_kg is not None:
            flat = self.other_floor_usd_per_kg
            other = floor_with_share(prices, flat, Decimal(0), flat)
            found |= {"other_cost_usd_per_kg": other, "difference_usd_per_kg": cost - other}
            word = "cheaper" if cost < other else "dearer"
            says += f", the flat floor {other:,.3f}: {word} by {abs(cost - other):,.3f}"
        return Figures(
            found, f"{says}.", "mean over the states of max(0, floor - price) - share x max(0, price - level)"
        )
