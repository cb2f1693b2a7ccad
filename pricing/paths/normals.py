"""Normals shared between requests: one scrambled Sobol matrix per size and seed, kept and never changed."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from scipy.special import ndtri
from scipy.stats import qmc

from pricing.errors import Fault, InputError

Floats = np.ndarray

PATHS = 4096
LEAST_PATHS, MOST_PATHS = 256, 65_536
BUDGET = 24_000_000  # numbers of one request: paths x periods x items; 8 bytes each, held about three times
DIMENSIONS_STEP = 120  # requests of up to as many months and items share one matrix
_KEPT = 4
_HALF_A_BIT = 2.0**-31  # Sobol points are multiples of 2^-30, zero among them


def check_budget(paths: int, periods: int, items: int) -> None:
    """Return nothing where a request is affordable; an InputError says by how much it is not."""
    faults = []
    power = paths > 0 and paths & (paths - 1) == 0
    if not (power and LEAST_PATHS <= paths <= MOST_PATHS):
        faults.append(Fault("paths", str(paths), f"a power of two from {LEAST_PATHS} to {MOST_PATHS}"))
    if paths * periods * items > BUDGET:
        found = f"{paths:,} paths x {periods:,} periods x {items:,} items = {paths * periods * items:,}"
        faults.append(Fault("budget", found, f"at most {BUDGET:,}; ask for fewer paths, periods or items"))
    if faults:
        raise InputError(*faults)


def sobol_normals(dimensions: int, paths: int, seed: int) -> Floats:
    """Return standard normals (dimensions, paths), the best-spread dimension first; read-only and shared.

    Owen-type scrambling (linear matrix and shift); the same sizes and seed give the same bytes.
    """
    width = -(-dimensions // DIMENSIONS_STEP) * DIMENSIONS_STEP
    return _normals(width, paths, seed)[:dimensions]


@lru_cache(maxsize=_KEPT)
def _normals(dimensions: int, paths: int, seed: int) -> Floats:
    points = qmc.Sobol(d=dimensions, scramble=True, rng=np.random.default_rng(seed)).random(paths)
    normals = np.ascontiguousarray(points.T)
    normals += _HALF_A_BIT
    ndtri(normals, out=normals)
    normals.setflags(write=False)
    return normals
