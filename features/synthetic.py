"""Families of simulated economies from expert data: what each parameter may be, and who says so."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from features.expert import FOLDER
from pricing.errors import DataError
from pricing.market.synthetic import Family

FILE = FOLDER / "synthetic_families.yaml"
FIELDS = ("low", "high", "unit", "source")


def families(file: Path = FILE) -> dict[str, Family]:
    """Return the families by name. DataError names the family and the parameter of the first fault.

    A family states what differs from the file's `parameters`; a name the file does not know is refused.
    """
    tree = _read(file)
    common = {name: _bounds(file, name, row) for name, row in tree["parameters"].items()}
    return {name: _family(file, name, row, common) for name, row in tree["families"].items()}


def _read(file: Path) -> dict[str, Any]:
    try:
        tree = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as fault:
        msg = f"{file.name}: {str(fault).splitlines()[0]}; expected a YAML file of parameters and families."
        raise DataError(msg) from fault
    if not isinstance(tree, dict) or not {"parameters", "families"} <= set(tree):
        msg = f"{file.name}: expected the two parts parameters and families."
        raise DataError(msg)
    return tree


def _bounds(file: Path, name: str, row: dict[str, Any]) -> tuple[float, float]:
    if set(row) != set(FIELDS):
        msg = f"{file.name}: {name}: fields {', '.join(row)}; a parameter has exactly {', '.join(FIELDS)}."
        raise DataError(msg)
    return float(row["low"]), float(row["high"])


def _family(file: Path, name: str, row: dict[str, Any], common: dict[str, tuple[float, float]]) -> Family:
    own = {parameter: (float(low), float(high)) for parameter, (low, high) in row.get("ranges", {}).items()}
    unknown = sorted(set(own) - set(common))
    if unknown:
        msg = f"{file.name}: family {name}: unknown parameter {', '.join(unknown)}; add it to parameters or mend it."
        raise DataError(msg)
    return Family(name, {**common, **own}, tuple(row["curves"]), tuple(row["schemes"]))
