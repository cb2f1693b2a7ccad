"""What stands at each target of the baseline."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from pricing.costs.stack import Stage
from pricing.market.supply import SupportSet
from pricing.scenarios.base import ScenarioBase
from pricing.scenarios.targets import IMPORT_TARIFF, Target

Floats = np.ndarray
RATIO_ONLY = ("stage", "support", "quota")  # families whose baseline is counted as one
REGIONS = ("china", "ex_china")

# families of facts, by what they are counted over
BY_MATERIAL = {
    **{name: name for name in ("duty", "vat", "tariff", "quota_rent", "licence_rent", "stockpile", "floor")},
    "demand.china": "demand_china",
    "demand.ex_china": "demand_outside",
    "scrap.china": "scrap_china",
    "scrap.ex_china": "scrap_outside",
}
BY_SOURCE = ("western_credit",)
MONEY = ("quota_rent", "licence_rent", "floor", "western_credit")  # nominal at the door, real inside
NIL = ("export_cut", "floor_paid")  # families that stand nowhere at the baseline


@lru_cache(maxsize=8)
def known_targets(base: ScenarioBase) -> tuple[Target, ...]:
    """Return every target of a base."""
    facts, prices = base.facts, base.prices
    return (
        *(("price", country, factor.value) for country, factor in prices.prices),
        *(("series", name) for name in base.drivers.series),
        *(("parameter", *name.split(".")) for name in base.costs.parameters),
        *(("royalty", name) for name in prices.royalty_rate),
        *(("unpaid", name) for name in prices.environment_unpaid),
        *(("stage", stage.name.lower(), region) for stage in Stage for region in REGIONS),
        *(("support", support.value) for support in SupportSet),
        *((*family.split("."), material) for family in (*BY_MATERIAL, *NIL) for material in facts.materials),
        *((family, source) for family in (*BY_SOURCE, "capacity", "limit") for source in facts.names),
        *((IMPORT_TARIFF, *name.split(".")) for name in base.tariffs),
        ("quota",),
        ("illegal",),
    )


def value_at(base: ScenarioBase, target: Target) -> float:
    """Return what stands at a target, in the unit of the targets' table; money is nominal of the month."""
    family, facts = target[0], base.facts
    if family in RATIO_ONLY:
        return 1.0
    if family in NIL:
        return 0.0
    if family in ("price", "series", "parameter", "royalty", "unpaid"):
        return _cost_value(base, target)
    if family == IMPORT_TARIFF:
        return base.tariffs[".".join(target[1:])]
    if family == "illegal":
        return float(facts.illegal[0, 0])
    times = base.deflator if family in MONEY else 1.0
    return times * float(_fact(base, target))


def _cost_value(base: ScenarioBase, target: Target) -> float:
    if target[0] == "parameter":
        return base.costs.parameters.value(".".join(target[1:]))
    if target[0] == "series":
        return float(base.drivers.series[target[1]][0])
    if target[0] == "price":
        return next(float(v[0]) for (c, f), v in base.prices.prices.items() if (c, f.value) == target[1:])
    rates = base.prices.royalty_rate if target[0] == "royalty" else base.prices.environment_unpaid
    return float(rates[target[1]][0])


def _fact(base: ScenarioBase, target: Target) -> float:
    family, last = ".".join(target[:-1]), target[-1]
    if family in BY_MATERIAL:
        return float(getattr(base.facts, BY_MATERIAL[family])[0, base.facts.materials.index(last)])
    source = base.facts.names.index(last)
    if family == "limit":
        return float(base.facts.limit[source])
    return float(getattr(base.facts, family)[0, source])
