"""Settlement periods: calendar months or quarters cut to the contract, and the share of a year each one carries."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache

MONTHS_PER_YEAR = 12
PRO_RATA_RULE = (
    "each calendar month carries one twelfth of the yearly tonnes; a month the contract only touches carries "
    "its days over the days of that month"
)


class Settlement(StrEnum):
    """How long the reference is averaged before a payment is struck."""

    MONTHLY = "monthly"
    QUARTERLY = "quarterly"


_MONTHS = {Settlement.MONTHLY: 1, Settlement.QUARTERLY: 3}


@dataclass(frozen=True, slots=True)
class Period:
    """One settlement period, cut to the contract: its first and last day and the months it averages."""

    first_day: date
    last_day: date
    months: tuple[str, ...]
    months_carried: Decimal  # calendar months' worth of volume; 3 for a whole quarter

    def tonnes(self, tonnes_per_year: Decimal) -> Decimal:
        """Return the eligible tonnes of the period, by PRO_RATA_RULE."""
        return tonnes_per_year * self.months_carried / MONTHS_PER_YEAR


def month_of(day: date) -> str:
    """Return the day's month as YYYY-MM."""
    return f"{day.year:04d}-{day.month:02d}"


def month_after(month: str) -> str:
    """Return the next month.

    >>> month_after("2026-12")
    '2027-01'
    """
    year, number = int(month[:4]), int(month[5:])
    return f"{year + number // MONTHS_PER_YEAR:04d}-{number % MONTHS_PER_YEAR + 1:02d}"


def months_between(first: str, last: str) -> Iterator[str]:
    """Yield the months from first to last, both included."""
    month = first
    while month <= last:
        yield month
        month = month_after(month)


@lru_cache(maxsize=256)
def periods(first_day: date, last_day: date, settlement: Settlement) -> tuple[Period, ...]:
    """Return the settlement periods from the first to the last day of the contract, both included."""
    span = _MONTHS[settlement]
    grouped: dict[int, list[str]] = {}
    for month in months_between(month_of(first_day), month_of(last_day)):
        count = int(month[:4]) * MONTHS_PER_YEAR + int(month[5:]) - 1
        grouped.setdefault(count // span, []).append(month)
    return tuple(_period(months, first_day, last_day) for months in grouped.values())


def _period(months: list[str], first_day: date, last_day: date) -> Period:
    carried = sum((_share(month, first_day, last_day) for month in months), Decimal(0))
    first = max(first_day, _bounds(months[0])[0])
    last = min(last_day, _bounds(months[-1])[1])
    return Period(first, last, tuple(months), carried)


def _share(month: str, first_day: date, last_day: date) -> Decimal:
    start, end = _bounds(month)
    days = (min(end, last_day) - max(start, first_day)).days + 1
    return Decimal(days) / Decimal(end.day)


def _bounds(month: str) -> tuple[date, date]:
    year, number = int(month[:4]), int(month[5:])
    return date(year, number, 1), date(year, number, monthrange(year, number)[1])
