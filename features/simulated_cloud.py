"""The simulated economies that others are compared with, as ratios of how their model misses them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from features.expert import FOLDER
from pricing.errors import DataError
from pricing.fair.misspecification import RATIOS, Cloud

FILE = FOLDER / "simulated_cloud.yaml"
LIMITS = "benchmark_errors.yaml"
CALIBRATED = ("as_examples", "other_ranges", "other_curve", "slow_investment", "poor_data")  # of recovery's intervals
REALISTIC = ("realistic",)
PARTS = ("made", "ratios", "families")
DIGITS = 4  # significant


def simulated_cloud(families: Sequence[str] = CALIBRATED, file: Path = FILE) -> Cloud:
    """Return the cloud of some families. DataError where the file holds other ratios or lacks a family."""
    tree = _read(file, PARTS)
    lacking = sorted(set(families) - set(tree["families"]))
    if tree["ratios"] != list(RATIOS) or lacking:
        found = f"lacks {', '.join(lacking)}" if lacking else f"holds {', '.join(tree['ratios'])}"
        msg = f"{file.name}: {found}; write it again by `python benchmarks/misspecification.py cloud`."
        raise DataError(msg)
    rows = np.array([row for family in families for row in tree["families"][family]], dtype=float)
    level = _read(FOLDER / LIMITS, ("outside_level",))["outside_level"]["value"]
    return Cloud(tuple(RATIOS), rows, float(level))


def write_cloud(made: Mapping[str, Any], families: Mapping[str, np.ndarray], file: Path = FILE) -> None:
    """Write the ratios (N, R) of every family, and how they were `made`."""
    lines = [
        "# How the most probable model misses simulated economies: a row each, ratios as pricing.fair.misspecification",
        "# names them, .nan where an economy has none. Written by `python benchmarks/misspecification.py cloud`.",
        f"made: {yaml.safe_dump(dict(made), default_flow_style=True, width=200).strip()}",
        f"ratios: [{', '.join(RATIOS)}]",
        "families:",
    ]
    for family, rows in families.items():
        lines.append(f"  {family}:")
        lines += [f"  - [{', '.join(map(_number, row))}]" for row in rows]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _number(value: float) -> str:
    return f"{float(f'{value:.{DIGITS}g}')}" if np.isfinite(value) else ".nan"


def _read(file: Path, parts: tuple[str, ...]) -> dict[str, Any]:
    return _read_once(file, parts, file.stat().st_mtime_ns if file.is_file() else None)


@lru_cache(maxsize=4)
def _read_once(file: Path, parts: tuple[str, ...], _changed_at: int | None) -> dict[str, Any]:
    try:
        tree = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as fault:
        msg = f"{file.name}: {str(fault).splitlines()[0]}; expected a YAML file of {', '.join(parts)}."
        raise DataError(msg) from fault
    if not isinstance(tree, dict) or not set(parts) <= set(tree):
        msg = f"{file.name}: expected the parts {', '.join(parts)}."
        raise DataError(msg)
    return tree
