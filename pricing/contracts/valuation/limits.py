"""Money caps by the year and starts by a price: what makes a payment rest on the periods before it, path by path."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby

import numpy as np

from pricing.errors import Fault, TermsError

Floats = np.ndarray

TOLERANCE = 1e-12  # of a level: an average that meets it exactly is not lost to rounding


@dataclass(frozen=True, slots=True)
class AnnualCap:
    """The most a leg pays in one cap year, USD.

    `by_year` has the caps of years that differ, as a year that the contract only touches.
    """

    usd: float
    by_year: Mapping[int, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.usd >= 0:
            raise TermsError(Fault("annual_cap", str(self.usd), "a cap in USD from 0"))
        if bad := {year: usd for year, usd in self.by_year.items() if not usd >= 0}:
            raise TermsError(Fault("annual_cap.by_year", str(bad), "caps in USD from 0"))

    def of_year(self, year: int) -> float:
        """Return what a cap year may pay, USD."""
        return self.by_year.get(year, self.usd)


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


def started(reference: Floats, start: Start) -> Floats:
    """Return in which periods a leg has begun (P, N) bool, by the average of its reference (P, N)."""
    if start.level is None:
        return np.broadcast_to((np.arange(len(reference)) >= start.first_period)[:, None], reference.shape)
    summed = np.cumsum(reference, axis=0)
    span = start.over_periods
    summed[span:] = summed[span:] - summed[:-span]
    met = summed >= start.level * span * (1 - TOLERANCE)
    met[: span - 1] = False
    begun = np.zeros(reference.shape, dtype=bool)
    np.logical_or.accumulate(met[:-1], axis=0, out=begun[1:])
    begun[: start.first_period] = False
    return begun


def capped(payments: Floats, cap_years: Floats, cap: AnnualCap, out: Floats | None = None) -> Floats:
    """Return payments (P, N) of which each cap year pays the first so many USD and no more; into `out` where given."""
    allowed = np.empty_like(payments) if out is None else out
    if allowed is not payments:
        allowed[...] = payments
    for year, start, stop in year_runs(cap_years):
        limit = cap.of_year(year)
        if (allowed[start:stop].sum(axis=0) > limit).any():
            left = np.full(allowed.shape[1], limit)
            for paid in allowed[start:stop]:
                np.minimum(paid, left, out=paid)
                left -= paid
    return allowed


def year_runs(years: Floats) -> Iterator[tuple[int, int, int]]:
    """Yield each year of years in order (P,) with the place of its first period and the one after its last.

    >>> list(year_runs(np.array([2026, 2026, 2027])))
    [(2026, 0, 2), (2027, 2, 3)]
    """
    stop = 0
    for year, run in groupby(years.tolist()):
        start, stop = stop, stop + len(list(run))
        yield int(year), start, stop


def column(values: Floats) -> Floats:
    """Return numbers by period (P,) as a column (P, 1), one number where all are equal: that takes half the time."""
    found = np.asarray(values, dtype=float)
    if found.ndim == 0:
        return found
    listed = found.tolist()
    return found[0] if listed.count(listed[0]) == len(listed) else found[:, None]
