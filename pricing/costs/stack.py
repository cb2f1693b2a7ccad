"""CostStack: a normal value that keeps its parts, by stage and component; the parts add up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

Floats = np.ndarray


class Stage(StrEnum):
    """Where along the plant a cost falls."""

    MINING = "mining"
    BENEFICIATION = "beneficiation"
    CRACKING = "cracking and leaching"
    SEPARATION = "separation"
    WHOLE = "whole plant"


class Component(StrEnum):
    """What a cost is spent on."""

    LABOUR = "labour"
    ENERGY = "energy"
    REAGENTS = "reagents"
    OTHER_OPEX = "other opex"
    CAPITAL = "capital charge"
    ROYALTY = "royalty"
    ENVIRONMENT = "environment"
    BY_PRODUCT_CREDIT = "by-product credit"
    SGA_PROFIT = "SG&A and profit"


@dataclass(frozen=True)
class CostStack:
    """Cost of one route in USD per kg of `unit_of`, by (stage, component), each (T,); credits are negative."""

    route: str
    variant: str  # undistorted, as_reported, explicit, financing, market_economy
    unit_of: str  # "NdPr oxide", "REO"
    money: str  # "nominal USD" or "real USD of 2025-12"
    parts: Mapping[tuple[Stage, Component], Floats]

    @property
    def total(self) -> Floats:
        """Return the sum of all parts (T,)."""
        total: Floats = np.sum(list(self.parts.values()), axis=0)
        return total

    def component(self, component: Component) -> Floats:
        """Return one component summed over stages (T,)."""
        return self._sum(1, component)

    def stage(self, stage: Stage) -> Floats:
        """Return one stage summed over components (T,)."""
        return self._sum(0, stage)

    def _sum(self, position: int, wanted: Stage | Component) -> Floats:
        chosen = [value for key, value in self.parts.items() if key[position] == wanted]
        return np.sum(chosen, axis=0) if chosen else np.zeros_like(self.total)
