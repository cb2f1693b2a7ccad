"""The most probable parameters of many small problems at once, and how sure they are.

Damped Gauss-Newton (Levenberg 1944, Marquardt 1963) on residuals that hold the prior's scores among them, so that half
their sum of squares is minus the log posterior; the Laplace approximation (Tierney and Kadane 1986) takes its
curvature there as the posterior's precision. Nothing is drawn at random: nearly equal data give nearly equal answers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.stats import norm, qmc

Floats = np.ndarray
Residuals = Callable[[Floats, Floats], Floats]  # scores (n, P), problem of each row (n,) -> residuals (n, R)

STEP = 0.25  # standard normal scores over which a slope is taken: wide enough to look past small kinks
LONGEST = 1.5  # change of a score in one round
DAMPING = 0.1  # added to the curvature, in units of the prior's precision
FRACTIONS = (1.0, 0.6, 0.3, 0.1, 0.0)  # of a round's step that are tried


@dataclass(frozen=True)
class Modes:
    """Where M posteriors peak: scores (M, P), precision (M, P, P), sum of squared residuals with the prior's (M,)."""

    scores: Floats
    precision: Floats
    misfit: Floats

    def draws(self, count: int, seed: int) -> Floats:
        """Return `count` draws of every posterior (M, count, P): Sobol points and their mirror images."""
        size = self.scores.shape[1]
        points = qmc.Sobol(d=size, scramble=True, rng=np.random.default_rng(seed)).random(-(-count // 2))
        half = norm.ppf(np.clip(points, 1e-6, 1 - 1e-6))
        around = np.concatenate([half, -half])[:count]
        spread = np.linalg.cholesky(np.linalg.inv(self.precision))
        drawn: Floats = self.scores[:, None] + np.einsum("mij,sj->msi", spread, around)
        return drawn


def modes(residuals: Residuals, start: Floats, rounds: int) -> Modes:
    """Return the modes of M posteriors of P scores each, after `rounds` of damped Gauss-Newton from `start` (M, P)."""
    scores, (problems, size) = start, start.shape
    curvature = np.tile(np.eye(size), (problems, 1, 1))
    misfit = np.full(problems, np.inf)
    for _ in range(rounds):
        gradient, curvature = _slopes(residuals, scores)
        step = -np.linalg.solve(curvature + DAMPING * np.eye(size), gradient[..., None])[..., 0]
        step *= np.minimum(1.0, LONGEST / np.maximum(np.abs(step).max(axis=1, keepdims=True), LONGEST))
        tried = scores[:, None] + np.array(FRACTIONS)[None, :, None] * step[:, None]
        squares = (_of_all(residuals, tried) ** 2).sum(axis=2)
        best = squares.argmin(axis=1)
        scores, misfit = tried[np.arange(problems), best], squares.min(axis=1)
    return Modes(scores, curvature, misfit)


def _slopes(residuals: Residuals, scores: Floats) -> tuple[Floats, Floats]:
    """Return the gradient (M, P) and Gauss-Newton curvature (M, P, P) of half the sum of squares, by differences."""
    size = scores.shape[1]
    offsets = np.concatenate([np.zeros((1, size)), STEP * np.eye(size)])
    found = _of_all(residuals, scores[:, None] + offsets)
    jacobian = (found[:, 1:] - found[:, :1]) / STEP  # (M, P, R)
    gradient = np.einsum("mpr,mr->mp", jacobian, found[:, 0])
    return gradient, jacobian @ jacobian.transpose(0, 2, 1)


def _of_all(residuals: Residuals, points: Floats) -> Floats:
    """Return the residuals (M, S, R) of S points for every problem (M, S, P)."""
    problems, each, size = points.shape
    flat = residuals(points.reshape(-1, size), np.repeat(np.arange(problems), each))
    return flat.reshape(problems, each, -1)
