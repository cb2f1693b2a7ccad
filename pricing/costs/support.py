"""What the Chinese state takes off a producer's cost, in three nested sets."""

from __future__ import annotations

from dataclasses import dataclass

from pricing.errors import DataError


@dataclass(frozen=True, slots=True)
class Support:
    """Shares of revenue at normal value, and what plant costs where the state provides it.

    `explicit` is grants and tax concessions; `broad` holds it and adds credit, equity, land and energy. Of what
    `broad` adds, `credit_part` is cheap credit and `energy_part` cheap energy. Once plant and capital stand at
    market-economy cost, cheap credit would count twice, so it is taken out there.
    """

    explicit: float
    broad: float
    credit_part: float
    energy_part: float
    plant_cost_ratio: float  # capex there / the same plant in a market economy
    skill_part: float = 0.0  # share of that gap which skill and local prices explain: no distortion

    def __post_init__(self) -> None:
        if not 0 <= self.explicit <= self.broad < 1:
            msg = f"Found explicit={self.explicit}, broad={self.broad}; need 0 <= explicit <= broad < 1 of revenue."
            raise DataError(msg)
        if not (min(self.credit_part, self.energy_part) >= 0 and self.credit_part + self.energy_part <= 1):
            msg = f"Credit is {self.credit_part} and energy {self.energy_part} of financing; need shares within 1."
            raise DataError(msg)
        if not (0 < self.plant_cost_ratio <= 1 and 0 <= self.skill_part <= 1):
            msg = f"Plant cost ratio is {self.plant_cost_ratio}, skill part {self.skill_part}; need above 0, up to 1."
            raise DataError(msg)

    @property
    def undistorted_plant_cost(self) -> float:
        """Return what plant would cost there without the state / the same plant in a market economy."""
        return 1 - self.skill_part * (1 - self.plant_cost_ratio)

    @property
    def financing(self) -> float:
        """Return what broad support adds to explicit support, share of revenue."""
        return self.broad - self.explicit
