"""Quantities of a market history: from t REO by source and physical drivers to t of each oxide, vantage by vantage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from features.banded import Banded, joined, total
from features.demand import Demand, demand
from features.geopolitics import geopolitical_indices
from features.supply_outputs import CHINA, OUTSIDE, QUOTA_BOUND, Outputs, outputs
from features.supply_sources import INCUMBENTS, capacities
from features.trade import exports, stockpile
from features.vantage import Vantage
from pricing.market.history import Evidence
from pricing.materials import Material

CPI = "us_cpi_CPIAUCSL"
REPORTS_NDPR = (INCUMBENTS, "brownfield_ex_china")
SEPARATED_OUTSIDE = tuple(name for name in OUTSIDE if name != "brazil_clay")  # its carbonate is shipped on
SMALLEST_T = 1.0  # t a year; a capacity or a use of nothing has no logarithm

Baskets = Mapping[str, Mapping[Material, float]]


@dataclass(frozen=True)
class Slice:
    """What vantages yield at their months (T,), by group and name.

    Groups: each material (columns in t of its oxide), `capacity` (t REO by source), `geopolitics`, `spot` (USD/kg by
    material, thin, outside China under the export licence), `shared` (deflator, us_share).
    """

    parts: Mapping[tuple[str, str], Banded]

    def group(self, name: str) -> dict[str, Banded]:
        """Return the members of a group by name."""
        return {member: part for (group, member), part in self.parts.items() if group == name}


def slice_of(vantage: Vantage, baskets: Baskets) -> Slice:
    """Return all that one vantage says of its months."""
    made = outputs(vantage, {name: baskets[name].get(Material.NDPR, 0.0) for name in REPORTS_NDPR})
    capacity = capacities(vantage, made.made, baskets[INCUMBENTS].get(Material.NDPR, 0.0))
    wanted = demand(vantage)
    groups: dict[str, Mapping[str, Banded]] = {
        "capacity": capacity,
        "geopolitics": geopolitical_indices(vantage),
        "spot": {
            m: vantage.none() if m is Material.NDPR else vantage.path(f"european_spot_{m.lower()}") for m in Material
        },
        "shared": {"deflator": _deflator(vantage), "us_share": vantage.path("us_share_of_oxide_use_outside_china")},
    }
    for material in Material:
        yields = {name: basket.get(material, 0.0) for name, basket in baskets.items()}
        groups[material] = {
            **_supply(vantage, material, made, yields, wanted),
            **_capacity(capacity, yields),
            "subsidy_rate_est": vantage.path("subsidy_rate").marked(Evidence.PRIOR),
            "physical_demand_china": wanted.china[material].held_above(SMALLEST_T),
            "physical_demand_ex_china": wanted.outside[material].held_above(SMALLEST_T),
        }
    return Slice({(group, name): part for group, members in groups.items() for name, part in members.items()})


def join_slices(slices: Sequence[Slice]) -> Slice:
    """Return slices laid end to end in time."""
    return Slice({key: joined(piece.parts[key] for piece in slices) for key in slices[0].parts})


def _supply(
    v: Vantage, material: Material, made: Outputs, yields: Mapping[str, float], wanted: Demand
) -> dict[str, Banded]:
    error = v.path(f"basket_error_{material.lower()}")
    oxide = {name: output.scaled(yields[name]).times(error) for name, output in made.made.items()}
    supply = {
        "output_china": total(oxide[name] for name in CHINA),
        "output_ex_china": _separated_outside(v, material, oxide),
        "exports_china": exports(v, material),
        "stockpile_purchase_est": stockpile(v, material),
        "scrap_output_china": wanted.scrap_china[material],
        "scrap_output_ex_china": wanted.scrap_outside[material],
    }
    by_source = {f"output_by_source_{name}": tonnes for name, tonnes in oxide.items()}
    return {**supply, **by_source, **_quota(made, yields), **_consumption(supply)}


def _capacity(capacity: Mapping[str, Banded], yields: Mapping[str, float]) -> dict[str, Banded]:
    plant = {name: tonnes.scaled(yields[name]) for name, tonnes in capacity.items()}
    return {
        "capacity_china_est": total(plant[name] for name in CHINA).held_above(SMALLEST_T),
        "capacity_ex_china_est": total(plant[name] for name in SEPARATED_OUTSIDE).held_above(SMALLEST_T),
    }


def _quota(made: Outputs, yields: Mapping[str, float]) -> dict[str, Banded]:
    """Return the mining quota in this oxide, and the output beyond it as a share of the quota."""
    quota = total(made.quota[name].scaled(yields[name]) for name in QUOTA_BOUND)
    bound = total(made.made[name].scaled(yields[name]) for name in QUOTA_BOUND)
    beyond = [np.maximum(side / quota.value - 1, 0.0) for side in (bound.value, bound.low, bound.high)]
    return {
        "mining_quota": quota.marked_at_best(Evidence.DERIVED),
        "illegal_output_share_est": Banded.of(beyond, bound.evidence).marked(Evidence.PRIOR),
    }


def _separated_outside(v: Vantage, material: Material, oxide: Mapping[str, Banded]) -> Banded:
    """Return oxide separated outside China: NdPr by plant; Dy and Tb as reported, for baskets were shipped on mixed."""
    if material is Material.NDPR:
        return total(oxide[name] for name in SEPARATED_OUTSIDE)
    dy = v.path("dy_share_of_heavy_outside_china")
    share = dy if material is Material.DY else dy.complement()
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


def _deflator(v: Vantage) -> Banded:
    """Return the US price level over that of the base month; a gap lies on the line, a month ahead holds the last."""
    days, level = v.view.points(CPI)
    when = days.astype("datetime64[M]")
    wanted = np.array(v.months, dtype="datetime64[M]")
    value = np.interp(wanted.astype(int), when.astype(int), level) / v.experts["price_level_of_base_month"].number()
    evidence = np.where(np.isin(wanted, when), Evidence.OBSERVED.value, Evidence.DERIVED.value).astype(object)
    return Banded(value, value, value, evidence)
