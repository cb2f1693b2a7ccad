"""The shape of what lists scenarios: levers, presets, batches."""

from __future__ import annotations

from dataclasses import dataclass

from serving.floor_schemas import FloorAnswer
from serving.scenarios.schemas import ScenarioAnswer
from serving.schemas import ErrorOut, ModelOut


@dataclass(frozen=True, slots=True)
class LeverOut:
    """What a scenario may change. Outside `range_of_evidence` an answer is extrapolated, outside `bounds` refused."""

    name: str
    title: str
    group: str
    unit: str
    ways: tuple[str, ...]
    baseline: float
    range_of_evidence: tuple[float, float]
    bounds: tuple[float, float]
    moves: str
    source: str
    as_of: str
    aliases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LeversAnswer:
    """Every lever with its baseline in the month scenarios start from, and the months an override may name."""

    month: str
    first_month: str
    last_month: str
    groups: tuple[str, ...]
    levers: tuple[LeverOut, ...]
    model: ModelOut


@dataclass(frozen=True, slots=True)
class PresetOut:
    """A named scenario; `overrides` may be sent as they are, or with other values and months."""

    name: str
    title: str
    overrides: tuple[dict[str, str | float], ...]
    source: str
    as_of: str
    note: str


@dataclass(frozen=True, slots=True)
class PresetsAnswer:
    """Every named scenario."""

    presets: tuple[PresetOut, ...]


@dataclass(frozen=True, slots=True)
class BatchItem:
    """One scenario of a batch: its status, and either its answer, byte for byte as its single call gives, or error."""

    index: int
    status: int
    answer: ScenarioAnswer | FloorAnswer | None
    error: ErrorOut | None


@dataclass(frozen=True, slots=True)
class BatchAnswer:
    """The scenarios of a batch in the order they were sent."""

    scenarios: tuple[BatchItem, ...]
    answered: int
    refused: int
