"""Histories of a few months with numbers of one's choice."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import pytest

from pricing.bundle_tables import fair_column
from pricing.contracts.periods import month_after
from pricing.forecast.scores import Bootstrap
from pricing.market.supply import Region, SupportSet
from pricing.scoreboard.settings import Settings


def history(
    months: Sequence[str],
    middle: Sequence[float],
    low: Sequence[float],
    high: Sequence[float],
    market: Sequence[float],
    material: str = "NdPr",
) -> pd.DataFrame:
    """Return a history in which the market of both regions is the same and freight is nil."""
    columns: dict[str, object] = {
        "material": material,
        "month": list(months),
        "vintage_day": [f"{month_after(month)}-20" for month in months],
        "status": "estimate",
    }
    for horizon in ("long_run", "short_run"):
        for statistic, values in (("mean", middle), ("p10", low), ("p90", high)):
            columns[fair_column(horizon, SupportSet.MARKET_ECONOMY.value, statistic)] = [float(v) for v in values]
    for region in Region:
        columns[f"market.{region}"] = [float(value) for value in market]
        columns[f"market.{region}.evidence"] = "observed"
        columns[f"wedge.{region}.total"] = [float(m) - float(f) for m, f in zip(market, middle, strict=True)]
    return pd.DataFrame(columns)


def settings_of(*months_ahead: int, first: str = "2000-01", least_windows: int = 2) -> Settings:
    """Return settings without regimes."""
    how = Bootstrap(samples=200, least_block=1, level=0.9, seed=1)
    return Settings(
        first, months_ahead, {}, worst_months=2, least_windows=least_windows, least_quoted=0.5, most_p=0.1, how=how
    )


@pytest.fixture
def one_ahead() -> Settings:
    return settings_of(1)
