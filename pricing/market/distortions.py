"""The distortions a fair price is net of, each a switch that a world turns on or off."""

from __future__ import annotations

from enum import StrEnum

import numpy as np

from pricing.market.supply import SupportSet

Floats = np.ndarray


class Distortion(StrEnum):
    """One line of the wedge. The three supports nest: each support set removes those up to its own.

    `production_quota` caps what legal producers make; `illegal_output` is what is made beyond that cap. Without the
    quota illegal output is legal output: anybody enters, at full compliance cost and resource tax. So the second
    counts only where the first is in force, and the two are one group.
    """

    SUBSIDY_EXPLICIT = "subsidy_explicit"
    SUPPORT_FINANCING = "support_financing"
    SUPPORT_PLANT_CAPITAL = "support_plant_capital"
    ENVIRONMENT = "environment"
    PRODUCTION_QUOTA = "production_quota"
    ILLEGAL_OUTPUT = "illegal_output"
    EXPORT_DUTY_AND_QUOTA = "export_duty_and_quota"
    EXPORT_LICENCE = "export_licence"
    VAT_NOT_REFUNDED = "vat_not_refunded"
    STOCKPILING = "stockpiling"
    WESTERN_RESPONSES = "western_responses"


ORDER = tuple(Distortion)
NESTED = (Distortion.PRODUCTION_QUOTA, Distortion.ILLEGAL_OUTPUT)  # turned on next to each other, in either order
SUPPORTS = {
    SupportSet.EXPLICIT: Distortion.SUBSIDY_EXPLICIT,
    SupportSet.FINANCING: Distortion.SUPPORT_FINANCING,
    SupportSet.MARKET_ECONOMY: Distortion.SUPPORT_PLANT_CAPITAL,
}


class Switches:
    """Which distortions are in force, per market (N, D), in the order of `ORDER`."""

    def __init__(self, on: Floats) -> None:
        self.on = on

    def __getitem__(self, distortion: Distortion) -> Floats:
        """Return the switch of one distortion (N,), 1.0 where it is in force."""
        return self.on[:, ORDER.index(distortion)]

    def column(self, distortion: Distortion) -> Floats:
        """Return the switch of one distortion (N, 1), to gate a value per source or material."""
        return self[distortion][:, None]

    @classmethod
    def all_on(cls, size: int) -> Switches:
        """Return the world as it is."""
        return cls(np.ones((size, len(ORDER))))

    @classmethod
    def fair(cls, size: int, support: SupportSet) -> Switches:
        """Return the world without distortions, net of one support set: what lies beyond the set stays in force."""
        on = np.zeros((size, len(ORDER)))
        beyond = list(SUPPORTS)[list(SUPPORTS).index(support) + 1 :]
        for kept in beyond:
            on[:, ORDER.index(SUPPORTS[kept])] = 1.0
        return cls(on)
