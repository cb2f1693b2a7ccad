"""An ensemble moved onto its evidence: exact on lines, and each problem by itself."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from features.synthetic import families
from pricing.fair.recovery import find
from pricing.fair.smoother import smoothed
from pricing.market.synthetic import simulate
from training.recovery import shipped_prior, shipped_search

Floats = np.ndarray


def standard(count: int, size: int, seed: int) -> Floats:
    """Return members (N, P) whose mean is nought and whose covariance is one, both exactly."""
    drawn = np.random.default_rng(seed).normal(size=(count, size))
    apart = drawn - drawn.mean(axis=0)
    return apart @ np.linalg.inv(np.linalg.cholesky(np.cov(apart.T))).T


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), steps=st.integers(1, 5))
def test_a_linear_problem_has_its_gaussian_posterior_in_however_many_steps(seed: int, steps: int) -> None:
    random = np.random.default_rng(seed)
    slopes, seen = random.normal(size=(3, 6, 4)), random.normal(size=(3, 6))

    def evidence(scores: Floats, rows: Floats) -> Floats:
        return np.einsum("nrp,np->nr", slopes[rows], scores) - seen[rows]

    members = smoothed(evidence, standard(40, 4, seed), 3, steps)
    for i in range(3):
        precision = slopes[i].T @ slopes[i] + np.eye(4)
        np.testing.assert_allclose(
            members[i].mean(axis=0), np.linalg.solve(precision, slopes[i].T @ seen[i]), atol=1e-8
        )
        np.testing.assert_allclose(np.cov(members[i].T), np.linalg.inv(precision), atol=1e-8)


def test_what_was_not_seen_moves_nothing() -> None:
    prior = standard(16, 3, 1)
    members = smoothed(lambda scores, rows: np.zeros((len(scores), 5)), prior, 2, 3)
    np.testing.assert_allclose(members, np.tile(prior, (2, 1, 1)), atol=1e-12)


def test_an_economy_found_alone_is_found_as_among_others() -> None:
    made = simulate(families()["poor_data"], 2, 5)
    histories = [made.history(i) for i in range(2)]
    quick = replace(shipped_search(), starts=2, rounds=1, more_rounds=1, steps=2)
    among, alone = (find(chosen, shipped_prior(), quick) for chosen in (histories, histories[1:]))
    for name in ("long_run", "short_run", "spread", "scores"):
        np.testing.assert_allclose(getattr(alone, name)[0], getattr(among, name)[1], rtol=0, atol=1e-9)
