"""From many weighted draws to a few that stand for them, stage by stage.

Weights change only when a year of evidence ends. At each such stage a systematic resample of the draws is taken, so
that the undistorted worlds, which cost more than the weights, are computed for the draws that matter and no others. A
stage's sample depends on the evidence up to it alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from pricing.fair.posterior import effective_size

Floats = np.ndarray


@dataclass(frozen=True)
class Sample:
    """The draws kept, and what each weighs in every month."""

    rows: Floats  # (U,) indices of the draws kept
    weight: Floats  # (U, T), a month's weights add up to one
    prior_weight: Floats  # (U,) the same without any evidence
    effective: Floats  # (T,) effective size of all draws under each month's weights

    @property
    def size(self) -> int:
        """Return how many draws are kept."""
        return len(self.rows)

    def thinned(self, each: int) -> tuple[Floats, Floats]:
        """Return the positions of the kept draws that stand for every stage, `each` a stage, and their weights.

        How many stand for a stage does not depend on how many stages follow: a month's parts are never revised.
        """
        _, first = np.unique(self.weight, axis=1, return_index=True)
        chosen = [stand_ins(self.weight[:, month], each) for month in np.sort(first)]
        positions = np.unique(np.concatenate(chosen))
        weight = np.empty((len(positions), self.weight.shape[1]))
        starts = [*np.sort(first), self.weight.shape[1]]
        for stage, (start, end) in enumerate(pairwise(starts)):
            weight[:, start:end] = _shares(chosen[stage], positions)[:, None]
        return positions, weight


def sample(log_added: Floats, kept: int, *, causal: bool) -> Sample:
    """Return `kept` draws for every stage of the evidence (N, T); without `causal` all months have the last stage's."""
    months = log_added.shape[1]
    turns = np.flatnonzero(np.any(log_added != 0, axis=0))
    starts = np.unique(np.concatenate([[0], turns])) if causal else np.array([0])
    running = np.cumsum(log_added, axis=1)
    effective, chosen = np.empty(months), []
    ends = [*starts[1:], months]
    for start, end in zip(starts, ends, strict=True):
        weight = _normal(running[:, start] if causal else running[:, -1])
        chosen.append(stand_ins(weight, kept))
        effective[start:end] = effective_size(weight[:, None])[0]
    prior = stand_ins(np.full(len(log_added), 1 / len(log_added)), kept)
    rows = np.unique(np.concatenate([*chosen, prior]))
    weight = np.empty((len(rows), months))
    for stage, (start, end) in enumerate(zip(starts, ends, strict=True)):
        weight[:, start:end] = _shares(chosen[stage], rows)[:, None]
    return Sample(rows, weight, _shares(prior, rows), effective)


def _normal(log_weight: Floats) -> Floats:
    raw = np.exp(log_weight - log_weight.max())
    return raw / raw.sum()


def stand_ins(weight: Floats, count: int) -> Floats:
    """Return `count` draws at even steps of the cumulated weight (Kitagawa 1996), the first at half a step."""
    edges = np.cumsum(weight)
    return np.searchsorted(edges / edges[-1], (np.arange(count) + 0.5) / count)


def _shares(chosen: Floats, rows: Floats) -> Floats:
    return np.bincount(np.searchsorted(rows, chosen), minlength=len(rows)) / len(chosen)
