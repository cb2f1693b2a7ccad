"""What each month's news did to the size of the market: the as-known demand of the month before, after over before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from features.demand import demand
from features.expert_paths import ExpertPath
from features.panel import vintage_day
from features.readings import Readings
from features.vantage import Vantage
from pricing.market.history import Floats
from pricing.materials import Material


def revisions(readings: Readings, months: Sequence[str], experts: Mapping[str, ExpertPath]) -> Floats:
    """Return the factor (T,) by which a month's news moved NdPr demand of the month before, one where it did not.

    An as-known path laid from first figures would take a new yearbook for a jump of the market; with the factor the
    plant of a market found larger is larger too.
    """
    factor = np.ones(len(months))
    for i, (before, month) in enumerate(zip(months, months[1:], strict=False), start=1):
        seen, known = (_world(readings, day_of, before, experts) for day_of in (before, month))
        factor[i] = known / seen
    return factor


def _world(readings: Readings, known_in: str, month: str, experts: Mapping[str, ExpertPath]) -> float:
    day = vintage_day(known_in)
    found = demand(Vantage(readings.known_by(day), day, (month,), experts))
    return float(found.china[Material.NDPR].value[0] + found.outside[Material.NDPR].value[0])
