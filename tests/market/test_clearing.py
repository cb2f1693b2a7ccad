"""Clearing agrees with a textbook, and with itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from pricing.errors import DataError
from pricing.market.clearing import Cleared, Net, Trade, clear

CASES = yaml.safe_load((Path(__file__).parents[1] / "worked_cases" / "takayama_judge.yaml").read_text())
Floats = np.ndarray


def linear(
    china: tuple[float, float] = (-70.0, 1.6), outside: tuple[float, float] = (-70.0, 0.8)
) -> Callable[..., Net]:
    """Return the net supply of two linear regions, intercept and slope each."""

    def net(p: Floats, q: Floats, rows: object) -> Net:
        one = np.ones_like(p)
        first, second = china[0] + china[1] * p, outside[0] + outside[1] * q
        return Net(first, second, china[1] * one[..., None], outside[1] * one[..., None], 60 * one)

    return net


def trade(slope: float = 1.0, margin: float = 0.0, freight: float = 0.0, export_limit: float = np.inf) -> Trade:
    return Trade(*(np.array([[float(v)]]) for v in (slope, margin, freight, export_limit)))


def solve(terms: Trade, net: Callable[..., Net] | None = None) -> tuple[float, float, float]:
    found = clear(net or linear(), terms, Cleared.guess(np.array([[50.0]])))
    return float(found.china[0, 0]), float(found.ex_china[0, 0]), float(found.exports[0, 0])


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_clearing_agrees_with_the_worked_oracle(case: dict[str, float]) -> None:
    found = solve(trade(case["slope"], case["margin"], 0.0, case["export_limit"]))
    assert found == pytest.approx((case["china"], case["ex_china"], case["exports"]), abs=1e-8)


def test_a_region_that_is_dear_imports_and_pays_the_freight() -> None:
    china, outside, exports = solve(trade(freight=2.0, margin=2.0), linear(china=(-180.0, 1.6)))
    assert exports < 0
    assert china == pytest.approx(outside + 2.0)


def test_between_the_freights_each_region_clears_alone() -> None:
    china, outside, exports = solve(trade(freight=50.0, margin=50.0))
    assert (china, outside, exports) == pytest.approx((43.75, 87.5, 0.0), abs=1e-8)


@given(duty=st.floats(0, 2), freight=st.floats(0, 20))
def test_a_dearer_passage_never_lowers_the_outside_price_nor_lifts_the_chinese(duty: float, freight: float) -> None:
    china, outside, _ = solve(trade(1 + duty, freight, freight))
    free_china, free_outside, _ = solve(trade())
    assert outside >= free_outside - 1e-6
    assert china <= free_china + 1e-6


@given(scale=st.floats(0.1, 10))
def test_scaling_all_quantities_leaves_the_prices(scale: float) -> None:
    scaled = linear((-70.0 * scale, 1.6 * scale), (-70.0 * scale, 0.8 * scale))
    assert solve(trade(1.2), scaled)[:2] == pytest.approx(solve(trade(1.2))[:2], rel=1e-8)


def test_a_row_clears_to_the_same_price_whatever_rows_stand_beside_it() -> None:
    terms = trade(1.2)
    many = replace(
        terms, **{k: np.repeat(getattr(terms, k), 5, axis=0) for k in ("slope", "margin", "freight", "export_limit")}
    )
    many.export_limit[3] = 15.0
    found = clear(linear(), many, Cleared.guess(np.linspace(5, 400, 5)[:, None]))
    assert found.china[[0, 1, 2, 4], 0] == pytest.approx([54.6875] * 4, abs=1e-8)
    assert found.exports[3, 0] == pytest.approx(15.0)


def test_a_market_without_a_price_is_refused() -> None:
    def never(p: Floats, q: Floats, rows: object) -> Net:
        one = np.ones_like(p)
        return Net(-one, -one, 1e-9 * one[..., None], 1e-9 * one[..., None], one)

    with pytest.raises(DataError, match="No market-clearing price"):
        clear(never, trade(), Cleared.guess(np.array([[50.0]])))
