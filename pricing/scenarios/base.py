"""ScenarioBase: the last month of a fit as a scenario needs it: what stood, what is believed, and where worlds rest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from pricing.costs.factors import FactorPrices
from pricing.costs.model import CostModel
from pricing.costs.price_paths import Drivers
from pricing.levers import Levers
from pricing.market.distortions import Switches
from pricing.market.economy import Economy
from pricing.market.facts import Facts
from pricing.market.side_by_side import DATED
from pricing.market.supply import SupportSet
from pricing.market.worlds import Plants
from pricing.prior import Draws

Floats = np.ndarray

NOT_YET = 10**6  # month in which a source opens that is not open
STEP_YEARS = 0.5  # of plants that settle: at a year they overshoot
SETTLED_YEARS = 60.0  # after which prices rest


@dataclass(frozen=True)
class Standing:
    """Where plants (N, K), t REO a year, and the thrifting price (N, E), real USD/kg, stand."""

    capacity: Floats
    habit: Floats

    def take(self, rows: Floats) -> Standing:
        """Return where some draws stand."""
        return Standing(self.capacity[rows], self.habit[rows])


@dataclass(frozen=True)
class Published:
    """What the fit published of one material's last month, nominal USD/kg: a price by region, NaN where none is."""

    market: Mapping[str, float]
    market_range: Mapping[str, tuple[float, float]]
    freight: float  # by which a fair price at works in China lies below one delivered outside
    fair_long_run: tuple[float, float, float]  # centre, 10 % and 90 %
    fair_short_run: tuple[float, float, float]
    status: str  # estimate, or band where the fair price has no point


@dataclass(frozen=True)
class NewUse:
    """A use that is counted in units and kg of magnet a unit: both today, and kg of oxide per kg of magnet."""

    units: float  # a year
    kg: float
    content: Mapping[str, float]


@dataclass(frozen=True, eq=False)
class ScenarioBase:
    """The month from which scenarios start. `draws` (N) weigh the same; `facts` are of that month alone.

    `now` is the world as it is and `now_fair` the world without distortions on the path that built its plants;
    `rest` and `rest_fair` are where both come to rest at this month's conditions.
    """

    month: str
    facts: Facts
    draws: Draws
    costs: CostModel
    drivers: Drivers  # (1,)
    now: Standing
    now_fair: Standing
    rest: Standing
    rest_fair: Standing
    exports: Floats  # (N, E) China's at the baseline, t a year
    uses: Mapping[str, Floats]  # share of each use in the demand for each material (E,)
    new_uses: Mapping[str, NewUse]
    china_share: float  # of magnet making
    tariffs: Mapping[str, float]  # whole rate by importer, stage and origin, dotted: share of value
    importer_shares: Mapping[str, float]  # of the oxide used outside China
    published: Mapping[str, Published]
    levers: Levers

    def take(self, rows: Floats) -> ScenarioBase:
        """Return the base with some of its draws."""
        stands = {name: getattr(self, name).take(rows) for name in ("now", "now_fair", "rest", "rest_fair")}
        changed: dict[str, Any] = {"draws": self.draws.take(rows), "exports": self.exports[rows], **stands}
        return replace(self, **changed)

    @property
    def size(self) -> int:
        """Return N, the number of draws."""
        return self.draws.size

    @property
    def deflator(self) -> float:
        """Return nominal over real money of the month."""
        return float(self.facts.deflator[0])

    def undistorted_cost(self, source: str) -> float:
        """Return what a source costs without distortion, nominal USD/kg REO, before credits and royalty."""
        k = self.facts.names.index(source)
        parts = (self.facts.cash, self.facts.capital, self.facts.environment)
        return self.deflator * float(sum(part[0, k] for part in parts))

    @cached_property
    def prices(self) -> FactorPrices:
        """Return the factor prices of the month."""
        return self.costs.factor_prices(self.drivers)


def last_month(facts: Facts) -> Facts:
    """Return the facts of the last month alone."""
    month = facts.months - 1
    kept = {name: getattr(facts, name)[-1:] for name in (*DATED, "deflator", "years")}
    return replace(
        facts,
        **kept,
        support=facts.support[:, -1:],
        revision=np.ones_like(facts.revision[-1:]),
        first=np.zeros_like(facts.first),
        opens=np.where(facts.opens <= month, 0, NOT_YET),
    )


def switches(size: int) -> Switches:
    """Return the switches of `size` draws of the world as it is, then of `size` of the fair one."""
    fair = Switches.fair(size, SupportSet.MARKET_ECONOMY)
    return Switches(np.concatenate([Switches.all_on(size).on, fair.on]))


def rested(facts: Facts, draws: Draws, now: Standing, now_fair: Standing) -> tuple[Standing, Standing]:
    """Return where the world as it is and the fair one come to rest at the conditions of one month."""
    size = draws.size
    economy = Economy.of(facts, draws.take(np.tile(np.arange(size), 2)), switches(size))
    plants = Plants(
        economy,
        np.concatenate([now.capacity, now_fair.capacity]),
        np.concatenate([now.habit, now_fair.habit]),
    )
    for _ in range(round(SETTLED_YEARS / STEP_YEARS)):
        plants.settle(0, economy.trade(0), STEP_YEARS)
    first, second = (Standing(plants.capacity[rows], plants.lag[rows]) for rows in (slice(0, size), slice(size, None)))
    return first, second
