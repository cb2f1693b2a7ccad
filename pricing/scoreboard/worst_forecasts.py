"""The forecasts that missed by most: those the headline counts, and earlier ones apart."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pricing.forecast.published import Forecasts
from pricing.scoreboard.forecast_rows import ForecastRow
from pricing.scoreboard.settings import HEADLINE


@dataclass(frozen=True, slots=True)
class WorstForecasts:
    """Largest absolute misses in ln(price) at each distance, largest first."""

    headline: tuple[ForecastRow, ...]
    before: tuple[ForecastRow, ...]


def headline_from(found: Forecasts | None) -> str:
    """Return the first month from which a forecast counts in the headline of the record; empty without one."""
    first = (str(row["first_origin"]) for row in (found.record if found else ()) if row["regime"] == HEADLINE)
    return min(first, default="")


def worst_forecasts(rows: Iterable[ForecastRow], first: str, most: int) -> WorstForecasts:
    """Return so many judged forecasts of each distance, made from a month on, and as many of those made before."""
    judged = [row for row in rows if row.miss_ln is not None]
    return WorstForecasts(
        _largest((row for row in judged if row.month >= first), most),
        _largest((row for row in judged if row.month < first), most),
    )


def _largest(rows: Iterable[ForecastRow], most: int) -> tuple[ForecastRow, ...]:
    by_distance: dict[int, list[ForecastRow]] = {}
    for row in sorted(rows, key=lambda row: (row.months_ahead, -abs(row.miss_ln or 0.0))):
        by_distance.setdefault(row.months_ahead, []).append(row)
    return tuple(row for own in by_distance.values() for row in own[:most])
