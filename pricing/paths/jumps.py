"""Policy jumps: rare rises on one day for all items that fade again; a stress beside the process, never part of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from pricing.errors import Fault, InputError
from pricing.paths.process import MONTHS_PER_YEAR

Floats = np.ndarray


@dataclass(frozen=True, slots=True)
class PolicyJumps:
    """Arrivals per year, log size by item and its spread, and the half-life of a jump in years.

    The mean path stays on the deck: what jumps add on some paths is taken from all.
    """

    per_year: float
    log_sizes: tuple[tuple[str, float], ...]
    spread: float
    half_life_years: float

    def __post_init__(self) -> None:
        faults = [
            Fault(f"jumps.{name}", str(getattr(self, name)), allowed)
            for name, allowed, holds in (
                ("per_year", "0 to 12 arrivals", 0 <= self.per_year <= MONTHS_PER_YEAR),
                ("spread", "zero or a finite share of the size", 0 <= self.spread < np.inf),
                ("half_life_years", "above zero", 0 < self.half_life_years < np.inf),
            )
            if not holds
        ]
        if faults:
            raise InputError(*faults)

    def sizes(self, items: Sequence[str]) -> Floats:
        """Return the mean log size of each item (M,); an item the stress does not name has none."""
        stated: Mapping[str, float] = dict(self.log_sizes)
        return np.array([stated.get(item, 0.0) for item in items])


def jump_sizes(jumps: PolicyJumps, items: Sequence[str], years: Sequence[float], paths: int, seed: int) -> Floats:
    """Return what jumps since today add to log prices, items outermost (M T, N).

    Arrivals are Poisson between two months; a jump has one relative size for all items and decays at one rate.
    """
    chance = np.random.default_rng([seed, len(years)])
    spans = np.diff(np.maximum(np.asarray(years, dtype=float), 0.0), prepend=0.0)
    kept = 0.5 ** (spans / jumps.half_life_years)
    arrived = chance.poisson((jumps.per_year * spans)[:, None], (len(years), paths))
    relative = arrived + jumps.spread * np.sqrt(arrived) * chance.standard_normal(arrived.shape)
    for month in range(1, len(spans)):
        relative[month] += kept[month] * relative[month - 1]
    added: Floats = (jumps.sizes(items)[:, None, None] * relative).reshape(-1, paths)
    return added
