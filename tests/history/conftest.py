from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from features.dataset import Dataset, load_dataset
from features.expert_paths import ExpertPath, load_paths
from features.market_history import build_market
from pricing.market.supply import Market

WORKED_CASES = Path(__file__).parents[1] / "worked_cases"


@pytest.fixture(scope="session")
def dataset() -> Dataset:
    return load_dataset()


@pytest.fixture(scope="session")
def experts() -> Mapping[str, ExpertPath]:
    return load_paths("supply") | load_paths("demand")


@pytest.fixture(scope="session")
def latest(dataset: Dataset) -> Market:
    return build_market(dataset, "latest")


@pytest.fixture(scope="session")
def as_known(dataset: Dataset) -> Market:
    return build_market(dataset, "as_known")


@pytest.fixture(scope="session")
def worked() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((WORKED_CASES / "history.yaml").read_text(encoding="utf-8"))
    return found
