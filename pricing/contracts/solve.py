"""Terms from their price: the floor, cap, discount or fixed price at which two sides of an equation meet.

Prices rest on an outlook: references on paths or on a few equally likely states. No solution is an answer, with its
reason.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import brentq

from pricing.contracts.settlement_payoffs import DiscountRule
from pricing.contracts.valuation.legs import Leg
from pricing.contracts.valuation.parties import discount_factors
from pricing.errors import Fault, TermsError

Floats = np.ndarray

DOUBLINGS = 24  # how often a search doubles its upper end before it gives up
TOLERANCE = 1e-10
_DEAREST = 2.0**DOUBLINGS


@dataclass(frozen=True, slots=True)
class Solution:
    """The number asked for."""

    value: float


@dataclass(frozen=True, slots=True)
class NoSolution:
    """Why there is no such number."""

    reason: str


Answer = Solution | NoSolution


@dataclass(frozen=True, eq=False)
class Outlook:
    """References in USD/kg (P, N), volumes in kg (P,) and discount factors (P,), often times survival."""

    references: Floats
    kg: Floats
    discount: Floats

    def __post_init__(self) -> None:
        periods = len(self.references)
        if self.references.ndim != 2 or not np.shape(self.kg) == np.shape(self.discount) == (periods,):
            found = f"shapes {self.references.shape}, {np.shape(self.kg)}, {np.shape(self.discount)}"
            raise TermsError(Fault("outlook", found, "(P, N), (P,) and (P,)"))
        if not float(self.weights.sum()) > 0:
            raise TermsError(Fault("outlook.kg", str(self.kg), "some volume that is worth something"))

    @property
    def weights(self) -> Floats:
        """Return the present kg of each period (P,)."""
        return self.kg * self.discount

    def by_path(self, usd_per_kg: Floats) -> Floats:
        """Return the present value in USD (N,) of an amount per kg (P, N)."""
        worth: Floats = self.weights @ usd_per_kg
        return worth

    def worth(self, usd_per_kg: Floats) -> float:
        """Return the mean present value in USD of an amount per kg (P, N)."""
        return float(self.by_path(usd_per_kg).mean())

    def per_kg(self, usd_per_kg: Floats) -> float:
        """Return the mean over paths and present kg in USD/kg of an amount per kg (P, N)."""
        return self.worth(usd_per_kg) / float(self.weights.sum())

    def floor(self, strike: float) -> float:
        """Return what a floor pays, USD per present kg."""
        return self.per_kg(np.maximum(strike - self.references, 0.0))

    def above(self, strike: float) -> float:
        """Return what lies above a strike, USD per present kg."""
        return self.per_kg(np.maximum(self.references - strike, 0.0))


@dataclass(frozen=True, eq=False)
class Project:
    """A plant, real and pre-tax: capital spent today, kg sold each period (P,), and when the money comes (P,)."""

    capex_usd: float
    opex_usd_per_kg: float
    kg: Floats
    due_years: Floats

    @classmethod
    def level(cls, capex_usd: float, opex_usd_per_kg: float, kg_per_year: float, years: int) -> Project:
        """Return a plant of constant output whose money comes at the end of each year."""
        return cls(capex_usd, opex_usd_per_kg, np.full(years, kg_per_year), np.arange(1.0, years + 1))

    def net_present_value(self, income_usd: Floats, rate: float) -> float:
        """Return the value in USD of mean income (P,) less operating cost and capital."""
        margin_usd = income_usd - self.opex_usd_per_kg * self.kg
        return float((margin_usd * discount_factors(rate, self.due_years)).sum()) - self.capex_usd

    def price_needed(self, rate: float) -> float:
        """Return the constant price in USD/kg that earns the rate and no more."""
        present_kg = float((self.kg * discount_factors(rate, self.due_years)).sum())
        return self.opex_usd_per_kg + self.capex_usd / present_kg


def floor_for_return(project: Project, leg: Leg, references: Floats, cap_years: Floats, rate: float) -> Answer:
    """Return the strike of a floor leg in USD/kg at which the project's net present value at a rate is zero.

    That rate then is its internal rate of return. The plant sells at the references (M, P, N) of the leg's row.
    """
    sales = references[leg.reference].mean(axis=1) * project.kg

    def worth(strike: float) -> float:
        paid = replace(leg, strike=np.array(strike)).payments(references, cap_years).mean(axis=1)
        return project.net_present_value(sales + paid, rate)

    if worth(0.0) >= 0:
        return NoSolution(f"no floor is needed: without one the project is worth {worth(0.0):,.0f} USD at {rate:.1%}")
    most = worth(_DEAREST)
    if most < 0:
        return NoSolution(f"no floor is enough: money cap, dates or volume leave {most:,.0f} USD at {rate:.1%}")
    return _rising(worth, 0.0, _upper_end(worth))


def zero_cost_collar(outlook: Outlook, floor: float, share: float = 1.0) -> Answer:
    """Return the cap in USD/kg above which giving away a share pays for the floor."""
    cost = outlook.floor(floor)
    if cost <= 0:
        return NoSolution(f"a floor of {floor:g} never pays, so that any cap would cost the seller something")
    most = share * outlook.above(floor)
    if most < cost:
        return NoSolution(f"the floor costs {cost:.4g} USD/kg; all above it, at {share:.0%}, is worth {most:.4g}")
    return _rising(lambda cap: cost - share * outlook.above(cap), floor, float(outlook.references.max()))


def equal_flat_floor(outlook: Outlook, floor: float, share_above: float, share: float) -> Answer:
    """Return the floor without a share in USD/kg that costs as much as a floor with a share of the upside."""
    cost = outlook.floor(floor) - share * outlook.above(share_above)
    if cost <= 0:
        return NoSolution(
            f"the share gives back {-cost:.4g} USD/kg more than the floor pays; no floor costs that little"
        )
    return _rising(lambda strike: outlook.floor(strike) - cost, 0.0, floor)


def discount_for_floor(outlook: Outlook, floor: float, rule: DiscountRule) -> Answer:
    """Return the discount to the index, as a share of it, that pays for the floor: the price is worth the index's.

    The rule has no default: the same words in a letter of intent mean different sums.
    """
    index = outlook.per_kg(outlook.references)
    if rule is DiscountRule.UNDISCOUNTED_INDEX:
        share = outlook.floor(floor) / index
        return Solution(share) if share <= 1 else NoSolution(f"the floor is worth {share:.0%} of the index")
    if rule is DiscountRule.FLOORED_PRICE:
        return Solution(1 - index / (index + outlook.floor(floor)))
    if floor >= index:
        return NoSolution(
            f"the price is never below {floor:g}, the index is worth {index:.4g} USD/kg: no discount helps"
        )
    if outlook.floor(floor) <= 0:
        return Solution(0.0)

    def gain(discount: float) -> float:
        return index - outlook.per_kg(np.maximum((1 - discount) * outlook.references, floor))

    return _rising(gain, 0.0, 1.0)


@dataclass(frozen=True, slots=True)
class FixedAgainstIndexed:
    """Present values in USD of a fixed and an indexed price, and how often each pays more."""

    fixed_usd: float
    indexed_usd: float
    fixed_wins: float
    indexed_wins: float


def fixed_against_indexed(outlook: Outlook, fixed: float, indexed: Floats) -> FixedAgainstIndexed:
    """Return how a fixed price compares with an indexed one, USD/kg by period and path (P, N); a tie is no win."""
    ours, theirs = outlook.by_path(np.full_like(indexed, fixed)), outlook.by_path(indexed)
    near = np.isclose(ours, theirs, rtol=TOLERANCE, atol=0.0)
    return FixedAgainstIndexed(
        float(ours.mean()),
        float(theirs.mean()),
        float(((ours > theirs) & ~near).mean()),
        float(((theirs > ours) & ~near).mean()),
    )


def _upper_end(rising: Callable[[float], float]) -> float:
    return next(2.0**power for power in range(DOUBLINGS + 1) if rising(2.0**power) >= 0)


def _rising(function: Callable[[float], float], low: float, high: float) -> Solution:
    """Return the root of a function that rises from below or at zero at `low` to zero or above at `high`."""
    if function(low) >= 0:
        return Solution(low)
    return Solution(float(brentq(function, low, high, xtol=TOLERANCE)))
