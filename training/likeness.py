"""How unlike the simulated economies the real market is: the ratios of prices that both have, by material.

The real market is fitted by other weights than simulated economies are searched by: months as known, oxides jointly,
policy building plants. So only what a price says of its model is compared, the four PRICE_RATIOS: with economies of the
family that is seen as poorly as the real market is, and with the five families of recovery's calibration. The model is
the weighted mean over draws here, and the most probable one there; a history shorter than theirs scatters more.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from features.simulated_cloud import CALIBRATED, REALISTIC, simulated_cloud
from pricing.fair.misspecification import PRICE_RATIOS, price_ratios
from pricing.market.history import Evidence
from pricing.market.supply import Region
from training.metrics import materials, of_material

Floats = np.ndarray

SIMULATED = "simulated, median"
STANDS = ("score", "farther", "outside")
BY_CALIBRATION = "_calibrated"  # after the name of what was compared with the families of the calibration
COLUMNS = ("material", "months", *PRICE_RATIOS, *STANDS, *(f"{name}{BY_CALIBRATION}" for name in STANDS))


def market_likeness(history: pd.DataFrame) -> pd.DataFrame:
    """Return how the materials of a published history stand to simulated economies, a row each, in COLUMNS.

    `score` is 1 for an ordinary economy, `farther` the share of those seen as poorly that lie farther out, `outside` 0
    or 1; NaN and 0 where a history is too short. The first row holds the medians of the simulated ones.
    """
    names = materials(history)
    found = np.concatenate([_ratios(of_material(history, name)) for name in names])
    clouds = [simulated_cloud(families).of(tuple(PRICE_RATIOS)) for families in (REALISTIC, CALIBRATED)]
    stands = [(one.score, one.farther, one.outside * 1.0) for one in (cloud.likeness(found) for cloud in clouds)]
    months = [len(of_material(history, name)) for name in names]
    nothing = (np.nan, np.nan, 0.0)
    middle = [SIMULATED, np.nan, *np.nanmedian(clouds[0].ratios, axis=0), *nothing, *nothing]
    rows = zip(names, months, *found.T, *stands[0], *stands[1], strict=True)
    return pd.DataFrame([middle, *rows], columns=list(COLUMNS))


def told(rows: pd.DataFrame) -> list[str]:
    """Return one line a material: how unlike the simulated economies it is."""
    return [_line(row) for row in _known(rows, too_short=True)]


def stated(rows: pd.DataFrame) -> dict[str, dict[str, float]]:
    """Return, by material, how it stands to both clouds, as plain numbers for a bundle."""
    names = [name for name in COLUMNS if name.startswith(STANDS)]
    return {str(row["material"]): {name: float(row[name]) for name in names} for row in _known(rows, too_short=False)}


def _known(rows: pd.DataFrame, *, too_short: bool) -> list[dict[Hashable, Any]]:
    """Return the rows of materials, those with too short a history if asked for."""
    found = rows.to_dict("records")
    return [row for row in found if row["material"] != SIMULATED and (too_short or not np.isnan(row["score"]))]


def _line(row: Mapping[Hashable, Any]) -> str:
    if np.isnan(row["score"]):
        return f"{row['material']}: too short a history to compare with simulated economies."
    poorly, well = (_stand(row, after) for after in ("", BY_CALIBRATION))
    return f"{row['material']}: {poorly} of economies seen as poorly; {well} of those that recovery is calibrated on."


def _stand(row: Mapping[Hashable, Any], after: str) -> str:
    """Return how a material stands to one cloud in words."""
    where = "**outside**" if row[f"outside{after}"] else "inside"
    score, farther = row[f"score{after}"], row[f"farther{after}"]
    return f"{where} the cloud (score {score:.1f}, {100 * farther:.1f} % farther out)"


def _ratios(rows: pd.DataFrame) -> Floats:
    """Return PRICE_RATIOS (1, 4) of a material: China's price where it is evidence, else the one outside."""
    china, outside = (_seen(rows, region) for region in (Region.CHINA, Region.EX_CHINA))
    models = [np.log(rows[f"model.{region}"].to_numpy(dtype=float)) for region in (Region.CHINA, Region.EX_CHINA)]
    alone = ~np.isfinite(china)
    real = np.log(rows["deflator"].to_numpy(dtype=float))
    return price_ratios(
        (np.where(alone, outside, china) - real)[None], (np.where(alone, models[1], models[0]) - real)[None]
    )


def _seen(rows: pd.DataFrame, region: Region) -> Floats:
    evidence: Sequence[str] = (Evidence.OBSERVED.value, Evidence.DERIVED.value)
    known = rows[f"market.{region}.evidence"].isin(evidence).to_numpy()
    return np.log(np.where(known, rows[f"market.{region}"].to_numpy(dtype=float), np.nan))
