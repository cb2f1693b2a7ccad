"""What a scenario finds, as plain values: prices with ranges, a bridge, normal values, incentive price, payments."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ranged:
    """A centre with its 80 % range, USD/kg nominal of the baseline's month, or a ratio less one."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Move:
    """One price at the baseline and under the scenario, and the change of its level as a share. NaN: no price."""

    baseline: Ranged
    scenario: Ranged
    change: Ranged


@dataclass(frozen=True, slots=True)
class Effects:
    """The prices of one material, or one quarter of its path.

    `market` stands at today's plants, or in the quarter; `market_adjusted` once plants have adjusted, `fair` the long
    run; `fair_short_run` at today's plants. Regions are china and ex_china. Wedge: market less fair on that basis.
    """

    market: dict[str, Move]
    fair: Move
    wedge: dict[str, Move]
    market_adjusted: dict[str, Move]  # empty on a path
    fair_short_run: Move | None  # None on a path


@dataclass(frozen=True, slots=True)
class NormalValueMove:
    """One route's normal value, USD/kg NdPr oxide, by both allocations, and its change by component."""

    route: str
    variant: str
    baseline: float
    scenario: float
    by_component: dict[str, float]
    value_share_baseline: float
    value_share_scenario: float


@dataclass(frozen=True, slots=True)
class BridgeLine:
    """What one override does alone; the last line is what they do beyond that together. The lines add up."""

    lever: str
    fair: float  # USD/kg
    market_china: float
    market_ex_china: float
    moved: float  # share of draws in which it moves any price at all
    normal_values: tuple[NormalValueMove, ...] = ()  # undistorted ones that it moves alone; on NdPr's bridge only


@dataclass(frozen=True, slots=True)
class MaterialFound:
    """What a scenario does to one material."""

    material: str
    status: str  # estimate or band: whether the baseline's fair price is a point
    mean: Effects  # of a scenario for good; of a dated one the mean of the quarters in which any override holds
    path: dict[str, Effects]  # by quarter, empty where the scenario holds for good
    bridge: tuple[BridgeLine, ...]  # to the prices of `mean`

    @property
    def effects(self) -> Effects | None:
        """Return the prices of a scenario for good, None for a path."""
        return None if self.path else self.mean


@dataclass(frozen=True, slots=True)
class IncentiveMove:
    """The incentive price of a supply outside China, USD/kg NdPr oxide, and the project that completes it."""

    tonnes: float
    project_baseline: str
    project_scenario: str
    baseline: float
    scenario: float


@dataclass(frozen=True, slots=True)
class Payment:
    """What a floor pays per kg covered, by region of the reference: the floor less the market price ex VAT, or nil.

    NaN where a region has no price; the range is that of the market price. `per_kg_before` is what the same kind of
    floor pays at the baseline.
    """

    material: str
    floor: float
    draws_supply: bool
    per_kg_before: dict[str, Ranged]
    per_kg: dict[str, Ranged]


@dataclass(frozen=True, slots=True)
class Customs:
    """What is paid at borders, shares of value; on a path means of the quarters in which any override holds."""

    tariffs: dict[str, float]  # by importer, stage and origin, dotted
    export_duty: dict[str, float]  # China's, by material
    vat_kept: dict[str, float]  # VAT that China does not refund, by material


@dataclass(frozen=True, slots=True)
class ScenarioFound:
    """The whole answer of one scenario."""

    month: str
    materials: tuple[MaterialFound, ...]
    normal_values: tuple[NormalValueMove, ...]  # empty where no cost is moved
    incentive: tuple[IncentiveMove, ...]
    payments: tuple[Payment, ...]
    customs: tuple[Customs, Customs]  # at the baseline, under the scenario
    extrapolated: tuple[str, ...]  # levers outside the range of evidence
