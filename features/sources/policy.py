"""Policy as dated regimes, from the written recipe and from step series of the panel, and as dated events."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from features.sources.recipe import Recipe
from pricing.errors import DataError

POLICY_COLUMNS = ["instrument", "material", "start", "end", "value", "unit", "status", "source", "known_at"]


def read_policy(panel: pd.DataFrame, recipe: Recipe) -> pd.DataFrame:
    """Return one row per regime and material; `end` only where the announcement itself named it."""
    rows = [row for entry in recipe.policy["regimes"] for row in _rows(entry, panel)]
    table = pd.DataFrame(rows, columns=POLICY_COLUMNS)
    table = table[table["known_at"] <= str(recipe.dataset["last_day"])]
    return table.sort_values(["instrument", "material", "start", "known_at"], ignore_index=True)


def read_events(folder: Path, recipe: Recipe) -> pd.DataFrame:
    """Return dated events under our own names; a scheduled day lies in the future of the day it became known."""
    raw = pd.read_csv(folder / "policy_events.csv", dtype=str)
    key = raw["date"] + " " + raw["type"]
    place = raw.groupby(key.to_numpy()).cumcount()
    key += place.map(lambda earlier: f" {earlier + 1}" if earlier else "")
    missing = sorted(set(key) - set(recipe.events["labels"]))
    if missing:
        msg = f"policy_events: {missing[0]} has no name in recipe/events.yaml. Write one."
        raise DataError(msg)
    return pd.DataFrame(
        {
            "date": raw["date"],
            "instrument": raw["type"],
            "label": key.map(recipe.events["labels"]),
            "material": raw["materials"],
            "direction": raw["direction"],
            "source": raw["source"],
            "known_at": raw["known_at"],
        }
    ).sort_values(["date", "instrument", "label"], ignore_index=True)


def _rows(entry: dict[str, Any], panel: pd.DataFrame) -> list[dict[str, Any]]:
    states = _steps(entry, panel) if "series" in entry else [_text_days(entry)]
    return [{**state, "material": material} for state in states for material in entry["material"]]


def _text_days(entry: dict[str, Any]) -> dict[str, Any]:
    return {**entry, **{name: str(entry[name]) for name in ("start", "end", "known_at") if name in entry}}


def _steps(entry: dict[str, Any], panel: pd.DataFrame) -> list[dict[str, Any]]:
    steps = panel[panel["series"] == entry["series"]]
    announced = {str(day): str(known) for day, known in entry["known_at"].items()}
    return [
        {
            "instrument": entry["instrument"],
            "start": step.date,
            "value": step.value,
            "unit": "% ad valorem",
            "status": "in force" if step.value else "repealed",
            "source": entry["source"],
            "known_at": announced.get(step.date, step.known_at),
        }
        for step in steps.itertuples()
    ]
