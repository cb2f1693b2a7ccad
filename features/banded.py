"""Banded: a quantity over time with its low, its high and how it came about; arithmetic keeps all three."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from pricing.market.history import Evidence, Floats

_RANK = {kind.value: rank for rank, kind in enumerate(Evidence)}
_KINDS = np.array([kind.value for kind in Evidence], dtype=object)
WEIGHTY = 0.25  # share of a sum from which its weaker parts give it their mark


@dataclass(frozen=True)
class Banded:
    """A quantity (T,) with low and high (T,) and its evidence (T,), the weakest of what it was made from."""

    value: Floats
    low: Floats
    high: Floats
    evidence: np.ndarray

    @classmethod
    def of(cls, numbers: Iterable[Floats], evidence: np.ndarray) -> Banded:
        """Return a quantity from its value, low and high in this order."""
        value, low, high = numbers
        return cls(value, low, high, evidence)

    @classmethod
    def sure(cls, value: Floats, evidence: Evidence) -> Banded:
        """Return a quantity without a band."""
        return cls(value, value, value, np.full(len(value), evidence.value, dtype=object))

    @property
    def numbers(self) -> tuple[Floats, Floats, Floats]:
        """Return value, low and high."""
        return self.value, self.low, self.high

    def plus(self, other: Banded) -> Banded:
        """Return the sum; see `total`."""
        return total([self, other])

    def minus(self, other: Banded) -> Banded:
        """Return the difference, with the half-widths in quadrature."""
        return self.plus(Banded(-other.value, -other.high, -other.low, other.evidence))

    def times(self, other: Banded) -> Banded:
        """Return the product of two quantities that are not negative; log half-widths add in quadrature."""
        value = self.value * other.value
        below = np.hypot(_log_gap(self.value, self.low), _log_gap(other.value, other.low))
        above = np.hypot(_log_gap(self.high, self.value), _log_gap(other.high, other.value))
        something = value > 0
        high = np.where(something, value * np.exp(np.where(something, above, 0.0)), self.high * other.high)
        return Banded(value, value * np.exp(-below), high, _weakest(self.evidence, other.evidence))

    def over(self, other: Banded) -> Banded:
        """Return the ratio of two positive quantities."""
        return self.times(Banded(1 / other.value, 1 / other.high, 1 / other.low, other.evidence))

    def scaled(self, factor: Floats | float) -> Banded:
        """Return the quantity times a sure, non-negative factor."""
        return Banded.of([side * factor for side in self.numbers], self.evidence)

    def held_above(self, bottom: float) -> Banded:
        """Return the quantity with nothing below `bottom`."""
        return Banded.of([np.maximum(side, bottom) for side in self.numbers], self.evidence)

    def widened(self, other: Floats) -> Banded:
        """Return the quantity with a band that also reaches a second opinion, where there is one (not NaN)."""
        return Banded(self.value, np.fmin(self.low, other), np.fmax(self.high, other), self.evidence)

    def where(self, chosen: np.ndarray, other: Banded) -> Banded:
        """Return this quantity where `chosen`, the other elsewhere."""
        numbers = [np.where(chosen, mine, theirs) for mine, theirs in zip(self.numbers, other.numbers, strict=True)]
        return Banded.of(numbers, np.where(chosen, self.evidence, other.evidence))

    def marked(self, evidence: Evidence) -> Banded:
        """Return the quantity under another mark; its band stays."""
        return Banded(self.value, self.low, self.high, np.full(len(self.value), evidence.value, dtype=object))

    def complement(self) -> Banded:
        """Return one less a share."""
        return Banded(1 - self.value, 1 - self.high, 1 - self.low, self.evidence)

    def marked_at_best(self, evidence: Evidence) -> Banded:
        """Return the quantity under the weaker of its own mark and this one."""
        best = np.full(len(self.value), evidence.value, dtype=object)
        return Banded(self.value, self.low, self.high, _weakest(self.evidence, best))

    def at(self, chosen: np.ndarray) -> Banded:
        """Return the points chosen by a mask or by index."""
        return Banded.of([side[chosen] for side in self.numbers], self.evidence[chosen])

    def tail(self, start: int) -> Banded:
        """Return the quantity from one point on."""
        return Banded.of([side[start:] for side in self.numbers], self.evidence[start:])

    def followed_by(self, later: Banded) -> Banded:
        """Return this quantity with a later stretch of it laid behind."""
        return joined([self, later])

    def spread(self, known_at: Floats, wanted: Floats) -> Banded:
        """Return the quantity at other times: linear between points, held at the ends, the weaker evidence of both."""
        numbers = [np.interp(wanted, known_at, side) for side in self.numbers]
        right = np.clip(np.searchsorted(known_at, wanted), 0, len(known_at) - 1)
        left = np.maximum(right - 1, 0)
        near = np.where(wanted >= known_at[right], right, left)
        return Banded.of(numbers, _weakest(self.evidence[near], self.evidence[right]))


def total(parts: Iterable[Banded]) -> Banded:
    """Return the sum of one or more quantities; errors are independent, so half-widths add in quadrature.

    It counts as the weakest kind that, with all weaker ones, makes up a quarter of it.
    """
    terms = list(parts)
    values, lows, highs = (np.stack(sides) for sides in zip(*(term.numbers for term in terms), strict=True))
    value = values.sum(axis=0)
    below = np.sqrt(((values - lows) ** 2).sum(axis=0))
    above = np.sqrt(((highs - values) ** 2).sum(axis=0))
    return Banded(value, value - below, value + above, _mostly(np.stack([_ranks(t.evidence) for t in terms]), values))


def joined(parts: Iterable[Banded]) -> Banded:
    """Return pieces of one quantity laid end to end in time."""
    pieces = list(parts)
    numbers = [np.concatenate(sides) for sides in zip(*(piece.numbers for piece in pieces), strict=True)]
    return Banded.of(numbers, np.concatenate([piece.evidence for piece in pieces]))


def _log_gap(upper: Floats, lower: Floats) -> Floats:
    """Return the log of upper over lower; infinite down to nothing, nil from nothing."""
    apart = np.where(upper > 0, np.inf, 0.0)
    both = (upper > 0) & (lower > 0)
    return np.where(both, np.log(np.where(both, upper, 1.0)) - np.log(np.where(both, lower, 1.0)), apart)


def _ranks(evidence: np.ndarray) -> np.ndarray:
    return np.array([_RANK[kind] for kind in evidence])


def _weakest(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    return _named(np.maximum(_ranks(one), _ranks(other)))


def _mostly(ranks: np.ndarray, values: Floats) -> np.ndarray:
    size = np.abs(values)
    whole = size.sum(axis=0)
    share = [(size * (ranks >= rank)).sum(axis=0) / np.where(whole > 0, whole, 1.0) for rank in range(len(_KINDS))]
    weakest = np.max([np.where(part >= WEIGHTY, rank, 0) for rank, part in enumerate(share)], axis=0)
    return _named(np.where(whole > 0, weakest, ranks.min(axis=0)))


def _named(ranks: np.ndarray) -> np.ndarray:
    return np.asarray(_KINDS[ranks], dtype=object)
