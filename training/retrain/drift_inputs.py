"""Inputs against their own history: level, volatility, staleness of every series that a fit or a forecast reads."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import numpy as np
import pandas as pd

from features.costs import cost_model
from features.dataset import Dataset
from features.forecast_settings import recipe
from features.market_history import SERIES
from features.panel import FloatArray
from training.retrain.drift_row import Row
from training.retrain.numbers import limit, whole

TO_SPREAD = 1.4826  # median absolute deviation of a normal variable to its standard deviation


def inputs(dataset: Dataset) -> list[Row]:
    """Return three numbers of each series with enough values; fewer where history gives no scale."""
    panel = dataset.panel
    read = {*SERIES, *cost_model().series, *(one.series for one in recipe().shared)} & set(panel.names)
    return [row for name in sorted(read) for row in _of(name, panel.series(name), dataset.last_day)]


def _of(name: str, rows: pd.DataFrame, last_day: date) -> Iterator[Row]:
    values = rows.drop_duplicates("date", keep="last")
    if len(values) < whole("drift.inputs.least_values"):
        return
    level = _scaled(values["value"].to_numpy(dtype=float))
    yield from _level(name, level)
    yield from _volatility(name, level)
    yield from _staleness(name, values, last_day)


def _level(name: str, level: FloatArray) -> Iterator[Row]:
    """Return how far the last value lies from the median of those before it."""
    middle = np.median(level[:-1])
    spread = TO_SPREAD * float(np.median(np.abs(level[:-1] - middle)))
    if spread > 0:
        allowed = limit("drift.inputs.level")
        yield Row(name, "level of the last value", float((level[-1] - middle) / spread), -allowed, allowed)


def _volatility(name: str, level: FloatArray) -> Iterator[Row]:
    """Return the spread of recent moves over that of earlier ones."""
    recent = whole("drift.inputs.recent_values")
    moves = np.diff(level)
    before = float(np.std(moves[:-recent]))
    if before > 0:
        allowed = limit("drift.inputs.volatility")
        least = limit("drift.inputs.stillness")
        yield Row(name, "volatility over that before", float(np.std(moves[-recent:])) / before, least, allowed)


def _staleness(name: str, values: pd.DataFrame, last_day: date) -> Iterator[Row]:
    """Return the age of the last value over the longest wait seen: from a date to the day the next one was public."""
    dates, known = (values[column].to_numpy(dtype="datetime64[D]") for column in ("date", "known_at"))
    longest = float((known[1:] - dates[:-1]).astype(int).max())
    if longest > 0:
        age = float((np.datetime64(last_day, "D") - dates[-1]).astype(int))
        yield Row(name, "age over the longest wait", age / longest, 0.0, limit("drift.inputs.staleness"))


def _scaled(values: FloatArray) -> FloatArray:
    return np.asarray(np.log(values) if (values > 0).all() else values, dtype=np.float64)
