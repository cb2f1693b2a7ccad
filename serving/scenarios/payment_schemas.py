"""The shape of prices moved, and of what floors pay and importers owe under a scenario."""

from __future__ import annotations

from dataclasses import dataclass

from serving.floor_schemas import DeckOut, FloorOut, TotalsOut


@dataclass(frozen=True, slots=True)
class RangeOut:
    """A centre with its 80 % range."""

    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class MoveOut:
    """A price at the baseline and under the scenario, the difference, and the change as a share of the baseline."""

    baseline: RangeOut
    scenario: RangeOut
    difference: float | None
    change: RangeOut | None


@dataclass(frozen=True, slots=True)
class PolicyPayment:
    """What a policy floor pays per kg covered on one region's market price ex VAT, at the baseline and under it.

    The 80 % ranges are those of the market price: least at its high end.
    """

    material: str
    region: str
    floor: float
    draws_supply: bool
    baseline: float | None
    scenario: float | None
    difference: float | None
    baseline_range: tuple[float, float] | None
    scenario_range: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class LandedOut:
    """What an importer pays, duty paid, USD/kg of a stage, at the market of the baseline and under the scenario.

    `stage` is oxide, metal, or magnet: what NdPr is in a kg of it. `tariff_*` are shares of value. null: no price.
    """

    material: str
    importer: str
    stage: str
    origin: str
    tariff_baseline: float
    tariff_scenario: float
    price: MoveOut


@dataclass(frozen=True, slots=True)
class FloorPeriod:
    """One period of a contract floor at the baseline and under the scenario."""

    first_day: str
    last_day: str
    settled_on: str
    reference_baseline: float
    reference_scenario: float
    payment_baseline_usd: float
    payment_scenario_usd: float


@dataclass(frozen=True, slots=True)
class FloorMoved:
    """What a contract floor pays at the baseline and under the scenario; months with a fixing stay as they were.

    `scenario_range_usd` is the total at the ends of the change's 80 % range, the same end in every month.
    `quote_id` is that of the floor without the scenario.
    """

    floor: FloorOut
    deck: DeckOut
    scaled_by: str
    deck_change: dict[str, float]
    baseline: TotalsOut
    scenario: TotalsOut
    scenario_range_usd: tuple[float, float]
    difference_usd: float
    present_value_difference_usd: float | None
    periods: tuple[FloorPeriod, ...]
    quote_id: str
