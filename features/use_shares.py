"""What each use takes of demand in a month, as known then: how far a lever on one use reaches."""

from __future__ import annotations

from features import demand
from features.dataset import Dataset
from features.expert_paths import load_paths
from features.panel import vintage_day
from features.readings import Readings
from features.vantage import Vantage
from pricing.materials import Material


def use_shares(dataset: Dataset, month: str) -> tuple[dict[str, dict[Material, float]], float]:
    """Return the share of each use in the world's demand for each oxide, and China's share of magnet making."""
    day, experts = vintage_day(month), load_paths("supply") | load_paths("demand")
    vantage = Vantage(Readings.of(dataset.panel, demand.SERIES).known_by(day), day, (month,), experts)
    return demand.use_shares(vantage), float(vantage.path("china_share_of_magnet_making").value[0])
