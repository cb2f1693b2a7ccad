"""What an analyst sees of an economy: noisy, partly biased, by scheme as full as one could hope or as poor as reality.

full: every month, independent noise. yearly: capacities and demand as means of the calendar year. poor: yearly with
errors that last, a flat guess of the subsidy, most months of exports and of the outside price missing. realistic: poor,
most outside prices derived from the Chinese one, and demand seen as consumption at the price of the day.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from pricing.market.synthetic.draws import MONTHS, Draws
from pricing.market.synthetic.family import FACTORS, REGIONS, SCHEMES, Family
from pricing.market.synthetic.series import mean
from pricing.market.synthetic.setting import CHINA, EX_CHINA, Setting
from pricing.market.synthetic.world import REFERENCE_PRICE, World

Floats = np.ndarray

ASSUMED_FREIGHT = 2.0  # USD/kg, what whoever derives one price from the other takes it to be
LEAST_DEMAND = 1e-3  # so that a log of demand stays finite
FULL, YEARLY, POOR, REALISTIC = range(len(SCHEMES))


@dataclass(frozen=True)
class Seen:
    """What was observed: column -> (T, N), and where the outside price was derived (T, N)."""

    columns: Mapping[str, Floats]
    derived: Floats


def observe(family: Family, draws: Draws, setting: Setting, world: World) -> Seen:
    """Return what is seen of a distorted world, each economy by the scheme it drew."""
    scheme = np.array([SCHEMES.index(name) for name in family.schemes])[draws.scheme]
    look = _Look(draws, setting, world, scheme)
    columns = {**look.prices(), **look.policy(), **look.quantities(), **look.costs()}
    if family.ranges["vat_not_refunded"][1] > 0:
        columns["vat_not_refunded"] = setting.distortions.vat
    if SCHEMES[REALISTIC] in family.schemes:
        columns |= look.consumption()
    return Seen(columns, look.derived())


class _Look:
    """One look at N economies; every method returns columns (T, N)."""

    def __init__(self, draws: Draws, setting: Setting, world: World, scheme: Floats) -> None:
        self.draws, self.setting, self.world = draws, setting, world
        self.v, self.lasting = draws.value, draws.lasting
        self.yearly, self.poor, self.realistic = scheme >= YEARLY, scheme >= POOR, scheme >= REALISTIC

    def prices(self) -> dict[str, Floats]:
        """Return both prices; where data are poor few outside prices are seen, where realistic most are derived."""
        noise = np.where(self.poor, self.v["poor_price_noise"], self.v["price_noise"])
        china = self.world.price[CHINA] * np.exp(noise * self.draws.noise["price_china"])
        outside = self.world.price[EX_CHINA] * np.exp(noise * self.draws.noise["price_ex_china"])
        hidden = self.poor & (self.draws.sight["ex_china_price"] >= self.v["ex_china_price_seen"])
        duty, vat = self.setting.distortions.duty, self.setting.distortions.vat
        made = china * (1 + duty) * (1 + vat) + ASSUMED_FREIGHT
        return {
            "china_price": china,
            "ex_china_price": np.where(self.derived(), made, np.where(hidden, np.nan, outside)),
        }

    def derived(self) -> Floats:
        """Return where the outside price is only the Chinese one restated (T, N)."""
        hidden = self.draws.sight["ex_china_price"] >= self.v["ex_china_price_seen"]
        return self.realistic & hidden & (self.draws.sight["derived"] < self.v["derived_share"])

    def policy(self) -> dict[str, Floats]:
        """Return the distortions as they are known: the subsidy by its scale, illegal output and purchases in part."""
        d, v, sight = self.setting.distortions, self.v, self.draws.sight
        monthly = d.subsidy * v["subsidy_scale"] * np.exp(v["subsidy_noise"] * self.draws.noise["subsidy"])
        flat = mean(d.subsidy) * np.exp(v["flat_subsidy_error"] * self.lasting["flat_subsidy"])
        illegal = d.illegal * np.exp(v["illegal_noise"] * self.draws.noise["illegal"])
        bought = np.where(sight["stockpile"] < v["stockpile_seen"], d.stockpile, 0.0)
        return {
            "subsidy_rate_est": np.where(self.poor, flat, monthly),
            "illegal_output_share_est": self._rare(illegal, "illegal", "illegal_seen"),
            "export_tax_rate": d.duty,
            "mining_quota": np.where(self.poor, d.quota * np.exp(v["lasting_error"] * self.lasting["quota"]), d.quota),
            "export_quota_in_force": np.isfinite(d.export_quota).astype(float),
            "export_licence_in_force": np.isfinite(d.licence).astype(float),
            "stockpile_purchase_est": self._rare(bought, "stockpile_known", "stockpile_known"),
        }

    def quantities(self) -> dict[str, Floats]:
        """Return capacity, exports net of ore, and demand at the reference price."""
        fed = self.setting.ore_feed * self.world.capacity[EX_CHINA]
        sent = self.world.exports - fed
        noise = self.v["exports_noise"] * self.draws.noise["exports"]
        columns = {"exports_china": self._rare(sent * np.exp(noise), "exports", "exports_seen")}
        for place, region in enumerate(REGIONS):
            capacity = self.world.capacity[place] + (fed if place == CHINA else -fed)
            columns[f"capacity_{region}_est"] = self._stock(capacity, "capacity", region)
            columns[f"demand_index_{region}"] = np.where(
                self.realistic, self._shifter(place), self._stock(self.setting.demand[place], "demand", region)
            )
        return columns

    def consumption(self) -> dict[str, Floats]:
        """Return, where data are realistic, quantities consumed at the price of the day and the physical drivers."""
        columns = {}
        for place, region in enumerate(REGIONS):
            drivers = self._stock(self.setting.demand[place], "drivers", region)
            columns[f"consumption_{region}"] = np.where(self.realistic, self._consumed(place), np.nan)
            columns[f"physical_demand_{region}"] = np.where(self.realistic, drivers, np.nan)
        return columns

    def costs(self) -> dict[str, Floats]:
        """Return factor prices, and what an engineer would put down as each factor's cost."""
        columns = {}
        level = self.v["level_error"] * self.lasting["level"]
        for place, factor in enumerate(FACTORS):
            noise = self.v["factor_price_noise"] * self.draws.noise[f"factor_{factor}"]
            columns[f"factor_price_{factor}"] = self.setting.factor_price[place] * np.exp(noise)
            error = self.v["factor_error"] * self.lasting[f"factor_{factor}"] + level
            cost = self.setting.factor_cost[place] * np.exp(error)
            columns[f"factor_cost_{factor}"] = np.tile(cost, (MONTHS, 1))
        return columns

    def _rare(self, values: Floats, sight: str, share: str) -> Floats:
        """Return values of which poor data show only a share of the months."""
        return np.where(self.poor & (self.draws.sight[sight] >= self.v[share]), np.nan, values)

    def _stock(self, values: Floats, kind: str, region: str) -> Floats:
        """Return a quantity with a month's noise, or as a year's mean, and with an error that lasts where poor."""
        noise = np.exp(self.v[f"{kind}_noise"] * self.draws.noise[f"{kind}_{region}"])
        lasting = np.exp(self.v["lasting_error"] * self.lasting[f"{kind}_{region}"])
        seen = np.where(self.yearly, by_year(values * noise), values * noise)
        return np.where(self.poor, seen * lasting, seen)

    def _consumed(self, place: int) -> Floats:
        """Return what users bought in a region, panic and all, as a year's mean with an error that lasts."""
        log_price = np.log(self.world.price[place] / REFERENCE_PRICE)
        at_price = np.exp(self.setting.distortions.panic - self.setting.elasticity[place] * log_price)
        return np.maximum(self._stock(self.setting.demand[place] * at_price, "demand", REGIONS[place]), LEAST_DEMAND)

    def _shifter(self, place: int) -> Floats:
        """Return consumption restated at the reference price with the elasticity an analyst assumes."""
        price = by_year(self.prices()["china_price"])
        return self._consumed(place) * (price / REFERENCE_PRICE) ** self.v["assumed_elasticity"]


def by_year(values: Floats) -> Floats:
    """Return the mean of each calendar year (T, N), in every month of it; the last year holds what there is of it."""
    means = np.empty_like(values)
    for start in range(0, len(values), 12):
        means[start : start + 12] = mean(values[start : start + 12])
    return means
