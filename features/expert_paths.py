"""Expert paths: numbers that experts argue about, as dated points with source, range and day of publication."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from features.banded import Banded
from pricing.errors import DataError
from pricing.market.history import Evidence, Floats

FOLDER = Path(__file__).parent / "data" / "expert"
_HOW = ("linear", "step")
_NEEDED = ("at", "value", "low", "high", "source", "as_of", "confidence", "read_or_recall")


@dataclass(frozen=True)
class ExpertPath:
    """One number over time: points (P,) in decimal years, linear between them or in force from each (`step`).

    A point with `known_at` is a dated fact and enters only once published; one without belongs to the method.
    """

    name: str
    unit: str
    how: str
    when: Floats
    known: np.ndarray  # datetime64[D]
    points: Banded

    def at(self, wanted: Floats, day: date | None = None) -> Banded:
        """Return the number at decimal years (T,), from the points published by `day` (None: from all of them).

        A path of which nothing was published yet is nil.
        """
        seen = np.full(len(self.when), True) if day is None else self.known <= np.datetime64(day)
        if not seen.any():
            return Banded.sure(np.zeros(len(wanted)), Evidence.PRIOR)
        when, points = self.when[seen], self.points.at(seen)
        if self.how == "linear":
            return points.spread(when, wanted)
        return points.at(np.maximum(np.searchsorted(when, wanted, side="right") - 1, 0))

    def number(self) -> float:
        """Return the value of a path that is one number for all time."""
        return float(self.points.value[0])


def load_paths(name: str, folder: Path = FOLDER) -> dict[str, ExpertPath]:
    """Return the paths of one expert file, checked; raises DataError naming file, path and point."""
    raw = yaml.safe_load((folder / f"{name}.yaml").read_text(encoding="utf-8"))
    return {key: _path(f"{name}.yaml: {key}", entry) for key, entry in raw.items()}


def decimal_year(day: date) -> float:
    """Return a day as a decimal year, months of equal length."""
    return day.year + (day.month - 1) / 12 + (day.day - 1) / 365


def _path(where: str, entry: Mapping[str, Any]) -> ExpertPath:
    points = entry["points"]
    if entry.get("how") not in _HOW or not points or "unit" not in entry:
        msg = f"{where}: needs unit, points and how ({' or '.join(_HOW)})."
        raise DataError(msg)
    for point in points:
        _check_point(where, point)
    when = np.array([decimal_year(p["at"]) for p in points])
    if not (np.diff(when) > 0).all():
        msg = f"{where}: points out of order; give them by date, one per date."
        raise DataError(msg)
    known = np.array([p.get("known_at", date.min) for p in points], dtype="datetime64[D]")
    numbers = [np.array([float(p[key]) for p in points]) for key in ("value", "low", "high")]
    evidence = np.array([_evidence(p).value for p in points], dtype=object)
    return ExpertPath(where, entry["unit"], entry["how"], when, known, Banded.of(numbers, evidence))


def _check_point(where: str, point: Mapping[str, Any]) -> None:
    missing = [key for key in _NEEDED if key not in point]
    if missing:
        msg = f"{where}: a point lacks {', '.join(missing)}."
        raise DataError(msg)
    if not point["low"] <= point["value"] <= point["high"]:
        msg = (
            f"{where}, {point['at']}: need low <= value <= high, got {point['low']}, {point['value']}, {point['high']}."
        )
        raise DataError(msg)


def _evidence(point: Mapping[str, Any]) -> Evidence:
    """Return what a point counts as: a published figure read with confidence is observed, recall is a prior."""
    if point["read_or_recall"] == "recall" or point["confidence"] == "low":
        return Evidence.PRIOR
    if point["read_or_recall"] == "read" and point["confidence"] == "high":
        return Evidence.OBSERVED
    return Evidence.DERIVED
