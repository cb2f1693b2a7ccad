"""Market less distorted model: has what the model explains of prices changed?"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from pricing.bundle import Bundle
from pricing.market.supply import Region
from training.metrics import MISS_FROM, materials, of_material
from training.retrain.drift_row import Row
from training.retrain.numbers import limit, whole


def residuals(candidate: Bundle) -> list[Row]:
    """Return shift and spread of ln(market / model) as known, by material and region."""
    history = candidate.history_as_known
    return [row for material in materials(history) for region in Region for row in _of(candidate, material, region)]


def _of(candidate: Bundle, material: str, region: Region) -> Iterator[Row]:
    rows = of_material(candidate.history_as_known, material)
    rows = rows[(rows.index >= MISS_FROM) & (rows[f"market.{region}.evidence"] == "observed")]
    gap = np.log((rows[f"market.{region}"] / rows[f"model.{region}"]).dropna().to_numpy(dtype=float))
    recent = whole("drift.residuals.recent_months")
    late, early = gap[-recent:], gap[:-recent]
    if len(early) < whole("drift.residuals.least_months") or not np.std(early) > 0:
        return
    about = f"{material} {region.value.replace('_', '-')}"
    far, wide = limit("drift.residuals.shift"), limit("drift.residuals.spread")
    yield Row(about, "shift of the mean", float((late.mean() - early.mean()) / np.std(early)), -far, far)
    yield Row(about, "RMS over that before", float(np.sqrt(np.mean(late**2) / np.mean(early**2))), 0.0, wide)
