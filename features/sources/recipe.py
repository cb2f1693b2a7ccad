"""The importer's written decisions: names, units, exclusions and regimes, each with its reason, as YAML."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from pricing.errors import DataError

RECIPE_FOLDER = Path(__file__).resolve().parents[1] / "data" / "recipe"


@dataclass(frozen=True)
class Recipe:
    """What the importer was told to do: one mapping per YAML file in the recipe folder."""

    dataset: dict[str, Any]
    sources: dict[str, Any]
    units: dict[str, Any]
    drives: list[dict[str, str]]
    policy: dict[str, Any]
    events: dict[str, Any]
    announcements: list[dict[str, Any]]

    def panel_source(self, publisher: str) -> dict[str, str]:
        """Return the card entry of a publisher of series."""
        return first_match(self.sources["panel"], publisher, "publisher of series")

    def quote_source(self, publisher: str) -> dict[str, str]:
        """Return the card entry of a publisher of quotes, with its class."""
        return first_match(self.sources["quotes"], publisher, "publisher of quotes")

    def drives_of(self, series: str) -> str:
        """Return what a series drives here."""
        return first_match(self.drives, series, "series")["drives"]

    def unit_of(self, series: str, received: str) -> str:
        """Return the unit a series is kept in; an unknown unit is an error."""
        for pattern, unit in self.units["by_series"].items():
            if re.search(pattern, series):
                return str(unit)
        if received not in self.units["units"]:
            msg = f"{series}: unit {received!r} is not in recipe/units.yaml. Add the unit or mend the table."
            raise DataError(msg)
        return str(self.units["units"][received]).format(currency=series.rsplit("_", 1)[-1].upper())


def first_match(entries: list[dict[str, str]], name: str, what: str) -> dict[str, str]:
    """Return the first entry whose `match` is found in the name; none is an error."""
    for entry in entries:
        if re.search(entry["match"], name):
            return entry
    msg = f"{what} {name!r}: no entry of the recipe matches. Add one."
    raise DataError(msg)


@cache
def load_recipe(folder: Path = RECIPE_FOLDER) -> Recipe:
    """Return the recipe read from its YAML files."""
    read = {path.stem: yaml.safe_load(path.read_text("utf-8")) for path in sorted(folder.glob("*.yaml"))}
    return Recipe(**read)
