"""The tables of a bundle, made from dataset, market and fit, each in the columns that bundle_tables names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from features.dataset import Dataset, vintage_day
from pricing.costs.stack import CostStack

FX = {"CNY": "usd_cny", "EUR": "usd_eur", "AUD": "usd_aud", "MYR": "usd_myr", "BRL": "usd_brl", "JPY": "usd_jpy"}
TINY = 5e-11  # USD/kg: below the last decimal that a bundle keeps


def snapshots(dataset: Dataset, months: Iterable[str]) -> pd.DataFrame:
    """Return, per month, the day it was first priced and the digest of the rows known then."""
    rows = [(month, vintage_day(month).isoformat(), dataset.snapshot(vintage_day(month))) for month in months]
    return pd.DataFrame(rows, columns=["month", "vintage_day", "snapshot"])


def exchange_rates(dataset: Dataset) -> pd.DataFrame:
    """Return monthly mean exchange rates, units of currency per USD, as first published."""
    return pd.concat([_rate(dataset, currency, series) for currency, series in FX.items()], ignore_index=True)


def _rate(dataset: Dataset, currency: str, series: str) -> pd.DataFrame:
    rows = dataset.panel.series(series).drop_duplicates("date", keep="first")
    return pd.DataFrame(
        {
            "month": rows["date"].dt.strftime("%Y-%m"),
            "currency": currency,
            "source": dataset.catalogue.series.loc[series, "source"],
            "known_at": rows["known_at"].dt.strftime("%Y-%m-%d"),
            "per_usd": rows["value"],
        }
    )


def cost_stacks(stacks: Mapping[tuple[str, str], CostStack], months: list[str]) -> pd.DataFrame:
    """Return every part of every stack that is not nil, one row per month, nominal USD per kg of `unit_of`."""
    return pd.concat(
        [
            pd.DataFrame(
                {
                    "route": stack.route,
                    "variant": stack.variant,
                    "unit_of": stack.unit_of,
                    "month": months,
                    "stage": str(stage),
                    "component": str(component),
                    "usd_per_kg": np.broadcast_to(values, len(months)),
                }
            )
            for stack in stacks.values()
            for (stage, component), values in stack.parts.items()
            if np.abs(values).max() > TINY
        ],
        ignore_index=True,
    )
