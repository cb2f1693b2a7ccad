"""Scores: cases worked by hand, and laws."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricing.forecast.scores import (
    Bootstrap,
    block_draws,
    block_length,
    diebold_mariano,
    independent_windows,
    interval_score,
    pinball,
    ratio_band,
    rmsse,
)

HOW = Bootstrap(samples=400, least_block=6, level=0.9, seed=1)
ERRORS = st.lists(st.floats(-5, 5), min_size=3, max_size=30).map(np.array)


def test_the_last_quote_scores_one_against_itself() -> None:
    error = np.array([0.1, -0.3, np.nan, 0.2])
    assert rmsse(error, error) == 1.0


def test_only_pairs_that_are_resolved_count() -> None:
    assert rmsse(np.array([1.0, 5.0]), np.array([2.0, np.nan])) == 0.5
    assert np.isnan(rmsse(np.array([np.nan]), np.array([1.0])))


def test_an_interval_pays_its_width_and_a_miss_pays_two_over_alpha() -> None:
    # width 2, missed by 1 at 80 %: 2 + 2 / 0.2 * 1
    assert interval_score(np.array([2.0]), np.array([1.0]), 0.8)[0] == pytest.approx(12.0)


@given(ERRORS, st.floats(0.01, 3), st.sampled_from([0.5, 0.8, 0.95]))
def test_pinball_of_both_ends_is_the_interval_score_over_four_times_its_alpha(
    error: np.ndarray, wide: float, level: float
) -> None:
    half = np.full(len(error), wide)
    alpha = 1 - level
    np.testing.assert_allclose(
        2 * pinball(error, half, level), interval_score(error, half, level) * alpha / 2, atol=1e-9
    )


@given(ERRORS, st.floats(0.1, 10))
def test_a_scale_common_to_all_leaves_the_ratio(error: np.ndarray, factor: float) -> None:
    base = error + 1.0
    if np.sum(base**2) > 1e-6:
        assert rmsse(factor * error, factor * base) == pytest.approx(rmsse(error, base))


def test_five_spans_of_two_years_fit_into_a_hundred_and_twenty_two_months() -> None:
    assert independent_windows(122, 24) == 5
    assert block_length(24, 6) == 24
    assert block_length(1, 6) == 6


def test_a_band_of_equal_losses_is_a_point_at_one_and_needs_two_blocks_of_months() -> None:
    loss = np.arange(1.0, 41.0)
    assert ratio_band(loss, loss, 12, HOW, root=True) == (1.0, 1.0)
    assert np.isnan(ratio_band(loss[:23], loss[:23], 12, HOW, root=True)).all()


def test_a_band_holds_the_ratio_it_was_drawn_around() -> None:
    rng = np.random.default_rng(3)
    below = rng.exponential(size=200)
    low, high = ratio_band(0.8 * below + 0.1, below, 3, HOW, root=False)
    assert low < np.sum(0.8 * below + 0.1) / np.sum(below) < high


def test_one_step_diebold_mariano_is_a_t_test_with_a_small_sample_correction() -> None:
    loss, other = np.array([1.0, 2.0, 0.5, 1.5]), np.array([2.0, 2.5, 1.0, 3.0])
    apart = loss - other  # mean -0.875, variance with 1/n 0.171875
    statistic, p = diebold_mariano(loss, other, 1)
    assert statistic == pytest.approx(apart.mean() / np.sqrt(apart.var() / 4) * np.sqrt(3 / 4))
    assert statistic == pytest.approx(-3.6557, abs=1e-4)
    assert p == pytest.approx(0.0354, abs=1e-4)


def test_three_step_diebold_mariano_counts_two_autocovariances_and_corrects_for_the_horizon() -> None:
    """Worked by hand for n = 8 and h = 3.

    apart -2 -2 -2 0 0 2 0 -4, mean -1; centred -1 -1 -1 1 1 3 1 -3
    autocovariances: lag 0 (1+1+1+1+1+9+1+9)/8 = 3; lag 1 (1+1-1+1+3+3-3)/8 = .625; lag 2 (1-1-1+3+1-9)/8 = -.75
    long-run variance 3 + 2 x (.625 - .75) = 2.75; correction root((8 + 1 - 6 + 6/8) / 8) = root(.46875)
    statistic -1 / root(2.75/8) x root(.46875) = -1.16775; Student's t of 7 degrees, two-sided: .28114
    """
    loss, other = np.array([0.0, 1, 1, 2, 3, 5, 1, 1]), np.array([2.0, 3, 3, 2, 3, 3, 1, 5])
    statistic, p = diebold_mariano(loss, other, 3)
    assert statistic == pytest.approx(-1.16775, abs=1e-5)
    assert p == pytest.approx(0.28114, abs=1e-4)


@given(st.integers(1, 24), st.integers(48, 150), st.integers(0, 5))
def test_samples_are_made_of_runs_of_consecutive_months(horizon: int, months: int, seed: int) -> None:
    drawn = block_draws(months, horizon, Bootstrap(samples=20, least_block=6, level=0.9, seed=seed))
    assert drawn is not None
    assert drawn.shape == (20, months)
    assert drawn.min() >= 0
    assert drawn.max() < months
    length = max(horizon, 6)
    inside = (np.arange(1, months) % length) != 0  # steps that do not turn to another block
    assert (np.diff(drawn, axis=1)[:, inside] == 1).all()


def test_equal_losses_and_short_records_have_no_statistic() -> None:
    same = np.ones(30)
    assert np.isnan(diebold_mariano(same, same, 3)).all()
    assert np.isnan(diebold_mariano(np.arange(10.0), np.zeros(10), 6)).all()


def test_diebold_mariano_turns_its_sign_with_its_sides() -> None:
    rng = np.random.default_rng(1)
    one, other = rng.exponential(size=60), rng.exponential(size=60)
    forth, back = diebold_mariano(one, other, 3), diebold_mariano(other, one, 3)
    assert forth[0] == pytest.approx(-back[0])
    assert forth[1] == pytest.approx(back[1])
