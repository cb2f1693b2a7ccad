"""Synthetic control on simulated economies: `.venv/bin/python benchmarks/synthetic_control.py [--count N]`.

The question: a licence is put on exports in 2025-04; what would the price outside China have been without it? Abadie,
Diamond and Hainmueller (2010): a weighted mean of other economies' log prices, weights not negative and adding to one,
that follows the treated price in the months before; after it, that mean is the price without the licence.

The truth is the same economy, chance and observation without any licence, which only a simulator can show. Donors are
other economies of the same family without a licence: the same rules, duties and cycles of quota, but no shock in common
with the treated one. Other metals, the donors of the real world, share some shocks and none of the rules.

Printed, as RMS of ln(x / truth) in the months under licence: the treated price itself, synthetic control, and the mean
of the last twelve months before; and how far synthetic control is from the treated price before. It answers one
distortion and one date and says nothing of a subsidy that was always there: no fair price comes of it, so it stands
here and not on the leaderboard.
"""

from __future__ import annotations

import argparse
from dataclasses import replace

import numpy as np
from scipy.optimize import nnls

from features.synthetic import families
from pricing.market.synthetic import Family, simulate
from training.leaderboard.estimates import Floats, outside

FAMILIES = ("as_examples", "other_ranges", "other_curve", "slow_investment")
NEVER = 10_000.0  # months from 2011-01
YEAR = 12
SUM_WEIGHT = 1e3  # how hard the weights are held to add to one


def weights(donors: Floats, treated: Floats) -> Floats:
    """Return the weights (M,) of donors (M, T) whose mean is nearest to the treated one (T,), by least squares."""
    ones = np.full((1, len(donors)), SUM_WEIGHT)
    found, _ = nnls(np.concatenate([donors.T, ones]), np.append(treated, SUM_WEIGHT))
    return np.asarray(found / found.sum())


def without_licence(family: Family) -> Family:
    """Return the family in which nobody ever asks for a licence."""
    return replace(family, ranges={**family.ranges, "licence_from": (NEVER, NEVER)})


def main(count: int, donors: int, seed: int) -> None:
    """Print one row per family."""
    print(f"{count} treated economies a family, {donors} donors, seed {seed}; RMS of ln(x / truth) under licence")
    print(f"{'family':<16} {'months':>6} {'treated':>8} {'control':>8} {'last year':>10} {'control before':>15}")
    for name in FAMILIES:
        family = families()[name]
        free = without_licence(family)
        treated, truth = (np.log(outside(simulate(kind, count, seed))) for kind in (family, free))
        others = np.log(outside(simulate(free, donors, seed, first=count)))
        start = round(family.ranges["licence_from"][0])
        control = np.array([weights(others[:, :start], one[:start]) for one in treated]) @ others
        flat = treated[:, start - YEAR : start].mean(axis=1, keepdims=True)
        misses = [_rms((guess - truth)[:, start:]) for guess in (treated, control, flat + np.zeros_like(truth))]
        print(
            f"{name:<16} {treated.shape[1] - start:>6} {misses[0]:>8.3f} {misses[1]:>8.3f} {misses[2]:>10.3f} "
            f"{_rms((control - treated)[:, :start]):>15.3f}"
        )


def _rms(misses: Floats) -> float:
    return float(np.sqrt(np.mean(np.square(misses))))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=24)
    parser.add_argument("--donors", type=int, default=60)
    parser.add_argument("--seed", type=int, default=20260331)
    arguments = parser.parse_args()
    main(arguments.count, arguments.donors, arguments.seed)
