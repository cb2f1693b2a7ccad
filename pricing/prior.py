"""Priors: what is believed of every parameter before prices are looked at, as data with sources."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.stats import norm, qmc

from pricing.errors import DataError

Floats = np.ndarray

Z90 = float(norm.ppf(0.95))  # low and high are the 5th and 95th percentile


@dataclass(frozen=True, slots=True)
class PriorRow:
    """One parameter: 5 %, central and 95 % value, its unit and where they come from.

    `positive` parameters are split-lognormal (each side its own spread), others split-normal.
    """

    name: str
    low: float
    central: float
    high: float
    unit: str
    source: str
    positive: bool = True

    def __post_init__(self) -> None:
        if not self.low <= self.central <= self.high or (self.positive and not self.low > 0):
            found = f"{self.low}, {self.central}, {self.high}"
            msg = f"Prior {self.name}: need low <= central <= high (and low > 0), got {found}."
            raise DataError(msg)

    def at(self, z: Floats) -> Floats:
        """Return the values at standard-normal scores z."""
        below, above = (np.log(v) if self.positive else v for v in (self.low, self.high))
        middle = np.log(self.central) if self.positive else self.central
        spread = np.where(z < 0, middle - below, above - middle) / Z90
        value = middle + z * spread
        return np.exp(value) if self.positive else value


@dataclass(frozen=True)
class Prior:
    """All parameters of the market model."""

    rows: Mapping[str, PriorRow]

    @classmethod
    def from_rows(cls, rows: Iterable[Mapping[str, Any]]) -> Prior:
        """Return the prior from plain rows (name, low, central, high, unit, source, positive)."""
        fields = PriorRow.__dataclass_fields__
        made = [PriorRow(**{k: v for k, v in row.items() if k in fields}) for row in rows]
        names = [row.name for row in made]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            msg = f"Prior names a parameter twice: {', '.join(twice)}."
            raise DataError(msg)
        return cls({row.name: row for row in made})

    def draw(self, draws: int, seed: int) -> Draws:
        """Return `draws` scrambled Sobol points of the prior; the same seed gives the same points."""
        return self.at(self.scores(draws, seed))

    def scores(self, draws: int, seed: int) -> Floats:
        """Return standard-normal scores (N, P) of scrambled Sobol points, a column per parameter, zero where fixed."""
        free = self.uncertain
        sampler = qmc.Sobol(d=int(free.sum()), scramble=True, rng=np.random.default_rng(seed))
        scores = np.zeros((draws, len(free)))
        scores[:, free] = norm.ppf(np.clip(sampler.random(draws), 1e-6, 1 - 1e-6))
        return scores

    @property
    def uncertain(self) -> Floats:
        """Return which parameters have a spread at all (P,) bool; the others stand fixed and take no dimension."""
        return np.array([row.low < row.high for row in self.rows.values()])

    def at(self, scores: Floats) -> Draws:
        """Return the draws that stand at the given scores (N, P)."""
        return Draws({name: row.at(scores[:, i]) for i, (name, row) in enumerate(self.rows.items())}, len(scores))


@dataclass(frozen=True)
class Draws:
    """Parameter draws by name, each (N,)."""

    values: Mapping[str, Floats]
    size: int

    def __getitem__(self, name: str) -> Floats:
        try:
            return self.values[name]
        except KeyError:
            msg = f"The prior has no parameter {name}; known are {', '.join(sorted(self.values))}."
            raise DataError(msg) from None

    def by(self, stem: str, *keys: str) -> Floats:
        """Return the draws of `stem.key` for the first key the prior names, else those of `stem`."""
        for key in keys:
            if f"{stem}.{key}" in self.values:
                return self.values[f"{stem}.{key}"]
        return self[stem]

    def take(self, rows: Floats) -> Draws:
        """Return the draws at the given rows, which may repeat."""
        return Draws({name: value[rows] for name, value in self.values.items()}, len(rows))
