from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from pricing.bundle import Bundle
from training.metrics import fit_metrics, slope_of_changes

MONTHS = [str(month) for month in pd.period_range("2020-01", periods=60, freq="M")]


def walk(seed: int) -> pd.Series:
    steps = np.random.default_rng(seed).normal(0, 0.05, len(MONTHS))
    return pd.Series(60 * np.exp(np.cumsum(steps)), index=MONTHS)


def test_a_model_a_tenth_above_the_market_misses_by_ln_of_that(bundle: Bundle) -> None:
    assert fit_metrics(bundle)["latest.miss_rms_ln.china.NdPr"] == pytest.approx(np.log(1.1))


def test_a_price_derived_from_the_other_region_counts_in_no_miss(bundle: Bundle) -> None:
    history = bundle.history_latest.copy()
    history["market.ex_china.evidence"] = "derived"
    assert "latest.miss_rms_ln.ex_china.NdPr" not in fit_metrics(replace(bundle, history_latest=history))


def test_market_taken_as_fair_has_slope_one_and_a_flat_line_has_none() -> None:
    market = walk(1)
    assert slope_of_changes(market, market) == pytest.approx(1.0)
    assert slope_of_changes(market * 0 + 60, market) == pytest.approx(0.0)
    assert slope_of_changes(np.sqrt(market), market) == pytest.approx(0.5)


def test_a_number_that_cannot_be_had_is_left_out(bundle: Bundle) -> None:
    history = bundle.history_latest.copy()
    history["market.ex_china"] = np.nan
    metrics = fit_metrics(replace(bundle, history_latest=history))
    assert "latest.slope_of_12_month_changes.NdPr" not in metrics
    assert all(np.isfinite(value) for value in metrics.values())
