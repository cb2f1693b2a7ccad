"""A contract on a price process and a deck: what `value` needs, from as few inputs as a request states."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from pricing.contracts.valuation.legs import Leg
from pricing.contracts.valuation.schedule import Schedule
from pricing.contracts.valuation.valuation import Parties, Valuation, present_values, value
from pricing.paths.process import PriceProcess
from pricing.paths.simulate import Sampling, price_paths, risk_adjusted

Floats = np.ndarray


@dataclass(frozen=True, eq=False)
class Book:
    """Legs on references that average the paths of a process around a deck (M, T), `years` (T,) ahead."""

    process: PriceProcess
    deck: Floats
    years: tuple[float, ...]
    legs: tuple[Leg, ...]
    schedule: Schedule
    parties: Parties
    sampling: Sampling = field(default_factory=Sampling)
    market_price_of_risk: float = 0.0

    def references(self) -> Floats:
        """Return references (M, P, N) whose mean is the deck's."""
        return self.schedule.references(price_paths(self.process, self.deck, self.years, self.sampling))

    def valued_references(self) -> Floats:
        """Return the references that values rest on: those of the deck less the premium for risk."""
        if self.market_price_of_risk == 0:
            return self.references()
        deck = risk_adjusted(self.process, self.deck, self.years, self.market_price_of_risk)
        return self.schedule.references(price_paths(self.process, deck, self.years, self.sampling))

    def value(self) -> Valuation:
        """Return payments on the deck's paths and values under the market price of risk."""
        adjusted = self.valued_references() if self.market_price_of_risk else None
        return value(self.legs, self.schedule, self.parties, self.references(), adjusted)

    def worth(self) -> float:
        """Return the value to the seller in USD."""
        return present_values(self.legs, self.schedule, self.parties, self.valued_references())[0].value
