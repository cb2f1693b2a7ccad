"""What the trials do, read from `features/data/expert/trials.yaml`: events and windows, shocks, limits, sizes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from features.expert import FOLDER, load_expert
from pricing.market.supply import Region
from pricing.parameters import ParameterSet
from training.tornado import Doubt
from training.trials.windows import Window


@dataclass(frozen=True)
class Event:
    """Something that happened to some materials in some regions, and the window it is looked at through."""

    month: str
    label: str
    materials: tuple[str, ...]
    regions: tuple[Region, ...]
    window: Window


@dataclass(frozen=True)
class Plan:
    """Every number of the trials; months are counts of months."""

    parameters: ParameterSet
    events: tuple[Event, ...]
    early: date  # as of which the method is fitted again with what was known then

    def number(self, name: str) -> float:
        """Return one number by its dotted name."""
        return self.parameters.value(name)

    def count(self, name: str) -> int:
        """Return one number that counts something."""
        return round(self.number(name))

    @property
    def doubt(self) -> Doubt:
        """Return when a parameter counts as identified, and how far a swing goes."""
        return Doubt(self.number("sensitivity.edge"), self.number("sensitivity.doubt"))


@cache
def shipped_plan() -> Plan:
    """Return the shipped plan. DataError when a number lacks a field."""
    parameters, tree = load_expert(FOLDER / "trials.yaml")
    events = tuple(_event(row, parameters) for row in tree["events"])
    return Plan(parameters, events, tree["early"]["day"])


def _event(row: Mapping[str, Any], parameters: ParameterSet) -> Event:
    before, after = (round(parameters.value(f"windows.{name}")) for name in ("before", row["after"]))
    regions = tuple(Region(name) for name in row["regions"])
    return Event(row["month"], row["label"], tuple(row["materials"]), regions, Window(before, after))
