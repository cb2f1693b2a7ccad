"""NdPr from Nd where no NdPr quote exists: the stated proxy, and how far it has been off.

The error is measured, never assumed: months with both an NdPr and an Nd figure on the Chinese market give the ratio of
quote to proxy; its quantiles over the overlap months nearest in time are the band.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from features.panel import FloatArray, month_number
from features.price_view import PriceView, priced_months
from features.rules import price_rules

if TYPE_CHECKING:
    from features.dataset import Dataset


def ndpr_proxy(nd_price: FloatArray) -> FloatArray:
    """Return NdPr oxide from Nd oxide on the same basis (T,)."""
    return nd_price / price_rules()["ndpr_from_nd"]["divisor"]


def quote_over_proxy(view: PriceView) -> pd.Series[float]:
    """Return NdPr quote over proxy in every overlap month, both on the Chinese domestic basis ex VAT."""
    quote = view.usd_ex_vat(view.figures("NdPr", "china_domestic"))
    proxy = ndpr_proxy(view.usd_ex_vat(view.figures("Nd", "china_domestic")))
    return pd.Series(quote / proxy, index=view.index).dropna()


def proxy_band(view: PriceView) -> tuple[FloatArray, FloatArray]:
    """Return low and high of quote over proxy at each month (T,), from the overlap months nearest in time.

    As known, only overlap months up to the month itself count; with too few of them the stated prior band holds.
    """
    rule = price_rules()["ndpr_from_nd"]
    ratio = quote_over_proxy(view)
    overlap = month_number([str(month) for month in ratio.index])
    values = np.asarray(ratio, dtype=np.float64)
    bands = [_nearest(view, number, overlap, values, rule) for number in month_number(view.months)]
    low, high = np.array(bands, dtype=float).reshape(-1, 2).T
    return low, high


def ndpr_proxy_errors(dataset: Dataset) -> pd.DataFrame:
    """Return the proxy's record by period: overlap months, median ratio, band and mean absolute error."""
    rule = price_rules()["ndpr_from_nd"]
    ratio = quote_over_proxy(PriceView(dataset, priced_months(dataset), "latest"))
    rows = []
    for first, last in rule["periods"]:
        part = ratio[(ratio.index >= str(first)) & (ratio.index <= str(last))]
        if len(part):
            rows.append(
                {
                    "period": f"{first} to {last}", "months": len(part), "median": part.median(),
                    "low": part.quantile(rule["quantile_low"]), "high": part.quantile(rule["quantile_high"]),
                    "mean_absolute_error": (part - 1).abs().mean(),
                }
            )  # fmt: skip
    return pd.DataFrame(rows)


def _nearest(
    view: PriceView, month: int, overlap: np.ndarray, ratio: FloatArray, rule: dict[str, Any]
) -> tuple[float, float]:
    usable = np.ones(len(overlap), dtype=bool) if view.vintage == "latest" else overlap <= month
    distance, values = np.abs(overlap[usable] - month), ratio[usable]
    if len(values) < rule["at_least"]:
        return rule["prior_low"], rule["prior_high"]
    nearest = values[np.argsort(distance, kind="stable")[: rule["neighbours"]]]
    low, high = np.quantile(nearest, [rule["quantile_low"], rule["quantile_high"]])
    return float(min(low, 1.0)), float(max(high, 1.0))
