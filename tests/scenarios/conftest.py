"""A base as a model carries it: `base.json` is what a fit of 1,024 draws wrote: 32 stand for them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from pricing.levers import Override, Way
from pricing.scenarios.base import ScenarioBase
from pricing.scenarios.plain import from_plain
from pricing.scenarios.pushes import baselines

FEW = 8
Pull = Callable[..., Override]


@pytest.fixture(scope="session")
def base() -> ScenarioBase:
    """Return the base; what it computes once is shared."""
    return from_plain(json.loads((Path(__file__).parent / "base.json").read_text(encoding="utf-8")))


@pytest.fixture(scope="session")
def small(base: ScenarioBase) -> ScenarioBase:
    """Return the base with a few of its draws, for laws that hold in each of them."""
    return base.take(np.linspace(0, base.size - 1, FEW).astype(int))


@pytest.fixture(scope="session")
def pull(base: ScenarioBase) -> Pull:
    """Return what makes an override: pull("wages.china", scale=1.1)."""
    stands = baselines(base, base.levers)

    def make(name: str, first: str | None = None, last: str | None = None, **stated: float) -> Override:
        (way, amount), lever = next(iter(stated.items())), base.levers.rows[name]
        return Override(lever, Way(way), amount, stands[name], first, last)

    return make
