"""Forecasts as a bundle holds them: what was said at every origin month, the verdicts, the record, the fitted models.

Plain columns in JSON; intervals are symmetric in ln(price), so a point and half-widths say all of them.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import exp
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pricing.errors import BundleError
from pricing.forecast.scores import LEVELS

HORIZONS = tuple(range(1, 25))  # months
SCORED_HORIZONS = (1, 3, 6, 12, 24)
PLACES = ("fob_china", "china_domestic", "ex_china")
PLACE_WORDS = {
    "fob_china": "FOB China, VAT not refunded",
    "china_domestic": "China domestic, ex VAT",
    "ex_china": "delivered outside China",
}
COLUMNS = (
    "month",
    "known_on",
    "base",
    "base_month",
    "base_day",
    "evidence",
    "source",
    "quoted",
    "point",
    "half",
    "thin",
)
STANDING = "standing"  # a column that bundles of the first method lack
HEADLINE = "headline"  # the regime of a record's rows by which forecasts are judged
POOLED = "all"  # the material of a record's rows in which all materials of a place are judged together
VERDICT_COLUMNS = ("month", "ratio", "resolved", "used")


@dataclass(frozen=True, slots=True)
class Standing:
    """The error of what was served over that of the last quote, and the ends of its band; None where too short.

    `skill` is whether the record allows one to claim skill; None where it is too short for a verdict, and where a
    bundle is of a method before the third, which claimed on records too short: `judged` tells which.
    """

    rmsse: float | None
    low: float | None
    high: float | None
    skill: bool | None = None
    judged: bool = False


def standing_of(found: Sequence[Any]) -> Standing:
    """Return a standing as a bundle holds it: a ratio, the ends of its band, and from the third method on a verdict."""
    rmsse, low, high, *verdict = found
    return Standing(rmsse, low, high, verdict[0] if verdict else None, bool(verdict))


@dataclass(frozen=True, slots=True)
class Said:
    """What was said at one origin: the base quote in USD/kg oxide, and by horizon the point and ln half-widths."""

    month: str
    known_on: str
    base: float
    base_month: str
    base_day: str  # empty where only a monthly mean is known
    evidence: str
    source: str
    quoted: bool  # the base is a quote of this very market and month, which alone is judged
    point: Sequence[float]
    half: Sequence[Sequence[float]]  # by level, then by horizon
    thin: bool  # quotes of this market are so few that intervals were widened
    standing: Sequence[Sequence[float | bool | None] | None] | None = None  # by horizon, see `standing_of`

    @property
    def mean_base(self) -> bool:
        """Return whether the base is its month's mean, because the last quote is not known."""
        return not self.base_day

    def stands(self, horizon: int) -> Standing | None:
        """Return what the record of this material had shown by then; None where models were never served, or unsaid."""
        found = self.standing[horizon - 1] if self.standing else None
        return standing_of(found) if found else None

    def interval(self, level: int, horizon: int) -> tuple[float, float]:
        """Return the ends of the interval at a level in per cent and a horizon in months, USD/kg."""
        wide = exp(self.half[LEVELS.index(level)][horizon - 1])
        return self.point[horizon - 1] / wide, self.point[horizon - 1] * wide


@dataclass(frozen=True, slots=True)
class Skill:
    """The verdict of one place at one origin, by horizon; ratio is None where nothing was resolved yet."""

    ratio: Sequence[float | None]
    resolved: Sequence[int]
    used: Sequence[bool]


@dataclass(frozen=True)
class Target:
    """Everything said of one material at one place, oldest first; origins count as judged from a month on."""

    said: tuple[Said, ...]
    judged_from: str = ""

    def on(self, day: str) -> Said | None:
        """Return what was said last by a day YYYY-MM-DD; None before the first."""
        place = bisect_right(self._known_on, day) - 1
        return self.said[place] if place >= 0 else None

    def coverage(self, day: str) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return how many forecasts a day has resolved (horizons,), and how many of them held (levels, horizons).

        They are those of the record's headline: origins before it stand apart, here as there.
        """
        place = bisect_right(self._known_on, day) - 1
        counts, inside = self._resolved
        if place < 0:
            return np.zeros_like(counts[0]), np.zeros_like(inside[0])
        return counts[place], inside[place]

    @cached_property
    def _known_on(self) -> list[str]:
        return [one.known_on for one in self.said]

    @cached_property
    def _resolved(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return running counts by origin place: resolved (n, horizons), inside (n, levels, horizons)."""
        number = np.array([_month_number(one.month) for one in self.said])
        quote = np.array([np.log(one.base) if one.quoted else np.nan for one in self.said])
        point = np.log(np.array([one.point for one in self.said]))
        half = np.array([one.half for one in self.said])
        counted = np.array([one.month >= self.judged_from for one in self.said])
        counts = np.zeros((len(number), len(HORIZONS)), dtype=np.int64)
        inside = np.zeros((len(number), len(LEVELS), len(HORIZONS)), dtype=np.int64)
        for column, horizon in enumerate(HORIZONS):
            then = np.searchsorted(number, number - horizon)
            known = (number[then] == number - horizon) & np.isfinite(quote + quote[then]) & counted[then]
            counts[:, column] = known
            missed = np.abs(quote - point[then, column])[:, None] > half[then, :, column]
            inside[:, :, column] = known[:, None] & ~missed
        return np.cumsum(counts, axis=0), np.cumsum(inside, axis=0)


@dataclass(frozen=True)
class Forecasts:
    """All that a bundle says of the market to come."""

    method: str
    targets: Mapping[tuple[str, str], Target]  # by place and material
    skill: Mapping[str, Mapping[str, Skill]]  # by place and month
    refused: Mapping[tuple[str, str], str]  # why there is no forecast
    cautions: Mapping[tuple[str, str], tuple[str, str]]  # the month from which on, and the text
    record: tuple[Mapping[str, Any], ...]
    bad_months: tuple[Mapping[str, Any], ...]

    def said(self, place: str, material: str, day: str) -> Said | None:
        """Return what was said last by a day; None where nothing was."""
        target = self.targets.get((place, material))
        return None if target is None else target.on(day)

    def caution(self, place: str, material: str, month: str) -> str:
        """Return what to know of a market in a month; empty where there is nothing."""
        first, text = self.cautions.get((place, material), (month, ""))
        return text if month >= first else ""

    def quotes(self, place: str, material: str, month: str) -> list[tuple[str, float]]:
        """Return the months with a quote of a market up to a month, and the last quote of each, USD/kg."""
        said = self.targets[place, material].said
        return [(one.month, one.base) for one in said if one.quoted and one.month <= month]


def read_forecasts(plain: Mapping[str, Any]) -> Forecasts | None:
    """Return the forecasts of a bundle's `forecasts.json`; None where the bundle has none. BundleError when torn."""
    if not plain:
        return None
    try:
        return Forecasts(
            method=plain["method"],
            targets={
                (p, m): _target(c, _judged_from(plain["record"]))
                for p, materials in plain["targets"].items()
                for m, c in materials.items()
            },
            skill={place: _skill(columns) for place, columns in plain["skill"].items()},
            refused={(p, m): why for p, materials in plain["refused"].items() for m, why in materials.items()},
            cautions={
                (p, m): (known["from"], known["text"])
                for p, materials in plain["cautions"].items()
                for m, known in materials.items()
            },
            record=tuple(plain["record"]),
            bad_months=tuple(plain["bad_months"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as fault:
        msg = f"bundle: forecasts.json cannot be read ({type(fault).__name__}: {fault}). Train again with this version."
        raise BundleError(msg) from fault


def _judged_from(record: Sequence[Mapping[str, Any]]) -> str:
    """Return the first origin of the record's headline; empty where nothing of it is resolved."""
    return min((row["first_origin"] for row in record if row["regime"] == HEADLINE), default="")


def _target(columns: Mapping[str, Sequence[Any]], judged_from: str) -> Target:
    standing = columns.get(STANDING, [None] * len(columns["month"]))
    rows = zip(*(columns[name] for name in COLUMNS), standing, strict=True)
    return Target(tuple(Said(*row) for row in rows), judged_from)


def _skill(columns: Mapping[str, Sequence[Any]]) -> dict[str, Skill]:
    rows = zip(*(columns[name] for name in VERDICT_COLUMNS), strict=True)
    return {month: Skill(ratio, resolved, used) for month, ratio, resolved, used in rows}


def _month_number(month: str) -> int:
    return int(month[:4]) * 12 + int(month[5:7])
