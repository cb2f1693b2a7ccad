"""A family and a seed in, economies with their truth out."""

from __future__ import annotations

import numpy as np

from pricing.market.synthetic.draws import MONTHS, draw
from pricing.market.synthetic.economies import Economies
from pricing.market.synthetic.family import Family
from pricing.market.synthetic.observation import observe
from pricing.market.synthetic.setting import CHINA, EX_CHINA, by_region, settings
from pricing.market.synthetic.twins import KINDS, twinned
from pricing.market.synthetic.world import Investment, World, grow, stand

Floats = np.ndarray

FIRST_YEAR = 2011
AT_ONCE = 1000  # economies and twins side by side: enough to spread the cost of a step, few enough for the cache


def simulate(family: Family, count: int, seed: int, *, twins: bool = False, first: int = 0) -> Economies:
    """Return `count` economies of a family from number `first` on, each followed by its four twins where asked for.

    Economy i depends on the family's name and data, the seed and i alone: not on how many are made, nor beside which.
    """
    size = max(1, AT_ONCE // (len(KINDS) if twins else 1))
    starts = range(first, first + count, size)
    return Economies.join([_some(family, seed, range(a, min(a + size, first + count)), twins=twins) for a in starts])


def _some(family: Family, seed: int, numbers: range, *, twins: bool) -> Economies:
    draws = draw(family, seed, numbers)
    kinds: tuple[str, ...] = ("",)
    if twins:
        kinds, draws = KINDS, draws.repeat(len(KINDS))
    setting = settings(family, draws)
    if twins:
        setting = twinned(setting, draws)
    fair, law = setting.undistorted(), Investment.of(draws)
    world = grow(setting, law, by_region(draws, "capacity_start"))
    long_run = grow(fair, law, by_region(draws, "fair_capacity_start"))
    short_run = stand(fair, world.capacity)
    seen = observe(family, draws, setting, world)
    return Economies(
        family=family.name,
        names=tuple(_name(family, number, kind) for number in numbers for kind in kinds),
        months=months(),
        observed={name: _rows(values) for name, values in seen.columns.items()},
        derived=_rows(seen.derived),
        fair_long_run=_outside(long_run),
        fair_short_run=_outside(short_run),
        market={"china_price": _rows(world.price[CHINA]), "ex_china_price": _outside(world)},
        base=np.repeat(np.arange(len(numbers)) * len(kinds), len(kinds)),
        twin=kinds * len(numbers),
    )


def months() -> tuple[str, ...]:
    """Return the months of every simulated economy as YYYY-MM."""
    return tuple(f"{FIRST_YEAR + month // 12}-{month % 12 + 1:02d}" for month in range(MONTHS))


def _name(family: Family, number: int, kind: str) -> str:
    name = f"{family.name}-{number:05d}"
    return f"{name}-{kind}" if kind else name


def _outside(world: World) -> Floats:
    return _rows(world.price[EX_CHINA])


def _rows(values: Floats) -> Floats:
    """Return months-first numbers (T, N) with economies first (N, T)."""
    return np.ascontiguousarray(values.T)
