"""Supply sources: tranches of capacity, each with its basket, its cost and the support it gets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np

from pricing.market.history import MarketHistory

Floats = np.ndarray


class Region(StrEnum):
    """Where oxide is separated; ore and concentrate that cross a border are feed, not trade in oxide."""

    CHINA = "china"
    EX_CHINA = "ex_china"


class SupportSet(StrEnum):
    """How much of what China pays its producers is taken out of cost; each contains the one before."""

    EXPLICIT = "explicit"  # grants and tax concessions
    FINANCING = "financing"  # + cheap credit, equity, land and energy
    MARKET_ECONOMY = "market_economy"  # + plant and capital at market-economy cost: the headline


@dataclass(frozen=True)
class Source:
    """One tranche of supply. Money is real USD per kg REO of output in the base month's money; arrays are (T,).

    `cash_cost`, `capital_charge` and `environment` are undistorted: factor prices and returns of a market economy,
    abatement at the ex-China standard. `support[s]` is what support set `s` takes off them (cumulative over the
    sets), `environment_unpaid` what is not spent on abatement today.
    """

    name: str
    region: Region
    basket: Mapping[str, float]  # by material: kg of separated oxide per kg REO, after recovery
    capacity: Floats  # t REO a year
    capacity_evidence: np.ndarray
    cash_cost: Floats
    capital_charge: Floats
    environment: Floats
    environment_unpaid: Floats
    support: Mapping[SupportSet, Floats]
    co_product_credit: Floats  # what La, Ce and the rest of the basket fetch, at stated constants
    royalty_rate: Floats  # share of revenue
    limit: float  # t REO a year that geology and permits allow at any price
    opens: int = 0  # first month (index) in which plant can exist
    quota_bound: bool = False  # whether China's mining quota limits it
    floor_covered: bool = False  # whether a policy price floor holds for what it sells
    notes: str = ""


@dataclass(frozen=True)
class Market:
    """All that is known of the market on one day: a history per material and the sources they share.

    The oxides clear jointly from the first month on, so a material counts before its own history begins: `whole` has
    every material on all months, and no price of it is read. Without it such months are filled from the first one.
    """

    histories: Mapping[str, MarketHistory]
    sources: tuple[Source, ...]
    base_month: str
    demand_anchor: str = "2024-06"  # month at which the physical demand is anchored; it drifts away from there
    vintage: str = "latest"  # latest, or as_known: each month as first known
    revision: Mapping[str, Floats] = field(default_factory=dict)  # by material (T,): what a month's news did to demand
    geopolitics: Mapping[str, Floats] = field(default_factory=dict)  # standardised indices (T,)
    whole: Mapping[str, MarketHistory] = field(default_factory=dict)  # the same materials in the same order, and more

    @property
    def months(self) -> list[str]:
        """Return the months of the first history; a shorter history of another material ends on the same month."""
        return max((history.months for history in self.histories.values()), key=len)
