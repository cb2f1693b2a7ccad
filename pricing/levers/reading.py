"""Overrides from plain rows, such as {"lever": "wages.china", "scale": 1.1, "from": "2027-01", "to": "2027-12"}.

Every fault of every row is noted before anything is refused; a path says where it stands, such as overrides.2.lever.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations

from pricing.errors import Fault, InputError
from pricing.levers.lever import Lever, Levers, Way
from pricing.levers.months import FELT, Window, felt
from pricing.levers.override import Override
from pricing.levers.words import nearest, number, shown

MOST = 8  # overrides of one scenario: each is solved alone too, for the bridge
PATH = "overrides"
FIRST, LAST = "from", "to"
FIELDS = ("lever", *(way.value for way in Way), FIRST, LAST)
Row = Mapping[str, object]


def read_overrides(
    rows: object, levers: Levers, baselines: Mapping[str, float], months: tuple[str, str]
) -> tuple[Override, ...]:
    """Return the overrides of plain rows, in their order; an empty list is the baseline.

    `baselines` has the baseline of every lever, in its unit; `months` are the first and the last an override may name.
    Raises one InputError with every fault.
    """
    reading = Reading(levers, baselines, Window(*months), [])
    found = [reading.override(i, row) for i, row in enumerate(reading.listed(rows))]
    reading.compare(found)
    if reading.faults:
        raise InputError(*reading.faults)
    return tuple(override for override in found if override is not None)


def plain(overrides: Sequence[Override]) -> list[dict[str, str | float]]:
    """Return the rows that `read_overrides` reads back, each written in one way only."""
    return [_row(override) for override in overrides]


def _row(override: Override) -> dict[str, str | float]:
    row: dict[str, str | float] = {"lever": override.lever.name, override.way.value: override.amount}
    months = {FIRST: override.first, LAST: override.last}
    return row | {name: month for name, month in months.items() if month is not None}


@dataclass
class Reading:
    """The rows of one scenario being read, and the faults found so far."""

    levers: Levers
    baselines: Mapping[str, float]
    window: Window
    faults: list[Fault]

    def listed(self, rows: object) -> list[object]:
        """Return the rows, not more than are allowed; what is no list has none."""
        if not isinstance(rows, list | tuple):
            self._note(PATH, rows, "a list of overrides; an empty one is the baseline")
            return []
        if len(rows) > MOST:
            self._note(PATH, f"{len(rows)} overrides", f"at most {MOST}")
        return list(rows[:MOST])

    def override(self, index: int, row: object) -> Override | None:
        """Return the override of one row; None where it has a fault."""
        path, before = f"{PATH}.{index}", len(self.faults)
        if not isinstance(row, Mapping):
            self._note(path, row, f"an object with {', '.join(FIELDS)}")
            return None
        lever = self._lever(f"{path}.lever", row.get("lever"))
        way = self._way(path, row, lever)
        amount = None if way is None else self._amount(f"{path}.{way}", row[way], lever, way)
        first, last = self._months(path, row)
        self._unknown(path, row)
        if lever is None or way is None or amount is None or len(self.faults) > before:
            return None
        return Override(lever, way, amount, self.baselines[lever.name], first, last)

    def compare(self, found: Sequence[Override | None]) -> None:
        """Note every lever that stands twice in one month; overrides of different levers compose."""
        for (_, one), (later, other) in combinations(enumerate(found), 2):
            if one is not None and other is not None and one.lever is other.lever and self._meet(one, other):
                again = f"{other.lever.name} a second time"
                self._note(f"{PATH}.{later}.lever", again, "a lever once in any month; give one value, or other months")

    def _lever(self, path: str, name: object) -> Lever | None:
        if isinstance(name, str) and name in self.levers.rows:
            return self.levers.rows[name]
        families = dict.fromkeys(known.partition(".")[0] for known in self.levers.rows)
        allowed = f"a lever; there are {', '.join(families)}"
        self._note(path, name, allowed, nearest(name, self.levers) if isinstance(name, str) else None)
        return None

    def _way(self, path: str, row: Row, lever: Lever | None) -> Way | None:
        """Return the one way that a row states, if its lever has it."""
        ways = lever.ways if lever else tuple(Way)
        stated = [way for way in Way if row.get(way) is not None]
        if len(stated) != 1:
            self._note(path, " and ".join(stated) or None, f"exactly one of {', '.join(ways)}")
            return None
        if stated[0] not in ways:
            self._note(f"{path}.{stated[0]}", row[stated[0]], f"{' or '.join(ways)}, the ways of this lever")
            return None
        return stated[0]

    def _amount(self, path: str, found: object, lever: Lever | None, way: Way) -> float | None:
        """Return a finite number that is sensible for its lever."""
        amount = _finite(found)
        if lever is None:
            if amount is None:
                self._note(path, found, "a finite number")
            return amount
        baseline = self.baselines[lever.name]
        if way is Way.SCALE and baseline == 0:
            others = [other for other in lever.ways if other is not way]
            self._note(path, found, f"{' or '.join(others)}: the baseline of {lever.name} is nil")
            return None
        if amount is not None and lever.sensible(lever.value(way, amount, baseline), baseline):
            return amount
        self._note(path, found, _allowed(lever, way, baseline))
        return None

    def _months(self, path: str, row: Row) -> tuple[str | None, str | None]:
        """Return the first and the last month; without `from` an override with an end begins now."""
        before = len(self.faults)
        first, last = (self._month(f"{path}.{name}", row.get(name)) for name in (FIRST, LAST))
        if len(self.faults) > before or (first is None and last is None):
            return None, None
        first = first or self.window.first
        if last is not None and last < first:
            self._note(f"{path}.{LAST}", last, f"a month from {first} to {self.window.last}")
        elif not felt(first, last or self.window.last):
            spell = f"{first} to {last or self.window.last}"
            self._note(path, spell, f"at least {FELT} months of one calendar quarter: paths run in quarters")
        return first, last

    def _month(self, path: str, found: object) -> str | None:
        if found is None:
            return None
        if isinstance(found, str) and found in self.window:
            return found
        self._note(path, found, str(self.window))
        return None

    def _unknown(self, path: str, row: Row) -> None:
        for name in row:
            if name not in FIELDS:
                near = difflib.get_close_matches(shown(name).lower(), FIELDS, n=1)
                self._note(f"{path}.{shown(name)}", name, f"one of {', '.join(FIELDS)}", near[0] if near else None)

    def _meet(self, one: Override, other: Override) -> bool:
        starts = [override.first or self.window.first for override in (one, other)]
        ends = [override.last or self.window.last for override in (one, other)]
        return max(starts) <= min(ends)

    def _note(self, path: str, found: object, allowed: str, near: str | None = None) -> None:
        self.faults.append(Fault(path, shown(found), allowed, near))


def _finite(found: object) -> float | None:
    """Return a number as a float; None where it is none, or beyond what a float holds."""
    if isinstance(found, bool) or not isinstance(found, int | float | Decimal):
        return None
    try:
        value = float(found)
    except (OverflowError, ValueError):
        return None
    return value if math.isfinite(value) else None


def _allowed(lever: Lever, way: Way, baseline: float) -> str:
    """Return the numbers a way of stating takes, with the range of evidence."""

    def stated(value: float) -> str:
        if way is Way.SCALE:
            return number(value / baseline)
        return number(value - baseline if way is Way.ADD else value)

    (least, most), (low, high) = lever.bounds(baseline), lever.range(baseline)
    unit = "times the baseline" if way is Way.SCALE else lever.unit
    beyond = f" on top of {number(baseline)}" if way is Way.ADD else ""
    reach = f"evidence reaches from {stated(low)} to {stated(high)}"
    return f"a number from {stated(least)} to {stated(most)} ({unit}){beyond}; {reach}"
