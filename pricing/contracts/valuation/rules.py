"""Reference rules on paths: averages of months with their weights, and the higher, lower or mean of several.

Paths are in USD on the contract's basis, so that FX, VAT and the step to metal are behind them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain, pairwise

import numpy as np

from pricing.contracts.terms.references import Take

Floats = np.ndarray

_TIE = 1e-9  # of a rounding step: half a step counts as half, whatever the last bits say


@dataclass(frozen=True, slots=True)
class Average:
    """The mean of an item's months (a month that counts twice stands twice), per slot, perhaps rounded half up."""

    item: int
    fixings: tuple[tuple[int, ...], ...]
    decimals: int | None = None

    def fixed_in(self) -> tuple[tuple[int, ...], ...]:
        """Return the months that fix each slot."""
        return self.fixings

    def of(self, prices: Floats) -> Floats:
        """Return the averages (S, N) of prices by month (M, T, N)."""
        own = prices[self.item]
        first, count = self.fixings[0][0], len(self.fixings)
        if self.fixings == tuple((month,) for month in range(first, first + count)):
            means = own[first : first + count]
        else:
            means = np.stack([_mean(own, fixings) for fixings in self.fixings])
        if self.decimals is None:
            return means
        step = 10.0**self.decimals
        rounded: Floats = np.floor(means * step + 0.5 + _TIE) / step
        return rounded


@dataclass(frozen=True, slots=True)
class Combined:
    """The higher, lower or mean of several rules, slot by slot; then the mean over so many slots a period."""

    take: Take
    of_rules: tuple[Average | Combined, ...]
    slots_per_period: tuple[int, ...] | None = None  # None: a slot is a period

    def fixed_in(self) -> tuple[tuple[int, ...], ...]:
        """Return the months that fix each period, of all members."""
        slots = [tuple(chain(*months)) for months in zip(*(rule.fixed_in() for rule in self.of_rules), strict=True)]
        if self.slots_per_period is None:
            return tuple(slots)
        return tuple(tuple(chain(*slots[start:stop])) for start, stop in self._periods())

    def of(self, prices: Floats) -> Floats:
        """Return the combination (S, N) on prices by month (M, T, N)."""
        found = _taken(self.take, [rule.of(prices) for rule in self.of_rules])
        if self.slots_per_period is None:
            return found
        return np.stack([found[start:stop].mean(axis=0) for start, stop in self._periods()])

    def _periods(self) -> Iterator[tuple[int, int]]:
        return pairwise(accumulate(self.slots_per_period or (), initial=0))


Rule = Average | Combined


def _taken(take: Take, amounts: list[Floats]) -> Floats:
    if take is Take.MEAN:
        mean: Floats = sum(amounts[1:], amounts[0]) / len(amounts)
        return mean
    found: Floats = (np.maximum if take is Take.HIGHER else np.minimum).reduce(amounts)
    return found


def _mean(prices: Floats, fixings: Sequence[int]) -> Floats:
    if len(fixings) == 1:
        only: Floats = prices[fixings[0]]
        return only
    total: Floats = prices[fixings[0]] + prices[fixings[1]]
    for month in fixings[2:]:
        total += prices[month]
    total /= len(fixings)
    return total
