"""Levers of a test's own: one of each kind, with a baseline by hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from pricing.levers import Levers, Through, Way

ALL = tuple(Way)


def row(
    name: str, through: Through, ways: tuple[Way, ...], reach: tuple[float, float, float, float], **more: Any
) -> dict[str, Any]:
    """Return the plain row of a lever whose `reach` is least, low, high, most."""
    bounds = dict(zip(("least", "low", "high", "most"), reach, strict=True))
    texts = {"title": name, "group": "costs", "unit": "t", "moves": "a price", "source": "by hand", "as_of": "2026-02"}
    kind = {"through": through, "ways": ways, "targets": ["quota"], "range_is_ratio": False}
    return {"name": name, **kind, **bounds, **texts, **more}


@pytest.fixture(scope="session")
def levers() -> Levers:
    """Return six levers."""
    rows = (
        row("wages.all", Through.RATIO, (Way.SET, Way.SCALE), (0.05, 0.8, 1.2, 10), aliases=("labor cost", "wage")),
        row("wages.china", Through.LEVEL, ALL, (0.05, 0.5, 1.2, 20), range_is_ratio=True, title="Wages in China"),
        row("required_return.base", Through.LEVEL, ALL, (0.02, 0.08, 0.12, 0.5), aliases=("wacc",)),
        row("capacity.greenfield", Through.LEVEL, ALL, (0, 0, 140_000, 500_000)),
        row("export_quota.Dy", Through.LEVEL, (Way.SET,), (0, 0, 0.72, 1), aliases=("export ban dy",)),
        row("export_quota.Tb", Through.LEVEL, (Way.SET,), (0, 0, 0.72, 1), aliases=("export ban tb",)),
    )
    return Levers.from_rows(rows)


@pytest.fixture(scope="session")
def baselines() -> Mapping[str, float]:
    """Return where each of them stands."""
    return {
        "wages.all": 1.0,
        "wages.china": 10.0,
        "required_return.base": 0.10,
        "capacity.greenfield": 0.0,
        "export_quota.Dy": 0.0,
        "export_quota.Tb": 0.0,
    }
