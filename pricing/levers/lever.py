"""One lever: a number of the world that a scenario may change; its unit, its range of evidence, what it moves."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from pricing.errors import DataError


class Way(StrEnum):
    """How an override states its value."""

    SET = "set"  # the value itself, in the lever's unit
    SCALE = "scale"  # times the baseline
    ADD = "add"  # on top of the baseline, in the lever's unit


class Through(StrEnum):
    """How a lever's value acts on its targets; `old` is what stands there at the baseline.

    Whatever levers meet on one target: `old`, its uses grown, times the product of their factors, plus the sum of their
    shifts, so that their order never matters.
    """

    LEVEL = "level"  # baseline: the mean of the targets. Factor value / baseline; a shift where the baseline is nil
    INVERSE = "inverse"  # baseline: one over the mean of the targets. Factor baseline / value
    RATIO = "ratio"  # baseline 1. Factor `value`
    LOST_SHARE = "lost_share"  # baseline 0. Factor 1 - value
    SHARE_OF_COST = "share_of_cost"  # baseline 0. Shift of value x the source's undistorted cost
    USE = "use"  # baseline 1. The share of the use `use` in old grows to share x value; shares of uses add up
    UNITS = "units"  # units a year, baseline stated. Shift of (units x kg - baseline) x content of a new use
    KG = "kg"  # kg of magnet a unit of the same use, baseline stated


@dataclass(frozen=True, slots=True)
class Lever:
    """One lever. `low` to `high` is what evidence was seen for; outside it an answer is `extrapolated`.

    `least` and `most` bound what makes sense at all: beyond them an override is refused. All four are in `unit`, or
    ratios to the baseline where `range_is_ratio`.
    """

    name: str  # dotted, from the group down: wages.united_states
    title: str
    group: str  # costs, policy, demand, supply
    unit: str
    through: Through
    targets: tuple[str, ...]  # dotted, `*` for every name at its place; see pricing/scenarios/targets.py
    ways: tuple[Way, ...]
    low: float
    high: float
    least: float
    most: float
    range_is_ratio: bool
    moves: str  # what it moves, in words
    source: str
    as_of: str
    use: str = ""  # of USE, UNITS and KG
    stated: float | None = None  # the baseline, where it is stated and stands nowhere in the model
    aliases: tuple[str, ...] = ()  # what else callers say, lower case; looked up when a name is unknown

    def __post_init__(self) -> None:
        if not self.least <= self.low <= self.high <= self.most:
            found = f"{self.least}, {self.low}, {self.high}, {self.most}"
            msg = f"Lever {self.name}: need least <= low <= high <= most, got {found}."
            raise DataError(msg)
        if not self.ways or not self.targets:
            msg = f"Lever {self.name}: need a way and a target, got {self.ways} and {self.targets}."
            raise DataError(msg)

    def value(self, way: Way, amount: float, baseline: float) -> float:
        """Return the lever's value under an override, in its unit."""
        if way is Way.SET:
            return amount
        return baseline * amount if way is Way.SCALE else baseline + amount

    def within(self, value: float, baseline: float) -> bool:
        """Return whether evidence was seen for a value."""
        return _inside(self._measured(value, baseline), self.low, self.high)

    def beyond(self, value: float, baseline: float) -> float:
        """Return how far a value lies outside the range of evidence, in widths of that range; nil within it.

        A range without width counts as reached from one width away.
        """
        if self.within(value, baseline):
            return 0.0
        low, high = self.range(baseline)
        distance = max(low - value, value - high)
        return distance / ((high - low) or distance)

    def sensible(self, value: float, baseline: float) -> bool:
        """Return whether a value makes sense at all."""
        return _inside(self._measured(value, baseline), self.least, self.most)

    def range(self, baseline: float) -> tuple[float, float]:
        """Return the range of evidence in the lever's unit."""
        times = baseline if self.range_is_ratio else 1.0
        return self.low * times, self.high * times

    def bounds(self, baseline: float) -> tuple[float, float]:
        """Return the range outside which an override is refused, in the lever's unit."""
        times = baseline if self.range_is_ratio else 1.0
        return self.least * times, self.most * times

    def _measured(self, value: float, baseline: float) -> float:
        if not self.range_is_ratio or value == baseline == 0:
            return value if not self.range_is_ratio else 1.0
        return value / baseline if baseline else math.inf


def _inside(value: float, low: float, high: float) -> bool:
    slack = 1e-9 * max(abs(low), abs(high), 1.0)
    return math.isfinite(value) and low - slack <= value <= high + slack


@dataclass(frozen=True)
class Levers:
    """All levers by name, in the order of the file."""

    rows: Mapping[str, Lever]

    @classmethod
    def from_rows(cls, rows: Iterable[Mapping[str, Any]]) -> Levers:
        """Return the levers of plain rows. DataError where a row is incomplete or a name stands twice."""
        found: dict[str, Lever] = {}
        for row in rows:
            lever = _lever(row)
            if lever.name in found:
                msg = f"Lever {lever.name} is given twice; keep one."
                raise DataError(msg)
            found[lever.name] = lever
        return cls(found)

    def plain(self) -> list[dict[str, Any]]:
        """Return the rows that `from_rows` reads back."""
        names = Lever.__dataclass_fields__
        return [
            {name: list(value) if isinstance(value := getattr(lever, name), tuple) else value for name in names}
            for lever in self.rows.values()
        ]


def _lever(row: Mapping[str, Any]) -> Lever:
    try:
        return Lever(
            **{
                **row,
                "through": Through(row["through"]),
                "targets": tuple(row["targets"]),
                "ways": tuple(Way(way) for way in row["ways"]),
                "aliases": tuple(row.get("aliases", ())),
            }
        )
    except (KeyError, TypeError, ValueError) as fault:
        msg = f"Lever {row.get('name', '?')}: {fault}; every row states {', '.join(Lever.__dataclass_fields__)}."
        raise DataError(msg) from fault
