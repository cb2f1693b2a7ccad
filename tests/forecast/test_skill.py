"""The skill rule: causal, pooled, and silent until enough is resolved."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pricing.forecast.skill import chained, verdicts

BETTER, BASE = np.full((2, 60), 0.5), np.ones((2, 60))


def test_models_wait_until_enough_origins_are_resolved() -> None:
    found = verdicts(BETTER, BASE, horizon=6, least_months=24)
    # at origin t the origins 0 .. t - 6 are resolved: 24 of them first at t = 29
    assert not found.used[28]
    assert found.used[29]
    assert found.resolved[29] == 24
    assert found.ratio[29] == 0.5


def test_a_record_shorter_than_the_horizon_resolves_nothing() -> None:
    found = verdicts(BETTER[:, :10], BASE[:, :10], horizon=12, least_months=24)
    assert found.resolved.tolist() == [0] * 10
    assert not found.used.any()


def test_models_no_better_than_the_last_quote_are_not_used() -> None:
    assert not verdicts(BASE, BASE, 1, 24).used.any()


def test_materials_are_pooled() -> None:
    error = np.array([[0.5] * 60, [2.0] * 60])  # one good, one bad: worse together
    assert not verdicts(error, BASE, 1, 24).used.any()


def test_a_gain_that_comes_back_further_out_is_not_used() -> None:
    good, bad = verdicts(BETTER, BASE, 1, 24), verdicts(BASE, BASE, 1, 24)
    used = [one.used[-1] for one in chained([good, good, bad, good])]
    assert used == [True, True, False, False]
    assert chained([good, bad, good])[2].ratio[-1] == 0.5  # the ratio is told all the same


@given(st.integers(1, 24), st.integers(30, 59))
def test_nothing_resolved_later_changes_a_verdict(horizon: int, now: int) -> None:
    rng = np.random.default_rng(7)
    error, base = rng.normal(size=(2, 60)), rng.normal(size=(2, 60))
    shaken = error.copy()
    shaken[:, now - horizon + 1 :] *= 10  # of origins not yet resolved at `now`
    before, after = verdicts(error, base, horizon, 12), verdicts(shaken, base, horizon, 12)
    np.testing.assert_array_equal(after.ratio[: now + 1], before.ratio[: now + 1])
    np.testing.assert_array_equal(after.used[: now + 1], before.used[: now + 1])
