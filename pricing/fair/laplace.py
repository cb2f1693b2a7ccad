"""The most probable parameters of many small problems at once, and how much each peak weighs.

Damped Gauss-Newton (Levenberg 1944, Marquardt 1963) on residuals that hold the prior's scores among them, so that half
their sum of squares is minus the log posterior; the Laplace approximation (Tierney and Kadane 1986) takes its
curvature there as the posterior's precision. Nothing is drawn at random: nearly equal data give nearly equal answers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import softmax

Floats = np.ndarray
Residuals = Callable[[Floats, Floats], Floats]  # scores (n, P), problem of each row (n,) -> residuals (n, R)

STEP = 0.25  # standard normal scores over which a slope is taken: wide enough to look past small kinks
LEAST_STEP = 0.03
LONGEST = 1.5  # change of a score in one round
DAMPING = 0.1  # added to the curvature at first, in units of the prior's precision
LEAST_DAMPING = 0.01
FRACTIONS = np.array([1.0, 0.6, 0.3, 0.1, 0.0])  # of a round's step that are tried
GAIN = 0.005  # of the sum of squares, below which a problem rests


@dataclass(frozen=True)
class Modes:
    """Where M posteriors peak: scores (M, P), precision (M, P, P), sum of squared residuals with the prior's (M,)."""

    scores: Floats
    precision: Floats
    misfit: Floats

    @property
    def log_weight(self) -> Floats:
        """Return the log of each mode's share of the posterior, up to a constant: its height times its volume (M,)."""
        return -0.5 * (self.misfit + np.linalg.slogdet(self.precision)[1])

    def shares(self, each: int) -> Floats:
        """Return the weights of every `each` modes (M / each, each): each counts once, however many starts met."""
        shares: Floats = softmax((self.log_weight - np.log(self.crowd(each))).reshape(-1, each), axis=1)
        return shares

    def crowd(self, each: int) -> Floats:
        """Return how many of every `each` modes stand where a mode does (M,): itself, and a share of what is near."""
        scores = self.scores.reshape(-1, each, self.scores.shape[1])
        apart = scores[:, :, None] - scores[:, None]
        distance = np.einsum("gijp,gipq,gijq->gij", apart, self.precision.reshape(*scores.shape, -1), apart)
        counted: Floats = np.exp(-0.5 * distance).sum(axis=2).ravel()
        return counted


def modes(residuals: Residuals, start: Floats, rounds: int) -> Modes:
    """Return the modes of M posteriors of P scores each, after at most `rounds` of damped Gauss-Newton from `start`.

    A problem whose full step helps is damped less in the next round, one that must shorten it more; where no step
    helps, slopes are taken over half the distance. A problem at rest is left alone.
    """
    search = _Search(residuals, start)
    for _ in range(rounds):
        search.turn()
        if not len(search.moving):
            break
    return Modes(search.scores, search.slopes(np.arange(len(start)))[1], search.misfit)


class _Search:
    """The state of M searches side by side."""

    def __init__(self, residuals: Residuals, start: Floats) -> None:
        problems = len(start)
        self.residuals = residuals
        self.scores = start.copy()
        self.misfit = np.full(problems, np.inf)
        self.damping, self.step = np.full(problems, DAMPING), np.full(problems, STEP)
        self.moving = np.arange(problems)

    def turn(self) -> None:
        """Move every problem that is not at rest by one round."""
        rows, size = self.moving, self.scores.shape[1]
        gradient, curvature = self.slopes(rows)
        damped = curvature + self.damping[rows, None, None] * np.eye(size)
        step = -np.linalg.solve(damped, gradient[..., None])[..., 0]
        step *= np.minimum(1.0, LONGEST / np.maximum(np.abs(step).max(axis=1, keepdims=True), LONGEST))
        tried = self.scores[rows, None] + FRACTIONS[None, :, None] * step[:, None]
        squares = (self._of_all(tried, rows) ** 2).sum(axis=2)
        best = squares.argmin(axis=1)
        self.scores[rows] = tried[np.arange(len(rows)), best]
        self.misfit[rows] = squares.min(axis=1)
        stuck = best == len(FRACTIONS) - 1
        self._adapt(rows, best, stuck)
        gain = squares[:, -1] - squares.min(axis=1)
        self.moving = rows[(gain > GAIN) | (stuck & (self.step[rows] > LEAST_STEP))]

    def _adapt(self, rows: Floats, best: Floats, stuck: Floats) -> None:
        factor = np.select([best <= 1, best >= 3], [0.25, 4.0], 1.0)
        self.damping[rows] = np.maximum(self.damping[rows] * factor, LEAST_DAMPING)
        self.step[rows] = np.where(stuck, np.maximum(self.step[rows] / 2, LEAST_STEP), self.step[rows])

    def slopes(self, rows: Floats) -> tuple[Floats, Floats]:
        """Return gradient (m, P) and Gauss-Newton curvature (m, P, P) of half the sum of squares, by differences."""
        size, step = self.scores.shape[1], self.step[rows, None, None]
        offsets = np.concatenate([np.zeros((1, size)), np.eye(size)])
        found = self._of_all(self.scores[rows, None] + step * offsets, rows)
        jacobian = (found[:, 1:] - found[:, :1]) / step  # (m, P, R)
        return np.einsum("mpr,mr->mp", jacobian, found[:, 0]), jacobian @ jacobian.transpose(0, 2, 1)

    def _of_all(self, points: Floats, rows: Floats) -> Floats:
        """Return the residuals (m, S, R) of S points for every problem of `rows` (m, S, P)."""
        problems, each, size = points.shape
        flat = self.residuals(points.reshape(-1, size), np.repeat(rows, each))
        return flat.reshape(problems, each, -1)
