"""Route: the steps from rock to separated oxide, what each buys per kg REO, its plant, and the basket that comes out.

One kg REO is a kg of rare-earth oxide contained in the concentrate or mixed carbonate fed to separation, the unit
mine output and quotas are counted in. What is lost or rejected afterwards (cerium, say) stays in the denominator.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pricing.costs.capital import Build
from pricing.costs.factors import Factor
from pricing.costs.stack import Stage
from pricing.errors import DataError
from pricing.materials import Material


@dataclass(frozen=True)
class Step:
    """One stage of a route in one country. Money is USD of the stated money year per kg REO."""

    stage: Stage
    country: str
    inputs: Mapping[Factor, float]  # quantity per kg REO
    other_opex: float  # maintenance, haulage, water, laboratory, camp
    environment: float  # abatement and closure at the ex-China standard
    capex: float  # USD per kg REO of yearly output, market-economy cost
    damage: float = 0.0  # external damage counted as cost: nil but in an assumption set


@dataclass(frozen=True)
class Route:
    """One way from rock to separated oxides, as it would run without distortion."""

    name: str
    title: str
    royalty_country: str
    steps: tuple[Step, ...]
    basket: Mapping[Material, float]  # kg separated oxide per kg REO, after recovery
    by_products: Mapping[str, float]  # kg of each other saleable product per kg REO
    plant_life: int  # years
    build: Build
    sga: float  # selling, general and administrative, share of operating cost
    working_capital: float  # years of operating cost tied up
    utilisation: float = 1.0  # output as a share of normal output
    opex_level: float = 1.0  # operating cost as a share of what the steps say
    finance_country: str | None = None  # where the money is put at risk; each step's own country when None

    def __post_init__(self) -> None:
        if not 0 < self.utilisation <= 1:
            msg = f"{self.name}: utilisation is {self.utilisation}; need above 0 and up to 1."
            raise DataError(msg)
        if not self.basket.get(Material.NDPR, 0) > 0:
            msg = f"{self.name}: the basket holds no NdPr; every route here is one."
            raise DataError(msg)
        if not sum(self.basket.values()) <= 1:
            msg = f"{self.name}: the basket adds to {sum(self.basket.values())} kg per kg REO; at most 1 is possible."
            raise DataError(msg)

    def risk_country(self, step: Step) -> str:
        """Return the country whose risk the return on a step's plant answers for."""
        return self.finance_country or step.country

    @property
    def countries(self) -> tuple[str, ...]:
        """Return the countries of the steps, in order, each once."""
        return tuple(dict.fromkeys(step.country for step in self.steps))
