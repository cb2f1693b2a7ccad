"""The shipped data of some early day: few months, so that a fit takes a second."""

from __future__ import annotations

from datetime import date

import pytest

from features.dataset import Dataset, load_dataset
from features.market_history import build_market
from pricing.market.supply import Market

EARLY_DAY = date(2013, 9, 30)  # 38 months of NdPr, six of Dy, none of Tb


@pytest.fixture(scope="session")
def early() -> Dataset:
    return load_dataset().as_known(EARLY_DAY)


@pytest.fixture(scope="session")
def early_market(early: Dataset) -> Market:
    return build_market(early, "latest")


@pytest.fixture(scope="session")
def market() -> Market:
    return build_market(load_dataset(), "latest")
