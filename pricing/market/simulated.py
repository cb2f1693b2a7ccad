"""A one-material history as a market of two sources: how a simulated economy enters the estimator."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from pricing.market.history import MarketHistory
from pricing.market.supply import Market, Region, Source, SupportSet

Floats = np.ndarray

FREIGHT = 2.0  # USD/kg, as the benchmark's schema states it
LIMIT_TIMES = 50.0  # no geology in a simulated economy: plant may grow to this many times the largest ever seen


@dataclass(frozen=True)
class Smoothing:
    """Months of the centred means that take monthly noise off what enters a model as given."""

    capacity: int
    demand: int
    rent: int  # a median


def market_of(history: MarketHistory, smoothing: Smoothing) -> Market:
    """Return the market whose two sources are the history's regions, each yielding the material alone.

    Capacities and demand are centred geometric means, as noise in them would pass for swings of the price; what is
    missing in them is held from the last month seen. Cost is factor quantity x base price x factor price index, the
    capital factor apart; the subsidy is a share of all of it, as the schema defines it.
    """
    cost, capital = _costs(history)
    subsidy = np.nan_to_num(history.column("subsidy_rate_est"))
    history = _smoothed(with_rent(history, smoothing.rent), smoothing)
    china = _source(history, Region.CHINA, cost, capital, subsidy)
    outside = _source(history, Region.EX_CHINA, cost, capital, np.zeros_like(subsidy))
    return Market({history.material: history}, (china, outside), base_month=history.months[0])


def _smoothed(history: MarketHistory, smoothing: Smoothing) -> MarketHistory:
    windows = {"capacity": smoothing.capacity, "demand_index": smoothing.demand}
    frame = history.frame.copy()
    for stem, window in windows.items():
        for name in [c for c in frame.columns if c.startswith(stem) and pd.api.types.is_numeric_dtype(frame[c])]:
            logs = np.log(frame[name])
            frame[name] = np.exp(logs.rolling(window, center=True, min_periods=1).mean()).ffill().bfill()
    return replace(history, frame=frame)


def with_rent(history: MarketHistory, months: int) -> MarketHistory:
    """Return the history with the rent that limits on exports left between the two prices, where none is given.

    While a quota or a licence is in force the rent is the gap beyond duty and freight, the median of `months`;
    where no outside price was seen it is carried within the regime. `gap_in_rent` marks the months it was read from.
    """
    if "quota_rent" in history.frame:
        return history
    frame = history.frame
    gap = frame["ex_china_price"] - frame["china_price"] * (1 + frame["export_tax_rate"]) - FREIGHT
    rent, made = pd.Series(0.0, index=frame.index), pd.Series(0.0, index=frame.index)
    for regime in ("export_quota_in_force", "export_licence_in_force"):
        here = frame[regime] > 0
        seen = gap.where(here).rolling(months, center=True, min_periods=1).median().where(here)
        rent = rent.mask(here, seen.interpolate(limit_direction="both").fillna(0.0).clip(lower=0.0))
        made = made.mask(here & gap.notna(), 1.0)
    return replace(history, frame=frame.assign(quota_rent=rent, gap_in_rent=made))


def _costs(history: MarketHistory) -> tuple[Floats, Floats]:
    cost, capital = np.zeros(len(history.frame)), np.zeros(len(history.frame))
    for name in history.frame.columns:
        if name.startswith("factor_cost_") and not name.endswith(("_low", "_high", "_evidence")):
            factor = name.removeprefix("factor_cost_")
            spent = history.column(name) * history.column(f"factor_price_{factor}")
            cost, capital = (cost, capital + spent) if factor == "capital" else (cost + spent, capital)
    return cost, capital


def _source(history: MarketHistory, region: Region, cost: Floats, capital: Floats, subsidy: Floats) -> Source:
    capacity = history.column(f"capacity_{region}_est")
    none = np.zeros_like(cost)
    support = subsidy * (cost + capital)
    return Source(
        name=str(region),
        region=region,
        basket={history.material: 1.0},
        capacity=capacity,
        capacity_evidence=history.evidence(f"capacity_{region}_est"),
        cash_cost=cost,
        capital_charge=capital,
        environment=none,
        environment_unpaid=none,
        support=dict.fromkeys(SupportSet, support),
        co_product_credit=none,
        royalty_rate=none,
        limit=LIMIT_TIMES * float(np.nanmax(capacity)),
        quota_bound=region == Region.CHINA,
    )
