"""Parameters of many small problems at once, moved onto their evidence as an ensemble: posterior mean and spread.

Ensemble smoother with multiple data assimilation (Emerick and Reynolds 2013): the evidence is taken in by steps, the
errors' variance in each times their number, and members move along their own covariance with the residuals. Each step
is a deterministic transform (Bishop, Etherton and Majumdar 2001, symmetric), so nothing is drawn at random; and an
ensemble as wide as the posterior has no peak to jump from: nearly equal data give nearly equal answers.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

Floats = np.ndarray
Evidence = Callable[[Floats, Floats], Floats]  # scores (n, P), problem of each row (n,) -> standard residuals (n, R)


def smoothed(evidence: Evidence, prior: Floats, problems: int, steps: int) -> Floats:
    """Return the members (M, N, P) of M posteriors, all moved in `steps` from the same members of the prior (N, P)."""
    members = np.tile(prior, (problems, 1, 1))
    rows = np.repeat(np.arange(problems), len(prior))
    for _ in range(steps):
        seen = evidence(members.reshape(len(rows), -1), rows)
        members = _moved(members, seen.reshape(problems, len(prior), -1) / np.sqrt(steps))
    return members


def _moved(members: Floats, seen: Floats) -> Floats:
    """Return members (M, N, P) moved by residuals (M, N, R) whose errors have unit variance.

    Along the residuals' singular values s the mean moves by s / (1 + s^2) of its miss, and what sets members apart
    shrinks by sqrt(1 + s^2): on a linear problem that is the posterior's mean and covariance.
    """
    centre, miss = members.mean(axis=1, keepdims=True), seen.mean(axis=1)
    width = np.sqrt(members.shape[1] - 1)
    shape, size, across = np.linalg.svd((seen - miss[:, None]) / width, full_matrices=False)
    along = shape.transpose(0, 2, 1) @ (members - centre)  # (M, K, P)
    pull = size / (1 + size**2) * (across @ miss[..., None])[..., 0] / width
    shrunk = (shape * (1 - 1 / np.sqrt(1 + size**2))[:, None]) @ along
    moved: Floats = members - shrunk - pull[:, None] @ along
    return moved
