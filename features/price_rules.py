"""How a price on one basis becomes a price on another: the stated rules, read from features/data/price_rules.yaml."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

RULES = Path(__file__).resolve().parent / "data" / "price_rules.yaml"


@cache
def price_rules(path: Path = RULES) -> dict[str, Any]:
    """Return the rules by name; each carries its source or the evidence it was estimated from."""
    rules: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    return rules
