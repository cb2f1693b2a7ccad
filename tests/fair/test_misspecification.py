"""Misses are told in ratios alone, a distance is that of Mahalanobis, and the share farther out is a p-value."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import mahalanobis

from pricing.errors import DataError
from pricing.fair.misspecification import RATIOS, Cloud, distances, left_out, price_ratios, ratios
from pricing.market.history import MarketHistory

Floats = np.ndarray
NAMES = ("a", "b", "c")
MONTHS = pd.period_range("2011-01", periods=48, freq="M").astype(str)


def yearly(*values: float) -> Floats:
    """Return one row in which each value holds for twelve months."""
    return np.repeat(np.array([values]), 12, axis=1)


def cloud(count: int = 200, seed: int = 1, level: float = 0.05) -> Cloud:
    drawn = np.random.default_rng(seed).normal(size=(count, 3)) @ np.array([[2.0, 0, 0], [1, 1, 0], [0, 0.5, 3]])
    return Cloud(NAMES, drawn + 5.0, level)


def test_price_ratios_by_hand() -> None:
    # Misses of +.1, -.1, +.1, -.1: RMS .1, and each year's the opposite of the last; both prices move by .1 a year.
    modelled, seen = yearly(0.0, 0.1, 0.0, 0.1), yearly(0.1, 0.0, 0.1, 0.0)
    np.testing.assert_allclose(price_ratios(seen, modelled)[0], [0.1, -1.0, 0.0, 0.0], atol=1e-12)
    assert price_ratios(3 * seen, modelled)[0, 3] == pytest.approx(np.log(1 / 3))


def test_a_month_that_swings_about_its_year_is_no_miss_of_the_year() -> None:
    swing = np.tile([0.2, -0.2], 24)[None]
    miss, _, swung, _ = price_ratios(yearly(0, 1, 0, 1) + swing, yearly(0, 1, 0, 1))[0]
    assert (miss, swung) == (pytest.approx(0.0, abs=1e-12), pytest.approx(0.2))


def test_three_years_tell_no_ratio() -> None:
    assert np.isnan(price_ratios(yearly(0.1, 0.2, 0.3), yearly(0.0, 0.0, 0.1))).all()


@settings(max_examples=30, deadline=None)
@given(factor=st.floats(0.01, 100), seed=st.integers(0, 1000))
def test_the_level_of_prices_is_in_no_ratio(factor: float, seed: int) -> None:
    seen, modelled = np.random.default_rng(seed).normal(4, 0.3, size=(2, 2, 60))
    moved = price_ratios(seen + np.log(factor), modelled + np.log(factor))
    np.testing.assert_allclose(moved, price_ratios(seen, modelled), atol=1e-9)


def history(**columns: object) -> MarketHistory:
    """Return 48 months whose prices are 60 and 66, with capacities of 100 and 20."""
    names = ("subsidy_rate_est", "illegal_output_share_est", "export_tax_rate", "mining_quota", "export_quota_in_force")
    names += ("export_licence_in_force", "stockpile_purchase_est", "exports_china", "demand_index_china")
    base = dict.fromkeys((*names, "demand_index_ex_china"), 1.0)
    base |= {"china_price": 60.0, "ex_china_price": 66.0, "capacity_china_est": 100.0, "capacity_ex_china_est": 20.0}
    frame = pd.DataFrame(base, index=pd.Index(MONTHS, name="month"))
    return MarketHistory("oxide", frame.assign(**columns))


def of_histories(*histories: MarketHistory) -> dict[str, Floats]:
    """Return the ratios by name beside worlds of 50 and 50, with capacities of 100 and 40."""
    size = len(histories)
    prices = np.full((size, 48, 1), 50.0)
    built: Any = SimpleNamespace(china=prices, outside=prices)
    grown: Any = SimpleNamespace(capacity=np.broadcast_to(np.array([100.0, 40.0]), (size, 48, 2)))
    found = ratios(histories, built, grown, np.full(size, 0.7), np.full(size, 0.2))
    return dict(zip(RATIOS, found.T, strict=True))


def test_ratios_of_an_economy_by_hand() -> None:
    found = of_histories(history(), history(china_price=np.nan))
    np.testing.assert_allclose(found["price_miss"], [np.log(60 / 50), np.log(66 / 50)])  # the outside price where alone
    np.testing.assert_allclose(found["price_persistence"], 1.0)
    np.testing.assert_allclose(found["gap_miss"], [np.log(1.1), np.nan])
    np.testing.assert_allclose(found["china_plant_miss"], 0.0, atol=1e-12)
    np.testing.assert_allclose(found["outside_plant_miss"], np.log(2))
    assert (found["error_scale"] == 0.7).all()
    assert (found["unseen"] == 0.2).all()


def test_a_price_made_from_the_other_tells_no_gap() -> None:
    assert np.isnan(of_histories(history(price_basis="derived:china"))["gap_miss"][0])


def test_a_distance_is_that_of_scipy() -> None:
    points = cloud().ratios
    inverse = np.linalg.inv(np.cov(points.T))
    expected = [mahalanobis(point, points.mean(axis=0), inverse) for point in points[:5]]
    np.testing.assert_allclose(distances(points, points[:5]), expected)


@pytest.mark.parametrize("columns", [1, 3])
def test_each_of_a_cloud_is_measured_from_all_others(columns: int) -> None:
    points = cloud(20).ratios[:, :columns]
    alone = [distances(np.delete(points, i, axis=0), points[[i]])[0] for i in range(20)]
    np.testing.assert_allclose(left_out(points), alone)


def test_the_centre_is_ordinary_and_what_lies_far_out_is_outside() -> None:
    made = cloud()
    centre = made.ratios.mean(axis=0)
    found = made.likeness(np.stack([centre, centre + 50]))
    assert (found.score[0], found.farther[0]) == (pytest.approx(0.0, abs=1e-9), 1.0)
    assert (found.farther[1], found.outside.tolist()) == (1 / 201, [False, True])


@settings(max_examples=20, deadline=None)
@given(shift=st.floats(-50, 50), factor=st.floats(0.1, 10))
def test_the_units_of_ratios_change_no_score(shift: float, factor: float) -> None:
    made, point = cloud(), np.array([[6.0, 5.0, 9.0]])
    moved = replace(made, ratios=made.ratios * factor + shift).likeness(point * factor + shift)
    np.testing.assert_allclose(moved.score, made.likeness(point).score, rtol=1e-6)


def test_of_strangers_of_the_same_kind_about_the_stated_share_is_outside() -> None:
    strangers = cloud(4000, seed=2).ratios
    assert 0.03 < cloud(200, level=0.05).likeness(strangers).outside.mean() < 0.07


def test_a_ratio_that_is_lacking_is_left_out_of_the_comparison() -> None:
    made = cloud()
    lacking = made.likeness(np.array([[6.0, np.nan, 9.0], [np.nan] * 3]))
    told = made.of(("a", "c")).likeness(np.array([[6.0, 9.0]]))
    assert (lacking.score[0], lacking.farther[0]) == (told.score[0], told.farther[0])
    assert np.isnan(lacking.farther[1])
    assert not lacking.outside[1]


def test_a_cloud_of_too_few_economies_is_refused() -> None:
    with pytest.raises(DataError, match="8 economies and 3 ratios"):
        Cloud(NAMES, np.ones((8, 3)), 0.01)
