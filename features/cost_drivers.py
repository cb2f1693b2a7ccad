"""The series that drive costs, month by month, from all rows of the panel or as first known.

Traps: `us_baa_spread` is Moody's Baa yield over the federal funds rate (FRED-MD), not over the Treasury; the Baa
yield is spread + funds rate. It ends in mid-2024; later months add its last known spread over the 10-year Treasury.
Chinese wages are yearly, published in May of the next year, with gaps.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import pandas as pd

from features.panel import FloatArray, How, Panel, monthly, monthly_as_first_known, vintage_day
from pricing.costs.model import BAA_YIELD
from pricing.costs.price_paths import Drivers

Vintage = Literal["as_known", "latest"]
WAGES = "cn_wage_urban_nonprivate_total"
_PERCENT = 100.0


def read_drivers(
    panel: Panel, names: Sequence[str], months: Sequence[str], vintage: Vintage, wage_growth_cap: float
) -> Drivers:
    """Return the named series and the Baa yield at each month (T,)."""
    found = {name: _read(panel, name, months, vintage, wage_growth_cap) for name in names}
    return Drivers(tuple(months), {**found, BAA_YIELD: baa_yield(panel, months, vintage)})


def baa_yield(panel: Panel, months: Sequence[str], vintage: Vintage) -> FloatArray:
    """Return Moody's Baa yield (T,), share a year, as the 10-year Treasury plus the last known spread over it."""
    treasury = _month_values(panel, "us_10y_yield", months, vintage, "carry")
    return (treasury + spread_over_treasury(panel, months, vintage)) / _PERCENT


def spread_over_treasury(panel: Panel, months: Sequence[str], vintage: Vintage) -> FloatArray:
    """Return the last known Baa yield less the 10-year Treasury of the same month (T,), percentage points."""
    names = ("us_baa_spread", "us_fed_funds", "us_10y_yield")
    joined = pd.concat([_first_rows(panel, name) for name in names], axis=1, join="inner")
    known = joined[[f"known_{name}" for name in names]].max(axis=1).to_numpy()
    spread = (joined["us_baa_spread"] + joined["us_fed_funds"] - joined["us_10y_yield"]).to_numpy()
    dates = joined.index.to_numpy()
    return np.array([_last(spread, dates, known, month, vintage) for month in months])


def trended(panel: Panel, name: str, months: Sequence[str], vintage: Vintage, cap: float) -> FloatArray:
    """Return a yearly series at each month (T,): straight lines between mid-years, growth of the last gap after them.

    The growth carried forward is at most `cap` a year and never below zero.
    """
    rows = panel.series(name)
    return np.array([_trend_at(_known_rows(rows, month, vintage), month, cap) for month in months])


def _read(panel: Panel, name: str, months: Sequence[str], vintage: Vintage, cap: float) -> FloatArray:
    if name not in panel.names:  # nothing of it was known yet
        return np.full(len(months), np.nan)
    if name == WAGES:
        return trended(panel, name, months, vintage, cap)
    rows = panel.series(name)
    if not (rows["date"].dt.month.eq(12) & rows["date"].dt.day.eq(31)).all():
        return _month_values(panel, name, months, vintage, "carry")
    values = _month_values(panel, name, months, vintage, "annual_linear")
    before = np.array([int(month[:4]) < rows["date"].iloc[0].year for month in months])
    return np.where(before, np.nan, values)


def _month_values(panel: Panel, name: str, months: Sequence[str], vintage: Vintage, how: How) -> FloatArray:
    read = monthly_as_first_known if vintage == "as_known" else monthly
    return read(panel, name, months, how=how)


def _first_rows(panel: Panel, name: str) -> pd.DataFrame:
    rows = panel.series(name).drop_duplicates("date").set_index("date")
    return rows.rename(columns={"value": name, "known_at": f"known_{name}"})


def _last(spread: FloatArray, dates: np.ndarray, known: np.ndarray, month: str, vintage: Vintage) -> float:
    seen = dates <= np.datetime64(f"{month}-01")
    if vintage == "as_known":
        seen &= known <= np.datetime64(vintage_day(month))
    return float(spread[seen][-1]) if seen.any() else float("nan")


def _known_rows(rows: pd.DataFrame, month: str, vintage: Vintage) -> pd.DataFrame:
    if vintage == "as_known":
        rows = rows[rows["known_at"] <= pd.Timestamp(vintage_day(month))]
    return rows.drop_duplicates("date", keep="last")


def _trend_at(rows: pd.DataFrame, month: str, cap: float) -> float:
    if rows.empty:
        return float("nan")
    middle = rows["date"].dt.year.to_numpy() + 0.5
    values = rows["value"].to_numpy(dtype=float)
    when = int(month[:4]) + (int(month[5:7]) - 0.5) / 12
    if when <= middle[-1] or len(rows) == 1:
        return float(np.interp(when, middle, values))
    growth = (values[-1] / values[-2]) ** (1 / (middle[-1] - middle[-2])) - 1
    return float(values[-1] * (1 + min(max(growth, 0.0), cap)) ** (when - middle[-1]))
