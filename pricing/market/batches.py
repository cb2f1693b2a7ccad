"""Worlds of many draws, in batches that may be solved anywhere: a draw's world follows from that draw alone.

It does so to the last bit, so that neither the size of a batch nor the place where it is solved moves a number. Whoever
asks for worlds may hand in how batches are gone through (`Across`), such as side by side on other machines.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from pricing.market.distortions import Switches
from pricing.market.economy import Economy
from pricing.market.facts import Facts
from pricing.market.worlds import World, as_built, as_grown
from pricing.prior import Draws

Floats = np.ndarray

BATCH = 1024  # draws; half of it costs a third more in all, because an array's overhead is paid twice


@dataclass(frozen=True)
class Asked:
    """Worlds of draws (N) under switches (N): with plants as built, or as grown after so many years of rest."""

    facts: Facts
    draws: Draws
    switches: Switches
    rest_years: float | None = None  # None leaves plants as built
    habit: Floats | None = None  # (N, T, E) thrift that another world taught, for plants as built
    with_plants: bool = False  # also the plants that stand in each month, where they are grown

    def solve(self) -> Solved:
        """Return the worlds. DataError where a market does not clear."""
        economy = Economy.of(self.facts, self.draws, self.switches)
        if self.rest_years is None:
            return Solved(as_built(economy, self.habit))
        shape = (self.draws.size, self.facts.months, len(self.facts.names))
        plants = np.empty(shape) if self.with_plants else None
        return Solved(as_grown(economy, self.rest_years, plants=plants), plants)

    def batches(self, most: int = BATCH) -> list[Asked]:
        """Return the same in parts of at most so many draws, in order."""
        return [self._of(slice(start, start + most)) for start in range(0, self.draws.size, most)]

    def _of(self, rows: slice) -> Asked:
        draws = self.draws.take(np.arange(self.draws.size)[rows])
        habit = None if self.habit is None else self.habit[rows]
        return replace(self, draws=draws, switches=Switches(self.switches.on[rows]), habit=habit)


@dataclass(frozen=True)
class Solved:
    """Worlds, and the plants (N, T, K) that stood in them where they were asked for."""

    world: World
    plants: Floats | None = None

    @classmethod
    def join(cls, parts: Sequence[Solved]) -> Solved:
        """Return the worlds of consecutive draws as one."""
        if len(parts) == 1:
            return parts[0]
        plants = [part.plants for part in parts if part.plants is not None]
        world = World(*(np.concatenate([getattr(part.world, name) for part in parts]) for name in _FIELDS))
        return cls(world, np.concatenate(plants) if plants else None)


Across = Callable[[Callable[[Asked], Solved], Sequence[Asked]], Iterable[Solved]]
_FIELDS = tuple(World.__dataclass_fields__)


def solved(asked: Sequence[Asked], across: Across | None = None) -> Iterator[Solved]:
    """Yield the worlds asked for, in order: each in one go, or in batches that are gone through by `across`."""
    if across is None:
        yield from (one.solve() for one in asked)
        return
    batches = [one.batches() for one in asked]
    found = iter(across(Asked.solve, [part for parts in batches for part in parts]))
    for parts in batches:
        yield Solved.join([next(found) for _ in parts])
