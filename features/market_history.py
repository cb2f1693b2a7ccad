"""The market as the estimator reads it: a history per material, the sources they share, and the geopolitical indices.

Two vintages: `latest` from all rows; `as_known`, each month from the rows public on its vintage day, by today's method
and today's expert parameters. A dated expert fact enters an as-known month only once it was published.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from features import demand, geopolitics, supply_outputs, trade
from features.banded import Banded
from features.costs import source_costs
from features.dataset import Dataset
from features.expert_paths import ExpertPath, load_paths
from features.market_prices import market_price, priced_months
from features.material_columns import CPI, Slice, join_slices, slice_of
from features.policy import Vintage
from features.policy_columns import policy_columns
from features.quota_rent import licence_rent, quota_rent, read_from_the_gap
from features.readings import Readings
from features.revision import revisions
from features.supply_sources import supply_sources
from features.vantage import vantages
from pricing.market.history import Evidence, MarketHistory
from pricing.market.supply import Market
from pricing.materials import Material

FIRST_MONTH = {Material.NDPR: "2010-07", Material.DY: "2013-03", Material.TB: "2019-01"}
SERIES = (*supply_outputs.SERIES, *demand.SERIES, *trade.SERIES, *geopolitics.SERIES, CPI)
SURE = (
    "deflator",
    "export_tax_rate",
    "export_quota_in_force",
    "export_licence_in_force",
    "vat_not_refunded",
    "policy_floor",
)
BASE_MONTH = "2026-02"
NOTES = {
    "quantities": "t of this oxide a year, by region of separation; carbonate of Brazilian clays counts nowhere",
    "physical demand": "gross of scrap, at the reference price; from drivers and intensities, no price enters",
    "vintages": "series are today's vintages of GPR, EPU, PMI and USGS: a replay is pseudo-real-time",
    "subsidy_rate_est": "share of revenue taken as share of unit cost",
}


def build_market(dataset: Dataset, vintage: Vintage, experts: Mapping[str, ExpertPath] | None = None) -> Market:
    """Return the market of one vintage, from 2010-07 to the last month whose vintage day the dataset has reached.

    Money in histories is nominal, `deflator` makes it real; sources stand in real USD/kg REO of the base month.
    `experts` replaces expert paths of supply or demand by name.
    """
    months = priced_months(dataset)
    experts = load_paths("supply") | load_paths("demand") | dict(experts or {})
    costs = source_costs(dataset, months, vintage)
    baskets = {name: cost.basket for name, cost in costs.items()}
    readings = Readings.of(dataset.panel, SERIES)
    found = join_slices([slice_of(v, baskets) for v in vantages(readings, months, experts, vintage)])
    asked = _Asked(dataset, months, experts, vintage)
    whole = {m: _history(asked, m, found) for m in Material}
    return Market(
        histories={m: _begun(history, FIRST_MONTH[m]) for m, history in whole.items() if FIRST_MONTH[m] <= months[-1]},
        sources=supply_sources(found.group("capacity"), costs, experts, list(months)),
        base_month=BASE_MONTH,
        demand_anchor=_month_of(experts["demand_anchor_year"].number()),
        vintage=vintage,
        revision=revisions(readings, months, experts) if vintage == "as_known" else {},
        geopolitics={name: index.value for name, index in found.group("geopolitics").items()},
        whole={str(material): history for material, history in whole.items()},
    )


def _month_of(year: float) -> str:
    """Return the month (YYYY-MM) in which a year and its fraction fall."""
    whole, months = divmod(round(year * 12), 12)
    return f"{whole}-{months + 1:02d}"


@dataclass(frozen=True)
class _Asked:
    """What a market is built from and for."""

    dataset: Dataset
    months: Sequence[str]
    experts: Mapping[str, ExpertPath]
    vintage: Vintage


def _history(asked: _Asked, material: Material, found: Slice) -> MarketHistory:
    months, vintage = asked.months, asked.vintage
    china = market_price(asked.dataset, material, "china", vintage, months)
    outside = market_price(asked.dataset, material, "ex_china", vintage, months)
    policy = policy_columns(asked.dataset.policy, material, months, vintage, found.parts["shared", "us_share"])
    rent = _rent(asked, material, policy, china, found.parts["spot", material])
    columns = {
        "china_price": _priced(china),
        "ex_china_price": _priced(outside),
        **policy,
        "quota_rent": rent,
        **found.group(material),
        "deflator": found.parts["shared", "deflator"],
    }
    made = read_from_the_gap(rent, months, policy["export_licence_in_force"].value > 0)
    frame = _frame(columns, months).assign(price_basis=outside["basis"].to_numpy(), gap_in_rent=made.astype(float))
    reference = asked.experts[f"reference_price_{material.lower()}"].number()
    return MarketHistory(str(material), frame, reference, NOTES)


def _begun(history: MarketHistory, month: str) -> MarketHistory:
    return replace(history, frame=history.frame[history.frame.index >= month])


def _priced(table: pd.DataFrame) -> Banded:
    numbers = [table[name].to_numpy(dtype=float) for name in ("price", "low", "high")]
    return Banded.of(numbers, table["evidence"].replace("", Evidence.PRIOR.value).to_numpy(dtype=object))


def _rent(asked: _Asked, material: Material, policy: Mapping[str, Banded], china: pd.DataFrame, spot: Banded) -> Banded:
    """Return the rent of quotas while they were in force, of the licence where it is, nil elsewhere."""
    nil = Banded.sure(np.zeros(len(asked.months)), Evidence.DERIVED)
    under_quota = policy["export_quota_in_force"].value > 0
    last = int(np.flatnonzero(under_quota)[-1]) + 1 if under_quota.any() else 0
    quota = quota_rent(asked.dataset, material, asked.months[:last], asked.experts, asked.vintage)
    rent = quota.followed_by(nil.tail(last)).where(under_quota, nil)
    premium = asked.experts["licence_premium_by_volume"].number()
    licence = licence_rent(spot, china, policy["vat_not_refunded"].value, premium)
    return licence.where(policy["export_licence_in_force"].value > 0, rent)


def _frame(columns: Mapping[str, Banded], months: Sequence[str]) -> pd.DataFrame:
    parts: dict[str, np.ndarray] = {}
    for name, column in columns.items():
        parts[name] = column.value
        if name not in SURE:
            parts[f"{name}_low"], parts[f"{name}_high"] = column.low, column.high
        parts[f"{name}_evidence"] = column.evidence
    return pd.DataFrame(parts, index=pd.Index(list(months), name="month"))
