"""The answer of a scenario: the economy solved again, and what follows from it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache

import numpy as np

from pricing.levers import Override, Through
from pricing.materials import Material
from pricing.scenarios.base import ScenarioBase
from pricing.scenarios.bridge import alone, bridge_lines
from pricing.scenarios.conditions import OF_COSTS, Conditions, conditions
from pricing.scenarios.costs import NormalValues, incentive_moves, normal_value_moves, normal_values
from pricing.scenarios.effects import Solved, effects
from pricing.scenarios.found import (
    Effects,
    IncentiveMove,
    MaterialFound,
    NormalValueMove,
    ScenarioFound,
)
from pricing.scenarios.payments import customs, payments
from pricing.scenarios.pushes import pushes, targets_of
from pricing.scenarios.reading import value_at
from pricing.scenarios.scenario import Scenario, quarters_from
from pricing.scenarios.solve import Logs, adjusted, path, short_run

Floats = np.ndarray

HEAVY = (Material.DY, Material.TB)


def answer(base: ScenarioBase, scenario: Scenario) -> ScenarioFound:
    """Return what a scenario does to prices, costs and payments. Raise DataError where its market does not clear.

    Costs and incentive prices of a dated scenario are those of the first quarter in which most of it is in force.
    """
    quarters = quarters_from(base.month, scenario) if scenario.dated else ()
    held = max((scenario.in_force(q) for q in quarters), key=len, default=scenario.overrides)
    case = conditions(base, pushes(base, held))
    found = _on_path(base, scenario, quarters) if quarters else _for_good(base, scenario, case)
    spells = _quarterly(base, scenario, [q for q in quarters if scenario.in_force(q)]) or [case]
    return ScenarioFound(
        month=base.month,
        materials=found,
        normal_values=_normal_values(base, case) if _moves_costs(base, held) else (),
        incentive=_incentive(base, case, _heavy_prices(found, for_good=not quarters)),
        payments=payments(base, spells, found),
        customs=(customs(base, [conditions(base, {})]), customs(base, spells)),
        extrapolated=tuple(o.lever.name for o in scenario.overrides if beyond(base, scenario, o) > 0),
    )


def _for_good(base: ScenarioBase, scenario: Scenario, case: Conditions) -> tuple[MaterialFound, ...]:
    alone = [conditions(base, pushes(base, one.overrides)) for one in scenario.alone()]
    cases = [case, *alone] if len(alone) > 1 else [case]
    now, rest = _moved_now(base, cases), _moved_rest(base, cases)
    solved = [Solved(now.at(c), rest.at(c)) for c in range(len(cases))]
    return tuple(_material(base, scenario, e, solved, {}) for e in range(len(base.facts.materials)))


def _on_path(base: ScenarioBase, scenario: Scenario, quarters: Sequence[str]) -> tuple[MaterialFound, ...]:
    alone = scenario.alone() if len(scenario.overrides) > 1 else []
    baseline = _path_baseline(base, len(quarters))
    paths = [path(base, [_quarterly(base, one, quarters)]).at(0) - baseline for one in (scenario, *alone)]
    held = np.array([bool(scenario.in_force(quarter)) for quarter in quarters])
    means = [Logs(*(values[held].mean(axis=0) for values in (m.china, m.outside, m.fair))) for m in paths]
    by_quarter = {quarter: [Solved(m.at(q), m.at(q)) for m in paths] for q, quarter in enumerate(quarters)}
    solved = [Solved(mean, mean) for mean in means]
    return tuple(_material(base, scenario, e, solved, by_quarter) for e in range(len(base.facts.materials)))


def _material(
    base: ScenarioBase, scenario: Scenario, e: int, solved: Sequence[Solved], path: Mapping[str, Sequence[Solved]]
) -> MaterialFound:
    """Return one material; the first of what was solved is the whole scenario, the others its overrides one by one."""
    material, on_path = base.facts.materials[e], bool(path)

    def prices(found: Sequence[Solved]) -> Effects:
        singles = zip(scenario.overrides, found[_singles(found)], strict=False)
        doubts = [(beyond(base, scenario, override), single) for override, single in singles]
        return effects(base, e, found[0], doubts, on_path=on_path)

    whole = prices(solved)
    costs = _normal_values_alone(base, scenario) if material == Material.NDPR else ()
    bridge = bridge_lines(scenario, whole, [alone(base, e, single) for single in solved[_singles(solved)]], costs)
    by_quarter = {quarter: prices(found) for quarter, found in path.items()}
    return MaterialFound(material, base.published[material].status, whole, by_quarter, bridge)


def _quarterly(base: ScenarioBase, scenario: Scenario, quarters: Sequence[str]) -> list[Conditions]:
    """Return what holds in every quarter; what holds in several is worked out once."""
    found: dict[tuple[Override, ...], Conditions] = {}
    for quarter in quarters:
        overrides = scenario.in_force(quarter)
        if overrides not in found:
            found[overrides] = conditions(base, pushes(base, overrides))
    return [found[scenario.in_force(quarter)] for quarter in quarters]


@lru_cache(maxsize=4)
def _baseline(base: ScenarioBase) -> tuple[Logs, Logs]:
    case = [conditions(base, {})]
    return short_run(base, case)[0].at(0), adjusted(base, case).at(0)


@lru_cache(maxsize=16)
def _path_baseline(base: ScenarioBase, quarters: int) -> Logs:
    return path(base, [[conditions(base, {})] * quarters]).at(0)


def _moved_now(base: ScenarioBase, cases: Sequence[Conditions]) -> Logs:
    return short_run(base, cases)[0] - _baseline(base)[0]


def _moved_rest(base: ScenarioBase, cases: Sequence[Conditions]) -> Logs:
    return adjusted(base, cases) - _baseline(base)[1]


def beyond(base: ScenarioBase, scenario: Scenario, override: Override) -> float:
    """Return how far a lever lies outside the range of evidence, in widths of that range; nil within it.

    It is where it was put, and where it stands once all levers of the scenario have met that act on the same numbers.
    """
    values = (override.value, reached(base, scenario, override))
    return max(override.lever.beyond(value, override.baseline) for value in values)


def reached(base: ScenarioBase, scenario: Scenario, override: Override) -> float:
    """Return a lever's value once all levers of the scenario have met that hold in the same months."""
    lever = override.lever
    if lever.through not in (Through.LEVEL, Through.INVERSE):
        return override.value
    together = [o for o in scenario.overrides if o.lever.name != lever.name or o == override]
    found = pushes(base, together)
    values = [found[target].on(value_at(base, target)) for target in targets_of(base, lever)]
    mean = math.fsum(values) / len(values)
    return 1 / mean if lever.through is Through.INVERSE else mean


def _singles(cases: Sequence[object]) -> slice:
    """Return the places of the cases that hold one override; where there is but one, the first holds it."""
    return slice(1, None) if len(cases) > 1 else slice(0, 1)


def _moves_costs(base: ScenarioBase, overrides: Sequence[Override]) -> bool:
    return any(target[0] in OF_COSTS for o in overrides for target in targets_of(base, o.lever))


def _normal_values(base: ScenarioBase, case: Conditions) -> tuple[NormalValueMove, ...]:
    return normal_value_moves(_usual_normal_values(base), normal_values(case.costs))


def _normal_values_alone(base: ScenarioBase, scenario: Scenario) -> list[tuple[NormalValueMove, ...]]:
    """Return the normal values that each override moves alone."""
    return [
        _normal_values(base, conditions(base, pushes(base, one.overrides))) if _moves_costs(base, one.overrides) else ()
        for one in scenario.alone()
    ]


@lru_cache(maxsize=4)
def _usual_normal_values(base: ScenarioBase) -> NormalValues:
    return normal_values(conditions(base, {}).costs)


Prices = dict[Material, float]


def _heavy_prices(found: Sequence[MaterialFound], *, for_good: bool) -> tuple[Prices, Prices]:
    """Return the fair prices of Dy and Tb before and after, that new mines are credited.

    A mine of twenty years is not credited what holds for some quarters.
    """
    fair = {m.material: m.mean.fair for m in found}
    before = {m: fair[m].baseline.value for m in HEAVY if m in fair}
    return before, {m: fair[m].scenario.value for m in HEAVY if m in fair} if for_good else before


def _incentive(base: ScenarioBase, case: Conditions, heavy: tuple[Prices, Prices]) -> tuple[IncentiveMove, ...]:
    plain = conditions(base, {}).costs
    stated = {m: v * float(plain.prices.price_level[0]) for m, v in base.costs.reference_values().items()}
    before, after = ({m: prices.get(m, stated[m]) for m in HEAVY} for prices in heavy)
    return incentive_moves(plain, case.costs, (before, after))
