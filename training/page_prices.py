"""How the prices of a month, or of a mean of months, read on a page: a point with its band, a band alone, or nothing.

A month whose status is `band` has no point, so neither has what is computed from it: its wedge is a band as well.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from pricing.market.supply import Region, SupportSet
from training.page_markdown import NONE, interval, money
from training.page_numbers import HEADLINE

FAIR, LOW, HIGH = f"{HEADLINE}.mean", f"{HEADLINE}.p10", f"{HEADLINE}.p90"
TODAY = f"short_run.{SupportSet.MARKET_ECONOMY}.mean"
EXPLICIT, FINANCING = f"long_run.{SupportSet.EXPLICIT}.mean", f"long_run.{SupportSet.FINANCING}.mean"
CHINA, OUTSIDE = f"market.{Region.CHINA}", f"market.{Region.EX_CHINA}"
ESTIMATE, BAND, REFUSED = "estimate", "band", "refused"


def mean_of(rows: pd.DataFrame) -> pd.Series:
    """Return the mean of some months; its status is the one that half of them or more have, a band where none is."""
    counts = rows["status"].value_counts(normalize=True)
    common = str(counts.index[0]) if len(counts) and counts.iloc[0] > 0.5 else BAND
    return pd.concat([rows.mean(numeric_only=True), pd.Series({"status": common})])


def fair(month: pd.Series) -> str:
    """Return the long-run fair price with its 80 % interval; the interval alone where the month has no point."""
    if month["status"] == REFUSED or np.isnan(month[FAIR]):
        return NONE
    band = interval(month[LOW], month[HIGH])
    return f"{money(month[FAIR])} ({band})" if month["status"] == ESTIMATE else band


def market(month: pd.Series, region: Region) -> str:
    """Return a market price, or its band where no point is known."""
    stem = f"market.{region}"
    return interval(month[f"{stem}.low"], month[f"{stem}.high"]) if np.isnan(month[stem]) else money(month[stem])


def wedge(month: pd.Series, region: Region) -> str:
    """Return market less fair: a point where both are points, else the band that the two bands leave."""
    point = float(month[f"wedge.{region}.total"])
    if month["status"] == REFUSED:
        return NONE
    above, below = month[HIGH] - month[FAIR], month[FAIR] - month[LOW]
    if np.isfinite(point):
        return money(point) if month["status"] == ESTIMATE else interval(point - above, point + below)
    if region is Region.CHINA:
        return NONE  # the freight between the two bases is not among the numbers
    low, high = (month[f"market.{region}.{edge}"] for edge in ("low", "high"))
    return interval(low - month[HIGH], high - month[LOW])
