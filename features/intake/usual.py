"""What a series has shown: how far it moves, how often it repeats, how long it pauses, how soon it is published."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from features.intake.kinds import STATED
from features.panel import FloatArray, month_number


@dataclass(frozen=True)
class Usual:
    """The history of one series, one value per date, and the scale on which its moves are measured."""

    dates: tuple[date, ...]
    values: FloatArray  # (n,)
    ratio: bool  # moves are log ratios; else differences in the unit of the series
    revisions: FloatArray  # sizes of the revisions seen, on the same scale
    soonest: int | None  # days from date to the day it became public, at least; None with too few values

    @classmethod
    def of(cls, rows: pd.DataFrame, unit: str, rules: Mapping[str, Any]) -> Usual:
        """Return what the rows of one series (date, stated_at, value) have shown, sorted by date and day known."""
        dates, stated = (rows[name].to_numpy().astype("datetime64[D]") for name in ("date", STATED))
        values = rows["value"].to_numpy(dtype=float)
        again = np.r_[False, dates[1:] == dates[:-1]][: len(dates)]
        last = ~np.r_[again[1:], False][: len(dates)]
        ratio = unit not in rules["linear_units"] and bool((values > 0).all())
        steps = _scaled(values, ratio=ratio)
        lags = (stated - dates).astype(int)
        return cls(
            dates=tuple(dates[last].tolist()),
            values=values[last],
            ratio=ratio,
            revisions=np.abs(np.diff(steps, prepend=steps[:1]))[again],
            soonest=int(lags.min()) if len(lags) >= rules["soonest"]["at_least"] else None,
        )

    @property
    def moves(self) -> FloatArray:
        """Return the size of each move from one value to the next (n - 1,)."""
        return np.abs(np.diff(_scaled(self.values, ratio=self.ratio)))

    @property
    def largest(self) -> float:
        """Return the largest move, NaN without one."""
        return float(self.moves.max()) if len(self.moves) else np.nan

    def longest_run(self, leaving_out: int) -> int:
        """Return how many values in a row were the same, at most, before so many of the last."""
        values = self.values[: max(len(self.values) - leaving_out, 0)]
        breaks = np.flatnonzero(np.r_[True, values[1:] != values[:-1], True])
        return int(np.diff(breaks).max()) if len(values) else 0

    @property
    def longest_gap(self) -> int:
        """Return the most months from one value to the next."""
        months = month_number([day.isoformat() for day in self.dates])
        return int(np.diff(months).max()) if len(months) > 1 else 0

    def before(self, day: date) -> tuple[date, float] | None:
        """Return the last value before a day with its date."""
        place = int(np.searchsorted(np.array(self.dates, dtype="datetime64[D]"), np.datetime64(day)))
        return (self.dates[place - 1], float(self.values[place - 1])) if place else None

    def run_to(self, day: date, value: float) -> int:
        """Return how many values in a row are the same, up to a new one on a day."""
        run = 1
        for then, earlier in zip(reversed(self.dates), self.values[::-1], strict=True):
            if then < day:
                if earlier != value:
                    break
                run += 1
        return run

    def move(self, before: float, after: float) -> float:
        """Return the signed move between two values; NaN where a ratio has none."""
        if not self.ratio:
            return after - before
        return float(np.log(after / before)) if before > 0 and after > 0 else np.nan

    def moved(self, value: float, by: float) -> float:
        """Return a value after a move."""
        return float(value * np.exp(by)) if self.ratio else value + by

    def with_value(self, day: date, value: float) -> Usual:
        """Return the history with one more value."""
        place = int(np.searchsorted(np.array(self.dates, dtype="datetime64[D]"), np.datetime64(day)))
        dates = (*self.dates[:place], day, *self.dates[place:])
        values = np.insert(self.values, place, value)
        return Usual(dates, values, self.ratio and value > 0, self.revisions, self.soonest)


def _scaled(values: FloatArray, *, ratio: bool) -> FloatArray:
    return np.asarray(np.log(values), dtype=np.float64) if ratio else values
