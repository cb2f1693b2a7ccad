"""Capital charge: capex turned into USD per kg of yearly output, bare and honest.

The capital recovery factor r / (1 - (1 + r)^-n) is the level payment at the end of each of n years that repays
one unit at r. The honest charge is the level real price margin that gives owners the required return after tax,
with cost overrun, money tied up while building and output lost in the ramp.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pricing.errors import DataError

Floats = np.ndarray
NO_RAMP: tuple[float, ...] = (1.0,)


def real_return(nominal: float | Floats, inflation: float) -> Floats:
    """Return the real return of a nominal one (Fisher): (1 + nominal) / (1 + inflation) - 1."""
    return np.asarray((1 + np.asarray(nominal, dtype=float)) / (1 + inflation) - 1)


def capital_recovery_factor(rate: float | Floats, years: int) -> Floats:
    """Return the level end-of-year payment per unit of capital; at rate 0 it is 1 / years.

    >>> round(float(capital_recovery_factor(0.10, 20)), 4)
    0.1175
    """
    if years < 1:
        msg = f"Plant life is {years} years; need at least 1."
        raise DataError(msg)
    rate = np.asarray(rate, dtype=float)
    if not (rate > -1).all():
        msg = f"Required return is {rate.min()}; need a rate above -1."
        raise DataError(msg)
    tiny = np.abs(rate) < 1e-9
    safe = np.where(tiny, 1.0, rate)
    return np.where(tiny, 1 / years + rate * (years + 1) / (2 * years), safe / -np.expm1(-years * np.log1p(safe)))


@dataclass(frozen=True, slots=True)
class Build:
    """How a plant is built and taxed; the default is the bare charge: overnight, on budget, at full output, untaxed.

    `ramp` holds output as a share of nameplate in the first years. Tax falls on margin less straight-line
    depreciation over the plant's life; depreciation is fixed in nominal money, so `inflation` wears it down.
    """

    overrun: float = 1.0  # capex spent / capex planned
    construction_years: int = 0
    ramp: Sequence[float] = NO_RAMP
    tax: float = 0.0
    inflation: float = 0.0

    def __post_init__(self) -> None:
        if not (self.overrun > 0 and self.construction_years >= 0 and 0 <= self.tax < 1):
            msg = f"Found {self}; need overrun > 0, construction_years >= 0 and 0 <= tax < 1."
            raise DataError(msg)
        if not all(0 < share <= 1 for share in self.ramp):
            msg = f"Ramp is {list(self.ramp)}; need shares of nameplate above 0 and up to 1."
            raise DataError(msg)


BARE = Build()


def charge_factor(rate: float | Floats, years: int, build: Build = BARE) -> Floats:
    """Return the yearly margin per unit of planned capex that pays `rate`, real and after tax.

    = overrun x capital at start-up x (1 - tax shield) / ((1 - tax) x present value of output as a share of nameplate).
    Construction money is spent evenly, mid-year, and compounds at `rate`; cash comes at each year's end.
    """
    rate = np.asarray(rate, dtype=float)
    shield = build.tax * _depreciation_value(rate, years, build.inflation)
    needed = build.overrun * (_start_up_value(rate, build.construction_years) - shield)
    return needed / ((1 - build.tax) * _output_value(rate, years, build.ramp))


def _start_up_value(rate: Floats, construction_years: int) -> Floats:
    """Value at start-up of one unit of capex spent evenly, mid-year, over the years before."""
    if construction_years == 0:
        return np.ones_like(rate)
    spent = [(1 + rate) ** (year + 0.5) for year in range(construction_years)]
    return np.asarray(np.mean(spent, axis=0))


def _output_value(rate: Floats, years: int, ramp: Sequence[float]) -> Floats:
    lost = [(1 - share) * (1 + rate) ** -(year + 1) for year, share in enumerate(list(ramp)[:years])]
    return 1 / capital_recovery_factor(rate, years) - np.sum(lost, axis=0)


def _depreciation_value(rate: Floats, years: int, inflation: float) -> Floats:
    """Present value at start-up of depreciating one unit evenly in nominal money."""
    nominal = (1 + rate) * (1 + inflation) - 1
    return 1 / (years * capital_recovery_factor(nominal, years))
