"""Double machine learning on simulated economies: `.venv/bin/python benchmarks/double_machine_learning.py [--count N]`.

The question: can the effect of Chinese support on the price outside China be read off prices, if only the confounders
are dealt with flexibly? Partially linear model of Chernozhukov et al. (2018), partialling-out score, LightGBM for both
nuisance functions, cross-fitted over six blocks of months, as neighbouring months are no independent draws:

    ln p = theta x subsidy + g(costs, demand, capacity, other distortions) + error
    theta = sum (D - E[D|X]) (Y - E[Y|X]) / sum (D - E[D|X])^2

The fair price is then the price with theta x subsidy taken out; the other distortions stay, as a method for one
treatment must leave them. Printed: error and leakage beside the market as fair, the share of economies whose theta has
the wrong sign (more support must lower the price), and theta beside what a twin with more subsidy shows it to be.
Poor data are left out: there the subsidy is one flat figure, which has no effect to be found. No estimate of ours is
made this way; it is run once, by hand.
"""

from __future__ import annotations

import argparse

import lightgbm as lgb
import numpy as np
from sklearn.model_selection import GroupKFold, cross_val_predict

from features.synthetic import families
from pricing.market.synthetic import Economies
from training.leaderboard.estimates import Floats, both, carried, outside
from training.leaderboard.scores import FIRST, scores
from training.leaderboard.settings import trees_of_peers
from training.leaderboard.trial import economies_of
from training.leaderboard.zeroed import DISTORTIONS, MARKET, columns

FAMILIES = ("as_examples", "other_ranges", "other_curve", "slow_investment")
SUBSIDY = len(MARKET) + list(DISTORTIONS).index("subsidy")  # position among the columns
BLOCKS = 6
SHOWN = ("rmse_long_run", "bias_long_run", "leak_more_subsidy", "leak_tighter_quota")


def effect(columns_seen: Floats, log_price: Floats) -> float:
    """Return theta of one economy from its columns (T, K) and log price (T,): change of log price a unit of subsidy."""
    subsidy, rest = columns_seen[:, SUBSIDY], np.delete(columns_seen, SUBSIDY, axis=1)
    treated, priced = (target - _foretold(rest, target) for target in (subsidy, log_price))
    return float(treated @ priced / (treated @ treated))


def _foretold(seen: Floats, target: Floats) -> Floats:
    how = trees_of_peers()
    model = lgb.LGBMRegressor(
        n_estimators=how.rounds,
        learning_rate=how.learning_rate,
        num_leaves=how.leaves,
        min_child_samples=how.least_in_leaf,
        n_jobs=1,
        verbose=-1,
    )
    blocks = np.arange(len(target)) * BLOCKS // len(target)
    return np.asarray(cross_val_predict(model, seen, target, groups=blocks, cv=GroupKFold(BLOCKS)))


def shown_by_twins(economies: Economies) -> Floats:
    """Return what theta is (M,): the mean log change of the outside price to the twin over that of the subsidy."""
    changed = np.flatnonzero(np.array(economies.twin) == "more_subsidy")
    origin = economies.base[changed]
    prices, rates = economies.market["ex_china_price"], carried(economies.observed["subsidy_rate_est"])
    moved = np.log(prices[changed] / prices[origin])[:, FIRST:].mean(axis=1)
    return np.asarray(moved / (rates[changed] - rates[origin])[:, FIRST:].mean(axis=1))


def main(count: int, seed: int) -> None:
    """Print one row per family."""
    print(f"{count} economies a family with twins, seed {seed}; long-run RMSE and bias of ln(estimate / truth)")
    print(f"{'family':<16} {'method':<22} {'RMSE':>6} {'bias':>6} {'leak: subsidy':>14} {'quota':>6}")
    signs = []
    for name in FAMILIES:
        economies = economies_of(families()[name], count, count, seed)
        seen, prices = columns(economies), outside(economies)
        theta = np.array([effect(one, np.log(price)) for one, price in zip(seen, prices, strict=True)])
        cleaned = prices * np.exp(-theta[:, None] * seen[..., SUBSIDY])
        for method, price in (("outside price as fair", prices), ("subsidy taken out", cleaned)):
            found = scores(both(price), economies)
            rmse, bias, subsidy, quota = (found[score].value() for score in SHOWN)
            print(f"{name:<16} {method:<22} {rmse:>6.3f} {bias:>+6.3f} {subsidy:>14.2f} {quota:>6.2f}")
        alone = np.array(economies.twin) == ""
        signs.append((name, float(np.mean(theta[alone] > 0)), np.median(theta[alone]), shown_by_twins(economies)))
    print(f"\n{'family':<16} {'wrong sign':>10} {'theta, median':>14} {'by twins, median':>17}")
    for name, wrong, middle, truth in signs:
        print(f"{name:<16} {wrong:>10.0%} {middle:>14.2f} {np.median(truth):>17.2f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=12)
    parser.add_argument("--seed", type=int, default=20260331)
    arguments = parser.parse_args()
    main(arguments.count, arguments.seed)
