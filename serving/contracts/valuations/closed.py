"""Closed forms beside a simulation: legs on one reference whose payments rest on no earlier period (Black 1976).

Months that are known come off the strike. The mean of those that are open is taken as the lognormal with its first two
moments; it is exact where one month is open, and where all open months move as one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from pricing.contracts.valuation.book import Book
from pricing.contracts.valuation.closed_form import caplet, floorlet, probability_below
from pricing.contracts.valuation.legs import Leg, Paying, Side
from pricing.contracts.valuation.rules import Average
from pricing.paths.process import PriceProcess, TwoFactor
from pricing.paths.simulate import checked_deck

Floats = np.ndarray
_ALIKE = 1e-12  # of variances


@dataclass(frozen=True, slots=True)
class Reference:
    """A reference by period (P,): what is known of it and a lognormal, its forward and the deviation of its logarithm.

    A reference all of whose months are known is a forward without a deviation.
    """

    known: Floats
    forward: Floats
    deviation: Floats
    exact: bool


@dataclass(frozen=True, slots=True)
class ClosedLeg:
    """A leg in closed form: mean payments in USD (P,), never negative, and the probability that it binds (P,)."""

    name: str
    mean_usd: Floats
    valued_usd: Floats  # the same under the market price of risk
    binding: Floats
    exact: bool


def closed_legs(book: Book) -> Iterator[ClosedLeg]:
    """Yield the legs of a book that have a closed form; jumps have none."""
    if book.sampling.jumps is not None:
        return
    deck = checked_deck(book.process, book.deck, book.years)
    valued = book.valued_deck() if book.market_price_of_risk else deck
    seen: dict[Average, tuple[Reference, Reference]] = {}
    for leg in book.legs:
        rule = _rule(book, leg)
        if not isinstance(leg, Leg) or leg.path_dependent or rule is None:
            continue
        if rule not in seen:
            own = _reference(book, rule, deck)
            seen[rule] = own, own if valued is deck else _reference(book, rule, valued)
        expected, priced = seen[rule]
        below, above = _sides(expected, leg)
        binding = below if leg.side is Side.BELOW else above
        mean_usd = _paid(leg, expected)
        valued_usd = mean_usd if priced is expected else _paid(leg, priced)
        yield ClosedLeg(leg.name, mean_usd, valued_usd, binding, expected.exact)


def _rule(book: Book, leg: Paying) -> Average | None:
    """Return a leg's rule where it is a mean of months that is not rounded."""
    if not isinstance(leg, Leg):
        return None
    rules = book.schedule.rules
    rule = rules[leg.reference] if rules else Average(leg.reference, book.schedule.fixing_months)
    return rule if isinstance(rule, Average) and rule.decimals is None else None


def _paid(leg: Leg, at: Reference) -> Floats:
    kg = leg.paid_kg(len(at.forward))
    left = leg.strike - at.known
    strike = np.maximum(left, 0.0)
    if leg.side is Side.BELOW:
        return floorlet(at.forward, at.deviation, strike) * kg
    paid: Floats = (caplet(at.forward, at.deviation, strike) + strike - left) * kg
    return paid


def _sides(at: Reference, leg: Leg) -> tuple[Floats, Floats]:
    """Return the probabilities (P,) that a reference lies below and above the strike."""
    left = leg.strike - at.known
    sure, here = at.deviation == 0, at.forward == left
    below = np.where(sure, at.forward < left, probability_below(at.forward, at.deviation, np.maximum(left, 0.0)))
    return below, np.where(sure & here, 0.0, 1 - below)


def _reference(book: Book, rule: Average, deck: Floats) -> Reference:
    prices, covariance = deck[rule.item], _covariance(book.process.factors[rule.item], book.years)
    periods = len(rule.fixings)
    known, forward, second, exact = np.zeros(periods), np.empty(periods), np.empty(periods), True
    counts = np.array([len(fixings) for fixings in rule.fixings])
    for count in np.unique(counts):
        rows = np.flatnonzero(counts == count)
        months = np.array([rule.fixings[row] for row in rows])
        parts, own = prices[months] / count, covariance[months[:, :, None], months[:, None, :]]
        moves = np.diagonal(own, axis1=1, axis2=2) > 0
        moves |= ~moves.any(axis=1, keepdims=True)  # where all is known, it is the forward
        known[rows] = (parts * ~moves).sum(axis=1)
        parts = parts * moves
        forward[rows] = parts.sum(axis=1)
        second[rows] = ((np.exp(own) @ parts[:, :, None])[:, :, 0] * parts).sum(axis=1)
        both = moves[:, :, None] & moves[:, None, :]
        apart = np.where(both, own, -np.inf).max(axis=(1, 2)) - np.where(both, own, np.inf).min(axis=(1, 2))
        exact &= bool(apart.max() <= _ALIKE)
    return Reference(known, forward, np.sqrt(np.maximum(np.log(second / forward**2), 0.0)), exact)


@lru_cache(maxsize=16)
def _covariance(factor: TwoFactor, years: tuple[float, ...]) -> Floats:
    found = PriceProcess(("one",), (factor,), ((1.0,),)).covariance(np.array(years))
    found.setflags(write=False)
    return found
