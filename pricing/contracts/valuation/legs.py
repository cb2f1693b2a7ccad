"""What one leg pays on every path: a share of what its reference lies below or above a strike, period by period.

A floor is a leg below, paid by the buyer; a cap or a share of the upside is one above, paid by the seller; both at one
strike are a two-way contract for difference. Money caps and start conditions follow each path through time.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np

from pricing.errors import Fault, TermsError

Floats = np.ndarray
ALL = np.array(1.0)


class Payer(StrEnum):
    """Who pays a leg."""

    BUYER = "buyer"
    SELLER = "seller"


class Side(StrEnum):
    """On which side of the strike a leg pays."""

    BELOW = "below"
    ABOVE = "above"


@dataclass(frozen=True, slots=True)
class AnnualCap:
    """The most a leg pays in one cap year, USD; `used_usd` has already been paid in the first."""

    usd: float
    used_usd: float = 0.0

    def __post_init__(self) -> None:
        if not (self.usd >= 0 and 0 <= self.used_usd <= self.usd):
            raise TermsError(Fault("annual_cap", f"{self.used_usd} used of {self.usd}", "0 <= used <= cap in USD"))


@dataclass(frozen=True, slots=True)
class Start:
    """When a leg begins: at a period, or after its reference averaged a level over some periods; the later of both.

    A level met in one period starts the leg in the next, for good. The average looks at the contract's periods only.
    """

    first_period: int = 0
    level: float | None = None
    over_periods: int = 1

    def __post_init__(self) -> None:
        if not (self.first_period >= 0 and self.over_periods >= 1):
            found = f"period {self.first_period}, average over {self.over_periods}"
            raise TermsError(Fault("start", found, "a period from 0, an average over at least one"))


@dataclass(frozen=True, eq=False)
class Leg:
    """One leg over P periods: strike in USD/kg, volume in kg, share of the difference paid (0 to 1)."""

    name: str
    payer: Payer
    side: Side
    strike: Floats
    kg: Floats
    share: Floats = field(default_factory=lambda: ALL)
    reference: int = 0  # row of the references
    annual_cap: AnnualCap | None = None
    start: Start | None = None

    def __post_init__(self) -> None:
        faults = [
            Fault(f"{self.name}.{name}", str(getattr(self, name)), allowed)
            for name, allowed, holds in (
                ("strike", "finite prices from 0", (np.isfinite(self.strike) & (self.strike >= 0)).all()),
                ("kg", "finite volumes from 0", (np.isfinite(self.kg) & (self.kg >= 0)).all()),
                ("share", "0 to 1", ((self.share >= 0) & (self.share <= 1)).all()),
            )
            if not holds
        ]
        if faults:
            raise TermsError(*faults)

    @property
    def path_dependent(self) -> bool:
        """Return whether a period's payment rests on earlier periods."""
        return self.annual_cap is not None or (self.start is not None and self.start.level is not None)

    def paid_kg(self, periods: int) -> Floats:
        """Return kg times share (P,), nil before the first period."""
        weight = np.broadcast_to(self.kg * self.share, (periods,)).astype(float)
        if self.start is not None:
            weight[: self.start.first_period] = 0.0
        return weight

    def binds(self, reference: Floats) -> Floats:
        """Return where the reference (P, N) lies on the paying side of the strike, (P, N) bool."""
        strike = _column(self.strike)
        return reference < strike if self.side is Side.BELOW else reference > strike

    def payments(self, references: Floats, cap_years: Floats, out: Floats | None = None) -> Floats:
        """Return payments in USD (P, N), never negative, on references (M, P, N); written into `out` where given."""
        reference = references[self.reference]
        strike = _column(self.strike)
        above, below = (strike, reference) if self.side is Side.BELOW else (reference, strike)
        paid = np.subtract(above, below, out=out)
        np.maximum(paid, 0.0, out=paid)
        paid *= self.paid_kg(len(reference))[:, None]
        if self.start is not None and self.start.level is not None:
            paid *= started(reference, self.start)
        return paid if self.annual_cap is None else capped(paid, cap_years, self.annual_cap, out=paid)


def started(reference: Floats, start: Start) -> Floats:
    """Return in which periods a leg has begun (P, N) bool, by the average of its reference (P, N)."""
    if start.level is None:
        return np.broadcast_to((np.arange(len(reference)) >= start.first_period)[:, None], reference.shape)
    summed = np.cumsum(reference, axis=0)
    span = start.over_periods
    summed[span:] = summed[span:] - summed[:-span]
    met = summed >= start.level * span
    met[: span - 1] = False
    begun = np.zeros(reference.shape, dtype=bool)
    np.logical_or.accumulate(met[:-1], axis=0, out=begun[1:])
    begun[: start.first_period] = False
    return begun


def capped(payments: Floats, cap_years: Floats, cap: AnnualCap, out: Floats | None = None) -> Floats:
    """Return payments (P, N) of which each cap year pays the first `cap.usd` and no more; into `out` where given."""
    allowed = np.empty_like(payments) if out is None else out
    left = np.empty(payments.shape[1])
    for period, year in enumerate(cap_years):
        if period == 0 or year != cap_years[period - 1]:
            left[:] = cap.usd - (cap.used_usd if period == 0 else 0.0)
        np.minimum(payments[period], left, out=allowed[period])
        left -= allowed[period]
    return allowed


def _column(values: Floats) -> Floats:
    found = np.asarray(values, dtype=float)
    return found if found.ndim == 0 else found[:, None]
