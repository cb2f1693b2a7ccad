"""The answer of a scenario: the economy solved again, and what follows from it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from pricing.levers import Override
from pricing.materials import Material
from pricing.scenarios.base import ScenarioBase
from pricing.scenarios.conditions import OF_COSTS, Conditions, conditions
from pricing.scenarios.costs import incentive_moves, normal_value_moves
from pricing.scenarios.effects import REGIONS, effects
from pricing.scenarios.found import (
    BridgeLine,
    Effects,
    IncentiveMove,
    MaterialFound,
    NormalValueMove,
    Payment,
    ScenarioFound,
)
from pricing.scenarios.pushes import pushes, targets_of
from pricing.scenarios.scenario import Scenario, quarters_from
from pricing.scenarios.solve import Logs, adjusted, path, short_run

Floats = np.ndarray

TOGETHER = "together"
HEAVY = (Material.DY, Material.TB)
STILL = 1e-7  # of a log price, below which it does not move: what the solver leaves


def answer(base: ScenarioBase, scenario: Scenario) -> ScenarioFound:
    """Return what a scenario does to prices, costs and payments. Raise DataError where its market does not clear."""
    widened = 1.0 + math.fsum(_beyond(override) for override in scenario.overrides)
    case = conditions(base, pushes(base, scenario.overrides))
    found = _on_path(base, scenario, widened) if scenario.dated else _for_good(base, scenario, case, widened)
    return ScenarioFound(
        month=base.month,
        materials=found,
        normal_values=_normal_values(base, case) if _moves_costs(base, scenario.overrides) else (),
        incentive=_incentive(base, case, _heavy_prices(found)),
        payments=_payments(base, case, found),
        extrapolated=tuple(o.lever.name for o in scenario.overrides if o.extrapolated),
    )


def _for_good(base: ScenarioBase, scenario: Scenario, case: Conditions, widened: float) -> tuple[MaterialFound, ...]:
    alone = [conditions(base, pushes(base, one.overrides)) for one in scenario.alone()]
    cases = [case, *alone] if len(alone) > 1 else [case]
    now, rest = _moved_now(base, cases), _moved_rest(base, cases)
    found = []
    for e, material in enumerate(base.facts.materials):
        whole = effects(base, e, now.at(0), rest.at(0), widened)
        bridge = _bridge(scenario, whole, [_alone(base, e, now.at(c), rest.at(c)) for c in _singles(cases)])
        found.append(MaterialFound(material, base.published[material].status, whole, {}, bridge))
    return tuple(found)


def _on_path(base: ScenarioBase, scenario: Scenario, widened: float) -> tuple[MaterialFound, ...]:
    quarters = quarters_from(base.month, scenario)
    alone = scenario.alone() if len(scenario.overrides) > 1 else []
    cases = [_quarterly(base, one, quarters) for one in (scenario, *alone)]
    baseline = _path_baseline(base, len(quarters))
    logs = [path(base, [case]).at(0) - baseline for case in cases]
    held = np.array([bool(scenario.in_force(quarter)) for quarter in quarters])
    while_held = [Logs(*(values[held].mean(axis=0) for values in (m.china, m.outside, m.fair))) for m in logs]
    found = []
    for e, material in enumerate(base.facts.materials):
        by_quarter = {
            quarter: effects(base, e, logs[0].at(q), logs[0].at(q), widened, on_path=True)
            for q, quarter in enumerate(quarters)
        }
        mean = effects(base, e, while_held[0], while_held[0], widened, on_path=True)
        parts = [_alone(base, e, while_held[c], while_held[c]) for c in _singles(cases)]
        bridge = _bridge(scenario, mean, parts)
        found.append(MaterialFound(material, base.published[material].status, mean, by_quarter, bridge))
    return tuple(found)


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


def _beyond(override: Override) -> float:
    """Return by how much of its width an answer is wider for a value outside the range of evidence.

    By the distance to the range over the range's own width: what nobody saw is guessed from as far as it was seen.
    """
    low, high = override.lever.range(override.baseline)
    distance = max(low - override.value, override.value - high, 0.0)
    return distance / ((high - low) or distance) if override.extrapolated else 0.0


def _singles(cases: Sequence[object]) -> range:
    """Return the places of the cases that hold one override; where there is but one, the first holds it."""
    return range(1, len(cases)) if len(cases) > 1 else range(1)


def _alone(base: ScenarioBase, e: int, now: Logs, rest: Logs) -> tuple[Effects, float]:
    """Return what one override does to a material, and the share of draws in which it moves any of its prices."""
    logs = (now.china, now.outside, now.fair, rest.china, rest.outside, rest.fair)
    moves = np.max([np.abs(log[:, e]) for log in logs], axis=0) > STILL
    return effects(base, e, now, rest, 1.0), float(moves.mean())


def _bridge(scenario: Scenario, whole: Effects, alone: Sequence[tuple[Effects, float]]) -> tuple[BridgeLine, ...]:
    """Return what each override does alone, and what they do beyond that together."""
    lines = [
        BridgeLine(override.lever.name, *_changes(part), moved)
        for override, (part, moved) in zip(scenario.overrides, alone, strict=False)
    ]
    if len(lines) > 1:
        sums = np.array([[line.fair, line.market_china, line.market_ex_china] for line in lines]).sum(axis=0)
        fair, china, outside = (np.array(_changes(whole)) - sums).tolist()
        lines.append(BridgeLine(TOGETHER, fair, china, outside, 1.0))
    return tuple(lines)


def _changes(found: Effects) -> tuple[float, float, float]:
    moves = (found.fair, *(found.market[region] for region in REGIONS))
    fair, china, outside = (move.scenario.value - move.baseline.value for move in moves)
    return fair, china, outside


def _moves_costs(base: ScenarioBase, overrides: Sequence[Override]) -> bool:
    return any(target[0] in OF_COSTS for o in overrides for target in targets_of(base, o.lever))


def _normal_values(base: ScenarioBase, case: Conditions) -> tuple[NormalValueMove, ...]:
    return normal_value_moves(conditions(base, {}).costs, case.costs)


Prices = dict[Material, float]


def _heavy_prices(found: Sequence[MaterialFound]) -> tuple[Prices, Prices]:
    """Return the fair prices of Dy and Tb before and after, that new mines are credited."""
    fair = {m.material: m.mean.fair for m in found}
    before = {m: fair[m].baseline.value for m in HEAVY if m in fair}
    return before, {m: fair[m].scenario.value for m in HEAVY if m in fair}


def _incentive(base: ScenarioBase, case: Conditions, heavy: tuple[Prices, Prices]) -> tuple[IncentiveMove, ...]:
    plain = conditions(base, {}).costs
    stated = {m: v * float(plain.prices.price_level[0]) for m, v in base.costs.reference_values().items()}
    before, after = ({m: prices.get(m, stated[m]) for m in HEAVY} for prices in heavy)
    return incentive_moves(plain, case.costs, (before, after))


def _payments(base: ScenarioBase, case: Conditions, found: Sequence[MaterialFound]) -> tuple[Payment, ...]:
    """Return what stated floors pay, on each region's market price under the scenario."""
    payments = []
    for e, material in enumerate(found):
        prices = {region: move.scenario.value for region, move in material.mean.market.items()}
        for floor, draws_supply in ((base.deflator * case.facts.floor[0, e], True), (case.floor_paid[e], False)):
            if floor > 0:
                due = {region: max(float(floor) - price, 0.0) for region, price in prices.items()}
                payments.append(Payment(material.material, float(floor), draws_supply, due))
    return tuple(payments)
