"""The indices a contract can settle on: Chinese domestic with VAT, FOB China, and delivered outside China.

USD/kg oxide as each index is quoted, every month as first known on its vintage day, with its last quote where one is
dated. NdPr follows Nd over 1.03 where no NdPr quote exists; `evidence` and `source` say so.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from features.dataset import Dataset, vintage_day
from features.forecast_quotes import last_over_mean
from features.market_prices import market_price
from features.ndpr_proxy import ndpr_proxy
from features.price_view import PriceView
from features.rules import price_rules
from pricing.market.history import Evidence
from pricing.materials import Material

DOMESTIC, FOB, OUTSIDE = "china_domestic", "fob_china", "ex_china"
INCLUDED, NOT_REFUNDED, NO_VAT = "included", "not refunded", "none"


def references(dataset: Dataset, months: Sequence[str]) -> pd.DataFrame:
    """Return one row per material, month and index that had a price."""
    view = PriceView(dataset, tuple(months), "as_known")
    tables = [table for material in Material for table in _indices(dataset, view, material)]
    rows = pd.concat([table.dropna(subset=["price_usd_per_kg"]) for table in tables], ignore_index=True)
    return rows.sort_values(["material", "basis", "month"], ignore_index=True)


def _indices(dataset: Dataset, view: PriceView, material: Material) -> Iterable[pd.DataFrame]:
    china = market_price(dataset, material.value, "china", view.vintage, view.months)
    yield _index(view, material, DOMESTIC, china.assign(price=china["price"] * (1 + view.vat)), INCLUDED)
    outside = market_price(dataset, material.value, "ex_china", view.vintage, view.months)
    from_china = outside["basis"].str.contains("fob")
    yield _index(view, material, OUTSIDE, outside, np.where(from_china, NOT_REFUNDED, NO_VAT))
    yield _index(view, material, FOB, _fob(view, material), NOT_REFUNDED)


def _fob(view: PriceView, material: Material) -> pd.DataFrame:
    """Return the FOB index by month: the densest publisher's mean; for NdPr from Nd."""
    proxied = material is Material.NDPR
    figures = view.figures("Nd" if proxied else material.value, FOB)
    mean = figures["mean"].to_numpy(dtype=float)
    return figures.assign(
        price=ndpr_proxy(mean) if proxied else mean,
        evidence=(Evidence.DERIVED if proxied else Evidence.OBSERVED).value,
        basis="nd_proxy:fob_china" if proxied else FOB,
        quote_day=figures["last_day"],
    )


def _index(view: PriceView, material: Material, name: str, prices: pd.DataFrame, vat: object) -> pd.DataFrame:
    price = prices["price"].to_numpy(dtype=float)
    last = price * last_over_mean(view, material.value, prices["basis"])
    return pd.DataFrame(
        {
            "material": material.value,
            "month": list(view.months),
            "basis": name,
            "vat": vat,
            "evidence": prices["evidence"].to_numpy(),
            "source": [f"{basis} ({source})" for basis, source in zip(prices["basis"], prices["source"], strict=True)],
            "last_day": [_day(quoted, month) for quoted, month in zip(prices["quote_day"], view.months, strict=True)],
            "known_at": [vintage_day(month).isoformat() for month in view.months],
            "price_usd_per_kg": price,
            "vat_rate": _vat_inside(view, vat),
            "last_usd_per_kg": last,
        }
    )


def _vat_inside(view: PriceView, vat: object) -> np.ndarray:
    """Return the VAT rate that can be taken out of an index (T,); FOB holds the VAT only in a stated time."""
    rule = price_rules()["fob_equals_domestic_with_vat"]
    equalled = view.between(str(rule["first"]), str(rule["last"]))
    held = np.where(np.asarray(vat) == NOT_REFUNDED, equalled, np.asarray(vat) == INCLUDED)
    return np.where(held, view.vat, 0.0)


def _day(quoted: pd.Timestamp, month: str) -> str:
    """Return the day of the last quote, else the month's last day."""
    day = pd.Period(month, "M").end_time if pd.isna(quoted) else quoted
    return str(day.date())
