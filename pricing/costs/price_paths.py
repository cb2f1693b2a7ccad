"""Price paths: how a stated price moves from month to month with the series it follows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pricing.errors import DataError

Floats = np.ndarray
CPI = "us_cpi_CPIAUCSL"


@dataclass(frozen=True)
class Drivers:
    """Observed series by name, each (T,) over the same months; NaN where nothing is known yet."""

    months: tuple[str, ...]
    series: Mapping[str, Floats]

    @property
    def years(self) -> Floats:
        """Return the middle of each month as a decimal year (T,)."""
        return np.array([int(month[:4]) + (int(month[5:7]) - 0.5) / 12 for month in self.months])


def price_path(value: float, rules: Sequence[Mapping[str, Any]], bases: Mapping[str, Any], drivers: Drivers) -> Floats:
    """Return a price (T,): its stated value times the weighted change of what it follows.

    A rule follows a `series` since its mean over `base_year`, or `grows` at a rate since `from`; with `fx` it is a
    local price and is divided by the change of the exchange rate. A series not yet known moves with US consumer prices.
    """
    shares = sum(rule["share"] for rule in rules)
    if abs(shares - 1) > 1e-9:
        msg = f"Shares of what a price follows add to {shares}; they must add to 1."
        raise DataError(msg)
    return np.asarray(value * sum(rule["share"] * _ratio(rule, bases, drivers) for rule in rules))


def change(series: str, base_year: str, bases: Mapping[str, Any], drivers: Drivers) -> Floats:
    """Return a series over its mean in a base year (T,), a stated constant that later rows cannot move."""
    if base_year not in bases.get(series, {}):
        msg = f"No base of {series} for {base_year}; state its mean under `bases`."
        raise DataError(msg)
    if series not in drivers.series:
        msg = f"Driver {series} is missing; read it from the panel."
        raise DataError(msg)
    return drivers.series[series] / bases[series][base_year]


def _ratio(rule: Mapping[str, Any], bases: Mapping[str, Any], drivers: Drivers) -> Floats:
    year = rule["base_year"]
    if "series" in rule:
        ratio = change(rule["series"], year, bases, drivers)
        if rule["series"] != CPI and np.isnan(ratio).any():
            ratio = np.where(np.isnan(ratio), change(CPI, year, bases, drivers), ratio)
    else:
        ratio = (1 + rule["grows"]) ** (drivers.years - rule["from"])
    return ratio / change(rule["fx"], year, bases, drivers) if "fx" in rule else ratio
