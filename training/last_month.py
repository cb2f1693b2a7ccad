"""The last month's fair price draw by draw: the long-run world of the headline, or of another set of assumptions.

A fit keeps the draws that its evidence chose. Solving the undistorted world again for these draws alone, and reading
its last month, answers what the price would be under other assumptions with the evidence left as it was.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from pricing.fair.sampling import Sample
from pricing.market.batches import Across, Asked, solved
from pricing.market.distortions import ORDER, Distortion, Switches
from pricing.market.facts import facts_of
from pricing.market.supply import Market, SupportSet
from pricing.prior import Draws
from training.tornado import Answer

Floats = np.ndarray
LASTING = "model_error"


@dataclass(frozen=True)
class Assumed:
    """A market as a set of assumptions has it, and the distortions that stay in force in it; all others are off."""

    market: Market
    kept: tuple[Distortion, ...] = ()


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

    def log_prices(self, sets: Sequence[Assumed], across: Across | None = None) -> Iterator[Floats]:
        """Yield the log of the last month's long-run price (U, E) under each set, nominal USD/kg."""
        asked = [self._asked(one) for one in sets]
        for one, found in zip(asked, solved(asked, across), strict=True):
            yield np.log(found.world.outside[:, -1] * one.facts.deflator[-1]) + self.draws[LASTING][:, None]

    def _asked(self, assumed: Assumed) -> Asked:
        on = Switches.fair(self.draws.size, SupportSet.MARKET_ECONOMY).on
        on[:, [ORDER.index(distortion) for distortion in assumed.kept]] = 1.0
        return Asked(facts_of(assumed.market), self.draws, Switches(on), self.rest_years)

    def answer(self, market: Market, across: Across | None = None) -> Answer:
        """Return the headline by draw, as the tornado reads it; materials whose history has begun."""
        begun = tuple(market.histories)
        known = tuple(market.whole or market.histories)
        (every,) = self.log_prices([Assumed(market)], across)
        log_price = every[:, [known.index(material) for material in begun]]
        return Answer(log_price, begun, self.weight, self.prior_weight)
