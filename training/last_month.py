"""The last month's fair price draw by draw: the long-run world of the headline, or of another set of assumptions.

A fit keeps the draws that its evidence chose. Solving the undistorted world again for these draws alone, and reading
its last month, answers what the price would be under other assumptions with the evidence left as it was.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pricing.fair.sampling import Sample
from pricing.market.distortions import ORDER, Distortion, Switches
from pricing.market.economy import Economy
from pricing.market.facts import facts_of
from pricing.market.supply import Market, SupportSet
from pricing.market.worlds import as_grown
from pricing.prior import Draws
from training.tornado import Answer

Floats = np.ndarray
LASTING = "model_error"


@dataclass(frozen=True)
class LastMonth:
    """The draws that stand for the last month, and how their worlds are solved."""

    draws: Draws
    weight: Floats  # (U,) after all evidence
    prior_weight: Floats  # (U,) without any
    rest_years: float

    @classmethod
    def of(cls, kept: Sample, draws: Draws, rest_years: float) -> LastMonth:
        """Return those of a fit's kept draws that weigh in its last month, after or before evidence."""
        after, before = kept.weight[:, -1], kept.prior_weight
        rows = np.flatnonzero((after > 0) | (before > 0))
        return cls(draws.take(rows), after[rows], before[rows], rest_years)

    @property
    def posterior(self) -> LastMonth:
        """Return the draws that weigh after all evidence, and no others."""
        rows = np.flatnonzero(self.weight > 0)
        return LastMonth(self.draws.take(rows), self.weight[rows], self.prior_weight[rows], self.rest_years)

    def log_prices(self, market: Market, *, kept: tuple[Distortion, ...] = ()) -> Floats:
        """Return the log of the last month's long-run price (U, E), nominal USD/kg, all distortions off but `kept`."""
        facts = facts_of(market)
        on = Switches.fair(self.draws.size, SupportSet.MARKET_ECONOMY).on
        on[:, [ORDER.index(distortion) for distortion in kept]] = 1.0
        world = as_grown(Economy.of(facts, self.draws, Switches(on)), self.rest_years)
        return np.log(world.outside[:, -1] * facts.deflator[-1]) + self.draws[LASTING][:, None]

    def answer(self, market: Market) -> Answer:
        """Return the headline by draw, as the tornado reads it; materials whose history has begun."""
        begun = tuple(market.histories)
        known = tuple(market.whole or market.histories)
        log_price = self.log_prices(market)[:, [known.index(material) for material in begun]]
        return Answer(log_price, begun, self.weight, self.prior_weight)
