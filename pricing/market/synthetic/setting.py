"""What happens to an economy from outside: costs, demand, technology, and every distortion month by month."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from pricing.market.synthetic.draws import MONTHS, Draws
from pricing.market.synthetic.family import CURVES, FACTORS, REGIONS, Family
from pricing.market.synthetic.series import added, panic, pulses, turning, wander

Floats = np.ndarray

CHINA, EX_CHINA = range(len(REGIONS))


@dataclass(frozen=True)
class Distortions:
    """What keeps a market from its fair price, each (T, N)."""

    subsidy: Floats  # share of unit cost
    quota: Floats  # quantity a year
    illegal: Floats  # share of quota
    duty: Floats  # ad valorem
    vat: Floats  # ad valorem, not refunded on exports
    export_quota: Floats  # share of outside demand while in force, infinity else
    licence: Floats  # the same, of the licence
    stockpile: Floats  # quantity a year, bought in China
    panic: Floats  # log of precautionary buying, both regions


@dataclass(frozen=True)
class Setting:
    """N economies before anyone clears a market; regions (China, outside) lead where both have a number."""

    curve: Floats  # (N,) place in CURVES
    supply_slope: Floats  # (2, N)
    elasticity: Floats  # (2, N)
    cost_ratio: Floats  # (2, N) of the reference plant
    freight: Floats  # (N,)
    factor_price: Floats  # (4, T, N) index
    factor_cost: Floats  # (4, N) USD/kg of the reference plant
    demand: Floats  # (2, T, N) quantity a year at the reference price
    ore_feed: Floats  # (T, N) share of outside capacity whose ore is separated in China
    policy_share: Floats  # (N,) of China's growth of capacity that policy decides
    policy_rate: Floats  # (T, N) growth a year
    distortions: Distortions

    @property
    def reference_cost(self) -> Floats:
        """Return the unit cost of the reference plant (T, N)."""
        parts = [cost * price for cost, price in zip(self.factor_cost, self.factor_price, strict=True)]
        return added(parts)

    def unit_cost(self) -> Floats:
        """Return what producers of each region pay (2, T, N), USD/kg, after subsidy."""
        cost = self.cost_ratio[:, None] * self.reference_cost
        return np.stack([cost[CHINA] * (1 - self.distortions.subsidy), cost[EX_CHINA]])

    def output_limit(self) -> Floats:
        """Return the most that China's own mines put out (T, N)."""
        return self.distortions.quota * (1 + self.distortions.illegal)

    def export_limit(self) -> Floats:
        """Return the most that China may export (T, N): a share of what the outside asks for at the reference price."""
        share = np.minimum(self.distortions.export_quota, self.distortions.licence)
        return np.where(np.isfinite(share), share, np.inf) * self.demand[EX_CHINA]

    def undistorted(self) -> Setting:
        """Return the same economies without any distortion."""
        none, free = np.zeros_like(self.distortions.quota), np.full_like(self.distortions.quota, np.inf)
        fair = Distortions(
            subsidy=none, quota=free, illegal=none, duty=none, vat=none,
            export_quota=free, licence=free, stockpile=none, panic=none,
        )  # fmt: skip
        return replace(self, policy_share=np.zeros_like(self.policy_share), distortions=fair)


def settings(family: Family, draws: Draws) -> Setting:
    """Return what happens to the economies that were drawn."""
    v = draws.value
    weights = [v[f"cost_weight_{factor}"] for factor in FACTORS]
    total = added(weights)
    quota = _quota(draws)
    return Setting(
        curve=np.array([CURVES.index(name) for name in family.curves])[draws.curve],
        supply_slope=by_region(draws, "supply_slope"),
        elasticity=by_region(draws, "demand_elasticity"),
        cost_ratio=by_region(draws, "cost_ratio"),
        freight=v["freight"],
        factor_price=np.stack([_factor_price(draws, factor) for factor in FACTORS]),
        factor_cost=np.stack([v["unit_cost"] * weight / total for weight in weights]),
        demand=_demand(draws),
        ore_feed=v["ore_feed"] * turning(v["ore_feed_turn"], v["ore_feed_turn_width"]),
        policy_share=v["policy_share"],
        policy_rate=12 * np.gradient(np.log(quota), axis=0) + v["policy_growth"],
        distortions=_distortions(draws, quota),
    )


def by_region(draws: Draws, name: str) -> Floats:
    """Return a parameter that each region has its own of (2, N)."""
    return np.stack([draws.value[f"{name}_{region}"] for region in REGIONS])


def _years() -> Floats:
    return np.arange(MONTHS)[:, None] / 12


def _factor_price(draws: Draws, factor: str) -> Floats:
    steps = draws.value[f"factor_shock_{factor}"] * draws.shock[factor]
    return np.exp(draws.value[f"factor_growth_{factor}"] * _years() + np.cumsum(steps, axis=0))


def _demand(draws: Draws) -> Floats:
    v = draws.value
    common = wander(draws.shock["common"], v["demand_shock_common"], v["demand_shock_life"])
    paths = []
    for region in REGIONS:
        own = wander(draws.shock[region], v["demand_shock_own"], v["demand_shock_life"])
        paths.append(v[f"demand_start_{region}"] * np.exp(v[f"demand_growth_{region}"] * _years() + common + own))
    return np.stack(paths)


def _quota(draws: Draws) -> Floats:
    v = draws.value
    wave = 2 * np.pi * (_years() / v["quota_cycle_years"] + v["quota_cycle_phase"])
    cycle = v["quota_cycle"] * (np.sin(wave) - np.sin(wave[:1]))
    return v["quota_start"] * np.exp(v["quota_growth"] * _years() + cycle)


def _distortions(draws: Draws, quota: Floats) -> Distortions:
    v, month = draws.value, np.arange(MONTHS)[:, None]
    wobble = wander(draws.shock["subsidy"], v["subsidy_wobble"], np.full_like(v["subsidy_wobble"], 12.0))
    subsidy = _turned(draws, "subsidy") * np.exp(wobble)
    bursts = pulses(draws.chance["burst"] < v["stockpile_rate"], draws.chance["length"], v["stockpile_longest"])
    return Distortions(
        subsidy=subsidy,
        quota=quota,
        illegal=_turned(draws, "illegal"),
        duty=np.where(month < v["export_duty_until"], v["export_duty"], 0.0),
        vat=np.broadcast_to(v["vat_not_refunded"], quota.shape),
        export_quota=np.where(month < v["export_quota_until"], v["export_quota_share"], np.inf),
        licence=np.where(month >= v["licence_from"], v["licence_share"], np.inf),
        stockpile=np.minimum(v["stockpile_size"] * bursts, v["stockpile_most"]),
        panic=_panic(draws),
    )


def _panic(draws: Draws) -> Floats:
    """Return precautionary buying: panics by chance, one under way in 2011-01 and one on the day of the licence."""
    v, month = draws.value, np.arange(MONTHS)[:, None]
    starts = (draws.chance["panic"] < v["panic_rate"]) | (month == 0) | (month == np.rint(v["licence_from"]))
    return panic(starts, v["panic_size"], v["panic_life"], v["panic_release"])


def _turned(draws: Draws, name: str) -> Floats:
    """Return a rate that goes from its start to its end around a turn, and never to zero."""
    v = draws.value
    share = turning(v[f"{name}_turn"], v[f"{name}_turn_width"])
    return v[f"{name}_start"] + (v[f"{name}_end"] - v[f"{name}_start"]) * share
