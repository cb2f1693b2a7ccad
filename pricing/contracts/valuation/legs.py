"""What one leg pays on every path: a share of what its reference lies below or above a strike, period by period.

A floor is a leg below, paid by the buyer; a cap or a share of the upside is one above, paid by the seller; both at one
strike are a two-way contract for difference. Money caps and start conditions follow each path through time.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Protocol, Self

import numpy as np

from pricing.contracts.valuation.limits import AnnualCap, Start, capped, column, started
from pricing.errors import Fault, TermsError

Floats = np.ndarray
ALL = np.array(1.0)
FINITE = float(np.finfo(float).max)


class Payer(StrEnum):
    """Who pays a leg."""

    BUYER = "buyer"
    SELLER = "seller"


class Side(StrEnum):
    """On which side of the strike a leg pays; a price of goods and a clause taken as a whole have no strike."""

    BELOW = "below"
    ABOVE = "above"
    PRICE = "price"
    WHOLE = "whole"


class Paying(Protocol):
    """What valuation asks of a leg. Without a payer of its own it pays both ways, positive to the seller."""

    @property
    def name(self) -> str:
        """Return what the leg is called in an answer."""

    @property
    def payer(self) -> Payer | None:
        """Return who pays; None where that rests on the price."""

    def payments(self, references: Floats, cap_years: Floats, out: Floats | None = None) -> Floats:
        """Return payments in USD (P, N) on references (M, P, N); written into `out` where given."""

    def bound(self, references: Floats) -> Floats:
        """Return where a level decides (P, N) bool: a floor or cap binds, the leg is on its paying side."""

    def misfits(self, rows: int, periods: int) -> Iterator[Fault]:
        """Yield what does not fit so many references and periods."""

    def level(self) -> float | None:
        """Return the mean strike in USD/kg; None where there is none to move."""

    def struck(self, step: float) -> Self:
        """Return the leg with its strikes moved by so many USD/kg, never below zero."""


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
    cap_years: Floats | None = None  # (P,), where its cap counts years in a way of its own

    def __post_init__(self) -> None:
        faults = [
            Fault(f"{self.name}.{name}", str(getattr(self, name)), allowed)
            for name, allowed, holds in (
                ("strike", "finite prices from 0", _all_within(self.strike, FINITE)),
                ("kg", "finite volumes from 0", _all_within(self.kg, FINITE)),
                ("share", "0 to 1", _all_within(self.share, 1.0)),
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
        weight = np.empty(periods)
        weight[...] = self.kg * self.share
        if self.start is not None:
            weight[: self.start.first_period] = 0.0
        return weight

    def binds(self, reference: Floats) -> Floats:
        """Return where the reference (P, N) lies on the paying side of the strike, (P, N) bool."""
        strike = column(self.strike)
        return reference < strike if self.side is Side.BELOW else reference > strike

    def bound(self, references: Floats) -> Floats:
        """Return where the leg's reference lies on the paying side of the strike, (P, N) bool."""
        return self.binds(references[self.reference])

    def payments(self, references: Floats, cap_years: Floats, out: Floats | None = None) -> Floats:
        """Return payments in USD (P, N), never negative, on references (M, P, N); written into `out` where given."""
        reference = references[self.reference]
        strike = column(self.strike)
        above, below = (strike, reference) if self.side is Side.BELOW else (reference, strike)
        paid = np.subtract(above, below, out=out)
        np.clip(paid, 0.0, np.inf, out=paid)  # half the time of a maximum
        paid *= column(self.paid_kg(len(reference)))
        if self.start is not None and self.start.level is not None:
            paid *= started(reference, self.start)
        if self.annual_cap is None:
            return paid
        return capped(paid, cap_years if self.cap_years is None else self.cap_years, self.annual_cap, out=paid)

    def misfits(self, rows: int, periods: int) -> Iterator[Fault]:
        """Yield a reference that is not there and arrays of other lengths."""
        if not 0 <= self.reference < rows:
            yield Fault(f"{self.name}.reference", str(self.reference), f"0 to {rows - 1}")
        for name in ("strike", "kg", "share"):
            shape = np.shape(getattr(self, name))
            if shape not in {(), (periods,)}:
                yield Fault(f"{self.name}.{name}", f"shape {shape}", f"one number or ({periods},)")

    def level(self) -> float:
        """Return the mean strike in USD/kg."""
        return float(np.mean(self.strike))

    def struck(self, step: float) -> Leg:
        """Return the leg with its strikes moved by so many USD/kg, never below zero."""
        return replace(self, strike=np.maximum(np.asarray(self.strike, dtype=float) + step, 0.0))


def _all_within(numbers: Floats, most: float) -> bool:
    """Return whether all numbers lie from 0 to a bound; NaN lies nowhere."""
    return all(0 <= number <= most for number in numbers.ravel().tolist())
