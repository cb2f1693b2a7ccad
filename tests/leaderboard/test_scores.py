"""Scores: by hand on flat economies, and laws that hold for every estimate."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from pricing.market.synthetic import Economies
from training.leaderboard.estimates import Estimates, both, chinese, outside
from training.leaderboard.scores import FIRST, Score, leak, picked, scores

CASES: dict[str, Any] = yaml.safe_load((Path(__file__).parents[1] / "worked_cases/leaderboard_scores.yaml").read_text())
Made = Callable[..., Economies]
Level = Callable[..., np.ndarray]


def cases(kind: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", CASES[kind], ids=[case["case"] for case in CASES[kind]])


@cases("errors")
def test_error_and_bias_are_those_worked_by_hand(case: dict[str, Any], by_hand: Made, level: Level) -> None:
    truth = level(case["truth"])
    found = scores(both(level(case["estimate"])), by_hand(truth, truth, truth))
    for name in ("rmse_long_run", "bias_long_run"):
        assert found[name].value() == pytest.approx(case[name], abs=1e-6)


@cases("intervals")
def test_coverage_and_interval_score_are_those_worked_by_hand(
    case: dict[str, Any], by_hand: Made, level: Level
) -> None:
    truth, low, high = (level(case[name]) for name in ("truth", "low", "high"))
    edges = {f"low{share}": low for share in (50, 80, 95)} | {f"high{share}": high for share in (50, 80, 95)}
    found = scores(Estimates(truth, truth, edges), by_hand(truth, truth, truth))
    for name in ("coverage80", "interval_score80"):
        assert found[name].value() == pytest.approx(case[name], abs=1e-6)


@cases("leakage")
def test_leakage_is_that_worked_by_hand(case: dict[str, Any], by_hand: Made, level: Level) -> None:
    estimate, china, outer = (
        level([case["before"][name], case["after"][name]]) for name in ("estimate", "china", "outside")
    )
    pair = by_hand(level([50, 50]), china, outer, ("", "tighter_quota"), (0, 0))
    found = scores(both(estimate), pair)
    assert found["leak_tighter_quota"].value() == pytest.approx(case["leak"], abs=1e-6)
    assert "leak_more_subsidy" not in found


@given(factor=st.floats(0.5, 2.0))
def test_a_common_factor_moves_the_bias_and_neither_correlation_nor_leakage(waves: Economies, factor: float) -> None:
    plain, scaled = (scores(both(chinese(waves) * f), waves) for f in (1.0, factor))
    assert scaled["bias_long_run"].value() - plain["bias_long_run"].value() == pytest.approx(np.log(factor))
    for name in ("correlation_12m", "leak_more_subsidy"):
        assert scaled[name].value() == pytest.approx(plain[name].value())


@given(spread=st.floats(0.0, 0.5))
def test_the_root_mean_square_is_never_below_the_bias(waves: Economies, spread: float) -> None:
    error = spread * np.random.default_rng(1).standard_normal(waves.fair_long_run.shape)
    found = scores(both(waves.fair_long_run * np.exp(error)), waves)
    assert found["rmse_long_run"].value() >= abs(found["bias_long_run"].value()) - 1e-12


def test_a_perfect_estimate_scores_zero_and_leaks_what_the_truth_leaks(waves: Economies) -> None:
    moved = waves.fair_long_run.copy()
    moved[waves.base != np.arange(len(moved))] *= 0.95
    found = scores(both(moved), replace(waves, fair_long_run=moved, fair_short_run=moved))
    assert found["rmse_long_run"].value() == found["bias_long_run"].value() == 0.0
    assert found["correlation_12m"].value() == pytest.approx(1.0)
    assert found["leak_more_subsidy"].value() == pytest.approx(np.log(0.95) / np.log(0.8))


def test_the_market_that_moved_more_taken_as_fair_leaks_all_and_the_other_less(waves: Economies) -> None:
    assert scores(both(chinese(waves)), waves)["leak_more_subsidy"].value() == pytest.approx(1.0)
    assert scores(both(outside(waves)), waves)["leak_more_subsidy"].value() == pytest.approx(np.log(0.9) / np.log(0.8))


def test_twins_do_not_count_for_error(waves: Economies) -> None:
    spoiled = waves.fair_long_run.copy()
    spoiled[4:] *= 3.0
    assert scores(both(spoiled), waves)["rmse_long_run"].value() == 0.0


def test_months_before_the_first_that_counts_do_not_count(waves: Economies) -> None:
    spoiled = waves.fair_long_run.copy()
    spoiled[:, : FIRST - 12] *= 3.0
    found = scores(both(spoiled), waves)
    assert found["rmse_long_run"].value() == 0.0
    assert found["correlation_12m"].value() == pytest.approx(1.0)
    spoiled[:, FIRST] *= 3.0
    assert scores(both(spoiled), waves)["rmse_long_run"].value() > 0.0


def test_an_estimate_that_never_moves_foretells_no_change(waves: Economies, level: Level) -> None:
    assert scores(both(level([50.0] * 6)), waves)["correlation_12m"].value() == 0.0


def test_a_distortion_that_moved_no_market_has_no_leakage() -> None:
    assert np.isnan(leak(np.array([1e-6, 0.0, 1e-26])))
    assert leak(np.array([1e-6, 4e-6, 0.0])) == pytest.approx(0.5)


def test_leakage_is_measured_where_both_prices_were_seen(waves: Economies) -> None:
    gaps = {name: values.copy() for name, values in waves.observed.items()}
    gaps["china_price"][4, ::2] = np.nan
    gaps["ex_china_price"][:] = np.nan
    found = scores(both(chinese(waves)), replace(waves, observed=gaps))
    assert found["leak_more_subsidy"].value() == pytest.approx(1.0)


def test_samples_of_identical_economies_have_no_spread_and_others_straddle_the_score() -> None:
    alike, unlike = Score("root", np.full((1, 5), 0.04)), Score("root", np.array([[0.01, 0.02, 0.04, 0.08, 0.16]]))
    picks = picked(5, 500, seed=1)
    assert np.ptp(alike.resampled(picks)) < 1e-12
    low, high = np.quantile(unlike.resampled(picks), [0.05, 0.95])
    assert low < unlike.value() < high
