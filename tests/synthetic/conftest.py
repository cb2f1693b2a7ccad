"""Families as shipped, small batches of economies made once, and a family without any distortion."""

from __future__ import annotations

from dataclasses import replace

import pytest

from features.synthetic import families
from pricing.market.synthetic import Economies, Family, simulate

NOWHERE = 10_000.0  # a limit that never binds
NO_WEDGE = {
    **dict.fromkeys(("subsidy_start", "subsidy_end", "illegal_start", "illegal_end", "export_duty"), (0.0, 0.0)),
    **dict.fromkeys(("export_quota_share", "licence_share", "quota_start"), (NOWHERE, NOWHERE)),
    "stockpile_rate": (0.0, 0.0),
    "capacity_start_china": (66.0, 66.0),
    "capacity_start_ex_china": (35.0, 35.0),
    "fair_capacity_start_china": (66.0, 66.0),
    "fair_capacity_start_ex_china": (35.0, 35.0),
}


@pytest.fixture(scope="session")
def shipped() -> dict[str, Family]:
    return families()


@pytest.fixture(scope="session")
def no_wedge(shipped: dict[str, Family]) -> Family:
    """Return a family in which no distortion was ever there, of all three curves."""
    free = shipped["training_mix"]
    return replace(free, ranges={**free.ranges, **NO_WEDGE})


@pytest.fixture(scope="session")
def twins(shipped: dict[str, Family]) -> Economies:
    """Return six economies as in the examples, each with its four twins."""
    return simulate(shipped["as_examples"], 6, 7, twins=True)


@pytest.fixture(scope="session")
def realistic(shipped: dict[str, Family]) -> Economies:
    return simulate(shipped["realistic"], 30, 5)


@pytest.fixture(scope="session")
def poor(shipped: dict[str, Family]) -> Economies:
    return simulate(shipped["poor_data"], 40, 5)
