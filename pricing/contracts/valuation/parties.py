"""The two sides of a contract: how they discount, and what a dollar due from each is worth."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from pricing.contracts.valuation.credit import SURE, Appropriation, Credit, arriving_share
from pricing.contracts.valuation.schedule import Timing
from pricing.errors import Fault, TermsError

Floats = np.ndarray


@dataclass(frozen=True, eq=False)
class Parties:
    """Yearly discount rates of both sides, their credit, and whether the buyer's money must be granted."""

    seller_rate: float
    buyer_rate: float
    seller: Credit = SURE
    buyer: Credit = SURE
    appropriation: Appropriation = field(default_factory=Appropriation)

    def __post_init__(self) -> None:
        rates = {"seller_rate": self.seller_rate, "buyer_rate": self.buyer_rate}
        faults = [
            Fault(name, str(rate), "above -1 and finite, as .08 a year")
            for name, rate in rates.items()
            if not -1 < rate < np.inf
        ]
        if faults:
            raise TermsError(*faults)


def discount_factors(rate: float, due_years: Floats) -> Floats:
    """Return factors (P,) at a yearly rate, compounded yearly; a payment of the past counts in full."""
    factors: Floats = (1.0 + rate) ** -np.maximum(due_years, 0.0)
    return factors


def due_weights(parties: Parties, timing: Timing) -> tuple[Floats, Floats]:
    """Return what a dollar due from buyer and from seller in each period is worth to seller and buyer (2, P) each.

    It is discounted at either's rate, and as it comes. One that was due by the day of valuation is paid: it is worth
    nothing any more.
    """
    due = timing.due_years
    factors = [discount_factors(rate, due) for rate in (parties.seller_rate, parties.buyer_rate)]
    discount = np.where(timing.is_ahead, factors, 0.0)
    granted = parties.appropriation.granted(timing.fiscal_years, timing.first_fiscal_year)
    return (
        discount * granted * arriving_share(parties.buyer, parties.seller, due),
        discount * arriving_share(parties.seller, parties.buyer, due),
    )
