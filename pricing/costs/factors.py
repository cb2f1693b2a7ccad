"""Factors of production, the component of the stack each belongs to, and their monthly undistorted prices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from pricing.costs.stack import Component
from pricing.errors import DataError

Floats = np.ndarray
WORLD = "world"


class Factor(StrEnum):
    """What a plant buys per kg of output; quantities are in the unit of `UNIT`."""

    LABOUR = "labour"
    POWER = "power"
    HEAT = "heat"
    SULPHURIC_ACID = "sulphuric_acid"
    HYDROCHLORIC_ACID = "hydrochloric_acid"
    CAUSTIC_SODA = "caustic_soda"
    SODA_ASH = "soda_ash"
    LIME_AND_MAGNESIA = "lime_and_magnesia"
    AMMONIUM_BICARBONATE = "ammonium_bicarbonate"
    AMMONIUM_SULPHATE = "ammonium_sulphate"
    AMMONIA = "ammonia"
    EXTRACTANT = "extractant"
    KEROSENE = "kerosene"
    FLOTATION_REAGENTS = "flotation_reagents"


UNIT = {Factor.LABOUR: "h", Factor.POWER: "kWh", Factor.HEAT: "MJ", Factor.HYDROCHLORIC_ACID: "kg of 31 % acid"}


def unit_of(factor: Factor) -> str:
    """Return the unit a factor is counted in; reagents are in kg."""
    return UNIT.get(factor, "kg")


def component_of(factor: Factor) -> Component:
    """Return the component of the cost stack a factor is booked under."""
    if factor is Factor.LABOUR:
        return Component.LABOUR
    if factor in (Factor.POWER, Factor.HEAT):
        return Component.ENERGY
    return Component.REAGENTS


@dataclass(frozen=True)
class FactorPrices:
    """What the factors cost in each country, month by month; every array is (T,), money is nominal USD.

    `price_level` brings stated USD figures from their money year to the month. `required_return` is real and after
    tax. `royalty_rate` is a share of revenue; `environment_unpaid` the share of abatement at the ex-China standard
    that producers there do not spend. `state_return` is the real return China's producers answer to today.
    """

    prices: Mapping[tuple[str, Factor], Floats]
    price_level: Floats
    required_return: Mapping[str, Floats]
    royalty_rate: Mapping[str, Floats]
    environment_unpaid: Mapping[str, Floats]
    state_return: Floats

    def price(self, country: str, factor: Factor) -> Floats:
        """Return the price of a factor in a country (T,), USD per unit: the country's own, else the world's."""
        for place in (country, WORLD):
            if (place, factor) in self.prices:
                return self.prices[place, factor]
        msg = f"No price of {factor} in {country} or {WORLD}; state one, or take the input off the route."
        raise DataError(msg)
