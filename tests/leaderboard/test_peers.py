"""Peers do what their names say: no more, no less."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from pricing.market.synthetic import Economies
from training.leaderboard import simple_peers, zeroed
from training.leaderboard.estimates import chinese, demanded, normal_value, outside
from training.leaderboard.ridge import ratios, ridge
from training.leaderboard.scores import FIRST
from training.leaderboard.settings import trees_of_peers

Made = Callable[..., Economies]
SUBSIDY = len(zeroed.MARKET)  # position of the column


def observed(economies: Economies, **columns: np.ndarray) -> Economies:
    return replace(economies, observed={**economies.observed, **columns})


def test_normal_value_is_factor_quantities_times_factor_prices(waves: Economies) -> None:
    dear = observed(waves, factor_price_energy=2 * np.ones_like(waves.fair_long_run))
    assert normal_value(waves)[0, 0] == pytest.approx(24 + 16)
    assert normal_value(dear)[0, 0] == pytest.approx(2 * 24 + 16)


def test_a_month_without_a_price_outside_takes_the_chinese_one_at_the_usual_gap(waves: Economies) -> None:
    china = waves.observed["china_price"]
    gaps = 1.2 * china
    gaps[:, 100:110] = np.nan
    found = outside(observed(waves, ex_china_price=gaps))
    assert found[:, 100:110] == pytest.approx(1.2 * china[:, 100:110])
    assert outside(observed(waves, ex_china_price=np.full_like(gaps, np.nan))) == pytest.approx(china)


def test_demand_is_what_was_used_where_nobody_knows_it_at_the_reference_price(waves: Economies) -> None:
    unknown = np.full_like(waves.fair_long_run, np.nan)
    index = waves.observed["demand_index_china"].copy()
    index[0] = np.nan
    found = demanded(observed(waves, demand_index_china=index, consumption_china=unknown + np.nan), "china")
    assert np.isnan(found[0]).all()
    used = demanded(observed(waves, demand_index_china=index, consumption_china=np.full_like(unknown, 44.0)), "china")
    assert (used[0, 0], used[1, 0]) == (44.0, 55.0)


def test_the_trailing_mean_knows_no_later_month(waves: Economies) -> None:
    shaken = {name: waves.observed[name].copy() for name in ("china_price", "ex_china_price")}
    for price in shaken.values():
        price[:, 150:] *= 10
    before, after = (simple_peers.trailing_mean(one).long_run for one in (waves, observed(waves, **shaken)))
    assert np.array_equal(before[:, :150], after[:, :150])
    assert before[:, 100] == pytest.approx(outside(waves)[:, 41:101].mean(axis=1))


def test_the_best_constant_finds_a_truth_that_is_a_multiple_of_the_price(waves: Economies) -> None:
    lesson = replace(waves, fair_long_run=1.3 * chinese(waves), fair_short_run=1.1 * chinese(waves))
    found = simple_peers.times_chinese_price(lesson)(waves)
    assert found.long_run == pytest.approx(1.3 * chinese(waves))
    assert found.short_run == pytest.approx(1.1 * chinese(waves))
    assert found.edges["low80"] == pytest.approx(found.edges["high80"])


def test_intervals_of_a_taught_peer_cover_the_economies_it_was_taught_on_as_they_say(waves: Economies) -> None:
    found = simple_peers.times_cost(waves)(waves)
    for level in (50, 80, 95):
        inside = (found.edges[f"low{level}"] <= waves.fair_long_run) & (
            waves.fair_long_run <= found.edges[f"high{level}"]
        )
        assert inside[:, FIRST:].mean() == pytest.approx(level / 100, abs=0.01)


def test_ridge_finds_a_truth_that_is_log_linear_in_its_ratios(waves: Economies) -> None:
    law = np.exp(0.7 * ratios(waves)[..., 0] + 0.2 * ratios(waves)[..., 1] + 0.1)
    lesson = replace(waves, fair_long_run=normal_value(waves) * law, fair_short_run=normal_value(waves) * law)
    found = ridge([lesson], 1e-6)(waves)
    assert found.long_run == pytest.approx(lesson.fair_long_run, rel=1e-3)


def test_ridge_answers_where_a_column_was_never_seen(waves: Economies) -> None:
    blind = observed(waves, exports_china=np.full_like(waves.fair_long_run, np.nan))
    assert np.isfinite(ridge([waves], 10.0)(blind).long_run).all()


def subsidised(waves: Economies) -> Economies:
    """Return economies whose price is 50 less what subsidy takes, subsidy running from none to 40 %."""
    rate = np.tile(np.linspace(0, 0.4, waves.fair_long_run.shape[1]), (len(waves.fair_long_run), 1))
    price = 50 * np.exp(-0.5 * rate)
    return observed(waves, subsidy_rate_est=rate, china_price=price, ex_china_price=price)


def test_a_backbone_takes_out_a_subsidy_that_was_once_absent(waves: Economies) -> None:
    found = zeroed.backbone_and_trees(trees_of_peers())(subsidised(waves)).long_run
    assert found == pytest.approx(50.0, rel=0.02)


def test_trees_with_the_signs_of_theory_never_lower_the_price_when_subsidy_goes(waves: Economies) -> None:
    economies = subsidised(waves)
    X, y = zeroed.columns(economies)[0], np.log(outside(economies)[0])
    booster = trees_of_peers().fitted(X, y, monotone=True)
    without = X.copy()
    without[:, SUBSIDY] = 0.0
    assert (np.asarray(booster.predict(without)) >= np.asarray(booster.predict(X)) - 1e-12).all()


def test_trees_cannot_say_what_they_never_saw(waves: Economies) -> None:
    rate = np.tile(np.linspace(0.2, 0.4, waves.fair_long_run.shape[1]), (len(waves.fair_long_run), 1))
    price = 50 * np.exp(-0.5 * rate)
    late = observed(waves, subsidy_rate_est=rate, china_price=price, ex_china_price=price)
    found = zeroed.trees(trees_of_peers(), monotone=False)(late).long_run
    assert found.max() <= price.max() + 1e-9 < 50.0
