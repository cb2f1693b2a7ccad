"""Pushes: what overrides do to each target together, a factor and a shift, whatever their order."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from pricing.levers import Lever, Levers, Override, Through, Way
from pricing.scenarios.base import ScenarioBase
from pricing.scenarios.reading import known_targets, value_at
from pricing.scenarios.targets import CHINA, IMPORT_TARIFF, Target, expanded
from pricing.stages.ladder import Stage

Value = TypeVar("Value", float, np.ndarray)
UNITS, KG = (Through.UNITS, Through.KG)
T_PER_KG = 1e-3
OXIDE = Stage.OXIDE.value


@dataclass(frozen=True, slots=True)
class Push:
    """What stands at a target, `grown` by a share of it, times `factor`, plus `shift`; `fixed` stands above them all.

    Shares of uses add up, and what saves magnets saves them in whatever the uses have become. A value that was set is
    the value, whatever other levers do to what it rests on.
    """

    factor: float = 1.0
    shift: float = 0.0
    grown: float = 0.0
    fixed: float | None = None

    def then(self, other: Push) -> Push:
        """Return both pushes as one; their order does not matter."""
        set_to = [fixed for fixed in (self.fixed, other.fixed) if fixed is not None]
        return Push(
            self.factor * other.factor,
            self.shift + other.shift,
            self.grown + other.grown,
            max(set_to) if set_to else None,
        )

    def in_money(self, level: float) -> Push:
        """Return the push of money that is stated in prices of another year, `level` times as high."""
        return replace(self, shift=self.shift / level, fixed=None if self.fixed is None else self.fixed / level)

    def on(self, old: Value) -> Value:
        """Return the pushed value."""
        if self.fixed is not None:
            return 0.0 * old + self.fixed
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
                push = _fixed(base, override, target) or _push(base, override, target)
                found[target] = found.get(target, Push()).then(push)
    for target, push in _new_uses(base, overrides):
        found[target] = found.get(target, Push()).then(push)
    for target, push in _mean_tariffs(base, found):
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


def _fixed(base: ScenarioBase, override: Override, target: Target) -> Push | None:
    """Return the push of a value that was set on the one target of its lever, None of any other."""
    alone = override.way is Way.SET and override.lever.through is Through.LEVEL
    return Push(fixed=override.value) if alone and targets_of(base, override.lever) == (target,) else None


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


def _mean_tariffs(base: ScenarioBase, found: Pushes) -> list[tuple[Target, Push]]:
    """Return what importers' tariffs on oxide from China add to the mean tariff of each material, by their shares."""
    shifts = []
    for importer, share in base.importer_shares.items():
        target = (IMPORT_TARIFF, importer, OXIDE, CHINA)
        if target in found:
            rate = value_at(base, target)
            shifts.append(share * (found[target].on(rate) - rate))
    push = Push(shift=math.fsum(shifts))
    return [(("tariff", material), push) for material in base.facts.materials] if shifts else []


def _new_uses(base: ScenarioBase, overrides: Sequence[Override]) -> Iterable[tuple[Target, Push]]:
    """Yield the demand of uses that are counted in units x kg of magnet, beyond what the baseline holds."""
    levers = {o.lever.use: o.lever for o in overrides if o.lever.through in (UNITS, KG)}
    for use, lever in levers.items():
        stated = base.new_uses[use]
        value = {o.lever.through: o.value for o in overrides if o.lever.use == use}
        tonnes = value.get(Through.UNITS, stated.units) * value.get(Through.KG, stated.kg) - stated.units * stated.kg
        for target in targets_of(base, lever):
            region = base.china_share if target[1] == "china" else 1 - base.china_share
            called_for = T_PER_KG * tonnes * region * stated.content[target[-1]]
            yield target, Push(grown=called_for / value_at(base, target))
