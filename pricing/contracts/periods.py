"""Settlement periods: calendar months or quarters cut to the contract, and the share of a year each one carries."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache

MONTHS_PER_YEAR = 12
MONTHS_NAMED = 6  # how many months a message lists
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


@lru_cache(maxsize=4096)
def month_number(month: str) -> int:
    """Return the count of a month since January of year 0, so that months can be added and divided."""
    return int(month[:4]) * MONTHS_PER_YEAR + int(month[5:]) - 1


def month_shifted(month: str, months: int) -> str:
    """Return the month so many months later, or earlier for a negative number.

    >>> month_shifted("2026-11", 3), month_shifted("2026-02", -3)
    ('2027-02', '2025-11')
    """
    number = month_number(month) + months
    return f"{number // MONTHS_PER_YEAR:04d}-{number % MONTHS_PER_YEAR + 1:02d}"


def month_after(month: str) -> str:
    """Return the next month.

    >>> month_after("2026-12")
    '2027-01'
    """
    return month_shifted(month, 1)


def months_between(first: str, last: str) -> Iterator[str]:
    """Yield the months from first to last, both included."""
    month = first
    while month <= last:
        yield month
        month = month_after(month)


@lru_cache(maxsize=4096)
def last_day_of(month: str) -> date:
    """Return the last day of a month."""
    year, number = int(month[:4]), int(month[5:7])
    return date(year, number, monthrange(year, number)[1])


def first_named(months: Sequence[str]) -> str:
    """Return months as a message lists them: the first few, and how many more there are."""
    more = f" and {len(months) - MONTHS_NAMED} more" if len(months) > MONTHS_NAMED else ""
    return ", ".join(months[:MONTHS_NAMED]) + more


def contract_year(start: date, day: date) -> int:
    """Return 1 for a day in the contract's first year, 2 in its second, and so on."""
    anniversaries = day.year - start.year - ((day.month, day.day) < (start.month, start.day))
    return anniversaries + 1


@lru_cache(maxsize=256)
def periods(first_day: date, last_day: date, settlement: Settlement) -> tuple[Period, ...]:
    """Return the settlement periods from the first to the last day of the contract, both included."""
    span = _MONTHS[settlement]
    grouped: dict[int, list[str]] = {}
    for month in months_between(month_of(first_day), month_of(last_day)):
        grouped.setdefault(month_number(month) // span, []).append(month)
    return tuple(_period(months, first_day, last_day) for months in grouped.values())


def _period(months: list[str], first_day: date, last_day: date) -> Period:
    carried = sum((month_share(month, first_day, last_day) for month in months), Decimal(0))
    first = max(first_day, last_day_of(months[0]).replace(day=1))
    last = min(last_day, last_day_of(months[-1]))
    return Period(first, last, tuple(months), carried)


@lru_cache(maxsize=16_384)
def month_share(month: str, first_day: date, last_day: date) -> Decimal:
    """Return the share of a month's days that lie between two days, both included."""
    end = last_day_of(month)
    days = (min(end, last_day) - max(end.replace(day=1), first_day)).days + 1
    return Decimal(max(0, days)) / Decimal(end.day)
