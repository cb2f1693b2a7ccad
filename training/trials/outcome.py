"""What a run of the trials found, as small tables beside the page that prints them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import pandas as pd

from pricing.errors import DataError

DIGITS = 5  # significant
MODEL = "model.json"
TEXT = (
    *("event", "material", "region", "kind", "item", "row", "variant", "month", "name"),
    *("vintage", "parameter", "assumption_set", "anchor", "span", "rests_on"),
)


@dataclass(frozen=True)
class Outcome:
    """Every number of the page; the columns of each table stand with the function that makes it."""

    episodes: pd.DataFrame
    yardsticks: pd.DataFrame
    changes: pd.DataFrame
    verdicts: pd.DataFrame
    anchors: pd.DataFrame
    tornado: pd.DataFrame
    assumption_range: pd.DataFrame
    likeness: pd.DataFrame
    model: Mapping[str, Any]

    def write(self, folder: Path) -> list[Path]:
        """Write the tables, numbers with DIGITS significant digits, and return the files."""
        folder.mkdir(parents=True, exist_ok=True)
        for name in tables():
            frame: pd.DataFrame = getattr(self, name)
            frame.to_csv(folder / f"{name}.csv", index=False, lineterminator="\n", float_format=f"%.{DIGITS}g")
        (folder / MODEL).write_text(json.dumps(self.model, indent=1, sort_keys=True) + "\n", encoding="utf-8")
        return [*(folder / f"{name}.csv" for name in tables()), folder / MODEL]

    @classmethod
    def read(cls, folder: Path) -> Outcome:
        """Return the tables of a folder. DataError when one is missing."""
        needed = [*(f"{name}.csv" for name in tables()), MODEL]
        missing = [name for name in needed if not (folder / name).is_file()]
        if missing:
            msg = f"{folder.name}: {', '.join(missing)} is missing. Run `fairprice trials --out docs`."
            raise DataError(msg)
        frames = {name: _read(folder / f"{name}.csv") for name in tables()}
        return cls(**frames, model=json.loads((folder / MODEL).read_text(encoding="utf-8")))


def tables() -> tuple[str, ...]:
    """Return the names of the tables."""
    return tuple(field.name for field in fields(Outcome) if field.name != "model")


def _read(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, dtype=dict.fromkeys(TEXT, str))
