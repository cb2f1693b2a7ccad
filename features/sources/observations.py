"""Series and their values: the long table and the table of series."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

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


def read_observations(folder: Path, recipe: Recipe) -> pd.DataFrame:
    """Return (series, date, known_at, value) of every row public by the last day, sorted."""
    raw = pd.read_csv(folder / "observations.csv", dtype={"series": str})
    for rule in recipe.announcements:
        raw["known_at"] = raw["known_at"].where(~raw["series"].isin(rule["series"]), _announced(raw, rule))
    kept = raw[raw["known_at"] <= str(recipe.dataset["last_day"])]
    return kept.sort_values(["series", "date", "known_at"], ignore_index=True)


def read_licences(folder: Path, recipe: Recipe) -> dict[str, str]:
    """Return source -> licence as its publisher states it."""
    raw = pd.read_csv(folder / "series.csv", dtype=str)
    sources = [recipe.panel_source(publisher)["id"] for publisher in raw["publisher"]]
    return dict(zip(sources, raw["licence"], strict=True))


def _announced(raw: pd.DataFrame, rule: dict[str, Any]) -> pd.Series[str]:
    """Return the day each date's value was announced; where no day is known, the rule's lag or the day received."""
    days = {str(day): str(announced) for day, announced in rule["announced"].items()}
    otherwise = raw["known_at"]
    if "otherwise_days" in rule:
        lagged = pd.to_datetime(raw["date"]) + pd.Timedelta(days=rule["otherwise_days"])
        otherwise = lagged.dt.strftime("%Y-%m-%d")
    return raw["date"].map(days).fillna(otherwise)


def _group(series: str, received: str, recipe: Recipe) -> str:
    for pattern, group in recipe.units["groups"].items():
        if re.search(pattern, series):
            return str(group)
    return received
