"""What recovery rests on: rows merged by their mean, modes counted once, intervals by hand."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from features.synthetic import families
from pricing.fair.laplace import Modes
from pricing.fair.misspecification import Cloud
from pricing.fair.recovery import Calibration, find
from pricing.market.facts import facts_of
from pricing.market.side_by_side import merged, rows_of, side_by_side
from pricing.market.simulated import market_of
from pricing.market.synthetic import simulate
from training.recovery import shipped_prior, shipped_search


def test_three_months_are_merged_into_their_mean_and_a_rest_is_left_out() -> None:
    made = simulate(families()["as_examples"], 2, 3)
    smoothing = shipped_search().smoothing
    months = side_by_side([facts_of(market_of(made.history(i), smoothing)) for i in range(2)])
    quarters = merged(months, 3)
    assert (months.months, quarters.months) == (190, 63)
    assert quarters.step == 0.25
    np.testing.assert_allclose(quarters.demand_china[4, 1], months.demand_china[12:15, 1].mean(axis=0))
    np.testing.assert_allclose(quarters.support[2, 62, 0], months.support[2, 186:189, 0].mean(axis=0))


def test_rows_of_economies_side_by_side_are_those_economies() -> None:
    made = simulate(families()["as_examples"], 3, 3)
    alone = [facts_of(market_of(made.history(i), shipped_search().smoothing)) for i in range(3)]
    chosen = rows_of(side_by_side(alone), np.array([2, 0]))
    np.testing.assert_array_equal(chosen.capacity[:, 0], alone[2].capacity)
    np.testing.assert_array_equal(chosen.limit[1], alone[0].limit)


@pytest.mark.slow
def test_a_search_on_quarters_finds_nearly_what_one_on_months_finds() -> None:
    history = simulate(families()["as_examples"], 1, 3).history(0)
    quick = replace(shipped_search(), starts=1, rounds=3, more_rounds=1, members=32)
    by_quarter, by_month = (find([history], shipped_prior(), replace(quick, months_a_row=n)) for n in (3, 1))
    assert np.abs(by_quarter.long_run - by_month.long_run).max() < 0.05
    assert not np.array_equal(by_quarter.long_run, by_month.long_run)


def test_two_starts_that_meet_count_as_one_mode_and_two_that_do_not_as_two() -> None:
    scores = np.array([[0.0, 0.0], [0.0, 0.0], [9.0, 0.0], [0.1, 0.0]])
    crowd = Modes(scores, np.tile(np.eye(2), (4, 1, 1)), np.zeros(4)).crowd(4)
    np.testing.assert_allclose(crowd, [2 + np.exp(-0.005), 2 + np.exp(-0.005), 1, 1 + 2 * np.exp(-0.005)], rtol=1e-12)


def test_an_interval_by_hand_is_wider_without_an_outside_price_where_the_fit_is_poor_and_outside_the_cloud() -> None:
    # sd: sqrt(.04^2 + .03^2) = .05; half of the months unseen adds (.24 / 2)^2: sqrt(.0025 + .0144) = .13; twice the
    # usual scale of errors doubles it, and so does a place outside the cloud.
    found: Any = SimpleNamespace(
        long_run=np.log(np.full((4, 1), 50.0)),
        spread=np.full((4, 1), 0.04),
        unseen=np.array([0.0, 0.5, 0.0, 0.0]),
        scale=np.array([0.6, 0.6, 1.2, 0.6]),
    )
    cloud = Cloud(("one",), np.arange(3.0)[:, None], 0.01)
    outside = np.array([False, False, False, True])
    edges = Calibration(0.03, 0.24, 0.6, {80: 1.0}, 2.0, cloud).edges(found, outside)
    np.testing.assert_allclose(edges["high80"][:, 0], 50 * np.exp([0.05, 0.13, 0.10, 0.10]))
    np.testing.assert_allclose(edges["low80"] * edges["high80"], 2500.0)
