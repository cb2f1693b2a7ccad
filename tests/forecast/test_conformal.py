"""Conformal half-widths: what past errors, windows and a Gaussian walk weigh, and levels that follow misses."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from pricing.forecast.conformal import Adaptation, Beside, PastErrors

LEVELS = np.array([0.5, 0.8, 0.95])
ALONE = Beside(others=0.0, gaussian=0.0)
NOBODY = np.full((1, 200), np.nan)


def row(*errors: float) -> np.ndarray:
    """One material's errors by origin month, the rest of 200 months unresolved."""
    return np.r_[errors, np.full(200 - len(errors), np.nan)][None, :]


def test_a_quantile_is_the_error_below_which_the_share_of_windows_lies() -> None:
    past = PastErrors(row(*np.arange(10.0, 0.0, -1.0)), NOBODY, horizon=1)
    assert past.quantiles(9, LEVELS, ALONE).tolist() == [5.0, 8.0, 10.0]


def test_errors_of_later_origins_do_not_count() -> None:
    past = PastErrors(row(1.0, 2.0, 3.0, 100.0), NOBODY, horizon=1)
    assert past.quantiles(2, LEVELS, ALONE).tolist() == [2.0, 3.0, 3.0]


def test_without_errors_the_intervals_are_those_of_a_gaussian_walk() -> None:
    found = PastErrors(NOBODY, NOBODY, 1).quantiles(-1, LEVELS, Beside(5, 5))
    np.testing.assert_allclose(found, norm.ppf(0.5 + LEVELS / 2), rtol=0.02)


def test_a_month_counts_once_however_many_materials_it_has() -> None:
    # 40 months: 30 hold one error of 1, ten hold three errors of 9; a quarter of the months, half of the errors
    own = np.vstack([row(*[1.0] * 30, *[9.0] * 10), *[row(*[np.nan] * 30, *[9.0] * 10)] * 2])
    past = PastErrors(own, NOBODY, horizon=1)
    assert past.quantiles(39, np.array([0.74, 0.76]), ALONE).tolist() == [1.0, 9.0]


def test_overlapping_outcomes_are_worth_one_window_over_the_horizon_so_the_walk_weighs_more() -> None:
    own = row(*[9.0] * 60)
    near, far = (PastErrors(own, NOBODY, h).quantiles(59, LEVELS[:1], Beside(0, 5))[0] for h in (1, 24))
    assert near == 9.0  # sixty windows beside five
    assert far < 3.0  # two and a half windows beside five


def test_other_series_together_weigh_a_few_windows_and_no_more_than_they_have() -> None:
    own, others = row(*[1.0] * 10), np.repeat(row(*[9.0] * 100), 7, axis=0)
    past = PastErrors(own, others, horizon=1)
    at = np.array([0.66, 0.67])  # ten windows of 1 beside five of 9
    assert past.quantiles(99, at, Beside(5, 0)).tolist() == [1.0, 9.0]
    few = PastErrors(own, row(9.0), horizon=1)
    assert few.quantiles(99, np.array([0.90, 0.92]), Beside(5, 0)).tolist() == [1.0, 9.0]  # one of eleven


@given(st.lists(st.floats(0, 10), min_size=1, max_size=40), st.floats(0.05, 0.9), st.floats(0, 0.09))
def test_a_higher_level_is_never_narrower(errors: list[float], level: float, more: float) -> None:
    found = PastErrors(row(*errors), NOBODY, 3).quantiles(199, np.array([level, level + more]), Beside(5, 5))
    assert found[1] >= found[0]


def test_fresh_draws_are_held_as_often_as_promised() -> None:
    rng = np.random.default_rng(2)
    held = [
        np.mean(rng.normal(size=200) < PastErrors(row(*np.abs(rng.normal(size=50))), NOBODY, 1).quantiles(
            49, LEVELS[1:2], Beside(0, 5)
        )[0]) * 2 - 1
        for _ in range(200)
    ]  # fmt: skip
    assert np.mean(held) == pytest.approx(0.8, abs=0.015)


def test_the_miss_rate_aimed_at_falls_after_a_miss_and_rises_after_a_hit() -> None:
    adapt, wanted = Adaptation(rate=0.2, margin=0.005), np.array([0.2, 0.05])
    missed = adapt.after(wanted, wanted, np.array([1.0, 0.0]), 1)
    np.testing.assert_allclose(missed, [0.2 - 0.04 * 0.8, 0.05 + 0.01 * 0.05])
    assert adapt.after(np.array([0.006]), wanted[1:], np.ones(1), 1)[0] == 0.005


@given(st.integers(1, 24))
def test_a_longer_horizon_answers_more_slowly(horizon: int) -> None:
    adapt, wanted = Adaptation(rate=0.2, margin=0.005), np.array([0.5])
    step = wanted - adapt.after(wanted, wanted, np.ones(1), horizon)
    assert step[0] == pytest.approx(0.05 / horizon)


def test_adaptation_brings_wrong_errors_to_the_promised_rate() -> None:
    rng = np.random.default_rng(4)
    past, adapt = PastErrors(np.abs(rng.normal(size=(1, 200))), NOBODY, 1), Adaptation(0.2, 0.005)
    wanted = miss = np.array([0.2])
    missed = []
    for outcome in np.abs(1.5 * rng.normal(size=3_000)):  # half as wild again as the past
        missed.append(outcome > past.quantiles(199, 1 - miss, ALONE))
        miss = adapt.after(miss, wanted, missed[-1].astype(float), 1)
    fixed = np.mean(np.abs(1.5 * rng.normal(size=3_000)) > past.quantiles(199, 1 - wanted, ALONE))
    assert fixed > 0.35
    assert np.mean(missed[500:]) == pytest.approx(0.2, abs=0.03)
