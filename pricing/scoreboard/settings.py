"""How the scoreboard judges."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pricing.forecast.scores import Bootstrap

HEADLINE = "headline"  # the window of all months that are scored; regimes are years of it
POOLED = "all"  # the material of scores that count all materials together


@dataclass(frozen=True)
class Settings:
    """From which month fair prices are scored, how far ahead the market is looked at, and how bands are drawn."""

    first_month: str
    months_ahead: tuple[int, ...]
    regimes: Mapping[str, int]  # years apart from the headline, by name
    worst_months: int  # listed per material
    least_windows: int  # side by side, below which a score has neither band nor test
    least_quoted: float  # share of pairs quoted at both ends, below which there is no verdict
    most_p: float  # of a test of equal errors, for a verdict
    how: Bootstrap
