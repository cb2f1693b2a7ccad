"""When a contract fixes, settles and pays, as arrays over its settlement periods; and references as period averages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise

import numpy as np

from pricing.contracts.valuation.rules import Average, Rule
from pricing.errors import Fault, TermsError

Floats = np.ndarray


@dataclass(frozen=True, eq=False)
class Timing:
    """When payments of the periods (P,) are due, in years ahead, and the years they count in.

    `cap_years` are the years a money cap counts by, `fiscal_years` those a budget does; `first_fiscal_year` is the one
    whose money is granted next, seen from the day of valuation.
    """

    due_years: Floats
    cap_years: Floats
    fiscal_years: Floats
    first_fiscal_year: int

    @property
    def is_ahead(self) -> Floats:
        """Return which periods (P,) are due after the day of valuation."""
        return self.due_years > 0


@dataclass(frozen=True, eq=False)
class Schedule:
    """The settlement periods (P,): fixing months as places on the simulated months, due dates, and years.

    Dates and years are as in `Timing`; legs that are paid otherwise, as those of another contract on the same periods,
    have a timing `apart`, by name. Without a `first_fiscal_year` money is granted from the first period's on.
    References are items averaged over the fixing months or, where `rules` are given, one by each rule.
    """

    fixing_months: tuple[tuple[int, ...], ...]
    due_years: Floats
    cap_years: Floats
    fiscal_years: Floats
    rules: tuple[Rule, ...] = ()
    first_fiscal_year: int | None = None
    apart: Mapping[str, Timing] = field(default_factory=dict)

    def __post_init__(self) -> None:
        count = len(self.fixing_months)
        faults = [
            Fault(f"schedule.{name}", f"shape {np.shape(getattr(self, name))}", f"({count},), one per period")
            for name in ("due_years", "cap_years", "fiscal_years")
            if np.shape(getattr(self, name)) != (count,)
        ]
        if not count or not all(self.fixing_months):
            faults.append(Fault("schedule.fixing_months", "a period without a fixing", "at least one month each"))
        if not faults:
            faults = [
                Fault(f"schedule.{name}", "a year before that of the period before", "years in order")
                for name in ("cap_years", "fiscal_years")
                if not _in_order(getattr(self, name).tolist())
            ]
        if faults:
            raise TermsError(*faults)

    @classmethod
    def regular(cls, months: int, months_per_period: int, first_month: int = 1, fiscal_starts: int = 1) -> Schedule:
        """Return back-to-back periods over `months`, each paid at its end, cap years being calendar years from 0.

        `first_month` is the calendar month (1 to 12) of the first simulated month, `fiscal_starts` that of a fiscal
        year; month i is i + 1 twelfths of a year ahead.
        """
        ends = np.arange(months_per_period, months + 1, months_per_period)
        return cls(
            tuple(tuple(range(end - months_per_period, end)) for end in ends.tolist()),
            ends / 12,
            (first_month - 1 + ends - 1) // 12,
            (first_month - fiscal_starts + ends - 1) // 12,
        )

    @cached_property
    def timing(self) -> Timing:
        """Return when payments are due and count, but for legs that are paid apart."""
        first = self.first_fiscal_year
        return Timing(
            self.due_years, self.cap_years, self.fiscal_years, int(self.fiscal_years[0]) if first is None else first
        )

    def timing_of(self, leg: str) -> Timing:
        """Return when a leg's payments are due and count."""
        return self.apart.get(leg, self.timing)

    def references(self, prices: Floats) -> Floats:
        """Return the mean over each period's fixings, or what each rule makes of them (R, P, N).

        `prices` are by month (M, T, N), none where M is 0; TermsError where they end before the last fixing.
        """
        if not len(prices):
            return np.empty((0, len(self.fixing_months), prices.shape[2]))
        months = prices.shape[1]
        if self._last >= months:
            allowed = f"0 to {months - 1}, those simulated"
            raise TermsError(Fault("schedule.fixing_months", f"month {self._last}", allowed))
        if not self.rules and self._monthly and months == len(self.fixing_months):
            return prices
        rules = self.rules or tuple(Average(item, self.fixing_months) for item in range(len(prices)))
        found = {rule: rule.of(prices) for rule in self._once or rules}
        if len(found) == 1:  # contracts that look at one price by one rule share its array
            (only,) = found.values()
            return np.broadcast_to(only, (len(rules), *only.shape))
        return np.stack([found[rule] for rule in rules])

    @cached_property
    def _last(self) -> int:
        return max(max(fixings) for fixings in self.fixing_months)

    @cached_property
    def _monthly(self) -> bool:
        """Return whether every period fixes in one month of its own, in order."""
        return self.fixing_months == tuple((month,) for month in range(len(self.fixing_months)))

    @cached_property
    def _once(self) -> tuple[Rule, ...]:
        """Return each rule once, whatever number of references follow it."""
        return tuple(dict.fromkeys(self.rules))


def _in_order(years: list[int]) -> bool:
    return all(earlier <= later for earlier, later in pairwise(years))
