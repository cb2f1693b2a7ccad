"""A one-material history as a market of two sources: how a simulated economy enters the estimator."""

from __future__ import annotations

import numpy as np

from pricing.market.history import MarketHistory
from pricing.market.supply import Market, Region, Source, SupportSet

Floats = np.ndarray

LIMIT_TIMES = 50.0  # no geology in a simulated economy: plant may grow to this many times the largest ever seen


def market_of(history: MarketHistory) -> Market:
    """Return the market whose two sources are the history's regions, each yielding the material alone.

    Cost is factor quantity x base price x factor price index, the capital factor apart; the subsidy is a share of
    all of it, as the schema defines it.
    """
    cost, capital = _costs(history)
    subsidy = np.nan_to_num(history.column("subsidy_rate_est"))
    china = _source(history, Region.CHINA, cost, capital, subsidy)
    outside = _source(history, Region.EX_CHINA, cost, capital, np.zeros_like(subsidy))
    return Market({history.material: history}, (china, outside), base_month=history.months[0])


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
