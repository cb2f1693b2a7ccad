from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml

from features.costs import cost_model
from features.dataset import Dataset, load_dataset
from pricing.costs.factors import FactorPrices
from pricing.costs.model import BAA_YIELD, CostModel
from pricing.costs.price_paths import Drivers

WORKED_CASES = Path(__file__).parents[1] / "worked_cases"
MONTHS = [str(month) for month in pd.period_range("2010-07", "2026-02", freq="M")]


def worked(name: str) -> dict[str, Any]:
    """Read one file of cases checked by hand."""
    found: dict[str, Any] = yaml.safe_load((WORKED_CASES / f"{name}.yaml").read_text(encoding="utf-8"))
    return found


def flat(model: CostModel) -> Drivers:
    """Drivers that stand still at their latest stated base for two months."""
    bases = model.structure["bases"]
    series = {name: np.full(2, float(list(bases[name].values())[-1])) for name in model.series}
    return Drivers(("2024-06", "2024-07"), {**series, BAA_YIELD: np.full(2, 0.058)})


@pytest.fixture(scope="session")
def model() -> CostModel:
    return cost_model()


@pytest.fixture(scope="session")
def flat_prices(model: CostModel) -> FactorPrices:
    return model.factor_prices(flat(model))


@pytest.fixture(scope="session")
def dataset() -> Dataset:
    return load_dataset()
