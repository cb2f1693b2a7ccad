"""The months that a valuation looks at: which are over on its day, and how far ahead the others lie."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from pricing.contracts.periods import MONTHS_PER_YEAR, last_day_of, month_number, month_of, month_shifted


@dataclass(frozen=True, slots=True)
class Horizon:
    """The day of valuation and the months in between, first to last, as places on the simulated months."""

    as_of: date
    months: tuple[str, ...]
    last_over: int  # number of the last month that is over on the day

    @classmethod
    def spanning(cls, as_of: date, needed: Iterable[str]) -> Horizon:
        """Return the months from the first needed to the last."""
        found = sorted(set(needed))
        count = month_number(found[-1]) - month_number(found[0]) + 1
        months = tuple(month_shifted(found[0], place) for place in range(count))
        return cls(as_of, months, month_number(last_over(as_of)))

    @property
    def years(self) -> tuple[float, ...]:
        """Return how many years ahead each month lies: whole months, counted from the last one that is over."""
        return tuple(self.ahead(month) / MONTHS_PER_YEAR for month in self.months)

    @property
    def first(self) -> int:
        """Return the number of the first month."""
        return month_number(self.months[0])

    def ahead(self, month: str) -> int:
        """Return how many months ahead a month ends; zero or less for one that is over on the day of valuation."""
        return month_number(month) - self.last_over

    def place(self, month: str) -> int:
        """Return a month's place on the simulated months."""
        return month_number(month) - self.first


def last_over(as_of: date) -> str:
    """Return the last month that is over on a day.

    >>> last_over(date(2026, 3, 31)), last_over(date(2026, 3, 30))
    ('2026-03', '2026-02')
    """
    month = month_of(as_of)
    return month if last_day_of(month) == as_of else month_shifted(month, -1)
