"""Log-mean Divisia: how much of the change of a price each of its factors made, without a remainder.

A price is a product of positive factors and of one sum of cells, each cell again a product:

    P = f_1 ... f_m x sum over c of X_c,    X_c = g_1c ... g_nc.

With the logarithmic mean L(a, b) = (a - b) / ln(a / b), L(a, a) = a, the additive decomposition of Ang (2004, Energy
Policy 32, 1131-1139; LMDI-I) gives a factor f the part L(P1, P0) ln(f1 / f0), and the factor g of a cell the part
L(P1, P0) L(X1, X0) / L(S1, S0) ln(g1 / g0), where S is the sum. The parts add up to P1 - P0 exactly, change sign when
the two moments are turned round, and are nil for what did not move. A cell that appears or vanishes has no ratio: all
it adds goes to the factor named as taking entries, the limit of Ang and Liu (2007, Energy Policy 35, 238-246).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

Floats = np.ndarray

NEAR = 0.1  # relative distance below which a ratio is taken from the difference


@dataclass(frozen=True)
class Priced:
    """Prices (T,) as factors (T,) times the sum over cells of products (T, ...); nothing is negative."""

    factors: Mapping[str, Floats]
    cells: Mapping[str, Floats]

    @property
    def each(self) -> Floats:
        """Return the cells (T, ...)."""
        return np.prod(np.broadcast_arrays(*self.cells.values()), axis=0)

    @property
    def total(self) -> Floats:
        """Return the prices (T,)."""
        return np.prod(np.broadcast_arrays(*self.factors.values(), _summed(self.each)), axis=0)


def log_mean(after: Floats, before: Floats) -> Floats:
    """Return the logarithmic mean of two numbers that are not negative; nil where one of them is.

    >>> round(float(log_mean(np.array(4.0), np.array(1.0))), 6)
    2.164043
    """
    one, other = np.asarray(after, dtype=float), np.asarray(before, dtype=float)
    both = (one > 0) & (other > 0)
    top, base = np.where(both, one, 1.0), np.where(both, other, 1.0)
    moved = top != base
    near = np.abs(top - base) < NEAR * base  # there the difference of logs would lose digits
    logs = np.where(near, np.log1p(np.where(near, (top - base) / base, 0.0)), np.log(top) - np.log(base))
    found = np.where(moved, (top - base) / np.where(moved, logs, 1.0), base)
    return np.where(both, found, 0.0)


def parts(before: Priced, after: Priced, entries: str) -> dict[str, Floats]:
    """Return what each factor (T,) and each factor of each cell (T, ...) added to the price; all of it is the change.

    `entries` names the factor of cells that takes what appears or vanishes.
    """
    price = log_mean(after.total, before.total)
    found = {name: price * _log_ratio(value, before.factors[name]) for name, value in after.factors.items()}
    now, then = after.each, before.each
    per_cell = price / log_mean(_summed(now), _summed(then))
    share = _aligned(per_cell, now) * log_mean(now, then)
    for name, value in after.cells.items():
        found[name] = share * _log_ratio(value, before.cells[name])
    found[entries] = found[entries] + _aligned(per_cell, now) * np.where((now > 0) != (then > 0), now - then, 0.0)
    return found


def _log_ratio(after: Floats, before: Floats) -> Floats:
    """Return the log of a ratio, nil where one side is."""
    one, other = np.broadcast_arrays(np.asarray(after, dtype=float), np.asarray(before, dtype=float))
    both = (one > 0) & (other > 0)
    return np.log(np.where(both, one, 1.0) / np.where(both, other, 1.0))


def _summed(cells: Floats) -> Floats:
    return cells.reshape(len(cells), -1).sum(axis=1)


def _aligned(values: Floats, cells: Floats) -> Floats:
    return values.reshape(len(values), *(1,) * (cells.ndim - 1))
