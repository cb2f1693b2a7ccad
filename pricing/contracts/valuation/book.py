"""A contract on a price process and a deck: what `value` needs, from as few inputs as a request states."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from pricing.contracts.valuation.estimates import Estimate
from pricing.contracts.valuation.flows import PIECE, pieces
from pricing.contracts.valuation.legs import Paying
from pricing.contracts.valuation.limits import column
from pricing.contracts.valuation.parties import Parties
from pricing.contracts.valuation.schedule import Schedule
from pricing.contracts.valuation.valuation import Valuation, present_values, value_pieces
from pricing.paths.process import PriceProcess
from pricing.paths.simulate import Sampling, checked_deck, growths, risk_adjusted

Floats = np.ndarray


@dataclass(frozen=True, eq=False)
class Book:
    """Legs on references that average the paths of a process around a deck (M, T), `years` (T,) ahead."""

    process: PriceProcess
    deck: Floats
    years: tuple[float, ...]
    legs: tuple[Paying, ...]
    schedule: Schedule
    parties: Parties
    sampling: Sampling = field(default_factory=Sampling)
    market_price_of_risk: float = 0.0

    def references(self) -> Iterator[Floats]:
        """Yield references (M, P, n) whose mean is the deck's, a piece of the paths at a time."""
        return self.around(checked_deck(self.process, self.deck, self.years))

    def valued_references(self) -> Iterator[Floats]:
        """Yield the references that values rest on: those of the deck less the premium for risk."""
        return self.around(self.valued_deck())

    def valued_deck(self) -> Floats:
        """Return the deck (M, T) less the premium for risk."""
        return risk_adjusted(self.process, self.deck, self.years, self.market_price_of_risk)

    def value(self) -> Valuation:
        """Return payments on the deck's paths and values under the market price of risk."""
        return value_pieces(self.legs, self.schedule, self.parties, self._both())

    def worth(self) -> Estimate:
        """Return the value to the seller in USD."""
        return present_values(self.legs, self.schedule, self.parties, self._reusing(self.valued_deck()))[0]

    def around(self, deck: Floats) -> Iterator[Floats]:
        """Yield references (M, P, n) of the book's growths times a deck (M, T)."""
        for piece in pieces(self._grown):
            yield self.schedule.references(deck[:, :, None] * piece)

    def _both(self) -> Iterator[tuple[Floats, Floats | None]]:
        """Yield pieces of the references with those that values rest on, None where they are the same."""
        expected = self._reusing(checked_deck(self.process, self.deck, self.years))
        if self.market_price_of_risk == 0:
            yield from ((piece, None) for piece in expected)
        else:
            yield from zip(expected, self._reusing(self.valued_deck()), strict=True)

    def _reusing(self, deck: Floats) -> Iterator[Floats]:
        """Yield the same as `around` in one array after the other: a piece is gone when the next is asked for."""
        prices = np.empty((*deck.shape, min(PIECE, self.sampling.paths)))
        for piece in pieces(self._grown):
            for row, own in enumerate(deck):
                np.multiply(piece[row], column(own), out=prices[row])
            yield self.schedule.references(prices)

    @cached_property
    def _grown(self) -> Floats:
        return growths(self.process, self.years, self.sampling)
