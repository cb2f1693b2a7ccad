"""What legs pay on a piece of the paths, and the sums that are kept of it.

Paths are taken a piece at a time: a piece fits the processor's cache, and its arrays are used again for the next.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from pricing.contracts.valuation.clause_legs import ClauseLeg
from pricing.contracts.valuation.legs import Payer, Paying
from pricing.contracts.valuation.limits import column, year_runs
from pricing.contracts.valuation.schedule import Schedule, Timing

Floats = np.ndarray

PIECE = 2048  # paths
Named = TypeVar("Named", str, int)


def pieces(references: Floats) -> Iterator[Floats]:
    """Yield references (M, P, N) in runs of paths."""
    for start in range(0, references.shape[2], PIECE):
        yield references[:, :, start : start + PIECE]


class Sides:
    """What each side owes by period and path (P, n); a side that owes nothing has no array."""

    def __init__(self) -> None:
        self.owed: dict[Payer, Floats] = {}

    def add(self, payer: Payer | None, amounts: Floats) -> bool:
        """Add what a side owes or, without a payer, what the buyer owes where positive and the seller elsewhere.

        Return whether the array itself is kept, so that its giver must not use it again.
        """
        if payer is None:
            self.add(Payer.BUYER, np.maximum(amounts, 0.0))
            if (amounts < 0).any():
                self.add(Payer.SELLER, np.maximum(-amounts, 0.0))
            return False
        if payer in self.owed:
            self.owed[payer] += amounts
            return False
        self.owed[payer] = amounts
        return True

    @property
    def net(self) -> Floats:
        """Return what the seller receives (P, n)."""
        buyer, seller = (self.owed.get(payer) for payer in (Payer.BUYER, Payer.SELLER))
        if buyer is None or seller is None:
            return -seller if seller is not None else self.owed[Payer.BUYER]
        net: Floats = buyer - seller
        return net

    def worth(self, weights: Mapping[Payer, Floats]) -> Floats:
        """Return values to the seller by view and path (V, n), at what a dollar due from each side is worth (V, P)."""
        parts = [sign * (weights[payer] @ self.owed[payer]) for payer, sign in _TO_SELLER if payer in self.owed]
        found: Floats = parts[0] if len(parts) == 1 else parts[0] + parts[1]
        return found


_TO_SELLER = ((Payer.BUYER, 1.0), (Payer.SELLER, -1.0))


Weights = Mapping[Timing, Mapping[Payer, Floats]]


class Dues:
    """What each side owes by period and path (P, n), apart for payments that are due at other times."""

    def __init__(self) -> None:
        self.by_timing: dict[Timing, Sides] = {}

    def add(self, timing: Timing, payer: Payer | None, amounts: Floats) -> bool:
        """Add what a side owes at its time, as `Sides.add` does."""
        return self.by_timing.setdefault(timing, Sides()).add(payer, amounts)

    @property
    def net(self) -> Floats:
        """Return what the seller receives for each period (P, n), whenever it is due."""
        parts = [sides.net for sides in self.by_timing.values()]
        net: Floats = sum(parts[1:], parts[0])
        return net

    def worth(self, weights: Weights) -> Floats:
        """Return values to the seller by view and path (V, n), at what a dollar due from each side is worth (V, P)."""
        parts = [sides.worth(weights[timing]) for timing, sides in self.by_timing.items()]
        found: Floats = sum(parts[1:], parts[0])
        return found


def stakes(legs: Sequence[Paying], schedule: Schedule, references: Floats) -> Dues:
    """Return what values rest on: what each side owes, goods held against their alternative; (P, n) on (M, P, n)."""
    found, scratch = Dues(), None
    for leg in legs:
        timing = schedule.timing_of(leg.name)
        paid = leg.payments(references, timing.cap_years, out=scratch)
        scratch = None if found.add(timing, leg.payer, _held(leg, paid, references)) else paid
    return found


@dataclass(frozen=True, eq=False)
class Flows:
    """What each side pays on one piece of references (M, P, n), and of each leg the sum and what it met."""

    due: Dues
    stakes: Dues  # the same, with goods held against their alternative
    paid: Mapping[str, Floats]  # sum over the paths (P,)
    binding: Mapping[str, Floats]  # paths (P,) on which a level decides
    paying: Mapping[str, Floats]  # paths (Y,) on which the leg pays in each of its cap years

    @classmethod
    def of(cls, legs: Sequence[Paying], schedule: Schedule, references: Floats) -> Flows:
        """Return what the legs pay on references (M, P, n)."""
        due, scratch, ones = Dues(), None, np.ones(references.shape[2])
        paid, binding, paying = {}, {}, {}
        for leg in legs:
            timing = schedule.timing_of(leg.name)
            amounts = leg.payments(references, timing.cap_years, out=scratch)
            paid[leg.name] = amounts @ ones
            binding[leg.name] = _counted(leg.bound(references))
            paying[leg.name] = _paying_years(amounts != 0, timing.cap_years)
            scratch = None if due.add(timing, leg.payer, amounts) else amounts
        held = any(isinstance(leg, ClauseLeg) and leg.alternative is not None for leg in legs)
        return cls(due, stakes(legs, schedule, references) if held else due, paid, binding, paying)


def totals(parts: Iterable[Mapping[Named, Floats]]) -> dict[Named, Floats]:
    """Return the sum by name, or by year, over pieces."""
    found: dict[Named, Floats] = {}
    for part in parts:
        for name, amount in part.items():
            found[name] = found[name] + amount if name in found else amount
    return found


def by_year(amounts: Floats, years: Floats) -> Floats:
    """Return the sum over each year's periods (Y, n) of amounts (P, n), years in order."""
    return np.stack([amounts[start:stop].sum(axis=0) for _, start, stop in year_runs(years)])


def _held(leg: Paying, payments: Floats, references: Floats) -> Floats:
    """Return payments, of goods less what the same kg would fetch at the alternative where one is stated."""
    if not isinstance(leg, ClauseLeg) or leg.alternative is None:
        return payments
    held: Floats = payments - references[leg.alternative] * column(leg.kg)
    return held


def _counted(where: Floats) -> Floats:
    """Return how often each row (P, n) bool is true, (P,)."""
    counts: Floats = np.add.reduce(np.ascontiguousarray(where).view(np.uint8), axis=1, dtype=np.uint32)
    return counts


def _paying_years(pays: Floats, years: Floats) -> Floats:
    return np.array([np.count_nonzero(pays[start:stop].any(axis=0)) for _, start, stop in year_runs(years)])
