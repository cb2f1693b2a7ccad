"""Simulated economies in bulk: chunks side by side on every core, and files as the recovery benchmark has them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from joblib import Parallel, delayed

from features.synthetic import families
from pricing.errors import DataError
from pricing.market.synthetic import Economies, Family, simulate
from pricing.market.synthetic.family import TWINS

CHUNK = 1000  # economies a task, and a fifth of that with their twins
OBSERVED, TRUTH = "_observed.csv", "_truth.csv"
DIGITS = "%.5g"


def in_parallel(
    family: Family,
    count: int,
    seed: int,
    *,
    twins: bool = False,
    jobs: int = -1,
    progress: Callable[[float], None] | None = None,
) -> Economies:
    """Return what `simulate` returns, made on `jobs` processes; -1 takes every core."""
    size = CHUNK // (1 + len(TWINS)) if twins else CHUNK
    starts = range(0, count, size)
    work = Parallel(n_jobs=jobs, return_as="generator")(
        delayed(simulate)(family, min(size, count - start), seed, twins=twins, first=start) for start in starts
    )
    parts = []
    for part in work:
        parts.append(part)
        if progress:
            progress(len(parts) / len(starts))
    return Economies.join(parts)


def family_named(name: str) -> Family:
    """Return a shipped family. DataError names those there are."""
    known = families()
    if name not in known:
        msg = f"No family {name}; there are {', '.join(sorted(known))}."
        raise DataError(msg)
    return known[name]


def write_economies(economies: Economies, out: Path) -> None:
    """Write NAME_observed.csv and NAME_truth.csv of every economy to a folder."""
    out.mkdir(parents=True, exist_ok=True)
    for i, name in enumerate(economies.names):
        economies.history(i).frame.to_csv(out / f"{name}{OBSERVED}", float_format=DIGITS)
        economies.truth(i).to_csv(out / f"{name}{TRUTH}", float_format=DIGITS)
