"""Limits and thresholds of the retrain job, from features/data/expert/retrain.yaml."""

from __future__ import annotations

from functools import cache

from features.expert import FOLDER, load_expert
from pricing.parameters import ParameterSet

FILE = "retrain.yaml"


@cache
def _numbers() -> ParameterSet:
    return load_expert(FOLDER / FILE)[0]


def limit(name: str) -> float:
    """Return an expert number by its dotted name."""
    return _numbers().value(name)


def whole(name: str) -> int:
    """Return an expert number that counts something."""
    return round(limit(name))
