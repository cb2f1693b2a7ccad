"""Quantities of a market history: from t REO by source and physical drivers to t of each oxide, vantage by vantage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from features.banded import Banded, joined, total
from features.demand import Demand, demand
from features.geopolitics import geopolitical_indices
from features.supply_outputs import CHINA, OUTSIDE, QUOTA_BOUND, Outputs, outputs
from features.supply_sources import capacities
from features.trade import exports, stockpile
from features.vantage import Vantage
from pricing.market.history import Evidence
from pricing.materials import Material

CPI = "us_cpi_CPIAUCSL"
REPORTS_NDPR = ("incumbents_ex_china", "brownfield_ex_china")
SEPARATED_OUTSIDE = tuple(name for name in OUTSIDE if name != "brazil_clay")  # its carbonate is shipped on
SMALLEST_T = 1.0  # t a year; a capacity or a use of nothing has no logarithm

Baskets = Mapping[str, Mapping[Material, float]]


@dataclass(frozen=True)
class Slice:
    """What vantages yield at their months (T,): capacity in t REO, columns of each material in t of its oxide."""

    capacity: Mapping[str, Banded]
    columns: Mapping[Material, Mapping[str, Banded]]
    geopolitics: Mapping[str, Banded]
    deflator: Banded
    us_share: Banded


def slice_of(vantage: Vantage, baskets: Baskets) -> Slice:
    """Return all that one vantage says of its months."""
    made = outputs(vantage, {name: baskets[name].get(Material.NDPR, 0.0) for name in REPORTS_NDPR})
    capacity = capacities(vantage, made.made)
    wanted = demand(vantage)
    return Slice(
        capacity,
        {m: _columns(vantage, m, made, capacity, wanted, baskets) for m in Material},
        geopolitical_indices(vantage),
        _deflator(vantage),
        vantage.path("us_share_of_oxide_use_outside_china"),
    )


def join_slices(slices: Sequence[Slice]) -> Slice:
    """Return slices laid end to end in time."""
    first = slices[0]
    along = lambda pick: joined([pick(s) for s in slices])  # noqa: E731
    return Slice(
        {name: along(lambda s, n=name: s.capacity[n]) for name in first.capacity},
        {m: {c: along(lambda s, m=m, c=c: s.columns[m][c]) for c in first.columns[m]} for m in Material},
        {name: along(lambda s, n=name: s.geopolitics[n]) for name in first.geopolitics},
        along(lambda s: s.deflator),
        along(lambda s: s.us_share),
    )


def _columns(
    v: Vantage, material: Material, made: Outputs, capacity: Mapping[str, Banded], wanted: Demand, baskets: Baskets
) -> dict[str, Banded]:
    error = v.path(f"basket_error_{material.lower()}")
    yields = lambda name: baskets[name].get(material, 0.0)  # noqa: E731
    oxide = {name: output.scaled(yields(name)).times(error) for name, output in made.made.items()}
    plant = {name: t.scaled(yields(name)) for name, t in capacity.items()}
    quota = total(made.quota[name].scaled(yields(name)) for name in QUOTA_BOUND)
    supply = {
        "output_china": total(oxide[name] for name in CHINA),
        "output_ex_china": _separated_outside(v, material, oxide),
        "exports_china": exports(v, material),
        "stockpile_purchase_est": stockpile(v, material),
        "scrap_output_china": wanted.scrap_china[material],
        "scrap_output_ex_china": wanted.scrap_outside[material],
    }
    return {
        **supply,
        **{f"output_by_source_{name}": t for name, t in oxide.items()},
        "capacity_china_est": total(plant[name] for name in CHINA).held_above(SMALLEST_T),
        "capacity_ex_china_est": total(plant[name] for name in SEPARATED_OUTSIDE).held_above(SMALLEST_T),
        "mining_quota": quota.marked_at_best(Evidence.DERIVED),
        "illegal_output_share_est": _beyond_quota(made, yields, quota),
        "subsidy_rate_est": v.path("subsidy_rate").marked(Evidence.PRIOR),
        **_consumption(supply),
        "physical_demand_china": wanted.china[material].held_above(SMALLEST_T),
        "physical_demand_ex_china": wanted.outside[material].held_above(SMALLEST_T),
    }


def _separated_outside(v: Vantage, material: Material, oxide: Mapping[str, Banded]) -> Banded:
    """Return oxide separated outside China: NdPr by plant; Dy and Tb as reported, for baskets were shipped on mixed."""
    if material is Material.NDPR:
        return total(oxide[name] for name in SEPARATED_OUTSIDE)
    dy = v.path("dy_share_of_heavy_outside_china")
    share = dy if material is Material.DY else Banded(1 - dy.value, 1 - dy.high, 1 - dy.low, dy.evidence)
    return v.path("heavy_oxide_outside_china_t").times(share)


def _consumption(supply: Mapping[str, Banded]) -> dict[str, Banded]:
    """Return what each region used: what it made and recovered, less what left it or went into state stocks."""
    sent = supply["exports_china"]
    here = supply["output_china"].plus(supply["scrap_output_china"]).minus(sent).minus(supply["stockpile_purchase_est"])
    there = supply["output_ex_china"].plus(supply["scrap_output_ex_china"]).plus(sent)
    return {
        "consumption_china": here.held_above(SMALLEST_T),
        "consumption_ex_china": there.held_above(SMALLEST_T),
    }


def _beyond_quota(made: Outputs, yields: object, quota: Banded) -> Banded:
    """Return output beyond the quota as a share of the quota, both in this oxide."""
    bound = total(made.made[name].scaled(yields(name)) for name in QUOTA_BOUND)  # type: ignore[operator]
    shares = (np.maximum(side / quota.value - 1, 0.0) for side in (bound.value, bound.low, bound.high))
    return Banded(*shares, np.full(len(quota.value), Evidence.PRIOR.value, dtype=object))


def _deflator(v: Vantage) -> Banded:
    """Return the US price level over that of the base month; a gap lies on the line, a month ahead holds the last."""
    days, level = v.view.points(CPI)
    when = days.astype("datetime64[M]")
    wanted = np.array(v.months, dtype="datetime64[M]")
    value = np.interp(wanted.astype(int), when.astype(int), level) / v.experts["price_level_of_base_month"].number()
    evidence = np.where(np.isin(wanted, when), Evidence.OBSERVED.value, Evidence.DERIVED.value).astype(object)
    return Banded(value, value, value, evidence)
