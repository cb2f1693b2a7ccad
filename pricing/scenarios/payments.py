"""What floors pay and what borders take, at the baseline and under a scenario."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

from pricing.scenarios.base import ScenarioBase
from pricing.scenarios.conditions import Conditions
from pricing.scenarios.found import Customs, MaterialFound, Payment, Ranged

_ENDS = ("baseline", "scenario")


def payments(base: ScenarioBase, spells: Sequence[Conditions], found: Sequence[MaterialFound]) -> tuple[Payment, ...]:
    """Return what floors pay on each region's market price: those of the scenario, and those that it takes away.

    On a path both the floor and the price are means of the quarters in which any override holds.
    """
    due = []
    for e, material in enumerate(found):
        moves = material.mean.market
        before, after = ({region: getattr(move, end) for region, move in moves.items()} for end in _ENDS)
        supplied = base.deflator * _mean(case.facts.floor[0, e] for case in spells)
        paid = _mean(case.floor_paid[e] for case in spells)
        stood = base.deflator * float(base.facts.floor[0, e])
        for was, floor, draws_supply in ((stood, supplied, True), (0.0, paid, False)):
            if was > 0 or floor > 0:
                ends = [_due(level, prices) for level, prices in ((was, before), (floor, after))]
                due.append(Payment(material.material, floor, draws_supply, *ends))
    return tuple(due)


def customs(base: ScenarioBase, spells: Sequence[Conditions]) -> Customs:
    """Return what is paid at borders, the mean of what holds in these quarters."""
    materials = base.facts.materials
    duty, vat = (
        {material: _mean(getattr(case.facts, name)[0, e] for case in spells) for e, material in enumerate(materials)}
        for name in ("duty", "vat")
    )
    return Customs({name: _mean(case.tariffs[name] for case in spells) for name in base.tariffs}, duty, vat)


def _due(floor: float, prices: Mapping[str, Ranged]) -> dict[str, Ranged]:
    """Return what a floor pays per kg by region, most at the low end of the price; NaN where a region has no price."""
    return {
        region: Ranged(*(_below(floor, price) for price in (found.value, found.high, found.low)))
        for region, found in prices.items()
    }


def _mean(values: Iterable[float]) -> float:
    found = [float(value) for value in values]
    return math.fsum(found) / len(found)


def _below(floor: float, price: float) -> float:
    return max(floor - price, 0.0) if math.isfinite(price) else math.nan
