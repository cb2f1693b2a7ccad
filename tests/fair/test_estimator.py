"""What a fair price must obey, whatever the numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from pricing.fair.decomposition import shapley, turning_orders
from pricing.fair.estimator import STATISTICS, FairHistory, Settings, estimate
from pricing.fair.posterior import log_likelihood
from pricing.market.distortions import ORDER, Distortion, Switches
from pricing.market.economy import Economy
from pricing.market.facts import facts_of
from pricing.market.supply import Market, SupportSet
from pricing.market.worlds import as_built, as_grown
from pricing.prior import Prior

Make = Callable[..., Market]
LONG = "long_run.market_economy.mean"
PARTS = [str(d) for d in Distortion] + ["capacity_and_start", "unexplained"]


@pytest.fixture(scope="module")
def baseline(made_market: Make, prior: Prior, settings: Settings) -> FairHistory:
    return estimate(made_market(), prior, settings)


@pytest.mark.parametrize("region", ["china", "ex_china"])
def test_the_parts_of_the_wedge_add_up_to_it(baseline: FairHistory, region: str) -> None:
    rows = baseline.frame.dropna(subset=[f"wedge.{region}.total"])
    parts = sum(rows[f"wedge.{region}.{part}"] for part in PARTS)
    assert np.asarray(parts) == pytest.approx(rows[f"wedge.{region}.total"].to_numpy(), abs=1e-9)
    assert len(rows) == (90 if region == "china" else 0)


def test_every_part_says_what_it_rests_on(baseline: FairHistory) -> None:
    for region in ("china", "ex_china"):
        said = baseline.frame[[f"wedge.{region}.{part}.rests_on" for part in PARTS]]
        assert said.isin(["observed", "derived", "prior"]).all().all()
    assert (baseline.frame["long_run.market_economy.mc_se"] > 0).all()


def test_band_edges_never_cross(baseline: FairHistory) -> None:
    for run in ("long_run", "short_run"):
        for support in SupportSet:
            edges = baseline.frame[[f"{run}.{support}.{s}" for s in STATISTICS[1:]]].to_numpy()
            assert (np.diff(edges, axis=1) >= 0).all()


def test_each_support_set_contains_the_one_before(baseline: FairHistory) -> None:
    sets = [baseline.frame[f"long_run.{s}.mean"].to_numpy() for s in SupportSet]
    ndpr = (baseline.frame["material"] == "NdPr").to_numpy()
    assert (sets[0][ndpr] <= sets[1][ndpr] + 1e-9).all()
    assert (sets[1][ndpr] <= sets[2][ndpr] + 1e-9).all()


def test_the_same_seed_gives_the_same_history(
    baseline: FairHistory, made_market: Make, prior: Prior, settings: Settings
) -> None:
    assert estimate(made_market(), prior, settings).frame.equals(baseline.frame)


def test_scaling_all_money_scales_the_fair_price(
    baseline: FairHistory, made_market: Make, prior: Prior, settings: Settings
) -> None:
    market = made_market()
    money = ("cash_cost", "capital_charge", "environment", "environment_unpaid", "co_product_credit")
    sources = tuple(
        replace(s, support={k: 3 * v for k, v in s.support.items()}, **{name: 3 * getattr(s, name) for name in money})
        for s in market.sources
    )
    histories = {}
    for name, history in market.histories.items():
        frame = history.frame.assign(china_price=3 * history.frame["china_price"])
        histories[name] = replace(history, frame=frame, demand_reference_price=3 * history.demand_reference_price)
    freight = replace(
        prior.rows["freight"], **{k: 3 * getattr(prior.rows["freight"], k) for k in ("low", "central", "high")}
    )
    scaled = estimate(
        replace(market, sources=sources, histories=histories), Prior({**prior.rows, "freight": freight}), settings
    )
    assert scaled.frame[LONG].to_numpy() == pytest.approx(3 * baseline.frame[LONG].to_numpy(), rel=1e-6)


def test_dearer_inputs_raise_the_fair_price_by_the_economys_own_response(made_market: Make, prior: Prior) -> None:
    draws = prior.draw(32, 7)
    fair = Switches.fair(32, SupportSet.MARKET_ECONOMY)
    before = as_grown(Economy.of(facts_of(made_market()), draws, fair), 5.0).outside[:, -1, 0]
    after = as_grown(Economy.of(facts_of(made_market(cost=1.1)), draws, fair), 5.0).outside[:, -1, 0]
    response = np.log(after / before) / np.log(1.1)
    assert ((response > 0) & (response < 1.5)).all()


def test_a_subsidy_alone_moves_the_market_and_never_a_fair_world(made_market: Make, prior: Prior) -> None:
    draws = prior.draw(32, 7)
    fair, distorted = Switches.fair(32, SupportSet.MARKET_ECONOMY), Switches.all_on(32)
    less, more = facts_of(made_market(subsidy=0.5)), facts_of(made_market(subsidy=1.5))
    assert (
        as_grown(Economy.of(less, draws, fair), 5.0).outside == as_grown(Economy.of(more, draws, fair), 5.0).outside
    ).all()
    lower, higher = as_built(Economy.of(more, draws, distorted)), as_built(Economy.of(less, draws, distorted))
    assert (lower.china[:, -1, 0] < higher.china[:, -1, 0]).mean() > 0.9


def test_a_market_ten_percent_dearer_hardly_moves_the_fair_price(
    made_market: Make, prior: Prior, settings: Settings
) -> None:
    whole = replace(settings, draws=512, kept=2048)  # fine enough that resampling moves nothing by itself
    fair = [estimate(made_market(price=price), prior, whole).frame for price in (1.0, 1.1)]
    ndpr = fair[0]["material"] == "NdPr"
    leak = np.log(fair[1].loc[ndpr, LONG] / fair[0].loc[ndpr, LONG]).abs().max() / np.log(1.1)
    assert leak < 0.5


def test_an_export_duty_drives_the_regions_apart_and_vat_too(made_market: Make, prior: Prior) -> None:
    draws = prior.draw(64, 3)
    world = as_built(Economy.of(facts_of(made_market(duty=0.25)), draws, Switches.all_on(64)))
    gap = (world.outside - draws["freight"][:, None, None]) / world.china
    tax = 1.25 * 1.17
    assert (gap[..., 0] < tax + 1e-9).all(), "a region that clears alone is closer, never further"
    assert np.isclose(gap[..., 0], tax).mean() > 0.7


def test_a_quota_that_cannot_bind_has_no_part(made_market: Make, prior: Prior) -> None:
    draws = prior.draw(8, 3)
    parts = shapley(facts_of(made_market(quota=1e9)), draws, turning_orders(8, 1))
    assert np.abs(parts.outside[Distortion.PRODUCTION_QUOTA]).max() < 1e-6


def test_shapley_parts_of_every_draw_add_up_to_its_gap(made_market: Make, prior: Prior) -> None:
    draws = prior.draw(8, 3)
    facts = facts_of(made_market())
    parts = shapley(facts, draws, turning_orders(8, 1))
    none = as_grown(Economy.of(facts, draws, Switches(np.zeros((8, len(ORDER))))))
    assert sum(parts.outside.values()) == pytest.approx(parts.full_outside - none.outside, abs=1e-8)


def test_as_known_months_do_not_see_later_prices(made_market: Make, prior: Prior, settings: Settings) -> None:
    known = replace(made_market(), vintage="as_known")
    poisoned = {}
    for name, history in known.histories.items():
        frame = history.frame.copy()
        frame.iloc[20:, frame.columns.get_indexer(["china_price"])] *= 10
        poisoned[name] = replace(history, frame=frame)
    before = estimate(known, prior, settings).frame
    after = estimate(replace(known, histories=poisoned), prior, settings).frame
    early = before["month"] < before["month"].iloc[20]
    fair = [c for c in before if c.startswith(("long_run", "short_run", "wedge", "p_market"))]
    assert after.loc[early, fair].equals(before.loc[early, fair])
    assert not after.loc[~early, fair].equals(before.loc[~early, fair])


def test_output_that_is_only_assumed_weighs_nothing(made_market: Make, prior: Prior, settings: Settings) -> None:
    market, draws = made_market(), prior.draw(32, 7)
    world = as_built(Economy.of(facts_of(market), draws, Switches.all_on(32)))
    lead = market.histories["NdPr"]

    def weights(evidence: str) -> np.ndarray:
        frame = lead.frame.assign(output_china=25_000.0, output_china_evidence=evidence)
        histories = {**market.histories, "NdPr": replace(lead, frame=frame)}
        return np.asarray(log_likelihood(histories, world, settings.errors).sum(axis=1))

    without = log_likelihood(market.histories, world, settings.errors).sum(axis=1)
    assert (weights("prior") == without).all()
    assert np.std(weights("derived") - without) > 0


def test_too_few_effective_draws_are_a_refusal_with_advice(made_market: Make, prior: Prior, settings: Settings) -> None:
    strict = estimate(made_market(), prior, replace(settings, least_effective=1e6)).frame
    assert set(strict["status"]) == {"refused"}
    assert strict["reason"].str.contains("take more draws").all()
