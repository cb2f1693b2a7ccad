"""A family of simulated economies, as data: ranges its parameters are drawn from, curves and ways to be observed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pricing.errors import DataError

REGIONS = ("china", "ex_china")
FACTORS = ("energy", "reagents", "labour", "capital")
CURVES = ("logistic", "saturating", "two_step")  # how output answers the price, see curves.py
SCHEMES = ("full", "yearly", "poor", "realistic")  # what an analyst sees, see observation.py
TWINS = ("more_subsidy", "tighter_quota", "tighter_licence", "more_stockpiling")

MOST_SUBSIDY = 0.75  # of unit cost, a twin's included: beyond it a wandering subsidy could leave no cost at all

PARAMETERS = (
    # technology and demand
    *(f"{name}_{region}" for name in ("supply_slope", "demand_elasticity", "cost_ratio") for region in REGIONS),
    *(f"{name}_{region}" for name in ("demand_start", "demand_growth", "capacity_start") for region in REGIONS),
    *(f"fair_capacity_start_{region}" for region in REGIONS),
    "freight",
    "unit_cost",
    *(f"cost_weight_{factor}" for factor in FACTORS),
    *(f"factor_growth_{factor}" for factor in FACTORS),
    *(f"factor_shock_{factor}" for factor in FACTORS),
    "demand_shock_common",
    "demand_shock_own",
    "demand_shock_life",
    # investment
    "investment_delay",
    "investment_window",
    "investment_speed",
    "investment_hurdle",
    "closure_rate",
    "build_rate",
    *(f"pipeline_growth_{region}" for region in REGIONS),
    "policy_share",
    "policy_growth",
    # distortions
    "subsidy_start",
    "subsidy_end",
    "subsidy_turn",
    "subsidy_turn_width",
    "subsidy_wobble",
    "illegal_start",
    "illegal_end",
    "illegal_turn",
    "illegal_turn_width",
    "quota_start",
    "quota_growth",
    "quota_cycle",
    "quota_cycle_years",
    "quota_cycle_phase",
    "export_duty",
    "export_duty_until",
    "export_quota_share",
    "export_quota_until",
    "licence_share",
    "licence_from",
    "stockpile_rate",
    "stockpile_longest",
    "stockpile_size",
    "stockpile_most",
    "vat_not_refunded",
    "panic_size",
    "panic_rate",
    "panic_life",
    "panic_release",
    "ore_feed",
    "ore_feed_turn",
    "ore_feed_turn_width",
    # the one distortion that a twin has more of
    "twin_subsidy",
    "twin_quota",
    "twin_licence",
    "twin_stockpile_times",
    "twin_stockpile_more",
    "twin_stockpile_most",
    # observation
    "price_noise",
    "capacity_noise",
    "demand_noise",
    "drivers_noise",
    "exports_noise",
    "subsidy_scale",
    "subsidy_noise",
    "illegal_noise",
    "stockpile_seen",
    "factor_price_noise",
    "factor_error",
    "level_error",
    "lasting_error",
    "flat_subsidy_error",
    "poor_price_noise",
    "ex_china_price_seen",
    "exports_seen",
    "illegal_seen",
    "stockpile_known",
    "derived_share",
    "assumed_elasticity",
)


@dataclass(frozen=True)
class Family:
    """A family: low and high of every parameter (each economy draws evenly between), curves and schemes drawn from."""

    name: str
    ranges: Mapping[str, tuple[float, float]]
    curves: tuple[str, ...]
    schemes: tuple[str, ...]

    def __post_init__(self) -> None:
        missing = [name for name in PARAMETERS if name not in self.ranges]
        unknown = [name for name in self.ranges if name not in PARAMETERS]
        if missing or unknown:
            found = f"missing {', '.join(missing)}" if missing else f"unknown {', '.join(unknown)}"
            msg = f"Family {self.name}: {found}; a family states a range for each of {len(PARAMETERS)} parameters."
            raise DataError(msg)
        for name, (low, high) in self.ranges.items():
            if not low <= high < float("inf"):
                msg = f"Family {self.name}: {name} runs from {low} to {high}; expected low <= high, both finite."
                raise DataError(msg)
        most = max(self.ranges["subsidy_start"][1], self.ranges["subsidy_end"][1]) + self.ranges["twin_subsidy"][1]
        if most > MOST_SUBSIDY:
            msg = f"Family {self.name}: a twin's subsidy reaches {most} of unit cost; expected {MOST_SUBSIDY} at most."
            raise DataError(msg)
        self._check_words("curves", self.curves, CURVES)
        self._check_words("schemes", self.schemes, SCHEMES)

    def _check_words(self, field: str, found: tuple[str, ...], known: tuple[str, ...]) -> None:
        wrong = [word for word in found if word not in known]
        if wrong or not found:
            msg = f"Family {self.name}: {field} are {found}; expected one or more of {', '.join(known)}."
            raise DataError(msg)
