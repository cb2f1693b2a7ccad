"""The stack of a grown world: an identity in every month, and what moves it told in the right line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from pricing.explain.changes import ComponentCosts, Published, monthly_changes
from pricing.explain.fair_stack import NOW, STILL, UNHEARD, UNLEARNED, FairStack, fair_stack
from pricing.explain.lines import COSTS, DEMAND, MARGIN
from pricing.fair.estimator import FairHistory, Settings, estimate
from pricing.fair.posterior import log_mean
from pricing.market.distortions import Switches
from pricing.market.economy import Economy
from pricing.market.facts import Facts, facts_of
from pricing.market.supply import Market, SupportSet
from pricing.market.worlds import World, as_grown
from pricing.prior import Draws, Prior

SIZE, JUMP = 8, 20  # draws, and the month in which something moves


@pytest.fixture(scope="module")
def draws(prior: Prior) -> Draws:
    return prior.draw(SIZE, 7)


def opened(
    facts: Facts, draws: Draws, news: np.ndarray | None = None, learn: int | None = None
) -> tuple[World, FairStack]:
    """Return a grown world and its stack; from month `learn` on the first half of the draws weighs nothing."""
    economy = Economy.of(facts, draws, Switches.fair(SIZE, SupportSet.MARKET_ECONOMY))
    plants = np.empty((SIZE, facts.months, len(facts.names)))
    world = as_grown(economy, 5.0, plants=plants)
    weight = np.full((SIZE, facts.months), 1 / SIZE)
    if learn is not None:
        weight[:, learn:] = np.where(np.arange(SIZE)[:, None] < SIZE // 2, 0.0, 2 / SIZE)
    nothing = np.ones((facts.months, len(facts.materials)))
    return world, fair_stack(economy, world, plants, weight, nothing if news is None else news)


def lines(stack: FairStack, price: np.ndarray) -> dict[str, np.ndarray]:
    """Return the lines of the first material where every source spends alike on every component."""
    alike = np.ones((len(price), len(stack.sources), len(COSTS)))
    return monthly_changes(stack, 0, ComponentCosts(alike, alike), Published(price, np.ones(len(price))))


def test_cost_times_margin_times_share_is_the_price(made_market: Callable[..., Market], draws: Draws) -> None:
    world, stack = opened(facts_of(made_market()), draws)
    weight = np.full((SIZE, len(stack.cost)), 1 / SIZE)
    for e in range(len(stack.materials)):
        product = stack.cost[:, NOW, e] * stack.margin[:, NOW, e] * stack.share[:, NOW, e]
        np.testing.assert_allclose(product, log_mean(world.outside[:, :, e], weight), rtol=1e-12)
    np.testing.assert_allclose(stack.spent.sum(axis=(3, 4)), 1.0)
    assert (stack.spent >= 0).all()


def test_the_stack_of_an_estimate_is_that_of_its_published_headline(
    made_market: Callable[..., Market], prior: Prior, settings: Settings
) -> None:
    small = replace(settings, draws=64, kept=16, wedge_draws=2, wedge_draws_a_stage=2, rest_years=1.0)
    found: FairHistory = estimate(made_market(), prior, small)
    stack, weight = found.stack, found.sample.weight
    lasting = np.exp(found.draws["model_error"] @ weight)
    for e, material in enumerate(stack.materials):
        rows = found.frame[found.frame["material"] == material]
        real = (rows["long_run.market_economy.mean"] / rows["deflator"]).to_numpy()
        product = stack.cost[:, NOW, e] * stack.margin[:, NOW, e] * stack.share[:, NOW, e]
        np.testing.assert_allclose(product * lasting, real, rtol=1e-9)


def test_costs_that_do_not_move_add_nothing(made_market: Callable[..., Market], draws: Draws) -> None:
    _, stack = opened(facts_of(made_market()), draws)
    found = lines(stack, stack.cost[:, NOW, 0] * stack.margin[:, NOW, 0] * stack.share[:, NOW, 0])
    for line in COSTS:
        np.testing.assert_allclose(found[line], 0.0, atol=1e-12)
    assert np.abs(found[MARGIN]).max() > 0  # plants still settle


def test_a_jump_of_demand_is_told_as_demand(made_market: Callable[..., Market], draws: Draws) -> None:
    facts = facts_of(made_market())
    grown = {name: getattr(facts, name).copy() for name in ("demand_china", "demand_outside")}
    for values in grown.values():
        values[JUMP:] *= 1.05
    _, stack = opened(replace(facts, **grown), draws)
    price = stack.cost[:, NOW, 0] * stack.margin[:, NOW, 0] * stack.share[:, NOW, 0]
    found = lines(stack, price)
    assert found[DEMAND][JUMP] > 0.02 * price[JUMP]
    assert found[DEMAND][JUMP] == pytest.approx(price[JUMP] - price[JUMP - 1], rel=0.1)
    assert stack.demand[JUMP, 0] / stack.demand[JUMP - 1, 0] == pytest.approx(1.05, rel=0.01)


def test_a_market_found_larger_with_its_plant_moves_the_price_by_less_than_growth_does(
    made_market: Callable[..., Market], draws: Draws
) -> None:
    facts = facts_of(made_market())
    news = np.ones((facts.months, len(facts.materials)))
    news[JUMP] = 1.05
    sizes = ("demand_china", "demand_outside", "scrap_china", "scrap_outside")
    larger = {name: getattr(facts, name) * np.cumprod(news, axis=0) for name in sizes}
    known = replace(facts, **larger, revision=np.broadcast_to(news[:, :1], facts.revision.shape))
    _, stack = opened(known, draws, news)
    before, after = (stack.cost * stack.margin * stack.share)[JUMP, [UNHEARD, UNLEARNED], 0]
    assert 0 < abs(after / before - 1) < 0.01
    np.testing.assert_allclose(stack.rise[JUMP, STILL], stack.rise[JUMP - 1, NOW], rtol=0.01)  # plant as it was known
    quiet = np.arange(facts.months) != JUMP
    np.testing.assert_array_equal(stack.cost[quiet, UNHEARD], stack.cost[quiet, UNLEARNED])


def test_draws_weighed_anew_move_the_last_state_alone(made_market: Callable[..., Market], draws: Draws) -> None:
    _, stack = opened(facts_of(made_market()), draws, learn=JUMP)
    _, steady = opened(facts_of(made_market()), draws)
    np.testing.assert_array_equal(stack.learned, np.arange(len(stack.learned)) == JUMP)
    for state in (STILL, UNHEARD, UNLEARNED):
        np.testing.assert_allclose(stack.cost[JUMP, state], steady.cost[JUMP, state])
    assert (stack.cost[JUMP, NOW] != stack.cost[JUMP, UNLEARNED]).any()
