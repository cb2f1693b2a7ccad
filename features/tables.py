"""The dataset's tables as files: column types on reading, and the checks that stop a load."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from pricing.errors import DataError

if TYPE_CHECKING:
    from features.dataset import Dataset

DAYS = {
    "panel": ("date", "known_at"),
    "prices_monthly": ("last_day", "known_at"),
    "price_anchors": ("start", "end", "known_at"),
    "policy": ("start", "end", "known_at"),
    "facts": ("known_at",),
}
NUMBERS = {
    "panel": ("value",),
    "series": ("publication_lag_days",),
    "prices_monthly": ("mean", "low", "high", "last", "count"),
    "price_anchors": ("low", "value", "high"),
    "policy": ("value",),
    "facts": ("low", "central", "high"),
}


def read_table(path: Path, kind: str | None = None) -> pd.DataFrame:
    """Return a table of the dataset with days as datetime64[s], numbers as floats, the rest as text ("" if empty)."""
    name = kind or path.stem
    numbers, days = NUMBERS.get(name, ()), DAYS.get(name, ())
    try:
        table = pd.read_csv(path, dtype=str, keep_default_na=False, na_values=[""])
        for column in numbers:
            table[column] = table[column].astype(float)
        for column in days:
            table[column] = pd.to_datetime(table[column], format="%Y-%m-%d").astype("datetime64[s]")
    except (KeyError, ValueError, OSError) as error:
        reason = str(error).splitlines()[0]
        msg = f"{path.name}: {type(error).__name__}: {reason}. Restore the table, or import the dataset again."
        raise DataError(msg) from error
    text = [column for column in table if column not in (*numbers, *days)]
    return table.fillna(dict.fromkeys(text, ""))


def check_tables(dataset: Dataset) -> None:
    """Raise DataError in one line for the first fault that would make an answer wrong."""
