"""Markets that differ from the real one by one thing: what an estimator should not lean on, or what sources dispute."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from features.dataset import Dataset
from features.expert_paths import load_paths
from features.market_history import build_market
from features.policy import Vintage
from pricing.fair.posterior import YEAR
from pricing.market.history import MarketHistory
from pricing.market.supply import Market

PRICES = ("china_price", "ex_china_price", "ex_china_user_price", "ex_china_netback")
EDGES = ("", "_low", "_high")
EXPORT_BASES = ("fob_china", "ex_china", "cif_rotterdam")
ILLEGAL = "illegal_share_of_output"
FOB_APART = "2025-08"  # from here on FOB is a market of its own, and publishers differ


def raised(market: Market, rise: float, months: int, names: tuple[str, ...] = PRICES) -> Market:
    """Return a market whose named prices of the last `months` months were higher by a share; nothing else differs."""
    return _changed(market, lambda history: _lifted(history, rise, slice(-months, None), names))


def raised_evidence(market: Market, rise: float, names: tuple[str, ...] = PRICES) -> Market:
    """Return a market whose named prices were higher by a share in each material's last full year of evidence.

    Evidence counts by full years from a history's first month; of the last twelve months some may not count yet.
    """
    counted = {
        material: history.months[_last_counted(len(history.frame))] for material, history in market.histories.items()
    }

    def dearer(history: MarketHistory) -> MarketHistory:
        months = np.asarray(history.frame.index.isin(counted.get(history.material, [])))
        return _lifted(history, rise, months, names)

    return _changed(market, dearer)


def second_publisher(market: Market, rise: float) -> Market:
    """Return a market whose NdPr outside China was dearer by a share once publishers of FOB differed."""

    def dearer(history: MarketHistory) -> MarketHistory:
        if history.material != "NdPr":
            return history
        months = np.asarray(history.frame.index >= FOB_APART)
        return _lifted(history, rise, months, ("ex_china_price",))

    return _changed(market, dearer)


def fob_without_vat(market: Market) -> Market:
    """Return a market in which FOB holds no VAT once it left the domestic price: it is refunded, or nobody bears it."""

    def untaxed(history: MarketHistory) -> MarketHistory:
        frame = history.frame.copy()
        frame.loc[frame.index >= FOB_APART, "vat_not_refunded"] = 0.0
        return replace(history, frame=frame)

    return _changed(market, untaxed)


def without_export_quotes(dataset: Dataset, market: Market) -> Market:
    """Return a market of which no export quote was seen: no price outside China, no Chinese price derived from FOB."""
    prices = dataset.prices[~dataset.prices["basis"].isin(EXPORT_BASES)].reset_index(drop=True)
    seen = build_market(replace(dataset, prices=prices), _vintage(market))

    def at_home(history: MarketHistory) -> MarketHistory:
        frame = seen.whole[history.material].frame.loc[history.frame.index]
        names = [str(name) for name in frame if str(name).startswith(PRICES)]
        return replace(history, frame=history.frame.assign(**{name: frame[name] for name in names}))

    return _changed(market, at_home)


def with_illegal_share(dataset: Dataset, vintage: Vintage, path: str) -> Market:
    """Return the market built with another path of illegal output, named in `trial_paths.yaml`."""
    return build_market(dataset, vintage, experts={ILLEGAL: load_paths("trial_paths")[path]})


def _changed(market: Market, change: Callable[[MarketHistory], MarketHistory]) -> Market:
    def each(histories: Mapping[str, MarketHistory]) -> dict[str, MarketHistory]:
        return {material: change(history) for material, history in histories.items()}

    return replace(market, histories=each(market.histories), whole=each(market.whole))


def _lifted(
    history: MarketHistory, rise: float, months: slice | np.ndarray, names: tuple[str, ...] = PRICES
) -> MarketHistory:
    frame: pd.DataFrame = history.frame.copy()
    for column in (name + edge for name in names for edge in EDGES):
        if column in frame:
            values = frame[column].to_numpy(dtype=float, copy=True)
            values[months] *= 1 + rise
            frame[column] = values
    return replace(history, frame=frame)


def _last_counted(months: int) -> slice:
    end = months - months % YEAR
    return slice(end - YEAR, end)


def _vintage(market: Market) -> Vintage:
    return "as_known" if market.vintage == "as_known" else "latest"
