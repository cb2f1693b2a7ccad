"""A small made-up market of three oxides and four sources. Its numbers are invented; it tests laws, not prices."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from pricing.fair.estimator import Settings
from pricing.fair.posterior import Errors
from pricing.market.history import MarketHistory
from pricing.market.supply import Market, Region, Source, SupportSet
from pricing.prior import Prior

MONTHS = pd.period_range("2012-01", periods=30, freq="M").astype(str)
PRICES = {"NdPr": 60.0, "Dy": 300.0, "Tb": 800.0}
DEMAND = {"NdPr": (30_000.0, 6_000.0), "Dy": (1_500.0, 250.0), "Tb": (280.0, 40.0)}
PRIORS = Path(__file__).parents[2] / "features" / "data" / "expert" / "priors.yaml"


@pytest.fixture(scope="session")
def prior() -> Prior:
    return Prior.from_rows(yaml.safe_load(PRIORS.read_text()))


@pytest.fixture(scope="session")
def settings() -> Settings:
    errors = Errors(dict.fromkeys(PRICES, 0.4), 0.7, 0.15, 1.0, 4.0, 1.5, 0.25, 0.9)
    return Settings(errors, draws=128, kept=32, wedge_draws=16, rest_years=5.0, least_effective=5.0)


@pytest.fixture(scope="session")
def made_market() -> Callable[..., Market]:
    return market


def market(
    cost: float = 1.0, subsidy: float = 1.0, price: float = 1.0, duty: float = 0.25, quota: float = 26_000.0
) -> Market:
    """Return the made-up market; `cost` scales every cost, `subsidy` the support, `price` what was observed."""
    histories = {name: MarketHistory(name, _history(name, price, duty, quota), PRICES[name]) for name in PRICES}
    sources = (
        _source(
            "bayan_obo", Region.CHINA, 100_000, {"NdPr": 0.20, "Dy": 0.001, "Tb": 0.0003}, 7.0 * cost, 0.5 * subsidy
        ),
        _source("southern_clays", Region.CHINA, 30_000, {"NdPr": 0.22, "Dy": 0.04, "Tb": 0.006}, 18.0 * cost, subsidy),
        _source("incumbents_ex_china", Region.EX_CHINA, 20_000, {"NdPr": 0.23, "Dy": 0.002}, 16.0 * cost, 0.0),
        _source(
            "greenfield_ex_china", Region.EX_CHINA, 1_000, {"NdPr": 0.23, "Dy": 0.005, "Tb": 0.001}, 20.0 * cost, 0.0
        ),
    )
    return Market(histories, sources, base_month=MONTHS[-1])


def _history(name: str, price: float, duty: float, quota: float) -> pd.DataFrame:
    size = len(MONTHS)
    china, outside = DEMAND[name]
    columns = {
        "china_price": PRICES[name] * price * np.linspace(1.1, 0.9, size),
        "ex_china_price": np.full(size, np.nan),
        "subsidy_rate_est": 0.05,
        "illegal_output_share_est": 0.3,
        "export_tax_rate": duty,
        "mining_quota": quota,
        "export_quota_in_force": 1,
        "export_licence_in_force": 0,
        "stockpile_purchase_est": 0.0,
        "capacity_china_est": 30_000.0,
        "capacity_ex_china_est": 5_000.0,
        "exports_china": np.nan,
        "consumption_china": np.nan,
        "consumption_ex_china": np.nan,
        "physical_demand_china": china,
        "physical_demand_ex_china": outside,
        "vat_not_refunded": 0.17,
        "deflator": 1.0,
    }
    return pd.DataFrame(columns, index=MONTHS)


def _source(
    name: str, region: Region, capacity: float, basket: dict[str, float], cost: float, support: float
) -> Source:
    flat = np.full(len(MONTHS), 1.0)
    return Source(
        name=name,
        region=region,
        basket=basket,
        capacity=capacity * flat,
        capacity_evidence=np.full(len(MONTHS), "derived"),
        cash_cost=cost * flat,
        capital_charge=0.4 * cost * flat,
        environment=0.8 * flat,
        environment_unpaid=(0.5 if region == Region.CHINA else 0.0) * flat,
        support={s: support * (i + 1) * flat for i, s in enumerate(SupportSet)},
        co_product_credit=1.0 * flat,
        royalty_rate=0.05 * flat,
        limit=4 * max(capacity, 20_000),
        quota_bound=region == Region.CHINA,
    )
