"""Made-up stacks of two sources: laws of the lines, whatever the numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pricing.explain.changes import ComponentCosts, Published, cost_levels, monthly_changes
from pricing.explain.fair_stack import NOW, UNLEARNED, FairStack
from pricing.explain.lines import CHANGES, COSTS, DEMAND, EXCHANGE_RATES, INFLATION, NEW_EVIDENCE
from pricing.market.history import Floats

MONTHS, STATES, SOURCES, BUCKETS = 5, 4, 2, 3
SEEDS = st.integers(0, 2**32 - 1)
Account = tuple[FairStack, ComponentCosts, Published]


def random_account(seed: int) -> Account:
    """Return an account with every number at random: lines must add up even so."""
    random = np.random.default_rng(seed)

    def some(*shape: int) -> Floats:
        return np.exp(random.normal(0, 0.5, shape))

    spent = some(MONTHS, STATES, 1, SOURCES, BUCKETS)
    stack = FairStack(
        materials=("NdPr",),
        sources=("here", "there"),
        cost=some(MONTHS, STATES, 1),
        margin=some(MONTHS, STATES, 1),
        share=some(MONTHS, STATES, 1),
        spent=spent / spent.sum(axis=(3, 4), keepdims=True),
        rise=some(MONTHS, STATES, SOURCES),
        demand=some(MONTHS, 1),
        capacity=some(MONTHS, 1),
        learned=np.array([False, True, False, True, False]),
    )
    costs = ComponentCosts(*(some(MONTHS, SOURCES, len(COSTS)) for _ in range(2)))
    return stack, costs, Published(60 * some(MONTHS), some(MONTHS))


def still_account() -> Account:
    """Return an account in which nothing moves from its first month."""
    stack, costs, published = random_account(1)

    def held(values: Floats) -> Floats:
        return np.broadcast_to(values[:1], values.shape).copy()

    states = {
        name: np.broadcast_to(getattr(stack, name)[:1, :1], getattr(stack, name).shape).copy()
        for name in ("cost", "margin", "share", "spent", "rise")
    }
    stack = replace(stack, **states, learned=np.zeros(MONTHS, dtype=bool))
    costs = ComponentCosts(held(costs.actual), held(costs.steady))
    return stack, costs, Published(held(published.price), held(published.deflator))


@given(seed=SEEDS)
def test_every_months_lines_add_up_to_its_change(seed: int) -> None:
    stack, costs, published = random_account(seed)
    found = monthly_changes(stack, 0, costs, published)
    assert set(found) == set(CHANGES)
    change = np.diff(published.price, prepend=published.price[0])
    np.testing.assert_allclose(np.sum(list(found.values()), axis=0), change, rtol=0, atol=1e-9)


@given(seed=SEEDS)
def test_a_months_costs_and_margin_add_up_to_its_price(seed: int) -> None:
    stack, costs, published = random_account(seed)
    found = cost_levels(stack, 0, costs, published)
    np.testing.assert_allclose(np.sum(list(found.values()), axis=0), published.price, rtol=0, atol=1e-9)
    assert all((found[line] > 0).all() for line in COSTS)


@given(seed=SEEDS, start=st.integers(1, MONTHS - 2))
@settings(max_examples=20)
def test_a_months_lines_do_not_depend_on_where_the_span_begins(seed: int, start: int) -> None:
    stack, costs, published = random_account(seed)
    later = Published(
        published.price[start:], published.deflator[start:]
    )  # a history that begins later, on its own months
    whole, tail = (monthly_changes(stack, 0, costs, one) for one in (published, later))
    for line in CHANGES:
        np.testing.assert_allclose(tail[line][2:], whole[line][start + 2 :], rtol=1e-9, atol=1e-9)


def test_where_nothing_moves_every_line_is_nil() -> None:
    for line, values in monthly_changes(*_of(still_account())).items():
        np.testing.assert_allclose(values, 0.0, atol=1e-12, err_msg=line)


def test_dearer_energy_is_told_as_energy_alone() -> None:
    stack, costs, published = still_account()
    energy = COSTS.index("energy")
    factor = np.ones((MONTHS, 1, 1))
    factor[3:] = 1.2
    dearer = [values.copy() for values in (costs.actual, costs.steady)]
    for values in dearer:
        values[:, :, [energy]] *= factor
    within = [COSTS.index(line) for line in COSTS if line not in ("environment", "capital_charge")]  # cash
    cash = dearer[0][:, :, within].sum(axis=2) / costs.actual[:, :, within].sum(axis=2)
    spent = stack.spent.copy()
    spent[..., 0] = spent[..., 0] * cash[:, None, None, :]
    level = spent.sum(axis=(3, 4))
    moved = replace(stack, spent=spent / level[..., None, None], cost=stack.cost * level)
    price = published.price * level[:, NOW, 0]
    found = monthly_changes(moved, 0, ComponentCosts(*dearer), replace(published, price=price))
    assert found["energy"][3] == pytest.approx(price[3] - price[2])
    assert sum(np.abs(values).sum() for line, values in found.items() if line != "energy") == pytest.approx(
        0.0, abs=1e-9
    )


def test_a_price_that_moves_with_the_price_level_is_inflation_alone() -> None:
    stack, costs, published = still_account()
    rising = np.linspace(1.0, 1.4, MONTHS)
    found = monthly_changes(stack, 0, costs, Published(published.price * rising, published.deflator * rising))
    np.testing.assert_allclose(found[INFLATION][1:], np.diff(published.price * rising))
    assert found["labour"] == pytest.approx(0.0)


def test_what_rates_alone_moved_is_exchange_rates() -> None:
    stack, costs, published = still_account()
    labour = COSTS.index("labour")
    actual = costs.actual.copy()
    actual[2:, :, labour] *= 1.1  # at steady rates nothing moved; the source's cost stays, other cash gives way
    found = monthly_changes(stack, 0, ComponentCosts(actual, costs.steady), published)
    assert found[EXCHANGE_RATES][2] > 0
    assert found["labour"] == pytest.approx(0.0)


def test_demand_and_new_evidence_are_told_apart_from_inputs() -> None:
    stack, costs, published = still_account()
    margin = stack.margin.copy()
    margin[2:] *= 1.05  # the month itself
    margin[2, 0] = stack.margin[2, 0]  # with the demand of the month before
    moved = published.price.copy()
    moved[2:] *= 1.05
    found = monthly_changes(replace(stack, margin=margin), 0, costs, replace(published, price=moved))
    assert found[DEMAND][2] == pytest.approx(moved[2] - moved[1])
    learned = stack.learned.copy()
    learned[3] = True
    weighed = stack.margin.copy()
    weighed[3, NOW] *= 0.9
    weighed[4] *= 0.9
    price = published.price * np.array([1, 1, 1, 0.9, 0.9])
    found = monthly_changes(replace(stack, margin=weighed, learned=learned), 0, costs, replace(published, price=price))
    assert found[NEW_EVIDENCE][3] == pytest.approx(price[3] - price[2])
    assert weighed[3, UNLEARNED] == pytest.approx(stack.margin[3, UNLEARNED])
    assert others(found, NEW_EVIDENCE) == pytest.approx(0.0, abs=1e-9)


def others(found: Mapping[str, Floats], line: str) -> float:
    """Return how much the other lines moved, all months and both ways."""
    return float(sum(np.abs(values).sum() for other, values in found.items() if other != line))


def _of(account: Account) -> tuple[FairStack, int, ComponentCosts, Published]:
    stack, costs, published = account
    return stack, 0, costs, published
