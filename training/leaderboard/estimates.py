"""What an estimator hands in, and how an economy's prices read where some are missing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from pricing.market.synthetic import Economies

Floats = np.ndarray

REGIONS = ("china", "ex_china")
LEVELS = (50, 80, 95)  # per cent


@dataclass(frozen=True)
class Estimates:
    """Fair prices of N economies over T months, USD/kg; a peer without intervals has no edges."""

    long_run: Floats  # (N, T)
    short_run: Floats  # (N, T)
    edges: Mapping[str, Floats] = field(default_factory=dict)  # low50 .. high95 of the long-run price -> (N, T)

    def rows(self, start: int, end: int) -> Estimates:
        """Return the estimates of some economies that follow each other."""
        edges = {name: edge[start:end] for name, edge in self.edges.items()}
        return Estimates(self.long_run[start:end], self.short_run[start:end], edges)


def joined(parts: Sequence[Estimates]) -> Estimates:
    """Return what one estimator said of several sets of economies, in order."""
    return Estimates(
        np.concatenate([part.long_run for part in parts]),
        np.concatenate([part.short_run for part in parts]),
        {name: np.concatenate([part.edges[name] for part in parts]) for name in parts[0].edges},
    )


Estimator = Callable[[Economies], Estimates]


def both(price: Floats) -> Estimates:
    """Return one price (N, T) as long-run and short-run estimate: the peer tells them not apart."""
    return Estimates(price, price)


def carried(values: Floats) -> Floats:
    """Return values (N, T) with each gap filled by the last one before it, at the start by the first one after it.

    >>> carried(np.array([[np.nan, 2.0, np.nan, 4.0]])).tolist()
    [[2.0, 2.0, 2.0, 4.0]]
    """
    along = pd.DataFrame(np.asarray(values, dtype=float).T).ffill().bfill()
    return along.to_numpy().T


def chinese(economies: Economies) -> Floats:
    """Return the Chinese price (N, T), USD/kg, without gaps."""
    return carried(economies.observed["china_price"])


def outside(economies: Economies) -> Floats:
    """Return the price outside China (N, T), USD/kg; a month without one takes the Chinese price at the median gap."""
    china, seen = chinese(economies), np.asarray(economies.observed["ex_china_price"], dtype=float)
    gap = np.log(seen) - np.log(china)
    never = np.isnan(gap).all(axis=1, keepdims=True)
    typical = np.nanmedian(np.where(never, 0.0, gap), axis=1, keepdims=True)
    return np.where(np.isnan(seen), china * np.exp(typical), seen)


def demanded(economies: Economies, region: str) -> Floats:
    """Return demand in a region (N, T): at the reference price where that was seen, else what was used."""
    never = np.full(economies.fair_long_run.shape, np.nan)
    index, used = (economies.observed.get(f"{kind}_{region}", never) for kind in ("demand_index", "consumption"))
    return carried(np.where(np.isnan(index).all(axis=1, keepdims=True), used, index))


def normal_value(economies: Economies) -> Floats:
    """Return the cost of the undistorted reference plant (N, T), USD/kg: factor quantities x factor prices."""
    prefix = "factor_cost_"
    factors = [name.removeprefix(prefix) for name in economies.observed if name.startswith(prefix)]
    parts = [
        carried(economies.observed[f"factor_cost_{factor}"]) * carried(economies.observed[f"factor_price_{factor}"])
        for factor in factors
    ]
    return np.sum(parts, axis=0)
