"""Rows to beat, judged on made-up series whose slopes are known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from pricing.market.supply import Market
from training.trials.yardsticks import Spans, judged, unit_cost

MONTHS = [str(month) for month in pd.period_range("2012-01", periods=120, freq="M")]
SPANS = Spans(mean=60, least=24, ahead=24)


def wave(years: float, size: float) -> pd.Series:
    return pd.Series(size * np.sin(2 * np.pi * np.arange(120) / (12 * years)), index=MONTHS)


MARKET, COST = np.exp(4 + wave(3.7, 0.5)), np.exp(3 + wave(5.3, 0.2))


def test_a_constant_follows_nothing() -> None:
    slope, on_market, on_cost, with_cost, _, months = judged(pd.Series(55.0, index=MONTHS), MARKET, COST, SPANS)
    assert (slope, on_market, on_cost, months) == (0.0, pytest.approx(0.0), pytest.approx(0.0), 108)
    assert np.isnan(with_cost)


def test_the_market_follows_itself() -> None:
    assert judged(MARKET, MARKET, COST, SPANS)[:3] == pytest.approx((1.0, 1.0, 0.0))


def test_what_a_row_owes_to_market_and_to_cost_is_told_apart() -> None:
    """A tenth of the market's log and four fifths of cost's."""
    row = MARKET**0.1 * COST**0.8
    assert judged(row, MARKET, COST, SPANS)[1:3] == pytest.approx((0.1, 0.8))


def test_a_market_that_swings_around_a_row_comes_back_to_it() -> None:
    """After half a swing the gap has turned over: 24 months ahead of a four-year wave the change is minus twice it."""
    swinging = np.exp(4 + wave(4.0, 0.5))
    assert judged(pd.Series(np.exp(4.0), index=MONTHS), swinging, COST, SPANS)[4] == pytest.approx(-1.0)


def test_unit_cost_weighs_sources_by_what_they_yield(market: Market) -> None:
    ndpr, dysprosium = unit_cost(market, "NdPr"), unit_cost(market, "Dy")
    assert list(ndpr.index) == market.months
    clays = next(s for s in market.sources if s.name == "southern_clays")
    own = clays.cash_cost + clays.capital_charge + clays.environment - clays.co_product_credit
    assert abs(dysprosium.iloc[-1] - own[-1]) < abs(ndpr.iloc[-1] - own[-1])
