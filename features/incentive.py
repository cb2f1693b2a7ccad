"""The ex-China incentive price month by month, as the rows a published model keeps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from features.cost_drivers import Vintage
from features.costs import cost_model_of, monthly_drivers
from features.dataset import Dataset
from features.panel import FloatArray
from pricing.costs.incentive import IncentiveCurve, incentive_curve
from pricing.costs.model import CostModel
from pricing.materials import Material


def incentive_table(
    dataset: Dataset,
    months: Sequence[str],
    vintage: Vintage,
    heavy_prices: Mapping[Material, FloatArray] | None = None,
    model: CostModel | None = None,
) -> pd.DataFrame:
    """Return one row per month and supply of new NdPr outside China, nominal USD/kg NdPr oxide.

    `price`, `low`, `high` and `marginal_project` credit Dy and Tb at `heavy_prices` (nominal USD/kg oxide, (T,);
    reference values without them); `heavy_credit_at_fair` is that credit per kg NdPr on its own line, and
    `heavy_credit_zero` the price of the same supply where Dy and Tb fetch nothing.
    """
    model = model or cost_model_of(dataset)
    curve = incentive_curve(model, monthly_drivers(dataset, months, vintage, model), heavy_prices)
    return pd.concat([_rows(curve, months, t) for t in model.structure["incentive_tonnes"]], ignore_index=True)


def _rows(curve: IncentiveCurve, months: Sequence[str], tonnes: float) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "month": list(months),
            "tonnes_ndpr": float(tonnes),
            "price": curve.at(tonnes),
            "low": curve.at(tonnes, "low"),
            "high": curve.at(tonnes, "high"),
            "heavy_credit_at_fair": curve.at(tonnes, "heavy_credit"),
            "heavy_credit_zero": curve.without_heavy_credit().at(tonnes),
            "marginal_project": np.array(curve.names)[curve.marginal(tonnes)],
        }
    )
