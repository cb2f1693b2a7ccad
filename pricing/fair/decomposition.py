"""Which distortion owes what of the gap: Shapley values over grown worlds, by permutations and their reverses.

Castro, Gomez and Tejada (2009): each draw turns the distortions on one by one in an order of its own, and in that
order reversed; a distortion's value is the mean of what its turn added. The values of a draw add up to its gap.
The nested ones take their turns next to each other, in either order, so that they share as a group what the group
owes (Owen 1977): their sum is what one switch for both would get.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pricing.market.batches import Across, Asked, solved
from pricing.market.distortions import NESTED, ORDER, Distortion, Switches
from pricing.market.facts import Facts
from pricing.market.worlds import REST_YEARS
from pricing.prior import Draws

Floats = np.ndarray


@dataclass(frozen=True)
class Parts:
    """What each distortion adds to the grown price, real USD/kg, by draw: distortion -> (R, T, E) per region."""

    china: dict[Distortion, Floats]
    outside: dict[Distortion, Floats]
    full_china: Floats  # the grown world with every distortion on (R, T, E)
    full_outside: Floats


def shapley(facts: Facts, draws: Draws, orders: Floats, across: Across | None = None) -> Parts:
    """Return the parts of every draw of `draws` (R), each along its own orders (2, R, D).

    `across` may solve batches of worlds elsewhere.
    """
    states = _states(orders)
    rows = np.tile(np.arange(draws.size), states.shape[0] * states.shape[1])
    flat = states.reshape(-1, len(ORDER))
    (found,) = solved([Asked(facts, draws.take(rows), Switches(flat), REST_YEARS)], across)
    world = found.world
    shape = (*states.shape[:3], facts.months, len(facts.materials))
    china, outside = world.china.reshape(shape), world.outside.reshape(shape)
    return Parts(_values(china, orders), _values(outside, orders), china[0, -1], outside[0, -1])


def turning_orders(size: int, seed: int) -> Floats:
    """Return an order of the distortions per draw, and its reverse (2, R, D); nested ones stand side by side."""
    random = np.random.default_rng(seed)
    groups = len(ORDER) - len(NESTED) + 1
    rank = np.argsort(random.permuted(np.tile(np.arange(groups), (size, 1)), axis=1), axis=1)
    within = random.random((size, len(ORDER)))
    forward = np.argsort(rank[:, _group_of_each()] + within, axis=1)
    return np.stack([forward, forward[:, ::-1]])


def _group_of_each() -> Floats:
    """Return the number of each distortion's group (D,): the nested ones share one, every other has its own."""
    first = ORDER.index(NESTED[0])
    numbers = np.arange(len(ORDER))
    return np.where(numbers < first, numbers, np.maximum(numbers - len(NESTED) + 1, first))


def _states(orders: Floats) -> Floats:
    """Return the switches along each path (2, D + 1, R, D), from none on to all on."""
    rank = np.argsort(orders, axis=2)
    steps = np.arange(len(ORDER) + 1)[None, :, None, None]
    return (rank[:, None] < steps).astype(float)


def _values(price: Floats, orders: Floats) -> dict[Distortion, Floats]:
    turn = np.diff(price, axis=1)  # (2, D, R, T, E), in path order
    rank = np.argsort(orders, axis=2)
    found = {}
    for d, distortion in enumerate(ORDER):
        taken = [turn[way, rank[way, :, d], np.arange(turn.shape[2])] for way in (0, 1)]
        found[distortion] = (taken[0] + taken[1]) / 2
    return found
