"""Residuals of yearly means, scaled so that half their sum of squares is minus a log likelihood with lasting errors."""

from __future__ import annotations

import numpy as np

Floats = np.ndarray


def block_means(values: Floats, rows: int) -> Floats:
    """Return the mean of what was seen in every block of rows (n, ceil(T / rows)) of values (n, T), NaN without any.

    The last block may hold fewer rows than the others.
    """
    lacking = -values.shape[1] % rows
    blocks = np.pad(values, ((0, 0), (0, lacking)), constant_values=np.nan).reshape(len(values), -1, rows)
    seen = np.isfinite(blocks)
    count = seen.sum(axis=2)
    total = np.where(seen, blocks, 0.0).sum(axis=2)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def innovations(yearly: Floats, deviation: Floats, persistence: float) -> Floats:
    """Return what each year's error adds to the last year's, in standard deviations (n, Y), zero where nothing is seen.

    The error is an AR(1) process with the standard deviation `deviation` (n,); a year after a gap counts as the first.
    """
    last = np.concatenate([np.full((len(yearly), 1), np.nan), yearly[:, :-1]], axis=1)
    follows = np.isfinite(last)
    added = yearly - persistence * np.where(follows, last, 0.0)
    scale = deviation[:, None] * np.where(follows, np.sqrt(1 - persistence**2), 1.0)
    return np.nan_to_num(added / scale)


def heavy_tailed(standard: Floats, freedom: float, rate: float) -> Floats:
    """Return residuals whose half squares are minus the log density of Student's t, raised to the power `rate`."""
    squares: Floats = rate * (freedom + 1) * np.log1p(standard**2 / freedom)
    return np.sign(standard) * np.sqrt(squares)
