"""Conformal half-widths: the finite-sample rank, weights, and levels that follow misses."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricing.forecast.conformal import Adaptation, weighted_quantile


def test_nine_scores_give_the_eighth_for_eighty_per_cent() -> None:
    # split conformal: rank ceil(0.8 * (9 + 1)) = 8
    assert weighted_quantile(np.arange(1.0, 10.0), np.ones(9), 0.8) == 8.0


def test_too_few_scores_give_the_largest_and_none_give_nothing() -> None:
    assert weighted_quantile(np.array([2.0, 1.0]), np.ones(2), 0.95) == 2.0
    assert np.isnan(weighted_quantile(np.array([]), np.array([]), 0.5))


def test_a_light_score_hardly_moves_the_quantile() -> None:
    scores, weights = np.array([1.0, 2.0, 3.0, 100.0]), np.array([1.0, 1.0, 1.0, 1e-9])
    assert weighted_quantile(scores, weights, 0.7) == 3.0


@given(st.lists(st.floats(0, 10), min_size=1, max_size=40), st.floats(0.05, 0.9), st.floats(0, 0.09))
def test_a_higher_level_is_never_narrower(scores: list[float], level: float, more: float) -> None:
    found, weights = np.array(scores), np.ones(len(scores))
    assert weighted_quantile(found, weights, level + more) >= weighted_quantile(found, weights, level)


def test_fresh_draws_are_held_as_often_as_promised() -> None:
    rng = np.random.default_rng(2)
    held = [
        np.mean(rng.exponential(size=200) <= weighted_quantile(rng.exponential(size=50), np.ones(50), 0.8))
        for _ in range(300)
    ]
    assert np.mean(held) == pytest.approx(0.8, abs=0.015)


def test_the_miss_rate_aimed_at_falls_after_a_miss_and_rises_after_a_hit() -> None:
    adapt = Adaptation(rate=0.01, margin=0.005)
    assert adapt.after(0.2, 0.2, 1.0) == pytest.approx(0.192)
    assert adapt.after(0.2, 0.2, 0.0) == pytest.approx(0.202)
    assert adapt.after(0.006, 0.05, 1.0) == 0.005


def test_adaptation_brings_wrong_scores_to_the_promised_rate() -> None:
    rng = np.random.default_rng(4)
    narrow, adapt = np.abs(rng.normal(size=500)), Adaptation(0.02, 0.005)
    miss, missed = 0.2, []
    for outcome in np.abs(1.5 * rng.normal(size=3_000)):  # half as wild again as the scores
        missed.append(outcome > weighted_quantile(narrow, np.ones(500), 1 - miss))
        miss = adapt.after(miss, 0.2, float(missed[-1]))
    fixed = np.mean(np.abs(1.5 * rng.normal(size=3_000)) > weighted_quantile(narrow, np.ones(500), 0.8))
    assert fixed > 0.35
    assert np.mean(missed[500:]) == pytest.approx(0.2, abs=0.03)
