"""The shape of scenario answers. orjson writes these dataclasses as they stand; FastAPI documents them.

Amounts are nominal USD of the baseline's month, rounded to `digits` decimals; changes are shares (0.1 is 10 %). null is
not available, never zero: a material with status `band` has ranges and no point of its fair price.
"""

from __future__ import annotations

from dataclasses import dataclass

from serving.scenarios.payment_schemas import FloorMoved, LandedOut, MoveOut, PolicyPayment, RangeOut
from serving.schemas import Flag, ModelOut


@dataclass(frozen=True, slots=True)
class OverrideOut:
    """One lever at another value, as it was read; months are null where it holds for good."""

    lever: str
    title: str
    unit: str
    way: str
    amount: float
    baseline: float
    value: float
    first_month: str | None
    last_month: str | None
    range_of_evidence: tuple[float, float]
    extrapolated: bool
    moves: str
    source: str
    as_of: str


@dataclass(frozen=True, slots=True)
class BridgeOut:
    """What one override does alone; the last line of several is what they do beyond that together. Lines add up.

    Shares are of the baseline's price. `moves_in` is the share of draws in which the override moves any price. On
    NdPr's bridge `normal_value` says by how much it moves the normal values of plants, least and most, USD/kg without
    distortion, and `pass_through` which share of the largest of these reaches the fair price.
    """

    lever: str
    title: str
    fair: float | None
    fair_share: float | None
    market_china: float | None
    market_ex_china: float | None
    moves_in: float
    normal_value: tuple[float, float] | None
    pass_through: float | None
    words: str


@dataclass(frozen=True, slots=True)
class PointOut:
    """A price in one quarter, and its change as a share of the baseline's."""

    value: float | None
    low: float | None
    high: float | None
    change: float | None


@dataclass(frozen=True, slots=True)
class QuarterOut:
    """The prices of one quarter of a dated scenario, and the levers in force."""

    quarter: str
    in_force: tuple[str, ...]
    market: dict[str, PointOut]
    fair: PointOut
    wedge: dict[str, RangeOut]


@dataclass(frozen=True, slots=True)
class PeakOut:
    """Where on its path a price lies furthest from the baseline."""

    price: str
    quarter: str
    move: MoveOut


@dataclass(frozen=True, slots=True)
class MaterialMoved:
    """What a scenario does to one material.

    For good: `market` and `fair_short_run` at today's plants, `market_adjusted` and `fair_long_run` once plants have
    adjusted. Dated: each is the mean of the quarters in which an override holds, `path` has every quarter, `furthest`
    where each price lies furthest from the baseline. Wedge: market less fair, on each region's basis.
    """

    material: str
    status: str
    market: dict[str, MoveOut]
    market_adjusted: dict[str, MoveOut]
    fair_long_run: MoveOut
    fair_short_run: MoveOut | None
    wedge: dict[str, MoveOut]
    bridge: tuple[BridgeOut, ...]
    path: tuple[QuarterOut, ...]
    furthest: tuple[PeakOut, ...]
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NormalValueOut:
    """One route's normal value, USD/kg NdPr oxide; components add up to the difference.

    By-products are credited (co-product method); `by_value_share` allocates cost by value instead.
    """

    route: str
    variant: str
    baseline: float
    scenario: float
    difference: float
    by_component: dict[str, float]
    by_value_share: MoveOut


@dataclass(frozen=True, slots=True)
class IncentiveOut:
    """The incentive price of a supply outside China, USD/kg NdPr oxide, and the project that completes it."""

    tonnes_per_year: float
    baseline: float
    scenario: float
    difference: float
    project_baseline: str
    project_scenario: str


@dataclass(frozen=True, slots=True)
class EvidenceCount:
    """Months of a precedent by what is known of the price outside China."""

    months: int
    observed: int
    derived: int
    without: int


@dataclass(frozen=True, slots=True)
class PrecedentOut:
    """A limit on exports that was seen, and how much usable evidence of prices outside China there is of it."""

    name: str
    title: str
    first_month: str
    last_month: str
    outside_china: dict[str, EvidenceCount]
    source: str
    as_of: str
    note: str
    words: str


@dataclass(frozen=True, slots=True)
class PresetUsed:
    """The preset whose overrides were joined."""

    name: str
    title: str
    source: str
    as_of: str
    note: str


@dataclass(frozen=True, slots=True)
class ScenarioAnswer:
    """Baseline, scenario and difference of every price, and what follows from it."""

    scenario_id: str
    month: str
    snapshot: str
    as_of: str
    basis: str
    digits: int
    dated: bool
    overrides: tuple[OverrideOut, ...]
    preset: PresetUsed | None
    materials: tuple[MaterialMoved, ...]
    freight_usd_per_kg: float
    normal_values: tuple[NormalValueOut, ...]
    incentive: tuple[IncentiveOut, ...]
    payments: tuple[PolicyPayment, ...]
    landed: tuple[LandedOut, ...]
    floor: FloorMoved | None
    precedents: tuple[PrecedentOut, ...]
    approximations: tuple[str, ...]
    flags: tuple[Flag, ...]
    model: ModelOut
    method: str
