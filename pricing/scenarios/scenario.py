"""A scenario: overrides on the baseline, for good or on a path of calendar quarters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pricing.levers import Override

MONTHS = 3  # of a quarter
MONTHS_A_YEAR = 12
AFTER_YEARS = 3  # a path goes on after the last dated override ends
LONGEST_YEARS = 15


@dataclass(frozen=True)
class Scenario:
    """Overrides in a fixed order. It is a path as soon as one of them begins or ends."""

    overrides: tuple[Override, ...]

    @classmethod
    def of(cls, overrides: Sequence[Override]) -> Scenario:
        """Return the scenario of overrides, in the order of their levers and months, whatever order they came in."""
        return cls(tuple(sorted(overrides, key=lambda o: (o.lever.name, o.first or "", o.last or ""))))

    @property
    def dated(self) -> bool:
        """Return whether the scenario is a path."""
        return any(override.dated for override in self.overrides)

    def alone(self) -> list[Scenario]:
        """Return each override as a scenario of its own."""
        return [Scenario((override,)) for override in self.overrides]

    def in_force(self, quarter: str) -> tuple[Override, ...]:
        """Return the overrides in force in most months of a quarter (YYYY-Qn)."""
        months = months_of(quarter)
        return tuple(o for o in self.overrides if sum(_holds(o, month) for month in months) * 2 > len(months))


def quarters_from(month: str, scenario: Scenario) -> tuple[str, ...]:
    """Return the quarters of a scenario's path, from the first whole one after `month`."""
    first = month_number(month) // MONTHS + 1
    ends = [month_number(m) for o in scenario.overrides for m in (o.first, o.last) if m is not None]
    last = max(ends) // MONTHS + AFTER_YEARS * MONTHS_A_YEAR // MONTHS
    return tuple(_quarter(number) for number in range(first, max(last, first) + 1))


def last_allowed(month: str) -> str:
    """Return the last month an override may name, given the month of the baseline."""
    return month_of(month_number(month) + (LONGEST_YEARS - AFTER_YEARS) * MONTHS_A_YEAR)


def months_of(quarter: str) -> tuple[str, ...]:
    """Return the months of a quarter."""
    year, number = quarter.split("-Q")
    return tuple(f"{year}-{MONTHS * (int(number) - 1) + i + 1:02d}" for i in range(MONTHS))


def month_number(month: str) -> int:
    """Return months since the year nil."""
    return MONTHS_A_YEAR * int(month[:4]) + int(month[5:7]) - 1


def month_of(number: int) -> str:
    """Return the month of a number of months since the year nil."""
    return f"{number // MONTHS_A_YEAR}-{number % MONTHS_A_YEAR + 1:02d}"


def _quarter(number: int) -> str:
    a_year = MONTHS_A_YEAR // MONTHS
    return f"{number // a_year}-Q{number % a_year + 1}"


def _holds(override: Override, month: str) -> bool:
    after = override.first is None or override.first <= month
    return after and (override.last is None or month <= override.last)
