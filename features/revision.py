"""What each month's news did to the size of the market: the as-known demand of the month before, after over before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np

from features.demand import demand
from features.expert_paths import ExpertPath
from features.panel import vintage_day
from features.readings import Readings
from features.vantage import Vantage
from pricing.market.history import Floats
from pricing.materials import Material


def revisions(readings: Readings, months: Sequence[str], experts: Mapping[str, ExpertPath]) -> dict[str, Floats]:
    """Return, by material, the factor (T,) by which a month's news moved demand of the month before, one without news.

    An as-known path laid from first figures would take a new yearbook for a jump of the market; with the factor the
    plant of a market found larger is larger too.
    """
    factors = {material.value: np.ones(len(months)) for material in Material}
    for i, (before, month) in enumerate(pairwise(months), start=1):
        seen, known = (_world(readings, known_in, before, experts) for known_in in (before, month))
        for material, factor in factors.items():
            factor[i] = known[material] / seen[material]
    return factors


def _world(readings: Readings, known_in: str, month: str, experts: Mapping[str, ExpertPath]) -> dict[str, float]:
    day = vintage_day(known_in)
    found = demand(Vantage(readings.known_by(day), day, (month,), experts))
    return {m.value: float(found.china[m].value[0] + found.outside[m].value[0]) for m in Material}
