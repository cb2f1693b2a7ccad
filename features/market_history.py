"""The market as the estimator reads it: a history per material, the sources they share, and the geopolitical indices.

Two vintages: `latest` from all rows; `as_known`, each month from the rows public on its vintage day, by today's method
and today's expert parameters. A dated expert fact enters an as-known month only once it was published.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from features import demand, geopolitics, supply_outputs, trade
from features.banded import Banded
from features.dataset import Dataset
from features.expert_paths import ExpertPath, load_paths
from features.market_prices import market_price, priced_months
from features.material_columns import CPI, Slice, join_slices, slice_of
from features.policy import Vintage
from features.policy_columns import policy_columns
from features.quota_rent import licence_rent, quota_rent
from features.readings import Readings
from features.costs import source_costs
from features.supply_sources import supply_sources
from features.vantage import vantages
from pricing.market.history import Evidence, MarketHistory
from pricing.market.supply import Market
from pricing.materials import Material

FIRST_MONTH = {Material.NDPR: "2010-07", Material.DY: "2013-03", Material.TB: "2019-01"}
SERIES = (*supply_outputs.SERIES, *demand.SERIES, *trade.SERIES, *geopolitics.SERIES, CPI)
BASE_MONTH = "2026-02"
NOTES = {
    "quantities": "t of this oxide a year, by region of separation; carbonate of Brazilian clays counts nowhere",
    "physical demand": "gross of scrap, at the reference price; from drivers and intensities, no price enters",
    "vintages": "series are today's vintages of GPR, EPU, PMI and USGS: a replay is pseudo-real-time",
    "subsidy_rate_est": "share of revenue taken as share of unit cost",
}


def build_market(dataset: Dataset, vintage: Vintage) -> Market:
    """Return the market of one vintage, from 2010-07 to the last month whose vintage day the dataset has reached.

    Money in histories is nominal, `deflator` makes it real; sources stand in real USD/kg REO of the base month.
    """
    months = priced_months(dataset)
    experts = load_paths("supply") | load_paths("demand")
    costs = source_costs(dataset, months, vintage)
    baskets = {name: cost.basket for name, cost in costs.items()}
    readings = Readings.of(dataset.panel, SERIES)
    found = join_slices([slice_of(v, baskets) for v in vantages(readings, months, experts, vintage)])
    histories = {m: _history(dataset, m, months, found, experts, vintage) for m in Material}
    return Market(
        histories=histories,
        sources=supply_sources(found.capacity, costs, experts, list(months)),
        base_month=BASE_MONTH,
        vintage=vintage,
        geopolitics={name: index.value for name, index in found.geopolitics.items()},
    )


def _history(
    dataset: Dataset,
    material: Material,
    months: Sequence[str],
    found: Slice,
    experts: Mapping[str, ExpertPath],
    vintage: Vintage,
) -> MarketHistory:
    prices = {r: market_price(dataset, material, r, vintage, months) for r in ("china", "ex_china")}  # type: ignore[arg-type]
    policy = policy_columns(dataset.policy, material, months, vintage, found.us_share)
    columns = {
        **{f"{region}_price": _priced(table) for region, table in prices.items()},
        **policy,
        "quota_rent": _rent(dataset, material, months, policy, prices, experts, vintage),
        **found.columns[material],
        "deflator": found.deflator,
    }
    frame = _frame(columns, months).assign(price_basis=prices["ex_china"]["basis"].to_numpy())
    frame = frame[frame.index >= FIRST_MONTH[material]]
    reference = experts[f"reference_price_{material.lower()}"].number()
    return MarketHistory(str(material), frame, reference, NOTES)


def _priced(table: pd.DataFrame) -> Banded:
    numbers = (table[name].to_numpy(dtype=float) for name in ("price", "low", "high"))
    evidence = table["evidence"].replace("", Evidence.PRIOR.value).to_numpy(dtype=object)
    return Banded(*numbers, evidence)


def _rent(
    dataset: Dataset,
    material: Material,
    months: Sequence[str],
    policy: Mapping[str, Banded],
    prices: Mapping[str, pd.DataFrame],
    experts: Mapping[str, ExpertPath],
    vintage: Vintage,
) -> Banded:
    """Return the rent of quotas while they were in force, of the licence where it is, nil elsewhere."""
    rent = Banded.sure(np.zeros(len(months)), Evidence.DERIVED)
    under_quota = policy["export_quota_in_force"].value > 0
    last = int(np.flatnonzero(under_quota)[-1]) + 1 if under_quota.any() else 0
    quota = quota_rent(dataset, material, months[:last], experts, vintage).followed_by(rent.tail(last))
    rent = quota.where(under_quota, rent)
    licensed = policy["export_licence_in_force"].value > 0
    here = {region: table[["price", "low", "high"]].where(np.tile(licensed[:, None], 3)) for region, table in prices.items()}
    licence = licence_rent(here["china"], here["ex_china"], policy["vat_not_refunded"].value, experts)
    return licence.where(licensed, rent)


def _frame(columns: Mapping[str, Banded], months: Sequence[str]) -> pd.DataFrame:
    parts: dict[str, np.ndarray] = {}
    for name, column in columns.items():
        parts[name] = column.value
        if not np.array_equal(column.low, column.high, equal_nan=True):
            parts[f"{name}_low"], parts[f"{name}_high"] = column.low, column.high
        parts[f"{name}_evidence"] = column.evidence
    return pd.DataFrame(parts, index=pd.Index(list(months), name="month"))
