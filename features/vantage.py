"""Vantage: what a month of a market history is built from, seen with all rows or on the month's own vintage day."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from features.banded import Banded
from features.expert_paths import ExpertPath
from features.panel import vintage_day
from features.readings import Readings, View
from pricing.errors import DataError
from pricing.market.history import Evidence, Floats

FIRST_YEAR = 2007
MID_YEAR = 0.5
MID_MONTH = 0.5 / 12


@dataclass(frozen=True)
class Vantage:
    """The series and expert points known on `day` (None: all), asked about the months `months`."""

    view: View
    day: date | None
    months: tuple[str, ...]
    experts: Mapping[str, ExpertPath]

    @property
    def years(self) -> np.ndarray:
        """Return the calendar years around the months (Y,), one beyond the last."""
        return np.arange(FIRST_YEAR, int(self.months[-1][:4]) + 2)

    @property
    def mid_years(self) -> Floats:
        """Return the middle of each year (Y,) in decimal years."""
        return self.years + MID_YEAR

    @property
    def wanted(self) -> Floats:
        """Return the middle of each month (T,) in decimal years."""
        return np.array([int(m[:4]) + (int(m[5:7]) - 1) / 12 + MID_MONTH for m in self.months])

    def path(self, name: str) -> Banded:
        """Return an expert number at the months (T,)."""
        return self._path(name).at(self.wanted, self.day)

    def path_yearly(self, name: str) -> Banded:
        """Return an expert number at the years (Y,)."""
        return self._path(name).at(self.mid_years, self.day)

    def dated_yearly(self, name: str) -> Floats:
        """Return the values of an expert path in the years that hold a point known by then (Y,), NaN elsewhere."""
        path = self._path(name)
        seen = path.known <= np.datetime64(self.day) if self.day else np.full(len(path.when), True)
        found = dict(zip(np.floor(path.when[seen]).astype(int).tolist(), path.points.value[seen].tolist(), strict=True))
        return np.array([found.get(int(year), np.nan) for year in self.years])

    def to_months(self, yearly: Banded) -> Banded:
        """Return a yearly quantity (Y,) at the months (T,): straight lines between mid-years."""
        return yearly.spread(self.mid_years, self.wanted)

    def none(self) -> Banded:
        """Return nil at the months (T,)."""
        return Banded.sure(np.zeros(len(self.months)), Evidence.DERIVED)

    def _path(self, name: str) -> ExpertPath:
        if name not in self.experts:
            msg = f"expert number {name} is missing; add it to supply.yaml or demand.yaml."
            raise DataError(msg)
        return self.experts[name]


def vantages(
    readings: Readings, months: Sequence[str], experts: Mapping[str, ExpertPath], vintage: str
) -> Iterator[Vantage]:
    """Yield one vantage over all months (latest), or one per month as first known on its vintage day (as_known)."""
    if vintage == "latest":
        yield Vantage(readings.known_by(None), None, tuple(months), experts)
        return
    for month in months:
        day = vintage_day(month)
        yield Vantage(readings.known_by(day), day, (month,), experts)
