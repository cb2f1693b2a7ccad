"""Pushes: what overrides do to each target together, a factor and a shift, whatever their order."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from pricing.levers import Lever, Levers, Override, Through
from pricing.scenarios.base import ScenarioBase
from pricing.scenarios.reading import known_targets, value_at
from pricing.scenarios.targets import Target, expanded

Value = TypeVar("Value", float, np.ndarray)
UNITS, KG = (Through.UNITS, Through.KG)
T_PER_KG = 1e-3


@dataclass(frozen=True, slots=True)
class Push:
    """What stands at a target, `grown` by a share of it, times `factor`, plus `shift`.

    Shares of uses add up, and what saves magnets saves them in whatever the uses have become.
    """

    factor: float = 1.0
    shift: float = 0.0
    grown: float = 0.0

    def then(self, other: Push) -> Push:
        """Return both pushes as one; their order does not matter."""
        return Push(self.factor * other.factor, self.shift + other.shift, self.grown + other.grown)

    def on(self, old: Value) -> Value:
        """Return the pushed value."""
        return old * (1 + self.grown) * self.factor + self.shift


Pushes = Mapping[Target, Push]


def baselines(base: ScenarioBase, levers: Levers) -> dict[str, float]:
    """Return the baseline of every lever, in its unit."""
    return {name: _baseline(base, lever) for name, lever in levers.rows.items()}


def pushes(base: ScenarioBase, overrides: Sequence[Override]) -> Pushes:
    """Return what overrides do together, by target."""
    found: dict[Target, Push] = {}
    for override in overrides:
        if override.lever.through not in (UNITS, KG):
            for target in targets_of(base, override.lever):
                found[target] = found.get(target, Push()).then(_push(base, override, target))
    for target, push in _new_uses(base, overrides):
        found[target] = found.get(target, Push()).then(push)
    return found


def targets_of(base: ScenarioBase, lever: Lever) -> tuple[Target, ...]:
    """Return the targets a lever acts on, each once."""
    known = known_targets(base)
    return tuple(dict.fromkeys(target for pattern in lever.targets for target in expanded(pattern, known)))


def _baseline(base: ScenarioBase, lever: Lever) -> float:
    if lever.stated is not None:
        return lever.stated
    if lever.through in (Through.RATIO, Through.USE):
        return 1.0
    if lever.through in (Through.LOST_SHARE, Through.SHARE_OF_COST):
        return 0.0
    values = [value_at(base, target) for target in targets_of(base, lever)]
    mean = math.fsum(values) / len(values)
    return 1 / mean if lever.through is Through.INVERSE else mean


def _push(base: ScenarioBase, override: Override, target: Target) -> Push:
    value, lever = override.value, override.lever
    match lever.through:
        case Through.LEVEL:
            return Push(value / override.baseline) if override.baseline else Push(shift=value)
        case Through.INVERSE:
            return Push(override.baseline / value)
        case Through.LOST_SHARE:
            return Push(1 - value)
        case Through.SHARE_OF_COST:
            return Push(shift=value * base.undistorted_cost(target[-1]))
        case Through.USE:
            share = base.uses[lever.use][base.facts.materials.index(target[-1])]
            return Push(grown=share * (value - 1))
        case _:
            return Push(value)


def _new_uses(base: ScenarioBase, overrides: Sequence[Override]) -> Iterable[tuple[Target, Push]]:
    """Yield the demand of uses that are counted in units x kg of magnet, beyond what the baseline holds."""
    levers = {o.lever.use: o.lever for o in overrides if o.lever.through in (UNITS, KG)}
    for use, lever in levers.items():
        stated = base.new_uses[use]
        value = {o.lever.through: o.value for o in overrides if o.lever.use == use}
        tonnes = value.get(Through.UNITS, stated.units) * value.get(Through.KG, stated.kg) - stated.units * stated.kg
        for target in targets_of(base, lever):
            region = base.china_share if target[1] == "china" else 1 - base.china_share
            yield target, Push(shift=T_PER_KG * tonnes * region * stated.content[target[-1]])
