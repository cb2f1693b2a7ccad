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
    def sure(cls, value: Floats, evidence: Evidence) -> Banded:
        """Return a quantity without a band."""
        return cls(value, value, value, np.full(len(value), evidence.value, dtype=object))

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
        return Banded(value, value * np.exp(-below), value * np.exp(above), _weakest(self.evidence, other.evidence))

    def over(self, other: Banded) -> Banded:
        """Return the ratio of two positive quantities."""
        return self.times(Banded(1 / other.value, 1 / other.high, 1 / other.low, other.evidence))

    def scaled(self, factor: Floats | float) -> Banded:
        """Return the quantity times a sure, non-negative factor."""
        return Banded(self.value * factor, self.low * factor, self.high * factor, self.evidence)

    def held_above(self, bottom: float) -> Banded:
        """Return the quantity with nothing below `bottom`."""
        value, low, high = (np.maximum(x, bottom) for x in (self.value, self.low, self.high))
        return Banded(value, low, high, self.evidence)

    def widened(self, other: Floats) -> Banded:
        """Return the quantity with a band that also reaches a second opinion, where there is one (not NaN)."""
        return Banded(self.value, np.fmin(self.low, other), np.fmax(self.high, other), self.evidence)

    def where(self, chosen: np.ndarray, other: Banded) -> Banded:
        """Return this quantity where `chosen`, the other elsewhere."""
        pick = lambda mine, theirs: np.where(chosen, mine, theirs)  # noqa: E731
        return Banded(
            pick(self.value, other.value),
            pick(self.low, other.low),
            pick(self.high, other.high),
            pick(self.evidence, other.evidence),
        )

    def marked(self, evidence: Evidence) -> Banded:
        """Return the quantity under another mark; its band stays."""
        return Banded(self.value, self.low, self.high, np.full(len(self.value), evidence.value, dtype=object))

    def marked_at_best(self, evidence: Evidence) -> Banded:
        """Return the quantity under the weaker of its own mark and this one."""
        best = np.full(len(self.value), evidence.value, dtype=object)
        return Banded(self.value, self.low, self.high, _weakest(self.evidence, best))

    def tail(self, start: int) -> Banded:
        """Return the quantity from one point on."""
        return Banded(self.value[start:], self.low[start:], self.high[start:], self.evidence[start:])

    def followed_by(self, later: Banded) -> Banded:
        """Return this quantity with a later stretch of it laid behind."""
        return joined([self, later])

    def spread(self, known_at: Floats, wanted: Floats) -> Banded:
        """Return the quantity at other points in time: linear between, held at the ends, the weaker evidence of both."""
        value, low, high = (np.interp(wanted, known_at, x) for x in (self.value, self.low, self.high))
        right = np.clip(np.searchsorted(known_at, wanted), 0, len(known_at) - 1)
        left = np.maximum(right - 1, 0)
        near = np.where(wanted >= known_at[right], right, left)
        return Banded(value, low, high, _weakest(self.evidence[near], self.evidence[right]))


def total(parts: Iterable[Banded]) -> Banded:
    """Return the sum of one or more quantities; errors are independent, so half-widths add in quadrature.

    It counts as the weakest kind that, with all weaker ones, makes up a quarter of it.
    """
    terms = list(parts)
    values, lows, highs = (np.stack([getattr(t, name) for t in terms]) for name in ("value", "low", "high"))
    value = values.sum(axis=0)
    below = np.sqrt(((values - lows) ** 2).sum(axis=0))
    above = np.sqrt(((highs - values) ** 2).sum(axis=0))
    return Banded(value, value - below, value + above, _mostly(np.stack([_ranks(t.evidence) for t in terms]), values))


def joined(parts: Iterable[Banded]) -> Banded:
    """Return pieces of one quantity laid end to end in time."""
    pieces = list(parts)
    return Banded(*(np.concatenate([getattr(p, name) for p in pieces]) for name in ("value", "low", "high", "evidence")))


def _log_gap(upper: Floats, lower: Floats) -> Floats:
    positive = (upper > 0) & (lower > 0)
    return np.where(positive, np.log(np.where(positive, upper, 1.0) / np.where(positive, lower, 1.0)), 0.0)


def _ranks(evidence: np.ndarray) -> np.ndarray:
    return np.array([_RANK[kind] for kind in evidence])


def _weakest(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    return _KINDS[np.maximum(_ranks(one), _ranks(other))]


def _mostly(ranks: np.ndarray, values: Floats) -> np.ndarray:
    size = np.abs(values)
    whole = size.sum(axis=0)
    share = [(size * (ranks >= rank)).sum(axis=0) / np.where(whole > 0, whole, 1.0) for rank in range(len(_KINDS))]
    weakest = np.max([np.where(part >= WEIGHTY, rank, 0) for rank, part in enumerate(share)], axis=0)
    return _KINDS[np.where(whole > 0, weakest, ranks.min(axis=0))]
