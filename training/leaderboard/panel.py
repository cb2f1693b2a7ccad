"""The peers beside our estimator, each with what it may learn from: simulated economies of another seed, or nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from pricing.market.synthetic import Economies
from training.leaderboard import simple_peers, zeroed
from training.leaderboard.estimates import Estimates, Estimator
from training.leaderboard.ridge import ridge
from training.leaderboard.settings import numbers, trees_of_peers

CHINESE_PRICE, OUTSIDE_PRICE = "Chinese price as fair", "outside price as fair"
TIMES_PRICE = "best constant x Chinese price"
FLAT, TRAILING = "a constant", "60-month mean of the market"
MARKET = (CHINESE_PRICE, OUTSIDE_PRICE)
MOVED_LESS = (*MARKET, FLAT, TRAILING)  # whose 12-month changes an estimate has to follow the truth better than

Ours = Callable[[Economies], Mapping[str, Estimates]]  # our estimator in its versions, by name


def simple() -> dict[str, Estimator]:
    """Return the peers that learn nothing from truths: prices and costs read off, and trees with distortions zeroed."""
    how = trees_of_peers()
    return {
        CHINESE_PRICE: simple_peers.chinese_price,
        OUTSIDE_PRICE: simple_peers.outside_price,
        FLAT: simple_peers.constant,
        TRAILING: simple_peers.trailing_mean,
        "normal value": simple_peers.cost,
        "LightGBM, distortions zeroed": zeroed.trees(how, monotone=False),
        "monotone LightGBM, distortions zeroed": zeroed.trees(how, monotone=True),
        "log-linear + LightGBM, distortions zeroed": zeroed.backbone_and_trees(how),
    }


def taught(family: Economies, mixes: Sequence[Economies]) -> dict[str, Estimator]:
    """Return the peers that learn from known truths.

    Constants and one ridge learn from economies of the family itself and another seed, the kindest honest case; the
    other ridge from mixed economies, whose ranges span the families: the case of the real world, and still a kind one.
    """
    strength = numbers().value("peers.ridge_strength")
    return {
        TIMES_PRICE: simple_peers.times_chinese_price(family),
        "best constant x normal value": simple_peers.times_cost(family),
        "ridge on known truths, same family": ridge([family], strength),
        "ridge on known truths, mixed families": ridge(mixes, strength),
    }
