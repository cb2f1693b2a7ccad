"""What the rows of a fair history say in money: which region, which basis, which price level."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from pricing.fair.estimator import Settings, estimate
from pricing.market.distortions import Distortion
from pricing.market.supply import Market, SupportSet
from pricing.prior import Prior

Make = Callable[..., Market]
HEADLINE = "long_run.market_economy.mean"
DRAWS = {"draws": 64, "kept": 16, "wedge_draws": 8, "rest_years": 2.0, "least_effective": 2.0}
NO_DISTORTION = {
    "illegal_output_share_est": 0.0,
    "export_tax_rate": 0.0,
    "mining_quota": 1e9,
    "vat_not_refunded": 0.0,
    "export_quota_in_force": 0,
}


@pytest.fixture(scope="module")
def few(settings: Settings) -> Settings:
    return replace(settings, **DRAWS)


def fixed(prior: Prior, **values: float) -> Prior:
    """The prior with parameters known for sure."""
    sure = {
        name: replace(prior.rows[name], low=value, central=value, high=value, positive=value > 0)
        for name, value in values.items()
    }
    return Prior({**prior.rows, **sure})


def with_columns(market: Market, columns: Mapping[str, object]) -> Market:
    histories = {n: replace(h, frame=h.frame.assign(**columns)) for n, h in market.histories.items()}
    return replace(market, histories=histories)


def test_china_is_set_against_fair_less_freight_and_outside_against_fair(
    made_market: Make, prior: Prior, few: Settings
) -> None:
    level = np.linspace(0.7, 1.0, 30)
    market = with_columns(made_market(), {"deflator": level})
    frames = {
        n: h.frame.assign(ex_china_price=h.frame["china_price"] + 20 * level) for n, h in market.histories.items()
    }
    market = replace(market, histories={n: replace(h, frame=frames[n]) for n, h in market.histories.items()})
    rows = estimate(market, fixed(prior, freight=20.0), few).frame
    at_works = rows[HEADLINE] - 20 * rows["deflator"]
    assert (rows["wedge.china.total"] - (rows["market.china"] - at_works)).abs().max() < 1e-9
    assert (rows["wedge.ex_china.total"] - (rows["market.ex_china"] - rows[HEADLINE])).abs().max() < 1e-9
    assert (rows["p_market_below_fair.china"] - rows["p_market_below_fair.ex_china"]).abs().max() < 1e-12


def test_a_price_far_below_every_fair_price_is_surely_below(made_market: Make, prior: Prior, few: Settings) -> None:
    rows = estimate(made_market(price=0.01), prior, few).frame
    assert (rows["p_market_below_fair.china"] > 0.99).all()
    assert (rows["wedge.china.total"] < 0).all()


def test_a_price_level_twice_as_high_doubles_every_amount_and_nothing_else(
    made_market: Make, prior: Prior, few: Settings
) -> None:
    sources = tuple(replace(s, floor_covered=s.name == "incumbents_ex_china") for s in made_market().sources)
    money = {"quota_rent": 10.0, "policy_floor": 90.0}
    plain = with_columns(replace(made_market(), sources=sources), money)
    dear = with_columns(
        replace(made_market(price=2.0), sources=sources),
        {"deflator": 2.0} | {name: 2 * value for name, value in money.items()},
    )
    before, after = (estimate(market, prior, few).frame for market in (plain, dear))
    amounts = [c for c in before if c.startswith(("long_run", "short_run", "wedge", "model", "market"))]
    amounts = [c for c in amounts if not c.endswith(("evidence", "rests_on"))]
    pd.testing.assert_frame_equal(after[amounts], 2 * before[amounts], rtol=1e-7, atol=1e-6)
    assert after["p_market_below_fair.china"].tolist() == pytest.approx(before["p_market_below_fair.china"].tolist())


def test_without_distortions_todays_fair_price_is_the_modelled_market_outside_and_no_part_is_anything(
    made_market: Make, prior: Prior, few: Settings
) -> None:
    market = with_columns(made_market(subsidy=0.0), NO_DISTORTION)
    none = np.zeros(30)
    market = replace(market, sources=tuple(replace(s, environment_unpaid=none) for s in market.sources))
    rows = estimate(market, fixed(prior, model_error=0.0), few).frame
    for support in SupportSet:
        assert rows[f"short_run.{support}.mean"].to_numpy() == pytest.approx(rows["model.ex_china"].to_numpy())
    for region in ("china", "ex_china"):
        parts = rows[[f"wedge.{region}.{d}" for d in Distortion]]
        assert parts.abs().max().max() < 1e-6
    assert (rows["model.ex_china"] > rows["model.china"]).mean() > 0.9, "China exports, and freight lies between"


def test_the_lasting_error_of_the_model_is_a_factor_on_fair_prices_alone(
    made_market: Make, prior: Prior, few: Settings
) -> None:
    none, tenth = (estimate(made_market(), fixed(prior, model_error=error), few).frame for error in (0.0, np.log(1.1)))
    assert (tenth[HEADLINE] / none[HEADLINE]).to_numpy() == pytest.approx(1.1)
    assert tenth["model.china"].to_numpy() == pytest.approx(none["model.china"].to_numpy())


def test_a_wide_interval_is_a_band_a_narrow_one_an_estimate(made_market: Make, prior: Prior, few: Settings) -> None:
    rows = estimate(made_market(), prior, few).frame
    spans = rows["long_run.market_economy.p90"] / rows["long_run.market_economy.p10"]
    middle = float(spans.median())
    judged = estimate(made_market(), prior, replace(few, widest_point=middle, width_months=1)).frame
    assert (judged["status"] == np.where(spans > middle, "band", "estimate")).all()
    assert judged.loc[spans > middle, "reason"].str.contains("80 % interval").all()


def test_what_no_evidence_moved_is_called_not_identified(made_market: Make, prior: Prior, few: Settings) -> None:
    deaf = replace(few, errors=replace(few.errors, learning_rate=0.0))
    rows = estimate(made_market(), prior, deaf).frame
    assert (rows["identified"] == 0).all()
    assert rows["reason"].str.contains("not identified").all()


def test_a_duty_lies_above_the_price_outside_and_below_chinas(made_market: Make, prior: Prior, few: Settings) -> None:
    rows = estimate(made_market(duty=1.0), prior, few).frame.query("material == 'NdPr'")
    assert (rows["wedge.china.export_duty_and_quota"] < 0).all()
    assert (rows["wedge.ex_china.export_duty_and_quota"] > rows["wedge.china.export_duty_and_quota"]).all()


def test_thrift_taught_by_a_past_duty_is_in_todays_capacities_and_not_in_the_long_run(
    made_market: Make, prior: Prior, few: Settings
) -> None:
    deaf = replace(few, errors=replace(few.errors, learning_rate=0.0))
    past = with_columns(made_market(), {"export_tax_rate": np.where(np.arange(30) < 20, 1.0, 0.0)})
    never = with_columns(made_market(), {"export_tax_rate": 0.0})
    taught, untaught = (estimate(market, prior, deaf).frame.query("month == '2014-06'") for market in (past, never))
    short = "short_run.market_economy.mean"
    assert (np.abs(np.log(taught[short] / untaught[short])) > 1e-4).all()
    assert (taught[HEADLINE] == untaught[HEADLINE]).all()
