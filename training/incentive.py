"""The ex-China incentive price with Dy and Tb credited at their fair prices, as a table and as columns of a history."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from features.costs import cost_model_of, monthly_drivers
from features.dataset import Dataset
from features.incentive import incentive_table
from features.policy import Vintage
from pricing.bundle_tables import INCENTIVE_TONNES
from pricing.materials import Material
from training.metrics import fair, of_material

HEAVIES = (Material.DY, Material.TB)


def incentive(dataset: Dataset, months: Sequence[str], vintage: Vintage, history: pd.DataFrame) -> pd.DataFrame:
    """Return the step curve by month, nominal USD/kg NdPr oxide, Dy and Tb credited at fair prices of the same vintage.

    Months without a fair price of Dy or Tb credit them at the cost model's stated reference values.
    """
    model = cost_model_of(dataset)
    level = model.factor_prices(monthly_drivers(dataset, months, vintage, model)).price_level
    heavies = {m: _fair_or(history, m, months, model.reference_values()[m] * level) for m in HEAVIES}
    return incentive_table(dataset, months, vintage, heavies, model)


def with_incentive(history: pd.DataFrame, table: pd.DataFrame) -> pd.DataFrame:
    """Return a history whose NdPr rows carry the incentive price of each supply."""
    by_month = table.pivot_table(index="month", columns="tonnes_ndpr", values="price")
    is_ndpr = history["material"] == Material.NDPR
    columns = {
        f"incentive.{tonnes}": np.where(is_ndpr, history["month"].map(by_month[float(tonnes)]).astype(float), np.nan)
        for tonnes in INCENTIVE_TONNES
    }
    return history.assign(**columns)


def _fair_or(history: pd.DataFrame, material: Material, months: Sequence[str], otherwise: np.ndarray) -> np.ndarray:
    found = fair(of_material(history, material)).reindex(list(months)).to_numpy(dtype=float)
    return np.where(np.isfinite(found), found, otherwise)
