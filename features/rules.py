"""Rules that a chemist or a trader can change without code: YAML files of features/data, each read once."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).resolve().parent / "data"


def price_rules() -> dict[str, Any]:
    """Return how a price on one basis becomes one on another; each rule carries its source or its evidence."""
    return _rules("price_rules")


def quality_rules() -> dict[str, Any]:
    """Return the bounds of a healthy dataset."""
    return _rules("quality_rules")


def intake_rules() -> dict[str, Any]:
    """Return when a new row is held back; the file says what each number is and where it comes from."""
    return _rules("intake_rules")


@cache
def _rules(name: str) -> dict[str, Any]:
    rules: dict[str, Any] = yaml.safe_load((FOLDER / f"{name}.yaml").read_text("utf-8"))
    return rules
