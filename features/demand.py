"""What the physical drivers call for: electric cars, wind, and other uses by magnet output and industry; never a price.

Quantities are t of the elements Nd, Pr, Dy and Tb a year until `physical_demand` turns them into oxide.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from features.banded import Banded, total
from features.readings import held, year_of
from features.vantage import Vantage
from pricing.market.history import Evidence, Floats
from pricing.materials import Material, oxide_per_metal_kg

USES = ("ev", "wind", "other")
T_PER_KG = 1e-3
MW_PER_GW = 1e3
PERCENT = 1e-2
LEAST_REST = 0.1  # the band of other uses ends at a tenth of them, however uncertain cars and wind
MONTHS = 12
FULL_YEAR = 11  # months of sales that make a year; January and February are sometimes published together
SERIES = (
    "cn_ndfeb_sintered_output_t",
    "cn_ndfeb_bonded_output_t",
    "cn_ndfeb_total_output_t",
    "cn_nev_sales_caam",
    "iea_ev_sales_cars_bev_world",
    "iea_ev_sales_cars_phev_world",
    "iea_ev_sales_cars_bev_china",
    "iea_ev_sales_cars_phev_china",
    "wind_capacity_gw_world_irena",
    "cn_industrial_value_added_yoy",
    "us_indpro",
)


@dataclass(frozen=True)
class Demand:
    """Oxide called for by region, and oxide from scrap by region, t a year at the months (T,)."""

    china: Mapping[Material, Banded]
    outside: Mapping[Material, Banded]
    scrap_china: Mapping[Material, Banded]
    scrap_outside: Mapping[Material, Banded]


def demand(vantage: Vantage) -> Demand:
    """Return physical demand and scrap of each material by region of separation."""
    world = _by_material(vantage, _by_use(vantage))
    here = vantage.path("china_share_of_magnet_making")
    there = here.complement()
    scrap, less = vantage.path("scrap_share_of_use"), vantage.path("scrap_share_outside_china")
    china = {m: t.times(here) for m, t in world.items()}
    outside = {m: t.times(there) for m, t in world.items()}
    return Demand(
        china,
        outside,
        {m: t.times(scrap) for m, t in china.items()},
        {m: t.times(scrap).times(less) for m, t in outside.items()},
    )


def use_shares(vantage: Vantage) -> dict[str, dict[Material, float]]:
    """Return the share of each use in the world's demand for each oxide, in the vantage's last month."""
    uses = _by_use(vantage)
    elements = {m: {use: _content(vantage, m, use).times(t).value[-1] for use, t in uses.items()} for m in Material}
    return {use: {m: float(parts[use] / sum(parts.values())) for m, parts in elements.items()} for use in USES}


def _content(v: Vantage, material: Material, use: str) -> Banded:
    """Return a material's share of the rare earths in a use: NdPr is what Dy and Tb leave."""
    if material is not Material.NDPR:
        return v.path(f"{material.lower()}_share_{use}")
    return v.path(f"dy_share_{use}").plus(v.path(f"tb_share_{use}")).complement()


def _by_use(v: Vantage) -> dict[str, Banded]:
    """Return the elements that each use calls for, all rare earths of magnets together."""
    uses = {"ev": _ev(v), "wind": _wind(v)}
    uses["other"] = _other(v, total(uses.values()))
    return {use: v.to_months(t) for use, t in uses.items()}


def _by_material(v: Vantage, uses: Mapping[str, Banded]) -> dict[Material, Banded]:
    """Return world use of each oxide: Dy and Tb by their share of each use, NdPr the rest."""
    heavy = {
        m: total(uses[use].times(v.path(f"{m.lower()}_share_{use}")) for use in USES)
        for m in (Material.DY, Material.TB)
    }
    light = total(uses.values())
    both = heavy[Material.DY].plus(heavy[Material.TB])
    ndpr = light.scaled(1 - both.value / light.value)
    elements = {Material.NDPR: ndpr, **heavy}
    return {m: t.scaled(oxide_per_metal_kg(m)) for m, t in elements.items()}


def _ev(v: Vantage) -> Banded:
    """Return use in electric cars (Y,). Years IEA has not published grow with China's monthly sales, or fade."""
    cars, china = _cars(v, "world"), _cars(v, "china")
    fading = _last_growth(cars)
    error = v.path_yearly("growth_unknown_a_year")
    if not np.isfinite(cars).any():
        return Banded.sure(np.zeros(len(cars)), Evidence.PRIOR)
    last = _last(cars)
    share = china[last] / cars[last]
    monthly = _monthly_growth(v)
    by_driver = 1 + share * (monthly - 1) + (1 - share) * (fading - 1)
    carried = _carried(cars, fading, by_driver, error)
    return carried.times(v.path_yearly("ev_magnet_ree_kg")).scaled(T_PER_KG)


def _cars(v: Vantage, place: str) -> Floats:
    bev, phev = (v.view.yearly(f"iea_ev_sales_cars_{kind}_{place}", v.years) for kind in ("bev", "phev"))
    return np.asarray(bev + phev)


def _monthly_growth(v: Vantage) -> Floats:
    """Return growth of China's sales by year (Y,), the running year by its last twelve known months, NaN unknown."""
    days, sales = v.view.points("cn_nev_sales_caam")
    of_year = year_of(days)
    means = np.array([sales[of_year == y].mean() if (of_year == y).sum() >= FULL_YEAR else np.nan for y in v.years])
    running = v.years == (of_year[-1] if len(sales) >= MONTHS else 0)
    means = np.where(running, sales[-MONTHS:].mean() if running.any() else np.nan, means)
    return np.concatenate([[np.nan], means[1:] / means[:-1]])


def _last(values: Floats) -> int:
    return int(np.flatnonzero(np.isfinite(values))[-1])


def _last_growth(values: Floats) -> float:
    """Return half (in logs) of the last known growth: a boom is not carried on for ever."""
    known = values[np.isfinite(values)]
    return float(np.sqrt(known[-1] / known[-2])) if len(known) > 1 else 1.0


def _carried(known: Floats, fading: float, by_driver: Floats, error: Banded) -> Banded:
    """Return a yearly series carried beyond its last year: by a driver where known, else by a growth that fades."""
    last, value = _last(known), known.copy()
    for index in range(last + 1, len(known)):
        faded = fading ** (0.5 ** (index - last - 1))
        value[index] = value[index - 1] * (by_driver[index] if np.isfinite(by_driver[index]) else faded)
    value = np.where(np.isfinite(value), value, value[np.isfinite(value)][0])
    ahead = np.maximum(np.arange(len(known)) - last, 0)
    evidence = np.where(ahead > 0, "prior", "observed").astype(object)
    return Banded(value, value * np.exp(-error.value * ahead), value * np.exp(error.value * ahead), evidence)


def _wind(v: Vantage) -> Banded:
    """Return use in wind turbines (Y,), from additions to capacity."""
    capacity = v.view.yearly("wind_capacity_gw_world_irena", v.years)
    added = np.concatenate([[np.nan], np.diff(capacity)])
    further = v.dated_yearly("wind_additions_further_gw")
    added = np.where(np.isfinite(added), added, further)
    carried = _carried(added, 1.0, np.full(len(added), np.nan), v.path_yearly("growth_unknown_a_year"))
    return carried.times(v.path_yearly("wind_magnet_ree_kg_per_mw")).scaled(MW_PER_GW * T_PER_KG)


def _other(v: Vantage, cars_and_wind: Banded) -> Banded:
    """Return all other use (Y,): magnet output times its content, less cars and wind; between and after by industry."""
    ndfeb = Banded.sure(_ndfeb(v), Evidence.DERIVED)
    world = ndfeb.over(v.path_yearly("china_share_of_magnet_making")).times(v.path_yearly("magnet_ree_per_ndfeb"))
    rest = world.minus(cars_and_wind)
    stated = v.dated_yearly("other_uses_t")
    value = np.where(np.isfinite(stated), stated, rest.value)
    sides = np.maximum(np.stack([rest.low, rest.high]), LEAST_REST * rest.value)
    relative = np.where(np.isfinite(rest.value), sides / rest.value, np.nan)
    low, high = (np.where(np.isfinite(stated), 1.0, side) for side in relative)
    return _filled(v, value, held(low), held(high), np.isfinite(stated))


def _ndfeb(v: Vantage) -> Floats:
    sintered, bonded, whole = (
        v.view.yearly(f"cn_ndfeb_{kind}_output_t", v.years) for kind in ("sintered", "bonded", "total")
    )
    output = np.where(np.isfinite(whole), whole, sintered + bonded)
    further = v.dated_yearly("ndfeb_output_china_further_t")
    return np.where(np.isfinite(further), further, output)


def _filled(v: Vantage, value: Floats, low: Floats, high: Floats, stated: np.ndarray) -> Banded:
    """Return years between known ones along industrial output, scaled to meet both, and later years by its growth."""
    index = np.cumsum(_industry(v))
    known = np.flatnonzero(np.isfinite(value))
    gap = np.log(value[known]) - index[known]
    filled = np.exp(index + np.interp(np.arange(len(value)), known, gap))
    distance = np.min(np.abs(np.arange(len(value))[:, None] - known[None, :]), axis=1)
    error = v.path_yearly("growth_unknown_a_year").value * np.sqrt(distance)
    evidence = np.where(distance == 0, np.where(stated, "observed", "derived"), "prior").astype(object)
    below = np.hypot(np.log(np.nan_to_num(low, nan=low[np.isfinite(low)][0])), error)
    above = np.hypot(np.log(np.nan_to_num(high, nan=high[np.isfinite(high)][0])), error)
    return Banded(filled, filled * np.exp(-below), filled * np.exp(above), evidence)


def _industry(v: Vantage) -> Floats:
    """Return the log growth of industrial output in each year (Y,), weighted by where magnets are made."""
    china = np.log1p(PERCENT * np.nan_to_num(v.view.recent_mean("cn_industrial_value_added_yoy", v.years)))
    usa = np.diff(np.log(v.view.recent_mean("us_indpro", np.append(v.years[0] - 1, v.years))))
    weight = v.path_yearly("china_share_of_magnet_making").value
    beyond = v.path_yearly("ndfeb_growth_beyond_industry").value
    growth: Floats = weight * china + (1 - weight) * np.nan_to_num(usa) + beyond
    return growth
