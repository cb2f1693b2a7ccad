"""Simulated price paths whose mean is the deck, exactly.

A path is the deck times a growth of mean one. Growths rest on the process, the months and the seed alone, so that
every request with the same three shares them and pays for one product. Largest principal components take the first,
best-spread Sobol dimensions, and each month's growths are matched to their lognormal.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from pricing.errors import Fault, InputError
from pricing.paths.jumps import PolicyJumps, jump_sizes
from pricing.paths.margins import matched_growths
from pricing.paths.normals import PATHS, check_budget, sobol_normals
from pricing.paths.process import PriceProcess

Floats = np.ndarray

SEED = 20_260_331
_KEPT = 4
KEPT_AT_MOST = 8_000_000  # numbers; larger growths are made anew, not held


@dataclass(frozen=True, slots=True)
class Sampling:
    """How paths are drawn: their number (a power of two), the seed, and policy jumps as a stress."""

    paths: int = PATHS
    seed: int = SEED
    jumps: PolicyJumps | None = None


def growths(process: PriceProcess, years: Sequence[float], sampling: Sampling) -> Floats:
    """Return growths (M, T, N) of mean one over the paths; read-only and shared between requests."""
    when = tuple(float(year) for year in years)
    check_budget(sampling.paths, len(when), len(process.items))
    if sampling.paths * len(when) * len(process.items) > KEPT_AT_MOST:
        return _growths(process, when, sampling)
    return _kept_growths(process, when, sampling)


def risk_adjusted(process: PriceProcess, deck: Floats, years: Sequence[float], market_price_of_risk: float) -> Floats:
    """Return the deck (M, T) less the premium that holders of the risk ask: what a hedge would be struck at.

    Values that are discounted at a rate with its own risk premium should not use it: the risk would count twice.
    """
    ahead = np.asarray(years, dtype=float)
    premia = [factor.risk_premium(ahead, market_price_of_risk) for factor in process.factors]
    return checked_deck(process, deck, years) * np.exp(-np.array(premia))


def checked_deck(process: PriceProcess, deck: Floats, years: Sequence[float]) -> Floats:
    """Return the deck as an array (M, T); InputError where it is no deck of these items and years."""
    found = np.atleast_2d(np.asarray(deck, dtype=float))
    wanted = (len(process.items), len(years))
    if found.shape != wanted:
        raise InputError(Fault("deck", f"shape {found.shape}", f"{wanted}: a row per item, a column per month"))
    if not (np.isfinite(found) & (found > 0)).all():
        raise InputError(Fault("deck", f"{found.min()}", "positive, finite prices"))
    return found


def _growths(process: PriceProcess, years: tuple[float, ...], sampling: Sampling) -> Floats:
    covariance = process.covariance(np.array(years))
    loadings = principal_loadings(covariance)
    logs = loadings @ sobol_normals(loadings.shape[1], sampling.paths, sampling.seed)
    found = matched_growths(logs, np.sqrt(np.diag(covariance)))
    if sampling.jumps is not None:
        found *= np.exp(jump_sizes(sampling.jumps, process.items, years, sampling.paths, sampling.seed))
        found /= found.mean(axis=1, keepdims=True)
    found = found.reshape(len(process.items), len(years), sampling.paths)
    found.setflags(write=False)
    return found


_kept_growths = lru_cache(maxsize=_KEPT)(_growths)


def check_kept(paths: int, months: int, items: int) -> None:
    """Return nothing where growths are held between valuations; InputError where each would make them anew."""
    if (numbers := paths * months * items) > KEPT_AT_MOST:
        found = f"{paths:,} paths x {months:,} months x {items:,} items = {numbers:,} beside greeks"
        raise InputError(
            Fault("budget", found, f"at most {KEPT_AT_MOST:,} with greeks; ask for fewer paths, or without")
        )


def keep_no_growths() -> None:
    """Forget the growths that requests share, so that the next one makes its own."""
    _kept_growths.cache_clear()


def principal_loadings(covariance: Floats) -> Floats:
    """Return A (D, K) with A A' the covariance, largest component first, each with its largest entry positive."""
    variances, vectors = np.linalg.eigh(covariance)
    kept = variances > variances[-1] * np.finfo(float).eps * len(variances)
    loadings = (vectors[:, kept] * np.sqrt(variances[kept]))[:, ::-1]
    largest = np.abs(loadings).argmax(axis=0)
    return loadings * np.sign(loadings[largest, np.arange(loadings.shape[1])])
