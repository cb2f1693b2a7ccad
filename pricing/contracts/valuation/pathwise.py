"""Slopes of a value taken along each path, without a bump: where no payment rests on earlier periods."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from pricing.contracts.valuation.book import Book
from pricing.contracts.valuation.legs import Leg, Payer, Paying, Side
from pricing.contracts.valuation.parties import due_weights
from pricing.errors import Fault, TermsError
from pricing.paths.simulate import checked_deck

Floats = np.ndarray

_TOWARDS = {Side.BELOW: -1.0, Side.ABOVE: 1.0}  # how a payment moves with its reference


def pathwise_delta(book: Book, item: str) -> float:
    """Return USD to the seller per USD/kg on an item's whole deck.

    TermsError where a leg's payment rests on earlier periods, as under a money cap, or is that of a whole clause, and
    where references are rules of their own: bump instead.
    """
    row = book.process.items.index(item)
    if book.schedule.rules:
        raise TermsError(Fault("references", "rules of their own", "greeks by bumps"))
    legs = _free(leg for leg in book.legs if not isinstance(leg, Leg) or leg.reference == row)
    slopes = {leg.name: np.zeros(len(book.schedule.due_years)) for leg in legs}
    per_dollar = book.valued_deck() / checked_deck(book.process, book.deck, book.years)
    for references, grown in zip(book.valued_references(), book.around(per_dollar), strict=True):
        for leg in legs:
            slopes[leg.name] += _TOWARDS[leg.side] * (leg.binds(references[row]) * grown[row]).sum(axis=1)
    return _worth(book, legs, slopes)


def pathwise_strike(book: Book, name: str) -> float:
    """Return USD to the seller per USD/kg on a leg's strikes: its volume where it binds, discounted; as above."""
    legs = _free(leg for leg in book.legs if leg.name == name)
    slopes = {leg.name: np.zeros(len(book.schedule.due_years)) for leg in legs}
    for references in book.valued_references():
        for leg in legs:
            slopes[leg.name] -= _TOWARDS[leg.side] * leg.binds(references[leg.reference]).sum(axis=1)
    return _worth(book, legs, slopes)


def _free(legs: Iterable[Paying]) -> list[Leg]:
    found = list(legs)
    free = [leg for leg in found if isinstance(leg, Leg) and not leg.path_dependent]
    if bound := [leg.name for leg in found if leg not in free]:
        found_here = f"a money cap, a price start or a whole clause on {', '.join(bound)}"
        raise TermsError(Fault("legs", found_here, "greeks by bumps"))
    return free


def _worth(book: Book, legs: Sequence[Leg], slopes: Mapping[str, Floats]) -> float:
    from_buyer, from_seller = due_weights(book.parties, book.schedule, book.parties.seller_rate)
    weights = {Payer.BUYER: from_buyer, Payer.SELLER: -from_seller}
    periods, paths = len(book.schedule.due_years), book.sampling.paths
    return sum(float(weights[leg.payer] * leg.paid_kg(periods) @ slopes[leg.name]) / paths for leg in legs)
