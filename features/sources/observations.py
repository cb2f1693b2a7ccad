"""Series and their values: the long table and the table of series."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from features.sources.recipe import Recipe

SERIES_COLUMNS = [
    "series", "group", "unit", "frequency", "source", "publication_lag_days", "quality", "drives", "citation",
]  # fmt: skip


def read_series(folder: Path, recipe: Recipe) -> pd.DataFrame:
    """Return the table of series: unit, frequency, group, source, lag, quality, what it drives, citation."""
    raw = pd.read_csv(folder / "series.csv", dtype=str)
    table = pd.DataFrame(
        {
            "series": raw["series"],
            "group": [_group(name, group, recipe) for name, group in zip(raw["series"], raw["group"], strict=True)],
            "unit": [recipe.unit_of(name, unit) for name, unit in zip(raw["series"], raw["unit"], strict=True)],
            "frequency": raw["frequency"].map(recipe.units["frequencies"]),
            "source": [recipe.panel_source(publisher)["id"] for publisher in raw["publisher"]],
            "publication_lag_days": raw["publication_lag_days"].astype(int),
            "quality": raw["quality"],
            "drives": [recipe.drives_of(name) for name in raw["series"]],
            "citation": raw["reference"],
        }
    )
    return table[SERIES_COLUMNS].sort_values("series", ignore_index=True)


def read_observations(folder: Path, last_day: str) -> pd.DataFrame:
    """Return (series, date, known_at, value) of every row public by the last day, sorted."""
    raw = pd.read_csv(folder / "observations.csv", dtype={"series": str})
    kept = raw[raw["known_at"] <= last_day]
    return kept.sort_values(["series", "date", "known_at"], ignore_index=True)


def read_licences(folder: Path, recipe: Recipe) -> dict[str, str]:
    """Return source -> licence as its publisher states it."""
    raw = pd.read_csv(folder / "series.csv", dtype=str)
    sources = [recipe.panel_source(publisher)["id"] for publisher in raw["publisher"]]
    return dict(zip(sources, raw["licence"], strict=True))


def _group(series: str, received: str, recipe: Recipe) -> str:
    for pattern, group in recipe.units["groups"].items():
        if re.search(pattern, series):
            return str(group)
    return received
