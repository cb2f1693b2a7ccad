"""Geopolitical indices as standard deviations from their own past."""

from __future__ import annotations

import numpy as np

from features.banded import Banded
from features.readings import held
from features.vantage import Vantage
from pricing.market.history import Evidence

INDICES = {
    "gpr": "gpr_GPR",
    "gpr_china": "gpr_GPRC_CHN",
    "tpu": "tpu_us_bbd_daily_monthly_mean",
    "epu_china": "epu_china_mainland_allcountryfile",
}
SERIES = tuple(INDICES.values())


def geopolitical_indices(vantage: Vantage) -> dict[str, Banded]:
    """Return each index at the months (T,): its log in deviations from all months known since 2000.

    A month not yet published holds the last known value and is marked derived.
    """
    return {name: _standardised(vantage, series) for name, series in INDICES.items()}


def _standardised(v: Vantage, series: str) -> Banded:
    days, values = v.view.points(series)
    logs = np.log(np.maximum(values, np.min(values[values > 0])))
    grid = np.arange(days[0].astype("datetime64[M]"), np.datetime64(v.months[-1], "M") + 1)
    month_of = days.astype("datetime64[M]")
    on_grid = np.full(len(grid), np.nan)
    inside = month_of <= grid[-1]
    on_grid[np.searchsorted(grid, month_of[inside])] = logs[inside]
    wanted = np.searchsorted(grid, np.array(v.months, dtype="datetime64[M]"))
    scaled = (held(on_grid)[wanted] - logs.mean()) / logs.std()
    evidence = np.where(np.isfinite(on_grid[wanted]), Evidence.OBSERVED.value, Evidence.DERIVED.value).astype(object)
    return Banded(scaled, scaled, scaled, evidence)
