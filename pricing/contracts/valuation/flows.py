"""What legs pay on a piece of the paths, and the sums that are kept of it.

Paths are taken a piece at a time: a piece fits the processor's cache, and its arrays are used again for the next.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from pricing.contracts.valuation.legs import Leg, Payer
from pricing.contracts.valuation.schedule import Schedule

Floats = np.ndarray

PIECE = 1024  # paths; the first piece, a net of its own, gives the quantiles of single periods


def pieces(references: Floats) -> Iterator[Floats]:
    """Yield references (M, P, N) in runs of paths."""
    for start in range(0, references.shape[2], PIECE):
        yield references[:, :, start : start + PIECE]


@dataclass(frozen=True, eq=False)
class Flows:
    """What each side pays (P, n) on one piece of references (M, P, n), and of each leg the sum and what it met."""

    by_side: Mapping[Payer, Floats]
    paid: Mapping[str, Floats]  # sum over the paths (P,)
    binding: Mapping[str, Floats]  # paths (P,) on which the reference is on the paying side
    paying: Mapping[str, Floats]  # paths (Y,) on which the leg pays in a cap year

    @classmethod
    def of(cls, legs: Sequence[Leg], schedule: Schedule, references: Floats) -> Flows:
        """Return what the legs pay on references (M, P, n)."""
        by_side = {payer: np.zeros(references.shape[1:]) for payer in Payer}
        scratch = np.empty(references.shape[1:])
        paid, binding, paying = {}, {}, {}
        for leg in legs:
            amounts = leg.payments(references, schedule.cap_years, out=scratch)
            by_side[leg.payer] += amounts
            paid[leg.name] = amounts.sum(axis=1)
            binding[leg.name] = np.count_nonzero(leg.binds(references[leg.reference]), axis=1)
            paying[leg.name] = np.count_nonzero(by_year(amounts, schedule.cap_years), axis=1)
        return cls(by_side, paid, binding, paying)

    @property
    def net(self) -> Floats:
        """Return what the seller receives (P, n)."""
        return self.by_side[Payer.BUYER] - self.by_side[Payer.SELLER]

    def worth(self, weights: tuple[Floats, Floats]) -> Floats:
        """Return the value to the seller by path (n,), at what a dollar due from buyer and seller is worth (P,)."""
        worth: Floats = weights[0] @ self.by_side[Payer.BUYER] - weights[1] @ self.by_side[Payer.SELLER]
        return worth


def totals(parts: Iterable[Mapping[str, Floats]]) -> dict[str, Floats]:
    """Return the sum by name over pieces."""
    found: dict[str, Floats] = {}
    for part in parts:
        for name, amount in part.items():
            found[name] = found[name] + amount if name in found else amount
    return found


def by_year(amounts: Floats, years: Floats) -> Floats:
    """Return the sum over each year's periods (Y, n) of amounts (P, n)."""
    summed: Floats = (np.unique(years)[:, None] == years).astype(float) @ amounts
    return summed
