"""Readings: the series a market history is made of, as they were known on a day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Protocol

import numpy as np
import pandas as pd

from pricing.market.history import Floats


class PanelLike(Protocol):
    """What is asked of a panel: its series and the rows of one."""

    @property
    def names(self) -> list[str]:
        """Return the names of all series."""

    def series(self, name: str) -> pd.DataFrame:
        """Return the rows of a series as date, known_at, value."""


@dataclass(frozen=True)
class _Rows:
    day: np.ndarray  # datetime64[D], sorted
    known: np.ndarray
    value: Floats


_NOTHING = _Rows(np.array([], dtype="datetime64[D]"), np.array([], dtype="datetime64[D]"), np.array([], dtype=float))


@dataclass(frozen=True)
class Readings:
    """Every series a market history asks for, each as sorted arrays."""

    rows: Mapping[str, _Rows]

    @classmethod
    def of(cls, panel: PanelLike, names: Iterable[str]) -> Readings:
        """Return the named series of a panel; one of which nothing was known yet is empty."""
        held_there = set(panel.names)
        return cls({name: _rows(panel.series(name)) if name in held_there else _NOTHING for name in names})

    def known_by(self, day: date | None) -> View:
        """Return what was known on a day; None means all there is."""
        if day is None:
            return View({name: _latest(r.day, r.value) for name, r in self.rows.items()})
        limit = np.datetime64(day)
        seen = {name: (r, r.known <= limit) for name, r in self.rows.items()}
        return View({name: _latest(r.day[mask], r.value[mask]) for name, (r, mask) in seen.items()})


@dataclass(frozen=True)
class View:
    """The series as known on one day: name -> (days, values), sorted, one value per day."""

    known: Mapping[str, tuple[np.ndarray, Floats]]

    def points(self, name: str) -> tuple[np.ndarray, Floats]:
        """Return days (n,) and values (n,) of a series, n possibly zero."""
        return self.known[name]

    def yearly(self, name: str, years: np.ndarray) -> Floats:
        """Return an annual series on years (Y,), NaN where nothing is known."""
        days, values = self.known[name]
        return _on_grid(year_of(days), values, years)

    def halves(self, name: str, years: np.ndarray) -> tuple[Floats, Floats]:
        """Return both halves of a half-yearly series on years (Y,), NaN where nothing is known."""
        days, values = self.known[name]
        late = days.astype("datetime64[M]").astype(int) % 12 >= 6
        return _on_grid(year_of(days[~late]), values[~late], years), _on_grid(year_of(days[late]), values[late], years)

    def recent_mean(self, name: str, years: np.ndarray) -> Floats:
        """Return the mean of a monthly series over each year's known months (Y,), the last mean where none is known."""
        days, values = self.known[name]
        known_years = year_of(days)
        means = np.array([values[known_years == y].mean() if (known_years == y).any() else np.nan for y in years])
        return held(means)


def year_of(days: np.ndarray) -> np.ndarray:
    """Return the calendar year of each day."""
    return days.astype("datetime64[Y]").astype(int) + 1970


def held(values: Floats) -> Floats:
    """Return the values with each gap held at the last known one; what precedes the first stays NaN."""
    known = np.where(np.isfinite(values), np.arange(len(values)), -1)
    last = np.maximum.accumulate(known)
    return np.where(last >= 0, values[np.maximum(last, 0)], np.nan)


def _rows(frame: pd.DataFrame) -> _Rows:
    day = pd.to_datetime(frame["date"]).to_numpy().astype("datetime64[D]")
    known = pd.to_datetime(frame["known_at"]).to_numpy().astype("datetime64[D]")
    value = frame["value"].to_numpy(dtype=float)
    order = np.lexsort((known, day))
    return _Rows(day[order], known[order], value[order])


def _latest(days: np.ndarray, values: Floats) -> tuple[np.ndarray, Floats]:
    """Return the last published value of each day; rows come sorted by day, then by publication."""
    last = np.append(days[1:] != days[:-1], True)[: len(days)]
    return days[last], values[last]


def _on_grid(keys: np.ndarray, values: Floats, wanted: np.ndarray) -> Floats:
    found = dict(zip(keys.tolist(), values.tolist(), strict=True))
    return np.array([found.get(int(key), np.nan) for key in wanted], dtype=float)
