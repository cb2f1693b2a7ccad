"""A fit of the headline alone is the whole fit's headline, and a variant without a change is the base, bit for bit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from features.dataset import Dataset
from pricing.bundle_tables import fair_column
from pricing.fair.estimator import Settings, estimate
from pricing.market.supply import Market
from training.assumption_range import HEADLINE, VALUE_SHARE, WESTERN_KEPT, assumption_range, by_value_share
from training.assumptions import settings_for, shipped_prior
from training.config import TrainingConfig
from training.last_month import LastMonth
from training.trials import refits
from training.trials.headline import HeadlineFit, headline_fit
from training.trials.variants import raised

COLUMNS = ["material", "month", "ess", *(fair_column("long_run", "market_economy", s) for s in ("mean", "p10", "p90"))]
MEAN = COLUMNS[3]


@pytest.fixture(scope="module")
def settings() -> Settings:
    small = settings_for(TrainingConfig(draws=64))
    return replace(small, kept=16, wedge_draws=1, wedge_draws_a_stage=1, rest_years=2.0)


@pytest.fixture(scope="module")
def base(early_market: Market, settings: Settings) -> HeadlineFit:
    return headline_fit(early_market, shipped_prior(), settings)


def test_the_headline_alone_is_that_of_a_whole_fit(base: HeadlineFit, early_market: Market, settings: Settings) -> None:
    whole = estimate(early_market, shipped_prior(), settings)
    pd.testing.assert_frame_equal(base.frame[COLUMNS], whole.frame[COLUMNS], check_exact=True)


def test_a_variant_without_a_change_is_the_base(base: HeadlineFit, early_market: Market, settings: Settings) -> None:
    again = headline_fit(raised(early_market, 0.0, 12), shipped_prior(), settings)
    pd.testing.assert_frame_equal(again.frame, base.frame, check_exact=True)


def test_a_variant_with_a_change_is_not_the_base(base: HeadlineFit, early_market: Market, settings: Settings) -> None:
    other = headline_fit(raised(early_market, 1.0, 24), shipped_prior(), settings)
    assert (other.frame[MEAN] != base.frame[MEAN]).any()


def test_the_range_starts_at_the_headline_that_was_published(
    base: HeadlineFit, early: Dataset, early_market: Market, settings: Settings
) -> None:
    last = LastMonth.of(base.sample, base.draws, settings.rest_years)
    found = assumption_range(early, early_market, last).set_index(["material", "assumption_set"])
    published = base.frame.groupby("material")[MEAN].last()
    for material in ("NdPr", "Dy"):
        prices = found.loc[material]
        assert prices.loc[HEADLINE, "fair_usd_per_kg"] == pytest.approx(published[material], rel=1e-12)
        assert prices.loc[HEADLINE, "ratio"] == 1.0
        assert prices.loc["external damage counted", "ratio"] > 1.02
        assert prices.loc[WESTERN_KEPT, "ratio"] == pytest.approx(1.0)  # none was in force in 2013
    ratios = found.loc["NdPr", "ratio"]
    assert ratios["return of 8 %"] < 1 < ratios["return of 12 %"]
    assert set(found.index.levels[0]) == {"NdPr", "Dy"}


def test_by_value_share_other_products_bear_cost_and_pay_nothing(early: Dataset, early_market: Market) -> None:
    """What magnet oxides bear is value / (value + credit); the same share of every cost, and no credit is left."""
    shared = by_value_share(early, early_market)
    for before, after in zip(early_market.sources, shared.sources, strict=True):
        borne = after.cash_cost / before.cash_cost
        assert (after.co_product_credit == 0).all()
        assert after.capital_charge == pytest.approx(before.capital_charge * borne)
        implied = before.co_product_credit * borne / np.where(borne < 1, 1 - borne, np.nan)  # value of magnet oxides
        known = implied[np.isfinite(implied)]
        assert known == pytest.approx(np.full(len(known), known[0])) if len(known) else (borne == 1).all()
    assert set(refits.markets()) >= {VALUE_SHARE, "external damage counted"}
