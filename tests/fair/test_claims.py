"""What a month may claim, by hand: a market with a band, a width that wobbles, parts and their evidence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricing.fair.claims import below, rests_on, standard_error, usual_width
from pricing.market.supply import Market

Make = Callable[..., Market]


def one(market: float, low: float, high: float, *fair: float) -> float:
    row = (np.array([value]) for value in (market, low, high))
    return float(below(*row, np.array(fair)[:, None], np.full((len(fair), 1), 1 / len(fair)))[0])


def test_a_market_whose_band_reaches_fair_is_below_it_with_the_bands_own_probability() -> None:
    assert one(100, 80, 125, 125) == pytest.approx(0.9)  # the high is the 90th percentile
    assert one(100, 80, 125, 80) == pytest.approx(0.1)
    assert one(100, 80, 125, 100) == pytest.approx(0.5)
    assert one(100, 80, 125, 125, 80) == pytest.approx(0.5)  # two draws, half each


def test_a_market_without_a_band_is_certain_and_one_without_a_point_is_not_known() -> None:
    assert one(100, np.nan, np.nan, 101) == 1.0
    assert one(100, 100, 100, 99) == 0.0
    assert np.isnan(one(np.nan, 80, 125, 100))


@given(fair=st.floats(1, 1_000), half=st.floats(0.01, 0.5))
def test_a_wider_band_draws_the_probability_towards_a_half(fair: float, half: float) -> None:
    narrow, wide = (one(100, 100 * np.exp(-h), 100 * np.exp(h), fair) for h in (half, 2 * half))
    assert abs(wide - 0.5) <= abs(narrow - 0.5) + 1e-12


def test_one_month_beyond_the_limit_does_not_turn_a_status_and_no_later_month_is_read() -> None:
    width = pd.Series([1.9] * 12 + [2.1, 1.9, 2.1] + [2.1] * 12)
    usual = usual_width(width, 12)
    assert (usual[:15] == 1.9).all()
    assert usual.iloc[-1] == 2.1
    assert usual_width(width[:15], 12).equals(usual[:15])


def test_the_error_of_a_centre_falls_with_the_root_of_the_draws_behind_it() -> None:
    # half at 0, half at 2: a variance of 1; 100 effective draws, of which 2 equal ones are kept: sqrt(1/100 + 1/2)
    found = standard_error(np.array([[0.0], [2.0]]), np.full((2, 1), 0.5), np.array([100.0]))
    assert found == pytest.approx([np.sqrt(0.51)])


def test_a_part_rests_on_the_strongest_of_its_inputs_month_by_month(made_market: Make) -> None:
    history = made_market().histories["NdPr"]
    assumed = np.where(np.arange(30) < 10, "prior", "derived")
    marks = {"mining_quota_evidence": assumed, "subsidy_rate_est_evidence": "prior"}
    marked = replace(history, frame=history.frame.assign(**marks))
    assert rests_on("production_quota", "china", marked).tolist() == assumed.tolist()
    assert set(rests_on("subsidy_explicit", "china", marked)) == {"prior"}
    assert set(rests_on("environment", "china", marked)) == {"prior"}, "no input of it is observed anywhere"
    assert set(rests_on("vat_not_refunded", "china", marked)) == {"observed"}


def test_a_licence_and_a_duty_that_has_ended_rest_on_priors(made_market: Make) -> None:
    history = made_market().histories["NdPr"]
    ended = np.where(np.arange(30) < 20, 1.0, 0.0)
    past = replace(history, frame=history.frame.assign(export_tax_rate=0.25 * ended, export_quota_in_force=ended))
    assert set(rests_on("export_licence", "ex_china", past)) == {"prior"}, "a thin spot is no size of what all pay"
    duty = rests_on("export_duty_and_quota", "china", past)
    assert (duty[:20] == "observed").all()
    assert (duty[20:] == "prior").all(), "what is left is plant, by an assumed law of investment"
