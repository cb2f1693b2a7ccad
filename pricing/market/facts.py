"""What is known of the market, as arrays in real money: by source (T, K) and by material (T, E).

Many economies may stand side by side: then each array has their number N after the months, (T, N, K) and (T, N, E).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from pricing.market.history import MarketHistory
from pricing.market.supply import Market, Region, Source, SupportSet

Floats = np.ndarray


@dataclass(frozen=True)
class Facts:
    """What does not depend on draws, in real money: (T, K) by source, (T, E) by material."""

    materials: tuple[str, ...]
    first: Floats  # (E,) index of the first month with a history, T where it has not begun
    outside: Floats  # (K,) bool, separated outside China
    basket: Floats  # (K, E)
    capacity: Floats
    cash: Floats
    capital: Floats
    environment: Floats
    unpaid: Floats
    support: Floats  # (3, T, K), cumulative over the support sets
    credit: Floats
    royalty: Floats
    limit: Floats  # (K,)
    opens: Floats  # (K,)
    quota_share: (
        Floats  # (T, K): quota of the first material over what the bound sources could yield; infinity elsewhere
    )
    illegal: Floats  # (T, 1)
    demand_china: Floats
    demand_outside: Floats
    scrap_china: Floats
    scrap_outside: Floats
    duty: Floats
    vat: Floats
    tariff: Floats
    quota_rent: Floats
    licence_rent: Floats
    stockpile: Floats
    floor: Floats
    floor_covered: Floats  # (K,) bool
    western_credit: Floats  # (T, K) what Western states pay a producer, USD/kg REO
    export_limit: Floats  # (T, E) most China may export, quantity a year; infinity without one
    deflator: Floats  # (T,)
    revision: Floats  # (T, K) factor by which a month's news moved the size of a source's market; one without news
    years: Floats  # (T,) from the anchor of the physical demand
    names: tuple[str, ...]
    reference: Floats  # (E,) real USD/kg around which the price is drawn at which the physical demand holds
    step: float = 1 / 12  # years that a row stands for: a month, unless rows were merged

    @property
    def months(self) -> int:
        """Return T."""
        return len(self.deflator)


def facts_of(market: Market) -> Facts:
    """Return the market as arrays, every material of it on all months.

    Where a market does not know a material before its own history, its demand there moves with the first material's.
    """
    known = market.whole or market.histories
    histories = list(known.values())
    lead, size = histories[0], len(histories[0].frame)
    deflator = np.nan_to_num(lead.column("deflator", 1.0), nan=1.0)
    real = deflator[:, None]
    rent = _by_material(histories, "quota_rent", size) / real
    licence = _by_material(histories, "export_licence_in_force", size)
    sources = market.sources
    china, outside = _demand(histories, size)
    basket = np.array([[s.basket.get(m, 0.0) for m in known] for s in sources])
    capacity = np.stack([s.capacity for s in sources], axis=1)
    return Facts(
        materials=tuple(known),
        first=np.array([_first_month(market, material, size) for material in known]),
        outside=np.array([s.region == Region.EX_CHINA for s in sources]),
        basket=basket,
        capacity=capacity,
        cash=_by_source(sources, "cash_cost"),
        capital=_by_source(sources, "capital_charge"),
        environment=_by_source(sources, "environment"),
        unpaid=_by_source(sources, "environment_unpaid"),
        support=np.stack([np.stack([s.support[k] for s in sources], axis=1) for k in SupportSet]),
        credit=_by_source(sources, "co_product_credit"),
        royalty=_by_source(sources, "royalty_rate"),
        limit=np.array([s.limit for s in sources]),
        opens=np.array([s.opens for s in sources]),
        quota_share=_quota_share(lead, sources, capacity, basket[:, 0]),
        illegal=np.nan_to_num(lead.column("illegal_output_share_est"))[:, None],
        demand_china=china,
        demand_outside=outside,
        scrap_china=_with_lead(histories, "scrap_output_china", size),
        scrap_outside=_with_lead(histories, "scrap_output_ex_china", size),
        duty=_by_material(histories, "export_tax_rate", size),
        vat=_by_material(histories, "vat_not_refunded", size),
        tariff=_by_material(histories, "import_tariff", size),
        quota_rent=np.where(licence > 0, 0.0, rent),
        licence_rent=np.where(licence > 0, rent, 0.0),
        stockpile=_by_material(histories, "stockpile_purchase_est", size) * _started(histories, size),
        floor=_by_material(histories, "policy_floor", size) / real,
        floor_covered=np.array([s.floor_covered for s in sources]),
        western_credit=np.zeros_like(capacity),
        export_limit=np.full((size, len(known)), np.inf),
        deflator=deflator,
        revision=_revision(market, basket, size),
        years=_years_from(market.demand_anchor, market.months),
        names=tuple(s.name for s in sources),
        reference=np.array([h.demand_reference_price for h in histories]),
    )


def _first_month(market: Market, material: str, size: int) -> int:
    """Return the index of a material's first month, `size` where its history has not begun."""
    return size - len(market.histories[material].frame) if material in market.histories else size


def _revision(market: Market, basket: Floats, size: int) -> Floats:
    """Return the news by source (T, K): of its oxides, weighted by what each fetches at its reference price."""
    if not market.revision:
        return np.ones((size, len(basket)))
    known = market.whole or market.histories
    worth = basket * np.array([h.demand_reference_price for h in known.values()])
    news = np.stack([np.log(market.revision[m]) for m in known], axis=1)
    return np.exp(news @ (worth / worth.sum(axis=1, keepdims=True)).T)


def _years_from(anchor: str, months: list[str]) -> Floats:
    found = pd.PeriodIndex(months, freq="M")
    return (found.year - int(anchor[:4]) + (found.month - int(anchor[5:])) / 12).to_numpy(dtype=float)


def _by_material(histories: list[MarketHistory], name: str, size: int) -> Floats:
    return np.stack([_whole(history, name, size) for history in histories], axis=1)


def _started(histories: list[MarketHistory], size: int) -> Floats:
    starts = np.array([size - len(history.frame) for history in histories])
    return (np.arange(size)[:, None] >= starts[None, :]).astype(float)


def _by_source(sources: tuple[Source, ...], name: str) -> Floats:
    return np.stack([np.asarray(getattr(s, name), dtype=float) for s in sources], axis=1)


def _whole(history: MarketHistory, name: str, size: int) -> Floats:
    """Return a column on the longest history's months, its first value before it starts, zero where there is none."""
    values = np.nan_to_num(history.column(name, 0.0), nan=0.0)
    return np.concatenate([np.full(size - len(values), values[0]), values])


def _demand(histories: list[MarketHistory], size: int) -> tuple[Floats, Floats]:
    stem = "physical_demand" if "physical_demand_china" in histories[0].frame else "demand_index"
    return _with_lead(histories, f"{stem}_china", size), _with_lead(histories, f"{stem}_ex_china", size)


def _with_lead(histories: list[MarketHistory], name: str, size: int) -> Floats:
    """Return a column by material (T, E); before a history starts it moves as the first history's does."""
    if name not in histories[0].frame:
        return np.zeros((size, len(histories)))
    lead = _filled(histories[0].column(name))
    whole = []
    for history in histories:
        values = _filled(history.column(name))
        start = size - len(values)
        whole.append(np.concatenate([values[0] * lead[:start] / lead[start], values]))
    return np.stack(whole, axis=1)


def _filled(values: Floats) -> Floats:
    """Return the values with gaps held at the last one known (the first known before it)."""
    known = np.flatnonzero(np.isfinite(values))
    return values[np.maximum(known[np.searchsorted(known, np.arange(len(values)), side="right") - 1], known[0])]


def _quota_share(lead: MarketHistory, sources: tuple[Source, ...], capacity: Floats, yields: Floats) -> Floats:
    bound = np.array([s.quota_bound for s in sources])
    quota = _filled(lead.column("mining_quota"))
    could = (capacity * yields * bound).sum(axis=1)
    return np.where(bound[None, :], (quota / np.maximum(could, 1e-12))[:, None], np.inf)
