"""What a right to choose the tonnes of each period is worth: between what foresight would earn and what a rule earns.

The upper bound knows each path in advance. The lower one is the better of two rules that look back only: tonnes fixed
today on expected gains, and tonnes that follow the last gain known before a period begins.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pricing.contracts.terms.conditions import Party, VolumeOption
from pricing.contracts.valuation.book import Book
from pricing.contracts.valuation.estimates import Estimate
from pricing.contracts.valuation.flows import stakes
from pricing.contracts.valuation.legs import Payer
from pricing.contracts.valuation.valuation import check_fit, weights_of
from pricing.errors import Fault, TermsError

Floats = np.ndarray


@dataclass(frozen=True, slots=True)
class VolumeRight:
    """Value to the holder in USD: of tonnes spread evenly, and what the right adds to it at least and at most."""

    even: Estimate
    at_least: Estimate
    at_most: Estimate
    rule: str  # the one that earns `at_least`


@dataclass(frozen=True, slots=True)
class _Bounds:
    """Least and most tonnes of a period, and the total over the contract where there is one."""

    least: float
    most: float
    total: float | None

    def even(self, periods: int) -> float:
        return (self.least + self.most) / 2 if self.total is None else self.total / periods


def volume_right(option: VolumeOption, book: Book, begins: Sequence[int], named: Sequence[float | None]) -> VolumeRight:
    """Return what the right is worth to its holder; the book's legs pay per tonne of a period (`per_tonne`).

    `begins` has the month, as a place on the simulated ones, in which each period's deliveries begin: tonnes are named
    before it. `named` has the tonnes of periods for which that was done, also before the book's first one, and None for
    those that are still open: what is named counts towards a total and is no choice any more. TermsError for a total
    that cannot be reached, and where no period is open.
    """
    count = sum(one is None for one in named)  # the last ones
    if not count:
        raise TermsError(Fault("volume_option", "no period whose tonnes are open", "a day before the last one begins"))
    bounds = _bounds(option, named)
    gains = _gains(option.holder, book)[-count:]
    even = bounds.even(len(gains)) * gains.sum(axis=0)
    mean = gains.mean(axis=1)
    fixed = (_best(mean[:, None], bounds)[:, 0] @ gains, "tonnes fixed today on expected gains")
    known = _known(book, begins, count)
    followed = (_followed(gains, mean, known, bounds), "tonnes that follow the last known gain")
    worth, rule = max(fixed, followed, key=lambda each: float(each[0].mean()))
    best = (_best(gains, bounds) * gains).sum(axis=0)
    return VolumeRight(Estimate.of(even), Estimate.of(worth - even), Estimate.of(best - even), rule)


def _gains(holder: Party, book: Book) -> Floats:
    """Return what a tonne in each period is worth to the holder today, USD/t (P, N)."""
    weights = weights_of(book.parties, book.schedule.timing)
    found: list[Floats] = []
    view, sign = (0, 1.0) if holder is Party.SELLER else (1, -1.0)
    for references in book.valued_references():
        if not found:
            check_fit(book.legs, book.schedule, references)
        owed = stakes(book.legs, book.schedule, references).by_timing[book.schedule.timing].owed
        parts = [
            way * weights[payer][view][:, None] * owed[payer]
            for payer, way in ((Payer.BUYER, sign), (Payer.SELLER, -sign))
            if payer in owed
        ]
        found.append(sum(parts[1:], parts[0]))
    return np.concatenate(found, axis=1)


def _bounds(option: VolumeOption, named: Sequence[float | None]) -> _Bounds:
    """Return the bounds of the open periods."""
    least, most = float(option.least_tonnes_per_period), float(option.most_tonnes_per_period)
    if option.total_tonnes is None:
        return _Bounds(least, most, None)
    total, done = float(option.total_tonnes), sum(one for one in named if one is not None)
    periods = sum(one is None for one in named)
    if not least * periods <= total - done <= most * periods:
        before = f", of which {done:g} are named" if done else ""
        allowed = f"{done + least * periods:g} to {done + most * periods:g} t"
        raise TermsError(Fault("volume_option.total_tonnes", f"{total:g}{before}", allowed))
    return _Bounds(least, most, total - done)


def _best(gains: Floats, bounds: _Bounds) -> Floats:
    """Return the tonnes (P, N) that earn the most on gains known in advance (P, N)."""
    spare = bounds.most - bounds.least
    if bounds.total is None:
        return bounds.least + spare * (gains > 0)
    rank = np.argsort(np.argsort(-gains, axis=0, kind="stable"), axis=0)
    left = bounds.total - bounds.least * len(gains)
    more: Floats = np.clip(left - rank * spare, 0.0, spare)
    return bounds.least + more


def _followed(gains: Floats, mean: Floats, known: Sequence[int | None], bounds: _Bounds) -> Floats:
    """Return what is earned (N,) by the most tonnes where the next gain looks better than those ahead, else the least.

    Without a total the next gain need only be above zero. What is expected of gains ahead is linear in the last known.
    """
    periods, paths = gains.shape
    worth, left = np.zeros(paths), np.full(paths, np.inf if bounds.total is None else bounds.total)
    for place, seen in enumerate(known):
        expected = _expected(gains, mean, place, seen)
        better = expected[0] > (0.0 if bounds.total is None else expected.mean(axis=0))
        tonnes = np.where(better, bounds.most, bounds.least)
        if bounds.total is not None:
            after = periods - place - 1
            tonnes = np.clip(tonnes, left - bounds.most * after, left - bounds.least * after)
            left -= tonnes
        worth += tonnes * gains[place]
    return worth


def _expected(gains: Floats, mean: Floats, place: int, seen: int | None) -> Floats:
    """Return the gains expected from a period on (R, N), given the gain of a period that is known by then."""
    ahead = mean[place:, None]
    if seen is None or not (surprise := gains[seen] - mean[seen]).any():
        return ahead + np.zeros(gains.shape[1])
    slopes = (gains[place:] - ahead) @ surprise / (surprise @ surprise)
    found: Floats = ahead + slopes[:, None] * surprise
    return found


def _known(book: Book, begins: Sequence[int], count: int) -> list[int | None]:
    """Return for each open period the last open one whose fixings are all known before it begins."""
    fixed = [max(months) for months in book.schedule.fixing_months][-count:]
    return [max((other for other, last in enumerate(fixed) if last < first), default=None) for first in begins[-count:]]
