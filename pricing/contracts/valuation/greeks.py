"""How the value of a contract moves when an input does: bumps, valued on common paths, so that chance drops out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from pricing.contracts.valuation.book import Book
from pricing.contracts.valuation.legs import Paying
from pricing.paths.simulate import check_kept, checked_deck

Floats = np.ndarray

PRICE_BUMP = 0.01  # of the mean of a deck's months ahead, or of strikes
VOLATILITY_BUMP = 0.01  # of the volatilities
RATE_BUMP = 0.0001
_LEAST_STRIKE = 1.0  # USD/kg; a strike of nothing is bumped as this


@dataclass(frozen=True, slots=True)
class Greeks:
    """How the value to the seller moves, in USD, by item where there are several."""

    delta: Mapping[str, float]  # per USD/kg on every month of the deck that lies ahead
    gamma: Mapping[str, float]  # per (USD/kg) squared, on the same
    vega: float  # per hundredth of all volatilities
    rho: float  # per basis point on both discount rates
    strike: Mapping[str, float]  # per USD/kg on a leg's strikes


def greeks(book: Book) -> Greeks:
    """Return the greeks of a book by bumps on common paths; InputError for paths too many to be held between bumps."""
    check_kept(book.sampling.paths, len(book.years), len(book.process.items))
    struck = {leg: level for leg in book.legs if (level := leg.level()) is not None}
    base = book.worth().value
    moved = {item: _price_moves(book, row, base) for row, item in enumerate(book.process.items)}
    wilder, calmer = (replace(book, process=book.process.scaled(1 + b)) for b in (VOLATILITY_BUMP, -VOLATILITY_BUMP))
    return Greeks(
        delta={item: delta for item, (delta, _) in moved.items()},
        gamma={item: gamma for item, (_, gamma) in moved.items()},
        vega=(wilder.worth().value - calmer.worth().value) / 2,
        rho=(_at_rates(book, RATE_BUMP).worth().value - _at_rates(book, -RATE_BUMP).worth().value) / 2,
        strike={leg.name: _strike_move(book, leg, level) for leg, level in struck.items()},
    )


def _price_moves(book: Book, row: int, base: float) -> tuple[float, float]:
    deck = checked_deck(book.process, book.deck, book.years)
    ahead = np.array(book.years) > 0
    if not ahead.any():
        return 0.0, 0.0
    step = PRICE_BUMP * deck[row, ahead].mean()
    up, down = (_worth_at(book, deck, row, sign * step * ahead) for sign in (1, -1))
    return (up - down) / (2 * step), (up - 2 * base + down) / step**2


def _worth_at(book: Book, deck: Floats, row: int, step: Floats) -> float:
    moved = deck.copy()
    moved[row] += step
    return replace(book, deck=moved).worth().value


def _at_rates(book: Book, step: float) -> Book:
    rates = {name: getattr(book.parties, name) + step for name in ("seller_rate", "buyer_rate")}
    return replace(book, parties=replace(book.parties, **rates))


def _strike_move(book: Book, leg: Paying, level: float) -> float:
    step = PRICE_BUMP * max(level, _LEAST_STRIKE)
    up, down = (
        replace(book, legs=tuple(one.struck(sign * step) if one is leg else one for one in book.legs)).worth().value
        for sign in (1, -1)
    )
    return (up - down) / (2 * step)
