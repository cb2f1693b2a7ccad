"""The two sides of a request as valuation takes them."""

from __future__ import annotations

from collections.abc import Iterator

from pricing.contracts.valuation.credit import Appropriation, Credit
from pricing.contracts.valuation.parties import Parties
from serving.contracts.valuations.terms import BuyerTerms, PartiesTerms, SellerTerms

JANUARY = 1


def parties_of(stated: PartiesTerms) -> Parties:
    """Return both sides: rates, credit, and whether the buyer's money must be granted."""
    granted = stated.buyer.appropriation
    chance = Appropriation() if granted is None else Appropriation(float(granted.chance_of_none), granted.lasting)
    return Parties(
        float(stated.seller.discount_rate),
        float(stated.buyer.discount_rate),
        _credit(stated.seller),
        _credit(stated.buyer),
        chance,
    )


def fiscal_start(stated: PartiesTerms) -> int:
    """Return the month of the year in which the buyer's fiscal year starts."""
    return stated.buyer.fiscal_year_starts_in_month or JANUARY


def sides_in_words(stated: PartiesTerms) -> Iterator[str]:
    """Yield of each side its rate, default and recovery, and how likely the buyer's money is not granted."""
    for name, side in (("Seller", stated.seller), ("Buyer", stated.buyer)):
        credit = _credit(side)
        fails = f"default {credit.hazard_per_year:.2%} a year, recovery {credit.recovery:.0%}"
        yield f"{name}: discounts at {float(side.discount_rate):.2%} a year, {fails}{_granted(side)}."


def _granted(side: SellerTerms | BuyerTerms) -> str:
    granted = side.appropriation if isinstance(side, BuyerTerms) else None
    if granted is None:
        return ", appropriation certain" if isinstance(side, BuyerTerms) else ""
    after = ", and none after such a year" if granted.lasting else ""
    return f", appropriation: no money at {float(granted.chance_of_none):.2%} in each fiscal year{after}"


def _credit(side: SellerTerms | BuyerTerms) -> Credit:
    return Credit(float(side.default_per_year or 0), float(side.recovery_share or 0))
