"""Policy by day: which regime is in force, and with what value.

A row holds from `start` until a later row of the same instrument and material begins, or until its own `end`. A
suspension ends and the rule below it comes back; a repeal does not end. A row known later with the same start replaces
the one before.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Literal

import numpy as np
import pandas as pd

from features.panel import FloatArray, vintage_day
from features.replaced import NEVER, replaced_on, standing
from features.tables import REGIME_KEY
from pricing.errors import DataError

Vintage = Literal["as_known", "latest"]
ALL = "all"
IN_FORCE = "in force"


def regime_on(policy: pd.DataFrame, instrument: str, material: str, day: date) -> pd.Series[Any] | None:
    """Return the row that holds on a day, or None before the first; status says in force, suspended or repealed."""
    rows = standing(_rows(policy, instrument, material), REGIME_KEY)
    stamp = pd.Timestamp(day)
    holding = rows[(rows["start"] <= stamp) & (rows["end"].isna() | (rows["end"] >= stamp))]
    return None if holding.empty else holding.iloc[-1]


def vat_rate(policy: pd.DataFrame, day: date) -> float:
    """Return the Chinese VAT rate of a day as a share: .17, .16 from 2018-05-01, .13 from 2019-04-01."""
    row = regime_on(policy, "vat", ALL, day)
    if row is None:
        msg = f"policy: no VAT rate in force on {day}. Ask for a later day, or add the regime."
        raise DataError(msg)
    return float(row["value"]) / 100


def monthly_policy(
    policy: pd.DataFrame, instrument: str, material: str, months: Sequence[str], vintage: Vintage
) -> FloatArray:
    """Return the value in force on each month's last day (T,); as known, from rows public on its vintage day."""
    rows = _rows(policy, instrument, material)
    start, end, known = (rows[name].to_numpy().astype("datetime64[D]") for name in ("start", "end", "known_at"))
    replaced = replaced_on(rows, REGIME_KEY).to_numpy().astype("datetime64[D]")
    value = np.where(rows["status"] == IN_FORCE, rows["value"], 0.0)
    last_days = np.array(list(months), dtype="datetime64[M]") + 1 - np.timedelta64(1, "D")
    held = (start <= last_days[:, None]) & (np.isnat(end) | (end >= last_days[:, None]))
    if vintage == "as_known":
        seen = np.array([vintage_day(month) for month in months], dtype="datetime64[D]")[:, None]
        held &= (known <= seen) & (seen < replaced)
    else:
        held &= replaced == NEVER.to_datetime64()
    holding = np.where(held.any(axis=1), held.shape[1] - 1 - np.argmax(held[:, ::-1], axis=1), -1)
    return np.append(value, 0.0)[holding].astype(float)


def _rows(policy: pd.DataFrame, instrument: str, material: str) -> pd.DataFrame:
    of_instrument = policy[policy["instrument"] == instrument]
    if of_instrument.empty:
        known = ", ".join(sorted(policy["instrument"].unique()))
        msg = f"policy: no instrument {instrument!r}; there are {known}."
        raise DataError(msg)
    rows = of_instrument[of_instrument["material"].isin([material, ALL])]
    return rows.sort_values(["start", "known_at"])
