"""Closed forms: figures worked by hand, parity, averages, and what a floor not indexed is worth in time."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricing.contracts.valuation.closed_form import (
    average,
    caplet,
    floorlet,
    probability_below,
    strip,
)
from pricing.paths.process import PriceProcess, TwoFactor

MONEY = st.floats(1.0, 500.0)
DEVIATION = st.floats(0.0, 3.0)


def test_a_floor_of_110_on_a_forward_of_100_costs_18_14_and_its_share_gives_2_44_back() -> None:
    # d2 = (ln(100 / 110) - .045) / .3 = -.467701, N(.467701) = .68000; d1 = -.167701, N(.167701) = .56659
    # floor = 110 x .68000 - 100 x .56659 = 18.141; call = floor + 100 - 110 = 8.141, a share of 30 % is 2.442
    floor, share = float(floorlet(100.0, 0.3, 110.0)), 0.3 * float(caplet(100.0, 0.3, 110.0))
    assert (round(floor, 2), round(share, 2), round(floor - share, 2)) == (18.14, 2.44, 15.70)
    assert round(float(probability_below(100.0, 0.3, 110.0)) * 100, 1) == 68.0


@given(forward=MONEY, deviation=DEVIATION, strike=MONEY)
def test_call_less_put_is_forward_less_strike(forward: float, deviation: float, strike: float) -> None:
    gap = caplet(forward, deviation, strike) - floorlet(forward, deviation, strike)
    assert gap == pytest.approx(forward - strike, abs=1e-8)


@given(forward=MONEY, strike=MONEY)
def test_without_uncertainty_only_the_shortfall_is_left(forward: float, strike: float) -> None:
    assert floorlet(forward, 0.0, strike) == pytest.approx(max(0.0, strike - forward), abs=1e-12)
    assert probability_below(forward, 0.0, strike + 1) == (1.0 if forward < strike + 1 else 0.0)


@given(forward=MONEY, deviation=DEVIATION, strike=st.floats(2.0, 500.0))
def test_a_dearer_floor_costs_more_is_convex_and_never_more_than_a_dollar_a_dollar(
    forward: float, deviation: float, strike: float
) -> None:
    low, middle, high = (float(floorlet(forward, deviation, strike + step)) for step in (-1.0, 0.0, 1.0))
    assert -1e-9 <= middle - low <= high - middle + 1e-9 <= 1.0 + 2e-9


def test_a_strip_adds_discounted_floorlets() -> None:
    assert strip(np.array([18.0, 20.0]), np.array([10.0, 5.0]), np.array([1.0, 0.5])) == 230.0


def test_an_average_of_one_price_is_that_price() -> None:
    assert average(np.array([95.0]), np.array([[0.09]]), [1.0]) == pytest.approx((95.0, 0.3))


def test_an_average_of_prices_that_move_as_one_is_one_price() -> None:
    assert average(np.full(3, 95.0), np.full((3, 3), 0.09), [1 / 3] * 3) == pytest.approx((95.0, 0.3))


@pytest.mark.parametrize(("forward", "strip_error", "first_quarter_error"), [(80.0, 2e-5, 3e-4), (121.0, 2e-4, 0.02)])
def test_the_moment_matched_average_errs_by_little_on_ten_years_of_quarters_and_most_on_the_first(
    forward: float, strip_error: float, first_quarter_error: float
) -> None:
    process = PriceProcess(("NdPr",), (TwoFactor.from_moments(0.374, 2.6, 1.0, 0.3),), ((1.0,),))
    covariance = process.covariance(np.arange(1, 121) / 12)
    quarters = [covariance[start : start + 3, start : start + 3] for start in range(0, 120, 3)]
    exact = np.array([averaged_floor(forward, own, 110.0) for own in quarters])
    matched = np.array([floorlet(*average(np.full(3, forward), own, [1 / 3] * 3), 110.0) for own in quarters])
    discount = 1.08 ** -np.arange(0.25, 10.25, 0.25)
    assert matched @ discount == pytest.approx(exact @ discount, rel=strip_error)
    assert matched[0] == pytest.approx(exact[0], rel=first_quarter_error)


def averaged_floor(forward: float, covariance: np.ndarray, strike: float) -> float:
    """A floor on the mean of three lognormals: over two of them on a fine grid, in closed form over the third."""
    root = np.linalg.cholesky(covariance)
    score = np.linspace(-8.0, 8.0, 801)
    weight = np.exp(-(score**2) / 2) / np.exp(-(score**2) / 2).sum()
    first, second = score[:, None], score[None, ::10]
    second_weight = weight[::10] / weight[::10].sum()
    known = [
        forward * np.exp(row[0] * first + row[1] * second - covariance[i, i] / 2) for i, row in enumerate(root[:2])
    ]
    mean = forward * np.exp(root[2, 0] * first + root[2, 1] * second - (covariance[2, 2] - root[2, 2] ** 2) / 2)
    left = 3 * strike - known[0] - known[1]
    paid = np.where(left > 0, floorlet(mean, root[2, 2], np.maximum(left, 1e-12)), 0.0) / 3
    return float(weight @ paid @ second_weight)
