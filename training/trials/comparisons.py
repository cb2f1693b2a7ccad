"""What each variant did to the fair price, and whether the limits that were set beforehand hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from pricing.market.supply import Region
from training.metrics import fair, materials, miss, of_material, slope_of_changes
from training.trials import refits
from training.trials.plan import Plan

CHANGES = ("variant", "material", "month", "base", "price", "ratio", "rms", "market_ratio", "ess")
VERDICTS = ("name", "material", "region", "value", "limit")
SLOPE, RISE, MISS = "slope", "rise", "miss"


def changes(base: pd.DataFrame, variants: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return one row per variant and material: the fair price in the last month both have, and how far apart they lie.

    `rms` is that of the log ratio over all months of both, `market_ratio` that of the market outside China (in China
    where none is quoted) in the same month, `ess` the variant's effective draws.
    """
    rows = [row for name, frame in variants.items() for row in _of_variant(name, base, frame)]
    return pd.DataFrame(rows, columns=list(CHANGES))


def verdicts(base: pd.DataFrame, found: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    """Return every number that has a limit: slopes, answers to the made-up rise, misses of the model."""
    return pd.DataFrame(list(_verdicts(base, found, plan)), columns=list(VERDICTS))


def _of_variant(name: str, base: pd.DataFrame, frame: pd.DataFrame) -> Iterator[tuple[object, ...]]:
    for material in materials(frame):
        one, other = of_material(base, material), of_material(frame, material)
        both = one.index.intersection(other.index)
        one, other = one.loc[both], other.loc[both]
        gap = np.log(fair(other).to_numpy(dtype=float) / fair(one).to_numpy(dtype=float))
        price, changed = float(fair(one).iloc[-1]), float(fair(other).iloc[-1])
        apart = changed / price, float(np.sqrt(np.mean(gap**2))), _market_ratio(one, other)
        yield name, material, str(both[-1]), price, changed, *apart, float(other["ess"].iloc[-1])


def _market_ratio(one: pd.DataFrame, other: pd.DataFrame) -> float:
    for region in (Region.EX_CHINA, Region.CHINA):
        ratio = float(other[f"market.{region}"].iloc[-1] / one[f"market.{region}"].iloc[-1])
        if np.isfinite(ratio):
            return ratio
    return float("nan")


def _verdicts(base: pd.DataFrame, found: pd.DataFrame, plan: Plan) -> Iterator[tuple[object, ...]]:
    for material in materials(base):
        rows = of_material(base, material)
        for region in Region:
            slope = slope_of_changes(fair(rows), rows[f"market.{region}"])
            yield SLOPE, material, region.value, slope, plan.number("limits.slope")
            yield MISS, material, region.value, miss(rows, region), plan.number("limits.miss")
        for variant in (refits.RUN_UP, refits.RUN_UP_COUNTED):
            own = found[(found["variant"] == variant) & (found["material"] == material)]
            yield RISE, material, variant, float(own["ratio"].iloc[0]) - 1, plan.number("limits.rise_answer")
