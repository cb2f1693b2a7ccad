"""How the value of a contract moves when an input does.

Bumps are valued on common paths, so that their difference holds no chance. Where no payment rests on earlier periods,
slopes are taken along each path as well, without a bump.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from pricing.contracts.valuation.book import Book
from pricing.contracts.valuation.legs import Leg, Payer, Side
from pricing.contracts.valuation.valuation import due_weights
from pricing.errors import Fault, TermsError
from pricing.paths.simulate import checked_deck, growths, risk_adjusted

Floats = np.ndarray

PRICE_BUMP = 0.01  # of the mean of a deck or of strikes
VOLATILITY_BUMP = 0.01  # of the volatilities
RATE_BUMP = 0.0001
_LEAST_STRIKE = 1.0  # USD/kg; a strike of nothing is bumped as this


@dataclass(frozen=True, slots=True)
class Greeks:
    """How the value to the seller moves, in USD, by item where there are several."""

    delta: Mapping[str, float]  # per USD/kg on the whole deck
    gamma: Mapping[str, float]  # per (USD/kg) squared, on the mean of the deck
    vega: float  # per hundredth of all volatilities
    rho: float  # per basis point on both discount rates
    strike: Mapping[str, float]  # per USD/kg on a leg's strikes


def greeks(book: Book) -> Greeks:
    """Return the greeks of a book by bumps on common paths."""
    base = book.worth()
    moved = {item: _price_moves(book, row, base) for row, item in enumerate(book.process.items)}
    wilder, calmer = (replace(book, process=book.process.scaled(1 + b)) for b in (VOLATILITY_BUMP, -VOLATILITY_BUMP))
    return Greeks(
        delta={item: delta for item, (delta, _) in moved.items()},
        gamma={item: gamma for item, (_, gamma) in moved.items()},
        vega=(wilder.worth() - calmer.worth()) / 2,
        rho=(_at_rates(book, RATE_BUMP).worth() - _at_rates(book, -RATE_BUMP).worth()) / 2,
        strike={leg.name: _strike_move(book, leg) for leg in book.legs},
    )


def pathwise_delta(book: Book, item: str) -> float:
    """Return USD to the seller per USD/kg on an item's whole deck, from slopes along each path.

    TermsError where a leg's payment rests on earlier periods, as under a money cap: bump instead.
    """
    row = book.process.items.index(item)
    prices = growths(book.process, book.years, book.sampling)
    deck = risk_adjusted(book.process, book.deck, book.years, book.market_price_of_risk)
    held = deck / checked_deck(book.process, book.deck, book.years)
    grown = book.schedule.references(prices * held[:, :, None])[row]
    references = book.valued_references()

    def slope(leg: Leg) -> Floats:
        sign = -1.0 if leg.side is Side.BELOW else 1.0
        return sign * (leg.binds(references[leg.reference]) * grown).mean(axis=1)

    return _summed_slopes(book, [leg for leg in book.legs if leg.reference == row], slope)


def pathwise_strike(book: Book, name: str) -> float:
    """Return USD to the seller per USD/kg on a leg's strikes: its volume where it binds, discounted."""
    references = book.valued_references()

    def slope(leg: Leg) -> Floats:
        sign = 1.0 if leg.side is Side.BELOW else -1.0
        return sign * leg.binds(references[leg.reference]).mean(axis=1)

    return _summed_slopes(book, [leg for leg in book.legs if leg.name == name], slope)


def _summed_slopes(book: Book, legs: Sequence[Leg], slope: Callable[[Leg], Floats]) -> float:
    held_back = [leg.name for leg in legs if leg.path_dependent]
    if held_back:
        raise TermsError(Fault("legs", f"a money cap or price start on {', '.join(held_back)}", "greeks by bumps"))
    from_buyer, from_seller = due_weights(book.parties, book.schedule, book.parties.seller_rate)
    weights = {Payer.BUYER: from_buyer, Payer.SELLER: -from_seller}
    periods = len(book.schedule.due_years)
    return float(sum((weights[leg.payer] * leg.paid_kg(periods) * slope(leg)).sum() for leg in legs))


def _price_moves(book: Book, row: int, base: float) -> tuple[float, float]:
    deck = checked_deck(book.process, book.deck, book.years)
    step = PRICE_BUMP * deck[row].mean()
    up, down = (_worth_at(book, deck, row, sign * step) for sign in (1, -1))
    return (up - down) / (2 * step), (up - 2 * base + down) / step**2


def _worth_at(book: Book, deck: Floats, row: int, step: float) -> float:
    moved = deck.copy()
    moved[row] += step
    return replace(book, deck=moved).worth()


def _at_rates(book: Book, step: float) -> Book:
    rates = {name: getattr(book.parties, name) + step for name in ("seller_rate", "buyer_rate")}
    return replace(book, parties=replace(book.parties, **rates))


def _strike_move(book: Book, leg: Leg) -> float:
    step = PRICE_BUMP * max(float(np.mean(leg.strike)), _LEAST_STRIKE)
    up, down = (
        replace(book, legs=tuple(_struck(one, sign * step) if one is leg else one for one in book.legs)).worth()
        for sign in (1, -1)
    )
    return (up - down) / (2 * step)


def _struck(leg: Leg, step: float) -> Leg:
    return replace(leg, strike=np.maximum(np.asarray(leg.strike, dtype=float) + step, 0.0))
