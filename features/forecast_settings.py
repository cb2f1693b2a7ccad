"""The market forecast's settings and recipe, from YAML."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import yaml

from features.expert import FOLDER, load_expert
from pricing.parameters import ParameterSet

FILE = "forecast.yaml"
RECIPE = FOLDER / "forecast_features.yaml"


@dataclass(frozen=True)
class Shared:
    """One feature that all series of a month share: a series, and its distance from a number, growth or level."""

    series: str
    kind: str  # distance, growth or level
    centre: float = 0.0
    months: int = 0

    @property
    def name(self) -> str:
        """Return the feature's name."""
        return f"{self.series}.{self.kind}{self.months or ''}"


@dataclass(frozen=True)
class Recipe:
    """What the forecast reads."""

    first_month: str
    metals: tuple[str, ...]
    momentum_months: tuple[int, ...]
    mean_months: tuple[int, ...]
    shared: tuple[Shared, ...]


@cache
def numbers() -> ParameterSet:
    """Return the expert numbers by dotted name. DataError when the file is torn."""
    return load_expert(FOLDER / FILE)[0]


def whole(name: str) -> int:
    """Return an expert number that counts something."""
    return round(numbers().value(name))


@cache
def recipe() -> Recipe:
    """Return the shipped recipe."""
    found: dict[str, Any] = yaml.safe_load(RECIPE.read_text("utf-8"))
    shared = [
        Shared(row["series"], row["as"], float(row.get("from", 0.0)), int(row.get("months", 0)))
        for row in found["shared"]
    ]
    return Recipe(
        first_month=found["first_month"],
        metals=tuple(found["metals"]),
        momentum_months=tuple(found["momentum_months"]),
        mean_months=tuple(found["mean_months"]),
        shared=tuple(shared),
    )
