"""Import tariffs in force by importer, stage and origin, and each importer's part of the oxide used outside China."""

from __future__ import annotations

from features.dataset import Dataset
from features.expert_paths import load_paths
from features.levers import load_ordinary_tariffs
from features.panel import vintage_day
from features.policy_columns import PERCENT, in_force
from features.readings import Readings
from features.vantage import Vantage
from pricing.scenarios.targets import CHINA, ELSEWHERE, ORIGINS, UNITED_STATES

OF_POLICY = {"oxide": "NdPr", "metal": "NdPr", "magnet": "NdFeB magnet"}  # rows of `us_tariff`, on goods from China


def tariffs(dataset: Dataset, month: str) -> dict[str, float]:
    """Return the whole rate by importer, stage and origin, dotted, share of value, as known in a month.

    What every origin pays is expert knowledge; what the United States add on China is the policy in force.
    """
    added = {
        f"{UNITED_STATES}.{stage}": PERCENT
        * float(in_force(dataset.policy, "us_tariff", goods, [month], "as_known")[0])
        for stage, goods in OF_POLICY.items()
    }
    return {
        f"{place}.{origin}": rate + (added.get(place, 0.0) if origin == CHINA else 0.0)
        for place, rate in load_ordinary_tariffs().items()
        for origin in ORIGINS
    }


def importer_shares(dataset: Dataset, month: str) -> dict[str, float]:
    """Return each importer's share of the oxide used outside China, as known in a month."""
    day = vintage_day(month)
    vantage = Vantage(Readings.of(dataset.panel, ()).known_by(day), day, (month,), load_paths("supply"))
    share = float(vantage.path("us_share_of_oxide_use_outside_china").value[0])
    return {UNITED_STATES: share, ELSEWHERE: 1 - share}
