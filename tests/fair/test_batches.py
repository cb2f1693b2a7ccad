"""Worlds solved in batches are those solved in one go, to the last bit, wherever and in whatever order it is done."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import numpy as np
import pytest

from pricing.fair.estimator import Settings, estimate
from pricing.market.batches import Asked, Solved, solved
from pricing.market.distortions import Switches
from pricing.market.facts import facts_of
from pricing.market.supply import Market, SupportSet
from pricing.prior import Prior

SIZE = 12


@pytest.fixture(scope="module", params=["built", "taught", "grown"])
def asked(request: pytest.FixtureRequest, made_market: Callable[..., Market], prior: Prior) -> Asked:
    facts, draws = facts_of(made_market()), prior.draw(16, 5).take(np.arange(SIZE))
    if request.param == "grown":
        on = Switches.fair(SIZE, SupportSet.MARKET_ECONOMY)
        return Asked(facts, draws, on, 5.0, with_plants=True)
    built = Asked(facts, draws, Switches.all_on(SIZE))
    if request.param == "built":
        return built
    return Asked(facts, draws, Switches.fair(SIZE, SupportSet.EXPLICIT), habit=built.solve().world.habit)


def bits(found: Solved) -> list[bytes]:
    arrays = [getattr(found.world, name) for name in found.world.__dataclass_fields__]
    return [array.tobytes() for array in (*arrays, found.plants) if array is not None]


@pytest.mark.parametrize("most", [1, 5, SIZE, 1000])
def test_batches_of_any_size_give_the_bits_of_the_whole(asked: Asked, most: int) -> None:
    parts = [part.solve() for part in asked.batches(most)]
    assert len(parts) == -(-SIZE // most)
    assert bits(Solved.join(parts)) == bits(asked.solve())


def test_worlds_come_back_in_the_order_they_were_asked_for(asked: Asked) -> None:
    def backwards(solve: Callable[[Asked], Solved], tasks: Sequence[Asked]) -> Iterable[Solved]:
        return reversed([solve(task) for task in reversed(tasks)])

    several = [asked, *asked.batches(SIZE // 2)]
    assert [bits(one) for one in solved(several, backwards)] == [bits(one) for one in solved(several)]


def test_a_whole_estimate_does_not_show_where_its_worlds_were_solved(
    made_market: Callable[..., Market], prior: Prior, settings: Settings
) -> None:
    gone: list[int] = []

    def elsewhere(solve: Callable[[Asked], Solved], tasks: Sequence[Asked]) -> Iterable[Solved]:
        gone.append(len(tasks))
        return [solve(task) for task in tasks]

    small = replace(settings, draws=64, kept=16, wedge_draws=8)
    here, there = (estimate(made_market(), prior, small, across=across) for across in (None, elsewhere))
    assert gone[:2] == [1, 6]
    assert here.frame.equals(there.frame)
