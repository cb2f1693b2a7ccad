"""The long table every series lives in: (series, date, known_at, value), and what it says month by month.

`date` is what a value speaks of (first day of the month or half-year, 31 December of a year, the day in force of a
step); `known_at` is the day it became public. A correction is another row with the same date and a later `known_at`.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pricing.errors import DataError

COLUMNS = ("series", "date", "known_at", "value")
VINTAGE_DAY = 20  # of the month after the one priced: by then its mean, FX and CPI have been published

How = Literal["exact", "carry", "step", "annual_linear"]
FloatArray = NDArray[np.float64]


def vintage_day(month: str) -> date:
    """Return the day on which a month is first priced: the 20th of the next month."""
    later = pd.Period(month, "M") + 1
    return date(later.year, later.month, VINTAGE_DAY)


def month_number(months: Sequence[str]) -> NDArray[np.int64]:
    """Return months since year 0 of each YYYY-MM (T,)."""
    return np.array([int(month[:4]) * 12 + int(month[5:7]) - 1 for month in months], dtype=np.int64)


@dataclass(frozen=True)
class Panel:
    """Observations sorted by series, date and known_at; never edited in place."""

    frame: pd.DataFrame

    def as_known(self, as_of: date) -> Panel:
        """Return the panel with only the rows public on the day."""
        return Panel(self.frame[self.frame["known_at"] <= pd.Timestamp(as_of)].reset_index(drop=True))

    def series(self, name: str) -> pd.DataFrame:
        """Return (date, known_at, value) of one series, sorted by date and known_at; DataError when it is missing."""
        if name not in self._bounds:
            near = difflib.get_close_matches(name, self._bounds, n=1)
            hint = f" Nearest name: {near[0]}." if near else ""
            msg = f"series {name} is missing from the panel.{hint} Import it, or ask for a series of the catalogue."
            raise DataError(msg)
        start, stop = self._bounds[name]
        return self.frame.iloc[start:stop][["date", "known_at", "value"]].reset_index(drop=True)

    @property
    def names(self) -> list[str]:
        """Return the names of all series, sorted."""
        return list(self._bounds)

    @cached_property
    def _bounds(self) -> dict[str, tuple[int, int]]:
        names = self.frame["series"].to_numpy(dtype=object)
        if not len(names):
            return {}
        edges = np.flatnonzero(names[1:] != names[:-1]) + 1
        starts, stops = np.r_[0, edges], np.r_[edges, len(names)]
        return {str(names[a]): (int(a), int(b)) for a, b in zip(starts, stops, strict=True)}


def check_panel(frame: pd.DataFrame) -> Panel:
    """Return the frame as a Panel, sorted; DataError names the first row that is not a dated, finite, single value."""
    missing = [column for column in COLUMNS if column not in frame]
    if missing:
        msg = f"panel: missing column {', '.join(missing)}; expected {', '.join(COLUMNS)}."
        raise DataError(msg)
    table = frame[list(COLUMNS)].copy()
    for column in ("date", "known_at"):
        table[column] = pd.to_datetime(table[column]).astype("datetime64[s]")
    table["value"] = table["value"].astype(float)
    bad = ~np.isfinite(table["value"].to_numpy()) | table[["date", "known_at"]].isna().any(axis=1).to_numpy()
    _refuse(table, bad, "is not a dated, finite number")
    table = table.sort_values(["series", "date", "known_at"], ignore_index=True)
    _refuse(table, table.duplicated(["series", "date", "known_at"]).to_numpy(), "stands there twice")
    return Panel(table)


def monthly(panel: Panel, name: str, months: Sequence[str], *, how: How) -> FloatArray:
    """Return a series at each month (T,), from all rows of the panel.

    `exact`: the value dated in the month, else NaN. `carry`: the last value dated in or before the month. `step`: the
    value in force on the month's last day. `annual_linear`: yearly values spread over months by straight lines between
    mid-years, held level at both ends.
    """
    points = _Points.of(panel, name)
    return points.at(month_number(months), how)


def monthly_as_first_known(panel: Panel, name: str, months: Sequence[str], *, how: How) -> FloatArray:
    """Return a series at each month (T,), each month read from the rows public on its vintage day alone."""
    points = _Points.of(panel, name)
    numbers = month_number(months)
    days = np.array([vintage_day(month) for month in months], dtype="datetime64[s]")
    found = [points.known(day).at(number[None], how)[0] for day, number in zip(days, numbers, strict=True)]
    return np.array(found, dtype=float)


@dataclass(frozen=True)
class _Points:
    """One series as arrays: months since year 0 of each date, day known, value; sorted by date, then known_at."""

    day: NDArray[np.datetime64]
    month: NDArray[np.int64]
    known_at: NDArray[np.datetime64]
    value: FloatArray

    @classmethod
    def of(cls, panel: Panel, name: str) -> _Points:
        table = panel.series(name)
        days = table["date"].to_numpy().astype("datetime64[s]")
        months = days.astype("datetime64[M]").astype(np.int64) + 1970 * 12
        return cls(days, months, table["known_at"].to_numpy().astype("datetime64[s]"), table["value"].to_numpy())

    def known(self, day: np.datetime64) -> _Points:
        kept = self.known_at <= day
        return _Points(self.day[kept], self.month[kept], self.known_at[kept], self.value[kept])

    def latest(self) -> _Points:
        """Return one row per date, the one known last."""
        if len(self.day) < 2:
            return self
        kept = np.r_[self.day[1:] != self.day[:-1], True]
        return _Points(self.day[kept], self.month[kept], self.known_at[kept], self.value[kept])

    def at(self, months: NDArray[np.int64], how: How) -> FloatArray:
        points = self.latest()
        if not len(points.value):
            return np.full(len(months), np.nan)
        if how == "annual_linear":
            return points.between_years(months)
        last = np.searchsorted(points.month, months, side="right") - 1
        found = points.value[np.maximum(last, 0)]
        missing = last < 0
        if how == "exact":
            missing |= points.month[np.maximum(last, 0)] != months
        return np.where(missing, np.nan, found)

    def between_years(self, months: NDArray[np.int64]) -> FloatArray:
        mid_year = self.month // 12 * 12 + 5.5  # the turn from June to July
        return np.interp(months, mid_year, self.value)


def _refuse(table: pd.DataFrame, bad: NDArray[np.bool_], why: str) -> None:
    if bad.any():
        row = table.iloc[int(np.argmax(bad))]
        place = f"panel: {row['series']} of {row['date']:%Y-%m-%d}, known {row['known_at']:%Y-%m-%d}"
        msg = f"{place}: {row['value']} {why}. Mend or drop the row and import again."
        raise DataError(msg)
