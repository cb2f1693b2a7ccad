"""Modes of many posteriors at once: exact on lines, as good as SciPy's on curves, and each problem by itself."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import least_squares

from pricing.fair.laplace import modes
from pricing.fair.residuals import block_means, heavy_tailed, innovations

Floats = np.ndarray


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_a_linear_problem_has_its_gaussian_posterior(seed: int) -> None:
    random = np.random.default_rng(seed)
    slopes, seen = random.normal(size=(3, 6, 4)), random.normal(size=(3, 6))

    def residuals(scores: Floats, rows: Floats) -> Floats:
        miss = np.einsum("nrp,np->nr", slopes[rows], scores) - seen[rows]
        return np.concatenate([miss, scores], axis=1)

    found = modes(residuals, np.zeros((3, 4)), rounds=30)
    for i in range(3):
        precision = slopes[i].T @ slopes[i] + np.eye(4)
        np.testing.assert_allclose(found.precision[i], precision, rtol=1e-6)
        np.testing.assert_allclose(found.scores[i], np.linalg.solve(precision, slopes[i].T @ seen[i]), atol=0.02)


def test_a_curved_problem_ends_where_scipy_ends() -> None:
    def one(z: Floats) -> Floats:
        return np.array([3 * (np.exp(0.4 * z[0]) - 1.6), z[0] * z[1] - 0.4, *z])

    found = modes(lambda z, rows: np.stack([one(row) for row in z]), np.zeros((1, 2)), rounds=25)
    best = least_squares(one, np.zeros(2))
    assert found.misfit[0] <= 2 * best.cost + 0.02
    np.testing.assert_allclose(found.scores[0], best.x, atol=0.1)


def test_a_year_is_the_mean_of_what_was_seen_and_nothing_where_nothing_was() -> None:
    values = np.full((1, 36), np.nan)
    values[0, :12] = 2.0
    values[0, 24:26] = 1.0, 3.0
    np.testing.assert_array_equal(block_means(values, 12), [[2.0, np.nan, 2.0]])


def test_innovations_of_a_lasting_error_by_hand() -> None:
    # sd .1, persistence .6: first year .1/.1 = 1; second (.2 - .06)/(.1 x .8) = 1.75; after a gap again a first year.
    yearly = np.array([[0.1, 0.2, np.nan, 0.3]])
    np.testing.assert_allclose(innovations(yearly, np.array([0.1]), 0.6), [[1.0, 1.75, 0.0, 3.0]])


@given(x=st.floats(-50, 50), freedom=st.floats(2, 30), rate=st.floats(0.1, 1))
def test_heavy_tails_keep_the_sign_and_hold_less_against_a_large_miss(x: float, freedom: float, rate: float) -> None:
    found = float(heavy_tailed(np.array([x]), freedom, rate)[0])
    assert np.sign(found) == np.sign(x) or abs(x) < 1e-6
    assert found**2 <= rate * x**2 * (freedom + 1) / freedom + 1e-9
