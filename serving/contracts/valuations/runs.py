"""The engine's runs of one request: on paths or on stated states, all legs together or one alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from pricing.contracts.valuation.book import Book
from pricing.contracts.valuation.legs import Payer, Paying
from pricing.contracts.valuation.parties import Parties
from pricing.contracts.valuation.valuation import Valuation, present_values, value
from pricing.errors import Fault, TermsError
from serving.contracts.outlook.months import Horizon
from serving.contracts.outlook.process import Moving, moving_as_evidence, moving_at_random
from serving.contracts.outlook.terms import AnyOutlook, LognormalOutlook, StatesOutlook
from serving.contracts.valuations.engine import Engine, engine_of
from serving.contracts.valuations.laid import LaidOut, states_of
from serving.contracts.valuations.parties import fiscal_start, parties_of
from serving.contracts.valuations.terms import ValuationRequest

Floats = np.ndarray


@dataclass(frozen=True, eq=False)
class Runs:
    """The engine's runs of one request: all legs together, and single legs where a mean does not tell their value."""

    outlook: AnyOutlook
    laid: LaidOut
    engine: Engine
    parties: Parties
    moving: Moving | None

    @cached_property
    def book(self) -> Book:
        """Return the book of an outlook whose prices move."""
        if self.moving is None:
            raise TermsError(Fault("outlook.kind", "no price that moves", "lognormal or paths, for clauses on a price"))
        deck = self.laid.prices()[list(self.engine.places)]
        years = years_of(self.outlook, self.laid.horizon)
        risk = self.moving.market_price_of_risk
        schedule, sampling = self.engine.schedule, self.moving.sampling
        return Book(self.moving.process, deck, years, self.engine.legs, schedule, self.parties, sampling, risk)

    @cached_property
    def states(self) -> Floats:
        """Return the references of stated states (R, P, N); none where no price moves what is paid."""
        if not self.engine.places:
            return self.engine.schedule.references(np.empty((0, len(self.laid.horizon.months), 1)))
        rows = [
            _by_state(deck.prices, deck.known, states_of(self.outlook, deck.row.reference), self.laid.horizon)
            for deck in self.engine.items(self.laid.decks)
            if isinstance(self.outlook, StatesOutlook)
        ]
        return self.engine.schedule.references(np.array(rows))

    def references(self) -> Floats:
        """Return the references that values rest on (R, P, N)."""
        if self.moving is None:
            return self.states
        return np.concatenate(list(self.book.valued_references()), axis=2)

    def expected(self) -> Floats:
        """Return the expected references (R, P, N); the same array where there is no price of risk."""
        if self.moving is None:
            return self.states
        return np.concatenate(list(self.book.references()), axis=2)

    @cached_property
    def valuation(self) -> Valuation:
        """Return payments and values of all legs."""
        if self.moving is None:
            return value(self.engine.legs, self.engine.schedule, self.parties, self.states)
        return self.book.value()

    def weights(self, leg: Paying) -> Mapping[Payer, Floats]:
        """Return what a leg's dollar due from each side is worth to seller and buyer (2, P)."""
        return self.valuation.weights[self.engine.schedule.timing_of(leg.name)]

    def values_of(self, leg: Paying, mean_usd: Floats) -> tuple[float, float]:
        """Return what one leg is worth to seller and buyer."""
        risky = self.moving is not None and self.moving.market_price_of_risk != 0
        if leg.payer is not None and not risky:
            to_seller, from_buyer = (self.weights(leg)[leg.payer] @ mean_usd).tolist()
            return to_seller, -from_buyer
        if self.moving is None:
            pair = present_values([leg], self.engine.schedule, self.parties, [self.states])
        else:
            alone = replace(self.book, legs=(leg,))
            pair = present_values([leg], self.engine.schedule, self.parties, alone.valued_references())
        return pair[0].value, pair[1].value


def runs_of(request: ValuationRequest, laid: LaidOut) -> Runs:
    """Return the engine's runs of a request."""
    engine = engine_of(laid, fiscal_start(request.parties), request.alternative)
    moving = moving_of(request.outlook, laid, engine)
    return Runs(request.outlook, laid, engine, parties_of(request.parties), moving)


def moving_of(outlook: AnyOutlook, laid: LaidOut, engine: Engine) -> Moving | None:
    """Return how the prices of an outlook move; None for stated states, and where no price moves what is paid."""
    if isinstance(outlook, StatesOutlook) or not engine.places:
        return None
    if isinstance(outlook, LognormalOutlook):
        return moving_at_random(outlook, engine.names)
    return moving_as_evidence(outlook, engine.names, [deck.row.material for deck in engine.items(laid.decks)])


def years_of(outlook: AnyOutlook, horizon: Horizon) -> tuple[float, ...]:
    """Return how far ahead each month lies; a lognormal price with `years` lies as far in every month to come."""
    if isinstance(outlook, LognormalOutlook) and outlook.years is not None:
        return tuple(float(outlook.years) if years > 0 else years for years in horizon.years)
    return horizon.years


def _by_state(prices: Mapping[str, float], known: frozenset[str], states: Floats, horizon: Horizon) -> Floats:
    """Return prices by month and state (T, N): what is known in all of them, else the state's."""
    return np.array([np.full(len(states), prices[month]) if month in known else states for month in horizon.months])
