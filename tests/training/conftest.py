"""A small published model with made-up round numbers, so that every test here knows what to expect."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from pricing.bundle import Bundle
from pricing.bundle_tables import STATISTICS, TABLES, WEDGE_ITEMS, fair_column
from pricing.market.supply import Region, SupportSet

MONTHS = [str(month) for month in pd.period_range("2024-01", periods=26, freq="M")]
MATERIALS = {"NdPr": 60.0, "Dy": 250.0, "Tb": 800.0}
SPREAD = dict(
    zip(STATISTICS, (1.0, 0.6, 0.75, 0.9, 1.0, 1.15, 1.3, 1.6), strict=True)
)  # of the fair price, by statistic


def empty(name: str, rows: int) -> pd.DataFrame:
    table = TABLES[name]
    columns: dict[str, object] = dict.fromkeys(table.text, "")
    columns |= dict.fromkeys(table.numbers, np.nan)
    return pd.DataFrame(columns, index=range(rows))


def history_of(material: str, level: float) -> pd.DataFrame:
    """Fair price flat at `level`; the market runs from a fifth below to a fifth above it."""
    frame = empty("history_latest", len(MONTHS))
    frame["material"], frame["month"] = material, MONTHS
    frame["vintage_day"] = [f"{pd.Period(month, 'M') + 1}-20" for month in MONTHS]
    frame["status"], frame["deflator"], frame["ess"] = "estimate", 1.0, 400.0
    market = level * np.linspace(0.8, 1.2, len(MONTHS))
    for region in Region:
        frame[f"market.{region}"] = market
        frame[f"market.{region}.low"], frame[f"market.{region}.high"] = 0.95 * market, 1.05 * market
        frame[f"market.{region}.evidence"], frame[f"market.{region}.basis"] = "observed", "fob_china"
        frame[f"model.{region}"] = 1.1 * market
        frame[f"p_market_below_fair.{region}"] = (market < level).astype(float)
        frame[f"wedge.{region}.total"] = market - level
        for item in WEDGE_ITEMS:
            share = 1.0 / len(WEDGE_ITEMS) * (market - level)
            frame[f"wedge.{region}.{item}"] = share
            frame[f"wedge.{region}.{item}.low"], frame[f"wedge.{region}.{item}.high"] = share - 1, share + 1
    for horizon in ("long_run", "short_run"):
        for support in SupportSet:
            for statistic, ratio in SPREAD.items():
                frame[fair_column(horizon, support, statistic)] = level * ratio
    if material == "NdPr":
        for tonnes, price in ((10000, 85.0), (15000, 90.0), (20000, 103.0)):
            frame[f"incentive.{tonnes}"] = price
    return frame


def histories() -> pd.DataFrame:
    return pd.concat([history_of(*item) for item in MATERIALS.items()], ignore_index=True)


def cost_stacks() -> pd.DataFrame:
    parts = {"labour": 10.0, "capital charge": 25.0, "by-product credit": -5.0}
    rows = [
        (route, "undistorted", "NdPr oxide", month, "whole plant", component, value)
        for route in ("mountain_pass", "nolans")
        for month in MONTHS[-2:]
        for component, value in parts.items()
    ]
    return pd.DataFrame(rows, columns=["route", "variant", "unit_of", "month", "stage", "component", "usd_per_kg"])


def evidence() -> pd.DataFrame:
    rows = [
        (material, year, "china_price", 0.5, 0.3, 0.2) for material in MATERIALS for year in (2024.0, 2025.0, 2026.0)
    ]
    return pd.DataFrame(rows, columns=["material", "year", "column", "observed", "derived", "prior"])


def incentive() -> pd.DataFrame:
    frame = empty("incentive", 3)
    frame["month"], frame["tonnes_ndpr"] = MONTHS[-1], [10_000.0, 15_000.0, 20_000.0]
    frame["price"], frame["marginal_project"] = [85.0, 90.0, 103.0], "Nolans"
    return frame


@pytest.fixture
def bundle() -> Bundle:
    return Bundle(
        method="1",
        dataset_digest="d" * 64,
        last_day=date(2026, 3, 31),
        first_month=MONTHS[0],
        last_month=MONTHS[-1],
        seed=1,
        draws=200,
        history_as_known=histories(),
        history_latest=histories(),
        incentive=incentive(),
        cost_stacks=cost_stacks(),
        evidence=evidence(),
        references=empty("references", 0),
        fx=empty("fx", 0),
        snapshots=pd.DataFrame({"month": MONTHS, "vintage_day": "2026-03-20", "snapshot": "s" * 64}),
        parameters={"ratio": {"NdPr": 1.1765}},
        model_card="# card\n",
    )
