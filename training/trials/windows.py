"""Moves around an event, and around every other month as if something had happened there (placebo windows).

A move is the mean of the months from an event on, less the mean of the months before it. An event that shows has a move
larger than most placebos of the same length; one that does not show was no news, or the series does not answer to it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class Window:
    """So many months before an event, and so many from its first month on."""

    before: int
    after: int

    @property
    def length(self) -> int:
        """Return how many months it holds."""
        return self.before + self.after


@dataclass(frozen=True)
class Move:
    """The move of one event among its placebos; NaN and nil where the months are not there."""

    value: float  # in the unit of the series
    percentile: float  # share of the placebos below it, 0 to 1, ties by half
    rank: int  # of its size among itself and the placebos, 1 is the largest
    placebos: int

    @property
    def chance(self) -> float:
        """Return the share of all windows, its own included, whose move is at least as large."""
        return self.rank / (self.placebos + 1) if self.rank else math.nan


NO_MOVE = Move(math.nan, math.nan, 0, 0)


def moves(values: pd.Series, window: Window) -> pd.Series:
    """Return the move at each month of a series indexed by consecutive months (T,).

    NaN where the window runs over an end, or where fewer than half of the months on a side are known.
    """
    before = values.rolling(window.before, min_periods=_half(window.before)).mean().shift(1)
    after = values.rolling(window.after, min_periods=_half(window.after)).mean().shift(1 - window.after)
    found = after - before
    found.iloc[: window.before] = np.nan
    return found


def move_at(values: pd.Series, event: str, window: Window) -> Move:
    """Return the event's move among those of all windows that share no month with its own."""
    if event not in values.index:
        return NO_MOVE
    found = moves(values, window)
    place = list(found.index).index(event)
    own = float(found.iloc[place])
    apart = np.abs(np.arange(len(found)) - place) >= window.length
    others = found[apart].dropna().to_numpy(dtype=float)
    if not np.isfinite(own) or not len(others):
        return NO_MOVE
    below = float(np.mean(others < own) + np.mean(others == own) / 2)
    return Move(own, below, 1 + int(np.sum(np.abs(others) >= abs(own))), len(others))


def _half(months: int) -> int:
    return math.ceil(months / 2)
